"""A person in a pose: every bone turned about where it begins, the surface following."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from vitruvian.synthesis.human.anatomy import Anatomy, Shape


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
    rows = np.ascontiguousarray(angles, np.float64)
    return _matrices(rows.reshape(-1, 3)).reshape(*rows.shape, 3)


@njit(cache=True)
def _matrices(vectors: np.ndarray) -> np.ndarray:
    found = np.empty((len(vectors), 3, 3), np.float32)
    for row in range(len(vectors)):
        x, y, z = vectors[row]
        squared = x * x + y * y + z * z
        angle = np.sqrt(squared)
        if angle > 1e-4:
            first, second = np.sin(angle) / angle, (1 - np.cos(angle)) / squared
        else:
            first, second = 1 - squared / 6, 0.5 - squared / 24
        cosine = 1 - second * squared
        found[row, 0] = cosine + second * x * x, second * x * y - first * z, second * x * z + first * y
        found[row, 1] = second * x * y + first * z, cosine + second * y * y, second * y * z - first * x
        found[row, 2] = second * x * z - first * y, second * y * z + first * x, cosine + second * z * z
    return found


def rotation_vectors(turns: np.ndarray) -> np.ndarray:
    """(..., 3, 3) rotation matrices -> (..., 3) rotation vectors with angles up to pi; the inverse of `matrices`."""
    rows = np.ascontiguousarray(turns, np.float64)
    return _vectors(rows.reshape(-1, 3, 3)).reshape(rows.shape[:-1])


@njit(cache=True)
def _vectors(turns: np.ndarray) -> np.ndarray:
    found = np.empty((len(turns), 3), np.float32)
    for row in range(len(turns)):
        turn = turns[row]
        x, y, z = (turn[2, 1] - turn[1, 2]) / 2, (turn[0, 2] - turn[2, 0]) / 2, (turn[1, 0] - turn[0, 1]) / 2
        sine, cosine = np.sqrt(x * x + y * y + z * z), (turn[0, 0] + turn[1, 1] + turn[2, 2] - 1) / 2
        factor = 1.0
        if sine > 1e-6:
            factor = np.arctan2(sine, cosine) / sine
        elif cosine < 0:  # half a turn: the axis is a column of R + 1
            column = np.argmax(np.array([turn[0, 0], turn[1, 1], turn[2, 2]]))
            x, y, z = turn[0, column], turn[1, column], turn[2, column]
            if column == 0:
                x += 1
            elif column == 1:
                y += 1
            else:
                z += 1
            factor = np.pi / np.sqrt(x * x + y * y + z * z)
        found[row, 0], found[row, 1], found[row, 2] = factor * x, factor * y, factor * z
    return found


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
