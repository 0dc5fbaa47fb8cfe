"""What training lowers: what every stage of a model says, against what the codecs encode."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from vitruvian.codecs import Codec
from vitruvian.errors import RecipeError
from vitruvian.models import LIKELIHOOD, LOSSES, residual_log_likelihood
from vitruvian.recipes import Recipe, Stage

Answer = dict[str, Tensor]


def objective(model: nn.Module, stages: Sequence[Answer], xy: Tensor, recipe: Recipe) -> Tensor:
    """The loss of a batch, a scalar: the weighted sum over the stages, and over the outputs of each.

    stages: what `PoseModel.stages` gives; xy: (B, K, 2) input pixels, NaN where unknown.

    An output that the codec has no target for is left to the loss of another, or to itself.
    Raises RecipeError when the recipe speaks of another number of stages than there are, or of outputs or a flow that
    the model does not have.
    """
    targets: dict[Codec, Answer] = {}
    losses: list[Tensor] = []
    for stage, answer in zip(_plan(recipe, len(stages)), stages, strict=True):
        codec = stage.codec or recipe.codec
        if codec not in targets:
            targets[codec] = codec.encode(xy)
        losses.append(stage.weight * _loss(model, answer, targets[codec], stage.loss, recipe.losses))
    return torch.stack(losses).sum()


def _loss(
    model: nn.Module, answer: Answer, target: Answer, name: str, exceptions: tuple[tuple[str, str], ...]
) -> Tensor:
    """The sum over the outputs that have a target. exceptions: outputs whose loss has another name."""
    names = {**dict.fromkeys(answer, name), **dict(exceptions)}
    terms = []
    for output in answer.keys() & target.keys():
        value = answer[output].float()
        if names[output] == LIKELIHOOD:
            spread, density = answer["spread"].float(), _density(model)
            term = residual_log_likelihood(value, spread, target[output], density, target["weight"])
        else:
            term = LOSSES[names[output]](value, target[output], target["weight"])
        terms.append(term)
    if not terms:
        raise RecipeError(
            f"the model answers with {', '.join(answer)}, the codec encodes {', '.join(target)}: nothing to train; "
            f"choose a codec that goes with the model"
        )
    return torch.stack(terms).sum()


def _density(model: nn.Module) -> Callable[[Tensor], Tensor]:
    """The flow of a model that carries one."""
    density: Callable[[Tensor], Tensor] | None = getattr(model.head, "log_prob", None)
    if density is None:
        raise RecipeError(f"the loss {LIKELIHOOD} needs a model with a flow, such as deep_pose_resnet50_rle")
    return density


def _plan(recipe: Recipe, count: int) -> list[Stage]:
    """How each of `count` stages is trained."""
    last = Stage(recipe.loss)
    before = list(recipe.stages) or [last]
    if len(before) == 1:
        before *= count - 1
    if len(before) != count - 1:
        raise RecipeError(
            f"the recipe says how {len(recipe.stages)} stages before the last are trained, but the model "
            f"{recipe.model} has {count - 1}; give one entry for each, one for all, or none"
        )
    return [*before, last]
