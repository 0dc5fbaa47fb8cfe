"""Many files: bad ones are set aside, good ones keep their order."""

import numpy as np
import pytest

from tests.fake_network import FakeNetwork, painted
from vitruvian.errors import BoxError, ImageError, ShapeError
from vitruvian.inference import TopDown, predict_files
from vitruvian.media import write_image

UNSCALED = np.array([[20, 10, 84, 74]])


@pytest.fixture
def photos(tmp_path):
    """Six paths; photo 0 and 3 are broken. The red spot of photo k is at x = 30 + k."""
    paths = [tmp_path / f"{k}.png" for k in range(6)]
    for k, path in enumerate(paths):
        write_image(path, painted((100, 90), (30 + k, 30)))
    paths[0].write_bytes(b"")
    paths[3].write_bytes(paths[3].read_bytes()[:60])
    return paths


@pytest.mark.parametrize("batch_size", [1, 2, 3, 32])
def test_bad_files_are_outcomes_in_their_place(photos, batch_size):
    network = FakeNetwork()
    everyone = dict.fromkeys(photos, UNSCALED)
    outcomes = list(predict_files(TopDown(network, batch_size), photos, everyone))
    assert [outcome.path for outcome in outcomes] == photos
    assert [[type(error) for error in outcome.errors] for outcome in outcomes] == [
        [ImageError],
        [],
        [],
        [ImageError],
        [],
        [],
    ]
    assert [outcome.poses.xy[0, 0].tolist() for outcome in outcomes if outcome.poses] == [
        [31, 30],
        [32, 30],
        [34, 30],
        [35, 30],
    ]
    assert all((outcome.image is None) == (outcome.poses is None) for outcome in outcomes)
    assert sum(network.calls) == 4


def test_the_image_comes_along(photos):
    outcome = next(predict_files(TopDown(FakeNetwork()), photos[1:]))
    assert np.array_equal(outcome.image, painted((100, 90), (31, 30)))


def test_only_bad_files_are_no_reason_to_call_the_network(photos):
    network = FakeNetwork()
    outcomes = list(predict_files(TopDown(network), [photos[0], photos[3]]))
    assert [str(outcome.errors[0]).split(": ")[0] for outcome in outcomes] == [str(photos[0]), str(photos[3])]
    assert network.calls == []


def test_no_files_give_no_outcomes():
    assert list(predict_files(TopDown(FakeNetwork()), [])) == []


def test_without_boxes_each_image_is_one_person_and_with_them_a_file_not_named_is_empty(photos):
    estimator = TopDown(FakeNetwork())
    assert [len(outcome.poses) for outcome in predict_files(estimator, photos[1:3])] == [1, 1]
    boxes = {photos[1]: np.repeat(UNSCALED, 3, axis=0)}
    assert [len(outcome.poses) for outcome in predict_files(estimator, photos[1:3], boxes)] == [3, 0]


def test_a_bad_box_fails_its_file_alone(photos):
    boxes = {photos[1]: np.array([[0, 0, 0, 0]]), photos[2]: UNSCALED}
    bad, good = predict_files(TopDown(FakeNetwork()), photos[1:3], boxes)
    assert isinstance(bad.errors[0], BoxError)
    assert bad.poses is None
    assert len(good.poses) == 1


def test_a_bad_box_beside_good_ones_is_left_out_and_named(photos):
    boxes = {photos[1]: np.array([UNSCALED[0], [0, 0, 0, 0], UNSCALED[0], [np.nan, 0, 9, 9]])}
    (outcome,) = predict_files(TopDown(FakeNetwork()), photos[1:2], boxes)
    assert outcome.poses.boxes.tolist() == np.repeat(UNSCALED, 2, axis=0).tolist()
    assert [str(error).split(" and ")[0] for error in outcome.errors] == [
        "box 1 is [0.0, 0.0, 0.0, 0.0]",
        "box 3 is [nan, 0.0, 9.0, 9.0]",
    ]


def test_an_image_too_large_to_cut_from_fails_alone(photos, monkeypatch):
    monkeypatch.setattr("vitruvian.inference.top_down.MAX_SIDE", 100)
    write_image(photos[1], painted((101, 90)))
    large, good = predict_files(TopDown(FakeNetwork()), photos[1:3])
    assert isinstance(large.errors[0], ShapeError)
    assert "the image has 101 x 90 pixels" in str(large.errors[0])
    assert len(good.poses) == 1


def test_huge_images_do_not_wait_for_a_batch_unless_nobody_keeps_them(photos, monkeypatch):
    monkeypatch.setattr("vitruvian.inference.files.WAITING_PIXELS", 2 * 100 * 90 - 1)
    for keep, calls in ((True, [2, 2]), (False, [4])):
        network = FakeNetwork()
        outcomes = list(predict_files(TopDown(network), [*photos[1:3], *photos[4:]], keep_images=keep))
        assert network.calls == calls
        assert [outcome.image is not None for outcome in outcomes] == [keep] * 4
        assert [outcome.size for outcome in outcomes] == [(100, 90)] * 4


def test_files_are_opened_as_they_are_needed(photos):
    """With a batch of two, the last photos may still be missing when the first poses come."""
    outcomes = predict_files(TopDown(FakeNetwork(), batch_size=2), photos[1:])
    photos[5].unlink()
    assert next(outcomes).poses is not None
    write_image(photos[5], painted((100, 90)))
    assert [outcome.errors == () for outcome in outcomes] == [True, False, True, True]
