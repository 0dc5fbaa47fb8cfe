"""Poses on an image: limbs as lines, joints as dots, coloured by side, as thick as the picture and the person allow."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from vitruvian.draw.ink import Colour, Ink, Point, Region, canvas_of
from vitruvian.errors import ShapeError
from vitruvian.structures import Poses, Skeleton

COLOURS: dict[str, Colour] = {  # distinct for every common kind of colour vision: Okabe and Ito's, brightened
    "left": (64, 176, 255, 255),
    "right": (255, 146, 20, 255),
    "centre": (250, 250, 240, 255),
}
CASING: Colour = (16, 16, 24, 190)  # the dark edge around every stroke, so that it shows on any background

THICKNESS = 0.0055  # of a limb, as a share of the image's size
SLIMNESS = 0.11  # of a limb, as a share of its length, where that is thinner
FARTHEST = 1e9  # pixels; beyond it only the direction of a point matters


@dataclass(frozen=True)
class Stroke:
    """A line from a to b, or a dot at a where b is None. width: without the casing, pixels."""

    a: Point
    b: Point | None
    width: float
    colour: Colour

    @property
    def cased(self) -> float:
        """The width with the casing on both sides."""
        return self.width + 2 * max(0.5, 0.22 * self.width)

    def draw(self, ink: Ink, width: float, colour: Colour) -> None:
        """The stroke in another width and colour."""
        if self.b is None:
            ink.dot(self.a, width, colour)
        else:
            ink.line(self.a, self.b, width, colour)


def draw_poses(
    image: np.ndarray, poses: Poses, skeleton: Skeleton, threshold: float = 0.3, boxes: bool = False
) -> np.ndarray:
    """A copy of image (H, W, 3) uint8 RGB with the poses on it, the later ones on top.

    A joint is drawn if it is known and its score is at least `threshold`, a limb if both its joints are. The person's
    left is blue, the right orange; what lies on the midline or joins the sides is white. Lines are as thick as the size
    of the image asks for, and thinner where the points of a person lie close together, as in faces and hands.
    boxes=True draws each person's box as a thin line.

    Raises ShapeError if the image is none, or if the poses have another number of keypoints than the skeleton.
    """
    if poses.xy.shape[1] != len(skeleton):
        raise ShapeError(
            f"the poses have {poses.xy.shape[1]} keypoints, the skeleton {skeleton.name} has {len(skeleton)}; "
            f"pass the skeleton that the poses were predicted or labelled with"
        )
    canvas = canvas_of(image)
    thickest = max(2.0, THICKNESS * float(np.sqrt(canvas.shape[0] * canvas.shape[1])))
    for xy, score, box in zip(poses.xy, poses.score, poses.boxes, strict=True):
        limbs, joints = _person(xy, score >= threshold, skeleton, thickest)
        _render(canvas, [_frame(box, thickest / 3) if boxes else [], limbs, joints])
    return canvas


def _person(
    xy: np.ndarray, confident: np.ndarray, skeleton: Skeleton, thickest: float
) -> tuple[list[Stroke], list[Stroke]]:
    """The limbs and the joints of one person: xy (K, 2), confident (K,) bool."""
    shown = confident & np.isfinite(xy).all(-1)
    xy = np.where(shown[:, None], xy.astype(np.float64), 0.0).clip(-FARTHEST, FARTHEST)
    ends = np.array(skeleton.limbs, int).reshape(-1, 2)
    ends = ends[shown[ends].all(1)]
    widths = _limb_widths(xy, ends, skeleton, thickest)
    diameters = _joint_diameters(xy, shown, ends, widths, thickest)
    points, sides = [(x, y) for x, y in xy.tolist()], _sides(skeleton)
    limbs = [
        Stroke(points[a], points[b], width, COLOURS[_shared_side(sides[a], sides[b])])
        for (a, b), width in zip(ends.tolist(), widths.tolist(), strict=True)
    ]
    joints = [Stroke(points[k], None, float(diameters[k]), COLOURS[sides[k]]) for k in np.flatnonzero(shown).tolist()]
    return limbs, joints


def _limb_widths(xy: np.ndarray, ends: np.ndarray, skeleton: Skeleton, thickest: float) -> np.ndarray:
    """(L,) pixels for the limbs between the keypoints `ends` (L, 2).

    In proportion to the limb's length, but much the same within each part of the skeleton, so that a foreshortened
    arm stays an arm; a hand is drawn finer than the body it belongs to.
    """
    length = np.linalg.norm(xy[ends[:, 0]] - xy[ends[:, 1]], axis=1)
    part = np.array(_parts(skeleton), int)[ends[:, 0]]
    medians = {one: np.median(length[part == one]) for one in set(part.tolist())}
    usual = np.array([medians[one] for one in part.tolist()])
    return np.clip(SLIMNESS * np.clip(length, 0.6 * usual, 1.2 * usual), 0.7, thickest)


def _joint_diameters(
    xy: np.ndarray, shown: np.ndarray, ends: np.ndarray, widths: np.ndarray, thickest: float
) -> np.ndarray:
    """(K,) pixels: about twice as wide as the limbs that meet there, but with a gap to the nearest other joint."""
    limb = np.zeros(len(xy))
    np.maximum.at(limb, ends[:, 0], widths)
    np.maximum.at(limb, ends[:, 1], widths)
    distance = np.linalg.norm(xy[:, None] - xy[None], axis=-1)
    distance[:, ~shown] = np.inf
    np.fill_diagonal(distance, np.inf)
    return np.minimum(1.9 * np.where(limb > 0, limb, thickest), np.maximum(0.6 * distance.min(1), 1.0))


@cache
def _parts(skeleton: Skeleton) -> tuple[int, ...]:
    """For each keypoint the lowest keypoint that limbs connect it with: a body, a hand, an eyebrow."""
    part = list(range(len(skeleton)))
    for _ in skeleton.limbs:  # a chain in the worst order moves its lowest index by one limb a round
        before = part.copy()
        for a, b in skeleton.limbs:
            part[a] = part[b] = min(part[a], part[b])
        if part == before:
            break
    return tuple(part)


@cache
def _sides(skeleton: Skeleton) -> tuple[str, ...]:
    return tuple(skeleton.side(k) for k in range(len(skeleton)))


def _shared_side(one: str, other: str) -> str:
    """The side on which a limb between joints of these sides lies; between left and right: the centre."""
    sides = {one, other} - {"centre"}
    return sides.pop() if len(sides) == 1 else "centre"


def _frame(box: np.ndarray, width: float) -> list[Stroke]:
    """The four edges of a box (4,) x0 y0 x1 y1; none if it is not finite."""
    if not np.isfinite(box).all():
        return []
    x0, y0, x1, y1 = box.astype(np.float64).clip(-FARTHEST, FARTHEST).tolist()
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return [Stroke(a, b, width, COLOURS["centre"]) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]


def _render(canvas: np.ndarray, layers: list[list[Stroke]]) -> None:
    """Draw layer by layer, in place; in each the casings come first, so that strokes meet without dark seams."""
    strokes = [stroke for layer in layers for stroke in layer]
    region = _region(strokes, canvas)
    if region is None:
        return
    ink = Ink(region, min(stroke.width for stroke in strokes))
    for layer in layers:
        for stroke in layer:
            stroke.draw(ink, stroke.cased, CASING)
        for stroke in layer:
            stroke.draw(ink, stroke.width, stroke.colour)
    ink.onto(canvas)


def _region(strokes: list[Stroke], canvas: np.ndarray) -> Region | None:
    """The pixels of the canvas that the strokes may touch; None if they touch none."""
    if not strokes:
        return None
    points = np.array([point for stroke in strokes for point in (stroke.a, stroke.b) if point is not None])
    margin = 2 + max(stroke.cased for stroke in strokes)
    size = canvas.shape[1::-1]
    x0, y0 = (points.min(0) - margin).clip(0, size).astype(int).tolist()
    x1, y1 = (points.max(0) + margin).clip(0, size).astype(int).tolist()
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
