"""Single garments: where each covers the body, how far off it hangs, what it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.looks.layer import Layer
from vitruvian.synthesis.looks.regions import (
    ARM,
    Regions,
    briefs,
    foot,
    front_gap,
    hand,
    leg_openings,
    neckline,
    sleeves,
    trunk,
    vee,
)  # fmt: skip
from vitruvian.synthesis.rendering.paint import Paint

EDGE = 0.03  # metres of what lies below that are kept inside a hem, in case one looks in
WAIST, CROTCH, KNEE, ANKLE = 1.12, 0.905, 0.56, 0.13  # heights on the middling person, metres


@dataclass(frozen=True, eq=False)
class Garment:
    """where: (V,) field of the shell it is cut from. gap: (V,) or one, metres off the shell. hides: (V,) field of what
    lies below and need not be drawn. flare: of skirts, how much wider they get downwards, a metre."""

    where: np.ndarray
    paint: Paint
    gap: np.ndarray | float = 0.003
    shell: str = "tights"
    hides: np.ndarray | None = None
    flare: float = 0.0

    @property
    def cover(self) -> np.ndarray:
        return self.where - EDGE if self.hides is None else self.hides


def worn(figure: Figure, garments: Sequence[Garment]) -> tuple[list[Layer], Figure]:
    """Put on, given from the innermost; the figure comes back with what they hide."""
    layers: list[Layer] = []
    room = np.full(len(figure.covered), 1.0, np.float32)
    for number, garment in reversed(list(enumerate(garments))):
        space = figure.regions.hanging if garment.shell != "skirt" else figure.regions.at
        gap = figure.scale * np.maximum(np.minimum(garment.gap, room), 0.0015 + 0.0015 * number)
        if garment.shell == "tights":
            room = np.where(garment.where > -0.02, gap / figure.scale - 0.005, room)
        elif garment.shell == "skirt":
            room = np.where(garment.cover > -0.03, 0, room)
        layer = figure.grown(garment.shell, garment.where, gap, space, garment.paint)
        if layer is not None:
            layers.append(_flared(layer, garment.flare))
        figure = figure.under(garment.cover)
    return layers, figure


def _flared(layer: Layer, flare: float) -> Layer:
    if flare == 0:
        return layer
    vertices = layer.vertices.copy()
    drop = np.maximum(vertices[:, 2].max() - vertices[:, 2], 0)[:, None]
    middle = np.array([0.0, np.median(vertices[:, 1])], np.float32)
    ripples = 1 + 0.25 * np.sin(np.arctan2(vertices[:, 0], vertices[:, 1])[:, None] * 9 + layer.paints[0].seed)
    vertices[:, :2] += (vertices[:, :2] - middle) * np.maximum(flare * ripples * drop, -0.45)
    return replace(layer, vertices=vertices)


def wrinkled(r: Regions, seed: float, much: float) -> np.ndarray:
    """(V,) uneven, in [0, 2 * much] metres: folds that a mesh of such size can show."""
    x, y, z = r.hanging.T
    wave = np.sin(43 * z + 21 * x + seed) + np.sin(37 * x - 29 * z + 31 * y + 2 * seed) + np.sin(61 * z + 17 * y - seed)
    return much * (1 + wave / 3)


def loose(figure: Figure, slack: float, seed: float, over: float = 0.004) -> np.ndarray:
    """(V,) metres off the tights: `over` where cloth rests (shoulders, hips), more where it hangs."""
    r = figure.tights
    hang = np.clip((1.46 - r.z) / 0.25, 0, 1) * np.clip((r.z - 0.75) / 0.2, 0.45, 1)
    gap = over + slack * np.where(r.arm > 0, np.clip(r.arm * 1.3, 0, 0.8), hang)
    if slack > 0:
        gap += min(1.0, slack * 60) * figure.draped + wrinkled(r, seed, min(0.006, 0.25 * slack))
    return figure.on_tights(gap)


# ---- upper body ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """Of an upper garment. sleeve: where it ends, left and right: 0 shoulder, 1 elbow, 2 wrist. hem: its height in
    metres on the middling person. neck: radius of the opening; vee: height of its point, or None. slack: metres."""

    sleeve: tuple[float, float] = (0.6, 0.6)
    hem: float = 0.97
    neck: float = 0.078
    vee: float | None = None
    slack: float = 0.012
    over: float = 0.004


def top(figure: Figure, cut: Cut, paint: Paint) -> Garment:
    """From T-shirts to coats."""
    r = figure.regions
    where = np.minimum(np.minimum(sleeves(r, *cut.sleeve), neckline(r, cut.neck)), 1.645 - r.z)
    where = np.minimum(where, np.where(r.arm > 0.1, 1.0, r.z - max(cut.hem, 0.92)))
    if cut.vee is not None:
        where = np.minimum(where, vee(r, cut.vee, 0.42))
    return Garment(where.astype(np.float32), paint, loose(figure, cut.slack, paint.seed, cut.over))


def opened(figure: Figure, garment: Garment, half: float, spread: float) -> Garment:
    """With an open front, as unbuttoned jackets."""
    gap = front_gap(figure.regions, half, spread)
    return replace(garment, where=np.minimum(garment.where, gap).astype(np.float32))


def singlet(figure: Figure, neck: float, hem: float, slack: float, paint: Paint) -> Garment:
    """No sleeves, shoulder straps."""
    r = figure.regions
    return top(figure, Cut((-0.12, -0.12), hem, neck, None, slack), paint) if neck < 0.1 else replace(
        top(figure, Cut((-0.2, -0.2), hem, neck - 0.02, 1.40, slack), paint),
        where=np.minimum(np.minimum(sleeves(r, -0.2, -0.2), neckline(r, neck)), r.z - hem).astype(np.float32),
    )  # fmt: skip


def bandeau(figure: Figure, low: float, high: float, straps: bool, paint: Paint) -> Garment:
    """A band about the chest: bikini tops, sports bras, strapless tops."""
    r = figure.regions
    where = trunk(r, low, high)
    if straps:
        strap = np.minimum(0.014 - np.abs(np.abs(r.x) - 0.085), np.minimum(r.z - 1.4, (0.0 - r.arm) * ARM))
        where = np.maximum(where, strap)
    return Garment(where.astype(np.float32), paint, 0.003)


def collar(figure: Figure, paint: Paint, high: float = 0.03, over: float = 0.012) -> Garment:
    """A ring about the neck: of shirts, polo shirts, jackets; scarves when high."""
    r = figure.regions
    away = np.hypot(r.x, r.y + 0.31 * np.maximum(r.z - 1.52, 0))
    where = np.minimum(np.minimum(0.092 - away, 1.575 + high + 0.5 * r.y - r.z), r.z - 1.53 - 0.5 * r.y)
    return Garment(where.astype(np.float32), paint, over)


def tie(figure: Figure, low: float, paint: Paint) -> Garment:
    """A strip down the front; scarves hang so as well."""
    r = figure.regions
    half = 0.018 + 0.02 * np.clip((1.5 - r.z) / 0.35, 0, 1)
    where = np.minimum(np.minimum(half - np.abs(r.x), np.minimum(r.z - low, 1.545 - r.z)), -0.02 - r.y)
    return Garment(np.where(r.arm > 0, -1, where).astype(np.float32), paint, 0.012)


def belt(figure: Figure, height: float, wide: float, paint: Paint, over: float) -> Garment:
    r = figure.regions
    return Garment(trunk(r, height - wide / 2, height + wide / 2).astype(np.float32), paint, over)


def straps(figure: Figure, paint: Paint, over: float) -> Garment:
    """Of a backpack: over both shoulders and down the front."""
    r = figure.regions
    where = np.minimum(
        0.024 - np.abs(np.abs(r.x) - 0.10 - 0.1 * np.maximum(1.45 - r.z, 0)),
        np.minimum(r.z - 1.25, (0.12 - r.arm) * ARM),
    )
    return Garment(where.astype(np.float32), paint, over)


# ---- lower body ------------------------------------------------------------------------------------------------------


def bottom(
    figure: Figure, waist: float, hem: tuple[float, float], slack: float, paint: Paint, flare: float = 0.0
) -> Garment:
    """Trousers, shorts and leggings, down to a height on the left and the right. flare: metres wider at the ankle."""
    r = figure.regions
    low = np.where(r.x > 0, *hem)
    where = np.minimum(trunk(r, 0.0, waist), r.z - low)
    return Garment(where.astype(np.float32), paint, _round_legs(figure, slack, paint.seed, flare))


def _round_legs(figure: Figure, slack: float, seed: float, flare: float) -> np.ndarray:
    """(V,) metres off the tights; little between the legs, so that trousers do not pass through one another."""
    r = figure.tights
    gap = 0.005 + slack * np.clip((0.98 - r.z) / 0.25, 0, 1) + flare * np.clip((0.5 - r.z) / 0.4, 0, 1)
    gap += wrinkled(r, seed, min(0.006, 0.3 * slack))
    inner = np.clip(np.abs(r.x) / 0.04, 0.4, 1)
    return figure.on_tights(gap * np.where(r.z < CROTCH, inner, 1))


def pants(figure: Figure, waist: float, cut: float, paint: Paint) -> Garment:
    """Underwear and swimwear."""
    return Garment(briefs(figure.regions, waist, cut).astype(np.float32), paint, 0.0025)


def swimsuit(figure: Figure, cut: float, neck: float, paint: Paint) -> Garment:
    """One piece, also of gymnasts."""
    r = figure.regions
    where = np.minimum(np.minimum(leg_openings(r, cut), sleeves(r, -0.2, -0.2)), neckline(r, neck))
    return Garment(where.astype(np.float32), paint, 0.0025)


def skirt(figure: Figure, waist: float, hem: float, flare: float, paint: Paint) -> Garment:
    r = figure.regions
    least = hem + 0.1 if flare < 0.15 else max(hem + 0.15, 0.8)  # into a wide one one may look
    hides = trunk(r, least, waist - 0.02)
    return Garment(np.minimum(waist - r.z, r.z - hem).astype(np.float32), paint, 0.004, "skirt", hides, flare)


# ---- hands and feet --------------------------------------------------------------------------------------------------


def shoes(figure: Figure, height: float, thick: float, paint: Paint) -> Garment:
    """Up to a height: shoes, boots. The sole is the paint's other half."""
    r = figure.regions
    sole = np.clip((0.055 - r.z) / 0.03, 0, 1)
    toes = np.clip((-0.06 - r.y) / 0.06, 0, 1) * 0.004
    return Garment(
        foot(r, height + 0.25 * np.clip(r.y, -0.1, 0.06)).astype(np.float32), paint, thick + 0.006 * sole + toes
    )


def socks(figure: Figure, height: float, paint: Paint) -> Garment:
    return Garment(foot(figure.regions, height).astype(np.float32), paint, 0.003)


def gloves(
    figure: Figure, start: float, thick: float, paint: Paint, sides: tuple[bool, bool] = (True, True)
) -> Garment:
    """From there on: 2 is the wrist. sides: left and right."""
    r = figure.regions
    where = np.where(np.where(r.x > 0, *sides), hand(r, start), -1.0).astype(np.float32)
    return Garment(where, paint, thick, "body", np.full_like(where, -1.0))


def bracelet(figure: Figure, place: float, wide: float, left: bool, paint: Paint) -> Garment:
    """Watches and sweatbands, around an arm at a place: 2 is the wrist."""
    r = figure.regions
    where = np.where((r.x > 0) == left, wide / 2 - np.abs(r.arm - place) * ARM, -1.0)
    return Garment(where.astype(np.float32), paint, 0.004, "body", np.full_like(where, -1.0))
