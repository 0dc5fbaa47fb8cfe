"""What is worn on a head: caps, hats, helmets, hoods, scarves, bands. Each hides the hair under it."""

from collections.abc import Callable

import numpy as np

from vitruvian.synthesis.looks.fabric import PLAIN_WEAR, cloth, cloth_colour, shiny
from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.looks.layer import Layer, rigid
from vitruvian.synthesis.looks.nets import Mesh, dome, grid, joined
from vitruvian.synthesis.looks.regions import Regions
from vitruvian.synthesis.rendering.paint import Paint

COLUMNS = 24
TURN = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)  # 0 the back, a quarter the person's left, a half the front
FRONT = -np.cos(TURN)  # 1 at the front, -1 at the back
Hat = tuple[list[Layer], np.ndarray]  # what is drawn, and a field (V,) of the head that it hides


def _bound(figure: Figure, mesh: Mesh, paint: Paint) -> Layer:
    """On the head; patterned as if on the middling head."""
    middle, half = figure.head
    space = (mesh[0] - middle) / half * [0.077, 0.102, 0.09] + [0, -0.04, 1.775]
    return rigid(figure.anatomy, "head", *mesh, paint, space)


def _hides(r: Regions, front: float, back: float) -> np.ndarray:
    """The head above a slanting plane, given by its heights over the brows at the front and the back, in metres."""
    slope = (back - front) / 0.2
    return (r.z - (1.775 + front + (r.y + 0.14) * slope)).astype(np.float32)


def _shell(
    figure: Figure, scale: np.ndarray | float, front: float, back: float, start: float = 0.0
) -> tuple[Mesh, np.ndarray]:
    """A dome around the skull, its rim at angles from the top; and what it hides."""
    middle, half = figure.head
    rim = (front + back) / 2 + (front - back) / 2 * FRONT
    heights = 0.09 * np.cos([front, back])
    return dome(middle, half * scale, rim, start), _hides(figure.regions, heights[0] + 0.006, heights[1] + 0.006)


def beanie(figure: Figure, rng: np.random.Generator) -> Hat:
    mesh, hides = _shell(figure, rng.uniform(1.08, 1.15), rng.uniform(1.3, 1.6), rng.uniform(1.8, 2.0))
    return [_bound(figure, mesh, cloth(rng))], hides


def swim_cap(figure: Figure, rng: np.random.Generator) -> Hat:
    mesh, hides = _shell(figure, 1.05, rng.uniform(1.2, 1.45), rng.uniform(1.8, 2.0))
    return [_bound(figure, mesh, shiny(cloth(rng, PLAIN_WEAR), rng))], hides


def baseball_cap(figure: Figure, rng: np.random.Generator) -> Hat:
    """Worn forwards, or backwards."""
    mesh, hides = _shell(figure, np.array([1.09, 1.07, 1.12]), 1.35, rng.uniform(1.45, 1.65))
    backwards = rng.random() < 0.15
    visor = _visor(figure, 1.35, 0.9, rng.uniform(0.55, 0.8), -1 if backwards else 1)
    paint = cloth(rng, PLAIN_WEAR)
    other = paint if rng.random() < 0.7 else cloth(rng, PLAIN_WEAR)
    return [_bound(figure, mesh, paint), _bound(figure, visor, other)], hides


def sun_visor(figure: Figure, rng: np.random.Generator) -> Hat:
    middle, half = figure.head
    paint = cloth(rng, PLAIN_WEAR)
    band = dome(middle, half * 1.08, np.full(COLUMNS, 1.5), 1.25, 3)
    return [_bound(figure, joined(band, _visor(figure, 1.42, 0.9, 0.65, 1)), paint)], np.full(
        len(figure.covered), -1.0, np.float32
    )


def _visor(figure: Figure, down: float, wide: float, long: float, way: int) -> Mesh:
    """In front of a rim `down` radians from the top, over `wide` radians to each side, `long` half axes far."""
    middle, half = figure.head
    turn = np.linspace(-wide, wide, 11)
    reach = np.linspace(1.05, 1, 4)[:, None] + np.linspace(0, 1, 4)[:, None] * long * np.cos(turn / wide * 1.45)[None]
    x, y = np.sin(turn) * np.minimum(reach, 1.15), -way * np.cos(turn) * reach
    z = 1.12 * np.cos(down) - 0.18 * np.linspace(0, 1, 4)[:, None] ** 1.5 - 0.12 * np.sin(turn)[None] ** 2
    return grid(middle + half * np.stack([x, y, z], axis=-1))


def brimmed(figure: Figure, rng: np.random.Generator) -> Hat:
    """Sun hats, fedoras, cowboy hats."""
    middle, half = figure.head
    flat, wide, bend = rng.uniform(0.95, 1.3), rng.uniform(0.3, 1.1), rng.normal(0, 0.2)
    mesh, hides = _shell(figure, np.array([1.08, 1.08, flat]), 1.35, 1.5)
    reach = 1.05 + wide * np.linspace(0, 1, 4)[:, None] * np.ones(COLUMNS)
    z = 0.12 + 0 * reach + bend * (reach - 1.05) * (1 if rng.random() < 0.6 else np.abs(np.sin(TURN)) * 2)
    brim = grid(middle + half * np.stack([reach * np.sin(TURN), reach * np.cos(TURN), z], axis=-1), closed=True)
    paint = cloth(rng, PLAIN_WEAR)
    if rng.random() < 0.4:
        paint = Paint("knit", (0.55, 0.42, 0.22), scale=0.012, seed=1.0)
    return [_bound(figure, joined(mesh, brim), paint)], hides


