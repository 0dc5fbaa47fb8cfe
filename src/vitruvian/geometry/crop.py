"""Crop: the one place where coordinates change between image and network input."""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from vitruvian.errors import BoxError, ShapeError, UnknownNameError

Convention = Literal["msra", "udp"]


@dataclass(frozen=True, eq=False)
class Crop:
    """The affine map from image pixels to input pixels. matrix: (2, 3) float64, invertible; size: (width, height)."""

    matrix: np.ndarray
    size: tuple[int, int]

    def __post_init__(self) -> None:
        if self.matrix.shape != (2, 3):
            raise ShapeError(f"matrix must be (2, 3), got {self.matrix.shape}")
        if min(self.size) < 1:
            raise ShapeError(f"size must be (width, height) of at least one pixel, got {self.size}")
        (a, b, x), (c, d, y) = self.matrix.tolist()
        if not np.isfinite([a * d - b * c, x, y]).all() or a * d == b * c:
            raise ShapeError(f"matrix must be finite and invertible, got {self.matrix.tolist()}")

    @classmethod
    def around(
        cls, box: np.ndarray, size: tuple[int, int], padding: float = 1.25, convention: Convention = "msra"
    ) -> "Crop":
        """The crop that shows `box` (4,) = x0 y0 x1 y1, padded, upright and as large as `size` allows.

        Raises BoxError for a box that is not finite or has no width or height.
        """
        box = np.asarray(box, np.float64)
        if box.shape != (4,):
            raise ShapeError(f"a box must be (4,) = x0 y0 x1 y1, got {box.shape}")
        extent = box[2:] - box[:2]
        if not np.isfinite(box).all() or (extent <= 0).any():
            raise BoxError(f"box {np.round(box, 2).tolist()} encloses nothing; expected finite x0 < x1 and y0 < y1")
        return cls.of((box[:2] + box[2:]) / 2, cls.fill(extent * padding, size), 0.0, size, convention)

    @staticmethod
    def fill(extent: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """The smallest (width, height) around `extent` (2,) image pixels that has the aspect ratio of `size`."""
        width = max(extent[0], extent[1] * size[0] / size[1])
        return np.array([width, width * size[1] / size[0]])

    @classmethod
    def of(
        cls,
        centre: np.ndarray,
        extent: np.ndarray,
        degrees: float,
        size: tuple[int, int],
        convention: Convention = "msra",
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> "Crop":
        """The crop of `extent` (width, height) image pixels about `centre` (2,), turned by `degrees`, into `size`.

        What published weights disagree on is the convention:

        "msra" lands the centre on size / 2 and scales by width / extent (arXiv:1804.06208). The height follows.
        "udp"  lands it on (size - 1) / 2 and scales both axes by (size - 1) / extent, so that mirroring the input
               mirrors the coordinates exactly (arXiv:1911.07524).

        `shift` moves the centre by that share of the extent. Positive degrees turn the content anticlockwise.

        Raises UnknownNameError for another convention.
        """
        if convention not in get_args(Convention):
            raise UnknownNameError("crop convention", convention, get_args(Convention))
        output = np.array(size, np.float64)
        turn = _rotation(degrees)
        source = np.asarray(centre, np.float64) + np.asarray(extent) * shift
        if convention == "udp":
            linear, target = np.diag((output - 1) / extent) @ turn, (output - 1) / 2
        else:
            linear, target = output[0] / extent[0] * turn, output / 2
        return cls(np.column_stack([linear, target - linear @ source]), size)

    def cut(self, image: np.ndarray) -> np.ndarray:
        """image (H, W, 3) -> (height, width, 3), bilinear, black outside the image.

        Raises ShapeError for an array that OpenCV does not take: another dtype, or, before OpenCV 5, 32,767 pixels or
        more on a side.
        """
        try:
            return cv2.warpAffine(image, self.matrix, self.size, flags=cv2.INTER_LINEAR)
        except cv2.error as error:
            raise ShapeError(
                f"OpenCV {cv2.__version__} cannot cut from an image {image.shape} {image.dtype}; expected (H, W, 3) "
                f"uint8, before OpenCV 5 with sides below 32,767 pixels"
            ) from error

    def to_input(self, xy: np.ndarray) -> np.ndarray:
        """(..., 2) image pixels -> (..., 2) input pixels."""
        return xy @ self.matrix[:, :2].T + self.matrix[:, 2]

    def to_image(self, xy: np.ndarray) -> np.ndarray:
        """(..., 2) input pixels -> (..., 2) image pixels; the exact inverse of `to_input`."""
        return (xy - self.matrix[:, 2]) @ np.linalg.inv(self.matrix[:, :2]).T

    def mirrored(self) -> "Crop":
        """The same crop with its input mirrored left to right: input pixel x becomes width - 1 - x."""
        mirror = np.array([[-1.0, 0.0], [0.0, 1.0]])
        return Crop(mirror @ self.matrix + [[0.0, 0.0, self.size[0] - 1.0], [0.0, 0.0, 0.0]], self.size)


def _rotation(degrees: float) -> np.ndarray:
    """(2, 2), turning the content of an image (y down) anticlockwise as it is seen."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cosine, sine], [-sine, cosine]])
