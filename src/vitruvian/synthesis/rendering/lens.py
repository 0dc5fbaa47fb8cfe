"""What a lens does to a picture: it bends straight lines, splits colours, darkens corners, tints, smears."""

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from vitruvian.errors import ShapeError

STEPS = 12  # of Newton's method, at most; three or four are the rule
BEYOND = cv2.BORDER_REFLECT_101  # what is shown beyond the edges
EXACT = 1e-9  # of half a diagonal
LONGEST_SMEAR = 0.06  # of the picture's longer side
FLATTEST = 0.2  # of pixels shown for a pixel; less would lose what is there


@dataclass(frozen=True)
class Lens:
    """bend: (k1, k2): what a straight lens would show at a distance r from the middle shows at
    r (1 + k1 r² + k2 r⁴) / (1 + k1 + k2), r in half diagonals (Brown, 1966), so that corners stay where they are;
    beyond them it goes on straight. Negative for barrels, positive for cushions.
    fringe: by how much more red is enlarged than green, and blue less, as a share. vignette: share of the light that is
    missing in the corners. cast: (3,) factors of red, green, blue. smear: (right, down) pixels moved while open.

    Raises ShapeError for a bend that would fold the picture, or nearly.
    """

    bend: tuple[float, float] = (0.0, 0.0)
    fringe: float = 0.0
    vignette: float = 0.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    smear: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        squared = np.linspace(0, 1, 33) ** 2
        steepness = 1 + squared * (3 * self.bend[0] + 5 * self.bend[1] * squared)
        if not steepness.min() >= FLATTEST:
            raise ShapeError(f"bend {self.bend} folds the picture; take numbers nearer to 0, as (-0.1, 0.0)")


def random_lens(rng: np.random.Generator, size: tuple[int, int]) -> Lens:
    """A fair one mostly, seldom one of a telephone of long ago. size: (width, height) of the picture."""
    poor = rng.random() < 0.3
    first, second = min(max(rng.normal(-0.02, 0.05), -0.15), 0.15), min(max(rng.normal(0, 0.01), -0.05), 0.05)
    length = max(size) * min(float(rng.exponential(0.015)), LONGEST_SMEAR) if rng.random() < 0.15 else 0.0
    bearing = rng.uniform(0, 2 * np.pi)
    warm, green = rng.normal(0, 0.05), rng.normal(0, 0.02)
    return Lens(
        (first, second) if poor else (0.0, 0.0),
        float(rng.normal(0, 0.003)) if poor else 0.0,
        float(rng.uniform(0, 0.45)) if rng.random() < 0.4 else 0.0,
        (float(1 + warm), float(1 + green), float(1 - warm)),
        (float(length * np.cos(bearing)), float(length * np.sin(bearing))),
    )


def bent(points: np.ndarray, lens: Lens, size: tuple[int, int]) -> np.ndarray:
    """(..., 2) pixels that a straight lens shows -> where this one shows them. size: (width, height)."""
    off, half = _from_middle(points, size)
    return np.asarray(points) + off * (_scales(np.linalg.norm(off, axis=-1) / half, *lens.bend, False) - 1)[..., None]


def straightened(points: np.ndarray, lens: Lens, size: tuple[int, int]) -> np.ndarray:
    """(..., 2) pixels that this lens shows -> where a straight one shows them; the inverse of `bent`."""
    off, half = _from_middle(points, size)
    return np.asarray(points) + off * (_scales(np.linalg.norm(off, axis=-1) / half, *lens.bend, True) - 1)[..., None]


