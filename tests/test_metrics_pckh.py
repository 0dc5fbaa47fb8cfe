"""PCKh, worked by hand; the published value of 2,958 people is in test_metrics_reference."""

import numpy as np
import pytest

from vitruvian.errors import DataError
from vitruvian.metrics import head_scale, pckh
from vitruvian.structures import SKELETONS

from .labels import labels, predictions

MPII = SKELETONS["mpii16"]
HEAD = np.array([[0.0, 0.0, 30.0, 40.0]])  # a diagonal of 50, a head size of 30


def scored(off: dict[str, float], heads: np.ndarray = HEAD) -> dict[str, float]:
    """PCKh of one person whose joints are off by so many pixels, 0 where not said."""
    truth = labels([0], np.zeros((1, 16, 2)), extras={"head_box": heads})
    pred = np.zeros((1, 16, 2))
    for name, pixels in off.items():
        pred[0, MPII.index(name), 0] = pixels
    return pckh(truth, predictions(truth, pred), MPII).values()


def test_the_size_of_a_head_is_six_tenths_of_its_diagonal():
    np.testing.assert_allclose(head_scale(np.array([[0, 0, 30, 40], [np.nan] * 4])), [30, np.nan])


def test_half_a_head_is_right_and_a_pixel_more_is_wrong():
    """0.5 of 30 is 15. 13 of 14 joints are right; of the elbows one."""
    values = scored({"left_wrist": 15, "left_elbow": 16})
    assert values["PCKh@0.5"] == pytest.approx(13 / 14)
    assert (values["PCKh@0.5 wrist"], values["PCKh@0.5 elbow"], values["PCKh@0.5 left_elbow"]) == (1, 0.5, 0)


def test_the_strict_score_allows_a_tenth_of_a_head():
    """0.1 of 30 is 3."""
    values = scored({"head_top": 3, "left_knee": 4})
    assert (values["PCKh@0.1 head"], values["PCKh@0.1 knee"], values["PCKh@0.5"]) == (1, 0.5, 1)


def test_pelvis_and_thorax_do_not_count_in_the_mean():
    values = scored({"pelvis": 99, "thorax": 99})
    assert (values["PCKh@0.5"], values["PCKh@0.5 pelvis"], values["PCKh@0.5 thorax"]) == (1, 0, 0)


def test_the_field_reads_its_columns_in_its_order():
    assert list(scored({}))[:8] == [
        "PCKh@0.5",
        "PCKh@0.5 head",
        "PCKh@0.5 shoulder",
        "PCKh@0.5 elbow",
        "PCKh@0.5 wrist",
        "PCKh@0.5 hip",
        "PCKh@0.5 knee",
        "PCKh@0.5 ankle",
    ]


@pytest.mark.parametrize("heads", [np.full((1, 4), np.nan), np.zeros((1, 4))])
def test_a_person_without_a_head_does_not_count(heads):
    assert np.isnan(list(scored({}, heads).values())).all()


def test_labels_that_bring_the_size_need_no_box():
    """15 pixels are half of 30."""
    truth = labels([0], np.zeros((1, 16, 2)), extras={"head_size": np.array([30.0])})
    assert pckh(truth, predictions(truth, truth.xy + np.array([15, 0])), MPII).values()["PCKh@0.5"] == 1
    assert pckh(truth, predictions(truth, truth.xy + np.array([16, 0])), MPII).values()["PCKh@0.5"] == 0


def test_labels_without_head_boxes_are_sent_elsewhere():
    truth = labels([0], np.zeros((1, 16, 2)))
    with pytest.raises(DataError, match=r'^the labels have no heads \(a column "head_box" or "head_size"\)'):
        pckh(truth, predictions(truth, truth.xy), MPII)
