"""The checks of scores notice a result that is not the reference's."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.parity import metric, tracking
from tests.parity.report import compare

COMMITTED = Path(__file__).parent / "golden"
SCORED = sorted(kind for kind in metric.CHECKS if (COMMITTED / kind).is_dir())
FOLLOWED = ["tracking/iou", "tracking/oks"]


def test_most_checks_have_committed_numbers():
    """PoseTrack's annotations are not ours to hand on."""
    assert set(metric.CHECKS) - set(SCORED) == {"metric/posetrack18"}
    assert set(tracking.CHECKS) == {*FOLLOWED, "tracking/pair_iou"}


@pytest.mark.parametrize("kind", SCORED)
def test_every_score_notices_a_changed_result(tmp_path, kind):
    """Every expected number, one after the other, a hundredth larger."""
    path = min((COMMITTED / kind).glob("*.json"))
    content = json.loads(path.read_text())
    (tmp_path / kind).mkdir(parents=True)
    shutil.copy(path.with_suffix(".npz"), tmp_path / kind)
    for name, value in content["expected"].items():
        changed = {**content, "expected": {**content["expected"], name: value * 1.01 + 1e-3}}
        (tmp_path / kind / path.name).write_text(json.dumps(changed))
        tally = compare(tmp_path)[kind]
        assert (tally.passed, tally.failed) == (0, 1)
        assert any(f": {name}: " in failure for failure in tally.failures)


@pytest.mark.parametrize("kind", FOLLOWED)
def test_following_notices_another_identity(tmp_path, kind):
    shutil.copytree(COMMITTED / kind, tmp_path / kind)
    for path in (tmp_path / kind).glob("*.npz"):
        with np.load(path) as archive:
            arrays = dict(archive)
        arrays["out_track_id"] = arrays["out_track_id"] + (np.arange(len(arrays["out_track_id"])) == 3)
        np.savez(path, **arrays)
    tally = compare(tmp_path)[kind]
    assert tally.passed == 0
    assert tally.failures[0].startswith(f"{kind}/3: out_track_id: entry 3 is ")
