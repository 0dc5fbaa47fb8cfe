"""Checks of model_train: three steps of Adam, from weights that follow from their names."""

import json
import zlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from tests.model_heads import heads_of
from vitruvian.models import Heads, PoseModel, heatmap_mse

from .architectures import architecture
from .cases import Case, NotCovered
from .findings import Finding, close
from .model import fill

# How far numbers may be off, as shares of them, as the README of the reference numbers suggests: the first loss; the
# norm of the gradient, whole and of one parameter; the losses after one and two steps, which follow the sign of tiny
# gradients.
FIRST_LOSS, WHOLE_NORM, ONE_NORM, LATER_LOSSES = 1e-6, 2e-3, 3e-2, (5e-3, 2e-2)
ROUNDING = 1e-6  # how long a gradient that should be zero may be, as a share of the whole
STATISTICS = 1e-5  # how far batch-norm statistics may be off, as a share of the sum of their absolute values


def check_model_train(case: Case) -> Iterator[Finding]:
    """The losses of all stages; after the first step, the gradients' norms and the statistics of batch norms."""
    args, expected = case.args, case.expected
    build = architecture(args["model"], args.get("config", ""))
    keypoints = _keypoints(case)
    height, width = args["input_hw"]
    heads = heads_of(build.__name__, keypoints, (width, height))
    _check_covered(build.__name__, heads)
    image, target, weight = _batch(args["batch"], (height, width), heads["heatmap"])
    model = fill(build(heads, (width, height)), args["seed"]).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=args["adam_lr"])
    losses = []
    for step in range(len(expected["losses"])):
        loss = torch.stack([heatmap_mse(stage["heatmap"], target, weight) for stage in model.stages(image)]).sum()
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            yield from _check_gradients(case, model)
            yield from _check_statistics(case, model)
        optimizer.step()
        losses.append(loss.item())
    shares = (FIRST_LOSS, *LATER_LOSSES)
    yield close("losses", losses, expected["losses"], np.multiply(shares, expected["losses"]))


def _check_covered(name: str, heads: Heads) -> None:
    """Raises NotCovered for a model that the batch of a case does not train, or not the same twice."""
    if set(heads) != {"heatmap"}:
        raise NotCovered(f"training steps of {name}, which answers with {' and '.join(heads)}, not with heatmaps alone")
    if name.startswith(("mspn", "rsn")):
        raise NotCovered(f"training steps of {name}, every level of which has targets and a loss of its own")
    if name.startswith("vitpose"):
        raise NotCovered(f"training steps of {name}, which leaves out blocks at random")


def _keypoints(case: Case) -> int:
    """How many keypoints the model has: the channels of the last convolution in the list of its published names."""
    names = case.root / "model" / f"{case.args['model']}.state.json"
    if not names.is_file():
        raise NotCovered(f"{names.name} is missing")
    listed = json.loads(names.read_text())["state_dict"]
    channels = [shape[0] for name, shape, _ in listed if name.endswith(".weight") and len(shape) == 4]
    if not channels:
        raise NotCovered(f"training steps of {case.args['model']}, which has no convolution")
    return int(channels[-1])


def _batch(size: int, sides: tuple[int, int], maps: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """The image, whose sides are (height, width), the heatmaps and their weights, as the case says they are drawn."""
    rng = np.random.default_rng(zlib.crc32(b"train"))
    image = rng.standard_normal((size, 3, *sides))
    target = rng.random((size, *maps))
    weight = rng.random((size, maps[0])) > 0.2
    return tuple(torch.from_numpy(array.astype(np.float32)) for array in (image, target, weight))


def _check_gradients(case: Case, model: PoseModel) -> Iterator[Finding]:
    """The length of the whole gradient, and of those that the case names; what cancels out to rounding is free."""
    norms = {name: float(p.grad.norm()) for name, p in model.named_parameters() if p.grad is not None}
    whole, expected = case.expected["total_grad_norm_step0"], case.expected["grad_norm_step0"]
    yield close("total_grad_norm_step0", np.linalg.norm(list(norms.values())), whole, WHOLE_NORM * whole)
    values = np.array(list(expected.values()))
    found = [norms[name] for name in expected]
    yield close("grad_norm_step0", found, values, np.maximum(ONE_NORM * values, ROUNDING * whole))


def _check_statistics(case: Case, model: PoseModel) -> Iterator[Finding]:
    """The sum over the channels, and the length, of every statistic that the case names."""
    state = model.state_dict()
    for name, pair in case.expected["bn_running_after_step0"].items():
        values = state[name].double()
        yield close(name, [values.sum(), values.norm()], pair, STATISTICS * float(values.abs().sum()))
