"""The crops of published settings have the distributions that the published models were trained on.

The slow, obvious version here draws what MMPose 1.x draws (datasets/transforms/common_transforms.py): RandomFlip,
RandomHalfBody, RandomBBoxTransform, then TopdownAffine, which fills the shape of the input.
"""

import json
from dataclasses import dataclass

import numpy as np
import pytest

from vitruvian.datasets import Augmentation, CropSettings
from vitruvian.datasets.motion import random_crop
from vitruvian.geometry import Crop
from vitruvian.recipes import RECIPES
from vitruvian.recipes.coco_maps import GENTLE, HALVED
from vitruvian.recipes.faces import UPRIGHT
from vitruvian.recipes.usual import LESS_SCALED, NO_HALVES, TURNED

SIZE, PADDING = (192, 256), 1.25
BOX = np.array([100.0, 50.0, 180.0, 290.0])
UPPER = np.array([[110.0 + 5 * k, 60.0 + 9 * k] for k in range(11)])
LOWER = np.array([[120.0 + 8 * k, 180.0 + 18 * k] for k in range(6)])
COUNT = 3000


@dataclass(frozen=True)
class Published:
    """Settings by the names that MMPose gives them."""

    rotate_factor: float
    scale_factor: tuple[float, float]
    shift_factor: float = 0.16
    shift_prob: float = 0.3
    scale_prob: float = 1.0
    rotate_prob: float = 0.6
    half_body: float = 0.0
    flip: float = 0.5


CASES = {
    "halved": (HALVED, Published(80, (0.5, 1.5), half_body=0.3)),
    "gentle": (GENTLE, Published(60, (0.75, 1.25), half_body=0.3)),
    "turned": (TURNED, Published(180, (0.7, 1.3))),
    "no halves": (NO_HALVES, Published(80, (0.7, 1.3), shift_prob=0)),
    "less scaled": (LESS_SCALED, Published(90, (0.65, 1.35), shift_prob=0, half_body=0.3)),
    "upright": (UPRIGHT, Published(60, (0.75, 1.25), shift_prob=0)),
}


def _cut_off_normal(rng: np.random.Generator) -> float:
    """A normal variable, drawn until it is within one deviation."""
    while abs(value := rng.normal()) > 1:
        pass
    return value


def _published(settings: Published, rng: np.random.Generator) -> tuple[float, ...]:
    """Mirrored, angle, width that is shown, x and y of its middle."""
    flip = rng.random() < settings.flip
    centre, scale = (BOX[:2] + BOX[2:]) / 2, (BOX[2:] - BOX[:2]) * PADDING
    if rng.random() < settings.half_body:
        half = UPPER if rng.random() < 0.7 else LOWER
        centre, scale = half.mean(0), (half.max(0) - half.min(0)) * 1.5
    offset = np.array([_cut_off_normal(rng) for _ in range(2)]) * settings.shift_factor
    offset = offset * (rng.random() < settings.shift_prob)
    low, high = settings.scale_factor
    factor = _cut_off_normal(rng) * (high - low) / 2 + (high + low) / 2
    factor = factor if rng.random() < settings.scale_prob else 1.0
    angle = _cut_off_normal(rng) * settings.rotate_factor * (rng.random() < settings.rotate_prob)
    centre, scale = centre + offset * scale, scale * factor
    return float(flip), angle, max(scale[0], scale[1] * SIZE[0] / SIZE[1]), *centre


def _ours(change: Augmentation, rng: np.random.Generator) -> tuple[float, ...]:
    xy = np.concatenate([UPPER, LOWER])
    crop, mirrored = random_crop(xy, BOX, CropSettings(SIZE, PADDING, "msra", change), rng, range(11, 17))
    upright: Crop = crop.mirrored() if mirrored else crop
    centre = upright.to_image(np.array(SIZE) / 2)
    cosine, sine = upright.matrix[0, :2]
    return float(mirrored), np.rad2deg(np.arctan2(sine, cosine)), SIZE[0] / np.hypot(cosine, sine), *centre


