"""Losses of 3D poses (..., K, 3), in the unit of the target, usually metres."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vitruvian.errors import ShapeError
from vitruvian.models.losses.shapes import check_pair, weighted_pair


def mpjpe(output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """The mean distance per joint: output, target (B, K, D); weight (B, K) or (B, K, D), 1 where omitted.

    The mean is over all joints, those of weight 0 included. Raises ShapeError when shapes do not fit each other.
    """
    output, target = weighted_pair(output, target, weight)
    return (output - target).norm(dim=-1).mean()


def mpjpe_velocity(output: Tensor, target: Tensor, scaled: float = 0.5, velocity: float = 20.0) -> Tensor:
    """`mpjpe` of a sequence, of it at its best scale, and of its movement (MotionBERT, arXiv:2210.06551).

    output, target: (B, T, K, 3). scaled, velocity: what the second and the third are multiplied by. The scale is the
    least-squares one of each frame; the movement is the difference of two frames.
    Raises ShapeError when shapes do not fit each other.
    """
    check_pair(output, target)
    scale = (target * output).sum((-2, -1), keepdim=True) / output.square().sum((-2, -1), keepdim=True)
    moved = (output.diff(dim=1) - target.diff(dim=1)).norm(dim=-1).mean()
    return mpjpe(output, target) + scaled * mpjpe(scale * output, target) + velocity * moved


def bone(output: Tensor, target: Tensor, parents: Sequence[int], weight: Tensor | None = None) -> Tensor:
    """How far the mean length of each bone, over people, is from what it should be (arXiv:1811.11742, sec. 4).

    output, target: (B, K, D), not necessarily of the same people: semi-supervised lifting compares people without
    labels with others; parents: of each joint the one that its bone goes to, itself for the root; weight: (B, K), of
    the bone that ends in the joint, 1 where omitted. The mean of the absolute difference of all K - 1 bones.
    Raises ShapeError when shapes do not fit each other.
    """
    found, goal = _lengths(output, parents), _lengths(target, parents)
    if weight is not None:
        if weight.shape != output.shape[:2] or len(output) != len(target):
            raise ShapeError(f"weight must be (B, K) of {tuple(output.shape)}, got {tuple(weight.shape)}")
        found, goal = (lengths * weight[:, _not_root(parents)] for lengths in (found, goal))
    return (found.mean(0) - goal.mean(0)).abs().mean()


def projection(pose: Tensor, root: Tensor, target: Tensor, camera: Tensor) -> Tensor:
    """`mpjpe` in the image of a 3D pose that a camera sees (VideoPose3D, arXiv:1811.11742, sec. 4).

    pose: (B, K, 3) relative to the root; root: (B, 1, 3) in camera coordinates; target: (B, K, 2) image points;
    camera: (B, 9): fx, fy, cx, cy, radial distortion k1 k2 k3, tangential p1 p2.
    """
    return mpjpe(_project(pose + root, camera), target)


def _project(points: Tensor, camera: Tensor) -> Tensor:
    """points (B, K, 3) in camera coordinates -> (B, K, 2), with the distortion of a lens (Brown, 1966).

    As in the reference implementation, points further than 1 from the axis at depth 1 are taken at 1.
    """
    focal, centre, radial, tangential = camera[:, None].split([2, 2, 3, 2], dim=-1)  # (B, 1, n)
    flat = (points[..., :2] / points[..., 2:]).clamp(-1, 1)
    squared = flat.square().sum(-1, keepdim=True)
    powers = torch.cat([squared, squared**2, squared**3], dim=-1)
    stretch = 1 + (radial * powers).sum(-1, keepdim=True) + (tangential * flat).sum(-1, keepdim=True)
    return focal * (flat * stretch + tangential * squared) + centre


def _lengths(pose: Tensor, parents: Sequence[int]) -> Tensor:
    """(B, K, D) -> (B, K - 1), of all joints but the root."""
    if len(parents) != pose.shape[1]:
        raise ShapeError(f"parents must be {pose.shape[1]} joints, got {len(parents)}")
    children = _not_root(parents)
    return (pose[:, children] - pose[:, [parents[child] for child in children]]).norm(dim=-1)


def _not_root(parents: Sequence[int]) -> list[int]:
    return [joint for joint, parent in enumerate(parents) if joint != parent]
