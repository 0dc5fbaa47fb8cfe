"""The people who play in some pictures: who they are takes longer to make up than a picture of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vitruvian.synthesis.human.anatomy import Shape, Traits, anatomy
from vitruvian.synthesis.human.people import random_traits
from vitruvian.synthesis.looks.look import Look, random_look

SIZE = 8  # people of a cast
SCENES = 32  # pictures that it plays in
CAST = 1  # tells the random numbers of casts from those of scenes


@dataclass(frozen=True, eq=False)
class Actor:
    """Somebody: traits, the shape of the body at rest, and how it is dressed."""

    traits: Traits
    shape: Shape
    look: Look


def cast_of(seed: int, number: int) -> Sequence[Actor]:
    """Who plays in scene `number`: the same SIZE people in SCENES scenes one after another."""
    return _cast(seed, number // SCENES)


@lru_cache(maxsize=2)
def _cast(seed: int, number: int) -> Sequence[Actor]:
    rng = np.random.default_rng((seed, CAST, number))
    human = anatomy()
    people = [random_traits(rng, human.details) for _ in range(SIZE)]
    shapes = human.shapes(people)
    return [
        Actor(traits, shape, random_look(human, shape, traits, rng))
        for traits, shape in zip(people, shapes, strict=True)
    ]
