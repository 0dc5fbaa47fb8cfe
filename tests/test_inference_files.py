"""Many files: bad ones are set aside, good ones keep their order."""

import numpy as np
import pytest

from tests.fake_network import FakeNetwork, painted
from vitruvian.errors import BoxError, ImageError
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
    assert [type(outcome.error) for outcome in outcomes] == [
        ImageError,
        *[type(None)] * 2,
        ImageError,
        *[type(None)] * 2,
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
    assert [str(outcome.error).split(": ")[0] for outcome in outcomes] == [str(photos[0]), str(photos[3])]
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
    assert isinstance(bad.error, BoxError)
    assert len(good.poses) == 1


def test_files_are_opened_as_they_are_needed(photos):
    """With a batch of two, the last photos may still be missing when the first poses come."""
    outcomes = predict_files(TopDown(FakeNetwork(), batch_size=2), photos[1:])
    photos[5].unlink()
    assert next(outcomes).poses is not None
    write_image(photos[5], painted((100, 90)))
    assert [outcome.error is None for outcome in outcomes] == [True, False, True, True]
