"""PoseTrack's AP and MOTA, worked by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest

from vitruvian.errors import DataError, ShapeError, SkeletonError
from vitruvian.metrics import mota, posetrack_ap
from vitruvian.metrics.mota import assigned
from vitruvian.metrics.posetrack import average_precision
from vitruvian.metrics.posetrack_frames import within
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

from .labels import labels, predictions

NAN = np.nan
PT = SKELETONS["posetrack17"]
NOSE = PT.index("nose")
HEAD = [0.0, 0.0, 30.0, 40.0]  # a head size of 30, so that 15 pixels are near


def people(*places: float) -> np.ndarray:
    """(N, 17, 2): people whose joints all lie at (place, 0)."""
    return np.array([np.tile([place, 0.0], (17, 1)) for place in places]).reshape(-1, 17, 2)


def truth(image: list[int], xy: np.ndarray, images: int | None = None, **columns: object) -> Labels:
    extras = {"head_box": np.tile(HEAD, (len(xy), 1))}
    return labels(image, xy, images, **({"extras": extras} | columns))


def answers(image: list[int], xy: np.ndarray, score: list[float], tracks: list[int] | None = None) -> Predictions:
    count = len(xy)
    return Predictions(
        np.array(image, np.int32),
        xy,
        np.repeat(np.array(score, float)[:, None], 17, axis=1),
        np.array(score, float),
        np.zeros((count, 4)),
        tracks=None if tracks is None else np.array(tracks),
    )


def test_everybody_found_is_perfect():
    found = posetrack_ap(truth([0, 0], people(0, 500)), answers([0, 0], people(500, 0), [0.5, 0.9]), PT).values()
    assert set(found.values()) == {1.0}
    assert list(found)[:8] == [f"AP{part}" for part in ("", *(f" {name}" for name in PARTS))]


PARTS = ("head", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def test_each_score_says_how_many_people_it_is_about():
    """Three people in frames 0, 0 and 1, one without a nose. MOTA leaves the last frame of the clip out."""
    xy = people(0, 500, 0)
    xy[1, NOSE] = NAN
    tracked = truth([0, 0, 1], xy, tracks=np.array([1, 2, 1]), groups=np.zeros(2, int))
    both = tracked, answers([0, 1], people(0, 0), [1.0, 1.0], [5, 5])
    ap, tracked = posetrack_ap(*both, PT), mota(*both, PT)
    assert [ap.instances[name] for name in ("AP", "AP head", "AP nose", "AP left_hip")] == [3, 3, 2, 3]
    assert [tracked.instances[name] for name in ("MOTA", "MOTA nose", "recall nose")] == [2, 1, 1]
    for tally in (ap, tracked):
        assert list(tally.instances) == list(tally.values())
    assert (ap + ap).instances["AP nose"] == 4


def test_half_a_head_is_near_and_more_is_not():
    for pixels, expected in ((15.0, 1.0), (15.1, 0.0)):
        assert posetrack_ap(truth([0], people(0)), answers([0], people(pixels), [1.0]), PT).values()["AP"] == expected


def test_a_false_alarm_with_a_higher_score_halves_the_precision():
    """Falling score: the alarm, then the person: precision 1/2 at recall 1."""
    found = posetrack_ap(truth([0], people(0)), answers([0, 0], people(0, 500), [0.4, 0.6]), PT).values()
    assert found["AP"] == pytest.approx(0.5)


def test_joints_rank_by_their_own_score():
    """The nose of the alarm is unsure, so it comes last and costs nothing; every other joint ranks first."""
    found = answers([0, 0], people(0, 500), [0.4, 0.6])
    score = found.score.copy()
    score[1, NOSE] = 0.1
    values = posetrack_ap(truth([0], people(0)), replace(found, score=score), PT).values()
    assert (values["AP nose"], values["AP left_hip"]) == (1.0, 0.5)
    assert values["AP head"] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert values["AP"] == pytest.approx((1 + 14 * 0.5) / 15)


def test_a_label_goes_to_the_prediction_with_more_joints_near():
    """Two predictions at one person: the one with a wrong nose is of nobody, and ranks first: 1/2 for all joints."""
    pair = people(0, 0)
    pair[0, NOSE] = [99, 0]
    values = posetrack_ap(truth([0], people(0)), answers([0, 0], pair, [0.9, 0.8]), PT).values()
    assert values["AP"] == pytest.approx(0.5)


def test_of_two_that_are_as_near_the_first_is_matched():
    values = posetrack_ap(truth([0], people(0)), answers([0, 0], people(0, 0), [0.9, 0.8]), PT).values()
    assert values["AP"] == 1


def test_the_share_is_of_the_labelled_joints():
    """One prediction near one joint of A, who has only that one, and near two of B's fifteen: it is A's."""
    true, pred = people(0, 500), people(900)
    true[0] = NAN
    true[0, NOSE] = [0, 0]
    pred[0, NOSE] = [0, 0]
    for joint in ("left_hip", "right_hip"):
        pred[0, PT.index(joint)] = [500, 0]
    values = posetrack_ap(truth([0, 0], true), answers([0], pred, [1.0]), PT).values()
    assert (values["AP nose"], values["AP left_hip"]) == (0.5, 0.0)


def test_images_without_labels_do_not_count_and_those_with_do():
    """Two alarms with the highest scores: in an image without labels nothing happens, in one with it costs half."""
    true = truth([0, 1], people(0, 0), images=3)
    for image, expected in ((2, 1.0), (1, (1 / 2 + 2 / 3) / 2 + (2 / 3 - 1 / 2) / 2)):
        found = answers([0, 1, image], people(0, 0, 500), [0.5, 0.4, 0.9])
        assert posetrack_ap(true, found, PT).values()["AP"] == pytest.approx(expected)


def test_regions_to_be_ignored_are_cut_out():
    """The alarm at 490 lies in one, and so does a label at 510: else half is found, after an alarm, 1/2 · 1/2."""
    region = np.array([[400, -100], [600, -100], [600, 100], [400, 100]], float)
    padded = np.full((1, 2, 6, 2), NAN)
    padded[0, 0, :4] = region
    lists = np.empty(1, object)
    lists[0] = [region.tolist()]
    true = truth([0, 0], people(0, 510))
    found = answers([0, 0], people(0, 490), [0.4, 0.9])
    assert posetrack_ap(true, found, PT).values()["AP"] == pytest.approx(0.25)
    for regions in (padded, lists):
        ignoring = replace(true, image_extras={"ignore_regions": regions})
        assert posetrack_ap(ignoring, found, PT).values()["AP"] == 1


def test_a_polygon_holds_what_is_in_it():
    """An L: the notch at (2, 2) is outside."""
    corners = np.array([[0, 0], [3, 0], [3, 1], [1, 1], [1, 3], [0, 3]], float)
    points = np.array([[0.5, 0.5], [2.5, 0.5], [0.5, 2.5], [2, 2], [-1, 0.5], [4, 0.5], [NAN, 1]])
    assert within(points, corners).tolist() == [True, True, True, False, False, False, False]


def test_joints_that_are_nowhere_labelled_are_left_out_of_the_mean():
    true = people(0)
    true[0, PT.index("left_wrist")] = NAN
    values = posetrack_ap(truth([0], true), answers([0], people(0), [1.0]), PT).values()
    assert np.isnan(values["AP left_wrist"])
    assert (values["AP wrist"], values["AP"]) == (1, 1)


def test_without_predictions_nothing_is_found_and_without_labels_nothing_is_known():
    nobody = answers([], people(), [])
    assert posetrack_ap(truth([0], people(0)), nobody, PT).values()["AP"] == 0
    assert np.isnan(posetrack_ap(truth([], people(), images=2), nobody, PT).values()["AP"])


def test_precision_is_raised_to_the_best_at_any_larger_recall():
    """Wrong, right, right of 4: precision 0, 1/2, 2/3 at recall 0, 1/4, 2/4; the area is 2/4 · 2/3."""
    assert average_precision(np.array([False, True, True]), 4, np.ones(3)) == pytest.approx(1 / 3)


SYSTEM = (
    truth([0, 0, 1, 2], people(0, 300, 0, 40), images=4),
    answers([0, 0, 1, 2, 2, 3], people(5, 500, 20, 45, 41, 9), [0.9, 0.8, 0.3, 0.6, 0.7, 0.2]),
)


@pytest.mark.parametrize("times", [[1, 1, 1, 1], [2, 0, 1, 3], [0, 3, 0, 0], [0, 0, 2, 2], [3, 2, 2, 1]])
def test_times_are_as_good_as_copies(times):
    """Images taken several times give what a data set with copies of them gives."""
    true, found = SYSTEM
    rows = np.repeat(np.arange(4), times)
    labelled, shown = ([np.flatnonzero(image == row) for row in rows] for image in (true.image, found.image))
    taken, said = np.concatenate(labelled), np.concatenate(shown)
    copies = truth(_places(labelled), true.xy[taken], images=len(rows))
    again = answers(_places(shown), found.xy[said], found.confidence[said].tolist())
    expected = posetrack_ap(copies, again, PT).values()
    assert posetrack_ap(true, found, PT).values(np.array(times)) == pytest.approx(expected, nan_ok=True)


def _places(parts: list[np.ndarray]) -> list[int]:
    return [row for row, part in enumerate(parts) for _ in part]


def test_joined_tallies_are_the_tally_of_all_images():
    true, found = SYSTEM
    whole = posetrack_ap(true, found, PT)
    parts = []
    for rows in ([0, 1], [2, 3]):
        mine = np.isin(found.image, rows)
        part = answers((found.image[mine] - rows[0]).tolist(), found.xy[mine], found.confidence[mine].tolist())
        parts.append(posetrack_ap(true.of_images(np.array(rows)), part, PT))
    joined = parts[0] + parts[1]
    assert joined.images == 4
    assert joined.values() == whole.values()
    times = np.array([2, 0, 1, 5])
    assert joined.values(times) == whole.values(times)


def test_times_of_another_number_of_images_are_refused():
    with pytest.raises(ShapeError, match=r"^times must be \(4,\), one number an image, got \(3,\)$"):
        posetrack_ap(*SYSTEM, PT).values(np.ones(3))


def test_labels_without_heads_and_other_skeletons_are_refused():
    bare = labels([0], people(0))
    with pytest.raises(DataError, match=r'^the labels have no heads \(a column "head_box" or "head_size"\)'):
        posetrack_ap(bare, answers([0], people(0), [1.0]), PT)
    with pytest.raises(SkeletonError, match=r'^skeleton "coco17" has no keypoint "head_bottom"'):
        posetrack_ap(truth([0], people(0)), answers([0], people(0), [1.0]), SKELETONS["coco17"])


def clip(true: list[list[tuple[int, float]]], pred: list[list[tuple[int, float]]]) -> tuple[Labels, Predictions]:
    """Frames of one clip: in each the (track, place) of people, labelled and predicted."""
    image, tracks, places = zip(*[(i, t, x) for i, frame in enumerate(true) for t, x in frame], strict=True)
    clips = {"groups": np.zeros(len(true), int), "tracks": np.array(tracks)}
    rows = [(i, t, x) for i, frame in enumerate(pred) for t, x in frame]
    found = answers([i for i, _, _ in rows], people(*[x for *_, x in rows]), [1.0] * len(rows), [t for _, t, _ in rows])
    return truth(list(image), people(*places), images=len(true), **clips), found


def test_who_is_followed_without_fault_scores_one():
    frames = [[(1, 0.0), (2, 500.0)]] * 3
    values = mota(*clip(frames, [[(7, 0.0), (9, 500.0)]] * 3), PT).values()
    assert [values[name] for name in ("MOTA", "MOTP", "precision", "recall", "MOTA head", "MOTA left_hip")] == [1] * 6


def test_misses_alarms_and_switches_each_cost_a_label():
    """Two people in four frames, the last of which does not count: six labels of each joint.

    A switch in frame 1 (7 and 9 exchange: two of them), a miss in frame 2, and an alarm there: 1 - (2 + 1 + 1) / 6.
    Matched are 5 of 6 labels and 5 of 6 predictions.
    """
    true = [[(1, 0.0), (2, 500.0)]] * 4
    pred = [[(7, 0.0), (9, 500.0)], [(9, 0.0), (7, 500.0)], [(9, 0.0), (7, 900.0)], [(1, 77.0)]]
    values = mota(*clip(true, pred), PT).values()
    assert values["MOTA"] == pytest.approx(1 - 4 / 6)
    assert (values["precision"], values["recall"]) == (pytest.approx(5 / 6), pytest.approx(5 / 6))


def test_a_pair_stays_while_it_is_possible():
    """In frame 1 the other prediction is nearer to label 1, but its own is near enough: no switch."""
    true = [[(1, 0.0)], [(1, 0.0)], [(1, 0.0)]]
    pred = [[(7, 0.0), (9, 500.0)], [(9, 0.0), (7, 14.0)], []]
    assert mota(*clip(true, pred), PT).values()["MOTA"] == pytest.approx(1 - 2 / 2)  # the alarm of each frame


def test_who_comes_back_under_another_name_is_a_switch():
    """Lost in frame 1, where somebody else is an alarm, and found as 8 in frame 2: a miss, an alarm, a switch of 3."""
    true = [[(1, 0.0)]] * 4
    pred = [[(7, 0.0)], [(5, 900.0)], [(8, 0.0)], [(8, 0.0)]]
    assert mota(*clip(true, pred), PT).values()["MOTA"] == pytest.approx(1 - 3 / 3)
    assert mota(*clip(true, pred), PT, drop_last=False).values()["MOTA"] == pytest.approx(1 - 3 / 4)


def test_a_frame_without_predictions_costs_one_label_missed_and_one_alarm():
    """As poseval counts, however many people are in it: 1 - 2 / (2 + 1)."""
    true = [[(1, 0.0), (2, 500.0)]] * 3
    pred = [[(7, 0.0), (9, 500.0)], [], []]
    assert mota(*clip(true, pred), PT).values()["MOTA"] == pytest.approx(1 - 2 / 3)


def test_motp_is_the_mean_distance_of_matches():
    """6 and 12 pixels of a head size of 30: 1 - 0.3."""
    true = [[(1, 0.0)]] * 3
    assert mota(*clip(true, [[(7, 6.0)], [(7, 12.0)], []]), PT).values()["MOTP"] == pytest.approx(0.7)


def test_clips_are_followed_apart_and_in_the_order_of_their_frames():
    """The same track in another clip is another person. Rows in the wrong order would switch back and forth."""
    true, found = clip([[(1, 0.0)]] * 6, [[(7, 0.0)], [(8, 0.0)], [(7, 0.0)], [(8, 0.0)], [(7, 0.0)], [(8, 0.0)]])
    two = replace(true, groups=np.array([0, 1] * 3))
    assert mota(two, found, PT).values()["MOTA"] == 1
    ordered = replace(true, image_extras={"frame": np.array([0, 3, 1, 4, 2, 5])})
    assert mota(ordered, found, PT, drop_last=False).values()["MOTA"] == pytest.approx(1 - 1 / 6)


def test_as_many_pairs_as_possible_then_the_nearest():
    """Row 0 could take either column and is nearest to 0, but row 1 can only have 0."""
    assert assigned(np.array([[0.1, 0.4], [0.3, np.inf]])) == [(0, 1), (1, 0)]
    assert assigned(np.array([[0.1, 0.4], [0.3, 0.2]])) == [(0, 0), (1, 1)]
    assert assigned(np.full((2, 3), np.inf)) == assigned(np.zeros((0, 2))) == []


def test_what_has_no_tracks_is_refused():
    true, found = clip([[(1, 0.0)]], [[(7, 0.0)]])
    said = "the predictions have no tracks, which MOTA is about; score single frames by posetrack_ap"
    with pytest.raises(DataError, match=f"^{re.escape(said)}$"):
        mota(true, replace(found, tracks=None), PT)
    with pytest.raises(DataError, match=r"^the labels have no tracks"):
        mota(replace(true, tracks=None), found, PT)


def test_predictions_in_images_that_are_not_there_are_refused():
    with pytest.raises(DataError, match=r"^the predictions are in images 0 to 3, there are 0 to 2$"):
        posetrack_ap(truth([0], people(0), images=3), answers([0, 3], people(0, 0), [1.0, 1.0]), PT)


def test_other_keypoints_are_refused():
    small = Skeleton.define("small", PT.names[:5])
    true = truth([0], people(0)[:, :5])
    with pytest.raises(SkeletonError, match="has no keypoint"):
        posetrack_ap(true, predictions(true, true.xy), small)
    with pytest.raises(
        ShapeError, match=r"^the predictions have 17 keypoints, the labels 5; compare the same keypoints"
    ):
        posetrack_ap(true, answers([0], people(0), [1.0]), PT)
