"""What falls on a scene: the sun or the main lamp, which throws shadows, smaller lamps, and light from all around.

Brightness is linear, in units in which a white matt surface that receives 1 shows as white.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from vitruvian.synthesis.rendering.camera import Camera

USUAL_BRIGHTNESS = 0.2  # mean linear luminance of a photo: then a scene that receives 1 in all fits it
HUE = 0.4  # exponent: the light around is less colourful than the things that it lights
COARSE = 4  # pixels: every fourth is enough to tell what the surroundings are like
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear red, green, blue: ITU-R BT.709


def _no_lamps() -> np.ndarray:
    return np.zeros((0, 6), np.float32)


@dataclass(frozen=True, eq=False)
class Light:
    """What falls on a scene.

    sun:     (3,) unit vector towards it; sunlight: (3,) what a surface facing it receives, red, green, blue.
    spread:  half the angle in radians that the sun covers in the sky: how soft its shadows are.
    lamps:   (L, 6) float32, without shadows: place in the world, and what a surface facing one at 1 m receives.
    ambient: from all around, in the colours of the background; above: how much more of it comes from the sky than
             from the ground, in [-1, 1].
    fit:     how far everything follows the background's brightness: 0 not at all, 1 wholly.
    """

    sun: np.ndarray
    sunlight: np.ndarray
    spread: float = 0.01
    lamps: np.ndarray = field(default_factory=_no_lamps)
    ambient: float = 0.4
    above: float = 0.3
    fit: float = 0.0


class Falling(NamedTuple):
    """A Light before a background, as the loops read it: as Light has it, the brightness fitted.

    around: (4, 3); from all around a matt surface of the normal (x, y, z) receives
            around[0] + x around[1] + y around[2] + z around[3].
    """

    sun: np.ndarray
    sunlight: np.ndarray
    lamps: np.ndarray
    around: np.ndarray


def falling(light: Light, background: np.ndarray, camera: Camera) -> Falling:
    """background: (H, W, 3) float32 linear, which is taken for what the surroundings look like."""
    mean, across, down = _gradients(background)
    brightness = float(mean @ LUMINANCE)
    level = (max(brightness, 0.01) / USUAL_BRIGHTNESS) ** light.fit
    whole = light.ambient * level
    around = np.zeros((4, 3))
    around[0] = whole
    if brightness > 1e-3:
        tint = np.maximum(mean / brightness, 0.01) ** HUE
        around[0] = whole * tint / (tint @ LUMINANCE)
        sideways = camera.turn[0] * (across @ LUMINANCE) + camera.turn[1] * (down @ LUMINANCE)
        around[1:] = 2 / 3 * sideways[:, None] * around[0] / brightness
    around[3] += 2 / 3 * light.above * around[0]  # of brightness a + b cos, a matt surface receives a + 2/3 b
    lamps = np.array(light.lamps, np.float32)
    lamps[:, 3:] *= level
    sun = np.asarray(light.sun, np.float64) / np.linalg.norm(light.sun)
    return Falling(sun, np.asarray(light.sunlight, np.float64) * level, lamps, around)


def _gradients(background: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(3,) the mean, and half of how much brighter the right is than the left, the bottom than the top."""
    height, width = (side // COARSE for side in background.shape[:2])
    coarse = background[: height * COARSE : COARSE, : width * COARSE : COARSE].astype(np.float64)
    rows, columns = coarse.mean(1), coarse.mean(0)
    across = columns[(width + 1) // 2 :].mean(0) - columns[: width // 2].mean(0)
    down = rows[(height + 1) // 2 :].mean(0) - rows[: height // 2].mean(0)
    return rows.mean(0), across / 2, down / 2


def sky_turn(sun: np.ndarray) -> np.ndarray:
    """(3, 3) rows: two directions across the light, and towards it."""
    side = np.cross(sun, (0.0, 0.0, 1.0) if abs(sun[2]) < 0.9 else (0.0, 1.0, 0.0))
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(sun, side), sun])
