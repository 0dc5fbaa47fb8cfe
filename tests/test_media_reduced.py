"""Images at a part of their size: what comes back, and where its pixels lie."""

import re

import cv2
import numpy as np
import pytest

from vitruvian.errors import ImageError
from vitruvian.media import read_image, read_reduced, read_size

from .image_files import FILES, encoded, exif, with_exif

SIZES = [(64, 48), (61, 45)]  # width, height: one that 8 divides, one that nothing does
BEST = (cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


def _ramps(width: int, height: int) -> np.ndarray:
    """Red grows by 3 a pixel to the right, green by 3 a pixel down."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = 20 + 3 * np.arange(width)
    image[..., 1] = 20 + 3 * np.arange(height)[:, None]
    return image


@pytest.fixture
def written(tmp_path):
    def _written(data: bytes, name: str = "a.jpg"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return _written


@pytest.mark.parametrize("by", [1, 2, 4, 8])
@pytest.mark.parametrize("size", SIZES)
def test_a_pixel_lies_where_the_docstring_says(written, by, size):
    """The ramp tells where each reduced pixel is from: at (x + 0.5) * by - 0.5 it has 20 + 3 times that.

    The last one of a side may be cut, and is left out.
    """
    image, reduced = read_reduced(written(encoded(_ramps(*size), ".jpg", *BEST)), by)
    assert (reduced, image.shape) == (by, (-(-size[1] // by), -(-size[0] // by), 3))
    x, y = ((np.arange(side // by) + 0.5) * by - 0.5 for side in size)
    inner = image[: len(y), : len(x)].astype(float)
    np.testing.assert_allclose(inner[..., 0], np.broadcast_to(20 + 3 * x, inner.shape[:2]), atol=2.5)
    np.testing.assert_allclose(inner[..., 1], np.broadcast_to(20 + 3 * y[:, None], inner.shape[:2]), atol=2.5)
    assert abs((inner[..., 0] - (20 + 3 * x)).mean()) < 0.4  # a thirtieth of 4 pixels; half a pixel would be 1.5


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_picture_is_reduced_upright(written, orientation):
    """As the whole one, made smaller by the mean of each 2 x 2 pixels."""
    path = written(with_exif(encoded(_ramps(64, 48), ".jpg", *BEST), exif(orientation)))
    image, by = read_reduced(path, 2)
    whole = read_image(path).astype(float)
    means = whole.reshape(whole.shape[0] // 2, 2, whole.shape[1] // 2, 2, 3).mean((1, 3))
    assert by == 2
    np.testing.assert_allclose(image, means, atol=3)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_picture_whose_sides_cannot_be_divided_comes_whole(written, orientation):
    """It begins at what was its end, where a reduced pixel stands for a part of one only."""
    path = written(with_exif(encoded(_ramps(61, 48), ".jpg", *BEST), exif(orientation)))
    image, by = read_reduced(path, 2)
    assert by == 1
    np.testing.assert_array_equal(image, read_image(path))


@pytest.mark.parametrize("kind", FILES)
def test_only_a_jpeg_is_reduced_and_the_size_is_known_beforehand(written, kind):
    path = written(FILES[kind], "file")
    image, by = read_reduced(path, 4)
    assert by == (4 if kind in ("jpeg", "progressive") else 1)
    if by == 1:
        np.testing.assert_array_equal(image, read_image(path))
    assert read_size(path, 4) == (image.shape[1::-1], by)


def test_a_grey_jpeg_has_three_equal_channels(written):
    image, by = read_reduced(written(encoded(_ramps(64, 48)[..., 0], ".jpg", *BEST)), 2)
    assert (image.shape, by) == ((24, 32, 3), 2)
    assert (image == image[..., :1]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_upright_picture(written, orientation):
    path = written(with_exif(encoded(_ramps(61, 45), ".jpg"), exif(orientation)))
    assert read_size(path) == (((45, 61) if orientation >= 5 else (61, 45)), 1)


def test_the_size_of_a_jpeg_with_a_long_preface_is_found(written):
    """Two segments of 60,000 bytes before the header of the frame."""
    data = encoded(_ramps(61, 45), ".jpg")
    preface = (b"\xff\xe2" + (60_002).to_bytes(2, "big") + bytes(60_000)) * 2
    assert read_size(written(data[:2] + preface + data[2:]), 2) == ((31, 23), 2)


@pytest.mark.parametrize("read", [read_size, lambda path: read_reduced(path, 2)])
@pytest.mark.parametrize(("data", "sentence"), [(b"", "is "), (b"hello", "is not an image"), (None, "no such file")])
def test_what_is_no_image_is_refused_by_name(written, tmp_path, read, data, sentence):
    path = tmp_path / "none.jpg" if data is None else written(data)
    with pytest.raises(ImageError, match=f"^{re.escape(str(path))}: .*{sentence}"):
        read(path)


def test_a_jpeg_that_is_cut_short_is_refused(written):
    path = written(encoded(_ramps(64, 48), ".jpg")[:-200])
    with pytest.raises(ImageError, match="is cut short"):
        read_reduced(path, 2)
