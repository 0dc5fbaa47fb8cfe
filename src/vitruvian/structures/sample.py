"""Sample: one image of a data set with its labels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vitruvian.structures.poses import Poses


@dataclass(frozen=True, eq=False)
class Sample:
    """One image of a data set and the people labelled in it.

    name:  what the data set calls the image; unique within it.
    load:  gives the image as (H, W, 3) uint8 RGB; called only when the pixels are needed.
    poses: the labels, in pixels of that image.
    """

    name: str
    load: Callable[[], np.ndarray]
    poses: Poses
