"""Light as photos have it: outdoors and indoors, with a flash, at night, on a stage.

All in all a person receives about 1, but in the dark; brightness then follows the background's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.light import Light

NEUTRAL = np.ones(3)
WARM = np.array([1.15, 0.98, 0.72])  # about 3,500 K before a camera that is set to daylight
GOLDEN = np.array([1.3, 0.9, 0.5])  # the sun near the horizon
COOL = np.array([0.88, 1.0, 1.18])  # the open sky


@dataclass(frozen=True, eq=False)
class Stand:
    """Where people and camera are, (3,) each; back: (3,) unit vector from the people to the camera."""

    target: np.ndarray
    camera: np.ndarray

    @property
    def back(self) -> np.ndarray:
        away = self.camera - self.target
        return np.asarray(away / np.linalg.norm(away))


def random_light(rng: np.random.Generator, camera: Camera, target: np.ndarray) -> Light:
    """One of CONDITIONS. target: (3,) where the people are."""
    names = list(CONDITIONS)
    shares = np.array([CONDITIONS[name][1] for name in names])
    condition = names[rng.choice(len(names), p=shares / shares.sum())]
    return CONDITIONS[condition][0](rng, Stand(np.asarray(target, np.float64), camera.place))


def direction(rng: np.random.Generator, low: float, high: float, towards: np.ndarray | None = None) -> np.ndarray:
    """(3,) unit vector, `low` to `high` degrees over the horizon, at most 60 degrees to a side of `towards`."""
    height, around = np.radians(rng.uniform(low, high)), rng.uniform(-np.pi, np.pi)
    if towards is not None:
        around = np.arctan2(towards[1], towards[0]) + around / 3
    return np.array([np.cos(height) * np.cos(around), np.cos(height) * np.sin(around), np.sin(height)])


def tinted(rng: np.random.Generator, tint: np.ndarray, low: float, high: float) -> np.ndarray:
    """(3,) light of about a tint, as bright as a number between low and high."""
    mixed = tint ** rng.uniform(0.2, 1.2) * np.exp(rng.normal(0, 0.03, 3))
    return np.asarray(rng.uniform(low, high) * mixed)


def lamp(rng: np.random.Generator, stand: Stand, way: np.ndarray, far: float, received: np.ndarray) -> np.ndarray:
    """(6,) a lamp that lies `far` metres from the target and gives it `received`."""
    return np.concatenate([stand.target + far * way, received * far**2])


def colour(rng: np.random.Generator) -> np.ndarray:
    """(3,) a saturated one, whose brightest channel is 1."""
    hue = rng.uniform(0, 3)
    ring = np.clip(np.abs((hue - np.array([0, 1, 2]) + 1.5) % 3 - 1.5) - 0.25, 0, 1)
    pure = 1 - ring / ring.max()
    return np.asarray(pure + (1 - pure) * rng.uniform(0.05, 0.6))


def noon(rng: np.random.Generator, stand: Stand) -> Light:
    """Bright sun, high."""
    sun = direction(rng, 30, 75)
    return Light(
        sun, tinted(rng, WARM**0.4, 0.6, 1.2), rng.uniform(0.005, 0.03), ambient=rng.uniform(0.2, 0.5),
        above=rng.uniform(0.1, 0.6), fit=rng.uniform(0.3, 0.8),
    )  # fmt: skip


def low_sun(rng: np.random.Generator, stand: Stand) -> Light:
    """Morning or evening."""
    sun = direction(rng, 5, 28)
    return Light(
        sun, tinted(rng, GOLDEN, 0.5, 1.2), rng.uniform(0.01, 0.05), ambient=rng.uniform(0.2, 0.5),
        above=rng.uniform(0.1, 0.6), fit=rng.uniform(0.3, 0.9),
    )  # fmt: skip


def overcast(rng: np.random.Generator, stand: Stand) -> Light:
    """A white sky."""
    sun = direction(rng, 50, 88)
    return Light(
        sun, tinted(rng, COOL, 0.0, 0.25), 0.3, ambient=rng.uniform(0.7, 1.1), above=rng.uniform(0.3, 0.9),
        fit=rng.uniform(0.5, 1.0),
    )  # fmt: skip


def indoors(rng: np.random.Generator, stand: Stand) -> Light:
    """Lamps under the ceiling, much light from walls."""
    lamps = [
        lamp(rng, stand, direction(rng, 15, 80), rng.uniform(1.5, 4), tinted(rng, WARM, 0.05, 0.4))
        for _ in range(rng.integers(1, 4))
    ]
    sun, sunlight = direction(rng, 35, 85), tinted(rng, WARM, 0.1, 0.5)
    return Light(
        sun, sunlight, rng.uniform(0.06, 0.25), np.array(lamps, np.float32), rng.uniform(0.3, 0.7),
        rng.uniform(0.0, 0.5), rng.uniform(0.4, 1.0),
    )  # fmt: skip


def window(rng: np.random.Generator, stand: Stand) -> Light:
    """A large bright window at one side, the rest of the room dim."""
    sun = direction(rng, 3, 35)
    return Light(
        sun, tinted(rng, COOL, 0.5, 1.2), rng.uniform(0.12, 0.3), ambient=rng.uniform(0.12, 0.4),
        above=rng.uniform(-0.2, 0.3), fit=rng.uniform(0.3, 0.9),
    )  # fmt: skip


def flash(rng: np.random.Generator, stand: Stand) -> Light:
    """A small lamp beside the lens; what is far behind stays dark."""
    at = stand.camera + np.array([*rng.normal(0, 0.06, 2), rng.uniform(0.03, 0.2)]) - stand.target
    return Light(
        at / np.linalg.norm(at), tinted(rng, NEUTRAL, 0.5, 1.3), 0.01, ambient=rng.uniform(0.08, 0.35),
        above=rng.uniform(0, 0.4), fit=rng.uniform(0.0, 0.3),
    )  # fmt: skip


def backlit(rng: np.random.Generator, stand: Stand) -> Light:
    """The sun or a window behind the people, who are dark against it."""
    sun = direction(rng, 8, 50, -stand.back)
    return Light(
        sun, tinted(rng, WARM**0.6, 0.6, 1.5), rng.uniform(0.01, 0.1), ambient=rng.uniform(0.15, 0.5),
        above=rng.uniform(0.1, 0.6), fit=rng.uniform(0.2, 0.7),
    )  # fmt: skip


def night(rng: np.random.Generator, stand: Stand) -> Light:
    """A street lamp above, coloured signs around."""
    lamps = [
        lamp(rng, stand, direction(rng, 0, 40), rng.uniform(2, 6), colour(rng) * rng.uniform(0.05, 0.4))
        for _ in range(rng.integers(1, 4))
    ]
    sun, sunlight = direction(rng, 40, 80), tinted(rng, GOLDEN, 0.25, 0.9)
    return Light(
        sun, sunlight, rng.uniform(0.01, 0.08), np.array(lamps, np.float32), rng.uniform(0.1, 0.3),
        rng.uniform(-0.2, 0.3), rng.uniform(0.0, 0.4),
    )  # fmt: skip


def stage(rng: np.random.Generator, stand: Stand) -> Light:
    """Coloured spotlights from all sides."""
    lamps = [
        lamp(rng, stand, direction(rng, 10, 70), rng.uniform(2, 6), colour(rng) * rng.uniform(0.1, 0.7))
        for _ in range(rng.integers(1, 4))
    ]
    sun, sunlight = direction(rng, 25, 75), colour(rng) ** rng.uniform(0, 1) * rng.uniform(0.4, 1.4)
    return Light(
        sun, sunlight, rng.uniform(0.01, 0.06), np.array(lamps, np.float32), rng.uniform(0.1, 0.3),
        rng.uniform(-0.2, 0.3), rng.uniform(0.0, 0.4),
    )  # fmt: skip


Condition = Callable[[np.random.Generator, Stand], Light]
CONDITIONS: Mapping[str, tuple[Condition, float]] = {  # and how often each is drawn
    "noon": (noon, 0.22),
    "low_sun": (low_sun, 0.1),
    "overcast": (overcast, 0.18),
    "indoors": (indoors, 0.2),
    "window": (window, 0.08),
    "flash": (flash, 0.07),
    "backlit": (backlit, 0.06),
    "night": (night, 0.05),
    "stage": (stage, 0.04),
}
