"""What a surface looks like from close by: a colour, a pattern in space, how it shines."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit

Pattern = Literal[
    "plain", "stripes", "checks", "plaid", "dots", "camouflage", "flowers", "denim", "knit", "halves", "blotches",
    "skin", "hair", "eye", "print",
]  # fmt: skip
PATTERNS: tuple[Pattern, ...] = (
    "plain", "stripes", "checks", "plaid", "dots", "camouflage", "flowers", "denim", "knit", "halves", "blotches",
    "skin", "hair", "eye", "print",
)  # fmt: skip
Badge = Literal["none", "number", "disc", "letters", "star", "band"]
BADGES: tuple[Badge, ...] = ("none", "number", "disc", "letters", "star", "band")
Colour = tuple[float, float, float]  # linear red, green, blue in [0, 1]

# Their numbers, for the compiled code below.
STRIPES, CHECKS, PLAID, DOTS, CAMOUFLAGE, FLOWERS, DENIM, KNIT, HALVES, BLOTCHES = range(1, 11)
SKIN, HAIR, EYE, PRINT = range(11, 15)
A_NUMBER, A_DISC, A_LETTERS, A_BAND = (BADGES.index(name) for name in ("number", "disc", "letters", "band"))
# Where each value begins in a paint's row.
KIND, TINT, GLOSS, SHARPNESS, OTHER, SCALE, DIRECTION, STRENGTH, SEED = 0, 1, 4, 5, 6, 9, 10, 13, 14
FOLDS, DIRT, BADGE, NUMBER, AT, SIZE, SIDE, INK = 15, 16, 17, 18, 19, 21, 22, 23

DIGITS = np.array(  # 3 wide, 5 high, rows from the top, the left column in the highest bit
    [
        [7, 5, 5, 5, 7], [2, 6, 2, 2, 7], [7, 1, 7, 4, 7], [7, 1, 7, 1, 7], [5, 5, 7, 1, 1],
        [7, 4, 7, 1, 7], [7, 4, 7, 5, 7], [7, 1, 2, 2, 2], [7, 5, 7, 5, 7], [7, 5, 7, 1, 7],
    ],
    np.int64,
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A number, logo or band printed on top of a pattern.

    badge: one of BADGES. number: what a "number" shows, up to two digits; else it varies the badge. at: (x, z) of its
    middle in pattern space, metres. size: its height in metres. side: -1 the front, 1 the back, 0 both.
    """

    badge: Badge = "none"
    number: int = 0
    at: tuple[float, float] = (0.0, 1.4)
    size: float = 0.15
    side: int = 0
    colour: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Paint:
    """pattern: one of PATTERNS. tint: (3,) multiplies the surface's colour. gloss: [0, 1], how much it shines;
    sharpness: of the highlight, the exponent of Blinn and Phong.

    other:     the pattern's second colour, where it has one.
    scale:     the pattern's size, in metres of pattern space; of "halves": where the other half begins.
    direction: along which stripes follow one another and halves are parted.
    strength:  [0, 1], how far the pattern goes from the tint.
    seed:      shifts the pattern's noise, so that no two are alike.
    folds, dirt: [0, 1], darkness of painted creases and of stains.
    """

    pattern: Pattern = "plain"
    tint: Colour = (1.0, 1.0, 1.0)
    gloss: float = 0.0
    sharpness: float = 20.0
    other: Colour = (0.5, 0.5, 0.5)
    scale: float = 0.05
    direction: tuple[float, float, float] = (0.0, 0.0, 1.0)
    strength: float = 1.0
    seed: float = 0.0
    folds: float = 0.0
    dirt: float = 0.0
    mark: Mark = Mark()

    def row(self) -> np.ndarray:
        """(P,) float32, as `painted` reads it; equally long for all paints."""
        mark = self.mark
        values = [
            PATTERNS.index(self.pattern), *self.tint, self.gloss, self.sharpness, *self.other, self.scale,
            *self.direction, self.strength, self.seed, self.folds, self.dirt, BADGES.index(mark.badge), mark.number,
            *mark.at, mark.size, mark.side, *mark.colour,
        ]  # fmt: skip
        return np.array(values, np.float32)


