"""What is known of an image file before it is decoded: its size, its orientation and whether it is all there."""

import struct

import cv2
import numpy as np
import pytest

from tests.image_files import CORNERS, FILES, PICTURE, encoded, exif, png, tiff, upright, with_exif
from vitruvian.errors import ImageError
from vitruvian.media import decode_image, read_image
from vitruvian.media.headers import read_header


@pytest.mark.parametrize("kind", FILES)
def test_the_header_alone_tells_the_size(kind):
    header = read_header(FILES[kind])
    assert (header.width, header.height, header.damage) == (32, 24, "")


def test_a_gif_header_tells_the_size():
    header = read_header(b"GIF89a" + struct.pack("<HH", 320, 200) + b"\0\0\0")
    assert (header.kind, header.width, header.height) == ("GIF", 320, 200)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_honoured(suffix, orientation):
    large = CORNERS.repeat(16, axis=0).repeat(16, axis=1)
    parameters = {".jpg": (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)}.get(suffix, ())
    for order in "<>":
        data = with_exif(encoded(large, suffix, *parameters), exif(orientation, order))
        image = decode_image(data, "turned")
        expected = upright(large, orientation)
        assert image.shape == expected.shape
        assert np.abs(image.astype(int) - expected).max() <= 8


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_a_tiff_is_honoured_once(orientation, dtype):
    stored = CORNERS.astype(dtype) * (257 if dtype == np.uint16 else 1)
    for order in "<>":
        image = decode_image(tiff(stored, orientation, order=order), "turned.tiff")
        np.testing.assert_array_equal(image, upright(CORNERS, orientation))


@pytest.mark.parametrize("block", [exif(0), exif(9), b"", b"II", exif(6)[:12], b"garbage" * 5])
def test_a_broken_orientation_is_no_reason_to_refuse_a_picture(block):
    for suffix in (".jpg", ".png"):
        assert decode_image(with_exif(encoded(PICTURE, suffix), block), "odd").shape == PICTURE.shape


def test_the_orientation_counts_though_the_rest_of_the_exif_block_is_cut_off():
    entries = struct.pack("<HHIHH", 274, 3, 1, 3, 0) + struct.pack("<HHII", 273, 4, 1000, 5000)
    block = b"II*\0" + struct.pack("<IH", 8, 2) + entries
    np.testing.assert_array_equal(decode_image(with_exif(encoded(CORNERS, ".png"), block), "odd"), upright(CORNERS, 3))


HUGE = 30_000
BOMBS = {
    "jpeg": FILES["jpeg"].replace(struct.pack(">HH", 24, 32), struct.pack(">HH", HUGE, HUGE), 1),
    "png": png(HUGE, HUGE, 8, 2, b"\0"),
    "bmp": FILES["bmp"].replace(struct.pack("<ii", 32, 24), struct.pack("<ii", HUGE, HUGE), 1),
    "bmp from the top": FILES["bmp"].replace(struct.pack("<ii", 32, 24), struct.pack("<ii", HUGE, -HUGE), 1),
    "webp": b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + b"\x2f\x75\0" * 2,
    "tiff": tiff(CORNERS).replace(struct.pack("<II", 1, 3), struct.pack("<II", 1, HUGE))
    .replace(struct.pack("<HHII", 257, 4, 1, 2), struct.pack("<HHII", 257, 4, 1, HUGE)),
    "gif": b"GIF89a" + struct.pack("<HH", HUGE, HUGE) + b"\0\0\0",
    "bigtiff": b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 2)
    + struct.pack("<HHQQ", 256, 16, 1, HUGE) + struct.pack("<HHQQ", 257, 16, 1, HUGE) + b"\0" * 8,
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_a_header_of_30000_x_30000_is_refused_before_decoding(kind, monkeypatch):
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    message = (
        r"^bomb: has 30000 x 30000 = 900,000,000 pixels, the limit is 200,000,000\. "
        r"Make it smaller, or pass max_pixels=900000000 if you trust the file$"
    )
    with pytest.raises(ImageError, match=message):
        decode_image(BOMBS[kind], "bomb")


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_file_cut_short_is_refused(kind, share, capfd):
    data = FILES[kind]
    with pytest.raises(ImageError, match=r"^half: .*; (copy or download it again|expected JPEG.*)"):
        decode_image(data[: int(len(data) * share)], "half")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", ["jpeg", "progressive", "png", "webp", "bmp", "tiff", "plain tiff"])
def test_a_file_without_its_last_two_bytes_is_cut_short(kind):
    with pytest.raises(ImageError, match=r"^half: is cut short: the file ends before the picture does; copy or down"):
        decode_image(FILES[kind][:-2] if kind != "plain tiff" else FILES[kind][:2000], "half")


def test_a_large_jpeg_cut_in_half_is_refused_though_opencv_would_fill_it_with_grey(tmp_path, capfd):
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), np.uint8)
    data = encoded(noise, ".jpg")
    (tmp_path / "half.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError, match=r"half\.jpg: is cut short"):
        read_image(tmp_path / "half.jpg")
    assert capfd.readouterr().err == ""


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_picture():
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + 20) + b"\xff\xd8" + b"thumbnail" + b"\xff\xd9" + b"1234567"
    data = FILES["jpeg"][:2] + thumbnail + FILES["jpeg"][2:]
    assert decode_image(data, "whole").shape == PICTURE.shape
    with pytest.raises(ImageError, match="is cut short"):
        decode_image(data[:-2], "half")


def test_bytes_after_the_end_are_ignored():
    for kind in ("jpeg", "png", "webp", "bmp", "tiff"):
        assert decode_image(FILES[kind] + b"a film of 3 seconds" * 9, kind).shape == PICTURE.shape


def test_a_png_with_a_flipped_bit_is_refused_by_its_checksum(capfd):
    data = bytearray(FILES["png"])
    data[len(data) // 2] ^= 1
    with pytest.raises(
        ImageError, match=r"^photo: is damaged: the checksum of chunk b'IDAT' is wrong; copy or download"
    ):
        decode_image(bytes(data), "photo")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_a_header_without_area_is_refused(size):
    with pytest.raises(ImageError, match=f"its PNG header gives {size[0]} x {size[1]} pixels"):
        decode_image(png(*size, 8, 2, b"\0"), "flat")


def test_a_header_of_endless_segments_does_not_take_endless_time():
    data = b"\xff\xd8" + b"\xff\xe0\x00\x02" * 1_000_000
    with pytest.raises(ImageError, match="damaged or cut short"):
        decode_image(data, "endless")
