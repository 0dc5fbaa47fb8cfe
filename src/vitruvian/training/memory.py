"""How much memory a run takes, before its first step: counted on tensors that have a shape but no content."""

import os
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vitruvian.models import PoseModel, normalise
from vitruvian.recipes import Recipe
from vitruvian.training.schedule import freeze
from vitruvian.training.shapes import CROPS, shapes

MOMENTS = {"adam": 2, "adamw": 2, "sgd": 1}  # numbers that an optimiser keeps for every parameter


@dataclass(frozen=True)
class Demand:
    """What training a model takes. parameters: numbers in it; fixed: bytes, whatever the batch; per_crop: bytes."""

    parameters: int
    fixed: int
    per_crop: int

    def of(self, crops: int) -> int:
        """Bytes of a step that passes so many crops through the model at a time."""
        return self.fixed + crops * self.per_crop

    def crops_in(self, memory: int) -> int:
        """How many crops at a time fit into so many bytes, a fifth of which is left for other things; at least 1."""
        return max(1, int((0.8 * memory - self.fixed) // self.per_crop))


def demand(recipe: Recipe) -> Demand:
    """What training the recipe's model takes: weights, their average, gradients, moments, and what a pass keeps for the
    way back. Targets, losses and what the libraries need for themselves are not counted.

    Raises as `build` and `freeze`.
    """
    model, image = shapes(recipe)
    freeze(model, recipe.freeze)
    whole = [*model.parameters(), *model.buffers()]
    learning = [one for one in model.parameters() if one.requires_grad]
    fixed = 2 * _bytes(whole) + (1 + MOMENTS[recipe.optimiser]) * _bytes(learning)
    return Demand(sum(one.numel() for one in model.parameters()), fixed, _kept(model, image, recipe) // CROPS)


def memory_of(device: str) -> int | None:
    """Bytes of the memory of a device, as `Hardware` names it, whoever uses it now; None where that is not known."""
    if device.startswith("cuda") or (device == "auto" and torch.cuda.is_available()):
        return int(torch.cuda.get_device_properties(0).total_memory)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on every system
        return None


def _kept(model: PoseModel, image: Tensor, recipe: Recipe) -> int:
    """Bytes that a pass keeps for the way back; half of them in 16 bits."""
    own = {_memory(one) for one in model.parameters()}
    kept: dict[int, Tensor] = {}

    def keep(value: Tensor) -> Tensor:
        if _memory(value) not in own:
            kept[_memory(value)] = value
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        model.stages(normalise(image))
    total = sum(value.untyped_storage().nbytes() for value in kept.values())
    return total if recipe.precision == "float32" else total // 2


def _bytes(values: list[nn.Parameter] | list[Tensor]) -> int:
    return sum(value.numel() * value.element_size() for value in values)


def _memory(value: Tensor) -> int:
    """What tells tensors apart that do not share their memory."""
    return value.untyped_storage()._cdata