@njit(cache=True)
def painted(
    row: np.ndarray, x: float, y: float, z: float, red: float, green: float, blue: float
) -> tuple[float, float, float, float, float]:
    """The colour (r, g, b) linear, gloss and sharpness of a point (x, y, z) of pattern space, of the colour given."""
    kind = int(row[KIND])
    gloss = row[GLOSS]
    if kind == EYE:
        red, green, blue, gloss = _eye(row, x, y, z, red, green, blue)
        return red, green, blue, gloss, row[SHARPNESS]
    share, light = _pattern(row, kind, x, y, z)
    own = 1 - share
    r = red * (own * row[TINT] + share * row[OTHER])
    g = green * (own * row[TINT + 1] + share * row[OTHER + 1])
    b = blue * (own * row[TINT + 2] + share * row[OTHER + 2])
    if row[BADGE] > 0 and _marked(row, x, y, z):
        r, g, b = red * row[INK], green * row[INK + 1], blue * row[INK + 2]
    if row[FOLDS] > 0:
        light *= 1 - row[FOLDS] * _crease(x, y, z, row[SEED])
    if row[DIRT] > 0:
        stain = row[DIRT] * max(0.0, 2.2 * _noise(x * 9 + row[SEED], y * 9, z * 9) - 1.0)
        r, g, b = r + stain * (0.08 - r), g + stain * (0.06 - g), b + stain * (0.04 - b)
    if kind == SKIN:
        flush = 0.16 * (_noise(x * 22 + row[SEED], y * 22, z * 22) - 0.5)
        r, g, b = r * (1 + 0.4 * flush), g * (1 - 0.7 * flush), b * (1 - flush)
    return r * light, g * light, b * light, gloss, row[SHARPNESS]


@njit(cache=True)
def _pattern(row: np.ndarray, kind: int, x: float, y: float, z: float) -> tuple[float, float]:
    """How much of the other colour there is, and how bright it all is."""
    scale, strength, seed = row[SCALE], row[STRENGTH], row[SEED]
    share, light = 0.0, 1.0
    if kind == STRIPES:
        along = (x * row[DIRECTION] + y * row[DIRECTION + 1] + z * row[DIRECTION + 2] + seed) / scale
        share = 1.0 if along - np.floor(along) < 0.5 else 0.0
    elif kind == CHECKS:
        share = (np.floor((x + y) / scale) + np.floor(z / scale)) % 2
    elif kind == PLAID:
        across, up = (x + 0.7 * y) / scale, z / scale
        across, up = across - np.floor(across), up - np.floor(up)
        share = 0.5 * (across < 0.4) + 0.5 * (up < 0.4)
        light = 1.0 - 0.35 * (0.6 < across < 0.68) - 0.35 * (0.6 < up < 0.68)
    elif kind == DOTS:
        up = z / scale
        across = (x + 0.5 * y) / scale + 0.5 * (np.floor(up) % 2)
        across, up = across - np.floor(across) - 0.5, up - np.floor(up) - 0.5
        share = 1.0 if across * across + up * up < 0.07 else 0.0
    elif kind == CAMOUFLAGE:
        fine = scale / 2.7
        value = _noise(x / scale + seed, y / scale, z / scale) + 0.4 * _noise(x / fine, y / fine + seed, z / fine)
        share = 0.0 if value < 0.62 else 1.0
        light = 0.45 if 0.5 < value < 0.6 else (1.25 if value > 0.86 else 1.0)
    elif kind == FLOWERS:
        share, light = _flowers(x / scale + seed, (y + z) / scale, seed)
    elif kind == DENIM:
        faded = _noise(x * 11 + seed, y * 11, z * 5)
        light = 0.8 + 0.7 * strength * (faded - 0.3) + 0.25 * (_noise(x * 240 + z * 200, y * 300, z * 90) - 0.5)
        return 0.0, light
    elif kind == KNIT:
        rib = np.sin((x + y) * 6.2832 / scale) * np.sin(z * 6.2832 / scale + seed)
        return 0.0, 1 + 0.25 * strength * rib
    elif kind == HALVES:
        share = 1.0 if x * row[DIRECTION] + y * row[DIRECTION + 1] + z * row[DIRECTION + 2] > scale else 0.0
    elif kind == BLOTCHES:
        share = min(1.0, max(0.0, 3 * _noise(x / scale + seed, y / scale, z / scale) - 1))
    elif kind == SKIN:
        spots = _noise(x * 260 + seed, y * 260, z * 260)
        light = 1 + 0.10 * (_noise(x * 60, y * 60 + seed, z * 60) - 0.5)
        share = min(1.0, max(0.0, 6 * (spots - 0.78)))
    elif kind == HAIR:
        strand = _noise(x * 330 + seed, y * 330, z * 26)
        lock = _noise(x * 75 + seed, y * 75, z * 14 + 3)
        light = 0.45 + 0.55 * strand + 0.55 * lock
        share = max(0.0, lock - 0.4)
    elif kind == PRINT:
        value = _noise(x / scale + seed, y / scale, z / scale)
        share = 1.0 if abs(value - 0.5) < 0.09 else 0.0
        light = 1.0 if value < 0.5 else 0.55
    return share * strength, light


