import cv2
import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.errors import DataError
from vitruvian.synthesis.places.backgrounds import Photos, random_background
from vitruvian.synthesis.places.places import PLACES
from vitruvian.synthesis.places.scenery import View, drawn

SIZES = (64, 48)


@pytest.mark.parametrize("seed", range(30))
def test_a_background_is_a_picture_and_the_same_for_a_seed(seed):
    first, again = (random_background(SIZES, np.random.default_rng(seed)) for _ in range(2))
    assert (first.image.shape, first.image.dtype) == ((48, 64, 3), np.uint8)
    assert (first.image == again.image).all()
    assert first.horizon == again.horizon


def test_backgrounds_are_as_bright_and_full_of_contrast_as_photos():
    """Middle halves measured on sports photos: means 0.34 to 0.52, deviations 0.18 to 0.27 with the people in them."""
    grey = [cv2.cvtColor(random_background(SIZES, np.random.default_rng(i)).image, cv2.COLOR_RGB2GRAY) / 255
            for i in range(60)]  # fmt: skip
    assert 0.34 < np.median([one.mean() for one in grey]) < 0.52
    assert 0.13 < np.median([one.std() for one in grey]) < 0.27


def test_the_view_asked_for_is_the_view_given():
    view = View(20.0, 80.0, 1.5)
    assert random_background(SIZES, np.random.default_rng(0), view=view).view == view


@pytest.mark.parametrize("place", [place for place, _ in PLACES], ids=lambda place: place.__name__)
def test_every_place_keeps_free_where_the_people_stand(place):
    view = View(15.0, 60.0, 1.5)
    for seed in range(10):
        _, ahead = drawn(place(np.random.default_rng(seed), 4.0), view, SIZES, seed)
        assert ahead[30, 32] > 4.0  # the ground, 1.5 m below at a slope of 1 / 4, is 6 m ahead


def _write(path, side=80):
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (side, 2 * side, 3)).astype(np.uint8))


@pytest.mark.parametrize("place", [place for place, _ in PLACES])
def test_people_stand_between_the_walls(place):
    """Also in the rarest of rooms: one in a thousand is far off its middle."""
    for seed in range(1500):
        left, right, back, ahead, _ = place(np.random.default_rng(seed), 2.0).room
        assert left < 0 < right
        assert back < 0 < 2 < ahead


def test_parts_of_photos_have_the_size_asked_for_and_broken_files_are_skipped_and_counted(tmp_path):
    _write(tmp_path / "good.png")
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8 no photo")
    photos = Photos.of(tmp_path)
    rng = np.random.default_rng(0)
    parts = [random_background((30, 40), rng, photos) for _ in range(8)]
    assert {part.image.shape for part in parts} == {(40, 30, 3)}
    assert {part.horizon for part in parts} == {None}
    assert [path.name for path in photos.skipped] == ["bad.jpg"]


def test_a_photo_smaller_than_the_background_is_enlarged(tmp_path):
    _write(tmp_path / "small.png", side=5)
    assert Photos.of(tmp_path).part((64, 48), np.random.default_rng(0)).shape == (48, 64, 3)


def test_photos_of_which_none_can_be_read_are_refused(tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"none of the 1 photos for backgrounds can be used: .*bad\.jpg"):
        Photos.of(tmp_path).part(SIZES, np.random.default_rng(0))


def test_the_distance_asked_for_is_kept_free():
    view = View(10.0, 300.0, 1.6)  # of a face: a person would be three times as tall as the picture
    found = random_background(SIZES, np.random.default_rng(1), view=view, distance=1.2)
    assert (found.view, found.distance) == (view, 1.2)
