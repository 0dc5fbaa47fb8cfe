"""The jaw of a turned face as annotators draw it: on the far side along the outline that is seen.

Fixed points of a jaw are hidden behind the cheek when a head turns. Labels of photos follow the visible outline,
so each jaw point may march along a line across the cheek, at its own height, to where the picture's outline is (as in
Zhu et al., "High-fidelity Pose and Expression Normalization", CVPR 2015, section 3.1).
"""

from functools import cache

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.human.pose import Posed
from vitruvian.synthesis.rendering.camera import Camera

JAW = 17
EYES = ((36, 42), (42, 48))  # of the right eye and of the left
NEAREST = 0.022  # metres from the midline: lines across the cheek end there, before they reach nose and mouth
CHIN = 0.012  # the same for the points beside the chin
HALF = 0.0035  # metres: half of the height of the band of the cheek that a line is made of
STEPS = 14  # vertices on a line


def outlined(points: np.ndarray, anatomy: Anatomy, posed: Posed, camera: Camera) -> np.ndarray:
    """(68, 3) points of a face as `landmarks` finds them -> the same with the far half of the jaw on the outline that
    the camera sees."""
    right, left = (points[slice(*eye)].mean(0) for eye in EYES)
    middle, across = (right + left) / 2, left - right
    far = 1 if across @ (camera.place - middle) < 0 else -1  # the left is far when it leads away from the camera
    rows = range(JAW // 2 + 1, JAW) if far > 0 else range(JAW // 2)
    out = camera.turn[:2] @ across * far  # where the outline is, in the picture
    out /= np.linalg.norm(out) + 1e-9
    found, lines = points.copy(), cheek_lines(anatomy)
    for row in rows:
        line = np.concatenate([points[None, row], posed.vertices[lines[row]]])
        pixels, _ = camera.project(line)
        found[row] = line[np.argmax(np.nan_to_num(pixels @ out, nan=-np.inf))]
    return found


@cache
def cheek_lines(anatomy: Anatomy) -> tuple[np.ndarray, ...]:
    """For each point of the jaw, vertices across the cheek at its height, from it to near the midline; the chin has
    none."""
    middle = anatomy.middle
    jaw = landmarks("face68", anatomy, Posed(middle.vertices, middle.joints, np.empty(0)))[:JAW]
    skin = anatomy.groups["body"]
    skin = skin[(middle.vertices[skin, 2] > jaw[:, 2].min() - 0.01) & (middle.vertices[skin, 1] < jaw[0, 1] + 0.01)]
    return tuple(_line(middle.vertices, skin, jaw, row) for row in range(JAW))


def _line(vertices: np.ndarray, skin: np.ndarray, jaw: np.ndarray, row: int) -> np.ndarray:
    place, side = jaw[row], np.sign(row - JAW // 2)
    if side == 0:
        return np.empty(0, np.int32)
    beside = min(row, JAW - 1 - row) > 5
    x, height = vertices[skin, 0] * side, vertices[skin, 2] - place[2]
    rise = 0.35 * np.clip(place[0] * side - x, 0, None) if beside else 0.0  # lines beside the chin run up along it
    near = (np.abs(height - rise) < HALF) & (x > (CHIN if beside else NEAREST)) & (x < place[0] * side + 0.003)
    near &= vertices[skin, 1] < place[1] + 0.002  # before the jaw, not behind it
    rows = skin[near]
    order = rows[np.argsort(-vertices[rows, 0] * side)]
    return order[np.unique(np.linspace(0, len(order) - 1, STEPS).astype(int))] if len(order) else order
