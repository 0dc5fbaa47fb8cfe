"""Motion: which part of an image a crop shows, and that points follow their pixels."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vitruvian.datasets import Augmentation, CropSettings
from vitruvian.datasets.motion import lower_body, random_crop, smallest_widths
from vitruvian.geometry import Convention, Crop
from vitruvian.recipes.lsp import lsp_residual_unet_128
from vitruvian.structures import SKELETONS

SIZE = (48, 64)
BOX = np.array([20.0, 10.0, 60.0, 90.0])
XY = np.array([[25.0, 15.0], [55.0, 85.0], [np.nan, np.nan]])
CENTRE = np.array([40.0, 50.0])
EXTENT = np.array([75.0, 100.0])  # of the crop around BOX: 80 high, padded by 1.25, 3:4


def _crops(settings: Augmentation, count: int = 200, convention: Convention = "msra") -> list[tuple[Crop, bool]]:
    rng = np.random.default_rng(0)
    return [random_crop(XY, BOX, CropSettings(SIZE, 1.25, convention, settings), rng) for _ in range(count)]


def _centre(crop: Crop) -> np.ndarray:
    """What lands in the middle of an "msra" crop, in image pixels."""
    return crop.to_image(np.array(crop.size) / 2)


def _scale(crop: Crop) -> float:
    """Input pixels per image pixel."""
    return float(np.sqrt(abs(np.linalg.det(crop.matrix[:, :2]))))


def _degrees(crop: Crop) -> float:
    """How far the content of a crop that is not mirrored is turned, anticlockwise."""
    return float(np.rad2deg(np.arctan2(crop.matrix[0, 1], crop.matrix[0, 0])))


@pytest.mark.parametrize("convention", ["msra", "udp"])
def test_without_settings_the_crop_is_the_one_around_the_box(convention):
    plain = Crop.around(BOX, SIZE, 1.25, convention)
    for crop, mirrored in _crops(Augmentation(), 3, convention):
        assert not mirrored
        np.testing.assert_allclose(crop.matrix, plain.matrix, atol=1e-9)


def test_a_flip_of_one_always_mirrors_the_crop():
    plain = Crop.around(BOX, SIZE)
    for crop, mirrored in _crops(Augmentation(flip=1.0), 3):
        assert mirrored
        np.testing.assert_allclose(crop.matrix, plain.mirrored().matrix, atol=1e-9)


def test_a_flip_of_one_half_mirrors_half_of_the_crops_and_says_which():
    """200 throws of a coin: between 70 and 130 heads, four standard deviations."""
    crops = _crops(Augmentation(flip=0.5))
    assert 70 < sum(mirrored for _, mirrored in crops) < 130
    assert all((np.linalg.det(crop.matrix[:, :2]) < 0) == mirrored for crop, mirrored in crops)


def test_turns_stay_within_the_degrees_and_go_both_ways():
    turns = [_degrees(crop) for crop, _ in _crops(Augmentation(degrees=30))]
    assert -30 <= min(turns) < -25
    assert 25 < max(turns) <= 30


def test_only_the_share_turn_of_the_crops_is_turned():
    """A quarter of 200 is 50; between 26 and 74, four standard deviations."""
    turned = [abs(_degrees(crop)) > 1e-9 for crop, _ in _crops(Augmentation(degrees=30, turn=0.25))]
    assert 26 < sum(turned) < 74


def test_the_shown_extent_changes_by_up_to_the_scale_both_ways():
    """48 input pixels show 75 / 1.5 = 50 to 75 * 1.5 = 112.5 image pixels."""
    shown = [48 / _scale(crop) for crop, _ in _crops(Augmentation(scale=1.5))]
    assert 50 <= min(shown) < 53
    assert 107 < max(shown) <= 112.5


def test_the_centre_moves_by_up_to_the_shift_on_each_axis():
    """A tenth of 75 and of 100: up to 7.5 and 10 pixels, either way."""
    moved = np.array([_centre(crop) - CENTRE for crop, _ in _crops(Augmentation(shift=0.1))])
    assert (abs(moved) <= [7.5, 10]).all()
    assert (moved.min(0) < [-7, -9]).all()
    assert (moved.max(0) > [7, 9]).all()


def test_zoom_shows_the_surroundings_of_a_known_joint():
    """Of 75 pixels between 0.4 and 0.8, so 30 to 60; never about the unknown joint."""
    crops = [crop for crop, _ in _crops(Augmentation(zoom=1.0))]
    centres = {tuple(np.round(_centre(crop), 6)) for crop in crops}
    assert centres == {(25.0, 15.0), (55.0, 85.0)}
    assert all(30 <= 48 / _scale(crop) <= 60 for crop in crops)


def test_zoom_without_a_known_joint_shows_the_box():
    rng = np.random.default_rng(0)
    crop, _ = random_crop(np.full((3, 2), np.nan), BOX, CropSettings(SIZE, 1.25, "msra", Augmentation(zoom=1.0)), rng)
    np.testing.assert_allclose(crop.matrix, Crop.around(BOX, SIZE).matrix, atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from(("msra", "udp")))
def test_whatever_is_drawn_the_pixels_under_a_joint_follow_it(seed, convention):
    """A soft white spot about the joint: in the crop its centre of mass is where `to_input` says.

    Crops in which it may touch the border are left to the other examples.
    """
    y, x = np.mgrid[:100, :100]
    spot = 255 * np.exp(-((x - 45) ** 2 + (y - 50) ** 2) / (2 * 2.5**2))
    image = np.repeat(spot[..., None], 3, axis=-1).astype(np.uint8)
    settings = Augmentation(flip=0.5, degrees=180, scale=1.3, shift=0.2, zoom=0.2)
    joint = np.array([[45.0, 50.0]])
    crop, _ = random_crop(joint, BOX, CropSettings(SIZE, 1.25, convention, settings), np.random.default_rng(seed))
    expected = crop.to_input(joint)[0]
    assume((expected > 16).all() and (expected < np.array(SIZE) - 17).all())
    mass = crop.cut(image)[..., 0].astype(float)
    y, x = np.mgrid[: mass.shape[0], : mass.shape[1]]
    np.testing.assert_allclose([(x * mass).sum() / mass.sum(), (y * mass).sum() / mass.sum()], expected, atol=0.1)


def test_equal_seeds_give_equal_crops():
    settings = Augmentation(0.5, 30, 0.5, 1.3, 0.1, 0.3)
    for (one, _), (other, _) in zip(_crops(settings, 5), _crops(settings, 5), strict=True):
        np.testing.assert_array_equal(one.matrix, other.matrix)


def test_the_crops_of_the_bundled_models_recipe_are_those_it_was_trained_on():
    """Numbers of the version that trained it: the first crop of seed 0, and of seed 3, which shows one joint."""
    settings = CropSettings((128, 128), 1.25, "msra", lsp_residual_unet_128().augmentation)
    first, third = (random_crop(XY, BOX, settings, np.random.default_rng(seed))[0].matrix for seed in (0, 3))
    before = [[1.4443502362772387, 0.0, 15.626852778697184], [0.0, 1.4443502362772387, 1.684002210513789]]
    np.testing.assert_allclose(first, before, rtol=1e-12)
    before = [
        [1.7006356450168838, -0.055981568649909774, 30.586519093761083],
        [0.055981568649909774, 1.7006356450168838, 38.733219533456264],
    ]
    np.testing.assert_allclose(third, before, rtol=1e-12)


def test_normal_draws_are_cut_off_at_one_deviation_and_gather_in_the_middle():
    """A normal distribution cut off at one deviation has a deviation of 0.54 of that: 1 - 2 φ(1) / (2 Φ(1) - 1) =
    1 - 0.4839 / 0.6827 = 0.2911, and its root. Uniform ones would have 0.577."""
    settings, count = Augmentation(degrees=80, scale=1.5, shift=0.16, draw="normal"), 2000
    crops = [crop for crop, _ in _crops(settings, count)]
    padded = np.array([50.0, 100.0])  # BOX and a quarter more
    plain = _scale(Crop.around(BOX, SIZE))
    draws = {
        "angle": np.array([_degrees(crop) / 80 for crop in crops]),
        "factor": np.array([(plain / _scale(crop) - 1) / 0.5 for crop in crops]),
        "across": np.array([(_centre(crop) - CENTRE)[0] / (0.16 * padded[0]) for crop in crops]),
        "down": np.array([(_centre(crop) - CENTRE)[1] / (0.16 * padded[1]) for crop in crops]),
    }
    for name, values in draws.items():
        assert 0.98 < np.abs(values).max() <= 1 + 1e-9, name
        assert abs(values.mean()) < 4 * 0.54 / count**0.5, name
        assert values.std() == pytest.approx(0.5396, abs=0.02), name
    assert abs(np.corrcoef(list(draws.values())) - np.eye(4)).max() < 4 / count**0.5  # each by itself


def test_only_the_share_move_of_the_crops_is_shifted_on_both_axes_at_once():
    """0.3 of 400 is 120; between 83 and 157, four standard deviations."""
    for draw in ("normal", "uniform"):
        crops = _crops(Augmentation(shift=0.2, move=0.3, draw=draw), 400)
        moved = [np.abs(_centre(crop) - CENTRE) > 1e-9 for crop, _ in crops]
        assert 83 < sum(both.all() for both in moved) < 157
        assert all(both.all() == both.any() for both in moved)


def test_a_normal_shift_is_a_share_of_the_box_and_not_of_what_is_shown():
    """The box is 40 wide, 50 padded; what is shown is 75 wide. So at most 0.2 * 50 = 10 across, 0.2 * 100 = 20 down,
    however much is shown."""
    centres = [_centre(crop) - CENTRE for crop, _ in _crops(Augmentation(shift=0.2, scale=1.9, draw="normal"), 500)]
    assert np.abs(centres).max(axis=0) == pytest.approx([10, 20], abs=0.3)
    assert (np.abs(centres) <= [10, 20]).all()


BODY = np.array([[30.0 + 2 * k, 10.0 + 5 * k] for k in range(11)] + [[35.0, 70.0 + 4 * k] for k in range(6)])


def _halves(xy: np.ndarray, count: int = 100) -> list[Crop]:
    settings = CropSettings(SIZE, 1.25, "msra", Augmentation(half=1.0))
    rng = np.random.default_rng(0)
    return [random_crop(xy, BOX, settings, rng, range(11, 17))[0] for _ in range(count)]


def test_half_a_body_is_the_upper_or_the_lower_one_about_its_mean_and_half_as_large_again():
    """Above: x from 30 to 50, y from 10 to 60, mean (40, 35): 50 high, 75 with the margin. Below: y from 70 to 90, all
    x at 35, mean (35, 80): 20 high, 30 with the margin. The input is 64 high."""
    found = {(*np.round(_centre(crop), 6), round(64 / _scale(crop), 6)) for crop in _halves(BODY)}
    assert found == {(40.0, 35.0, 75.0), (35.0, 80.0, 30.0)}


def test_half_a_body_is_the_other_half_where_too_little_is_known_of_one():
    """Two joints of the lower body are not enough."""
    xy = BODY.copy()
    xy[13:] = np.nan
    assert {tuple(np.round(_centre(crop), 6)) for crop in _halves(xy)} == {(40.0, 35.0)}


def test_seven_of_ten_halves_are_upper_ones():
    """Of 400, 280; between 243 and 317, four standard deviations."""
    upper = [np.allclose(_centre(crop), [40, 35]) for crop in _halves(BODY, 400)]
    assert 243 < sum(upper) < 317


@pytest.mark.parametrize("known", [0, 1, 8])
def test_a_person_with_fewer_than_9_known_joints_is_shown_whole(known):
    xy = BODY.copy()
    xy[known:] = np.nan
    assert {tuple(np.round(_centre(crop), 6)) for crop in _halves(xy)} == {tuple(CENTRE)}


def test_half_a_body_whose_joints_are_one_point_is_not_shown():
    """A box without a size has no crop; the lower body is not chosen."""
    xy = BODY.copy()
    xy[11:] = 50.0
    assert {tuple(np.round(_centre(crop), 6)) for crop in _halves(xy)} == {(40.0, 35.0)}


def test_some_of_the_people_are_halved():
    """0.3 of 400 is 120; between 83 and 157, four standard deviations."""
    settings = CropSettings(SIZE, 1.25, "msra", Augmentation(half=0.3))
    rng = np.random.default_rng(0)
    crops = [random_crop(BODY, BOX, settings, rng, range(11, 17))[0] for _ in range(400)]
    assert 83 < sum(not np.allclose(_centre(crop), CENTRE) for crop in crops) < 157


def test_the_lower_body_is_found_by_name():
    """COCO: from the hips on; with feet from the whole body, without the hands. MPII's pelvis belongs to it."""
    assert lower_body(SKELETONS["coco17"]) == (11, 12, 13, 14, 15, 16)
    assert lower_body(SKELETONS["coco_wholebody133"]) == tuple(range(11, 23))
    assert lower_body(SKELETONS["mpii16"]) == (0, 1, 2, 3, 4, 5, 6)
    assert lower_body(SKELETONS["hand21"]) == ()


