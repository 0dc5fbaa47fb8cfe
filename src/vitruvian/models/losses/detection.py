"""Losses of detectors: boxes, how likely somebody is there, and poses compared as the evaluation does it."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.losses.shapes import check_pair

Mode = Literal["linear", "square", "log"]


def box_iou(output: Tensor, target: Tensor, mode: Mode = "log") -> Tensor:
    """How little boxes overlap, from the intersection over union of each pair (UnitBox, arXiv:1608.01471).

    output, target: (N, 4), x0 y0 x1 y1. Mean over boxes of 1 - iou, 1 - iou² or -log(iou).
    Raises RecipeError for an unknown mode, ShapeError for other shapes.
    """
    check_pair(output, target)
    if output.shape[-1] != 4:
        raise ShapeError(f"boxes must be (N, 4), got {tuple(output.shape)}")
    corner = torch.maximum(output[..., :2], target[..., :2]), torch.minimum(output[..., 2:], target[..., 2:])
    shared = (corner[1] - corner[0]).clamp(min=0).prod(-1)
    areas = sum((box[..., 2:] - box[..., :2]).prod(-1) for box in (output, target))
    return _from_similarity(shared / (areas - shared).clamp(min=1e-6), mode, 1e-6).mean()


def oks(
    output: Tensor,
    target: Tensor,
    weight: Tensor,
    area: Tensor,
    sigmas: Tensor,
    mode: Mode = "linear",
    known_only: bool = True,
) -> Tensor:
    """How little poses agree, from their object keypoint similarity (YOLO-Pose, arXiv:2204.06806).

    output, target: (N, K, 2); weight: (N, K); area: (N,) of the people, px²; sigmas: (K,), as a skeleton has them.
    With d the distance of a keypoint, its similarity is exp(-d² / (2 area (2 sigma)²)), as in the COCO evaluation; mean
    over people of 1 - oks, 1 - oks² or -log(oks).
    known_only: divide the similarity by the sum of the weights; otherwise by K, so that an unknown keypoint counts as
                wrong.

    Raises RecipeError for an unknown mode, ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    if weight.shape != output.shape[:2] or area.shape != output.shape[:1]:
        raise ShapeError(
            f"weight must be (N, K) and area (N,) of {tuple(output.shape)}, got {tuple(weight.shape)} "
            f"and {tuple(area.shape)}"
        )
    distance = (output - target).norm(dim=-1) / area.sqrt().clamp(min=1e-8)[:, None] / (2 * sigmas)
    total = weight.sum(-1, keepdim=True).clamp(min=1e-8) if known_only else output.shape[1]
    similarity = (torch.exp(-(distance**2) / 2) * weight / total).sum(-1)
    return _from_similarity(similarity, mode, 1e-8).mean()


def _from_similarity(similarity: Tensor, mode: str, smallest: float) -> Tensor:
    if mode == "linear":
        return 1 - similarity
    if mode == "square":
        return 1 - similarity**2
    if mode == "log":
        return -similarity.clamp(min=smallest).log()
    raise RecipeError(f'mode must be linear, square or log, got "{mode}"')


def varifocal(
    output: Tensor, target: Tensor, weight: Tensor | None = None, alpha: float = 0.75, gamma: float = 2.0
) -> Tensor:
    """Trains scores to be the quality of what is there; where nothing is, hard cases count more (arXiv:2008.13367).

    output: logits; target: in [0, 1], 0 where nothing is; weight: of the same shape, 1 where omitted. Sum over all.
    Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    empty = target <= 1e-4
    factor = torch.where(empty, alpha * output.sigmoid() ** gamma, 0.0) + target
    each = functional.binary_cross_entropy_with_logits(output, target, reduction="none") * factor
    return (each if weight is None else each * weight).sum()


def binary_cross_entropy(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """The mean cross-entropy of logits and targets in [0, 1].

    weight: of the same shape, or (N,) for whole rows, 1 where omitted. Raises ShapeError when shapes do not fit.
    """
    check_pair(output, target)
    each = functional.binary_cross_entropy_with_logits(output, target, reduction="none")
    if weight is None:
        return each.mean()
    if weight.shape not in (output.shape, output.shape[:1]):
        raise ShapeError(f"weight must be {tuple(output.shape)} or its first side, got {tuple(weight.shape)}")
    return (each * weight.reshape(*weight.shape, *(1 for _ in output.shape[weight.ndim :]))).mean()
