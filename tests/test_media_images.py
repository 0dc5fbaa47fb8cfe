"""Reading and writing images."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.image_files import BLUE, CORNERS, FILES, GREEN, PICTURE, RAMP, RED, chunk, encoded, png, tiff
from vitruvian.errors import ImageError, ShapeError
from vitruvian.media import MAX_PIXELS, decode_image, images, read_image, write_image
from vitruvian.media.images import READ_SUFFIXES, WRITE_SUFFIXES


@pytest.mark.parametrize("kind", FILES)
def test_every_format_is_read_as_rgb_the_right_way_up(kind):
    image = decode_image(FILES[kind], kind)
    assert image.shape == (24, 32, 3)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - PICTURE).mean() < 3  # three of them are lossy


def test_grey_becomes_three_equal_channels():
    grey = np.array([[0, 100, 255]], np.uint8)
    np.testing.assert_array_equal(decode_image(encoded(grey, ".png"), "grey"), np.dstack([grey] * 3))


def test_transparency_is_dropped_and_the_stored_colour_kept():
    rgba = np.dstack([CORNERS, np.array([[0, 128, 255], [0, 0, 1]], np.uint8)])
    np.testing.assert_array_equal(decode_image(encoded(rgba, ".png"), "rgba"), CORNERS)


def test_grey_with_transparency_becomes_grey():
    rows = b"\0" + bytes([0, 255, 100, 0, 255, 7])  # a filter byte, then grey and opacity of three pixels
    image = decode_image(png(3, 1, 8, 4, rows), "grey and alpha")
    np.testing.assert_array_equal(image, [[[0] * 3, [100] * 3, [255] * 3]])


def test_a_palette_is_looked_up():
    rows = b"\0" + bytes([2, 0, 1])
    data = png(3, 1, 8, 3, rows, chunk(b"PLTE", bytes([*RED, *GREEN, *BLUE])))
    np.testing.assert_array_equal(decode_image(data, "palette"), [[BLUE, RED, GREEN]])


def test_one_bit_pixels_become_black_and_white():
    data = png(3, 1, 1, 0, b"\0\xa0")  # 101
    np.testing.assert_array_equal(decode_image(data, "bits"), [[[255] * 3, [0] * 3, [255] * 3]])


def test_sixteen_bits_become_eight_by_rounding_value_over_257():
    """128 / 257 = 0.498, 129 / 257 = 0.502; 32767 / 257 = 127.498, 65406 / 257 = 254.498."""
    values = np.array([[0, 128, 129, 257, 32767, 32768, 65406, 65407, 65535]], np.uint16)
    image = decode_image(encoded(values, ".png"), "deep")
    assert image[0, :, 0].tolist() == [0, 0, 1, 1, 127, 128, 254, 255, 255]


def test_sixteen_bit_colour_and_opacity_are_read():
    deep = np.dstack([CORNERS, np.full((2, 3, 1), 9)]).astype(np.uint16) * 257
    np.testing.assert_array_equal(decode_image(encoded(deep, ".png"), "deep"), CORNERS)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_tiff_is_refused(dtype):
    with pytest.raises(ImageError, match=r"^depth.tiff: holds 1 channels of float\d\d, expected .* 8 or 16 bits; save"):
        decode_image(tiff(np.ones((2, 3, 1), dtype), sample_format=3), "depth.tiff")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"nobody\.jpg: no such file in .*; check the name"):
        read_image(tmp_path / "nobody.jpg")


def test_a_file_in_a_file_is_named(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(ImageError, match=r"b\.jpg: cannot be read: Not a directory"):
        read_image(tmp_path / "a" / "b.jpg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path):
    path = tmp_path / "secret.jpg"
    path.write_bytes(FILES["jpeg"])
    path.chmod(0)
    with pytest.raises(ImageError, match=r"secret\.jpg: cannot be read: Permission denied"):
        read_image(path)


def test_a_name_with_a_nul_is_refused():
    with pytest.raises(ImageError, match=r"cannot be read: .*null"):
        read_image("a\0b.jpg")


def test_a_folder_is_no_image(tmp_path):
    with pytest.raises(ImageError, match="is a folder, expected an image file; name the files in it"):
        read_image(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match="is a pipe or a device"):
        read_image(tmp_path / "pipe.jpg")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match=r"empty\.jpg: is empty \(0 bytes\); copy or download it again"):
        read_image(tmp_path / "empty.jpg")


def test_text_renamed_to_jpg_is_refused(tmp_path):
    (tmp_path / "notes.jpg").write_text("Dear diary, today I was a photo.")
    with pytest.raises(
        ImageError, match=r"notes\.jpg: is not an image, it begins with b'Dear diary, '; expected JPEG, "
    ):
        read_image(tmp_path / "notes.jpg")


def test_a_heic_picture_is_called_by_its_name():
    with pytest.raises(ImageError, match=r"phone\.heic: is a HEIC or AVIF picture, .*; convert it to JPEG or PNG"):
        decode_image(b"\0\0\0\x18ftypheic\0\0\0\0", "phone.heic")


def test_a_wrong_suffix_does_not_matter(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(FILES["png"])
    np.testing.assert_array_equal(read_image(tmp_path / "photo.jpg"), PICTURE)


def test_a_file_larger_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("vitruvian.media.images.MAX_BYTES", 1000)
    (tmp_path / "big.bmp").write_bytes(FILES["bmp"])
    with pytest.raises(ImageError, match=r"big\.bmp: is larger than"):
        read_image(tmp_path / "big.bmp")


def test_the_pixel_limit_can_be_raised_and_lowered(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(FILES["png"])
    assert read_image(path, max_pixels=24 * 32).shape == (24, 32, 3)
    with pytest.raises(ImageError, match=r"photo\.png: has 32 x 24 = 768 pixels, the limit is 767"):
        read_image(path, max_pixels=24 * 32 - 1)


def test_the_pixel_limit_has_room_for_the_largest_phone_sensor():
    assert MAX_PIXELS >= 16_320 * 12_240


def test_what_opencv_cannot_decode_is_refused():
    data = FILES["lossless webp"]
    broken = data[:25] + bytes(len(data) - 25)
    with pytest.raises(
        ImageError, match=r"^photo: OpenCV .* cannot decode this WebP: it is damaged, or of a rare variant"
    ):
        decode_image(broken, "photo")


def test_only_our_own_words_are_said_about_a_damaged_file(capfd):
    """OpenCV would log an error of its own; afterwards it may again."""
    data = FILES["lossless webp"]
    level = images._LOG.getLogLevel()
    for damaged in (data[:25] + bytes(len(data) - 25), data[:30] + b"\xff" * (len(data) - 30)):
        decodes_or_refuses(damaged)
    assert capfd.readouterr() == ("", "")
    assert images._LOG.getLogLevel() == level


def decodes_or_refuses(data: bytes) -> None:
    try:
        image = decode_image(data, "fuzz", max_pixels=10_000)
    except ImageError:
        pass
    else:
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3


MAGIC = [
    b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"RIFF\xff\0\0\0WEBPVP8X", b"II*\0\x08\0\0\0", b"MM\0+",
    b"BM" + b"\0" * 12 + b"\x28\0\0\0", b"GIF89a",
]  # fmt: skip


@given(st.sampled_from(MAGIC), st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_random_bytes_decode_or_raise_an_image_error(magic, data):
    decodes_or_refuses(magic + data)


@given(st.sampled_from(sorted(FILES)), st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_files_decode_or_raise_an_image_error(kind, draw):
    data = bytearray(FILES[kind])
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(0, len(data) - 1) | st.integers(0, 60))
        data[min(place, len(data) - 1)] = draw.draw(st.integers(0, 255))
    length = draw.draw(st.just(len(data)) | st.integers(0, len(data)))
    decodes_or_refuses(bytes(data[:length]))


@pytest.mark.parametrize("suffix", [s for s in WRITE_SUFFIXES if s not in (".jpg", ".jpeg")])
def test_what_is_written_without_loss_is_read_back_equal(tmp_path, suffix):
    write_image(tmp_path / f"a{suffix}", PICTURE)
    np.testing.assert_array_equal(read_image(tmp_path / f"a{suffix}"), PICTURE)


def test_a_jpeg_keeps_the_colour_of_thin_lines(tmp_path):
    image = np.full((32, 32, 3), 255, np.uint8)
    image[:, 15] = RED
    write_image(tmp_path / "line.JPG", image)
    assert np.abs(read_image(tmp_path / "line.JPG").astype(int) - image).max() < 40


def test_writing_takes_views_and_replaces_the_old_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("old")
    write_image(str(path), PICTURE[::-1, ::-1])
    np.testing.assert_array_equal(read_image(path), PICTURE[::-1, ::-1])
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_every_written_suffix_is_found_again():
    assert set(WRITE_SUFFIXES) <= set(READ_SUFFIXES)


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(
        ImageError, match=r'a\.xyz: cannot write the format "\.xyz"; known: \.bmp, \.jpeg, \.jpg, \.png'
    ):
        write_image(tmp_path / "a.xyz", PICTURE)


@pytest.mark.parametrize(
    "image",
    [RAMP, PICTURE.astype(np.float32), np.dstack([PICTURE, RAMP]), PICTURE[:0], PICTURE[None]],
    ids=["grey", "float", "four channels", "empty", "a batch"],
)
def test_only_rgb_bytes_are_written(tmp_path, image):
    with pytest.raises(ShapeError, match=r"an image to write must be \(H, W, 3\) uint8 RGB, got \("):
        write_image(tmp_path / "a.png", image)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"a\.png: the folder .*nowhere does not exist; make it first"):
        write_image(tmp_path / "nowhere" / "a.png", PICTURE)


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(ImageError, match=r"a\.png: cannot be written: Not a directory; choose a folder"):
        write_image(tmp_path / "out" / "a.png", PICTURE)


def test_a_folder_in_place_of_the_file_is_named(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ImageError, match=r"a\.png: cannot be written: Is a directory"):
        write_image(tmp_path / "a.png", PICTURE)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ImageError, match=r"a\.png: cannot be written: Permission denied; choose a folder"):
        write_image(tmp_path / "a.png", PICTURE)


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_text("old")

    def fail(self: Path, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(ImageError, match="No space left on device"):
        write_image(path, PICTURE)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_picture_too_large_for_its_format_is_refused(tmp_path, capfd):
    with pytest.raises(ImageError, match=r"cannot write 17000 x 1 pixels as \.webp; make it smaller or write a \.png"):
        write_image(tmp_path / "a.webp", np.zeros((1, 17_000, 3), np.uint8))
