"""Expected numbers without a derivation are those of pycocotools, or published with the data."""

import json
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import DataError, MissingPackageError, ShapeError
from vitruvian.metrics import OksTally, bootstrap, oks_ap, oks_ap_crowdpose, oks_ap_joints, oks_ap_wholebody
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

from .coco_sets import KEYS, by_pycocotools, random_set, read_set, some_labels, some_predictions
from .parity.metric_oks import read_labels

COCO17 = SKELETONS["coco17"]
TWO = Skeleton.define("two", ("a", "b"), sigmas=(0.05, 0.1))
PERSON = np.array([[[0.0, 0.0], [50.0, 50.0]]])  # 2500 px², medium


def equal(found: dict[str, float], expected: dict[str, float], tolerance: float = 1e-12) -> None:
    assert list(found) == list(expected)
    np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=0, atol=tolerance, equal_nan=True)


def test_a_person_found_exactly_and_a_wrong_answer_before_it():
    """Precision is 1/2 at every recall, whatever the threshold; nobody is large."""
    labels = some_labels(PERSON, [0], 1)
    predictions = some_predictions(np.concatenate([PERSON, PERSON + 500]), [0, 0], [0.4, 0.9])
    values = oks_ap(labels, predictions, TWO).values()
    assert values["AP"] == values["AP50"] == values["APm"] == pytest.approx(0.5)
    assert values["AR"] == values["AR75"] == 1.0
    assert np.isnan(values["APl"])
    assert np.isnan(values["ARl"])


def test_a_person_found_half_counts_up_to_the_threshold_it_reaches():
    """One of two points right, the other far off: OKS 0.5 reaches the first of ten thresholds."""
    predictions = some_predictions(PERSON + np.array([[0, 0], [400, 0]]), [0], [0.9])
    values = oks_ap(some_labels(PERSON, [0], 1), predictions, TWO).values()
    assert values["AP"] == pytest.approx(0.1)
    assert (values["AP50"], values["AP75"]) == (pytest.approx(1.0), 0.0)


def test_a_missing_point_is_like_one_far_off():
    labels = some_labels(PERSON, [0], 1)
    for second in (1e7, np.nan, np.inf):
        xy = np.array([[[0.0, 0.0], [second, second]]])
        assert oks_ap(labels, some_predictions(xy, [0], [1.0]), TWO).values()["AP"] == pytest.approx(0.1)


def test_the_people_that_count_are_counted_by_size():
    """Areas 1000, 2500 and 10,000 px² are small, medium and large; a crowd and somebody unlabelled do not count."""
    xy = np.concatenate([PERSON] * 4 + [np.full((1, 2, 2), np.nan)])
    labels = replace(
        some_labels(xy, [0, 0, 1, 1, 1], 2),
        area=np.array([1000.0, 2500, 10_000, 2500, 2500]),
        crowd=np.array([0, 0, 0, 1, 0], bool),
    )
    tally = oks_ap(labels, some_predictions(PERSON, [0], [0.9]), TWO)
    found = tally.instances
    assert [found[name] for name in ("AP", "AP50", "APm", "APl", "ARl")] == [3, 3, 1, 1, 1]
    assert list(found) == list(tally.values())
    assert (tally + tally).instances["APm"] == 2
    xy[1, 1] = np.nan
    joints = oks_ap_joints(replace(labels, xy=xy), some_predictions(PERSON, [0], [0.9]), TWO).instances
    assert (joints["a AP"], joints["b AP"]) == (3, 2)