def helmet(figure: Figure, rng: np.random.Generator) -> Hat:
    """Of cyclists, builders, skaters, riders, hockey players."""
    scale = rng.uniform(1.15, 1.3)
    mesh, hides = _shell(figure, np.array([scale, scale, scale * 1.02]), rng.uniform(1.2, 1.5), rng.uniform(1.5, 2.0))
    paint = Paint("plain", cloth_colour(rng), 0.35, 45.0, cloth_colour(rng), seed=rng.uniform(0, 9))
    if rng.random() < 0.5:
        stripes = Paint("stripes", paint.tint, 0.3, 40.0, (0.01, 0.01, 0.01), rng.uniform(0.03, 0.06), (1.0, 0.0, 0.0))
        paint = stripes if rng.random() < 0.7 else Paint("halves", paint.tint, 0.3, 40.0, paint.other, 1.80)
    meshes = [mesh]
    if rng.random() < 0.4:
        meshes.append(_visor(figure, 1.3, 1.0, rng.uniform(0.2, 0.45), 1))
    return [_bound(figure, joined(*meshes), paint)], hides


def hood(figure: Figure, rng: np.random.Generator) -> Hat:
    """All but the face: hoods, balaclavas, headscarves, down to the shoulders."""
    return _wrapped(figure, cloth(rng, PLAIN_WEAR), rng.uniform(1.1, 1.28), rng.uniform(0.85, 1.05))


def headscarf(figure: Figure, rng: np.random.Generator) -> Hat:
    return _wrapped(figure, cloth(rng), rng.uniform(1.07, 1.13), rng.uniform(1.0, 1.15))


def _wrapped(figure: Figure, paint: Paint, scale: float, brow: float) -> Hat:
    """A dome with a hole for the face, running out over the neck."""
    middle, half = figure.head
    chin = figure.shape.joints[figure.anatomy.bone("neck02")]
    level = np.linspace(0, 1, 12)[:, None]
    down = level * 2.5
    side = np.abs(np.where(FRONT > 0, np.arctan2(np.abs(np.sin(TURN)), FRONT), np.pi / 2))[None]
    ring = np.sin(np.minimum(down, np.pi / 2)) * np.where(down > np.pi / 2, 1 - 0.22 * (down - np.pi / 2), 1)
    high = scale * np.where(down < np.pi / 2, np.cos(down), 1.9 * (np.pi / 2 - down)) * np.ones(COLUMNS)
    points = middle + half * np.stack([scale * ring * np.sin(TURN), scale * ring * np.cos(TURN), high], axis=-1)
    below = np.clip((down - 2.0) / 0.5, 0, 1)[..., None]
    points = points + below * (chin - middle) * [0, 0.6, 0.15] + below * [0, -0.01, -0.01]
    vertices, triangles = grid(points[:, ::-1], closed=True)
    face = ((side[:, ::-1] < 0.75) & (down > brow) & (down < 2.15)).reshape(-1)
    kept = triangles[~face[triangles].any(1)]
    layers = [_bound(figure, (vertices, kept), paint), _shoulders(figure, paint)]
    return [layer for layer in layers if layer is not None], _all_but_face(figure)


def _shoulders(figure: Figure, paint: Paint) -> Layer | None:
    """The foot of a hood, about the neck."""
    r = figure.regions
    where = np.minimum(0.15 - np.hypot(r.x, r.y), np.minimum(r.z - 1.47, -0.3 - r.arm))
    return figure.grown("tights", where.astype(np.float32), 0.03 * figure.scale, r.hanging, paint)


def _all_but_face(figure: Figure) -> np.ndarray:
    """What a hood hides: the head but for the face, the neck, all long hair."""
    r = figure.regions
    hides = np.where(r.arm > -0.3, -1, np.where(r.y > -0.11, r.z - 1.60, r.z - 1.825)).astype(np.float32)
    hides[figure.anatomy.groups["hair"]] = 1
    return hides


def headband(figure: Figure, rng: np.random.Generator) -> Hat:
    middle, half = figure.head
    low = rng.uniform(1.3, 1.45)
    mesh = dome(
        middle,
        half * rng.uniform(1.12, 1.18),
        low - 0.15 * FRONT,
        low - rng.uniform(0.15, 0.5),
        4,
    )
    return [_bound(figure, mesh, cloth(rng))], np.full(len(figure.covered), -1.0, np.float32)


Maker = Callable[[Figure, np.random.Generator], Hat]
HATS: dict[Maker, float] = {
    beanie: 0.18, swim_cap: 0.05, baseball_cap: 0.28, sun_visor: 0.03, brimmed: 0.14, helmet: 0.16, hood: 0.05,
    headscarf: 0.05, headband: 0.06,
}  # fmt: skip


def random_hat(figure: Figure, rng: np.random.Generator) -> Hat:
    """One of all kinds, common ones more often."""
    often = np.array(list(HATS.values()))
    return list(HATS)[int(rng.choice(len(often), p=often / often.sum()))](figure, rng)