def _from_middle(points: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    return np.asarray(points, np.float64) - (np.array(size) - 1) / 2, float(np.hypot(*size)) / 2


def _scales(radius: np.ndarray, first: float, second: float, back: bool) -> np.ndarray:
    """By how much each distance from the middle, in half diagonals, grows."""
    return _scaled(radius.ravel(), first, second, back).reshape(radius.shape)


@njit(cache=True)
def _scaled(radius: np.ndarray, first: float, second: float, back: bool) -> np.ndarray:
    found = np.empty_like(radius)
    for i in range(len(radius)):
        found[i] = _straight(radius[i], first, second) if back else _bent(radius[i], first, second)
    return found


@njit(cache=True, error_model="numpy")
def _bent(radius: float, first: float, second: float) -> float:
    """By how much a distance grows when it is bent."""
    if radius > 1:
        return (1 + (radius - 1) * (1 + 3 * first + 5 * second) / (1 + first + second)) / radius
    squared = radius * radius
    return (1 + squared * (first + second * squared)) / (1 + first + second)


@njit(cache=True, error_model="numpy")
def _straight(shown: float, first: float, second: float) -> float:
    """By how much a bent distance grows when it is straightened, by Newton's method."""
    if shown > 1:
        return (1 + (shown - 1) * (1 + first + second) / (1 + 3 * first + 5 * second)) / shown
    if shown < EXACT:
        return 1 + first + second
    radius, wanted = shown, shown * (1 + first + second)
    for _ in range(STEPS):
        squared = radius * radius
        step = (radius * (1 + squared * (first + second * squared)) - wanted) / (
            1 + squared * (3 * first + 5 * second * squared)
        )
        radius -= step
        if abs(step) < EXACT:
            break
    return radius / shown


def through(image: np.ndarray, lens: Lens) -> np.ndarray:
    """The picture (H, W, 3) uint8 of a straight lens as this lens shows it; beyond its edges it is mirrored.

    Pixel p goes to `bent(p)`; points of the picture follow by the same function.
    """
    found = image
    if any(lens.bend) or lens.fringe:
        found = _remapped(found, lens)
    if any(lens.smear):
        found = _smeared(found, *lens.smear)
    if lens.vignette or lens.cast != (1.0, 1.0, 1.0):
        found = _dimmed(found, lens.vignette, np.array(lens.cast))
    return found


def _remapped(image: np.ndarray, lens: Lens) -> np.ndarray:
    """Bent, and each colour enlarged by its share."""
    height, width = image.shape[:2]
    scales = (1 + lens.fringe, 1.0, 1 - lens.fringe)
    if not lens.fringe:
        columns, rows = _sources(width, height, *lens.bend, 1.0)
        return cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=BEYOND)
    maps = [_sources(width, height, *lens.bend, scale) for scale in scales]
    planes = zip(cv2.split(image), maps, strict=True)
    return cv2.merge([cv2.remap(one, *where, cv2.INTER_LINEAR, borderMode=BEYOND) for one, where in planes])


@njit(cache=True, error_model="numpy")
def _sources(width: int, height: int, first: float, second: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Where in the straight picture each pixel comes from: (H, W) columns and rows, float32."""
    columns, rows = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    half = np.sqrt(width * width + height * height) / 2
    for y in range(height):
        for x in range(width):
            right, down = x - (width - 1) / 2, y - (height - 1) / 2
            share = _straight(np.sqrt(right * right + down * down) / half, first, second) / scale
            columns[y, x], rows[y, x] = right * share + (width - 1) / 2, down * share + (height - 1) / 2
    return columns, rows


def _smeared(image: np.ndarray, right: float, down: float) -> np.ndarray:
    """The mean along a line through each pixel, of a length in pixels."""
    reach = int(np.ceil(max(abs(right), abs(down)) / 2)) + 1
    line = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    ends = np.array([[-right, -down], [right, down]]) / 2 + reach
    first, last = np.round(16 * ends).astype(int).tolist()
    cv2.line(line, first, last, 1.0, 1, cv2.LINE_AA, 4)
    return cv2.filter2D(image, -1, line / line.sum(), borderType=BEYOND)


@njit(cache=True, fastmath=True, error_model="numpy")
def _dimmed(image: np.ndarray, vignette: float, cast: np.ndarray) -> np.ndarray:
    """Tinted, and darker the nearer to the corners, there by `vignette`."""
    height, width = image.shape[:2]
    found = np.empty_like(image)
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    corner = max(middle_x * middle_x + middle_y * middle_y, 1.0)
    for y in range(height):
        for x in range(width):
            squared = ((x - middle_x) ** 2 + (y - middle_y) ** 2) / corner
            light = 1 - vignette * squared * (0.5 + 0.5 * squared)
            for c in range(3):
                found[y, x, c] = np.uint8(min(max(image[y, x, c] * light * cast[c], 0.0), 255.0) + 0.5 - 1e-6)
    return found
