"""Checks of loss/*: values and gradients against `vitruvian.models.losses`."""

from collections.abc import Iterator

import torch

from vitruvian.models import heatmap_mse

from .cases import Case, NotCovered
from .findings import Finding, relative

KNOWN = {"type", "use_target_weight", "skip_empty_channel", "loss_weight"}


def check_keypoint_mse(case: Case) -> Iterator[Finding]:
    """The loss, which the library leaves to the caller to scale, and its gradient for the prediction."""
    if unknown := set(case.args) - KNOWN:
        raise NotCovered(f"{', '.join(sorted(unknown))} of KeypointMSELoss")
    given = {name: torch.from_numpy(array) for name, array in case.arrays.items() if name.startswith("in_")}
    output = given["in_output"].requires_grad_()
    weight = given.get("in_target_weights") if case.args.get("use_target_weight") else None
    skip = case.args.get("skip_empty_channel", False)
    loss = heatmap_mse(output, given["in_target"], weight, given.get("in_mask"), skip)
    (case.args.get("loss_weight", 1.0) * loss).backward()
    yield relative("out_loss", case.args.get("loss_weight", 1.0) * loss.detach(), case["out_loss"])
    assert output.grad is not None
    yield relative("out_grad_output", output.grad, case["out_grad_output"])
