"""Who the people are, drawn at random: age, sex, build, and the small differences by which faces and bodies differ."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from vitruvian.synthesis.human.anatomy import Traits

YEARS = (0.0, 1.0, 4.0, 11.0, 16.0, 18.0, 64.0, 110.0)
AGES = (0.0, 0.05, 0.22, 0.42, 0.67, 0.77, 0.83, 1.0)
"""Years of life -> `Traits.age`, and the beta distributions of `Traits.height` at the first five ages, boys and girls:
anny's own calibration to the heights that the WHO publishes (arXiv:2511.03589, Apache-2.0)."""

HEIGHT = {
    "male": ((21.6, 52.0, 22.2, 13.4, 16.5), (58.6, 57.4, 45.9, 22.1, 25.7)),
    "female": ((29.5, 66.3, 31.8, 21.3, 13.7), (96.7, 74.5, 59.5, 24.0, 25.8)),
}

BANDS = ((0.03, 1, 4), (0.09, 4, 13), (0.08, 13, 18), (0.65, 18, 55), (0.15, 55, 90))
"""(how often, from, to) years."""

USUAL: Mapping[str, float] = {
    "head-scale-vert-incr": -0.40, "chin-width-incr": -0.35, "chin-bones-incr": 0.12, "chin-height-incr": 0.15,
    "chin-prognathism-incr": 0.12, "mouth-scale-vert-incr": -0.42, "mouth-lowerlip-height-incr": -0.22,
    "mouth-trans-up": 0.05, "mouth-trans-forward": -0.20, "mouth-angles-up": 0.12, "mouth-upperlip-height-incr": -0.30,
    "nose-scale-vert-incr": -0.22, "nose-base-up": 0.12, "nose-scale-horiz-incr": -0.12, "nose-trans-forward": 0.50,
    "nose-scale-depth-incr": 0.30, "eyebrows-trans-up": 0.20, "eyebrows-trans-forward": 0.12, "eye-height2-incr": 0.15,
}  # fmt: skip
"""What brings the middle of all faces to that of labelled photos, in depth as well, as their turned heads tell: anny's
own is longer, its mouth lower, its nose shorter."""

FACE_SPREAD: Mapping[str, float] = {
    "chin-": 0.18, "chin-cleft": 0.3, "cheek-": 0.2, "ear-": 0.22, "ear-shape-triangle": 0.08, "ear-trans-up": 0.1,
    "ear-flap": 0.08, "eye-": 0.24, "eye-bag": 0.3, "eye-epicanthus": 0.4, "eyebrows-": 0.28,
    "eyebrows-trans-forward": 0.08, "forehead-": 0.2, "forehead-scale-vert": 0.08, "forehead-nubian": 0.04,
    "head-": 0.0, "head-scale": 0.22, "head-age": 0.2, "head-angle": 0.08, "head-fat": 0.25, "head-back": 0.2,
    "mouth-": 0.2, "mouth-trans-out": 0.04, "mouth-trans-forward": 0.1, "mouth-scale-horiz": 0.25, "neck-": 0.0,
    "neck-scale": 0.2, "neck-double": 0.2, "neck-scale-vert": 0.08, "nose-": 0.24, "nose-trans-out": 0.05,
    "nose-point-up": 0.1, "nose-septumangle": 0.12, "nose-compression": 0.1, "nose-trans-forward": 0.1,
}  # fmt: skip
BODY_SPREAD: Mapping[str, float] = {
    "measure-": 0.15, "upperarm-": 0.2, "lowerarm-": 0.2, "upperleg-": 0.2, "upperlegs-": 0.2, "lowerleg-": 0.2,
    "lowerlegs-": 0.2, "leg-valgus": 0.3, "foot-scale": 0.2, "hand-scale": 0.2, "hand-fingers": 0.3,
    "hip-scale": 0.25, "hip-waist": 0.2, "torso-scale": 0.2, "torso-vshape": 0.3, "torso-muscle": 0.4,
    "pelvis-tone": 0.4, "stomach-tone": 0.5, "stomach-navel": 0.3, "buttocks-": 0.3, "breast-": 0.25,
}  # fmt: skip
"""Standard deviations of details, each [-1, 1], by how their names begin, sides left out; the longest that fits
counts."""

