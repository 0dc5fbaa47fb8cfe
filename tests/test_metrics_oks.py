import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.errors import ShapeError
from vitruvian.metrics import keypoint_similarity, oks

ONE = np.array([100.0]), np.array([0.5])  # area, sigma: spread 2 * 100 * 1


def test_oks_of_one_keypoint_ten_pixels_off():
    """area 100, sigma 0.5: exp(-100 / (2 * 100 * 1)) = exp(-1/2)."""
    pred, true = np.array([[[10.0, 0.0]]]), np.array([[[0.0, 0.0]]])
    assert oks(pred, true, *ONE) == pytest.approx(0.6065307)


def test_unlabelled_keypoints_do_not_count_and_missing_ones_score_zero():
    """Three keypoints: one right, one missing, one unlabelled: (1 + 0) / 2."""
    true = np.array([[[0.0, 0.0], [5.0, 5.0], [np.nan, np.nan]]])
    pred = np.array([[[0.0, 0.0], [np.nan, np.nan], [7.0, 7.0]]])
    assert oks(pred, true, np.array([100.0]), np.full(3, 0.5)) == pytest.approx(0.5)


def test_nobody_is_compared_with_nobody():
    assert oks(np.zeros((0, 2, 2)), np.zeros((3, 2, 2)), np.ones(3), np.ones(2)).shape == (0, 3)
    assert oks(np.zeros((2, 2, 2)), np.zeros((0, 2, 2)), np.ones(0), np.ones(2)).shape == (2, 0)


def test_a_person_without_area_is_matched_by_the_same_points_only():
    pred = np.array([[[1.0, 1.0]], [[1.0, 1.001]]])
    assert oks(pred, pred[:1], np.array([0.0]), np.array([0.5])).tolist() == [[1.0], [0.0]]


def test_a_label_without_labelled_keypoints_has_no_oks_and_with_its_box_is_everywhere_near_it():
    """The box 0 to 10 reaches from -10 to 20; a point at x = 30 is 10 outside: exp(-1/2)."""
    true, box = np.full((1, 1, 2), np.nan), np.array([[0.0, 0.0, 10.0, 10.0]])
    pred = np.array([[[20.0, -10.0]], [[30.0, 5.0]], [[np.nan, 0.0]]])
    assert np.isnan(oks(pred, true, *ONE)).all()
    assert oks(pred, true, *ONE, boxes=box)[:, 0] == pytest.approx([1.0, 0.6065307, 0.0])
    assert np.isnan(oks(pred, true, *ONE, boxes=np.full((1, 4), np.nan))).all()


def test_unknown_area_is_an_unknown_similarity():
    pred = np.zeros((1, 1, 2))
    assert np.isnan(keypoint_similarity(pred, pred, np.array([np.nan]), np.array([0.5]))).all()


def test_oks_names_the_shapes_it_was_given():
    with pytest.raises(ShapeError, match=r"\(P, K, 2\), \(N, K, 2\), \(N,\) and \(K,\), got \(1, 3, 2\), \(1, 2, 2\)"):
        oks(np.zeros((1, 3, 2)), np.zeros((1, 2, 2)), np.ones(1), np.ones(2))
    with pytest.raises(ShapeError, match=r"boxes must be \(1, 4\) to match true, got \(2, 4\)"):
        oks(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), np.ones(1), np.ones(2), np.zeros((2, 4)))


@given(seed=st.integers(0, 10_000), shift=st.floats(-1e3, 1e3), scale=st.floats(0.1, 10))
def test_oks_lies_between_0_and_1_and_does_not_depend_on_place_and_scale(seed: int, shift: float, scale: float):
    rng = np.random.default_rng(seed)
    pred, true, area, sigmas = (
        rng.normal(0, 20, (4, 5, 2)),
        rng.normal(0, 20, (3, 5, 2)),
        rng.uniform(50, 500, 3),
        np.full(5, 0.08),
    )
    true[rng.random((3, 5)) < 0.3] = np.nan
    found = oks(pred, true, area, sigmas)
    known = found[~np.isnan(found)]
    assert ((known >= 0) & (known <= 1)).all()
    moved = oks(pred * scale + shift, true * scale + shift, area * scale**2, sigmas)
    np.testing.assert_allclose(moved, found, rtol=1e-6, atol=1e-9)
