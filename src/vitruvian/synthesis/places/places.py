"""Places at random: lawns, streets, beaches, courts, gyms, rooms, stages; what stands there and how it is lit."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vitruvian.synthesis.places.makings import (
    any_colour,
    asphalt,
    banner,
    bars,
    bricks,
    carpet,
    curtain,
    facade,
    foliage_colour,
    grass,
    hedge,
    hsv,
    painted,
    panels,
    paving,
    planks,
    plaster,
    posters,
    shelves,
    soil,
    sport_floor,
    stand,
    times,
    varied,
    wall_colour,
)
from vitruvian.synthesis.places.materials import Material
from vitruvian.synthesis.places.scenery import FAR, Box, Scenery, Sky

Place = Callable[[np.random.Generator, float], Scenery]
Maker = Callable[[np.random.Generator], Material]


def random_place(rng: np.random.Generator, distance: float) -> Scenery:
    """Somewhere. distance: metres ahead, where the people stand, so that it is kept free up to there."""
    likely = np.array([chance for _, chance in PLACES], np.float64)
    place, _ = PLACES[rng.choice(len(PLACES), p=likely / likely.sum())]
    return place(rng, distance)


def _one_of(rng: np.random.Generator, *makers: Maker) -> Material:
    return makers[rng.integers(len(makers))](rng)


def _indoor_wall(rng: np.random.Generator) -> Material:
    return _one_of(rng, plaster, plaster, posters, panels, curtain, shelves, bricks, facade)


def _box(
    rng: np.random.Generator, place: tuple[float, float], size: tuple[float, float, float], sides: Material,
    base: float = 0.0,
) -> Box:  # fmt: skip
    """A block by the middle of its front edge."""
    (x, y), (wide, deep, high) = place, size
    top = replace(sides, kind="plain", colour=varied(rng, sides.colour))
    return Box((x - wide / 2, y, base), (x + wide / 2, y + deep, base + high), sides, top)


def _strewn(rng: np.random.Generator, distance: float, count: int, far: float, makers: tuple[Maker, ...]) -> list[Box]:
    """Blocks as tall as furniture, bins, cars and walls, behind the people."""
    boxes = []
    for _ in range(count):
        y = distance + 0.3 + min(rng.exponential(0.3 * far), far)
        x = rng.uniform(-0.6, 0.6) * (y + 1)
        high = min(max(rng.lognormal(-0.2, 0.6), 0.2), 3.0)
        sizes = min(max(rng.lognormal(-0.2, 0.7), 0.15), 6.0), rng.uniform(0.3, 2), high
        base = (0, 0, 0, 0, 0, 1.0, 1.8)[rng.integers(7)]
        boxes.append(_box(rng, (x, y), sizes, _one_of(rng, *makers), base))
        if base:
            boxes.append(_box(rng, (x, y + 0.1), (0.08, 0.08, base), painted(rng)))
        upon = base + high
        for _ in range(rng.integers(0, 4) if sizes[0] > 0.4 else 0):  # things upon it
            wide, spot = rng.uniform(0.05, 0.35), (x + rng.uniform(-0.4, 0.4) * sizes[0], y + 0.05)
            boxes.append(_box(rng, spot, (wide, 0.1, rng.uniform(0.05, 0.5)), painted(rng), upon))
    return boxes


def _wide(
    rng: np.random.Generator, distance: float, material: Material, high: float, base: float = 0.0, far: float = 15.0
) -> Box:
    """A wall, a fence or a stand right across, somewhere behind the people."""
    return _box(rng, (0, distance + 0.4 + min(rng.exponential(0.35 * far), far)), (200, 0.5, high), material, base)


def _fittings(rng: np.random.Generator, y: float, left: float, right: float, count: int) -> list[Box]:
    """Doors, windows, signs, switches, pipes and mouldings on a wall that is `y` ahead, between `left` and `right`."""
    boxes = []
    for _ in range(count):
        x, deep = rng.uniform(left, right), rng.uniform(0.02, 0.12)
        kinds = (
            ((rng.uniform(0.7, 1.8), rng.uniform(1.9, 2.4)), 0.0, (painted, panels, planks)),  # a door
            ((rng.uniform(0.6, 2.0), rng.uniform(0.6, 1.6)), rng.uniform(0.7, 1.2), (facade, posters, painted)),
            ((rng.uniform(0.3, 2.5), rng.uniform(0.15, 0.8)), rng.uniform(1.0, 2.6), (banner, painted, planks)),
            ((rng.uniform(0.05, 0.4), rng.uniform(0.05, 0.4)), rng.uniform(0.3, 1.8), (painted,)),
            ((rng.uniform(0.03, 0.15), 12.0), 0.0, (painted, plaster)),  # a pipe
            ((30.0, rng.uniform(0.05, 0.3)), rng.choice([0.0, rng.uniform(0.6, 2.5)]), (painted, planks, plaster)),
        )
        (wide, high), base, makers = kinds[rng.integers(len(kinds))]
        boxes.append(_box(rng, (x, y - deep), (wide, deep, high), _one_of(rng, *makers), base))
    return boxes


def _car(rng: np.random.Generator, distance: float) -> list[Box]:
    """Seen from its side or its end: a body, windows above, darkness below."""
    x, y = rng.uniform(-8, 8), distance + rng.uniform(1.5, 15)
    wide, deep = (4.2, 1.7) if rng.random() < 0.6 else (1.7, 4.2)
    paint = Material("plain", any_colour(rng, 1.0), grain=0.04, length=2)
    glass = Material("windows", paint.colour, (0.12, 0.14, 0.17), (0.3 * wide, 0.6), grain=0.05, share=0.0)
    under = Material("plain", (0.05, 0.05, 0.05), grain=0.1)
    return [
        _box(rng, (x, y), (0.85 * wide, deep, 0.4), under),
        _box(rng, (x, y), (wide, deep, 0.55), paint, 0.3),
        _box(rng, (x, y + 0.15), (0.6 * wide, deep - 0.3, 0.55), glass, 0.85),
    ]


def _sides(rng: np.random.Generator, low: float, high: float) -> tuple[float, float, float, float]:
    """How bright what faces each way is."""
    left, right, back, ahead = (float(x) for x in rng.uniform(low, high, 4))
    return left, right, back, ahead


def _daylight(rng: np.random.Generator) -> Scenery:
    """The open, lit by the sun or by clouds."""
    sunny = rng.random() < 0.6
    cover = rng.uniform(0, 0.5) if sunny else rng.uniform(0.5, 1)
    above = hsv(
        rng.uniform(0.54, 0.62), rng.uniform(0.3, 0.75) if sunny else rng.uniform(0, 0.2), rng.uniform(0.6, 0.95)
    )
    below = hsv(rng.uniform(0.5, 0.62), rng.uniform(0, 0.3), rng.uniform(0.75, 1))
    if rng.random() < 0.1:
        below = hsv(rng.uniform(0.02, 0.13), rng.uniform(0.3, 0.7), 0.95)  # evening
    houses = rng.random() < 0.35
    ridge = wall_colour(rng) if houses else varied(rng, foliage_colour(rng))
    skyline = rng.uniform(0.02, 0.5) if rng.random() < 0.8 else 0.0
    light = *_sides(rng, *((0.35, 1.1) if sunny else (0.75, 0.95))), 1.0, 0.35
    sun = rng.normal(0, 1), rng.normal(0, 1), rng.uniform(0.4, 1.5)
    return Scenery(Material(), sky=Sky(above, below, cover, skyline, times(ridge, 0.7), houses),
                   turn=rng.normal(0, 0.25), light=light, sun=sun,
                   shade=rng.uniform(0.35, 0.65) if sunny else 0.0, haze=rng.uniform(0, 0.4))  # fmt: skip


def lawn(rng: np.random.Generator, distance: float) -> Scenery:
    """Grass or soil, with a hedge, a fence, benches, houses behind."""
    boxes = _strewn(rng, distance, int(rng.integers(1, 9)), 12, (painted, planks, hedge, bricks, banner))
    if rng.random() < 0.5:
        boxes.append(_wide(rng, distance, _one_of(rng, hedge, bars, bricks, hedge), rng.uniform(0.5, 3)))
    if rng.random() < 0.4:
        size = rng.uniform(5, 25), 10.0, rng.uniform(3, 12)
        boxes.append(_box(rng, (rng.uniform(-10, 10), distance + rng.uniform(8, 40)), size, facade(rng)))
    return replace(_daylight(rng), ground=_one_of(rng, grass, grass, soil), boxes=boxes)


def street(rng: np.random.Generator, distance: float) -> Scenery:
    """Houses on both sides or one, things parked in front of them."""
    boxes = _strewn(rng, distance, int(rng.integers(2, 10)), 12, (painted, painted, planks, banner, panels))
    for _ in range(rng.integers(0, 4)):
        boxes += _car(rng, distance)
    for side in (-1, 1):
        if rng.random() < 0.7:
            x, y = side * rng.uniform(3, 9), -5.0
            while y < 60 and len(boxes) < 16:
                long = rng.uniform(6, 20)
                high, depth = rng.uniform(3, 18), 8.0
                wall = _one_of(rng, facade, facade, bricks, panels)
                boxes.append(_box(rng, (x + side * depth / 2, y), (depth, long, high), wall))
                y += long + rng.choice([0, 0, 4])
    if rng.random() < 0.5:
        boxes.append(_wide(rng, distance, _one_of(rng, facade, facade, bricks, panels, plaster), rng.uniform(3, 14)))
    return replace(_daylight(rng), ground=_one_of(rng, asphalt, paving, paving), boxes=boxes)


def beach(rng: np.random.Generator, distance: float) -> Scenery:
    """Sand or snow, and water or hills."""
    snow = rng.random() < 0.4
    bright = rng.uniform(0.8, 1)
    ground = replace(soil(rng), colour=(0.95 * bright, 0.97 * bright, bright), grain=0.05) if snow else soil(rng)
    water = Material("plain", hsv(rng.uniform(0.48, 0.6), rng.uniform(0.2, 0.6), rng.uniform(0.3, 0.75)), grain=0.25,
                     length=0.8, stretch=6)  # fmt: skip
    boxes = _strewn(rng, distance, int(rng.integers(0, 3)), 20, (painted, planks))
    if not snow:
        box = _box(rng, (0, distance + rng.uniform(1, 10)), (3000, 3000, 0.02), water)
        boxes.append(replace(box, top=water))
    return replace(_daylight(rng), ground=ground, boxes=boxes)


def court(rng: np.random.Generator, distance: float) -> Scenery:
    """A sports ground in the open: lines, banners, spectators, a net."""
    boxes = [_wide(rng, distance, _one_of(rng, banner, banner, painted, bars, hedge), rng.uniform(0.4, 1.5), far=12)]
    if rng.random() < 0.7:
        front = boxes[0].low[1] + rng.uniform(0.5, 3)
        boxes.append(_box(rng, (0, front), (200, 1.2, 0.85), stand(rng)))
        boxes.append(_box(rng, (0, front + 1.2), (200, 3, rng.uniform(1.5, 9)), stand(rng)))
    boxes += _strewn(rng, distance, int(rng.integers(1, 8)), 8, (painted, painted, banner, bars, stand))
    return replace(_daylight(rng), ground=_one_of(rng, sport_floor, grass, asphalt, soil), boxes=boxes)


def before_wall(rng: np.random.Generator, distance: float) -> Scenery:
    """A wall right behind the people."""
    wall = _one_of(rng, bricks, plaster, panels, bars, hedge, facade, posters, curtain, shelves)
    boxes = [_wide(rng, distance, wall, rng.uniform(1, 12), far=2.5)]
    boxes += _fittings(rng, boxes[0].low[1], -2.5, 2.5, int(rng.integers(1, 10)))
    boxes += _strewn(rng, distance, int(rng.integers(1, 8)), 2, (painted, planks, panels, banner, posters))
    return replace(_daylight(rng), ground=_one_of(rng, asphalt, paving, soil, grass, planks), boxes=boxes)


def _indoors(rng: np.random.Generator, distance: float, half: float, deep: float, top: float) -> Scenery:
    """An empty room about the people. half: of its width; deep: from the people to the wall behind them, metres."""
    light = *_sides(rng, 0.45, 1.1), rng.uniform(0.7, 1), rng.uniform(0.5, 1)
    warm = hsv(rng.uniform(0.07, 0.15), rng.uniform(0, 0.25), 1)
    middle = np.clip(rng.normal(0, 0.3 * half), -0.8 * half, 0.8 * half)  # the people stand inside
    return Scenery(
        _one_of(rng, planks, planks, paving, carpet),
        (-half + middle, half + middle, -20.0, distance + deep, top),
        (_indoor_wall(rng), _indoor_wall(rng), plaster(rng), _indoor_wall(rng)),
        _one_of(rng, plaster, panels),
        sky=Sky(below=warm),
        turn=rng.normal(0, 0.35),
        light=light,
        shade=rng.uniform(0.1, 0.4) if rng.random() < 0.5 else 0.0,
        sun=(rng.normal(0, 0.5), rng.normal(0, 0.5), 1.0),
        reflection=rng.uniform(0, 0.5) if rng.random() < 0.4 else 0.0,
        lamp=(middle + rng.uniform(-half, half), distance + rng.uniform(-2, deep), top - 0.2, rng.uniform(0, 1.2)),
    )


def room(rng: np.random.Generator, distance: float) -> Scenery:
    """A room at home, a kitchen, a shop, an office."""
    bare = _indoors(rng, distance, rng.uniform(1.8, 5), rng.uniform(0.5, 5), rng.uniform(2.3, 3.2))
    things = _strewn(rng, distance, int(rng.integers(4, 13)), 3, (painted, planks, shelves, panels, carpet, posters))
    things += _fittings(rng, bare.room[3], *bare.room[:2], int(rng.integers(2, 11)))
    return replace(bare, boxes=things)


def gym(rng: np.random.Generator, distance: float) -> Scenery:
    """A hall: lines or mats on its floor, banners, wall bars, spectators, beams."""
    bare = _indoors(rng, distance, rng.uniform(8, 20), rng.uniform(2, 20), rng.uniform(5, 12))
    kinds = plaster, panels, bricks, bars, stand, posters, curtain
    walls = _one_of(rng, *kinds), _one_of(rng, *kinds), plaster(rng), _one_of(rng, *kinds)
    things = _strewn(rng, distance, int(rng.integers(3, 11)), 6, (painted, painted, planks, banner, bars, stand))
    things += _fittings(rng, bare.room[3], max(bare.room[0], -8.0), min(bare.room[1], 8.0), int(rng.integers(1, 9)))
    for _ in range(rng.integers(0, 4)):
        across = _one_of(rng, banner, stand, stand, painted, bars, curtain)
        things.append(_wide(rng, distance, across, rng.uniform(0.6, 3), (0, 0, 1, 2.5)[rng.integers(4)]))
    ground = _one_of(rng, sport_floor, sport_floor, carpet, planks)
    return replace(bare, ground=ground, walls=walls, boxes=things)


def stage(rng: np.random.Generator, distance: float) -> Scenery:
    """A dark hall."""
    bare = gym(rng, distance)
    return replace(bare, light=(*_sides(rng, 0.02, 0.3), rng.uniform(0.1, 0.7), 0.1), reflection=rng.uniform(0, 0.3))


def studio(rng: np.random.Generator, distance: float) -> Scenery:
    """A plain wall and a plain floor of nearly the same colour."""
    colour = any_colour(rng, 0.5)
    plain = Material("plain", colour, grain=rng.uniform(0, 0.06), length=3)
    floor = replace(plain, colour=varied(rng, colour))
    deep = distance + rng.uniform(0.5, 4)
    level = rng.uniform(0.6, 1.1)
    return Scenery(floor, (-30, 30, -20, deep, FAR), (plain,) * 4, light=(level, level, level, level, level, 1.0))


PLACES: tuple[tuple[Place, float], ...] = (
    (lawn, 20), (street, 17), (beach, 6), (court, 10), (before_wall, 9), (room, 17), (gym, 15), (stage, 3), (studio, 3),
)  # fmt: skip
