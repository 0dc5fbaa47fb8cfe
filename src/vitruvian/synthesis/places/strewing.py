"""What is strewn over a place at random: trees, passers-by far away, posts, fences, limbs of nobody, lamps."""

import numpy as np

from vitruvian.synthesis.places.clutter import Rod, add_leaves, add_lights, add_rods, dapple
from vitruvian.synthesis.places.makings import any_colour, foliage_colour
from vitruvian.synthesis.places.materials import Colour
from vitruvian.synthesis.places.scenery import View


def strew(
    picture: np.ndarray, ahead: np.ndarray, outdoors: bool, view: View, distance: float, rng: np.random.Generator
) -> None:
    """Paint over a picture (H, W, 3) float32 whose distances are `ahead`, behind where people stand, at `distance`."""
    if outdoors:
        leaf = foliage_colour(rng)
        for _ in range((0, 1, 3, 6, 12)[rng.integers(5)]):
            _tree(picture, ahead, view, distance, leaf, rng)
        if rng.random() < 0.2:
            dapple(picture, ahead, view, int(rng.integers(1000)), rng.uniform(0.1, 0.5))
    rods: list[Rod] = []
    if rng.random() < 0.55:
        for _ in range(rng.integers(1, 9)):
            rods += _passer_by(distance, rng)
    for _ in range((0, 1, 1, 2, 4)[rng.integers(5)]):
        rods += _fence(distance, rng) if rng.random() < 0.2 else [_post(distance, rng)]
    for _ in range((0, 0, 1, 3)[rng.integers(4)]):
        rods += _limb(distance, rng)
    add_rods(picture, ahead, view, rods)
    if not outdoors and rng.random() < 0.25:
        reach = picture.shape[0] * rng.uniform(0.01, 0.06)
        add_lights(picture, rng, int(rng.integers(1, 12)), reach, view.horizon)


def skin(rng: np.random.Generator) -> Colour:
    """As pictures show it, from dark to pale."""
    level = rng.uniform(0.25, 0.95)
    return level, 0.76 * level, 0.62 * level


def _tree(
    picture: np.ndarray, ahead: np.ndarray, view: View, distance: float, leaf: Colour, rng: np.random.Generator
) -> None:
    """A crown on a trunk, or a bush."""
    y = distance + rng.uniform(1, 25)
    x, high = rng.uniform(-0.7, 0.7) * y, rng.uniform(1, 5) if rng.random() < 0.5 else 0.0
    wide = rng.uniform(0.8, 4) if high else rng.uniform(0.4, 1.2)
    if high:
        level, thick = rng.uniform(0.12, 0.5), rng.uniform(0.05, 0.35)
        bark = level, 0.85 * level, 0.7 * level
        top = x + rng.normal(0, 0.3), y, high + 0.5 * wide
        add_rods(picture, ahead, view, [Rod((x, y, 0), top, (thick, 0.6 * thick), bark)])
    place = np.array([x, y - 0.3, high + 0.6 * wide])
    add_leaves(picture, ahead, view, place, (wide, wide * rng.uniform(0.6, 1.2)), leaf)


def _passer_by(distance: float, rng: np.random.Generator) -> list[Rod]:
    """Lumps of clothes on two legs, too far behind the people and too small to be taken for one of them."""
    y = distance * rng.uniform(2, 5) + 2
    x, high = rng.uniform(-0.6, 0.6) * y, rng.uniform(1.5, 1.85)
    trousers, shirt, bare, hair = any_colour(rng), any_colour(rng, 0.9), skin(rng), any_colour(rng, 0.3)
    at = [
        (x + dx, y, high * z)
        for dx, z in ((-0.08, 0.5), (0.08, 0.5), (0, 0.54), (0, 0.76), (0, 0.85), (0, 0.93), (0, 0.96))
    ]
    feet = [(x + side * rng.uniform(0.05, 0.2), y, 0.0) for side in (-1, 1)]
    hands = [(x + side * rng.uniform(0.2, 0.4), y, high * rng.uniform(0.45, 0.9)) for side in (-1, 1)]
    shoulders = [(x + side * 0.18, y, 0.8 * high) for side in (-1, 1)]
    legs = [Rod(foot, hip, (0.06, 0.09), trousers) for foot, hip in zip(feet, at[:2], strict=True)]
    arms = [Rod(shoulder, hand, (0.05, 0.04), shirt) for shoulder, hand in zip(shoulders, hands, strict=True)]
    head = [Rod(at[4], at[5], (0.05, 0.1), bare), Rod(at[5], at[6], (0.09, 0.09), hair)]
    return [*legs, *arms, Rod(at[2], at[3], (0.15, 0.19), shirt), *head]


def _post(distance: float, rng: np.random.Generator) -> Rod:
    """A post, a rail or a rope."""
    y = distance + rng.uniform(0.2, 6)
    x, thick, colour = rng.uniform(-0.5, 0.5) * y, rng.uniform(0.01, 0.12), any_colour(rng)
    if rng.random() < 0.6:
        return Rod((x, y, 0), (x + rng.normal(0, 0.1), y, rng.uniform(1, 8)), (thick, thick), colour)
    low = rng.uniform(0.3, 3)
    return Rod((x - 20, y, low), (x + 20, y, low + rng.normal(0, 1)), (thick, thick), colour)


def _fence(distance: float, rng: np.random.Generator) -> list[Rod]:
    """Two rails and bars between them."""
    y = distance + rng.uniform(0.2, 6)
    colour, high, start = any_colour(rng), rng.uniform(0.5, 2.5), rng.uniform(-0.5, 0.2) * y
    step, thick = rng.uniform(0.12, 0.6), rng.uniform(0.008, 0.03)
    rails = [Rod((start, y, z), (start + 20 * step, y, z), (thick, thick), colour) for z in (0.1, high)]
    places = [start + i * step for i in range(21)]
    return rails + [Rod((x, y, 0), (x, y, high), (thick, thick), colour) for x in places]


def _limb(distance: float, rng: np.random.Generator) -> list[Rod]:
    """Up to three tapering pieces in a row, of skin's or any colour, that are no part of anybody."""
    y = distance + rng.uniform(0.1, 3)
    place, colour = (
        np.array([rng.uniform(-0.4, 0.4) * y, y, rng.uniform(0, 2)]),
        skin(rng) if rng.random() < 0.5 else any_colour(rng),
    )
    thick, way, rods = rng.uniform(0.02, 0.12), rng.normal(0, 1, 3), []
    for _ in range(rng.integers(1, 4)):
        way = way + rng.normal(0, 0.8, 3)
        after = place + rng.uniform(0.15, 0.6) * way / np.linalg.norm(way) * (1, 0.3, 1)
        rods.append(Rod(place, after, (thick, 0.8 * thick), colour))
        place, thick = after, 0.8 * thick
    return rods
