"""The table of scores: every entry scores, joins, and can be drawn again."""

import math

import numpy as np
import pytest

from vitruvian.errors import UnknownNameError
from vitruvian.metrics import SCORES, bootstrap, score
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

from .labels import labels, predictions

SKELETON = {
    "oks_ap_wholebody": "coco_wholebody133",
    "oks_ap_crowdpose": "crowdpose14",
    "pckh": "mpii16",
    "jhmdb_pck": "jhmdb15",
    "auc": "hand21",
    "epe": "hand21",
    "nme_box": "aflw19",
    "nme_eyes": "face68",
    "nme_pupils": "face68",
    "nme_wflw": "wflw98",
    "nme_cofw": "cofw29",
    "nme_lapa": "lapa106",
    **dict.fromkeys(("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve", "pck_3d", "auc_3d"), "h36m17"),
    **dict.fromkeys(("posetrack_ap", "mota"), "posetrack17"),
}


def scene(name: str, noise: float) -> tuple[Labels, Predictions, Skeleton]:
    """Two people in each of four images of one clip, and answers that are off by some pixels, for one score."""
    skeleton = SKELETONS[SKELETON.get(name, "coco17")]
    random = np.random.default_rng(0)
    xyz = random.uniform(0, 400, (8, len(skeleton), 3))
    truth = labels(
        [0, 0, 1, 1, 2, 2, 3, 3],
        xyz[..., :2],
        xyz=xyz,
        groups=np.zeros(4, int),
        tracks=np.array([0, 1] * 4),
        extras={"head_box": np.tile([0.0, 0.0, 60.0, 80.0], (8, 1))},
        image_extras={"frame": np.arange(4), "crowd_index": np.array([0.05, 0.5, 0.9, 0.9])},
    )
    near = xyz + random.normal(0, noise, xyz.shape) if noise else xyz
    return truth, predictions(truth, near[..., :2], xyz=near, tracks=np.array([5, 6] * 4)), skeleton


@pytest.mark.parametrize("name", sorted(SCORES))
def test_the_first_value_of_every_score_is_best_for_labels_that_predict_themselves(name):
    best = SCORES[name].tally(*scene(name, 0.0)).values()
    worse = SCORES[name].tally(*scene(name, 60.0)).values()
    first = next(iter(best))
    if SCORES[name].higher_is_better:
        assert worse[first] < best[first] <= 1
        assert best[first] > 0.94  # areas leave a step out
    else:
        assert worse[first] > best[first] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", sorted(SCORES))
def test_every_score_has_an_interval_that_repeats(name):
    tally = SCORES[name].tally(*scene(name, 40.0))
    found = bootstrap(tally, draws=10)
    first = next(iter(found))
    assert math.isfinite(found[first].low)
    assert found[first].low <= found[first].high
    assert found[first] == bootstrap(tally, draws=10)[first]


@pytest.mark.parametrize("name", sorted(SCORES))
def test_every_tally_joins(name):
    """A tally of the same images twice gives the values of one, but for equal scores, whose order is another."""
    tally = SCORES[name].tally(*scene(name, 0.0))
    joined = tally + tally
    assert joined.images == 2 * tally.images == 8
    assert joined.values() == pytest.approx(tally.values(), nan_ok=True)
    assert tally.values(np.ones(4)) == pytest.approx(tally.values(), nan_ok=True)


@pytest.mark.parametrize("name", sorted(SCORES))
def test_every_entry_says_what_it_is(name):
    entry = SCORES[name]
    assert entry.name == name
    assert entry.about.endswith(".")
    assert entry.source


def test_scores_that_compare_one_by_one_say_so():
    for name, entry in SCORES.items():
        truth, answers, skeleton = scene(name, 0.0)
        loose = Predictions(**{**vars(answers), "label": None})
        if entry.one_by_one:
            with pytest.raises(ValueError, match="do not say which label"):
                entry.tally(truth, loose, skeleton)
        else:
            entry.tally(truth, loose, skeleton)


def test_an_unknown_score_is_refused_with_the_nearest_names():
    assert score("pckh") is SCORES["pckh"]
    with pytest.raises(UnknownNameError, match=r'^unknown score "pch".*Did you mean pckh'):
        score("pch")
