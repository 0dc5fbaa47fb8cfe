"""Things that people hold, sit on and stand behind, each in a frame of its own, in any size and paint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vitruvian.synthesis.places.solids import Solid, ball, block, joined, ring, rod, rods, tube, tubes, turned
from vitruvian.synthesis.rendering.paint import Colour, Paint, Pattern
from vitruvian.synthesis.rendering.surface import Surface

PRINTS: tuple[Pattern, ...] = ("plain", "plain", "plain", "stripes", "checks", "dots", "blotches", "halves")
METAL: Colour = (0.45, 0.45, 0.47)
PLAIN = Paint()


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a thing: a solid of one colour, linear light."""

    solid: Solid
    colour: Colour
    paint: Paint = PLAIN


@dataclass(frozen=True, eq=False)
class Thing:
    """Parts in the thing's own frame, metres. Held: the grip at the origin, its axis along z, the palm towards -y, the
    fingers pointing along x. Standing: the middle of its foot at the origin, z up, its front towards -y.

    upright: z stays up wherever the hand turns, as a bag hangs. thin: drawn from both sides.
    """

    parts: Sequence[Part]
    upright: bool = False
    thin: bool = False

    def surface(self, place: np.ndarray, turn: np.ndarray, owner: int) -> Surface:
        """The thing in the world: turned by a rotation matrix, its origin at a place."""
        whole = joined([part.solid for part in self.parts])
        sizes = [len(part.solid.vertices) for part in self.parts]
        rows = np.repeat(np.arange(len(sizes)), [len(part.solid.triangles) for part in self.parts])
        colour = np.repeat(np.array([part.colour for part in self.parts], np.float32), sizes, axis=0)
        vertices = whole.moved(place, turn).vertices
        paints = [part.paint for part in self.parts]
        return Surface(
            vertices, whole.triangles, whole.vertices, colour, rows.astype(np.int32), paints, owner, self.thin
        )


def any_tint(rng: np.random.Generator) -> Colour:
    """Linear light: dark, grey and white more often than bright."""
    level, vivid = rng.beta(0.7, 1.0), rng.random() ** 2
    red, green, blue = (float(x) for x in level * (1 - vivid * rng.dirichlet((0.7, 0.7, 0.7)) * 1.2).clip(0.02, 1))
    return red, green, blue


def any_paint(rng: np.random.Generator, gloss: float | None = None) -> Paint:
    """Plain, or with a print."""
    shine = float(rng.choice([0.0, 0.1, 0.4])) if gloss is None else gloss
    pattern, sharpness, scale = PRINTS[rng.integers(len(PRINTS))], rng.uniform(10, 60), rng.uniform(0.01, 0.08)
    seed = float(rng.uniform(0, 100))
    return Paint(pattern, gloss=shine, sharpness=sharpness, other=any_tint(rng), scale=scale, seed=seed)


def wood(rng: np.random.Generator) -> Colour:
    """Of any tree."""
    red, green, blue = (float(x) for x in rng.uniform(0.15, 0.8) * np.array([1.0, 0.6, 0.32]) ** rng.uniform(0.6, 1.2))
    return red, green, blue


def _plank(rng: np.random.Generator) -> tuple[Colour, Paint]:
    """Wood with its grain, or painted."""
    if rng.random() < 0.4:
        return any_tint(rng), any_paint(rng)
    colour = wood(rng)
    dark = 0.6 * colour[0], 0.6 * colour[1], 0.6 * colour[2]
    return colour, Paint("blotches", gloss=0.1, other=dark, scale=0.03, strength=0.4, seed=float(rng.uniform(0, 100)))


def _part(rng: np.random.Generator, solid: Solid, gloss: float | None = None) -> Part:
    return Part(solid, any_tint(rng), replace(any_paint(rng, gloss), tint=(1.0, 1.0, 1.0)))


# Held


def small_ball(rng: np.random.Generator) -> Thing:
    """Of tennis, of handball."""
    radius = rng.uniform(0.02, 0.11)
    return Thing([_part(rng, ball(radius, 20).moved((0.02, radius, 0)))])


def racket(rng: np.random.Generator) -> Thing:
    """Of tennis, badminton or table tennis."""
    length, half = rng.uniform(0.05, 0.4), rng.uniform(0.08, 0.14)
    head = ring(half, 0.01, 24, 6).scaled((1, rng.uniform(1.0, 1.3), 1))
    turn = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]]) @ np.diag((1, 1, -1))  # its plane holds the grip
    high = float(head.vertices[:, 1].max())
    place = (0, 0.015, length + high)
    parts = [
        Part(rod((0, 0.015, -0.1), (0, 0.015, length), 0.015), any_tint(rng)),
        _part(rng, head.moved(place, turn), 0.3),
    ]
    if rng.random() < 0.4:
        face = turned([(0, -0.004), (half, -0.004), (half, 0.004), (0, 0.004)], 20).scaled((1, high / half, 1))
        parts.append(_part(rng, face.moved(place, turn)))
    else:
        parts.append(Part(_strings(half, high).moved(place, turn), (0.8, 0.8, 0.75)))
    return Thing(parts)


