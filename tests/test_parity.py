"""Agreement with reference numbers, and that disagreement would be seen."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.parity.__main__ import main
from tests.parity.cases import Case, NotCovered, shared_folder
from tests.parity.findings import Finding, close, equal
from tests.parity.report import CHECKS, Tally, compare

COMMITTED = Path(__file__).parent / "golden"

# How many cases of each kind must agree, so that a harness that compares nothing fails.
COMMITTED_MINIMUM = {
    "codec/heatmap_decode": 2,
    "codec/integral_encode": 2,
    "codec/megvii_encode": 2,
    "codec/msra_encode": 2,
    "codec/msra_unbiased_encode": 2,
    "codec/regression_decode": 2,
    "codec/regression_encode": 2,
    "codec/simcc_decode": 2,
    "codec/simcc_encode_gaussian": 2,
    "codec/simcc_encode_standard": 2,
    "codec/soft_argmax": 1,
    "codec/udp_combined_decode": 2,
    "codec/udp_combined_encode": 2,
    "codec/udp_gaussian_encode": 2,
    "loss/AdaptiveWingLoss": 3,
    "loss/AssociativeEmbeddingLoss": 2,
    "loss/BCELoss": 1,
    "loss/BoneLoss": 2,
    "loss/CombinedTargetMSELoss": 1,
    "loss/FocalHeatmapLoss": 3,
    "loss/IoULoss": 3,
    "loss/JSDiscretLoss": 1,
    "loss/KLDiscretLoss": 4,
    "loss/KeypointMSELoss": 5,
    "loss/KeypointOHKMMSELoss": 2,
    "loss/L1Loss": 2,
    "loss/MLECCLoss": 3,
    "loss/MPJPELoss": 2,
    "loss/MPJPEVelocityJointLoss": 1,
    "loss/MSELoss": 2,
    "loss/OKSLoss": 2,
    "loss/RLELoss": 1,
    "loss/SemiSupervisionLoss": 1,
    "loss/SmoothL1Loss": 4,
    "loss/SoftWeightSmoothL1Loss": 4,
    "loss/SoftWingLoss": 4,
    "loss/VariFocalLoss": 1,
    "loss/WingLoss": 4,
    "metric/AUC": 1,
    "metric/EPE": 1,
    "metric/JhmdbPCKAccuracy": 1,
    "metric/MPJPE": 3,
    "metric/MpiiPCKAccuracy": 1,
    "metric/NME_300w": 1,
    "metric/NME_bbox": 1,
    "metric/NME_indices": 1,
    "metric/NME_wflw": 1,
    "metric/PCKAccuracy_bbox": 1,
    "metric/PCKAccuracy_multi": 1,
    "metric/SimpleMPJPE": 1,
    "metric/functional_2d": 2,
    "metric/functional_3d": 1,
    "metric/heatmap_pck": 1,
    "metric/multilabel": 1,
    "model": 2,
    "tracking/iou": 1,
    "tracking/oks": 1,
    "tracking/pair_iou": 2,
    "transform/bbox": 2,
    "transform/bbox_overlaps": 1,
    "transform/bottomup_resize": 4,
    "transform/flip_heatmaps": 2,
    "transform/flip_keypoints": 2,
    "transform/normalise": 2,
    "transform/topdown_affine": 4,
    "transform/warp_matrix": 3,
    "transform/warp_points": 2,
}
NOT_COMMITTED = {  # pictures, or annotations of people
    "metric/coco_synthetic",
    "metric/coco_test_annotations",
    "metric/coco_wholebody",
    "metric/crowdpose",
    "metric/nms",
    "metric/posetrack18",
    "model_predict",
    "model_train",
}
SHARED_MINIMUM = {
    "codec/heatmap_decode": 4,
    "codec/integral_encode": 4,
    "codec/megvii_encode": 4,
    "codec/msra_encode": 4,
    "codec/msra_unbiased_encode": 4,
    "codec/regression_decode": 4,
    "codec/regression_encode": 4,
    "codec/simcc_decode": 4,
    "codec/simcc_encode_gaussian": 5,
    "codec/simcc_encode_standard": 6,
    "codec/soft_argmax": 2,
    "codec/udp_combined_decode": 3,
    "codec/udp_combined_encode": 4,
    "codec/udp_gaussian_encode": 4,
    "loss/AdaptiveWingLoss": 6,
    "loss/AssociativeEmbeddingLoss": 2,
    "loss/BCELoss": 2,
    "loss/BoneLoss": 4,
    "loss/CombinedTargetMSELoss": 2,
    "loss/FocalHeatmapLoss": 6,
    "loss/IoULoss": 6,
    "loss/JSDiscretLoss": 2,
    "loss/KLDiscretLoss": 8,
    "loss/KeypointMSELoss": 10,
    "loss/KeypointOHKMMSELoss": 4,
    "loss/L1Loss": 4,
    "loss/MLECCLoss": 6,
    "loss/MPJPELoss": 4,
    "loss/MPJPEVelocityJointLoss": 2,
    "loss/MSELoss": 4,
    "loss/OKSLoss": 4,
    "loss/RLELoss": 3,
    "loss/SemiSupervisionLoss": 2,
    "loss/SmoothL1Loss": 8,
    "loss/SoftWeightSmoothL1Loss": 8,
    "loss/SoftWingLoss": 8,
    "loss/VariFocalLoss": 2,
    "loss/WingLoss": 8,
    "metric/AUC": 2,
    "metric/EPE": 2,
    "metric/JhmdbPCKAccuracy": 2,
    "metric/MPJPE": 6,
    "metric/MpiiPCKAccuracy": 2,
    "metric/NME_300w": 2,
    "metric/NME_bbox": 2,
    "metric/NME_indices": 2,
    "metric/NME_wflw": 2,
    "metric/PCKAccuracy_bbox": 2,
    "metric/PCKAccuracy_multi": 2,
    "metric/SimpleMPJPE": 6,
    "metric/coco_synthetic": 4,
    "metric/coco_test_annotations": 4,
    "metric/coco_wholebody": 2,
    "metric/crowdpose": 2,
    "metric/functional_2d": 4,
    "metric/functional_3d": 4,
    "metric/heatmap_pck": 4,
    "metric/multilabel": 2,
    "metric/nms": 4,
    "metric/posetrack18": 2,
    "model": 25,
    "model_predict": 16,
    "model_train": 4,
    "tracking/iou": 4,
    "tracking/oks": 4,
    "tracking/pair_iou": 8,
    "transform/bbox": 2,
    "transform/bbox_overlaps": 2,
    "transform/bottomup_resize": 4,
    "transform/flip_heatmaps": 2,
    "transform/flip_keypoints": 2,
    "transform/normalise": 2,
    "transform/topdown_affine": 11,
    "transform/warp_matrix": 4,
    "transform/warp_points": 4,
}


def assert_agreement(tallies: dict[str, Tally], minimum: dict[str, int]) -> None:
    assert [failure for tally in tallies.values() for failure in tally.failures] == []
    passed = {kind: tallies[kind].passed if kind in tallies else 0 for kind in minimum}
    assert {kind: count for kind, count in passed.items() if count < minimum[kind]} == {}


def test_the_committed_numbers_agree():
    assert_agreement(compare(COMMITTED), COMMITTED_MINIMUM)


@pytest.mark.published
def test_the_shared_numbers_agree():
    folder = shared_folder() / "golden"
    if not folder.is_dir():
        pytest.skip(
            f"there are no reference numbers at {folder}; set VITRUVIAN_SHARED to the folder that holds golden/"
        )
    assert_agreement(compare(folder), SHARED_MINIMUM)


def test_every_kind_in_the_table_has_committed_numbers_or_cannot_have_them():
    assert set(CHECKS) == set(COMMITTED_MINIMUM) | NOT_COMMITTED == set(SHARED_MINIMUM)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A writable copy of two kinds that are quick to compare, without an index."""
    for kind in ("loss/KeypointMSELoss", "transform/warp_points"):
        shutil.copytree(COMMITTED / kind, tmp_path / kind)
    return tmp_path


