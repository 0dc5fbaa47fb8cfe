"""What an image file says about itself in its first bytes: format, size, orientation; read before any decoding.

A few bytes can announce a picture of many gigabytes, and decoders fill what a broken download lacks with grey. So
the size is known here before memory is spent on it, and so is whether the file is all there.

The orientation is read here too, because whether OpenCV honours it depends on its version, its flags and the format.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from vitruvian.errors import ImageError

MAX_PARTS = 1 << 18  # segments or chunks that are looked at; more of them would only cost time

CUT_SHORT = "is cut short: the file ends before the picture does"


@dataclass(frozen=True)
class Header:
    """What an image file says about itself.

    kind:          the format's name, "JPEG".
    width, height: pixels as stored, before turning.
    orientation:   1 to 8, how the stored picture must be turned to be upright (Exif 2.32, tag 274).
    damage:        what is wrong with the data, as the end of a sentence; empty if nothing is known to be.
    """

    kind: str
    width: int
    height: int
    orientation: int = 1
    damage: str = ""


def read_header(data: bytes) -> Header:
    """The header of the image file `data`. Raises ImageError, not naming the file, for one that has none to read."""
    found = next((kind for kind, (pattern, _) in FORMATS.items() if re.match(pattern, data, re.DOTALL)), None)
    if found is None:
        raise ImageError(_not_an_image(data))
    try:
        header = FORMATS[found][1](data)
    except (struct.error, OverflowError):
        raise ImageError(f"{CUT_SHORT}; copy or download it again") from None
    if header.width < 1 or header.height < 1:
        raise ImageError(
            f"is damaged or cut short: its {found} header gives {header.width} x {header.height} pixels; "
            f"copy or download it again"
        )
    return header


def _not_an_image(data: bytes) -> str:
    if re.match(rb"....ftyp(hei|hev|mif|msf|avi)", data, re.DOTALL):
        return "is a HEIC or AVIF picture, which cannot be read here; convert it to JPEG or PNG"
    known = list(FORMATS)
    return (
        f"is not an image, it begins with {data[:12]!r}; expected {', '.join(known[:-1])} or {known[-1]}, "
        f"recognised by content, not by suffix"
    )


def _jpeg(data: bytes) -> Header:
    """ITU T.81, annex B: the frame header gives the size, and an end marker follows the scans."""
    size, orientation = (0, 0), 0
    for marker, start, length in _jpeg_segments(data):
        if marker == 0xE1 and data.startswith(b"Exif\0\0", start) and not orientation:
            orientation = _exif_orientation(data[start + 6 : start + length])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, start + 1)
            size = (width, height)
        elif marker == 0xDA:
            ended = data.find(b"\xff\xd9", start) >= 0  # inside the scans 0xff is always followed by something else
            return Header("JPEG", *size, orientation or 1, "" if ended else CUT_SHORT)
    return Header("JPEG", *size, orientation or 1, CUT_SHORT)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, where its content starts, its length) up to the first scan."""
    at = 2
    for _ in range(MAX_PARTS):
        found = _MARKER.search(data, at)
        if not found:
            return
        (length,) = struct.unpack_from(">H", data, found.end())
        yield data[found.end() - 1], found.end() + 2, length - 2
        at = found.end() + max(length, 2)


_MARKER = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]")


