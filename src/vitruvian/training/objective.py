"""What training lowers: what every stage of a model says, against what the codecs encode."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from vitruvian.codecs import Codec
from vitruvian.errors import RecipeError
from vitruvian.models import LIKELIHOOD, LOSSES, SUMMED, residual_log_likelihood
from vitruvian.recipes import Recipe, Stage

Answer = dict[str, Tensor]


def objective(
    model: nn.Module, stages: Sequence[Answer], xy: Tensor, recipe: Recipe, whole: int | None = None
) -> Tensor:
    """The loss of a batch, a scalar: the weighted sum over the stages, and over the outputs of each.

    stages: what `PoseModel.stages` gives; xy: (B, K, 2) input pixels, NaN where unknown.
    whole:  crops in the batch that these B are a part of, B where omitted. The losses of all parts of a batch add up
            to that of the batch.

    Raises RecipeError when the recipe speaks of another number of stages than there are, or of outputs or a flow that
    the model does not have, and when nothing trains one of the outputs.
    """
    if unknown := [output for output, _ in recipe.losses if output not in stages[-1]]:
        raise RecipeError(
            f"recipe losses names {', '.join(unknown)}, but the model {recipe.model} answers with "
            f"{', '.join(stages[-1])}"
        )
    targets: dict[Codec, Answer] = {}
    losses: list[Tensor] = []
    for stage, answer in zip(_plan(recipe, len(stages)), stages, strict=True):
        codec = stage.codec or recipe.codec
        if codec not in targets:
            targets[codec] = codec.encode(xy)
        share = len(xy) / (whole or len(xy))
        losses.append(stage.weight * _loss(model, answer, targets[codec], stage.loss, recipe.losses, share))
    return torch.stack(losses).sum()


def _loss(
    model: nn.Module,
    answer: Answer,
    target: Answer,
    name: str,
    exceptions: tuple[tuple[str, str], ...],
    share: float,
) -> Tensor:
    """The sum over the outputs that have a target, of which a mean over crops counts as the `share` of the batch that
    they are. exceptions: outputs whose loss has another name."""
    names = {**dict.fromkeys(answer, name), **{output: loss for output, loss in exceptions if output in answer}}
    terms, trained = [], set()
    for output in sorted(answer.keys() & target.keys()):
        if names[output] == LIKELIHOOD:
            term = _likelihood(model, answer, target, output)
            trained.add("spread")
        else:
            term = LOSSES[names[output]](answer[output].float(), target[output], target["weight"])
        terms.append(term if names[output] in SUMMED else term * share)
        trained.add(output)
    if left := answer.keys() - trained:
        raise RecipeError(
            f"the model answers with {', '.join(answer)}, but nothing trains {', '.join(sorted(left))}: the codec "
            f"encodes {', '.join(target)}, the loss is {name}; choose a codec and a loss that go with the model"
        )
    return torch.stack(terms).sum()


def _likelihood(model: nn.Module, answer: Answer, target: Answer, output: str) -> Tensor:
    """The loss that needs two outputs, and the flow of a model that carries one."""
    density: Callable[[Tensor], Tensor] | None = getattr(model.head, "log_prob", None)
    if density is None or "spread" not in answer:
        raise RecipeError(
            f"the loss {LIKELIHOOD} needs a model with a flow and a spread, such as deep_pose_resnet50_rle"
        )
    xy, spread = answer[output].float(), answer["spread"].float()
    return residual_log_likelihood(xy, spread, target[output], density, target["weight"])


def _plan(recipe: Recipe, count: int) -> list[Stage]:
    """How each of `count` stages is trained."""
    last = Stage(recipe.loss)
    before = list(recipe.stages) or [last] * (count - 1)
    if len(before) == 1 < count:
        before *= count - 1
    if len(before) != count - 1:
        raise RecipeError(
            f"the recipe says how {len(recipe.stages)} stages before the last are trained, but the model "
            f"{recipe.model} has {count - 1}; give one entry for each, one for all, or none"
        )
    return [*before, last]
