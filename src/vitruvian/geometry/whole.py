"""The crop that shows a whole image, as networks need it that find everybody at once."""

import math
from typing import Literal, get_args

import numpy as np

from vitruvian.errors import ShapeError, UnknownNameError
from vitruvian.geometry.crop import Convention, Crop

Fitting = Literal["fit", "expand"]


def whole_crop(
    image: tuple[int, int],
    size: tuple[int, int],
    fitting: Fitting = "expand",
    multiple: int = 1,
    convention: Convention = "msra",
) -> Crop:
    """The crop that shows all of an image (width, height), upright and with its aspect ratio.

    "fit"    puts the image inside `size`, which must be a multiple of `multiple`, and leaves the rest black.
    "expand" lets it cover `size`, so that one side is that of `size` and the other longer; both are then rounded up to
             a `multiple`, the strides of a network, and what was rounded up is black.

    The image is in the middle in the "msra" convention and in the top left corner in "udp", as in MMPose's
    BottomupResize. Raises UnknownNameError for another fitting, ShapeError for a size that does not fit `multiple`.
    """
    if fitting not in get_args(Fitting):
        raise UnknownNameError("fitting", fitting, get_args(Fitting))
    if fitting == "fit" and any(side % multiple for side in size):
        raise ShapeError(f"an image that is to fit needs sizes that are multiples of {multiple}, got {size}")
    extent, inner = np.array(image, np.float64), shown_size(image, _rounded(size, multiple), fitting)
    output = size if fitting == "fit" else _rounded(inner, multiple)
    if convention == "udp":
        scale = (np.array(inner) - 1) / extent
        shift = (np.array(inner) - 1) / 2 - scale * (extent - 1) / 2
        return Crop(np.column_stack([np.diag(scale), shift]), output)
    return Crop.of(extent / 2, extent * output / inner, 0.0, output, convention)


def shown_size(image: tuple[int, int], size: tuple[int, int], fitting: Fitting) -> tuple[float, float]:
    """The (width, height) in input pixels of an image that lies within `size` ("fit") or covers it ("expand")."""
    choose = min if fitting == "fit" else max
    scale = choose(size[0] / image[0], size[1] / image[1])
    return image[0] * scale, image[1] * scale


def _rounded(size: tuple[float, float], multiple: int) -> tuple[int, int]:
    """Both sides rounded up to a multiple; what exceeds one by less than a millionth is that multiple."""
    width, height = (math.ceil(side / multiple - 1e-6) * multiple for side in size)
    return width, height
