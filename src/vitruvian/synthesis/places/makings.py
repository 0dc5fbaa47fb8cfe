"""Materials at random: what grounds, walls and things are made of, and in which colours."""

from bisect import bisect
from colorsys import hsv_to_rgb
from dataclasses import replace

import numpy as np

from vitruvian.synthesis.places.materials import Colour, Kind, Material

HUES = ((0.06, 0.05), (0.6, 0.05), (0.3, 0.1), (0.5, 0.5))  # middle, deviation: reds to yellows, blues, greens, all
HUES_UP_TO = (0.42, 0.7, 0.85)


def any_colour(rng: np.random.Generator, vivid: float = 0.6) -> Colour:
    """A colour of things that people make: dull ones more often than bright ones."""
    centre, spread = HUES[bisect(HUES_UP_TO, rng.random())]
    return hsv(rng.normal(centre, spread), vivid * rng.random() ** 1.5, rng.beta(0.8, 0.8))


def foliage_colour(rng: np.random.Generator) -> Colour:
    """Green, sometimes yellow or brown."""
    hue = rng.uniform(0.17, 0.3) if rng.random() < 0.85 else rng.uniform(0.06, 0.15)
    return hsv(hue, rng.uniform(0.25, 0.65), rng.uniform(0.25, 0.65))


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Hue, saturation and value, each in [0, 1]."""
    return hsv_to_rgb(hue % 1, saturation, value)


def times(colour: Colour, by: float) -> Colour:
    """Darker or brighter."""
    return colour[0] * by, colour[1] * by, colour[2] * by


def wall_colour(rng: np.random.Generator) -> Colour:
    """As often of plaster, wood and stone as of any paint."""
    if rng.random() < 0.5:
        return hsv(rng.uniform(0.05, 0.18), rng.uniform(0, 0.3), rng.uniform(0.5, 0.95))
    return any_colour(rng)


def varied(rng: np.random.Generator, colour: Colour, spread: float = 0.1) -> Colour:
    """A colour near to another."""
    level = rng.normal(1, spread)
    red, green, blue = (min(max(c * level + rng.normal(0, spread / 3), 0.02), 1.0) for c in colour)
    return red, green, blue


# Grounds


def grass(rng: np.random.Generator) -> Material:
    """Long or mown, sometimes in stripes."""
    colour = hsv(rng.uniform(0.13, 0.27), rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.6))
    mown = rng.random() < 0.3
    kind: Kind
    kind, other = ("stripes", varied(rng, colour, 0.25)) if mown else ("plain", colour)
    return Material(kind, colour, other, (rng.uniform(4, 8), 1.0), gap=2.5, grain=rng.uniform(0.1, 0.25),
                    length=rng.uniform(0.2, 1), stretch=rng.uniform(1, 3), share=0.8)  # fmt: skip


def soil(rng: np.random.Generator) -> Material:
    """Earth, sand, gravel."""
    colour = hsv(rng.uniform(0.04, 0.13), rng.uniform(0.1, 0.5), rng.uniform(0.35, 0.85))
    return Material(
        "plain", colour, grain=rng.uniform(0.03, 0.13), length=rng.uniform(0.2, 2), stretch=rng.uniform(1, 2)
    )


def asphalt(rng: np.random.Generator) -> Material:
    """Of roads and yards, often with lines."""
    grey = rng.uniform(0.25, 0.65)
    lines = Material("lines", (grey, grey, 0.98 * grey), (0.9, 0.9, 0.85), (rng.uniform(3, 7), rng.uniform(9, 30)),
                     gap=0.12, grain=rng.uniform(0.02, 0.09), length=rng.uniform(0.2, 2), variety=0.0)  # fmt: skip
    return lines if rng.random() < 0.5 else replace(lines, kind="plain")


def paving(rng: np.random.Generator) -> Material:
    """Slabs, cobbles, tiles."""
    colour = wall_colour(rng)
    side = rng.choice([0.1, 0.2, 0.3, 0.5, 1.0])
    return Material("cells", colour, varied(rng, times(colour, 0.6)), (side * rng.choice([1, 1, 2]), side),
                    gap=0.05 * side + 0.004, shift=float(rng.choice([0, 0.5])), grain=rng.uniform(0.02, 0.1),
                    length=rng.uniform(0.3, 2), variety=rng.uniform(0, 0.3))  # fmt: skip


def planks(rng: np.random.Generator) -> Material:
    """Boards of a floor, of crates, of fences."""
    colour = hsv(rng.uniform(0.03, 0.12), rng.uniform(0.2, 0.65), rng.uniform(0.3, 0.85))
    return Material("cells", colour, times(colour, 0.5), (rng.uniform(0.6, 2.5), rng.uniform(0.06, 0.2)),
                    gap=0.006, shift=-1, grain=rng.uniform(0.03, 0.1), length=0.3, stretch=5,
                    variety=rng.uniform(0.1, 0.4))  # fmt: skip


def carpet(rng: np.random.Generator) -> Material:
    """One colour, a little rough."""
    return Material("plain", any_colour(rng, 0.8), grain=rng.uniform(0.02, 0.12), length=rng.uniform(0.1, 1))


def sport_floor(rng: np.random.Generator) -> Material:
    """Wood or rubber with lines and a circle."""
    wood = rng.random() < 0.5
    colour = planks(rng).colour if wood else hsv(rng.choice([0.04, 0.33, 0.58, 0.62]) + rng.normal(0, 0.02),
                                                   rng.uniform(0.3, 0.8), rng.uniform(0.4, 0.8))  # fmt: skip
    ink: Colour = (0.95, 0.95, 0.95) if rng.random() < 0.6 else any_colour(rng, 1.0)
    return Material("lines", colour, ink, (rng.uniform(2, 9), rng.uniform(2, 9)), gap=rng.uniform(0.04, 0.1),
                    grain=rng.uniform(0.02, 0.08), length=1.0, variety=0.25 if wood else 0.0)  # fmt: skip


# Walls and what stands about


def bricks(rng: np.random.Generator) -> Material:
    """Of clay or concrete."""
    colour = hsv(rng.uniform(0, 0.1), rng.uniform(0.15, 0.6), rng.uniform(0.3, 0.8))
    high = rng.choice([0.07, 0.08, 0.2, 0.4])
    return Material("cells", colour, varied(rng, (0.6, 0.58, 0.55), 0.25), (high * rng.uniform(2, 3), high),
                    gap=0.012 + 0.02 * high, shift=0.5, grain=rng.uniform(0.03, 0.12), length=rng.uniform(0.2, 2),
                    variety=rng.uniform(0.05, 0.5))  # fmt: skip


def plaster(rng: np.random.Generator) -> Material:
    """A painted wall."""
    return Material("plain", wall_colour(rng), grain=rng.uniform(0.005, 0.05), length=rng.uniform(1, 8))


def facade(rng: np.random.Generator) -> Material:
    """A wall with windows."""
    wide = rng.uniform(1.0, 3.5)
    return Material("windows", wall_colour(rng), hsv(0.6, rng.uniform(0, 0.3), rng.uniform(0.15, 0.5)),
                    (wide, rng.uniform(2.4, 3.4)), grain=rng.uniform(0.02, 0.07), length=3,
                    share=rng.choice([0.05, 0.3]))  # fmt: skip


def shelves(rng: np.random.Generator) -> Material:
    """Books, bottles, goods."""
    high = rng.uniform(0.2, 0.5)
    return Material("shelves", wall_colour(rng), size=(rng.uniform(0.06, 0.4), high), gap=0.03, grain=0.08,
                    length=0.4, share=rng.uniform(0.6, 1))  # fmt: skip


def stand(rng: np.random.Generator) -> Material:
    """Spectators on their seats, too far away to be people."""
    return Material("crowd", any_colour(rng, 1.0), any_colour(rng), (rng.uniform(0.5, 0.7), rng.uniform(0.7, 0.9)),
                    shift=0.5, grain=0.08, length=0.5, share=rng.uniform(0.2, 0.98))  # fmt: skip


def banner(rng: np.random.Generator) -> Material:
    """An advertisement, a name, a scoreboard."""
    high = rng.uniform(0.15, 0.9)
    ground, ink = any_colour(rng, 1.0), any_colour(rng, 0.8)
    if abs(sum(ground) - sum(ink)) < 0.8:
        ink = (0.95, 0.95, 0.95) if sum(ground) < 1.5 else (0.08, 0.08, 0.1)
    return Material("letters", ground, ink, (high * rng.uniform(0.6, 0.9), high), grain=0.05, length=1, share=0.7)


def curtain(rng: np.random.Generator) -> Material:
    """Folds; corrugated iron."""
    colour = any_colour(rng, 0.9)
    return Material("stripes", colour, size=(rng.uniform(0.08, 0.4), 1.0), gap=0.0, grain=0.06, length=0.5,
                    stretch=0.2, share=rng.uniform(0.3, 1))  # fmt: skip


def posters(rng: np.random.Generator) -> Material:
    """Pictures and papers on a wall."""
    side = rng.uniform(0.5, 1.6)
    return Material("posters", wall_colour(rng), size=(side, side * rng.uniform(0.7, 1.5)), grain=0.04, length=1,
                    share=rng.uniform(0.2, 0.8))  # fmt: skip


def bars(rng: np.random.Generator) -> Material:
    """A fence, wall bars, blinds."""
    steps = (rng.uniform(0.08, 1), 50.0) if rng.random() < 0.5 else (rng.uniform(0.9, 2), rng.uniform(0.1, 0.2))
    return Material("bars", varied(rng, planks(rng).colour), times(wall_colour(rng), 0.5), steps,
                    gap=rng.uniform(0.03, 0.06), grain=0.08)  # fmt: skip


def panels(rng: np.random.Generator) -> Material:
    """Large plates with joints between them; cupboards, lockers, garage doors."""
    colour = wall_colour(rng)
    return Material("cells", colour, times(colour, 0.5), (rng.uniform(0.4, 2), rng.uniform(0.5, 3)),
                    gap=rng.uniform(0.01, 0.04), grain=0.05, length=2, variety=rng.uniform(0, 0.3))  # fmt: skip


def hedge(rng: np.random.Generator) -> Material:
    """Leaves, dense."""
    light = foliage_colour(rng)
    return Material("leaves", times(light, 0.25), light, (rng.uniform(0.3, 1.2),) * 2, grain=0.15, length=0.3)


def painted(rng: np.random.Generator) -> Material:
    """One colour, as metal, plastics and cloth have."""
    return Material("plain", any_colour(rng, 0.9), grain=rng.uniform(0.01, 0.06), length=rng.uniform(0.3, 3))
