"""What a model learned, as the start of another: the weights of a model file, its head rearranged for other joints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vitruvian.datasets import Dataset
from vitruvian.errors import PoseError, WeightsError, needs
from vitruvian.geometry import Crop
from vitruvian.media import read_image
from vitruvian.models import MODELS, PoseModel
from vitruvian.recipes import RECIPES, Recipe, build, card_for, load_checkpoint, load_weights, recipe_to_dict
from vitruvian.runtime import OnnxNetwork, find_checkpoint
from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork
from vitruvian.training.run import BEST

LOOKED_AT = 48  # people on whom the starting model is asked where its joints are
HALF = ".half"  # how names of weights end that are stored in 16 bits
PREFIX = "model."  # of the names of weights in an .onnx file


@dataclass(frozen=True, eq=False)
class Start:
    """A trained model to go on from. name: as it was asked for; recipe: how it was trained, its joints among it."""

    name: str
    model: PoseModel
    recipe: Recipe


def read_start(name: str) -> Start:
    """A bundled or pulled model by its name, or a .safetensors or .onnx file.

    Raises UnknownNameError for an unknown name, WeightsError for a file whose weights cannot be trained on, with the
    way to one whose weights can.
    """
    path = find_checkpoint(name)
    if path.suffix.lower() == ".safetensors":
        return Start(name, *load_checkpoint(path))
    card = OnnxNetwork(path, threads=1).card
    weights = onnx_weights(path)
    recipe = replace(_recipe_of(path, weights, card.codec), skeleton=card.skeleton, padding=card.padding)
    model = build(recipe)
    load_weights(model, weights, str(path))
    return Start(name, model.eval(), recipe)


def onnx_weights(path: Path) -> dict[str, Tensor]:
    """The weights inside an exported .onnx file, by their names in the model.

    Raises WeightsError where the norms are folded into the other weights, so that nothing can be trained any more.
    """
    with needs("train", "starting from an .onnx file"):
        import onnx
        from onnx import numpy_helper
    found = {}
    for one in onnx.load(path).graph.initializer:
        if one.name.startswith(PREFIX):
            values = numpy_helper.to_array(one).astype(np.float32)
            found[one.name.removeprefix(PREFIX).removesuffix(HALF)] = torch.from_numpy(values.copy())
    if not any(name.endswith("running_mean") for name in found):
        raise WeightsError(
            f"{path} holds its weights in a form for running alone, with the norms folded in; {_way_on(path)}"
        )
    counters = [name.removesuffix("running_mean") for name in found if name.endswith("running_mean")]
    return found | {f"{name}num_batches_tracked": torch.tensor(0) for name in counters}


def _way_on(exported: Path) -> str:
    """What to give instead of an .onnx file that cannot be trained on: what lies beside it, or what it is made from."""
    beside = [path for path in (exported.with_suffix(".safetensors"), exported.with_name(BEST)) if path.is_file()]
    if beside:
        return f"give the checkpoint beside it, {beside[0]}"
    return (
        "give the .safetensors checkpoint that it was exported from; a fit leaves one, best.safetensors, in its folder"
    )


def _recipe_of(path: Path, weights: Mapping[str, Tensor], settings: Mapping[str, object]) -> Recipe:
    """The named recipe of a model with these weights and this codec."""
    for recipe in (make() for make in RECIPES.values()):
        if recipe_to_dict(recipe)["codec"] == dict(settings) and _fits(recipe, weights):
            return recipe
    raise WeightsError(
        f"{path} does not say how it was trained, and no named recipe makes a model like it; give a .safetensors "
        f"checkpoint"
    )


def _fits(recipe: Recipe, weights: Mapping[str, Tensor]) -> bool:
    with torch.device("meta"):
        model = MODELS[recipe.model](recipe.codec.heads(len(recipe.joints)), recipe.codec.input_size)
    return model.state_dict().keys() == weights.keys()


def transplanted(start: Start, recipe: Recipe, rows: Sequence[int]) -> tuple[PoseModel, int, int]:
    """The recipe's model with the weights of another of the same kind, and how many tensors are taken and fresh.

    rows: (K,) the joint of the starting model that each of the new ones is, or -1: what the head knows of joints is
    copied for the former and fresh for the latter. Where the head cannot be taken apart joint by joint it is fresh.
    """
    torch.manual_seed(recipe.seed)
    model = build(recipe)
    state, old = model.state_dict(), start.model.state_dict()
    axes = keypoint_axes(recipe)
    taken = 0
    for name, value in state.items():
        if name in axes:
            taken += _copied(value, old[name], axes[name], rows)
        elif name in old and old[name].shape == value.shape:
            value.copy_(old[name])
            taken += 1
    return model, taken, len(state) - taken


def _copied(value: Tensor, old: Tensor, axis: int | None, rows: Sequence[int]) -> bool:
    """Copy what a tensor says of each joint, in place; whether anything was."""
    pairs = [(k, row) for k, row in enumerate(rows) if row >= 0]
    if axis is None or not pairs:
        return False
    own, other = torch.tensor(pairs).T
    value.index_copy_(axis, own, old.index_select(axis, other))
    return True


def keypoint_axes(recipe: Recipe) -> dict[str, int | None]:
    """The tensors of a model that know how many keypoints there are, and the axis that counts them.

    None where no axis has one entry for each keypoint. Told by the shapes of two models, one with a keypoint more.
    """
    shapes = []
    for more in (0, 1):
        with torch.device("meta"):
            heads = recipe.codec.heads(len(recipe.joints) + more)
            state = MODELS[recipe.model](heads, recipe.codec.input_size).state_dict()
        shapes.append({name: value.shape for name, value in state.items()})
    fewer, many = shapes
    axes: dict[str, int | None] = {}
    for name in fewer:
        grown = [(axis, b - a) for axis, (a, b) in enumerate(zip(fewer[name], many[name], strict=True)) if a != b]
        if grown:
            counts = len(grown) == 1 and grown[0][1] == 1 and fewer[name][grown[0][0]] == len(recipe.joints)
            axes[name] = grown[0][0] if counts else None
    return axes


def answers(start: Start, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Where the starting model finds its joints: rows of labels (N,), xy (N, J, 2) image pixels.

    Asked of some people, evenly taken, in their boxes.
    """
    rows = np.arange(len(dataset.labels))[:: max(1, len(dataset.labels) // LOOKED_AT)]
    card = card_for(start.recipe, start.model, start.name)
    network = TorchNetwork(PixelsToPoints(start.model, start.recipe.codec, card.skeleton, False), card)
    seen, found = [], []
    for row, crop, pixels in _crops(start.recipe, dataset, rows):
        seen.append(row)
        found.append(crop.to_image(network.points(pixels[None])[0][0]))
    return np.array(seen, np.int64), np.array(found).reshape(-1, len(card.skeleton), 2)


def _crops(recipe: Recipe, dataset: Dataset, rows: np.ndarray) -> Iterator[tuple[int, Crop, np.ndarray]]:
    """Row, crop and pixels of each person whose image can be read."""
    for row in rows.tolist():
        try:
            pixels = read_image(dataset.path(int(dataset.labels.image[row])))
        except (PoseError, OSError):
            continue
        crop = Crop.around(dataset.labels.boxes[row], recipe.codec.input_size, recipe.padding, recipe.codec.convention)
        yield row, crop, crop.cut(pixels)
