"""A contact sheet: many images with their poses on one."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vitruvian.draw.skeletons import draw_poses
from vitruvian.errors import ShapeError
from vitruvian.structures import Poses, Skeleton

PAPER = (32, 32, 38)  # what is around the images
INK = (235, 235, 230)
GAP = 6  # pixels between cells
CAPTION = 20  # pixels below an image


@dataclass(frozen=True, eq=False)
class Print:
    """One image of a sheet. image: (H, W, 3) uint8 RGB; poses: in its pixels; caption: below it, cut if too long."""

    image: np.ndarray
    poses: Poses
    caption: str = ""


def draw_sheet(
    prints: Sequence[Print], skeleton: Skeleton, columns: int = 6, side: int = 240, boxes: bool = False
) -> np.ndarray:
    """The prints row by row, each as large as fits into `side` x `side` pixels, with its poses: (H, W, 3) uint8 RGB.

    The poses are drawn after the image is made smaller, so that their lines stay lines; an image that is smaller than
    its cell is made larger. Letters other than Latin ones are shown as "?".

    Raises ShapeError for no prints, and for poses of another skeleton.
    """
    if not prints:
        raise ShapeError("a contact sheet needs at least one image, got none")
    columns = min(columns, len(prints))
    rows = -(-len(prints) // columns)
    step = np.array([side + GAP, side + CAPTION + GAP])
    width, height = (step * (columns, rows) + GAP).tolist()
    sheet = np.full((height, width, 3), PAPER, np.uint8)
    for number, one in enumerate(prints):
        x, y = (step * (number % columns, number // columns) + GAP).tolist()
        cell = _cell(one, skeleton, side, boxes)
        left, top = x + (side - cell.shape[1]) // 2, y + (side - cell.shape[0]) // 2
        sheet[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
        _write(sheet, one.caption, (x, y + side), side)
    return sheet


def _cell(one: Print, skeleton: Skeleton, side: int, boxes: bool) -> np.ndarray:
    """The image in the size of the sheet, with its poses."""
    height, width = one.image.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = cv2.resize(one.image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ratio = np.array([size[0] / width, size[1] / height])
    xy = ((one.poses.xy + 0.5) * ratio - 0.5).astype(np.float32)  # pixel centres are whole numbers
    corners = ((one.poses.boxes + 0.5) * np.tile(ratio, 2) - 0.5).astype(np.float32)
    return draw_poses(image, Poses(xy, one.poses.score, corners), skeleton, boxes=boxes)


def _write(sheet: np.ndarray, text: str, place: tuple[int, int], width: int) -> None:
    """The end of the text, which in names of files tells most, as far as `width` pixels hold it; in place."""
    text = text.encode("ascii", errors="replace").decode()
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.42
    while text and cv2.getTextSize(text, font, size, 1)[0][0] > width:
        text = text[1:] if not text.startswith("..") else f"..{text[3:]}"
        text = text if text.startswith("..") else f"..{text[1:]}"
    cv2.putText(sheet, text, (place[0], place[1] + CAPTION - 6), font, size, INK, 1, cv2.LINE_AA)