@njit(cache=True)
def _flowers(u: float, v: float, seed: float) -> tuple[float, float]:
    """One flower or leaf in most cells of a grid, where and how large by chance."""
    column, line = np.floor(u), np.floor(v)
    du = u - column - 0.3 - 0.4 * _chance(int(column), int(line), 11)
    dv = v - line - 0.3 - 0.4 * _chance(int(column), int(line), 12)
    turn = np.arctan2(dv, du) * 5
    radius = (0.14 + 0.2 * _chance(int(column), int(line), 13)) * (1 + 0.25 * np.sin(turn))
    inside = du * du + dv * dv < radius * radius
    return (1.0 if inside else 0.0), 0.6 + 0.7 * _chance(int(column), int(line), 14) if inside else 1.0


@njit(cache=True)
def _eye(
    row: np.ndarray, x: float, y: float, z: float, red: float, green: float, blue: float
) -> tuple[float, float, float, float]:
    """An eye: pattern space is its own, the radius of the ball being 1, the pupil at -y. tint: the iris; scale: the
    pupil's radius; strength: the iris's."""
    radius = np.sqrt(x * x + z * z)
    if y > 0 or radius > row[STRENGTH]:
        veins = 1 - 0.10 * radius - 0.08 * _noise(x * 9 + row[SEED], y * 9, z * 9)
        return red * row[OTHER] * veins, green * row[OTHER + 1] * veins, blue * row[OTHER + 2] * veins, row[GLOSS]
    if radius < row[SCALE]:
        return 0.004, 0.004, 0.004, row[GLOSS]
    rim = 1.0 if radius < 0.86 * row[STRENGTH] else 0.45
    light = rim * (0.7 + 0.6 * _noise(np.arctan2(z, x) * 7, radius * 3, row[SEED]))
    return red * row[TINT] * light, green * row[TINT + 1] * light, blue * row[TINT + 2] * light, row[GLOSS]


@njit(cache=True)
def _crease(x: float, y: float, z: float, seed: float) -> float:
    """How dark the creases of cloth are here, about in [0, 1]: slanting hollows of noise of two sizes."""
    wide = _noise((x + 0.5 * z) * 16 + seed, y * 16, (z - 0.6 * x) * 6)
    fine = _noise((x - 0.7 * z) * 34, y * 34 + seed, (z + 0.4 * x) * 15)
    return max(0.0, 1.5 * wide - 0.6) + max(0.0, 0.8 * fine - 0.4)


