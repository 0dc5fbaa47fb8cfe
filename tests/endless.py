"""Pictures that never end and are made in no time, as stand-ins for rendered ones."""

from dataclasses import dataclass

import numpy as np

from tests.dots import DOTS, dot_pictures
from vitruvian.datasets import Endless


@dataclass(frozen=True, eq=False)
class Drawn:
    """N people of K keypoints in a picture: as `Endless` wants them."""

    image: np.ndarray
    xy: np.ndarray
    boxes: np.ndarray


class Dots:
    """The pictures of `tests.dots`, over and over, the place of the red dot changed by a pixel."""

    def picture(self, number: int) -> Drawn:
        images, xy = dot_pictures()
        row = number % len(images)
        return Drawn(images[row], xy[row][None] + [[[1.0, 0.0], [0.0, 0.0]]], np.array([[0.0, 0.0, 31.0, 31.0]]))


def dots_endless(share: float, settings: str = "dots") -> Endless:
    return Endless("drawn dots", Dots(), DOTS, share, None, settings)