def test_nothing_is_ignored_when_everything_is_empty():
    nobody, silent = some_labels(np.zeros((0, 2, 2)), [], 2), some_predictions(np.zeros((0, 2, 2)), [], [])
    assert np.isnan(list(oks_ap(nobody, silent, TWO).values().values())).all()
    assert np.isnan(list(oks_ap(nobody, silent, TWO).values(np.ones(2)).values())).all()
    assert oks_ap(some_labels(PERSON, [0], 2), silent, TWO).values()["AP"] == 0.0
    assert oks_ap(some_labels(PERSON, [0], 2), silent, TWO).values(np.ones(2))["AR"] == 0.0
    assert np.isnan(oks_ap(nobody, some_predictions(PERSON, [1], [0.5]), TWO).values(np.ones(2))["AP"])
    none = some_labels(np.zeros((0, 2, 2)), [], 0)
    assert np.isnan(oks_ap(none, silent, TWO).values()["AP"])
    assert np.isnan(bootstrap(oks_ap(none, silent, TWO), draws=2)["AP"].value)


def test_answers_about_people_without_labelled_keypoints_do_not_count_unless_their_box_is_unknown():
    xy = np.concatenate([PERSON, np.full((1, 2, 2), np.nan)])
    labels = some_labels(xy, [0, 0], 1, boxes=np.array([[0, 0, 50, 50], [500.0, 500, 550, 550]]))
    labels = replace(labels, area=np.array([2500.0, np.nan]))
    predictions = some_predictions(np.concatenate([PERSON, PERSON + 500]), [0, 0], [0.4, 0.9])
    assert oks_ap(labels, predictions, TWO).values()["AP"] == pytest.approx(1.0)
    unknown = replace(labels, boxes=np.array([[0, 0, 50, 50], [np.nan] * 4]))
    assert oks_ap(unknown, predictions, TWO).values()["AP"] == pytest.approx(0.5)


@settings(max_examples=25)
@given(seed=st.integers(0, 100_000))
def test_random_sets_score_as_in_pycocotools(seed: int):
    """Crowds, ties, empty images, people of all sizes; hotcoco's numbers and those summed up here."""
    labels, predictions = random_set(seed)
    tally, expected = oks_ap(labels, predictions, COCO17), by_pycocotools(labels, predictions)
    equal(tally.values(), expected)
    equal(tally.values(np.ones(labels.images)), expected)


def test_more_than_twenty_answers_in_an_image_score_as_in_pycocotools():
    labels, predictions = random_set(4, images=2)
    many = some_predictions(
        np.concatenate([predictions.xy] * 9),
        [0] * 9 * len(predictions),
        np.linspace(0, 1, 9 * len(predictions)).tolist(),
    )
    assert len(many) > 60
    equal(oks_ap(labels, many, COCO17).values(), by_pycocotools(labels, many))
    equal(oks_ap(labels, many, COCO17).values(np.ones(2)), by_pycocotools(labels, many))


@settings(max_examples=10)
@given(seed=st.integers(0, 100_000))
def test_counting_an_image_twice_is_having_it_twice(seed: int):
    """Confidences differ here: copies of tied answers could be ranked in other ways."""
    labels, predictions = random_set(seed)
    predictions = replace(predictions, confidence=np.random.default_rng(seed).permutation(len(predictions)) / 10)
    times = np.random.default_rng(seed).integers(0, 3, labels.images)
    tally = oks_ap(labels, predictions, COCO17)
    once, *more = (_only(labels, predictions, np.flatnonzero(times > n)) for n in range(max(1, times.max())))
    for again in more:
        once = once + again
    equal(tally.values(times), once.values())


def _only(labels: Labels, predictions: Predictions, rows: np.ndarray) -> OksTally:
    """The tally of some images."""
    place = np.full(labels.images, -1)
    place[rows] = np.arange(len(rows))
    chosen = np.flatnonzero(place[predictions.image] >= 0)
    part = some_predictions(
        predictions.xy[chosen], place[predictions.image[chosen]].tolist(), predictions.confidence[chosen].tolist()
    )
    return oks_ap(labels.of_images(rows), part, COCO17)