def _strings(half: float, high: float) -> Solid:
    """Of a racket, in an ellipse."""
    places = np.linspace(-0.8, 0.8, 7)
    chord, zero = np.sqrt(1 - places**2), 0 * places
    across = np.stack([half * chord, high * places, zero], -1)
    along = np.stack([half * places, high * chord, zero], -1)
    ends = np.concatenate([np.stack([across * (-1, 1, 1), across], 1), np.stack([along * (1, -1, 1), along], 1)])
    return rods(ends, 0.0015, 3)


def bat(rng: np.random.Generator) -> Thing:
    """Of baseball; or a club, a bottle's long cousin."""
    length, thick = rng.uniform(0.4, 0.9), rng.uniform(0.025, 0.05)
    profile = [
        (0, -0.12),
        (0.022, -0.12),
        (0.014, -0.09),
        (0.014, 0.1),
        (thick, 0.6 * length),
        (thick, length),
        (0, length),
    ]
    return Thing([Part(turned(profile, 14).moved((0, 0.015, 0)), wood(rng), Paint(gloss=0.2))])


def stick(rng: np.random.Generator) -> Thing:
    """A staff, a pole, a sword, a golf club, a pen."""
    up, down = rng.uniform(0.08, 1.6), rng.uniform(0.05, 1.0)
    radius = float(rng.uniform(0.004, 0.02))
    colour = wood(rng) if rng.random() < 0.4 else any_tint(rng)
    return Thing([Part(rod((0, radius, -down), (0, radius, up), radius), colour, any_paint(rng))])


def cup(rng: np.random.Generator) -> Thing:
    """A mug or a glass."""
    radius, high = rng.uniform(0.03, 0.045), rng.uniform(0.08, 0.16)
    low = radius * rng.uniform(0.7, 1)
    outside = [(0, -high / 2), (low, -high / 2), (radius, high / 2)]
    profile = [*outside, (0.9 * radius, high / 2), (0.9 * low, 0.01 - high / 2), (0, 0.01 - high / 2)]
    return Thing([_part(rng, turned(profile, 16).moved((0, radius, 0)))])


def bottle(rng: np.random.Generator) -> Thing:
    """Of water or wine."""
    radius, high = rng.uniform(0.028, 0.045), rng.uniform(0.16, 0.3)
    low, neck = -0.5 * high, 0.35 * radius
    profile = [
        (0, low),
        (radius, low),
        (radius, low + 0.6 * high),
        (neck, low + 0.8 * high),
        (neck, low + high),
        (0, low + high),
    ]
    cap = rod((0, radius, 0.46 * high), (0, radius, 0.52 * high), 1.2 * neck, 10)
    return Thing([_part(rng, turned(profile, 14).moved((0, radius, 0)), 0.5), Part(cap, any_tint(rng))])


def phone(rng: np.random.Generator) -> Thing:
    """Its screen away from the palm."""
    wide, high = rng.uniform(0.065, 0.08), rng.uniform(0.13, 0.165)
    body = Part(block((wide, 0.009, high)).moved((0.02, 0.005, 0)), any_tint(rng), Paint(gloss=0.4))
    glow: Colour = (0.02, 0.02, 0.025) if rng.random() < 0.5 else any_tint(rng)
    screen = Part(
        block((0.92 * wide, 0.002, 0.9 * high)).moved((0.02, 0.0105, 0)), glow, Paint(gloss=0.6, sharpness=80)
    )
    return Thing([body, screen])


def book(rng: np.random.Generator) -> Thing:
    """A book, a sheet of paper, a plate, a tray."""
    wide, thick, high = rng.uniform(0.1, 0.3), rng.uniform(0.003, 0.04), rng.uniform(0.14, 0.32)
    return Thing([_part(rng, block((wide, thick, high)).moved((0.3 * wide, thick / 2, 0)), 0.05)])


def bag(rng: np.random.Generator) -> Thing:
    """A handle, and what hangs from it."""
    wide, deep, high = rng.uniform(0.15, 0.5), rng.uniform(0.05, 0.25), rng.uniform(0.15, 0.45)
    drop = rng.uniform(0.05, 0.3)
    rise = np.linspace(0, np.pi, 9)
    arch = np.stack([-0.35 * wide * np.cos(rise), 0 * rise, drop * (np.sin(rise) - 1)], -1)
    body = _part(rng, block((wide, deep, high)).moved((0, 0, -drop - high / 2)))
    return Thing([body, Part(tube(arch, 0.008, 6), body.colour)], upright=True)