@pytest.mark.parametrize("name", CASES)
def test_angle_extent_middle_and_mirror_are_distributed_as_published(name):
    """Kolmogorov and Smirnov: the distributions of two samples of 3,000 are nowhere further apart than 1.95 times the
    root of 2 / 3,000, 0.05, but once in a thousand times; so little tells a share of 0.25 from one of 0.3."""
    change, settings = CASES[name]
    rng = np.random.default_rng(0)
    theirs = np.array([_published(settings, rng) for _ in range(COUNT)])
    ours = np.array([_ours(change, rng) for _ in range(COUNT)])
    for what, one, other in zip(("mirror", "angle", "width", "x", "y"), theirs.T, ours.T, strict=True):
        grid = np.sort(np.concatenate([one, other]))
        grid = np.concatenate([grid - 1e-6, grid + 1e-6])
        apart = abs(_share_below(one, grid) - _share_below(other, grid)).max()
        assert apart < 1.95 * (2 / COUNT) ** 0.5, what


def _share_below(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), grid) / len(values)


@pytest.mark.parametrize("name", CASES)
def test_shares_and_limits_are_those_that_were_published(name):
    """Each share to four standard deviations; no angle and no factor beyond one deviation, and some close to it."""
    change, settings = CASES[name]
    whole = Augmentation(**{**vars(change), "half": 0.0})
    rng = np.random.default_rng(1)
    mirror, angle, width, x, _ = np.array([_ours(whole, rng) for _ in range(COUNT)]).T
    turned, moved = abs(angle) > 1e-9, abs(x - 140) > 1e-9
    for found, share in ((mirror, settings.flip), (turned, settings.rotate_prob), (moved, settings.shift_prob)):
        assert abs(found.mean() - share) <= 4 * (share * (1 - share) / COUNT) ** 0.5
    assert 0.98 * settings.rotate_factor < abs(angle).max() <= settings.rotate_factor + 1e-9
    factor = width / (240 * PADDING * SIZE[0] / SIZE[1])
    assert settings.scale_factor[0] - 1e-9 <= factor.min() < settings.scale_factor[0] + 0.02
    assert settings.scale_factor[1] - 0.02 < factor.max() <= settings.scale_factor[1] + 1e-9


@pytest.mark.parametrize("name", [name for name, (change, _) in CASES.items() if change.half])
def test_three_of_ten_people_are_cut_in_half_and_seven_of_ten_of_these_are_upper_halves(name):
    """By where the middle is, without a shift: 17 keypoints are known, so everybody can be halved."""
    change, settings = CASES[name]
    rng = np.random.default_rng(2)
    y = np.array([_ours(Augmentation(**{**vars(change), "move": 0.0}), rng)[4] for _ in range(COUNT)])
    upper, lower = (abs(y - half.mean(0)[1]) < 1e-6 for half in (UPPER, LOWER))
    for found, share in ((upper, 0.7 * settings.half_body), (lower, 0.3 * settings.half_body)):
        assert abs(found.mean() - share) <= 4 * (share * (1 - share) / COUNT) ** 0.5


def test_every_published_setting_is_that_of_a_recipe(shared):
    """As the files of the published runs have them."""
    wanted = set()
    for run in json.loads((shared / "facts" / "seed_recipes.json").read_text()):
        box = run["random_box"]
        move = box.get("shift_prob", box["shift_prob_default"])
        shift = box.get("shift_factor", box["shift_factor_default"]) if move else 0
        low, high = box["scale_factor"]
        assert low + high == pytest.approx(2)
        turn = box["rotate_prob_default"]
        wanted.add((run["horizontal_flip_probability"], move, shift, high, box["rotate_factor"], turn))
    found = set()
    for recipe in RECIPES.values():
        change = recipe().augmentation
        if change.draw == "normal":
            move = change.move if change.shift else 0
            found.add((change.flip, move, change.shift, change.scale, change.degrees, change.turn))
    assert len(wanted) == 3
    assert wanted <= found
