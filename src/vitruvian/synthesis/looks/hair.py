"""Hair of the head: its colour, and how it is worn."""

from collections.abc import Callable
from functools import cache

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy, Traits
from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.looks.layer import Layer, rigid
from vitruvian.synthesis.looks.nets import dome, joined, tube
from vitruvian.synthesis.looks.regions import regions, scalp
from vitruvian.synthesis.looks.skin import linear
from vitruvian.synthesis.rendering.paint import Colour, Paint

NATURAL = ("0d0a09", "17100c", "241812", "3a2417", "4e3220", "6b4a2e", "94693c", "b58a50", "cfb07a", "8a3d1c", "5a2a18")
GREYS = ("5a5855", "8c8a88", "b4b2ae", "d8d6d2")
DYED = ("b03060", "3060b0", "40a060", "7040a0", "c03020", "e0d8c0")


def random_hair_colour(traits: Traits, dark: float, rng: np.random.Generator) -> Colour:
    """Natural for a skin as dark as that, in [0, 1]; grey with age, seldom dyed."""
    if rng.random() < 0.04:
        code = rng.choice(DYED)
    elif rng.random() < np.clip((traits.age - 0.75) * 4, 0.02, 0.9):
        code = rng.choice(GREYS)
    else:
        code = NATURAL[int(rng.integers(0, 3 if dark > 0.55 else 5 if dark > 0.35 else len(NATURAL)))]
    r, g, b = np.array(linear(str(code))) * np.exp(rng.normal(0, 0.15))
    return float(r), float(g), float(b)


def hair_paint(colour: Colour, seed: float, gloss: float = 0.12) -> Paint:
    """Strands along z of the pattern space."""
    r, g, b = colour
    lighter = (min(1.0, 1.5 * r + 0.01), min(1.0, 1.45 * g + 0.008), min(1.0, 1.4 * b + 0.006))
    return Paint("hair", colour, gloss, 14.0, lighter, seed=seed)


@cache
def hair_space(anatomy: Anatomy) -> np.ndarray:
    """(V, 3): strands run from the crown outwards and then down, along z of this space."""
    at = regions(anatomy).at - np.array([0.0, -0.02, 1.765], np.float32)
    turn = np.arctan2(at[:, 0], at[:, 1])
    fall = np.where(at[:, 2] > 0, 0.1 * np.arctan2(np.hypot(at[:, 0], at[:, 1]), at[:, 2]), 0.157 - at[:, 2])
    return np.stack([0.09 * np.sin(turn), 0.09 * np.cos(turn), fall], axis=1).astype(np.float32)


def cap(
    figure: Figure, where: np.ndarray, thick: float, paint: Paint, uneven: float = 0.2, top: float = 0.0
) -> list[Layer]:
    """Hair on the scalp, thin at its edge. uneven: how much its thickness varies; top: metres more on the crown."""
    r, tousled = figure.regions, np.roll(_tousled(len(where)), int(97 * paint.seed))
    edge = where + (0.0015 + 0.006 * uneven) * tousled * np.clip(1 - where / 0.02, 0, 1)
    rise = np.clip(edge / 0.022, 0.12, 1)
    waves = 1 + uneven * (np.sin(r.x * 95 + paint.seed) * np.sin(r.y * 80 + r.z * 60 + 2 * paint.seed) + 0.8 * tousled)
    full = (thick + top * np.clip((r.z - 1.80) / 0.05, 0, 1)) * rise * np.maximum(waves, 0.2) + 0.001
    layer = figure.grown("body", edge, full, hair_space(figure.anatomy), paint)
    return [layer] if layer else []


@cache
def _tousled(vertices: int) -> np.ndarray:
    """(V,) in [-1, 1], by chance but always the same: how far the hair at each vertex stands out."""
    return np.random.default_rng(0).uniform(-1, 1, vertices).astype(np.float32)


def curtain(figure: Figure, low: float, front: float, paint: Paint, wide: float) -> list[Layer]:
    """Long hair, down to a height; front: locks before that y are left out, metres."""
    r = figure.regions
    waves = 0.004 * np.sin(r.z * 55 + paint.seed + r.x * 30)
    where = np.minimum(r.z - low - 0.03 * np.sin(r.x * 60 + paint.seed), np.where(r.z > 1.80, 1.0, r.y - front))
    layer = figure.grown("hair", where, wide + waves, hair_space(figure.anatomy), paint)
    return [layer] if layer else []


def tail(figure: Figure, start: np.ndarray, long: float, wide: float, paint: Paint) -> Layer:
    """A tail of hair that springs from a place, in units of the head's half axes, falls, and tapers."""
    middle, half = figure.head
    root = middle + half * start
    away = start * [1, 1, 0.3] / np.linalg.norm(start * [1, 1, 0.3])
    way = np.linspace(0, 1, 8)[:, None]
    path = (
        root
        + away * 0.055 * np.sin(np.minimum(way * 3, np.pi / 2)) * (1 - 0.25 * way)
        - np.array([0, 0, long]) * way**1.4
    )
    radii = wide * np.sqrt(np.clip(1.02 - way[:, 0], 0.02, 1)) * np.clip(way[:, 0] * 6, 0.5, 1)
    vertices, triangles = tube(path, radii)
    return rigid(figure.anatomy, "head", vertices, triangles, paint)


