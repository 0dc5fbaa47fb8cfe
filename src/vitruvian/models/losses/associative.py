"""Associative embedding: the tags of one person are alike, those of two are not (Newell et al., arXiv:1611.05424)."""

import torch
from torch import Tensor

from vitruvian.errors import ShapeError


def associative_embedding(tags: Tensor, cells: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
    """How far tags are from the mean of their person, and how close these means are to one another.

    tags: (B, L * K, H, W): a tag map of each keypoint, L times where a tag has L numbers; cells: (B, N, K) int64, where
    each keypoint of each person is, y * W + x; visible: (B, N, K), whether it counts. People without a visible keypoint
    do not count.

    Returns pull and push, summed over images. Pull: the mean over people of the mean squared distance of tags to the
    mean tag. Push: over pairs of people, the sum over the L numbers of exp(-difference²), divided by the number of
    pairs; 0 for a single person. As in the reference implementation a person is a pair with itself, too, which adds a
    constant. Published models are trained with pull + push / 2.

    Raises ShapeError where tags, cells and visible do not fit each other.
    """
    alike = cells.ndim == 3 and cells.shape == visible.shape
    if not alike or tags.ndim != 4 or len(tags) != len(cells) or tags.shape[1] % cells.shape[2]:
        raise ShapeError(
            f"tags must be (B, L * K, H, W), cells and visible (B, N, K), got {tuple(tags.shape)}, "
            f"{tuple(cells.shape)} and {tuple(visible.shape)}"
        )
    losses = [_of_image(*image) for image in zip(tags, cells, visible, strict=True)]
    pull, push = (torch.stack(part).sum() for part in zip(*losses, strict=True))
    return pull, push


def _of_image(tags: Tensor, cells: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
    """tags (L * K, H, W), cells and visible (N, K) -> pull, push."""
    there = visible.bool().any(-1)
    people = int(there.sum())
    if people == 0:
        return tags.sum() * 0, tags.sum() * 0
    maps = tags.unflatten(0, (-1, cells.shape[1])).flatten(2)  # (L, K, H * W)
    tag = maps.gather(-1, cells[there].T.expand(len(maps), -1, -1)).mT  # (L, people, K)
    counted = visible[there].to(tags.dtype)
    mean = (tag * counted).sum(-1) / counted.sum(-1)  # (L, people)
    pull = ((tag - mean[..., None]) ** 2 * counted).sum(-1) / counted.sum(-1)
    if people == 1:
        return pull.mean(), tags.sum() * 0
    alike = torch.exp(-((mean[:, :, None] - mean[:, None]) ** 2))
    return pull.mean(), alike.sum() / (people * (people - 1))
