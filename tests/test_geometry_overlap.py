"""Overlaps of boxes, worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.geometry import giou, iof, iou

A = np.array([[0, 0, 10, 10]], float)  # 100 px²


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([0, 0, 10, 10], (1, 1, 1)),
        ([5, 0, 15, 10], (50 / 150, 50 / 150, 0.5)),  # half of each
        ([2, 2, 4, 4], (0.04, 0.04, 0.04)),  # 4 px² inside
        ([20, 0, 30, 10], (0, -1 / 3, 0)),  # 100 px² of the 300 around both belong to neither
        ([10, 0, 20, 10], (0, 0, 0)),  # touching
        ([3, 3, 3, 9], (0, 0, 0)),  # empty, inside
    ],
)
def test_two_boxes(box, expected):
    other = np.array([box], float)
    assert [measure(A, other).item() for measure in (iou, giou, iof)] == pytest.approx(expected)


def test_every_box_is_measured_with_every_other():
    boxes = np.array([[0, 0, 10, 10], [0, 0, 5, 10], [50, 50, 60, 60]], float)
    np.testing.assert_allclose(iou(boxes[:2], boxes), [[1, 0.5, 0], [0.5, 1, 0]])
    assert iou(boxes[:0], boxes).shape == (0, 3)
    assert giou(boxes, boxes[:0]).shape == (3, 0)


def test_empty_and_unknown_boxes():
    """Of nothing nothing is shared; what is unknown stays unknown."""
    empty, unknown = np.zeros((1, 4)), np.full((1, 4), np.nan)
    assert [measure(empty, empty).item() for measure in (iou, giou, iof)] == [0, 0, 0]
    assert np.isnan([measure(unknown, A).item() for measure in (iou, giou, iof)]).all()


BOX = st.tuples(*[st.integers(0, 20)] * 4).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])


@settings(max_examples=40)
@given(BOX, BOX)
def test_overlaps_are_symmetric_and_bounded(first, second):
    one, other = np.array([first], float), np.array([second], float)
    shared, general = iou(one, other).item(), giou(one, other).item()
    assert (shared, general) == (iou(other, one).item(), giou(other, one).item())
    assert 0 <= shared <= 1
    assert -1 <= general <= shared
