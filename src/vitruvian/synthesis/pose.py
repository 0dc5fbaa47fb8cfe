"""A person in a pose: every bone turned about where it begins, the surface following."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from vitruvian.synthesis.anatomy import Anatomy, Shape


@dataclass(frozen=True, eq=False)
class Posed:
    """A person in a pose, in the world's metres, z up.

    vertices: (V, 3) float32; joints: (J, 3) float32, where each bone begins; turns: (J, 3, 3) float32, how each bone
    is turned from rest, in the world's axes.
    """

    vertices: np.ndarray
    joints: np.ndarray
    turns: np.ndarray


def posed(anatomy: Anatomy, shape: Shape, angles: np.ndarray, place: np.ndarray) -> Posed:
    """Linear blend skinning. angles: (J, 3) rotation vectors in radians, of each bone against the bone that it hangs
    on, in the axes of the person at rest; place: (3,) added to everything.

    A bone's turn in the world is its parent's times its own, so equal angles look alike on all shapes.
    """
    turns, joints = chain(anatomy.parent, shape.joints, matrices(angles), place)
    vertices = skinned(shape.vertices, shape.joints, anatomy.influence, anatomy.weight, turns, joints)
    return Posed(vertices, joints, turns)


def matrices(angles: np.ndarray) -> np.ndarray:
    """(..., 3) rotation vectors -> (..., 3, 3) rotation matrices float32, by Rodrigues' formula."""
    angle = np.linalg.norm(angles, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(np.asarray(angles, np.float64), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    first = np.sinc(angle / np.pi)  # sin(a) / a
    second = np.sinc(angle / (2 * np.pi)) ** 2 / 2  # (1 - cos(a)) / a²
    return (np.eye(3) + first * cross + second * (cross @ cross)).astype(np.float32)


def rotation_vectors(turns: np.ndarray) -> np.ndarray:
    """(..., 3, 3) rotation matrices -> (..., 3) rotation vectors with angles up to pi; the inverse of `matrices`."""
    turns = np.asarray(turns, np.float64)
    vector = np.stack([turns[..., 2, 1] - turns[..., 1, 2], turns[..., 0, 2] - turns[..., 2, 0],
                       turns[..., 1, 0] - turns[..., 0, 1]], axis=-1) / 2  # fmt: skip
    sine, cosine = np.linalg.norm(vector, axis=-1), (np.trace(turns, axis1=-2, axis2=-1) - 1) / 2
    angle = np.arctan2(sine, cosine)
    near = sine > 1e-6
    found = vector * np.where(near, angle / np.where(near, sine, 1), 1)[..., None]
    half = ~near & (cosine < 0)
    if half.any():  # half a turn: the axis is a column of R + 1
        columns = turns[half] + np.eye(3)
        longest = np.linalg.norm(columns, axis=-2).argmax(-1)
        axis = np.take_along_axis(columns, longest[:, None, None], axis=-1)[..., 0]
        found[half] = np.pi * axis / np.linalg.norm(axis, axis=-1, keepdims=True)
    return found.astype(np.float32)


def chain(parent: np.ndarray, rest: np.ndarray, own: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forward kinematics: turns (J, 3, 3) and joints (J, 3) in the world.

    rest: (J, 3) joints at rest; own: (J, 3, 3) turns against the parents, which come before their children.
    """
    return _chain(parent, rest.astype(np.float32), own.astype(np.float32), np.asarray(place, np.float32))


@njit(cache=True)
def _chain(parent: np.ndarray, rest: np.ndarray, own: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    turns, joints = np.empty_like(own), np.empty_like(rest)
    for bone in range(len(parent)):
        above = parent[bone]
        for i in range(3):
            joints[bone, i] = rest[bone, i] + place[i]
            for j in range(3):
                turns[bone, i, j] = own[bone, i, j]
        if above < 0:
            continue
        for i in range(3):
            joints[bone, i] = joints[above, i]
            for j in range(3):
                joints[bone, i] += turns[above, i, j] * (rest[bone, j] - rest[above, j])
                total = np.float32(0)
                for k in range(3):
                    total += turns[above, i, k] * own[bone, k, j]
                turns[bone, i, j] = total
    return turns, joints


@njit(cache=True, fastmath=True)
def skinned(
    vertices: np.ndarray,
    rest: np.ndarray,
    influence: np.ndarray,
    weight: np.ndarray,
    turns: np.ndarray,
    joints: np.ndarray,
) -> np.ndarray:
    """Each vertex is where its bones take it, averaged by their weights."""
    found = np.zeros_like(vertices)
    for v in range(len(vertices)):
        for w in range(influence.shape[1]):
            share, bone = weight[v, w], influence[v, w]
            if share == 0:
                break  # they are in falling order
            x, y, z = vertices[v, 0] - rest[bone, 0], vertices[v, 1] - rest[bone, 1], vertices[v, 2] - rest[bone, 2]
            for i in range(3):
                turned = turns[bone, i, 0] * x + turns[bone, i, 1] * y + turns[bone, i, 2] * z
                found[v, i] += share * (turned + joints[bone, i])
    return found