def test_parts_of_several_processes_are_joined_in_any_order():
    labels, predictions = random_set(11)
    whole = oks_ap(labels, predictions, COCO17)
    first, second = (_only(labels, predictions, rows) for rows in (np.arange(3), np.arange(3, labels.images)))
    assert (first + second).images == labels.images
    equal((first + pickle.loads(pickle.dumps(second))).values(), whole.values())
    equal((second + first).values(), whole.values())
    with pytest.raises(ShapeError, match="2 and 17 keypoints with different sigmas"):
        oks_ap(some_labels(PERSON, [0], 1), some_predictions(PERSON, [0], [1.0]), TWO) + whole


def test_the_interval_encloses_the_value_and_one_image_has_none():
    labels, predictions = random_set(5, images=40)
    found = bootstrap(oks_ap(labels, predictions, COCO17), draws=50)["AP"]
    assert found.low < found.value < found.high
    alone = bootstrap(oks_ap(some_labels(PERSON, [0], 1), some_predictions(PERSON, [0], [1.0]), TWO), draws=5)["AP"]
    assert np.isnan([alone.low, alone.high]).all()


def test_what_cannot_be_scored_is_named():
    labels, predictions = some_labels(PERSON, [0], 1), some_predictions(PERSON, [0], [0.5])
    with pytest.raises(DataError, match=r"1 of 1 labels have no area, the first is annotation 1; .* 0.53 x"):
        oks_ap(replace(labels, area=np.array([np.nan])), predictions, TWO)
    with pytest.raises(DataError, match=r"1 of 1 predictions have no confidence, the first in row 0"):
        oks_ap(labels, replace(predictions, confidence=np.array([np.nan])), TWO)
    with pytest.raises(DataError, match=r"prediction 0 is in image 4, but the labels have images 0 to 0"):
        oks_ap(labels, replace(predictions, image=np.array([4], np.int32)), TWO)
    with pytest.raises(ShapeError, match="labels have 2 keypoints, the predictions 2 and the skeleton coco17 17"):
        oks_ap(labels, predictions, COCO17)
    with pytest.raises(ShapeError, match=r"times must be \(1,\), one for each image, got \(2,\)"):
        oks_ap(labels, predictions, TWO).values(np.ones(2))
    with pytest.raises(ShapeError, match="of 133 keypoints, two has 2"):
        oks_ap_wholebody(labels, predictions, TWO)
    with pytest.raises(DataError, match=r"no crowd index of their images \(columns: none\)"):
        oks_ap_crowdpose(labels, predictions, TWO)


def test_without_hotcoco_the_way_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "hotcoco", None)
    with pytest.raises(MissingPackageError, match=r'OKS AP needs the package hotcoco.*"vitruvian\[eval\]"'):
        oks_ap(some_labels(PERSON, [0], 1), some_predictions(PERSON, [0], [0.5]), TWO).values()


def test_each_joint_is_scored_by_itself():
    """a is right and b is far off; the second person has no b labelled."""
    xy = np.concatenate([PERSON, PERSON + 300])
    labels = some_labels(
        np.where([[[True], [True]], [[True], [False]]], xy, np.nan), [0, 0], 1, area=np.full(2, 2500.0)
    )
    predictions = some_predictions(xy + np.array([[0, 0], [90, 0]]), [0, 0], [0.9, 0.8])
    values = oks_ap_joints(labels, predictions, TWO).values()
    assert values["a AP"] == pytest.approx(1.0)
    assert values["b AP"] == 0.0
    assert list(values)[:10] == [f"a {key}" for key in KEYS]


def test_levels_of_crowds_are_the_images_of_their_index():
    """The easy image is solved, the hard one is not; the third has an index of neither. Area is 0.53 x the box."""
    labels = some_labels(
        np.concatenate([PERSON] * 3), [0, 1, 2], 3, area=np.full(3, np.nan),
        image_extras={"crowd_index": np.array([0.19, 0.8, 0.2])},
    )  # fmt: skip
    predictions = some_predictions(np.concatenate([PERSON, PERSON + 300, PERSON]), [0, 1, 2], [0.5, 0.5, 0.5])
    values = oks_ap_crowdpose(labels, predictions, TWO).values()
    assert [values[f"AP {level}"] for level in ("easy", "medium", "hard")] == [pytest.approx(1), pytest.approx(1), 0.0]
    assert "APm" not in values
    assert oks_ap_crowdpose(labels, predictions, TWO).values(np.array([0, 2, 0]))["AP"] == 0.0
    joined = oks_ap_crowdpose(labels, predictions, TWO) + oks_ap_crowdpose(labels, predictions, TWO)
    assert joined.images == 6
    equal(joined.values(), values)


