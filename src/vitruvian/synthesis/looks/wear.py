"""What is on a face and on a back: brows, lashes, beards, glasses, masks, headphones, bags."""

import numpy as np

from vitruvian.synthesis.human.anatomy import Traits
from vitruvian.synthesis.looks.clothes import Garment, straps
from vitruvian.synthesis.looks.fabric import cloth, cloth_colour
from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.looks.hair import hair_space
from vitruvian.synthesis.looks.layer import Layer, rigid
from vitruvian.synthesis.looks.nets import Mesh, bag, dome, joined, tube
from vitruvian.synthesis.looks.regions import beard, eyebrows
from vitruvian.synthesis.rendering.paint import Paint

EYES_APART = 0.0626  # metres between the eyes of the middling person
LASHES = ("l-eyelashes-1", "l-eyelashes-2", "r-eyelashes-1", "r-eyelashes-2")


def brows(figure: Figure, traits: Traits, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    """Eyebrows and lashes."""
    thick = rng.uniform(0.002, 0.0065) * (0.75 if traits.gender > 0.5 else 1) * (0.6 if traits.age < 0.2 else 1)
    where = eyebrows(figure.regions, thick, rng.normal(0, 0.002), rng.normal(0.001, 0.002))
    layers = [figure.grown("body", where, 0.0018, hair_space(figure.anatomy), paint)]
    if rng.random() < 0.4 + 0.5 * traits.gender:
        everywhere = np.ones(len(where), np.float32)
        layers += [
            figure.grown(name, everywhere, 0.0, figure.regions.at, Paint(tint=(0.01, 0.008, 0.007))) for name in LASHES
        ]
    return [layer for layer in layers if layer is not None]


def facial_hair(figure: Figure, paint: Paint, rng: np.random.Generator) -> list[Layer]:
    """A beard, a goatee or a moustache."""
    r, where = figure.regions, beard(figure.regions)
    kind, thick = rng.random(), rng.choice([rng.uniform(0.002, 0.006), rng.uniform(0.006, 0.02)])
    if kind < 0.2:
        where = np.minimum(where, 0.032 - np.abs(r.x))
    elif kind < 0.4:
        where, thick = np.minimum(where, np.minimum(r.z - 1.679, 0.036 - np.abs(r.x))), min(thick, 0.006)
    elif kind < 0.5:
        where = np.minimum(where, 1.684 - r.z)
    waves = 1 + 0.3 * np.sin(r.x * 150 + paint.seed) * np.sin(r.z * 130)
    chin = 1 + (rng.uniform(0, 3) if thick > 0.006 else 0) * np.clip((1.66 - r.z) / 0.03, 0, 1)
    full = (0.001 + thick * waves * np.clip(where / 0.012, 0.1, 1) * chin).astype(np.float32)
    layer = figure.grown("body", where.astype(np.float32), full, hair_space(figure.anatomy), paint)
    return [layer] if layer is not None else []


def glasses(figure: Figure, dark: bool, rng: np.random.Generator) -> list[Layer]:
    """Two rims, a bridge and arms to the ears; dark: sunglasses."""
    left, right = _eyes(figure)
    unit = float(np.linalg.norm(left - right)) / EYES_APART
    wide, high = unit * rng.uniform(0.022, 0.028), unit * rng.uniform(0.016, 0.024)
    power, thick = rng.uniform(0.45, 1.0), unit * rng.uniform(0.0008, 0.0024)
    turn = np.linspace(0, 2 * np.pi, 21)
    rim = np.stack([wide * _bulged(np.cos(turn), power), np.zeros(21), high * _bulged(np.sin(turn), power)], axis=1)
    ahead = np.array([0, -unit * 0.012, -unit * 0.002])
    frames: list[Mesh] = []
    lenses: list[Mesh] = []
    for side, eye in ((1, left), (-1, right)):
        middle = eye + ahead + [side * unit * 0.002, 0, 0]
        bent = rim + np.array([0, 1, 0]) * (unit * 0.006 * (side * rim[:, :1] / wide) ** 2) * (side * rim[:, :1] > 0)
        frames.append(tube(middle + bent, thick, 5))
        lenses.append(_disc(middle - np.array([0, 0.001, 0]), bent[:-1]))
        hinge = middle + np.array([side * wide, unit * 0.006, high * 0.5])
        frames.append(tube(np.linspace(hinge, _ear(figure, side), 4), thick, 5))
    inner = np.array([wide - unit * 0.002, 0, 0])
    span = np.linspace(right + inner, left - inner, 3) + ahead + np.array([0, 0, high * 0.3])
    frames.append(tube(span, thick, 5))
    frame = Paint(tint=(0.01, 0.01, 0.012) if rng.random() < 0.6 else cloth_colour(rng), gloss=0.4, sharpness=50.0)
    layers = [rigid(figure.anatomy, "head", *joined(*frames), frame)]
    if dark:
        tint = np.array([0.02, 0.02, 0.022]) if rng.random() < 0.75 else rng.uniform(0.02, 0.3, 3)
        glass = Paint(tint=(float(tint[0]), float(tint[1]), float(tint[2])), gloss=0.7, sharpness=90.0)
        layers.append(rigid(figure.anatomy, "head", *joined(*lenses), glass))
    return layers


def _eyes(figure: Figure) -> tuple[np.ndarray, np.ndarray]:
    """The middles of the fronts of the eyes, the left one first."""
    names = ("l-eye", "r-eye")
    points = [figure.shape.vertices[figure.anatomy.groups[name]] for name in names]
    left, right = (np.array([p[:, 0].mean(), p[:, 1].min(), p[:, 2].mean()], np.float64) for p in points)
    return left, right


def _ear(figure: Figure, side: int) -> np.ndarray:
    """Where the arm of glasses rests."""
    r, points = figure.regions, figure.shape.vertices
    rows = (r.parts["ears"] > 0.5) & (r.x * side > 0)
    ear = points[rows]
    return np.array([ear[:, 0].mean(), ear[:, 1].mean(), np.percentile(ear[:, 2], 85)])


def _bulged(values: np.ndarray, power: float) -> np.ndarray:
    return np.sign(values) * np.abs(values) ** power


def _disc(middle: np.ndarray, rim: np.ndarray) -> Mesh:
    count = len(rim)
    vertices = np.concatenate([[middle], middle + rim]).astype(np.float32)
    after = np.arange(count)
    return vertices, np.stack([np.zeros(count, int), 1 + after, 1 + (after + 1) % count], axis=1).astype(np.int32)


def mask(figure: Figure, rng: np.random.Generator) -> list[Garment]:
    """Over mouth and nose, as against dust."""
    r = figure.regions
    where = np.minimum(np.minimum(1.722 - 0.1 * np.abs(r.x) - r.z, r.z - 1.628), -0.075 - r.y)
    tight = cloth(rng) if rng.random() < 0.5 else Paint(tint=(0.35, 0.55, 0.65), folds=0.2)
    return [Garment(where.astype(np.float32), tight, 0.008, "body", where.astype(np.float32) - 0.008)]


def headphones(figure: Figure, rng: np.random.Generator) -> list[Layer]:
    middle, half = figure.head
    turn = np.linspace(-1.75, 1.75, 13)[:, None]
    arc = middle + (half + 0.016) * [1, 0, 0] * np.sin(turn) + (half + 0.016) * [0, 0, 1] * np.cos(turn)
    ears = [_ear(figure, side) + np.array([side * 0.012, 0, -0.015]) for side in (1, -1)]
    cups = [dome(ear, np.array([0.018, 0.034, 0.036]), np.full(12, np.pi), rows=6) for ear in ears]
    paint = Paint(tint=cloth_colour(rng), gloss=0.3, sharpness=40.0)
    return [rigid(figure.anatomy, "head", *joined(tube(arc, 0.008, 6), *cups), paint)]


def backpack(figure: Figure, rng: np.random.Generator) -> tuple[list[Garment], list[Layer]]:
    """Straps, and the bag on the back."""
    paint = cloth(rng)
    back = figure.shape.vertices[figure.anatomy.groups["tights"]]
    high, low = (figure.shape.joints[figure.anatomy.bone(name), 2] for name in ("neck01", "spine05"))
    tall = (high - low) * rng.uniform(0.3, 0.42)
    level = high - 0.05 - tall
    deep, wide = rng.uniform(0.05, 0.12), (high - low) * rng.uniform(0.22, 0.3)
    near = back[(np.abs(back[:, 2] - level) < tall) & (np.abs(back[:, 0]) < 0.15)]
    middle = np.array([0.0, near[:, 1].max() + deep * 0.85, level])
    carried = rigid(figure.anatomy, "spine02", *bag(middle, np.array([wide, deep, tall])), paint)
    return [straps(figure, paint, rng.uniform(0.018, 0.03))], [carried]
