"""One crop per box: where a point lands, how crops are shared out among network calls, what is refused."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_network import COLOURS, FakeNetwork, colour_card, painted
from vitruvian.errors import BoxError, RecipeError, ShapeError, SkeletonError
from vitruvian.inference import TopDown, top_down

UNSCALED = np.array([[20, 10, 84, 74]])  # 64 x 64, as the input: input pixel (x, y) is image pixel (x + 20, y + 10)


def boxes(number: int) -> np.ndarray:
    return np.repeat(UNSCALED, number, axis=0)


def black() -> np.ndarray:
    return painted((100, 90))


def test_points_come_back_where_they_are_in_the_image():
    poses = TopDown(FakeNetwork())(painted((100, 90), (20, 10), (50, 60), (83, 73)), UNSCALED)
    assert poses.xy.tolist() == [[[20, 10], [50, 60], [83, 73]]]
    assert poses.score.tolist() == [[1, 1, 1]]
    assert poses.boxes.tolist() == UNSCALED.tolist()
    assert (poses.xy.dtype, poses.score.dtype, poses.boxes.dtype) == (np.float32,) * 3


@given(
    x=st.integers(30, 270),
    y=st.integers(30, 170),
    left=st.floats(5, 60),
    above=st.floats(5, 60),
    right=st.floats(5, 60),
    below=st.floats(5, 60),
    convention=st.sampled_from(["msra", "udp"]),
    padding=st.floats(1, 1.5),
)
def test_a_spot_in_any_box_is_found_to_one_input_pixel(x, y, left, above, right, below, convention, padding):
    """Boxes of any shape, some reaching beyond the image; the input is 48 x 64."""
    card = replace(colour_card((48, 64)), convention=convention, padding=padding)
    box = np.array([x - left, y - above, x + right, y + below])
    poses = TopDown(FakeNetwork(card))(painted((300, 200), (x, y), radius=8), box[None])
    input_pixel = padding * max((box[2] - box[0]) / 47, (box[3] - box[1]) / 63)
    assert np.linalg.norm(poses.xy[0, 0] - [x, y]) <= input_pixel


def test_without_boxes_the_whole_image_is_one_person():
    poses = TopDown(FakeNetwork())(painted((64, 64), (0, 0), (63, 63), (30, 20)))
    assert poses.boxes.tolist() == [[-0.5, -0.5, 63.5, 63.5]]
    assert np.abs(poses.xy[0] - [[0, 0], [63, 63], [30, 20]]).max() <= 1


@pytest.mark.parametrize("nobody", [np.zeros((0, 4)), np.zeros(0), []])
def test_nobody_is_an_answer_that_needs_no_network(nobody):
    network = FakeNetwork()
    poses = TopDown(network)(black(), nobody)
    assert (poses.xy.shape, poses.score.shape, poses.boxes.shape) == ((0, 3, 2), (0, 3), (0, 4))
    assert network.calls == []


@pytest.mark.parametrize("crowds", [(24, 23, 23), (70,), (1, 69), (0, 70, 0)])
def test_everybody_in_all_images_goes_through_in_full_batches(crowds):
    """70 people, however they are spread over images, are two batches of 32 and the last 6."""
    network = FakeNetwork()
    poses = TopDown(network, batch_size=32).batch([black()] * len(crowds), [boxes(people) for people in crowds])
    assert network.calls == [32, 32, 6]
    assert [len(one) for one in poses] == list(crowds)


def test_single_people_of_many_images_fill_batches():
    network = FakeNetwork()
    TopDown(network, batch_size=32).batch([black()] * 70)
    assert network.calls == [32, 32, 6]


def test_poses_stay_with_their_image_however_batches_fall():
    """Image k has k % 3 people and its red spot at x = 20 + k."""
    images = [painted((100, 90), (20 + k, 30)) for k in range(20)]
    poses = TopDown(FakeNetwork(), batch_size=4).batch(images, [boxes(k % 3) for k in range(20)])
    assert [len(one) for one in poses] == [k % 3 for k in range(20)]
    assert all((one.xy[:, 0] == [20 + k, 30]).all() for k, one in enumerate(poses))


class Counted:
    """Endless images, and how many of them were taken."""

    def __init__(self, people: np.ndarray | None):
        self.people = people
        self.taken = 0

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        while True:
            self.taken += 1
            yield black(), self.people


@pytest.mark.parametrize(("people", "taken"), [(None, 4), (boxes(2), 2), (boxes(0), 1)])
def test_a_stream_reads_no_further_than_a_batch_needs(people, taken):
    images = Counted(people)
    poses = TopDown(FakeNetwork(), batch_size=4).stream(images)
    assert images.taken == 0
    next(poses)
    assert images.taken == taken
    list(itertools.islice(poses, taken))
    assert images.taken == 2 * taken


def test_a_stream_of_huge_images_waits_only_as_long_as_it_was_told():
    images = Counted(None)
    poses = TopDown(FakeNetwork()).stream(images, waiting_pixels=3 * 100 * 90 - 1)
    next(poses)
    assert images.taken == 3
    list(itertools.islice(poses, 3))
    assert images.taken == 6


def test_a_batch_of_huge_images_is_full():
    network = FakeNetwork()
    huge = np.zeros((6000, 6000, 3), np.uint8)
    TopDown(network).batch([huge] * 4, [boxes(1)] * 4)
    assert network.calls == [4]


def test_a_batch_needs_as_many_boxes_as_images():
    with pytest.raises(ShapeError, match=r"2 images need as many arrays of boxes \(None for a whole image\), got 1"):
        TopDown(FakeNetwork()).batch([black(), black()], [None])
    with pytest.raises(ShapeError, match="got 0"):
        TopDown(FakeNetwork()).batch([black()], [])


@pytest.mark.parametrize("images", [None, 5, iter([black()])])
def test_a_batch_of_what_is_no_list_is_refused(images):
    with pytest.raises(ShapeError, match=r"expected an image or a list of images, got .*; make a list of them"):
        TopDown(FakeNetwork()).batch(images)
    with pytest.raises(ShapeError, match="expected a list of arrays of boxes, one for each image, got "):
        TopDown(FakeNetwork()).batch([black()], images or 5)


def test_a_batch_without_people_is_an_error():
    with pytest.raises(RecipeError, match="batch_size must be at least 1, got 0"):
        TopDown(FakeNetwork(), batch_size=0)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros((9, 9, 3)), r"must be \(H, W, 3\) uint8 RGB and not empty, got \(9, 9, 3\) float64"),
        (np.zeros((9, 9), np.uint8), r"got \(9, 9\) uint8"),
        (np.zeros((9, 9, 4), np.uint8), r"got \(9, 9, 4\) uint8"),
        (np.zeros((0, 9, 3), np.uint8), r"got \(0, 9, 3\) uint8"),
        ("photo.jpg", r"must be an array \(H, W, 3\) uint8 RGB, got 'photo.jpg'; read files with read_image"),
    ],
)
def test_an_array_that_is_no_image_is_refused(image, said):
    with pytest.raises(ShapeError, match=said):
        TopDown(FakeNetwork())(image)


@pytest.mark.parametrize("given", [np.zeros(4), np.zeros((2, 3)), np.zeros((1, 2, 4))])
def test_boxes_of_another_shape_are_refused(given):
    with pytest.raises(ShapeError, match=re.escape(f"boxes must be (N, 4) = x0 y0 x1 y1, got {given.shape}")):
        TopDown(FakeNetwork())(black(), given)


@pytest.mark.parametrize(
    "given", [[[1, 2, 3, 4], [1, 2, 3]], [["0", "0", "9", "9"]], "all", {"a": 1}, [[0, 0, None, 9]]]
)
def test_boxes_that_are_no_numbers_are_refused(given):
    with pytest.raises(ShapeError, match=re.escape(f"boxes must be (N, 4) numbers, x0 y0 x1 y1, got {given!r}")):
        TopDown(FakeNetwork())(black(), given)


def test_the_boxes_of_poses_are_their_own():
    given = UNSCALED.astype(np.float32)
    poses = TopDown(FakeNetwork())(black(), given)
    given[:] = 0
    assert poses.boxes.tolist() == UNSCALED.tolist()


def test_an_image_too_large_to_cut_from_is_refused(monkeypatch):
    monkeypatch.setattr(top_down, "MAX_SIDE", 99)
    with pytest.raises(
        ShapeError, match=r"the image has 100 x 90 pixels, OpenCV .* sides of at most 99; make it small"
    ):
        TopDown(FakeNetwork())(black())


@pytest.mark.parametrize(
    ("box", "named"),
    [
        ([20, np.nan, 84, 74], "[20.0, nan, 84.0, 74.0]"),
        ([20, 10, np.inf, 74], "[20.0, 10.0, inf, 74.0]"),
        ([20, 10, 20, 74], "[20.0, 10.0, 20.0, 74.0]"),  # no area
        ([84, 10, 20, 74], "[84.0, 10.0, 20.0, 74.0]"),  # right before left
        ([100, 10, 164, 74], "[100.0, 10.0, 164.0, 74.0]"),  # beyond the right edge
        ([20, -70, 84, -6.25], "[20.0, -70.0, 84.0, -6.25]"),  # above
    ],
)
def test_a_box_that_shows_nothing_is_named(box, named):
    with pytest.raises(BoxError) as caught:
        TopDown(FakeNetwork())(black(), np.array([UNSCALED[0], box]))
    assert str(caught.value) == (
        f"box 1 is {named} and shows nothing of the image, 100 x 90 pixels; "
        f"expected finite x0 < x1 and y0 < y1 that touch it. Correct it or leave it out."
    )


def test_the_peak_of_a_likelihood_lies_on_the_point():
    """Image (50, 60) is input (30, 50), in cell (7, 12) of 4 x 4 pixels, whose middle is image (49.5, 59.5)."""
    estimator = TopDown(FakeNetwork(colour_card(stride=4)))
    likelihood, to_image = estimator.likelihood(painted((100, 90), None, (50, 60)), UNSCALED[0], "green")
    y, x = np.unravel_index(likelihood.argmax(), likelihood.shape)
    assert likelihood.shape == (16, 16)
    assert (x, y) == (7, 12)
    assert likelihood.max() == pytest.approx(1 / 16)
    assert to_image @ [x, y, 1] == pytest.approx([49.5, 59.5])


def test_the_likelihood_of_a_turned_down_scale_is_mapped_back_too():
    """A box of 256 pixels: an input pixel is 4 image pixels, a cell 16."""
    estimator = TopDown(FakeNetwork(colour_card(stride=4)))
    image = painted((300, 300), blue=(111, 222), radius=30)
    likelihood, to_image = estimator.likelihood(image, np.array([20, 30, 276, 286]), "blue")
    y, x = np.unravel_index(likelihood.argmax(), likelihood.shape)
    assert np.abs(to_image @ [x, y, 1] - [111, 222]).max() <= 8
    assert to_image[0, 0] == pytest.approx(16)


def test_the_likelihood_of_an_unknown_joint_names_the_known_ones():
    with pytest.raises(SkeletonError, match='no keypoint "elbow"; it has red, green, blue'):
        TopDown(FakeNetwork()).likelihood(black(), UNSCALED[0], "elbow")


def test_it_carries_the_skeleton_of_its_model():
    assert TopDown(FakeNetwork()).skeleton is COLOURS
    assert TopDown(FakeNetwork()).batch_size == top_down.BATCH
