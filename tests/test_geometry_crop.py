"""Crop: hand-worked maps in both conventions, and pixels that go where the coordinates say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.errors import BoxError, ShapeError, UnknownNameError
from vitruvian.geometry import Convention, Crop, flip_boxes

CONVENTIONS = st.sampled_from(("msra", "udp"))
SIZES = st.tuples(st.integers(8, 64), st.integers(8, 64))


@st.composite
def crops(draw: st.DrawFn) -> Crop:
    """Any crop: centre, extent, turn, size, convention, shift, and perhaps mirrored."""
    number = st.floats(-500, 500)
    centre = np.array([draw(number), draw(number)])
    extent = np.array([draw(st.floats(1, 1000)), draw(st.floats(1, 1000))])
    shift = (draw(st.floats(-1, 1)), draw(st.floats(-1, 1)))
    crop = Crop.of(centre, extent, draw(st.floats(-180, 180)), draw(SIZES), draw(CONVENTIONS), shift)
    return crop.mirrored() if draw(st.booleans()) else crop


@st.composite
def points(draw: st.DrawFn) -> np.ndarray:
    """One to five points."""
    number = st.floats(-1000, 1000)
    return np.array(draw(st.lists(st.tuples(number, number), min_size=1, max_size=5)))


def test_msra_puts_the_centre_of_the_box_on_half_the_size():
    """Box 20 x 40 at centre (20, 40), padded to 25 x 50, widened to 37.5 x 50 for 3:4; scale 192 / 37.5 = 5.12.

    The corner (10, 20) is (10, 20) before the centre: (96 - 51.2, 128 - 102.4).
    """
    crop = Crop.around(np.array([10.0, 20.0, 30.0, 60.0]), (192, 256), padding=1.25)
    seen = crop.to_input(np.array([[20.0, 40.0], [10.0, 20.0]]))
    np.testing.assert_allclose(seen, [[96, 128], [44.8, 25.6]], atol=1e-9)


def test_udp_puts_the_edges_of_the_padded_box_on_the_outermost_pixels():
    """The same box shows x from 1.25 to 38.75 and y from 15 to 65: they are pixels 0 to 191 and 0 to 255."""
    crop = Crop.around(np.array([10.0, 20.0, 30.0, 60.0]), (192, 256), padding=1.25, convention="udp")
    seen = crop.to_input(np.array([[1.25, 15.0], [38.75, 65.0], [20.0, 40.0]]))
    np.testing.assert_allclose(seen, [[0, 0], [191, 255], [95.5, 127.5]], atol=1e-9)


def test_a_wide_box_decides_the_width_and_a_tall_one_the_height():
    """For a square input, 40 x 10 padded by 1.5 shows 60 x 60 and so does 10 x 40: 60 pixels per 60, scale 1."""
    for box in ([0.0, 0.0, 40.0, 10.0], [0.0, 0.0, 10.0, 40.0]):
        crop = Crop.around(np.array(box), (60, 60), padding=1.5)
        np.testing.assert_allclose(crop.matrix[:, :2], np.eye(2), atol=1e-12)


@pytest.mark.parametrize(("extent", "filled"), [((30, 10), (30, 40)), ((30, 80), (60, 80)), ((3, 4), (3, 4))])
def test_fill_grows_the_short_side_to_the_aspect_of_the_size(extent, filled):
    """The size 192 x 256 is 3:4."""
    np.testing.assert_allclose(Crop.fill(np.array(extent, float), (192, 256)), filled)


def test_positive_degrees_turn_the_content_anticlockwise():
    """Ten pixels right of the centre (0, 0) is, after a quarter turn, ten pixels above (50, 50)."""
    crop = Crop.of(np.zeros(2), np.array([100.0, 100.0]), 90, (100, 100))
    np.testing.assert_allclose(crop.to_input(np.array([10.0, 0.0])), [50, 40], atol=1e-9)


def test_both_conventions_turn_the_same_way():
    """Ten pixels right of the centre, of 99 that fill 100 pixels in UDP: scale 1 about (49.5, 49.5)."""
    crop = Crop.of(np.zeros(2), np.array([99.0, 99.0]), 90, (100, 100), "udp")
    np.testing.assert_allclose(crop.to_input(np.array([10.0, 0.0])), [49.5, 39.5], atol=1e-9)


def test_udp_turns_the_image_before_it_scales_the_axes():
    """10 x 10 pixels on 21 x 11: scales 2 and 1. Three pixels to the right become three above, which stay three."""
    crop = Crop.of(np.zeros(2), np.array([10.0, 10.0]), 90, (21, 11), "udp")
    np.testing.assert_allclose(crop.to_input(np.array([[3.0, 0.0], [0.0, 3.0]])), [[10, 2], [16, 5]], atol=1e-9)


def test_shift_moves_the_centre_by_a_share_of_the_extent():
    """0.1 of 200 and -0.5 of 100: the image point (20, -50) is in the middle."""
    crop = Crop.of(np.zeros(2), np.array([200.0, 100.0]), 0, (200, 100), shift=(0.1, -0.5))
    np.testing.assert_allclose(crop.to_input(np.array([20.0, -50.0])), [100, 50], atol=1e-9)


@given(crops(), points())
def test_to_image_inverts_to_input(crop, xy):
    np.testing.assert_allclose(crop.to_image(crop.to_input(xy)), xy, atol=1e-6)


@given(crops(), points())
def test_mirrored_twice_is_the_crop_itself(crop, xy):
    np.testing.assert_allclose(crop.mirrored().mirrored().to_input(xy), crop.to_input(xy), atol=1e-6)


@given(crops(), points())
def test_mirrored_moves_x_to_width_minus_one_minus_x(crop, xy):
    """Pixel 0 of 8 becomes pixel 7; y stays."""
    before, after = crop.to_input(xy), crop.mirrored().to_input(xy)
    np.testing.assert_allclose(before[:, 0] + after[:, 0], crop.size[0] - 1, atol=1e-6)
    np.testing.assert_allclose(before[:, 1], after[:, 1], atol=1e-6)


@pytest.mark.parametrize(("convention", "apart"), [("udp", 0), ("msra", 1)])
def test_udp_crops_of_a_mirrored_image_are_mirrored_and_msra_crops_are_a_pixel_off(convention, apart):
    """msra: the centre is on pixel w / 2 in both, and mirrored w / 2 would be w - 1 - w / 2, one pixel further left."""
    box, point, width = np.array([10.0, 5.0, 30.0, 40.0]), np.array([17.0, 9.0]), 100
    crop = Crop.around(box, (48, 64), convention=convention)
    other = Crop.around(flip_boxes(box, width), (48, 64), convention=convention)
    x, mirrored_x = crop.to_input(point)[0], other.to_input(np.array([99 - 17.0, 9.0]))[0]
    assert x + mirrored_x == pytest.approx(47 + apart)


def test_points_of_any_batch_shape_keep_it_and_unknown_ones_stay_unknown():
    crop = Crop.of(np.zeros(2), np.array([10.0, 10.0]), 30, (20, 20))
    xy = np.full((2, 3, 2), np.nan, np.float32)
    xy[1, 2] = 0
    for mapped in (crop.to_input(xy), crop.to_image(xy)):
        assert mapped.shape == (2, 3, 2)
        assert np.isfinite(mapped).all(-1).tolist() == [[False] * 3, [False, False, True]]


def test_a_crop_that_moves_nothing_cuts_the_image_itself():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(Crop(np.eye(2, 3), (7, 5)).cut(image), image)


def test_what_lies_outside_the_image_is_black():
    """Moved by two columns: the first two of the crop are outside, the third is the first of the image."""
    image = np.full((4, 4, 3), 200, np.uint8)
    cut = Crop(np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]), (4, 4)).cut(image)
    assert cut[0, :, 0].tolist() == [0, 0, 200, 200]


@given(
    st.tuples(st.integers(10, 50), st.integers(10, 40)),
    st.floats(2, 6),
    st.floats(-180, 180),
    CONVENTIONS,
    st.booleans(),
)
def test_the_pixels_under_a_point_follow_it(pixel, scale, degrees, convention, mirror):
    """One white pixel, seen enlarged near the middle: its centre of mass in the crop is where `to_input` says.

    The slack, 0.15 input pixels, is for sampling a bump of a few pixels; a wrong convention is off by half a pixel
    and a wrong mirror by a whole one.
    """
    image = np.zeros((50, 60, 3), np.uint8)
    image[pixel[1], pixel[0]] = 255
    extent = np.array([64.0, 48.0]) / scale
    beside = np.array([pixel[0] + 1.3, pixel[1] - 0.7])
    crop = Crop.of(beside, extent, degrees, (64, 48), convention)
    crop = crop.mirrored() if mirror else crop
    mass = crop.cut(image)[..., 0].astype(float)
    y, x = np.mgrid[: mass.shape[0], : mass.shape[1]]
    found = np.array([(x * mass).sum(), (y * mass).sum()]) / mass.sum()
    np.testing.assert_allclose(found, crop.to_input(np.array(pixel, float)), atol=0.15)


@given(st.floats(0.3, 3), st.floats(-180, 180), CONVENTIONS)
def test_cutting_a_mirrored_crop_is_cutting_and_mirroring_the_array(scale, degrees, convention):
    """On a smooth image, so that interpolation in steps of 1/32 pixel, as OpenCV 4 has it, is within one grey level."""
    y, x = np.mgrid[:48, :64]
    smooth = 255 * np.sin(np.pi * x / 63) * np.sin(np.pi * y / 47) * np.stack([x, y, 63 - x]) / 63
    image = np.ascontiguousarray(smooth.transpose(1, 2, 0).astype(np.uint8))
    crop = Crop.of(np.array([30.0, 20.0]), np.array([40.0, 30.0]) / scale, degrees, (40, 30), convention)
    difference = crop.mirrored().cut(image).astype(int) - crop.cut(image)[:, ::-1]
    assert abs(difference).max() <= 1


def test_an_enormous_box_shows_the_image_as_a_speck():
    """A box 200,000 wide on 32 pixels: the 50 x 50 image is far smaller than an input pixel."""
    crop = Crop.around(np.array([-1e5, -1e5, 1e5, 1e5]), (32, 32))
    assert np.count_nonzero(crop.cut(np.full((50, 50, 3), 255, np.uint8))[..., 0]) <= 1


def test_a_box_outside_the_image_cuts_black():
    crop = Crop.around(np.array([1000.0, 1000.0, 1100.0, 1100.0]), (32, 32))
    assert not crop.cut(np.full((50, 50, 3), 255, np.uint8)).any()


@pytest.mark.parametrize(
    ("box", "shown"),
    [
        ([np.nan, 0, 1, 1], r"\[nan, 0.0, 1.0, 1.0\]"),
        ([0, 0, np.inf, 1], r"\[0.0, 0.0, inf, 1.0\]"),
        ([5, 5, 5, 9], r"\[5.0, 5.0, 5.0, 9.0\]"),
        ([5, 9, 8, 9], r"\[5.0, 9.0, 8.0, 9.0\]"),
        ([9, 9, 5, 5], r"\[9.0, 9.0, 5.0, 5.0\]"),
    ],
)
def test_a_box_that_encloses_nothing_is_refused(box, shown):
    with pytest.raises(BoxError, match=f"^box {shown} encloses nothing; expected finite x0 < x1 and y0 < y1$"):
        Crop.around(np.array(box), (32, 32))


def test_several_boxes_at_once_are_refused():
    with pytest.raises(ShapeError, match=r"^a box must be \(4,\) = x0 y0 x1 y1, got \(1, 4\)$"):
        Crop.around(np.zeros((1, 4)), (32, 32))


def test_another_convention_is_refused_with_the_nearest_name():
    wrong: Convention = "upd"  # type: ignore[assignment]
    sentence = r'^unknown crop convention "upd"; known: msra, udp\. Did you mean udp\?$'
    with pytest.raises(UnknownNameError, match=sentence):
        Crop.around(np.array([0.0, 0.0, 1.0, 1.0]), (32, 32), convention=wrong)


@pytest.mark.parametrize(
    ("matrix", "size", "sentence"),
    [
        (np.eye(3), (4, 4), r"^matrix must be \(2, 3\), got \(3, 3\)$"),
        (np.eye(2, 3), (0, 4), r"^size must be \(width, height\) of at least one pixel, got \(0, 4\)$"),
        (np.zeros((2, 3)), (4, 4), r"^matrix must be finite and invertible, got \[\[0.0, 0.0, 0.0\], "),
        (np.full((2, 3), np.nan), (4, 4), r"^matrix must be finite and invertible, got \[\[nan, "),
        (np.array([[1, 0, np.inf], [0, 1, 0]]), (4, 4), r"^matrix must be finite and invertible, got \[\[1.0, "),
        (np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0]]), (4, 4), r"^matrix must be finite and invertible, got \[\[1.0, "),
    ],
)
def test_a_map_that_is_none_is_refused(matrix, size, sentence):
    with pytest.raises(ShapeError, match=sentence):
        Crop(matrix, size)


def test_a_udp_crop_one_pixel_wide_is_refused_because_it_has_no_inverse():
    """(size - 1) / extent is 0."""
    with pytest.raises(ShapeError, match="matrix must be finite and invertible"):
        Crop.around(np.array([0.0, 0.0, 1.0, 1.0]), (1, 32), convention="udp")


def test_an_array_that_is_no_image_is_refused():
    crop = Crop(np.eye(2, 3), (4, 4))
    with pytest.raises(ShapeError, match=r"cannot cut from an image \(4, 4, 3\) int64; expected \(H, W, 3\) uint8"):
        crop.cut(np.zeros((4, 4, 3), np.int64))
