"""Ink: lines and dots of any width at sub-pixel places, blended into an image with smooth edges.

OpenCV draws lines of whole-pixel widths without transparency. Ink lets it draw several times larger than the image,
on a layer that starts out transparent, and shrinks the result.
"""

import cv2
import numpy as np

from vitruvian.errors import ShapeError

Point = tuple[float, float]  # x, y in image pixels; finite
Region = tuple[int, int, int, int]  # the pixels x0 <= x < x1, y0 <= y < y1
Colour = tuple[int, int, int, int]  # red, green, blue, opacity; 0 to 255

_FRACTION = 4  # bits of OpenCV's fixed-point coordinates that lie after the point
_FINEST = 4  # layer pixels per image pixel, at most; also the width in layer pixels that strokes should have, at least
_LARGEST = 1 << 24  # pixels of a layer: 64 MiB


class Ink:
    """A transparent layer over a region of an image, `zoom` times finer than its pixels.

    The layer (H, W, 4) uint8 holds colours multiplied by their opacity, so that shrinking it mixes them rightly.
    Positions and widths are in image pixels; what lies outside is cut off. Later strokes cover earlier ones.
    """

    def __init__(self, region: Region, thinnest: float):
        """thinnest: the width of the thinnest stroke to come, pixels; it decides the zoom."""
        self.region = x0, y0, x1, y1 = region
        affordable = int(np.sqrt(_LARGEST / ((x1 - x0) * (y1 - y0))))
        self.zoom = max(1, min(_FINEST, affordable, int(np.ceil(_FINEST / thinnest))))
        self.layer = np.zeros(((y1 - y0) * self.zoom, (x1 - x0) * self.zoom, 4), np.uint8)

    def line(self, a: Point, b: Point, width: float, colour: Colour) -> None:
        """A straight line with round ends from a to b; just a dot where they are the same."""
        inside = clip_segment(a, b, self.region, margin=width + 2)
        if inside is not None:
            thickness = max(1, round(width * self.zoom))
            a, b = map(self._fixed, inside)
            cv2.line(self.layer, a, b, _premultiplied(colour), thickness, cv2.LINE_AA, _FRACTION)

    def dot(self, centre: Point, diameter: float, colour: Colour) -> None:
        """A filled circle."""
        if clip_segment(centre, centre, self.region, margin=diameter + 2) is not None:
            radius = max(1, round(diameter / 2 * self.zoom * (1 << _FRACTION)))
            colour = _premultiplied(colour)
            cv2.circle(self.layer, self._fixed(centre), radius, colour, cv2.FILLED, cv2.LINE_AA, _FRACTION)

    def onto(self, image: np.ndarray) -> None:
        """Blend the layer into image (H, W, 3) uint8, in place; where nothing was drawn the image stays as it is."""
        x0, y0, x1, y1 = self.region
        layer = cv2.resize(self.layer, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        colour, opacity = cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB), layer[..., 3]
        patch = image[y0:y1, x0:x1]
        behind = cv2.multiply(patch, cv2.cvtColor(255 - opacity, cv2.COLOR_GRAY2RGB), scale=1 / 255)
        patch[:] = cv2.add(behind, colour)

    def _fixed(self, point: Point) -> tuple[int, int]:
        """A point of the image as OpenCV's fixed-point coordinates in the layer; pixel centres are whole numbers."""
        (x, y), (x0, y0) = point, self.region[:2]
        unit = 1 << _FRACTION
        return round(((x - x0 + 0.5) * self.zoom - 0.5) * unit), round(((y - y0 + 0.5) * self.zoom - 0.5) * unit)


def clip_segment(a: Point, b: Point, region: Region, margin: float) -> tuple[Point, Point] | None:
    """The part of the segment from a to b that lies within `margin` of the region; None if there is none.

    Liang and Barsky 1984, "A new concept and method for line clipping": the shares of the way at which the segment
    enters and leaves each pair of parallel edges.
    """
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        start, step = a[axis], b[axis] - a[axis]
        to_low, to_high = region[axis] - margin - start, region[axis + 2] + margin - start
        if step == 0:
            if to_low > 0 or to_high < 0:
                return None
            continue
        first, last = sorted((to_low / step, to_high / step))
        enter, leave = max(enter, first), min(leave, last)
    if enter > leave:
        return None
    dx, dy = b[0] - a[0], b[1] - a[1]
    return (a[0] + enter * dx, a[1] + enter * dy), (a[0] + leave * dx, a[1] + leave * dy)


def canvas_of(image: np.ndarray) -> np.ndarray:
    """A copy of image (H, W, 3) uint8 RGB to draw on. Raises ShapeError for anything else."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ShapeError(f"an image to draw on must be (H, W, 3) uint8 RGB, got {image.shape} {image.dtype}")
    return np.array(image, order="C")


def _premultiplied(colour: Colour) -> Colour:
    red, green, blue, opacity = colour
    return red * opacity // 255, green * opacity // 255, blue * opacity // 255, opacity