def umbrella(rng: np.random.Generator) -> Thing:
    """Open, above the hand."""
    radius, high = rng.uniform(0.4, 0.6), rng.uniform(0.55, 0.75)
    roof = [
        (radius, high - 0.22 * radius),
        (0.75 * radius, high),
        (0.4 * radius, high + 0.12 * radius),
        (0, high + 0.17 * radius),
    ]
    return Thing([_part(rng, turned(roof, 8)), Part(rod((0, 0.01, -0.1), (0, 0, high), 0.008), METAL)], True, True)


HELD: tuple[Callable[[np.random.Generator], Thing], ...] = (
    small_ball, racket, bat, stick, stick, cup, bottle, phone, phone, book, bag, umbrella,
)  # fmt: skip


# Standing


def _legs(wide: float, deep: float, high: float, thick: float) -> Solid:
    """Four, upright, at the corners of a rectangle."""
    feet = np.array([(x, y, 0) for x in (-wide / 2, wide / 2) for y in (-deep / 2, deep / 2)])
    return rods(np.stack([feet, feet + np.array((0, 0, high))], 1), thick, 6)


def chair(rng: np.random.Generator, high: float | None = None) -> Thing:
    """A chair, an armchair or a stool. high: of the seat, metres."""
    seat, wide, deep = high or rng.uniform(0.4, 0.5), rng.uniform(0.38, 0.5), rng.uniform(0.38, 0.48)
    (colour, paint), thick = _plank(rng), rng.uniform(0.012, 0.025)
    solids = [block((wide, deep, 0.04)).moved((0, 0, seat - 0.02)), _legs(0.9 * wide, 0.9 * deep, seat - 0.02, thick)]
    if rng.random() < 0.75:  # a back
        top = seat + rng.uniform(0.3, 0.6)
        solids += [block((wide, 0.03, 0.3 * (top - seat))).moved((0, deep / 2, top - 0.15 * (top - seat)))]
        solids += [rod((x, deep / 2, seat), (x, deep / 2, top), thick, 6) for x in (-0.45 * wide, 0.45 * wide)]
    if rng.random() < 0.3:  # arms
        for x in (-0.5 * wide, 0.5 * wide):
            solids.append(rod((x, -deep / 2, seat + 0.22), (x, deep / 2, seat + 0.22), thick, 6))
            solids.append(rod((x, -0.4 * deep, seat - 0.03), (x, -0.4 * deep, seat + 0.22), thick, 6))
    return Thing([Part(joined(solids), colour, paint)])


def table(rng: np.random.Generator) -> Thing:
    """A table or a desk, sometimes with things on it."""
    wide, deep, high = rng.uniform(0.6, 1.8), rng.uniform(0.5, 0.9), rng.uniform(0.5, 0.95)
    top = Part(block((wide, deep, 0.04)).moved((0, 0, high - 0.02)), *_plank(rng))
    parts = [top, Part(_legs(0.9 * wide, 0.9 * deep, high - 0.03, 0.025), any_tint(rng))]
    for _ in range(rng.integers(0, 4)):
        size = rng.uniform(0.05, 0.25, 3)
        spot = rng.uniform(-0.4, 0.4) * wide, rng.uniform(-0.3, 0.3) * deep, high + size[2] / 2
        parts.append(_part(rng, block(tuple(size)).moved(spot)))
    return Thing(parts)


def bench(rng: np.random.Generator, high: float | None = None) -> Thing:
    """A plank on blocks, a beam, a step."""
    wide, deep, seat = rng.uniform(1.0, 2.5), rng.uniform(0.25, 0.5), high or rng.uniform(0.3, 0.6)
    plank = block((wide, deep, 0.06)).moved((0, 0, seat - 0.03))
    feet = [block((0.08, 0.9 * deep, seat - 0.06)).moved((x, 0, seat / 2 - 0.03)) for x in (-0.4 * wide, 0.4 * wide)]
    return Thing([Part(joined([plank, *feet]), *_plank(rng))])


def crate(rng: np.random.Generator, high: float | None = None) -> Thing:
    """A box, a mat, a counter, a suitcase."""
    tall = high or rng.uniform(0.15, 1.1)
    return Thing([_part(rng, block((rng.uniform(0.3, 1.2), rng.uniform(0.3, 0.8), tall)).moved((0, 0, tall / 2)))])


