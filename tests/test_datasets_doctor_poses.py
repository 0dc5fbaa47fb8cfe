"""Exchanged, displaced and stretched labels, found from the other labels and a model's answers."""

from dataclasses import replace

import numpy as np
import pytest

from vitruvian.datasets import examine
from vitruvian.datasets.doctor.limbs import long_limbs
from vitruvian.datasets.doctor.mistakes import Mistake, exchanged_sides, exchanges, mended
from vitruvian.datasets.doctor.prior import align, fit, log_student, squared, usual_pose
from vitruvian.datasets.doctor.sides import exchanged_log_odds
from vitruvian.errors import ShapeError
from vitruvian.structures import Skeleton

from .doctor_sets import MASK, masked, masks
from .labels import labels, predictions


def kinds(xy, given=None, **columns):
    """What is found in the masks: (kind, instance, keypoints)."""
    report = examine(masked(xy, **columns), given, images=False)
    return {(one.kind, one.instance, one.keypoints) for one in report.findings}


def test_nothing_is_wrong_with_masks_that_are_all_alike():
    assert kinds(masks()) == set()


def test_a_displaced_point_is_found_and_its_neighbours_are_not_blamed():
    xy = masks()
    xy[7, MASK.index("nose")] += 40
    assert kinds(xy) == {("displaced", 1007, ("nose",))}


def test_left_and_right_of_one_joint_exchanged():
    xy = masks()
    xy[3, [4, 5]] = xy[3, [5, 4]]
    assert kinds(xy) == {("swapped_pair", 1003, ("left_mouth", "right_mouth"))}


def test_the_ends_of_a_limb_exchanged():
    xy = masks()
    xy[3, [8, 9]] = xy[3, [9, 8]]
    assert kinds(xy) == {("swapped_neighbours", 1003, ("nose", "chin"))}


def test_left_and_right_of_a_whole_person_exchanged():
    xy = masks()
    xy[[5, 50]] = xy[[5, 50]][:, list(MASK.mirror)]
    pairs = exchanged_sides(MASK).keypoints
    names = tuple(MASK.names[k] for k in pairs)
    assert kinds(xy) == {("swapped_sides", 1005, names), ("swapped_sides", 1050, names)}


def test_two_mistakes_of_one_person_are_both_found():
    xy = masks()
    xy[9, [4, 5]] = xy[9, [5, 4]]
    xy[9, MASK.index("chin")] -= 60
    assert kinds(xy) == {
        ("swapped_pair", 1009, ("left_mouth", "right_mouth")),
        ("displaced", 1009, ("chin",)),
    }


def test_unknown_points_are_no_obstacle():
    xy = masks()
    xy[::3, 2] = xy[1::4, 7] = np.nan
    xy[7, MASK.index("nose")] += 40
    assert kinds(xy) == {("displaced", 1007, ("nose",))}


def test_a_person_of_whom_nothing_is_known_and_a_crowd_are_left_alone():
    xy = masks()
    xy[4] = np.nan
    xy[5] = 400 + np.random.default_rng(1).normal(0, 90, xy[5].shape)
    crowd = np.arange(len(xy)) == 5
    assert {one for one in kinds(xy, crowd=crowd) if one[0] != "point_outside"} == set()


def test_the_likelihood_grows_with_the_distance():
    found = []
    for pixels in (9, 30):
        xy = masks()
        xy[7, 8] += [0, pixels]
        found += [one.likelihood for one in examine(masked(xy), images=False).findings]
    assert found == sorted(found)
    assert found[-1] > 0.999


def test_few_people_are_not_judged_and_the_report_says_so():
    xy = masks(20)
    xy[7, 8] += 40
    report = examine(masked(xy), images=False)
    assert report.findings == ()
    assert any(note.startswith("20 people have enough points") for note in report.notes)


def test_a_fixed_data_set_is_healthy():
    from vitruvian.datasets import apply_fixes

    truth = masks()
    xy = truth.copy()
    xy[3, [4, 5]] = xy[3, [5, 4]]
    xy[8] = xy[8, list(MASK.mirror)]
    report = examine(masked(xy), images=False)
    fixed = apply_fixes(report.dataset, report.fixes())
    assert (fixed.labels.xy == truth).all()
    assert examine(fixed, images=False).findings == ()


WAVING = Skeleton.define("waving", (*MASK.names, "left_hand", "right_hand"))


def waving(count=120):
    """Masks with two hands anywhere around them: no other point foretells where."""
    hands = np.random.default_rng(5).uniform(100, 400, (count, 2, 2))
    return np.concatenate([masks(count), hands], axis=1)


def waved(xy):
    return replace(masked(masks(3)), skeleton=WAVING, labels=labels(list(range(len(xy))), xy))


def test_a_model_finds_what_the_other_labels_cannot_tell():
    truth = waving(250)
    answers = truth + np.random.default_rng(1).normal(0, 1, truth.shape)
    xy = truth.copy()
    xy[6, 11] = [390, 110] if np.linalg.norm(truth[6, 11] - [390, 110]) > 100 else [110, 390]
    dataset = waved(xy)
    found = examine(dataset, predictions(dataset.labels, answers), images=False).findings
    assert [(one.kind, one.instance, one.keypoints) for one in found] == [("displaced", 1006, ("right_hand",))]
    assert "from where the model puts it" in found[0].message
    assert not examine(dataset, images=False).findings