FEATURES, MIXED = ("african", "asian", "caucasian"), (0.6, 0.6, 0.6)  # and how much they mix: most have one foremost
UNEVEN = 0.06  # standard deviation between the two sides of a face; bodies differ half as much
GROWN = ((0.0, 0.22, 0.42, 0.67), (0.25, 0.4, 0.65, 1.0))  # ages, and the share of a detail that fits so small a body


def random_traits(rng: np.random.Generator, details: Sequence[str], years: tuple[float, float] | None = None) -> Traits:
    """A person. details: the names of `Anatomy.details`; years: the range of ages, or None for all of them."""
    low, high = years or BANDS[rng.choice(len(BANDS), p=[often for often, _, _ in BANDS])][1:]
    lived = rng.uniform(low, high)
    age = float(np.interp(lived, YEARS, AGES))
    gender = _gender(rng)
    fat = rng.beta(2.2, 2.6) if rng.random() < 0.8 else rng.uniform(0.5, 1.0)
    return Traits(
        gender=gender,
        age=age,
        muscle=float(rng.beta(2.4, 2.4 + gender)) if lived > 14 else float(rng.beta(3, 4)),
        weight=float(fat),
        height=_height(age, gender, rng),
        proportions=float(rng.beta(2.0, 2.0)),
        cupsize=float(rng.beta(2.0, 2.0)),
        firmness=float(rng.beta(2.5, 2.0)),
        **dict(zip(FEATURES, rng.dirichlet(MIXED).tolist(), strict=True)),
        details=random_details(rng, tuple(details), float(np.interp(age, *GROWN))),
    )


def _gender(rng: np.random.Generator) -> float:
    """Mostly near one end, at times between."""
    if rng.random() < 0.15:
        return float(rng.uniform())
    return float(abs((rng.random() < 0.5) - rng.beta(1.2, 8)))


def _height(age: float, gender: float, rng: np.random.Generator) -> float:
    first, second = HEIGHT["male" if gender < 0.5 else "female"]
    return float(rng.beta(np.interp(age, AGES[:5], first), np.interp(age, AGES[:5], second)))


def random_details(rng: np.random.Generator, details: tuple[str, ...], share: float = 1.0) -> dict[str, float]:
    """Values of details, each [-1, 1], left and right nearly alike; `share` of what grown people have."""
    keys, rows, means, spreads, uneven = _measures(details)
    shared = means + spreads * rng.standard_normal(len(means))
    own = share * (shared[rows] + uneven * rng.standard_normal(len(rows)))
    return {key: round(float(value), 3) for key, value in zip(keys, own.clip(-1, 1), strict=True)}


@cache
def _measures(details: tuple[str, ...]) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The details that vary, for each the row of the measure that it shares with its other side, mean and spread of the
    measures, and how much the sides differ."""
    names = {detail: detail[2:] if detail.startswith(("l-", "r-")) else detail for detail in details}
    varied = [detail for detail in details if _spread(names[detail]) > 0]
    measures = sorted({names[detail] for detail in varied})
    rows = np.array([measures.index(names[detail]) for detail in varied])
    uneven = [(UNEVEN if _begins(names[d], FACE_SPREAD) else UNEVEN / 2) * (names[d] != d) for d in varied]
    means, spreads = [USUAL.get(name, 0.0) for name in measures], [_spread(name) for name in measures]
    return varied, rows, np.array(means), np.array(spreads), np.array(uneven)


def _spread(name: str) -> float:
    table = {**BODY_SPREAD, **FACE_SPREAD}
    begin = _begins(name, table)
    return table[begin] if begin else 0.0


def _begins(name: str, table: Mapping[str, float]) -> str:
    """The longest of the table's beginnings that a name has, or nothing."""
    return max((begin for begin in table if name.startswith(begin)), key=len, default="")