@pytest.mark.parametrize(
    ("name", "truth", "results"),
    [
        ("coco_keypoints", "xtcocotools/example_coco_val.json", "xtcocotools/example_coco_preds.json"),
        ("coco_single_image", "coco_single_image/gt_dataset.json", "coco_single_image/dt_dataset.json"),
    ],
)
def test_published_sets_score_to_the_last_digit(shared: Path, name: str, truth: str, results: str):
    folder = shared / "realdata" / "eval_reference"
    tally = oks_ap(*read_set(folder / truth, folder / results), COCO17)
    expected = _reference(folder)[name]
    equal({key: round(value, 6) for key, value in tally.values().items()}, expected)
    equal({key: round(value, 6) for key, value in tally.values(np.ones(tally.images)).items()}, expected)


def test_whole_bodies_and_their_parts_score_to_the_last_digit(shared: Path):
    folder = shared / "realdata" / "eval_reference"
    files = (folder / "xtcocotools" / f"example_wholebody_{kind}.json" for kind in ("val", "preds"))
    values = oks_ap_wholebody(*read_set(*files), SKELETONS["coco_wholebody133"]).values()
    assert list(values)[:10] == list(KEYS)
    for part in ("body", "foot", "face", "left hand", "right hand", ""):
        expected = _reference(folder)[f"wholebody_{part.replace(' ', '') or 'wholebody'}"]
        found = {key: round(values[f"{part} {key}".strip()], 6) for key in KEYS}
        equal(found, expected)


def test_crowdpose_scores_to_the_last_digit(shared: Path):
    folder = shared / "realdata" / "eval_reference"
    files = (folder / "xtcocotools" / f"example_crowdpose_{kind}.json" for kind in ("val", "preds"))
    values = oks_ap_crowdpose(*read_set(*files), SKELETONS["crowdpose14"]).values()
    expected = {key.replace("_", " "): value for key, value in _reference(folder)["crowdpose"].items()}
    equal({key: round(value, 4 if " " in key else 6) for key, value in values.items()}, expected)


def _reference(folder: Path) -> dict[str, dict[str, float]]:
    return json.loads((folder / "reference_values.json").read_text())


@pytest.mark.parametrize(
    "name",
    [
        "coco_mini/annotations/person_keypoints_train2017.json",
        "eval_reference/coco_val2017_subset/person_keypoints_val2017_subset.json",
    ],
)
def test_real_labels_with_made_up_answers_score_as_in_pycocotools(shared: Path, name: str):
    labels = read_labels(json.loads((shared / "realdata" / name).read_text()))
    labels = labels.of_images(np.arange(min(labels.images, 120)))
    rng = np.random.default_rng(0)
    people = np.flatnonzero(np.isfinite(labels.xy).all(-1).any(1))
    source = rng.choice(people, 2 * len(people))
    centre = (labels.boxes[source, None, :2] + labels.boxes[source, None, 2:]) / 2
    off = np.sqrt(labels.area[source])[:, None, None] * rng.choice([0.01, 0.05, 0.2], (len(source), 1, 1))
    xy = np.where(np.isnan(labels.xy[source]), centre, labels.xy[source]) + off * rng.normal(size=(len(source), 17, 2))
    predictions = some_predictions(xy, labels.image[source].tolist(), np.round(rng.random(len(source)), 2).tolist())
    tally, expected = oks_ap(labels, predictions, COCO17), by_pycocotools(labels, predictions)
    equal(tally.values(), expected)
    equal(tally.values(np.ones(labels.images)), expected)
