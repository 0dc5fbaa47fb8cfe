"""Images at half, a quarter or an eighth of their size, which a JPEG is decoded at in a fraction of the time."""

from pathlib import Path

import cv2
import numpy as np

from vitruvian.errors import ImageError
from vitruvian.media.headers import Header, read_header
from vitruvian.media.images import MAX_PIXELS, checked_header, decode_stored, read_bytes, upright_rgb

FIRST = 1 << 16  # bytes; the headers of most files end before
FLAGS = {  # reduction -> how OpenCV decodes
    1: cv2.IMREAD_UNCHANGED,
    2: cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION,
    4: cv2.IMREAD_REDUCED_COLOR_4 | cv2.IMREAD_IGNORE_ORIENTATION,
    8: cv2.IMREAD_REDUCED_COLOR_8 | cv2.IMREAD_IGNORE_ORIENTATION,
}


def read_reduced(path: str | Path, by: int, max_pixels: int = MAX_PIXELS) -> tuple[np.ndarray, int]:
    """The upright picture in an image file as (H, W, 3) uint8 RGB, each side divided by `by` and rounded up; and `by`.

    by: 1, 2, 4 or 8. It comes back as 1, with the whole picture, where that cannot be had: of what is no JPEG, and of
    one that has to be turned and has sides that `by` does not divide.

    Pixel x of the whole picture is (x + 0.5) / by - 0.5 of the reduced one. Raises ImageError as `read_image` does.
    """
    data = read_bytes(Path(path))
    header = checked_header(data, str(path), max_pixels)
    by = _possible(header, by)
    return upright_rgb(decode_stored(data, str(path), header.kind, FLAGS[by]), str(path), header.orientation), by


def read_size(path: str | Path, by: int = 1) -> tuple[tuple[int, int], int]:
    """The (width, height) and the `by` of what `read_reduced` would give, judged by the header alone.

    Raises ImageError, naming the file, for one that cannot be read or has no header of an image.
    """
    header = _header(Path(path))
    by = _possible(header, by)
    width, height = -(-header.width // by), -(-header.height // by)
    return ((height, width) if header.orientation >= 5 else (width, height)), by


def _possible(header: Header, by: int) -> int:
    """`by`, or 1. A turned picture begins at what was its end, where the last reduced pixel may be a part of one."""
    turned = header.orientation != 1 and (header.width % by or header.height % by)
    return 1 if header.kind != "JPEG" or turned else by


def _header(path: Path) -> Header:
    """What the first bytes of a file say, or all of them where those do not."""
    try:
        with path.open("rb") as file:
            return read_header(file.read(FIRST))
    except (ImageError, OSError, ValueError):
        data = read_bytes(path)
    try:
        return read_header(data)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
