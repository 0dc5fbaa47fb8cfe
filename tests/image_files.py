"""Image files for the tests, made byte by byte where the bytes matter."""

import struct
import zlib

import cv2
import numpy as np

from vitruvian.media.headers import read_header

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
CORNERS = np.array([[RED, WHITE, GREEN], [BLUE, WHITE, WHITE]], np.uint8)  # 3 wide, 2 high
RAMP = np.add.outer(np.arange(24) * 4, np.arange(32) * 4).astype(np.uint8)
PICTURE = np.dstack([RAMP, RAMP[::-1], RAMP[:, ::-1]])  # 32 wide, 24 high, smooth


def encoded(image: np.ndarray, suffix: str, *parameters: int) -> bytes:
    """An RGB, RGBA or grey image as the bytes of a file."""
    orders = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    bgr = cv2.cvtColor(image, orders[image.shape[2]]) if image.ndim == 3 else image
    return cv2.imencode(suffix, bgr, parameters)[1].tobytes()


def exif(orientation: int, order: str = "<") -> bytes:
    """A TIFF block whose only entry is the orientation."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_exif(data: bytes, block: bytes) -> bytes:
    """A JPEG, PNG or lossless WebP file with an Exif block put in."""
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block + data[2:]
    if data.startswith(b"\x89PNG"):
        return data[:33] + chunk(b"eXIf", block) + data[33:]
    header = read_header(data)
    canvas = struct.pack("<II", 8, header.width - 1)[4:7] + struct.pack("<I", header.height - 1)[:3]
    extended = b"VP8X" + struct.pack("<II", 10, 0b1000) + canvas
    body = b"WEBP" + extended + data[12:] + b"EXIF" + struct.pack("<I", len(block)) + block
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(pixels: np.ndarray, orientation: int = 1, sample_format: int = 1, order: str = "<") -> bytes:
    """An uncompressed TIFF of one strip; pixels (H, W, C)."""
    height, width, channels = pixels.shape
    content = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    bits = pixels.dtype.itemsize * 8
    entries = {
        256: width, 257: height, 258: bits, 259: 1, 262: 2 if channels == 3 else 1, 273: 8, 274: orientation,
        277: channels, 278: height, 279: len(content), 339: sample_format,
    }  # fmt: skip
    directory = struct.pack(order + "H", len(entries))
    after = 8 + len(content) + 2 + 12 * len(entries) + 4
    for tag, value in entries.items():
        if tag in (258, 339) and channels == 3:
            where = after if tag == 258 else after + 6
            directory += struct.pack(order + "HHII", tag, 3, 3, where)
        else:
            directory += struct.pack(order + "HHII", tag, 4, 1, value)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    triples = struct.pack(order + "HHHHHH", *[bits] * 3, *[sample_format] * 3)
    return mark + struct.pack(order + "I", 8 + len(content)) + content + directory + b"\0\0\0\0" + triples


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """Where row 0 and column 0 of the stored picture belong, word by word from Exif 2.32, tag 274."""
    row_0, column_0 = {
        1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
        5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
    }[orientation]  # fmt: skip
    if row_0 in ("left", "right"):  # rows are stored as columns
        stored = stored.transpose(1, 0, 2)
        row_0, column_0 = column_0, row_0
    stored = stored[::-1] if row_0 == "bottom" else stored
    return stored[:, ::-1] if column_0 == "right" else stored


FILES = {
    "jpeg": encoded(PICTURE, ".jpg"),
    "progressive": encoded(PICTURE, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "png": encoded(PICTURE, ".png"),
    "webp": encoded(PICTURE, ".webp", cv2.IMWRITE_WEBP_QUALITY, 80),
    "lossless webp": encoded(PICTURE, ".webp", cv2.IMWRITE_WEBP_QUALITY, 101),
    "extended webp": with_exif(encoded(PICTURE, ".webp", cv2.IMWRITE_WEBP_QUALITY, 101), exif(1)),
    "bmp": encoded(PICTURE, ".bmp"),
    "tiff": encoded(PICTURE, ".tiff"),
    "plain tiff": tiff(PICTURE),
}