@njit(cache=True)
def _marked(row: np.ndarray, x: float, y: float, z: float) -> bool:
    """Whether a point is within the mark."""
    badge, number, size, side = int(row[BADGE]), int(row[NUMBER]), row[SIZE], row[SIDE]
    if (side < 0 and y > 0) or (side > 0 and y < 0):
        return False
    across, up = (x - row[AT]) / size, (z - row[AT + 1]) / size
    if y > 0:
        across = -(x + row[AT]) / size
    if badge == A_BAND:
        return bool(abs(up) < 0.5)
    if abs(up) >= 0.5 or abs(across) > 1.5:
        return False
    if badge == A_NUMBER:
        return _digits(number, across, up)
    if badge == A_DISC:
        radius = across * across + up * up
        return bool(radius < 0.25 and (number % 3 != 1 or radius > 0.12) and (number % 3 != 2 or abs(up) > 0.12))
    if badge == A_LETTERS:
        place, line = int(np.floor((across + 1.5) * 4)), int(np.floor((up + 0.5) * 3))
        filled = (across + 1.5) * 4 - place < 0.75 and (up + 0.5) * 3 - line < 0.7
        return bool(filled and (line == 1 or number % 2 == 1) and _chance(place, line, number) < 0.8)
    turn = np.arctan2(up, across) + 1.5708
    points = 3 + number % 4
    return bool(np.sqrt(across * across + up * up) < 0.22 + 0.2 * abs(np.cos(turn * points / 2)))


@njit(cache=True)
def _digits(number: int, across: float, up: float) -> bool:
    """Whether a point is within the ink of one or two digits, 1 high; across runs to the reader's right."""
    places = 2 if number > 9 else 1
    left = across + 0.32 * places
    place = int(np.floor(left / 0.64))
    if place < 0 or place >= places:
        return False
    column = int((left - 0.64 * place) / 0.18)
    if column > 2:
        return False
    digit = number % 10 if place == places - 1 else number // 10 % 10
    line = min(4, int((0.5 - up) * 5))
    return bool(DIGITS[digit, line] >> (2 - column) & 1)


@njit(cache=True)
def _chance(i: int, j: int, k: int) -> float:
    """A number in [0, 1) for each cell of a grid, always the same; mixing as in Wang's integer hash."""
    mixed = (i * 374761393 + j * 668265263 + k * 1274126177) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1103515245) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 16)) * 69069) & 0xFFFFFFFF
    return (mixed >> 8) / 16777216.0


@njit(cache=True)
def _noise(x: float, y: float, z: float) -> float:
    """Value noise: smooth, in [0, 1], about 0.5, one hill for each unit of space."""
    left, near, low = np.floor(x), np.floor(y), np.floor(z)
    i, j, k = int(left), int(near), int(low)
    u, v, w = x - left, y - near, z - low
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    total = 0.0
    for a in range(2):
        for b in range(2):
            share = (u if a else 1 - u) * (v if b else 1 - v)
            total += share * ((1 - w) * _chance(i + a, j + b, k) + w * _chance(i + a, j + b, k + 1))
    return total


@njit(cache=True)
def finished(
    piece: np.ndarray, pattern: np.ndarray, colour: np.ndarray, paint: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """(n, 5) float32: what `painted` makes of n pieces, on average over their m samples.

    piece: (m,) of which piece a sample is; pattern, colour: (m, 3) of samples, as in Surface; paint: (n,) rows of
    `rows` (P, R). It stands in this file because a compiled function is kept until its own file changes.
    """
    finish, samples = np.zeros((len(paint), 5), np.float32), np.zeros(len(paint), np.float32)
    for m in range(len(piece)):
        n = piece[m]
        x, y, z = pattern[m]
        red, green, blue = colour[m]
        red, green, blue, gloss, sharpness = painted(rows[paint[n]], x, y, z, red, green, blue)
        finish[n, 0] += red
        finish[n, 1] += green
        finish[n, 2] += blue
        finish[n, 3] += gloss
        finish[n, 4] += sharpness
        samples[n] += 1
    return finish / samples.reshape(-1, 1)
