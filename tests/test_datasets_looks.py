"""Looks: how the pixels of a crop change, by how much, and how often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.datasets import Augmentation
from vitruvian.datasets.looks import blended, pasted, random_looks
from vitruvian.recipes.lsp import lsp_residual_unet_128


def test_without_settings_no_colour_changes():
    """Every value of every channel stays: all 256 levels."""
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = np.stack([levels, levels[::-1], levels.T], axis=-1)
    np.testing.assert_array_equal(random_looks(image, Augmentation(), np.random.default_rng(0)), image)


def test_colour_keeps_shape_and_type_and_the_image_given():
    image = np.full((6, 4, 3), 100, np.uint8)
    changed = random_looks(image, Augmentation(colour=0.5, grey=0.5, cut_out=1.0), np.random.default_rng(0))
    assert (changed.shape, changed.dtype) == ((6, 4, 3), np.uint8)
    assert (image == 100).all()


def test_brightness_stays_within_what_the_settings_allow():
    """colour 0.2 on the level 102 = 0.4 * 255. Brightest: gamma exp(-0.2) makes 0.4 to 0.472; gains 1.2 * 1.1; plus
    0.1: 0.723 or 185. Darkest: 0.4 ** exp(0.2) = 0.327; gains 0.8 * 0.9; less 0.1: 0.135 or 34."""
    rng = np.random.default_rng(0)
    image = np.full((1, 1, 3), 102, np.uint8)
    values = np.array([random_looks(image, Augmentation(colour=0.2), rng) for _ in range(500)])
    assert 34 <= values.min() < 70
    assert 140 < values.max() <= 185


def test_order_of_brightness_is_kept():
    """Gamma, gain and offset rise with the level, so a ramp stays a ramp."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for seed in range(20):
        changed = random_looks(ramp, Augmentation(colour=0.9), np.random.default_rng(seed)).astype(int)
        assert (np.diff(changed, axis=1) >= 0).all()


def test_grey_has_equal_channels_and_keeps_what_was_grey():
    """Red, green and blue weigh 0.299, 0.587 and 0.114 (ITU-R BT.601): 76, 150 and 29 of 255."""
    image = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [77, 77, 77], [255, 255, 255]]], np.uint8)
    changed = random_looks(image, Augmentation(grey=1.0), np.random.default_rng(0))
    assert changed.tolist() == [[[76] * 3, [150] * 3, [29] * 3, [77] * 3, [255] * 3]]