def tamper(path: Path, array: str) -> None:
    """Add 0.1 to the last number of an array of a case."""
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays[array] = arrays[array].copy()
    arrays[array].reshape(-1)[-1] += 0.1
    np.savez(path, **arrays)


def test_a_folder_without_an_index_is_walked(folder, capsys):
    assert main([str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "loss/KeypointMSELoss: 5 passed, 0 failed, 0 not covered yet",
        "transform/warp_points: 2 passed, 0 failed, 0 not covered yet",
        "7 passed, 0 failed, 0 skipped",
    ]


def test_one_changed_number_fails(folder, capsys):
    tamper(folder / "transform/warp_points/2.npz", "out_points")
    assert main([str(folder)]) == 1
    report = capsys.readouterr().out.splitlines()
    assert report[1] == "transform/warp_points: 1 passed, 1 failed, 0 not covered yet"
    assert report[2].startswith("    transform/warp_points/2: out_points[19]: worst difference 0.1, tolerance 0.001")
    assert report[-1] == "6 passed, 1 failed, 0 skipped"


def test_what_disagrees_before_the_rest_is_not_covered_has_failed(folder, monkeypatch):
    def check(case: Case) -> Iterator[Finding]:
        yield Finding("a number", "is wrong")
        raise NotCovered("the rest")

    monkeypatch.setitem(CHECKS, "transform/warp_points", check)
    tally = compare(folder)["transform/warp_points"]
    assert (tally.passed, tally.failed, tally.skipped.total()) == (0, 2, 0)


COMPARED = {
    "codec/heatmap_decode": "out_udp_keypoints",
    "codec/integral_encode": "out_heatmaps",
    "codec/megvii_encode": "out_heatmaps",
    "codec/msra_encode": "out_heatmaps",
    "codec/msra_unbiased_encode": "out_keypoint_weights",
    "codec/regression_decode": "out_scores_sigma",
    "codec/regression_encode": "out_keypoint_weights",
    "codec/simcc_decode": "out_scores",
    "codec/simcc_encode_gaussian": "out_keypoint_y_labels",
    "codec/simcc_encode_standard": "out_keypoint_x_labels",
    "codec/soft_argmax": "out_coords_xy",
    "codec/udp_combined_decode": "out_keypoints",
    "codec/udp_combined_encode": "out_heatmaps",
    "codec/udp_gaussian_encode": "out_heatmaps",
    "loss/AdaptiveWingLoss": "out_loss",
    "loss/AssociativeEmbeddingLoss": "out_loss1",
    "loss/BCELoss": "out_loss",
    "loss/BoneLoss": "out_loss",
    "loss/CombinedTargetMSELoss": "out_loss",
    "loss/FocalHeatmapLoss": "out_loss",
    "loss/IoULoss": "out_grad_output",
    "loss/JSDiscretLoss": "out_loss",
    "loss/KLDiscretLoss": "out_loss",
    "loss/KeypointMSELoss": "out_grad_output",
    "loss/KeypointOHKMMSELoss": "out_loss",
    "loss/L1Loss": "out_grad_output",
    "loss/MLECCLoss": "out_loss",
    "loss/MPJPELoss": "out_loss",
    "loss/MPJPEVelocityJointLoss": "out_loss",
    "loss/MSELoss": "out_loss",
    "loss/OKSLoss": "out_loss",
    "loss/RLELoss": "out_loss",
    "loss/SemiSupervisionLoss": "out_loss1",
    "loss/SmoothL1Loss": "out_grad_output",
    "loss/SoftWeightSmoothL1Loss": "out_loss",
    "loss/SoftWingLoss": "out_loss",
    "loss/VariFocalLoss": "out_loss",
    "loss/WingLoss": "out_grad_output",
    "transform/bbox": "out_scale",
    "transform/flip_heatmaps": "out_flip_shift",
    "transform/flip_keypoints": "out_horizontal_keypoints",
    "transform/normalise": "out_inputs",
    "transform/topdown_affine": "out_warp",
    "transform/warp_matrix": "out_udp",
    "transform/warp_points": "out_points",
}


@pytest.mark.parametrize("kind", sorted(COMPARED))
def test_every_kind_notices_a_changed_result(tmp_path, kind):
    shutil.copytree(COMMITTED / kind, tmp_path / kind)
    for path in (tmp_path / kind).glob("*.npz"):
        tamper(path, COMPARED[kind])
    tally = compare(tmp_path)[kind]
    assert (tally.passed, tally.failed) == (0, COMMITTED_MINIMUM[kind])


def test_of_kinds_that_are_covered_a_case_without_its_files_fails_and_others_are_counted(folder, capsys):
    (folder / "loss/KeypointMSELoss/plain_2.npz").unlink()
    (folder / "loss/KeypointMSELoss/skip_empty_2.json").write_text("{")
    names = ["plain_2", "mask_2", "skip_empty_2"]
    ids = [*(f"loss/KeypointMSELoss/{name}" for name in names), "filter/unheard_of/0", "filter/unheard_of/1"]
    (folder / "index.json").write_text(json.dumps([{"id": name, "arrays": True} for name in ids]))
    assert main([str(folder)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "filter/unheard_of: 0 passed, 0 failed, 2 not covered yet",
        "loss/KeypointMSELoss: 1 passed, 2 failed, 0 not covered yet",
        "    loss/KeypointMSELoss/plain_2: loss/KeypointMSELoss/plain_2.npz is missing",
    ]
    assert said[3].startswith("    loss/KeypointMSELoss/skip_empty_2: cannot be read, JSONDecodeError: ")
    assert said[4:] == ["1 passed, 2 failed, 2 skipped"]


def test_a_crop_whose_photo_is_missing_is_skipped_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("VITRUVIAN_SHARED", str(tmp_path))
    kind = "transform/topdown_affine"
    shutil.copytree(COMMITTED / kind, tmp_path / kind)
    (tmp_path / kind / "ann1717641_plain_256x256.png").touch()
    tally = compare(tmp_path)[kind]
    assert (tally.passed, tally.failed, tally.skipped.total()) == (3, 0, 1)
    assert "photo is in no realdata" in next(iter(tally.skipped))


def test_a_check_that_stops_is_a_failure_and_stops_no_other(folder):
    (folder / "transform/warp_points/2.npz").write_bytes(b"not an archive")
    tally = compare(folder)["transform/warp_points"]
    assert (tally.passed, tally.failed) == (1, 1)


def test_a_folder_without_cases_is_not_a_success(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "holds no cases" in capsys.readouterr().err


def test_close_counts_nan_as_equal_to_nan_only():
    assert close("x", [1.0, np.nan], [1.0, np.nan], 0).problem is None
    assert close("x", [1.0, 2.0], [1.0, np.nan], 9).problem is not None
    assert close("x", [1.0, np.nan], [1.0, 2.0], 9).problem is not None


def test_close_wants_the_same_shape():
    assert close("x", [[1.0]], [1.0], 9).problem == "has shape (1, 1), expected (1,)"


def test_close_lets_a_share_of_the_numbers_be_off():
    assert close("x", [0.0] * 9 + [5.0], [0.0] * 10, 1, share=0.9).problem is None
    assert close("x", [0.0] * 8 + [5.0] * 2, [0.0] * 10, 1, share=0.9).problem is not None


def test_equal_names_the_first_difference():
    assert equal("names", ["a", "b"], ["a", "b"]).problem is None
    assert equal("names", ["a"], ["a", "b"]).problem == "entry 1 is nothing more, expected b (1 entries, expected 2)"