def bald(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    return []


def cropped(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    return cap(figure, scalp(figure.regions, rng.normal(0.0, 0.006)), rng.uniform(0.002, 0.006), paint, 0.1)


def short(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    where = scalp(figure.regions, rng.normal(-0.004, 0.01), rng.normal(0, 0.006))
    return cap(figure, where, rng.uniform(0.007, 0.018), paint, rng.uniform(0.1, 0.4), rng.uniform(0, 0.022))


def receding(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    """Bare on top."""
    r = figure.regions
    where = np.minimum(scalp(r, 0.01), 1.80 + rng.uniform(-0.02, 0.02) - r.z)
    return cap(figure, where, rng.uniform(0.004, 0.012), paint)


def undercut(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    """Long on top, short on the sides; a mohawk when narrow."""
    r = figure.regions
    narrow = rng.uniform(0.02, 0.06)
    upper = np.minimum(scalp(r), np.minimum(narrow - np.abs(r.x), r.z - 1.74))
    return cap(figure, scalp(r), 0.002, paint, 0.1) + cap(figure, upper, rng.uniform(0.012, 0.035), paint, 0.3)


def afro(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    return cap(figure, scalp(figure.regions), rng.uniform(0.025, 0.075), paint, rng.uniform(0.05, 0.15))


def bob(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    fringe = scalp(figure.regions, rng.choice([-0.035, -0.02, 0.0]), -0.03)
    low, front = rng.uniform(1.58, 1.66), rng.uniform(-0.11, -0.05)
    return cap(figure, fringe, rng.uniform(0.012, 0.022), paint) + curtain(
        figure, low, front, paint, rng.uniform(0, 0.012)
    )


def long(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    fringe = scalp(figure.regions, rng.choice([-0.035, 0.0, 0.0]), -0.03)
    low, front = rng.uniform(1.25, 1.55), rng.choice([-0.11, -0.08, -0.04])
    return cap(figure, fringe, rng.uniform(0.01, 0.018), paint) + curtain(
        figure, low, front, paint, rng.uniform(-0.004, 0.01)
    )


def ponytail(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    start = np.array([rng.normal(0, 0.06), rng.uniform(0.75, 0.98), rng.uniform(-0.35, 0.7)])
    sleek = cap(figure, scalp(figure.regions), rng.uniform(0.004, 0.009), paint, 0.08)
    return [*sleek, tail(figure, start, rng.uniform(0.12, 0.4), rng.uniform(0.018, 0.035), paint)]


def pigtails(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    y, z, reach, wide = (
        rng.uniform(-0.1, 0.6),
        rng.uniform(-0.5, 0.3),
        rng.uniform(0.1, 0.35),
        rng.uniform(0.012, 0.026),
    )
    sleek = cap(figure, scalp(figure.regions), rng.uniform(0.005, 0.009), paint, 0.08)
    return sleek + [tail(figure, np.array([side * 0.95, y, z]), reach, wide, paint) for side in (-1, 1)]


def bun(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    middle, half = figure.head
    up = rng.uniform(-0.2, 1.3)
    place = middle + half * 1.12 * [0, np.cos(up), np.sin(up)]
    vertices, triangles = dome(place, np.full(3, rng.uniform(0.028, 0.05)), np.full(14, np.pi))
    sleek = cap(figure, scalp(figure.regions), rng.uniform(0.004, 0.01), paint, 0.08)
    return [*sleek, rigid(figure.anatomy, "head", vertices, triangles, paint)]


def braids(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    """Many thin ropes."""
    middle, half = figure.head
    turns, drop = np.linspace(-2.1, 2.1, 19), rng.uniform(0.1, 0.3)
    ropes = []
    for turn in turns:
        way = np.linspace(0, 1, 6)[:, None]
        rim = middle + half * [0.97 * np.sin(turn), 0.97 * np.cos(turn), 0.45]
        out = half * [0.2 * np.sin(turn), 0.2 * np.cos(turn), 0] * np.minimum(way * 3, 1)
        path = rim + out - np.array([0, 0, drop + 0.05]) * way + rng.normal(0, 0.004, (6, 3))
        ropes.append(tube(path, 0.013 * (1.1 - 0.5 * way[:, 0]), 5))
    return [
        *cap(figure, scalp(figure.regions), 0.014, paint, 0.4),
        rigid(figure.anatomy, "head", *joined(*ropes), paint),
    ]


Style = Callable[[Figure, Paint, np.random.Generator], list[Layer]]
STYLES: dict[Style, tuple[float, float]] = {  # how often with men, with women
    bald: (0.07, 0.005), cropped: (0.25, 0.02), short: (0.40, 0.10), receding: (0.07, 0.0), undercut: (0.07, 0.01),
    afro: (0.04, 0.06), bob: (0.02, 0.15), long: (0.03, 0.30), ponytail: (0.02, 0.18), pigtails: (0.0, 0.05),
    bun: (0.02, 0.09), braids: (0.02, 0.04),
}  # fmt: skip


def random_style(traits: Traits, rng: np.random.Generator) -> Style:
    """As people of such traits wear it."""
    often = np.array([men * (1 - traits.gender) + women * traits.gender for men, women in STYLES.values()])
    if traits.age < 0.1:
        often = np.array([0.3 * (style is bald) + 0.7 * (style is cropped) for style in STYLES])
    return list(STYLES)[int(rng.choice(len(often), p=often / often.sum()))]
