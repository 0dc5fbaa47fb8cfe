"""Checks of OKS AP on whole sets of answers, with the rescoring and suppression before it, and of the latter alone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from vitruvian.metrics import oks_ap, oks_ap_crowdpose, oks_ap_wholebody
from vitruvian.metrics.nms import (
    box_nms,
    greedy_nms,
    keep_in_images,
    likeness,
    nearby_joints_nms,
    rescore,
    soft_nms,
)
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

from .cases import Case, NotCovered
from .findings import Finding, close

PARTS = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")  # of COCO-WholeBody, in its order
SCORERS = {"keypoints": oks_ap, "keypoints_crowd": oks_ap_crowdpose, "keypoints_wholebody": oks_ap_wholebody}
NAMES = {" .5": "50", " .75": "75", " (M)": "m", " (L)": "l", "(E)": " easy", "(M)": " medium", "(H)": " hard"}
LEVELS = ("AP(E)", "AP(M)", "AP(H)")
EXACT = 1e-9
BOX_SHARE = 0.53  # of its box that a person fills in data sets without areas
ROUNDED = 5.1e-5  # the levels of CrowdPose, which the reference rounds to four digits


def check_average_precision(case: Case) -> Iterator[Finding]:
    """Answers of one system, rescored, suppressed and scored."""
    labels, skeleton = read_labels(json.loads((case.root / f"{case.id}.gt.json").read_text())), _skeleton(case)
    if not case.args.get("use_area", True):
        labels = replace(labels, area=BOX_SHARE * (labels.boxes[:, 2:] - labels.boxes[:, :2]).prod(-1))
    image = np.searchsorted(labels.image_ids, case["in_img_id"])
    confidence, area = _confidence(case), case["in_bbox_scales"].prod(-1)
    kept = keep_in_images(image, lambda rows: _keep(case, rows, confidence, area, skeleton))
    predictions = Predictions(
        image[kept].astype(np.int32),
        case["in_keypoints"][kept],
        case["in_keypoint_scores"][kept],
        confidence[kept],
        case["in_bboxes"][kept],
    )
    yield from _written(case, labels, predictions)
    values = SCORERS[case.args.get("iou_type", "keypoints")](labels, predictions, skeleton).values()
    for name, expected in case.expected.items():
        found = values[_our_name(name)]
        yield close(name, -1.0 if np.isnan(found) else found, expected, ROUNDED if name[-5:] in LEVELS else EXACT)


def read_labels(content: dict[str, Any]) -> Labels:
    """Labels in COCO's layout, images in the order of their numbers."""
    images = sorted(content["images"], key=lambda image: image["id"])
    people = content["annotations"]
    joined = [list(chain.from_iterable(person.get(part, []) for part in PARTS)) for person in people]
    triples = np.array(joined, np.float64)
    triples = triples.reshape(len(people), -1, 3)
    boxes = np.array([person["bbox"] for person in people], np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    numbers = np.array([image["id"] for image in images])
    labelled = triples[..., 2] > 0
    return Labels(
        np.array([f"{number}.jpg" for number in numbers]),
        np.zeros((len(images), 2), np.int32),
        numbers,
        np.arange(len(images)),
        np.searchsorted(numbers, [person["image_id"] for person in people]).astype(np.int32),
        np.array([person["id"] for person in people]),
        np.where(labelled[..., None], triples[..., :2], np.nan),
        triples[..., 2].astype(np.uint8),
        boxes,
        np.array([person.get("area", np.nan) for person in people], np.float64),
        np.array([bool(person.get("iscrowd", 0)) for person in people], bool),
        image_extras={"crowd_index": np.array([image.get("crowdIndex", np.nan) for image in images])},
    )


def _skeleton(case: Case) -> Skeleton:
    by_count = {17: "coco17", 14: "crowdpose14", 133: "coco_wholebody133"}
    return SKELETONS[by_count[case["in_keypoints"].shape[1]]]


def _confidence(case: Case) -> np.ndarray:
    """(P,) by the reference's four ways; the library has the second, the others are plain sums and means."""
    box, score = case["in_bbox_scores"], case["in_keypoint_scores"]
    ways = {
        "bbox": lambda: box,
        "bbox_keypoint": lambda: rescore(box, score, case.args.get("keypoint_score_thr", 0.2)),
        "keypoint": lambda: score.mean(-1),
        "bbox_rle": lambda: box + score.mean(-1) + score.max(-1),
    }
    return ways[case.args.get("score_mode", "bbox_keypoint")]()


def _keep(case: Case, rows: np.ndarray, confidence: np.ndarray, area: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    mode, threshold = case.args.get("nms_mode", "oks_nms"), case.args.get("nms_thr", 0.9)
    if mode == "none":
        return np.arange(len(rows))
    suppress = {"oks_nms": greedy_nms, "soft_oks_nms": soft_nms}.get(mode)
    if suppress is None:
        raise NotCovered(f"suppression by {mode}")
    alike = likeness(case["in_keypoints"][rows], area[rows], np.array(skeleton.sigmas))
    return suppress(alike, confidence[rows], threshold)


def _written(case: Case, labels: Labels, predictions: Predictions) -> Iterator[Finding]:
    """What the reference wrote after rescoring and suppression, in any order: image, score, first point."""
    found = np.column_stack([labels.image_ids[predictions.image], predictions.confidence, predictions.xy[:, 0]])
    first = case["out_result_first_xy"]
    expected = np.column_stack([case["out_result_image_id"], case["out_result_score"], first])
    yield close("out_result", _sorted(found), _sorted(expected), 1e-6)


def _sorted(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort(np.round(rows, 4).T[::-1])]


def _our_name(name: str) -> str:
    """ "coco/AP (M)" -> "APm"."""
    measure, rest = name.split("/")[1][:2], name.split("/")[1][2:]
    return measure + NAMES.get(rest, rest)


def check_suppression(case: Case) -> Iterator[Finding]:
    """OKS between answers, and which of them are kept; the reference's greedy way counts a box's last pixel."""
    xy, score, confidence, area = (case[f"in_{name}"] for name in ("keypoints", "keypoint_scores", "score", "area"))
    sigmas = np.array(case.args["sigmas"])
    alike, shown = likeness(xy, area, sigmas), likeness(xy, area, sigmas, score > 0.3)
    rows = len(case["out_oks"])
    yield close("out_oks", alike[:rows], case["out_oks"], 1e-6)
    yield close("out_oks_vis", shown[:rows], case["out_oks_vis"], 1e-6)
    yield close("out_oks_default", likeness(xy, area, SKELETONS["coco17"].sigmas)[:rows], case["out_oks_default"], 1e-6)
    kept = {
        **{f"oks_nms_{limit}": greedy_nms(alike, confidence, limit) for limit in (0.5, 0.7, 0.9)},
        **{f"soft_oks_nms_{limit}": soft_nms(alike, confidence, limit) for limit in (0.5, 0.7, 0.9)},
        "oks_nms_0.7_vis0.3": greedy_nms(shown, confidence, 0.7),
        "oks_nms_0.7_perjoint": greedy_nms(alike, score.mean(-1), 0.7),
        "nearby_joints": nearby_joints_nms(xy, confidence, 0.1, 5),
        "box_nms_0.5": box_nms(case["in_boxes"] + [0, 0, 1, 1], confidence, 0.5),
        "box_nms_torch_0.65": box_nms(case["in_boxes"], confidence, 0.65),
    }
    for name, found in kept.items():
        yield close(f"out_{name}", found, case[f"out_{name}"], 0)


CHECKS = {
    "metric/coco_synthetic": check_average_precision,
    "metric/coco_test_annotations": check_average_precision,
    "metric/coco_wholebody": check_average_precision,
    "metric/crowdpose": check_average_precision,
    "metric/nms": check_suppression,
}
