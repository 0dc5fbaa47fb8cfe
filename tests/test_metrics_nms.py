import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.errors import ShapeError
from vitruvian.metrics import box_nms, keep_in_images, likeness, nearby_joints_nms, oks_nms, rescore, soft_oks_nms
from vitruvian.metrics.nms import greedy_nms, soft_nms

SIGMAS = np.array([0.5, 0.5])
AREA = np.full(3, 100.0)  # similarity exp(-d² / 200)
XY = np.array([[[0.0, 0.0], [9.0, 9.0]], [[10.0, 0.0], [9.0, 9.0]], [[500.0, 0.0], [500.0, 9.0]]])


def test_likeness_is_oks_with_the_mean_area():
    """Ten pixels off in one of two keypoints: (exp(-100 / (2 * 200)) + 1) / 2."""
    found = likeness(XY[:2], np.array([100.0, 300.0]), SIGMAS)
    assert found == pytest.approx(np.array([[1, (np.exp(-0.25) + 1) / 2], [(np.exp(-0.25) + 1) / 2, 1]]))


def test_only_keypoints_that_both_show_are_compared():
    shown = np.array([[True, False], [True, True], [False, False]])
    found = likeness(XY, AREA, SIGMAS, shown)
    assert found[0] == pytest.approx([1.0, np.exp(-0.5), 0.0])
    missing = XY.copy()
    missing[0, 0] = np.nan
    assert likeness(missing, AREA, SIGMAS)[0] == pytest.approx([0.5, 0.5, 0.0])


def test_of_two_alike_answers_the_more_confident_stays():
    """The first two are 0.80 alike."""
    confidence = np.array([0.5, 0.9, 0.7])
    assert oks_nms(XY, confidence, AREA, SIGMAS, 0.75).tolist() == [1, 2]
    assert oks_nms(XY, confidence, AREA, SIGMAS, 0.85).tolist() == [1, 2, 0]
    assert soft_oks_nms(XY, confidence, AREA, SIGMAS, 0.5).tolist() == [1, 2, 0]


def test_soft_suppression_goes_on_with_lowered_confidence():
    """After 0, row 1 falls to 0.8 exp(-0.64 / 0.5) = 0.22, below row 2."""
    alike = np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1.0]])
    assert soft_nms(alike, np.array([0.9, 0.8, 0.3]), 0.5).tolist() == [0, 2, 1]
    assert soft_nms(alike, np.array([0.9, 0.8, 0.3]), 0.5, most=2).tolist() == [0, 2]


def test_equal_confidences_keep_their_order_and_nobody_stays_nobody():
    assert greedy_nms(np.zeros((3, 3)), np.ones(3), 0.5).tolist() == [0, 1, 2]
    assert greedy_nms(np.zeros((0, 0)), np.zeros(0), 0.5).tolist() == []
    assert soft_nms(np.zeros((0, 0)), np.zeros(0), 0.5).tolist() == []
    assert keep_in_images(np.zeros(0, int), lambda rows: rows).tolist() == []


def test_boxes_overlapping_by_half_of_their_union():
    """Boxes of 20 x 10, shifted by a third of that: 2/3 shared of 4/3 is 1/2."""
    boxes = np.array([[0, 0, 30, 10], [10, 0, 40, 10], [5, 5, 5, 5.0]])
    confidence = np.array([0.9, 0.8, 0.7])
    assert box_nms(boxes, confidence, 0.49).tolist() == [0, 2]
    assert box_nms(boxes, confidence, 0.51).tolist() == [0, 1, 2]


def test_answers_that_share_most_near_joints_are_one():
    xy = np.array([[[0.0, 0], [100, 0], [0, 100]], [[1.0, 0], [101, 0], [50, 100]], [[0.0, 500], [100, 500], [0, 600]]])
    assert nearby_joints_nms(xy, np.array([0.5, 0.9, 0.7])).tolist() == [1, 2]
    assert nearby_joints_nms(xy, np.array([0.5, 0.9, 0.7]), most_near=2).tolist() == [1, 2, 0]
    assert nearby_joints_nms(xy, np.array([0.5, 0.9, 0.7]), most=1).tolist() == [1]
    assert nearby_joints_nms(xy[:0], np.zeros(0)).tolist() == []
    assert nearby_joints_nms(np.zeros((2, 3, 2)), np.array([0.5, 0.9])).tolist() == [1, 0]


def test_images_are_looked_at_one_by_one():
    image = np.array([7, 3, 7, 3])
    assert keep_in_images(image, lambda rows: np.array([len(rows) - 1])).tolist() == [3, 2]


def test_confidence_is_that_of_the_box_times_the_mean_of_sure_keypoints():
    """0.5 x (0.8 + 0.4) / 2; the keypoint at 0.2 is not above the threshold."""
    assert rescore(np.array([0.5]), np.array([[0.8, 0.4, 0.2]])) == pytest.approx([0.3])
    assert rescore(np.array([0.5]), np.array([[0.1, np.nan]])).tolist() == [0.0]
    with pytest.raises(ShapeError, match=r"score must be \(2, K\) to match box_score, got \(1, 3\)"):
        rescore(np.ones(2), np.ones((1, 3)))


def test_likeness_names_the_shapes():
    with pytest.raises(ShapeError, match=r"must be \(N, K, 2\), \(N,\) and \(K,\), got \(3, 2, 2\), \(3,\) and \(1,\)"):
        likeness(XY, AREA, SIGMAS[:1])


@given(seed=st.integers(0, 10_000), threshold=st.floats(0.05, 0.95))
def test_what_is_kept_is_not_alike_and_what_is_not_is_like_something_kept(seed: int, threshold: float):
    rng = np.random.default_rng(seed)
    xy, area, confidence = rng.normal(0, 20, (8, 2, 2)), rng.uniform(100, 900, 8), rng.random(8)
    alike = likeness(xy, area, SIGMAS)
    kept = greedy_nms(alike, confidence, threshold)
    among = alike[np.ix_(kept, kept)]
    assert (among[~np.eye(len(kept), dtype=bool)] <= threshold).all()
    gone = np.setdiff1d(np.arange(8), kept)
    better = (alike[np.ix_(gone, kept)] > threshold) & (confidence[kept] >= confidence[gone, None])
    assert better.any(1).all()
