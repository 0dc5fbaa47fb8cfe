"""What the surfaces of a place are made of: bricks, boards, windows, shelves, grass, leaves, crowds in their seats."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vitruvian.synthesis.places.noise import chance, cloud, fast

Kind = Literal[
    "plain", "cells", "windows", "shelves", "crowd", "stripes", "leaves", "letters", "lines", "bars", "posters"
]
KINDS: tuple[Kind, ...] = (
    "plain", "cells", "windows", "shelves", "crowd", "stripes", "leaves", "letters", "lines", "bars", "posters",
)  # fmt: skip
PLAIN, CELLS, WINDOWS, SHELVES, CROWD, STRIPES, LEAVES, LETTERS, LINES, BARS, POSTERS = range(len(KINDS))
TEXELS = 48.0  # of noise in a grain's length
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Material:
    """kind: one of KINDS. colour, second: RGB in [0, 1] as a picture has them, of bricks and of joints, of a wall and
    of its windows, of a banner and of its letters.

    size: (along, up) metres, of a brick, a window with its wall, a seat. gap: metres, of joints, lines and bars.
    shift: of each row against the one below, in sizes; negative: at random.
    grain: how strong the noise is; length: metres, of its longest waves; stretch: how much longer along than up.
    variety: how much one cell differs from another. share: of cells that are filled, or lit.
    """

    kind: Kind = "plain"
    colour: Colour = (0.5, 0.5, 0.5)
    second: Colour = (0.3, 0.3, 0.3)
    size: tuple[float, float] = (1.0, 1.0)
    gap: float = 0.01
    shift: float = 0.0
    grain: float = 0.1
    length: float = 1.0
    stretch: float = 1.0
    variety: float = 0.0
    share: float = 0.5

    def row(self) -> tuple[float, ...]:
        """17 numbers, as `material` reads them."""
        first = KINDS.index(self.kind), *self.colour, *self.second, *self.size
        return *first, self.gap, self.shift, self.grain, self.length, self.stretch, self.variety, self.share


@fast
def limited(value: float) -> float:
    """The nearest number in [0, 1]."""
    return min(max(value, 0.0), 1.0)


@fast
def line(place: float, period: float, gap: float, foot: float) -> float:
    """How much of the neighbourhood of a place lies on lines that are `gap` wide, one every `period`."""
    off = abs(place / period - np.floor(place / period + 0.5)) * period
    covered = limited((gap / 2 - off) / foot + 0.5) if gap > foot else limited(1 - off / foot) * gap / foot
    blurred = limited(2 * foot / period - 0.5)
    return covered * (1 - blurred) + blurred * gap / period


@fast
def within(low: float, value: float, high: float, foot: float) -> float:
    """How much of the neighbourhood of a value lies between two."""
    return limited((value - low) / foot + 0.5) * limited((high - value) / foot + 0.5)


@fast
def any_colour(column: int, row: int, seed: int) -> tuple[float, float, float]:
    """A colour that belongs to a cell: greys, blacks and whites more often than bright ones."""
    level, vivid = chance(column, row, seed), chance(column, row, seed + 1) ** 2
    turn = 6.2832 * chance(column, row, seed + 2)
    level = 0.08 + 0.8 * level
    return (
        limited(level * (1 + 0.9 * vivid * np.cos(turn))),
        limited(level * (1 + 0.7 * vivid * np.cos(turn - 2.2))),
        limited(level * (1 + 0.9 * vivid * np.cos(turn + 2.2))),
    )


@fast
def material(
    rows: np.ndarray, index: int, levels: np.ndarray, u: float, v: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """The colour of a place (u along, v up, metres) of a surface, averaged over about `foot` metres."""
    row = rows[index]
    kind, wide, high, gap = int(row[0]), row[7], row[8], row[9]
    red, green, blue = row[1], row[2], row[3]
    shade = 1.0
    share = 0.0  # of the second colour
    if kind != PLAIN:
        j = int(np.floor(v / high))
        along = u + wide * (row[10] * j if row[10] >= 0 else 7 * chance(j, 3, seed))
        i = int(np.floor(along / wide))
        fine = limited(1.5 - foot / min(wide, high))
        across, up = along - i * wide, v - j * high
        shade += row[14] * (chance(i, j, seed) - 0.5) * fine
        if kind == CELLS:
            joints = max(line(along, wide, gap, foot), line(v, high, gap, foot))
            share = joints
        elif kind == LINES:
            ring = abs(np.sqrt(u * u + v * v) - 0.4 * wide)
            marks = max(line(u, wide, gap, foot), line(v, high, gap, foot))
            share = max(marks, limited((gap / 2 - ring) / foot + 0.5))
            shade += (
                0.5
                * row[14]
                * (chance(int(np.floor(v / 0.12)), int(np.floor(u / 1.7)), seed) - 0.5)
                * limited(0.12 / foot)
            )
        elif kind == STRIPES:
            if gap > 0:
                share = row[15] * line(u, wide, gap, foot)
            else:
                shade += 0.5 * row[15] * np.sin(6.2832 * u / wide) * limited(wide / foot - 1)
        elif kind == BARS:
            share = 1 - max(line(u, wide, gap, foot), line(v, high, gap, foot))
        elif kind == LEAVES:
            texel = TEXELS / wide
            lump = 0.6 * cloud(levels, u * texel, v * texel, foot * texel)
            lump += 0.7 * cloud(levels, u * texel * 5.3 + 99, v * texel * 5.3, foot * texel * 5.3)
            share = limited(0.45 + 0.55 * lump)
            shade = 0.45 + 0.55 * limited(0.6 + 0.8 * lump)
        else:
            red, green, blue = _filled(kind, row, i, j, across, up, foot, seed)
    red += (row[4] - red) * share
    green += (row[5] - green) * share
    blue += (row[6] - blue) * share
    if row[11] > 0:
        bright, warm = _grain(row, levels, u, v, foot, seed)
        shade, red, blue = shade + bright, red * (1 + warm), blue * (1 - warm)
    return red * shade, green * shade, blue * shade


@fast
def _grain(row: np.ndarray, levels: np.ndarray, u: float, v: float, foot: float, seed: int) -> tuple[float, float]:
    """How much brighter and how much warmer than the rest a place is."""
    texel = TEXELS / row[12]
    x, y, wide = u * texel / row[13], v * texel, foot * texel
    fine = cloud(levels, x * 4.7, y * 4.7 + 17 * seed, wide * 4.7)
    coarse = cloud(levels, x + 31 * seed, y, wide)
    return row[11] * 0.7 * (fine + coarse), 0.12 * row[11] * cloud(levels, y * 1.7, x * 1.7, wide)


@fast
def _filled(
    kind: int, row: np.ndarray, i: int, j: int, across: float, up: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """The colour within a cell (i, j) of a kind that puts something into each."""
    if kind == WINDOWS:
        return _window(row, i, j, across, up, foot, seed)
    if kind == SHELVES:
        return _shelf(row, i, j, across, up, foot, seed)
    if kind == CROWD:
        return _seat(row, i, j, across, up, foot, seed)
    if kind == LETTERS:
        return _letter(row, i, j, across, up, foot, seed)
    return _poster(row, i, j, across, up, foot, seed)


@fast
def _mixed(
    first: tuple[float, float, float], second: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


@fast
def _window(
    row: np.ndarray, i: int, j: int, across: float, up: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """Glass in a frame, brighter or darker, lit or with its blind down."""
    wide, high, frame = row[7], row[8], 0.06 * row[7]
    side = (0.1 + 0.15 * chance(0, 1, seed)) * wide
    sill, top = (0.15 + 0.2 * chance(0, 2, seed)) * high, (0.85 + 0.1 * chance(0, 3, seed)) * high
    outer = within(side - frame, across, wide - side + frame, foot) * within(sill - frame, up, top + frame, foot)
    inner = within(side, across, wide - side, foot) * within(sill, up, top, foot)
    inner *= 1 - line(across - wide / 2, wide, 0.05 * wide, foot)
    bright = (0.3 + 1.1 * chance(i, j, seed + 5)) * (0.6 + 0.8 * up / high)
    glass = (row[4] * bright, row[5] * bright, row[6] * bright)
    if chance(i, j, seed + 6) < row[15]:  # lit, or a blind
        glass = (0.95, 0.85, 0.6)
    pale = 0.9 if chance(0, 4, seed) < 0.6 else 0.15
    return _mixed(_mixed((row[1], row[2], row[3]), (pale, pale, pale), outer), glass, inner)


@fast
def _shelf(
    row: np.ndarray, i: int, j: int, across: float, up: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """A thing of its own width and height in each cell, a second beside it, and the board under them."""
    wide, high, gap = row[7], row[8], row[9]
    split = (0.3 + 0.4 * chance(i, j, seed + 1)) * wide
    column = 2 * i + (1 if across > split else 0)
    top = gap + (high - gap) * (0.45 + 0.5 * chance(column, j, seed + 2))
    dark = (0.35 * row[1], 0.35 * row[2], 0.35 * row[3])
    filled = within(-1.0, up, top, foot) if chance(column, j, seed + 3) < row[15] else 0.0
    edge = 0.75 + 0.25 * limited(min(abs(across - split), across, wide - across) / (0.1 * wide + foot))
    red, green, blue = any_colour(column, j, seed + 4)
    found = _mixed(dark, (red * edge, green * edge, blue * edge), filled)
    return _mixed(found, (row[1], row[2], row[3]), within(-1.0, up, gap, foot))


@fast
def _seat(
    row: np.ndarray, i: int, j: int, across: float, up: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """An empty seat, or clothes below a lump of skin or hair: a crowd too far away to be people."""
    wide, high = row[7], row[8]
    seat = (row[1], row[2], row[3]) if up < 0.6 * high else (row[4], row[5], row[6])
    if chance(i, j, seed + 1) > row[15]:
        return seat
    middle = wide * (0.5 + 0.25 * (chance(i, j, seed + 2) - 0.5))
    off, tall = (across - middle) / wide, up / high - 0.1 * chance(i, j, seed + 3)
    body = limited((0.45 - 0.25 * tall * tall - abs(off)) * wide / foot + 0.5) * within(-1.0, tall, 0.62, foot / high)
    head = limited((0.24 - np.sqrt(off * off + (tall - 0.72) ** 2 * 1.2)) * wide / foot + 0.5)
    tone = 0.3 + 0.6 * chance(i, j, seed + 4)
    skin = (tone, 0.75 * tone, 0.6 * tone)
    if tall > 0.74:
        hair = 0.1 + 0.3 * chance(i, j, seed + 5)
        skin = (hair, 0.8 * hair, 0.65 * hair)
    return _mixed(_mixed(seat, any_colour(i, j, seed + 6), body), skin, head)


@fast
def _letter(
    row: np.ndarray, i: int, j: int, across: float, up: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """Marks of 3 by 5 squares, as letters look from far away, with spaces between words."""
    ground, ink = (row[1], row[2], row[3]), (row[4], row[5], row[6])
    if chance(i // 9, j, seed + 1) > row[15] or chance(i, j, seed + 2) < 0.15:
        return ground
    column, line_ = 4 * across / row[7] - 0.5, 7 * up / row[8] - 1.0
    if column < 0 or column >= 3 or line_ < 0 or line_ >= 5:
        return ground
    set_ = chance(16 * i + int(column), 16 * j + int(line_), seed + 3) < 0.62
    return _mixed(ground, ink, (1.0 if set_ else 0.0) * limited(row[7] / (4 * foot) + 0.3))


@fast
def _poster(
    row: np.ndarray, i: int, j: int, across: float, up: float, foot: float, seed: int
) -> tuple[float, float, float]:
    """A sheet of paper, a picture or a switch on a wall, in some of the cells."""
    wall = (row[1], row[2], row[3])
    if chance(i, j, seed + 1) > row[15]:
        return wall
    wide, high = row[7], row[8]
    left, right = (0.05 + 0.35 * chance(i, j, seed + 2)) * wide, (0.95 - 0.35 * chance(i, j, seed + 3)) * wide
    low, top = (0.05 + 0.4 * chance(i, j, seed + 4)) * high, (0.95 - 0.35 * chance(i, j, seed + 5)) * high
    sheet = within(left, across, right, foot) * within(low, up, top, foot)
    edge = 0.02 + 0.06 * wide * chance(i, j, seed + 6)
    picture = within(left + edge, across, right - edge, foot) * within(low + edge, up, top - edge, foot)
    found = _mixed(wall, any_colour(i, j, seed + 7), sheet)
    lower = any_colour(i, j, seed + 12) if up < low + 0.5 * (top - low) else any_colour(i, j, seed + 9)
    return _mixed(found, lower, picture)