def bicycle(rng: np.random.Generator) -> Thing:
    """Two wheels and a frame."""
    radius, tyre = rng.uniform(0.28, 0.35), 0.018
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    hubs = np.array([(-0.5, 0, radius + tyre), (0.5, 0, radius + tyre)])
    wheels = [ring(radius, tyre, 24, 6).moved(hub, turn) for hub in hubs]
    bearing = np.arange(8) * np.pi / 4
    rims = hubs[:, None] + radius * np.stack([np.cos(bearing), 0 * bearing, np.sin(bearing)], -1)
    spokes = np.stack([np.broadcast_to(hubs[:, None], rims.shape), rims], 2).reshape(-1, 2, 3)
    saddle, head, crank = (-0.2, 0, 0.88), (0.35, 0, 0.88), (-0.05, 0, radius)
    bars = (hubs[0], saddle), (hubs[0], crank), (crank, saddle), (saddle, head), (crank, head), (head, hubs[1])
    steering = rod((0.35, -0.25, 0.98), (0.35, 0.25, 0.98), 0.013, 6)
    frame = joined(
        [rods(np.array([np.stack(ends) for ends in bars]), 0.017), rod(head, (0.35, 0, 0.98), 0.013, 6), steering]
    )
    black = joined([*wheels, block((0.22, 0.1, 0.05)).moved((-0.22, 0, 0.92))])
    return Thing([Part(black, (0.02, 0.02, 0.02)), Part(rods(spokes, 0.002, 3), METAL), _part(rng, frame, 0.4)])


def plant(rng: np.random.Generator) -> Thing:
    """A pot and leaves, or tall grass without a pot."""
    high, potted = rng.uniform(0.4, 1.6), rng.random() < 0.6
    root, bend = (0.25 if potted else 0.0), np.linspace(0, 1, 5)[:, None]
    bearing = rng.uniform(0, 2 * np.pi, rng.integers(10, 30))
    out = np.stack([np.cos(bearing), np.sin(bearing), 0 * bearing], -1) * rng.uniform(0.1, 0.5, (len(bearing), 1))
    up = rng.uniform(0.4, 1, (len(bearing), 1)) * (0, 0, high)
    paths = out[:, None] * bend**1.5 + up[:, None] * bend + (0, 0, root)
    wide = rng.uniform(0.006, 0.04, (len(bearing), 1)) * np.array([0.3, 0.8, 1.0, 0.7, 0.05])
    green: Colour = (float(rng.uniform(0.03, 0.2)), float(rng.uniform(0.1, 0.35)), float(rng.uniform(0.01, 0.08)))
    parts = [Part(tubes(paths, wide, 4), green, Paint("blotches", other=(0.1, 0.2, 0.05), scale=0.05))]
    if potted:
        parts.append(_part(rng, turned([(0, 0), (0.12, 0), (0.17, root), (0.14, root), (0, root - 0.03)], 14)))
    return Thing(parts)


def pole(rng: np.random.Generator) -> Thing:
    """A post, a lamp's or a microphone's stand, a thin trunk."""
    radius, high = rng.uniform(0.01, 0.09), rng.uniform(0.8, 4.0)
    parts = [_part(rng, rod((0, 0, 0), (0, 0, high), radius, 12))]
    if rng.random() < 0.3:
        parts.append(_part(rng, ball(rng.uniform(0.03, 0.15), 12).moved((0, 0, high))))
    return Thing(parts)


def railing(rng: np.random.Generator) -> Thing:
    """Rails and posts, a hurdle, a net's top, a bar."""
    wide, high, radius = rng.uniform(0.8, 4), rng.uniform(0.3, 1.2), rng.uniform(0.01, 0.03)
    step = rng.uniform(0.1, 1.0)
    feet = np.array([(x, 0.0, 0.0) for x in np.arange(-wide / 2, wide / 2 + 0.01, max(step, wide / 16))])
    levels = np.linspace(0, high, rng.integers(2, 4))[1:]
    rails = np.array([[(-wide / 2, 0, z), (wide / 2, 0, z)] for z in levels])
    posts = np.stack([feet, feet + np.array((0, 0, high))], 1)
    return Thing([_part(rng, rods(np.concatenate([posts, rails]), radius, 6), 0.3)])


def big_ball(rng: np.random.Generator) -> Thing:
    """Of football, of gymnastics."""
    radius = rng.choice([0.11, 0.12, 0.3])
    return Thing([_part(rng, ball(radius, 24).moved((0, 0, radius)))])


STANDING: tuple[Callable[[np.random.Generator], Thing], ...] = (
    chair, table, bench, crate, crate, bicycle, plant, plant, pole, railing, railing, big_ball,
)  # fmt: skip
SEATS: tuple[Callable[[np.random.Generator, float], Thing], ...] = (chair, chair, bench, crate)