def _png(data: bytes) -> Header:
    """PNG specification, third edition, chapter 5: chunks with checksums, IHDR first and IEND last."""
    width, height = struct.unpack_from(">II", data, 16)
    orientation, at = 1, 8
    for _ in range(MAX_PARTS):
        if at + 12 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        critical = name[:1].isupper()
        if critical and zlib.crc32(memoryview(data)[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            return Header("PNG", width, height, orientation, f"is damaged: the checksum of chunk {name!r} is wrong")
        if name == b"eXIf":
            orientation = _exif_orientation(data[at + 8 : end - 4])
        if name == b"IEND":
            return Header("PNG", width, height, orientation)
        at = end
    return Header("PNG", width, height, orientation, CUT_SHORT)


def _webp(data: bytes) -> Header:
    """RFC 9649: a RIFF container whose first chunk is VP8X (a canvas), VP8L (lossless) or VP8 (lossy)."""
    total, name = struct.unpack_from("<4xI4x4s", data)
    if name == b"VP8X":
        low, high = struct.unpack_from("<IH", data, 24)
        size = ((low & 0xFFFFFF) + 1, ((low >> 24) | (high << 8)) + 1)
    elif name == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        size = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    else:
        width, height = struct.unpack_from("<HH", data, 26)
        size = (width & 0x3FFF, height & 0x3FFF)
    complete = len(data) >= total + 8
    return Header("WebP", *size, _webp_orientation(data), "" if complete else CUT_SHORT)


def _webp_orientation(data: bytes) -> int:
    at = 12
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            return _exif_orientation(data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return 1


def _bmp(data: bytes) -> Header:
    """Windows bitmap: a header of 12 bytes has 16-bit sizes, longer ones 32-bit; rows from the top: height < 0."""
    start, length = struct.unpack_from("<II", data, 10)
    compression = 0
    if length == 12:
        width, height, bits = struct.unpack_from("<HH2xH", data, 18)
    else:
        width, height, bits, compression = struct.unpack_from("<ii2xHI", data, 18)
    pixels = 0 if compression in (1, 2) else (width * bits + 31) // 32 * 4 * abs(height)
    return Header("BMP", width, abs(height), damage="" if len(data) >= start + pixels else CUT_SHORT)


def _gif(data: bytes) -> Header:
    """GIF89a: the logical screen; the decoder notices a missing end by itself."""
    return Header("GIF", *struct.unpack_from("<HH", data, 6))


_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274  # tags of TIFF and Exif
_PLACES = ((273, 279), (324, 325))  # where pixels begin and how many bytes they take: strips, tiles
_NEEDED = (258, 320, 339)  # bits, palette, sample format: the decoder reads them, so they must be there in full


def _tiff(data: bytes) -> Header:
    """TIFF 6.0: the first directory says where the strips or tiles lie. OpenCV turns a TIFF itself, always."""
    fields = _directory(data, {_WIDTH, _HEIGHT, *_NEEDED, *_PLACES[0], *_PLACES[1]})
    width, height = (int(fields[tag][0]) if len(fields[tag]) else 0 for tag in (_WIDTH, _HEIGHT))
    for starts, lengths in _PLACES:
        count = min(len(fields[starts]), len(fields[lengths]))
        ends = fields[starts][:count].astype(float) + fields[lengths][:count]
        if (ends > len(data)).any():
            return Header("TIFF", width, height, damage=CUT_SHORT)
    return Header("TIFF", width, height)


_NUMBERS = {3: "u2", 4: "u4", 16: "u8"}  # SHORT, LONG and BigTIFF's LONG8: the types the fields read here may have


def _directory(data: bytes, wanted: set[int]) -> dict[int, np.ndarray]:
    """The `wanted` fields of the first directory of a TIFF or BigTIFF: tag -> whole numbers, none if it is missing.

    Of a repeated tag the first counts, as in libtiff. Raises struct.error when the data ends too early.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, at)
    first, size = (at + 8, 20) if big else (at + 2, 12)
    fields: dict[int, np.ndarray] = {}
    for entry in range(first, first + size * min(count, MAX_PARTS), size):
        tag, kind, length = struct.unpack_from(order + ("HHQ" if big else "HHI"), data, entry)
        if tag in wanted and tag not in fields and kind in _NUMBERS:
            fields[tag] = _values(data, np.dtype(order + _NUMBERS[kind]), length, entry + size, big)
    return {tag: fields.get(tag, np.zeros(0, np.uint32)) for tag in wanted}


def _values(data: bytes, dtype: "np.dtype[np.unsignedinteger]", length: int, end: int, big: bool) -> np.ndarray:
    """The values of the directory entry that ends at `end`: its last 4 or 8 bytes, or where those point."""
    room = 8 if big else 4
    at = end - room
    if length * dtype.itemsize > room:
        (at,) = struct.unpack_from(dtype.str[0] + ("Q" if big else "I"), data, at)
    if at + length * dtype.itemsize > len(data):
        raise struct.error("the values lie beyond the end of the file")
    return np.frombuffer(data, dtype, length, at)


def _exif_orientation(exif: bytes) -> int:
    """1 to 8; 1 where the block says nothing or is broken, which is no reason to refuse the picture."""
    exif = exif.removeprefix(b"Exif\0\0")  # some writers of PNG and WebP keep the prefix that only JPEG has
    if exif[:2] not in (b"II", b"MM"):
        return 1
    try:
        values = _directory(exif, {_ORIENTATION})[_ORIENTATION]
    except (struct.error, OverflowError):
        return 1
    return int(values[0]) if len(values) and 1 <= values[0] <= 8 else 1


FORMATS: dict[str, tuple[bytes, Callable[[bytes], Header]]] = {  # kind -> how its files begin, who reads them
    "JPEG": (rb"\xff\xd8\xff", _jpeg),
    "PNG": (rb"\x89PNG\r\n\x1a\n....IHDR", _png),
    "WebP": (rb"RIFF....WEBP", _webp),
    "BMP": (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", _bmp),
    "TIFF": (rb"II[*+]\0|MM\0[*+]", _tiff),
    "GIF": (rb"GIF8[79]a", _gif),
}
