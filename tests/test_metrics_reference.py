"""Scores of published predictions are the published scores, to the last printed digit."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from vitruvian.metrics import bootstrap, head_scale, mpjpe, nme_pupils, pck, pckh
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

from .labels import labels, predictions

SHARED = Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[2] / "shared"))
FOLDER = SHARED / "realdata/eval_reference"

POINTS68, POINTS16 = (Skeleton.define("points", [f"point_{k}" for k in range(count)]) for count in (68, 16))

pytestmark = [
    pytest.mark.published,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason=f"there are no published predictions at {FOLDER}; set VITRUVIAN_SHARED to the folder of realdata/",
    ),
]


@pytest.fixture(scope="module")
def published():
    return json.loads((FOLDER / "reference_values.json").read_text())


@pytest.fixture(scope="module")
def mpii() -> tuple[Labels, Predictions]:
    """2,958 people of MPII's validation set and what one network said."""
    content = loadmat(FOLDER / "mpii_val/detections_our_format.mat")
    true, pred = (content[name].transpose(2, 0, 1) for name in ("pos_gt_src", "pos_pred_src"))
    heads = content["headboxes_src"].transpose(2, 0, 1).reshape(-1, 4)
    known = np.where(content["jnt_missing"].T[..., None] > 0, np.nan, true)
    truth = labels(list(range(len(true))), known, extras={"head_box": heads})
    return truth, predictions(truth, pred)


def test_pckh_of_2958_people_of_mpii(mpii, published):
    truth, answers = mpii
    assert len(truth) == 2958
    values = pckh(truth, answers, SKELETONS["mpii16"]).values()
    found = {part: round(100 * values[f"PCKh@0.5 {part}"], 3) for part in published["mpii_val_PCKh@0.5"]}
    assert found == published["mpii_val_PCKh@0.5"]


def test_pckh_is_pck_in_head_sizes(mpii):
    truth, answers = mpii
    values = pckh(truth, answers, SKELETONS["mpii16"]).values()
    plain = pck(answers.xy, truth.xy, head_scale(truth.extras["head_box"]), 0.5)
    assert [values[f"PCKh@0.5 {joint}"] for joint in SKELETONS["mpii16"].names] == pytest.approx(plain[:-1])


def test_the_interval_of_pckh_over_2958_people_is_narrow_and_holds_the_value(mpii):
    found = bootstrap(pckh(*mpii, SKELETONS["mpii16"]), draws=200)["PCKh@0.5"]
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.02


METHODS = ("CFSS_CFOW68", "HPM_HelenLfpw_COFW68test", "RCPR-occ_300w", "SAPM_COFW68", "TCDCN_CFOW68")


def read_points(path: Path) -> dict[int, np.ndarray]:
    """Four lines a face: number, 68 x, 68 y, 68 flags -> number: (68, 2)."""
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    return {
        int(lines[row]): np.array([lines[row + 1].split(), lines[row + 2].split()], np.float64).T
        for row in range(0, len(lines), 4)
    }


@pytest.fixture(scope="module")
def faces() -> dict[int, np.ndarray]:
    """507 occluded faces: number -> (68, 2)."""
    paths = sorted((FOLDER / "cofw68/test_annotations").glob("*_points.mat"))
    return {int(path.name.split("_")[0]): loadmat(path)["Points"].astype(np.float64) for path in paths}


@pytest.mark.parametrize("method", METHODS)
def test_nme_of_507_occluded_faces(method, faces, published):
    found = read_points(FOLDER / f"cofw68/results/{method}.txt")
    truth = labels(list(range(len(faces))), np.array(list(faces.values())))
    values = nme_pupils(truth, predictions(truth, np.array([found[face] for face in faces])), POINTS68).values()
    expected = published["cofw68"][method]
    assert round(values["NME"], 4) == expected["mean_error"]
    assert round(1 - values["failures@0.1"], 4) == expected["fraction_below_0.1"]
    assert values["missing"] == 0


RESULTS = ("CVPR14_LRF_Results", "IJCAI16_ICVL_DeepModel", "NEUCOM18_ICVL_Pose_REN", "TMM21_ICVL_SRNet")


def read_hands(path: Path) -> np.ndarray:
    """(N, 16, 3) mm from u, v in pixels and depth in mm, for the camera of ICVL."""
    u, v, depth = np.moveaxis(np.loadtxt(path).reshape(-1, 16, 3), -1, 0)
    return np.stack([(u - 160) * depth / 240.99, (v - 120) * depth / 240.96, depth], axis=-1)


@pytest.mark.parametrize("method", RESULTS)
def test_mean_error_of_1596_hands_in_space(method, published):
    true = read_hands(FOLDER / "hand3d_icvl/icvl_test_groundtruth_label.txt")
    pred = read_hands(FOLDER / f"hand3d_icvl/results/{method}.txt")
    truth = labels(list(range(len(true))), true[..., :2], xyz=true)
    values = mpjpe(truth, predictions(truth, pred[..., :2], xyz=pred), POINTS16, absolute=True).values()
    assert round(values["MPJPE"], 3) == published["hand3d_icvl_mean_error_mm"][method]