def test_a_model_that_is_often_wrong_is_not_believed():
    truth = waving()
    answers = truth.copy()
    answers[:, 10:] = np.random.default_rng(1).permutation(truth[:, 10:])
    dataset = waved(truth)
    assert not examine(dataset, predictions(dataset.labels, answers), images=False).findings


def test_a_model_without_any_answer_says_nothing():
    xy = masks()
    xy[7, MASK.index("nose")] += 40
    given = predictions(masked(xy).labels, np.full(xy.shape, np.nan))
    assert kinds(xy, given) == {("displaced", 1007, ("nose",))}


def test_points_without_pairs_and_limbs():
    skeleton = Skeleton.define("dots", tuple("abcdef"))
    xy = masks()[:, :6]
    xy[7, 3] += 40
    dataset = replace(masked(masks(3)), skeleton=skeleton, labels=labels(list(range(len(xy))), xy))
    for given in (None, predictions(dataset.labels, masks()[:, :6])):
        found = examine(dataset, given, images=False).findings
        assert [(one.kind, one.keypoints) for one in found] == [("displaced", ("d",))]


def test_predictions_without_labels_are_refused():
    dataset = masked(masks())
    given = replace(predictions(dataset.labels, dataset.labels.xy), label=None)
    with pytest.raises(ShapeError, match="do not say which label each belongs to; predict in the labelled boxes"):
        examine(dataset, given, images=False)


def test_predictions_of_another_skeleton_are_refused():
    dataset = masked(masks())
    with pytest.raises(ShapeError, match="masks has 10 keypoints, the predictions 9"):
        examine(dataset, predictions(dataset.labels, dataset.labels.xy[:, :9], score=np.ones((120, 9))), images=False)


def test_sides_cannot_be_told_where_nothing_differs():
    """Points without any order: as many are to the left as to the right, so nobody is suspected."""
    xy = np.random.default_rng(0).uniform(0, 100, (200, 6, 2))
    assert exchanged_log_odds(xy, np.array([1, 0, 3, 2, 5, 4])).max() < 0


def test_sides_without_pairs_are_never_exchanged():
    assert (exchanged_log_odds(masks(60), np.arange(10)) == -np.inf).all()


def test_aligned_poses_do_not_depend_on_place_and_size():
    xy = masks(30)
    usual = usual_pose(xy)
    assert np.allclose(align(xy, usual)[0], align(3 * xy + 100, usual)[0])


def test_alignment_can_be_undone():
    xy = masks(30)
    poses, centre, size = align(xy, usual_pose(xy))
    assert np.allclose(poses * size[:, None, None] + centre[:, None], xy)


def test_a_point_is_foretold_where_the_others_put_it():
    """The chin of a rigid mask to within the noise of the labels, half a pixel; a waving hand by no means."""
    xy = waving(200)
    prior = fit(xy)
    poses, _, size = align(xy, prior.usual)
    apart = np.linalg.norm(prior.foretold(poses)[0] - poses, axis=-1) * size[:, None]
    assert np.median(apart[:, MASK.index("chin")]) < 2
    assert np.median(apart[:, 10]) > 20


def test_student_of_many_degrees_of_freedom_is_normal():
    """A normal distribution of variances 1 and 4 at (0, 2): exp(-1/2) / (2 pi 2)."""
    spread = np.diag([1.0, 4.0])
    assert log_student(np.array([0.0, 2.0]), spread, 1e9) == pytest.approx(np.log(np.exp(-0.5) / (4 * np.pi)))


def test_squared_mahalanobis_distance():
    """(3, 4) with variances 9 and 4: 1 + 4."""
    assert squared(np.array([3.0, 4.0]), np.diag([9.0, 4.0])) == pytest.approx(5)


def test_mending_twice_gives_the_labels_back():
    xy = masks(1)[0]
    for mistake in (*exchanges(MASK), exchanged_sides(MASK)):
        assert (mended(mended(xy, mistake), mistake) == xy).all()
    assert np.isnan(mended(xy, Mistake("displaced", (2,)))).sum() == 2


def test_a_limb_twice_as_long_as_ever_is_impossible():
    skeleton = Skeleton.define("chain", tuple("abcdef"), [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f")])
    xy = np.zeros((40, 6, 2))
    xy[..., 0] = np.arange(6) * 10
    xy[11, 5, 0] = 80  # 40 pixels after the fifth, instead of 10
    (found,) = long_limbs(xy, skeleton)
    assert (found.row, found.limb) == (11, (4, 5))
    assert found.ratio == pytest.approx(4)


def test_limbs_of_few_points_are_not_judged():
    skeleton = Skeleton.define("chain", ("a", "b", "c"), [("a", "b"), ("b", "c")])
    assert list(long_limbs(np.zeros((5, 3, 2)), skeleton)) == []
