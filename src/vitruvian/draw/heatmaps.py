"""The likelihood of a joint as a translucent colour map over an image."""

import cv2
import numpy as np

from vitruvian.draw.ink import Region, canvas_of
from vitruvian.errors import ShapeError

OPACITY = 0.8  # where the likelihood is 1
COLOURMAP = cv2.COLORMAP_VIRIDIS  # lightness grows in equal steps, whatever one's colour vision; unlike skin


def draw_heatmap(image: np.ndarray, likelihood: np.ndarray, to_image: np.ndarray) -> np.ndarray:
    """A copy of image (H, W, 3) uint8 RGB with the likelihood of one joint over it, the more opaque the likelier.

    likelihood: (h, w) in [0, 1], in heatmap cells; what is outside that range is clipped, NaN counts as 0.
    to_image:   (2, 3), the affine map from heatmap cells to image pixels; centres of cells are whole numbers.

    Several joints are shown by drawing one after the other. Raises ShapeError for arrays of other shapes, and for a map
    that is not finite or cannot be inverted.
    """
    if likelihood.ndim != 2 or likelihood.size == 0:
        raise ShapeError(f"likelihood must be (h, w), the map of one joint of one person, got {likelihood.shape}")
    if to_image.shape != (2, 3):
        raise ShapeError(f"to_image must be (2, 3), from heatmap cells to image pixels, got {to_image.shape}")
    if not np.isfinite(to_image).all() or np.linalg.det(to_image[:, :2]) == 0:
        raise ShapeError(f"to_image must be finite and invertible, got {to_image.tolist()}")
    canvas = canvas_of(image)
    x0, y0, x1, y1 = _covered(likelihood.shape, to_image, canvas)
    if x0 < x1 and y0 < y1:
        to_patch = to_image - np.array([[0, 0, x0], [0, 0, y0]])
        spread = cv2.warpAffine(_clean(likelihood), to_patch, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        canvas[y0:y1, x0:x1] = _overlay(canvas[y0:y1, x0:x1], spread)
    return canvas


def _clean(likelihood: np.ndarray) -> np.ndarray:
    """float32 in [0, 1]."""
    return np.nan_to_num(likelihood.astype(np.float32)).clip(0, 1)


def _covered(shape: tuple[int, ...], to_image: np.ndarray, canvas: np.ndarray) -> Region:
    """The pixels of the canvas that a heatmap of (h, w) cells reaches; none of them if x0 = x1 or y0 = y1."""
    h, w = shape
    corners = np.array([[-1, -1], [w, -1], [-1, h], [w, h]]) @ to_image[:, :2].T + to_image[:, 2]
    size = canvas.shape[1::-1]
    x0, y0 = np.floor(corners.min(0)).clip(0, size).astype(int).tolist()
    x1, y1 = (np.ceil(corners.max(0)) + 1).clip(0, size).astype(int).tolist()
    return x0, y0, x1, y1


def _overlay(patch: np.ndarray, likelihood: np.ndarray) -> np.ndarray:
    """patch (H, W, 3) uint8 mixed with the colours of likelihood (H, W) float32."""
    colours = cv2.applyColorMap(np.rint(likelihood * 255).astype(np.uint8), COLOURMAP)[..., ::-1]  # OpenCV's are BGR
    opacity = OPACITY * np.sqrt(likelihood)[..., None]  # the root: a faint second candidate is seen too
    return np.rint(patch * (1 - opacity) + colours * opacity).astype(np.uint8)