def test_cut_out_replaces_one_rectangle_of_up_to_two_fifths_of_each_side_by_one_colour():
    """Of a black image 40 wide and 60 high: at most 16 x 24 pixels, filled without a gap."""
    image = np.zeros((60, 40, 3), np.uint8)
    for seed in range(30):
        changed = random_looks(image, Augmentation(cut_out=1.0), np.random.default_rng(seed))
        rows, columns = np.nonzero(changed.any(-1))
        patch = changed[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert 6 <= patch.shape[0] <= 24
        assert 4 <= patch.shape[1] <= 16
        assert (patch == patch[0, 0]).all()


def test_the_colours_of_the_bundled_models_recipe_are_those_it_was_trained_on():
    """The slow version that trained it: a table look-up for each channel, one after another; all bits are equal."""
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    settings = lsp_residual_unet_128().augmentation
    for seed in range(40):
        fast = random_looks(image, settings, np.random.default_rng(seed))
        np.testing.assert_array_equal(fast, _slow_colour(image, settings, np.random.default_rng(seed)))


def _slow_colour(image: np.ndarray, settings: Augmentation, rng: np.random.Generator) -> np.ndarray:
    levels = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-settings.colour, settings.colour))
    gain = (1 + rng.uniform(-settings.colour, settings.colour)) * (
        1 + rng.uniform(-settings.colour, settings.colour, 3) / 2
    )
    offset = rng.uniform(-settings.colour, settings.colour) / 2
    table = np.rint(255 * (levels[:, None] * gain + offset)).clip(0, 255).astype(np.uint8)
    image = np.stack([table[image[..., channel], channel] for channel in range(3)], axis=-1)
    if rng.random() < settings.grey:
        image = np.repeat(np.rint(image @ np.array([0.299, 0.587, 0.114]))[..., None], 3, axis=-1).astype(np.uint8)
    if rng.random() < settings.cut_out:
        height, width = image.shape[:2]
        h, w = (rng.uniform(0.1, 0.4, 2) * (height, width)).astype(int)
        y, x = rng.integers(height - h), rng.integers(width - w)
        image[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return image


def test_equal_seeds_give_equal_looks():
    settings = Augmentation(colour=0.3, grey=0.3, cut_out=0.5, blur=0.5, noise=0.5, jpeg=0.5, holes=0.5)
    image = np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    for seed in range(10):
        one, same = (random_looks(image, settings, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize("name", ["grey", "cut_out", "blur", "noise", "jpeg", "holes"])
def test_a_probability_of_a_quarter_changes_a_quarter_of_the_crops(name):
    """Of 200, 50; between 26 and 74, four standard deviations."""
    rng = np.random.default_rng(0)
    image = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    settings = Augmentation(**{name: 0.25}, blur_sigma=(1.0, 2.0))
    assert 26 < sum((random_looks(image, settings, rng) != image).any() for _ in range(200)) < 74


@pytest.mark.parametrize("sigma", [1.0, 2.0])
def test_a_blur_spreads_a_point_with_its_sigma(sigma):
    """The variance of where the brightness of a white point lies, in pixels squared; rounding to levels costs some."""
    image = np.zeros((41, 41, 3), np.uint8)
    image[20, 20] = 255
    blurred = random_looks(image, Augmentation(blur=1.0, blur_sigma=(sigma, sigma)), np.random.default_rng(0))
    mass = blurred[..., 0].astype(float)
    variance = (mass * (np.arange(41) - 20) ** 2).sum() / mass.sum()
    assert variance == pytest.approx(sigma**2, rel=0.2)


@pytest.mark.parametrize("level", [0.0, 5.0, 20.0])
def test_noise_has_its_deviation_and_no_drift(level):
    """On grey 128, 12,288 values: the deviation is right to 2 %, the mean to four of its own deviations."""
    image = np.full((64, 64, 3), 128, np.uint8)
    settings = Augmentation(noise=1.0, noise_levels=(level, level))
    noise = random_looks(image, settings, np.random.default_rng(0)).astype(float) - 128
    assert noise.std() == pytest.approx(level, rel=0.02)
    assert abs(noise.mean()) <= 4 * level / noise.size**0.5
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1] if level else 0) < 0.06


def test_noise_does_not_wrap_around_at_black_and_white():
    image = np.zeros((32, 32, 3), np.uint8)
    image[16:] = 255
    noisy = random_looks(image, Augmentation(noise=1.0, noise_levels=(20, 20)), np.random.default_rng(0))
    assert noisy[:16].max() < 100
    assert noisy[16:].min() > 155


def test_a_jpeg_of_low_quality_leaves_more_than_one_of_high_quality_and_keeps_the_colours():
    """Red stays red; the mean difference grows as the quality falls."""
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    image[..., 0] = 255
    left = {}
    for quality in (90, 50, 10):
        settings = Augmentation(jpeg=1.0, jpeg_quality=(quality, quality))
        left[quality] = random_looks(image, settings, np.random.default_rng(0)).astype(float)
        assert left[quality][..., 0].mean() > left[quality][..., 1:].mean() + 50
    errors = [abs(one - image).mean() for one in left.values()]
    assert errors == sorted(errors)


def test_holes_are_as_many_and_as_large_as_the_settings_say():
    """Three rectangles of a fifth of 50 and of 40 pixels on black: each 10 x 8, in three colours where none overlap."""
    image = np.zeros((50, 40, 3), np.uint8)
    settings = Augmentation(holes=1.0, hole_count=(3, 3), hole_side=(0.2, 0.2))
    sizes = []
    for seed in range(30):
        changed = random_looks(image, settings, np.random.default_rng(seed))
        _, counts = np.unique(changed[changed.any(-1)], axis=0, return_counts=True)
        assert counts.sum() <= 240
        assert len(counts) <= 3
        sizes += counts.tolist()
    assert max(sizes) == 80
    assert sizes.count(80) > 45


def test_a_blend_has_its_share_of_the_other():
    """0.3 of 200 and 0.7 of 100 is 130."""
    one, other = np.full((4, 5, 3), 100, np.uint8), np.full((4, 5, 3), 200, np.uint8)
    settings = Augmentation(blend=1.0, blend_share=(0.3, 0.3))
    assert np.unique(blended(one, other, settings, np.random.default_rng(0))).tolist() == [130]
    assert np.unique(one).tolist() == [100]


def test_a_pasted_piece_is_an_ellipse_of_its_size_from_the_other():
    """Half of 80 x 60: an ellipse 40 high and 30 wide covers pi / 4 * 1,200 = 942 pixels, all of it inside.

    Columns of the other one count up, so the piece still does, from wherever it was taken.
    """
    one = np.zeros((80, 60, 3), np.uint8)
    other = np.broadcast_to(100 + np.arange(60, dtype=np.uint8)[None, :, None], one.shape)
    starts = set()
    for seed in range(20):
        changed = pasted(one, other, Augmentation(paste=1.0, paste_side=(0.5, 0.5)), np.random.default_rng(seed))
        rows, columns = np.nonzero(changed[..., 0])
        assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (40, 30)
        assert len(rows) == pytest.approx(942, abs=15)
        offset = changed[rows, columns, 0].astype(int) - columns
        assert np.ptp(offset) == 0
        starts.add((int(rows.min()), int(columns.min()), int(offset[0])))
    assert len(starts) == 20
    assert (one == 0).all()


@given(st.integers(0, 2**32 - 1))
def test_whatever_is_drawn_the_image_keeps_its_shape_and_the_one_given_is_not_touched(seed):
    settings = Augmentation(
        colour=0.9, grey=0.5, cut_out=0.5, blur=0.5, noise=0.5, jpeg=0.5, holes=0.5, hole_side=(0, 0.9)
    )
    image = np.random.default_rng(seed).integers(0, 256, (12, 9, 3), np.uint8)
    before = image.copy()
    changed = random_looks(image, settings, np.random.default_rng(seed))
    assert (changed.shape, changed.dtype) == (image.shape, np.uint8)
    np.testing.assert_array_equal(image, before)
