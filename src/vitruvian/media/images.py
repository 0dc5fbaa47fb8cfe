"""Images in and out: files and bytes <-> (H, W, 3) uint8 RGB."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vitruvian.errors import ImageError, ShapeError
from vitruvian.folders import written_whole
from vitruvian.media.headers import Header, read_header

MAX_PIXELS = 200_000_000  # room for the largest phone sensors (16,320 x 12,240); 600 MB once decoded
MAX_BYTES = 512 * 2**20  # of a file

READ_SUFFIXES = (".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

_LOG: Any = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # the latter from OpenCV 5 on
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
WRITE_SUFFIXES: dict[str, tuple[int, ...]] = {  # suffix -> parameters of cv2.imencode
    ".bmp": (),
    ".jpeg": _JPEG,  # colour at full resolution: thin coloured lines stay sharp
    ".jpg": _JPEG,
    ".png": (),
    ".tif": (),
    ".tiff": (),
    ".webp": (cv2.IMWRITE_WEBP_QUALITY, 101),  # above 100: lossless
}


def read_image(path: str | Path, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """The upright picture in a JPEG, PNG, WebP, BMP, TIFF or GIF file as (H, W, 3) uint8 RGB; see `decode_image`.

    Raises ImageError, naming the file and the way out, for everything that keeps it from being read.
    """
    return decode_image(read_bytes(Path(path)), str(path), max_pixels)


def decode_image(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """The upright picture in the bytes of an image file as (H, W, 3) uint8 RGB; `name` is for error messages.

    The Exif orientation is applied. Grey becomes three equal channels. Transparency is dropped, the colours kept as
    stored. 16 bits become 8 by value / 257, rounded. Colour profiles are ignored. Of an animation the first frame.

    Raises ImageError for data that is no image, is cut short or damaged, has more than `max_pixels` pixels (judged by
    its header, before any decoding), or holds numbers other than 8 or 16 bits, such as float TIFF.
    """
    header = checked_header(data, name, max_pixels)
    return upright_rgb(decode_stored(data, name, header.kind), name, header.orientation)


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Write image (H, W, 3) uint8 RGB in the format that the suffix names, one of `WRITE_SUFFIXES`.

    JPEG has quality 95 at full colour resolution; the others lose nothing. The file appears whole or not at all, and
    replaces an older one.

    Raises ShapeError for another shape or dtype; ImageError for an unknown suffix, a picture too large for the format
    and a folder that is missing or cannot be written to.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITE_SUFFIXES:
        raise ImageError(f'{path}: cannot write the format "{path.suffix}"; known: {", ".join(WRITE_SUFFIXES)}')
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ShapeError(f"{path}: an image to write must be (H, W, 3) uint8 RGB, got {image.shape} {image.dtype}")
    _write_bytes(path, _encode(image, path))


def read_bytes(path: Path) -> bytes:
    """The content of a regular file of at most MAX_BYTES. Raises ImageError, naming it, for any other."""
    if os.path.isdir(path):
        raise ImageError(f"{path}: is a folder, expected an image file; name the files in it")
    if os.path.exists(path) and not os.path.isfile(path):
        raise ImageError(f"{path}: is a pipe or a device, expected an image file; save the picture to a file first")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file in {Path.cwd()}; check the name") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ImageError(f"{path}: cannot be read: {_reason(error)}; check the name and its permissions") from None
    if len(data) > MAX_BYTES:
        raise ImageError(f"{path}: is larger than {MAX_BYTES // 2**20} MiB, the limit for an image; make it smaller")
    return data


def checked_header(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> Header:
    """The header of an image file that is all there and not too large. Raises ImageError, naming it, for any other."""
    if not data:
        raise ImageError(f"{name}: is empty (0 bytes); copy or download it again")
    try:
        header = read_header(data)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from None
    if header.width * header.height > max_pixels:
        raise ImageError(
            f"{name}: has {header.width} x {header.height} = {header.width * header.height:,} pixels, the limit is "
            f"{max_pixels:,}. Make it smaller, or pass max_pixels={header.width * header.height} if you trust the file"
        )
    if header.damage:
        raise ImageError(f"{name}: {header.damage}; copy or download it again")
    return header


def decode_stored(data: bytes, name: str, kind: str, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    """The pixels as stored: (H, W) or (H, W, C), BGR, not turned (but TIFF, which OpenCV turns whatever the flags).

    Raises ImageError for what OpenCV cannot decode.
    """
    try:
        with _quiet():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None:
        raise ImageError(
            f"{name}: OpenCV {cv2.__version__} cannot decode this {kind}: it is damaged, or of a rare variant; "
            f"copy or download it again, or save it as a plain PNG or JPEG"
        )
    return image


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps OpenCV from printing what our errors say."""
    level = _LOG.getLogLevel()
    _LOG.setLogLevel(0)
    try:
        yield
    finally:
        _LOG.setLogLevel(level)


def upright_rgb(image: np.ndarray, name: str, orientation: int) -> np.ndarray:
    """A picture as stored -> (H, W, 3) uint8 RGB, upright. Raises ImageError for numbers other than 8 or 16 bits."""
    return _upright(_to_rgb(image, name), orientation)


def _to_rgb(image: np.ndarray, name: str) -> np.ndarray:
    """Any decoded image -> (H, W, 3) uint8 RGB."""
    if image.dtype == np.uint16:
        image = cv2.convertScaleAbs(image, alpha=1 / 257)  # rounds; 65535 = 255 * 257
    conversions = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.dtype != np.uint8 or channels not in conversions:
        raise ImageError(
            f"{name}: holds {channels} channels of {image.dtype}, expected 1, 3 or 4 of 8 or 16 bits; "
            f"save it as 8-bit RGB, with the brightness you want to see"
        )
    return cv2.cvtColor(image, conversions[channels])


def _upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turn a stored picture upright (Exif 2.32, tag 274): from 5 on rows and columns swap; most are mirrored."""
    if orientation >= 5:
        image = cv2.transpose(image)
    axis = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)  # as cv2.flip counts: 1 x, 0 y, -1 both
    return image if axis is None else cv2.flip(image, axis)


def _encode(image: np.ndarray, path: Path) -> bytes:
    suffix = path.suffix.lower()
    try:
        done, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), WRITE_SUFFIXES[suffix])
    except cv2.error:
        done, data = False, np.zeros(0, np.uint8)
    if not done:
        size = f"{image.shape[1]} x {image.shape[0]}"
        raise ImageError(f"{path}: OpenCV cannot write {size} pixels as {suffix}; make it smaller or write a .png")
    return data.tobytes()


def _write_bytes(path: Path, data: bytes) -> None:
    """The file, whole; its folder is not made."""
    try:
        os.stat(os.path.join(path.parent, "."))
        with written_whole(path) as beside:
            beside.write_bytes(data)
    except FileNotFoundError:
        raise ImageError(f"{path}: the folder {path.parent} does not exist; make it first") from None
    except (OSError, ValueError) as error:  # a DataError has its cause; a ValueError without one: a NUL in the name
        raise ImageError(
            f"{path}: cannot be written: {_reason(error.__cause__ or error)}; choose a folder that you may write to, "
            f"with room on its disk"
        ) from None


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)
