"""Whole pictures: always the same for a number, and labelled where things are."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.errors import RecipeError, ShapeError, UnknownNameError
from vitruvian.structures import skeleton
from vitruvian.synthesis import KINDS, Engine, Rendered

SIZE = (96, 80)


def equal(first: Rendered, second: Rendered) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=name == "xy")
        for name in ("image", "xy", "xyz", "visible", "boxes")
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_always_gives_the_same_picture_whatever_came_before(kind):
    engine, again = Engine(kind, SIZE, seed=3), Engine(kind, SIZE, seed=3)
    first, second = engine.picture(0), engine.picture(1)
    assert equal(again.picture(1), second)
    assert equal(again.picture(0), first)
    assert not np.array_equal(first.image, second.image)
    assert not np.array_equal(Engine(kind, SIZE, seed=4).picture(0).image, first.image)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_lie_in_the_picture_and_in_the_boxes(kind):
    engine, k = Engine(kind, SIZE), len(skeleton(KINDS[kind].skeleton))
    for number in range(6):
        picture = engine.picture(number)
        assert picture.image.shape == (80, 96, 3)
        assert picture.image.dtype == np.uint8
        assert picture.xy.shape[1:] == (k, 2)
        known = np.isfinite(picture.xy).all(-1)
        assert np.array_equal(known, picture.visible > 0)
        xy = picture.xy[known]
        assert (xy >= -0.5).all()
        assert (xy <= np.array(SIZE) - 0.5).all()
        assert (picture.boxes[:, 2:] >= picture.boxes[:, :2]).all()
        assert (picture.xyz[known][:, 2] > 0).all()  # before the camera


def test_most_keypoints_of_bodies_lie_within_a_tenth_of_their_boxes():
    """Joints are inside people; only lens and toes lead a little out of a box drawn around the skin."""
    engine, inside, count = Engine("body", SIZE), 0, 0
    for number in range(8):
        picture = engine.picture(number)
        margin = 0.1 * (picture.boxes[:, None, 2:] - picture.boxes[:, None, :2]) + 1
        low, high = picture.boxes[:, None, :2] - margin, picture.boxes[:, None, 2:] + margin
        known = picture.visible > 0
        with np.errstate(invalid="ignore"):
            inside += (((picture.xy >= low) & (picture.xy <= high)).all(-1) & known).sum()
        count += known.sum()
    assert count > 100
    assert inside > 0.98 * count


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(UnknownNameError, match="body"):
        Engine("bodies")
    with pytest.raises(RecipeError, match="32 to 2048 pixels, got 8 x 256"):
        Engine("body", (8, 256))
    with pytest.raises(RecipeError, match="seed must be 0 or more, got -1"):
        Engine("body", seed=-1)


def test_a_rendered_picture_checks_its_columns():
    xy = np.zeros((2, 3, 2), np.float32)
    with pytest.raises(ShapeError, match=r"boxes must be \(2, 4\) to match xy"):
        Rendered(np.zeros((4, 4, 3), np.uint8), xy, np.zeros((2, 3, 3)), np.zeros((2, 3)), np.zeros((1, 4)))