@pytest.mark.parametrize(
    ("change", "width"),
    [
        (Augmentation(), 75),  # 80 high, padded by 1.25, is 100 high, and 3:4
        (Augmentation(scale=1.5), 50),
        (Augmentation(scale=1.6, draw="normal"), 30),  # times 0.4
        (Augmentation(zoom=0.1, flip=1.0, degrees=90, shift=1.0), 30),  # times 0.4
        (Augmentation(half=0.1), 22.5),  # the lower body is 20 high, 30 with its margin
    ],
)
def test_the_smallest_width_by_hand(change, width):
    found = smallest_widths(BODY[None], BOX[None], CropSettings(SIZE, 1.25, "msra", change), range(11, 17))
    assert found == pytest.approx([width])


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(("uniform", "normal")),
    st.floats(1, 1.9),
    st.sampled_from((0.0, 0.5)),
    st.sampled_from((0.0, 0.5)),
)
def test_no_crop_is_smaller_than_the_smallest_width(seed, draw, scale, zoom, half):
    """Of half a body, in which some joints may be missing, too."""
    rng = np.random.default_rng(seed)
    xy = BODY.copy()
    xy[rng.random(len(xy)) < 0.2] = np.nan
    settings = CropSettings(SIZE, 1.25, "msra", Augmentation(0.5, 180, scale=scale, zoom=zoom, half=half, draw=draw))
    smallest = smallest_widths(xy[None], BOX[None], settings, range(11, 17))
    crops = [random_crop(xy, BOX, settings, rng, range(11, 17))[0] for _ in range(20)]
    assert all(SIZE[0] / _scale(crop) >= smallest[0] - 1e-9 for crop in crops)
