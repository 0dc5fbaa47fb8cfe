"""What clothes are made of: colours as wardrobes have them, patterns, prints, numbers, soles."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vitruvian.synthesis.rendering.paint import BADGES, Colour, Mark, Paint, Pattern


def cloth_colour(rng: np.random.Generator) -> Colour:
    """As wardrobes are: mostly black, white, grey and blue, and anything else."""
    kind = rng.random()
    if kind < 0.18:
        level, tint = rng.uniform(0.008, 0.03), rng.uniform(0.85, 1.15, 3)
    elif kind < 0.36:
        level, tint = rng.uniform(0.55, 0.85), rng.uniform(0.93, 1.0, 3)
    elif kind < 0.47:
        level, tint = np.exp(rng.uniform(-3.2, -0.8)), rng.uniform(0.9, 1.1, 3)
    elif kind < 0.62:
        level, tint = np.exp(rng.uniform(-3.8, -1.6)), np.array([0.35, 0.6, 1.5]) * rng.uniform(0.8, 1.2, 3)
    elif kind < 0.72:
        level, tint = np.exp(rng.uniform(-2.8, -1.0)), np.array([1.2, 0.95, 0.6]) * rng.uniform(0.85, 1.15, 3)
    else:
        level, tint = np.exp(rng.uniform(-2.5, -0.3)), _hue(rng)
    r, g, b = np.clip(level * tint, 0.004, 0.88)
    return float(r), float(g), float(b)


def tinted(colour: Colour, times: np.ndarray) -> Colour:
    """A colour times (3,)."""
    r, g, b = (float(one * more) for one, more in zip(colour, times, strict=True))
    return r, g, b


def _hue(rng: np.random.Generator) -> np.ndarray:
    turn = rng.random() * 6
    pure = np.clip(np.abs((turn + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return 0.06 + rng.uniform(0.6, 0.97) * pure + (1 - rng.uniform(0.6, 1)) * 0.5


PLAIN_WEAR: Mapping[Pattern, float] = {"plain": 0.78, "knit": 0.08, "blotches": 0.04, "stripes": 0.06, "print": 0.04}
SHIRTS: Mapping[Pattern, float] = {
    "plain": 0.58, "stripes": 0.13, "plaid": 0.07, "checks": 0.04, "dots": 0.03, "halves": 0.05,
    "blotches": 0.02, "camouflage": 0.02, "flowers": 0.03, "print": 0.03,
}  # fmt: skip
PRINTS: Mapping[Pattern, float] = {
    "plain": 0.4, "flowers": 0.22, "dots": 0.08, "print": 0.1, "stripes": 0.08, "plaid": 0.05, "blotches": 0.07,
}  # fmt: skip
SIZES: Mapping[Pattern, tuple[float, float]] = {  # from, to, metres; of halves the height at which they part
    "stripes": (0.012, 0.10), "checks": (0.012, 0.06), "plaid": (0.03, 0.12), "dots": (0.02, 0.08),
    "knit": (0.01, 0.02), "camouflage": (0.05, 0.11), "flowers": (0.04, 0.14), "blotches": (0.05, 0.2),
    "print": (0.02, 0.07), "halves": (1.2, 1.45), "plain": (0.05, 0.05),
}  # fmt: skip


def cloth(rng: np.random.Generator, often: Mapping[Pattern, float] = SHIRTS, colour: Colour | None = None) -> Paint:
    """A random cloth. often: how often each pattern is drawn."""
    chances = np.array(list(often.values()))
    pattern = list(often)[int(rng.choice(len(often), p=chances / chances.sum()))]
    upright = pattern == "stripes" and rng.random() < 0.35
    paint = Paint(
        pattern,
        colour or cloth_colour(rng),
        0.03,
        8.0,
        cloth_colour(rng),
        float(np.exp(rng.uniform(*np.log(SIZES[pattern])))),
        (1.0, 0.0, 0.0) if upright else (0.0, 0.0, 1.0),
        1.0 if pattern == "camouflage" else float(rng.uniform(0.6, 1)),
        float(rng.uniform(0, 50)),
        float(rng.uniform(0.05, 0.35)),
        float(max(0.0, rng.normal(-0.1, 0.15))),
    )
    return shiny(paint, rng) if rng.random() < 0.08 else paint


def shiny(paint: Paint, rng: np.random.Generator) -> Paint:
    """As leather, satin, latex, wet cloth."""
    return replace(paint, gloss=float(rng.uniform(0.1, 0.4)), sharpness=float(rng.uniform(10, 50)))


def denim(rng: np.random.Generator) -> Paint:
    """Blue jeans, from nearly black to bleached."""
    level = np.exp(rng.uniform(-3.6, -1.2))
    r, g, b = level * np.array([0.45, 0.65, 1.25]) * rng.uniform(0.9, 1.1, 3)
    strength, seed, folds = (float(rng.uniform(*reach)) for reach in ((0.3, 1), (0, 50), (0.1, 0.35)))
    return Paint("denim", (float(r), float(g), float(b)), strength=strength, seed=seed, folds=folds)


def marked(paint: Paint, rng: np.random.Generator, number: bool) -> Paint:
    """With a number, a logo or a band on it."""
    if number:
        mark = Mark(
            "number",
            int(rng.integers(0, 100)),
            (0.0, rng.uniform(1.28, 1.36)),
            rng.uniform(0.14, 0.26),
            int(rng.integers(-1, 2)),
            cloth_colour(rng),
        )
        return replace(paint, mark=mark)
    badge = BADGES[int(rng.integers(2, len(BADGES)))]
    size = rng.uniform(0.05, 0.12) if badge == "band" else rng.uniform(0.04, 0.2)
    at = (0.0, rng.uniform(1.22, 1.42)) if rng.random() < 0.7 else (0.09, 1.42)
    mark = Mark(
        badge,
        int(rng.integers(0, 99)),
        at,
        size if at[0] == 0 else 0.04,
        int(rng.choice([-1, -1, 0, 1])),
        cloth_colour(rng),
    )
    return replace(paint, mark=mark)


def sole(paint: Paint, rng: np.random.Generator) -> Paint:
    """Of shoes: another colour near the floor."""
    other = cloth_colour(rng) if rng.random() < 0.7 else (0.75, 0.74, 0.7)
    return replace(
        paint,
        pattern="halves",
        other=other,
        scale=-float(rng.uniform(0.035, 0.055)),
        direction=(0.0, 0.0, -1.0),
        strength=1.0,
    )
