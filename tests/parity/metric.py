"""Checks of the scores that are means over labels, and of PoseTrack's AP."""

import json
from collections.abc import Callable, Iterator

import numpy as np

from vitruvian.metrics import (
    JointPrecisions,
    aligned,
    auc,
    box_scale,
    distances,
    distances_3d,
    epe,
    keypoint_scale,
    multilabel_accuracy,
    nme,
    nme_box,
    nme_cofw,
    nme_eyes,
    nme_wflw,
    pck,
    posetrack_ap,
    scaled,
)
from vitruvian.metrics.jhmdb import jhmdb_tally
from vitruvian.metrics.pck import pck_tally
from vitruvian.metrics.pckh import pckh_tally
from vitruvian.structures import SKELETONS, Labels, Predictions, Skeleton

from .cases import Case
from .findings import Finding, close, relative

SHARE = 1e-6  # how far a share may be off
TORSO = (4, 5)  # the joints between which the reference measures the torso
PARTS = {"Sho": "shoulder", "Elb": "elbow", "Wri": "wrist", "Shou": "shoulder", "Ankl": "ankle", "Ank": "ankle"}


def one_each(case: Case) -> tuple[Labels, Predictions, Skeleton]:
    """A case whose rows are images of one person each."""
    true, visible = case["in_gt"], case["in_visible"] if "in_visible" in case.arrays else case["in_mask"]
    count, keypoints = true.shape[:2]
    rows = np.arange(count, dtype=np.int32)
    boxes = case.arrays.get("in_bboxes", np.full((count, 4), np.nan))
    labels = Labels(
        files=np.array([f"{row}.jpg" for row in rows]),
        sizes=np.zeros((count, 2), np.int32),
        image_ids=rows.astype(np.int64),
        groups=rows.astype(np.int64),
        image=rows,
        ids=rows.astype(np.int64),
        xy=np.where(visible[..., None], true[..., :2], np.nan),
        visible=np.where(visible, 2, 0).astype(np.uint8),
        boxes=boxes,
        area=np.full(count, np.nan),
        crowd=np.zeros(count, bool),
    )
    pred = case["in_pred"][..., :2]
    predictions = Predictions(rows, pred, np.ones((count, keypoints)), np.ones(count), boxes, label=rows)
    return labels, predictions, Skeleton.define("case", [f"point_{k}" for k in range(keypoints)])


def check_functional_2d(case: Case) -> Iterator[Finding]:
    """PCK at four thresholds, AUC of two kinds, EPE and NME. The unit differs by axis: distances are taken in it."""
    labels, predictions, skeleton = one_each(case)
    unit = case["in_norm"][:, None]
    usable = (case["in_norm"] > 0).all(1)
    distance = distances(predictions.xy / unit, labels.xy / unit, np.where(usable, 1.0, np.nan))
    thresholds = (0.05, 0.1, 0.2, 0.5)
    values = pck_tally(distance, labels, skeleton, thresholds).values()
    for threshold in thresholds:
        name = f"PCK@{threshold:g}"
        found = np.array([values[f"{name} {joint}"] for joint in skeleton.names])
        yield close(f"out_acc_{threshold}", np.nan_to_num(found, nan=-1.0), case[f"out_acc_{threshold}"], SHARE)
        yield close(f"avg_{threshold}", values[f"{name} mean of joints"], case.expected[f"avg_{threshold}"], SHARE)
        yield close(f"cnt_{threshold}", np.isfinite(found).sum(), case.expected[f"cnt_{threshold}"], 0)
    for limit, steps in ((30, 20), (15, 10)):
        found_area = auc(labels, predictions, skeleton, limit, steps).values()["AUC"]
        yield close(f"auc_{limit}_{steps}", found_area, case.expected[f"auc_{limit}_{steps}"], SHARE)
    yield relative("epe", epe(labels, predictions, skeleton).values()["EPE"], case.expected["epe"])
    yield relative("nme", np.nanmean(distance), case.expected["nme"])


def check_pck(case: Case) -> Iterator[Finding]:
    """PCK by box, by head and by torso, each the plain mean of the joints."""
    labels, predictions, skeleton = one_each(case)
    names = {"bbox": "PCK", "head": "PCKh", "torso": "tPCK"}
    threshold, items = case.args["thr"], case.args["norm_item"]
    for item in [items] if isinstance(items, str) else items:
        distance = distances(predictions.xy, labels.xy, _unit(case, item))
        found = pck_tally(distance, labels, skeleton, (threshold,)).values()[f"PCK@{threshold:g} mean of joints"]
        yield close(names[item], found, case.expected[names[item]], SHARE)


def _unit(case: Case, item: str) -> np.ndarray:
    units = {
        "bbox": lambda: box_scale(case["in_bboxes"]),
        "head": lambda: case["in_head_size"],
        "torso": lambda: keypoint_scale(case["in_gt"], *TORSO),  # hidden or not
    }
    return units[item]()


def check_pckh(case: Case) -> Iterator[Finding]:
    """MPII's, in percents: by part, all, and all at the strict threshold.

    The reference moves predictions by a pixel, from 0-based to 1-based, but not the labels of the case.
    """
    labels, predictions, _ = one_each(case)
    distance = distances(predictions.xy + 1, labels.xy, _unit(case, "head"))
    values = pckh_tally(distance, labels, SKELETONS["mpii16"], (0.5, 0.1)).values()
    for name, expected in case.expected.items():
        ours = {"PCK": "PCKh@0.5", "PCK@0.1": "PCKh@0.1"}.get(name, f"PCKh@0.5 {name.split()[0].lower()}")
        yield close(name, 100 * values[ours], expected, 100 * SHARE)


def check_jhmdb(case: Case) -> Iterator[Finding]:
    """By box and by torso, by part and all."""
    labels, predictions, _ = one_each(case)
    box, torso = (distances(predictions.xy, labels.xy, _unit(case, item)) for item in ("bbox", "torso"))
    values = jhmdb_tally(box, torso, labels, SKELETONS["jhmdb15"]).values()
    for name, expected in case.expected.items():
        part, _, kind = name.rpartition(" ")
        yield close(name, values[f"{kind} {PARTS.get(part, part.lower())}".strip()], expected, SHARE)


def check_auc(case: Case) -> Iterator[Finding]:
    found = auc(*one_each(case), case.args["norm_factor"], case.args["num_thrs"]).values()["AUC"]
    yield close("AUC", found, case.expected["AUC"], SHARE)


def check_epe(case: Case) -> Iterator[Finding]:
    yield relative("EPE", epe(*one_each(case)).values()["EPE"], case.expected["EPE"])


def check_nme(case: Case) -> Iterator[Finding]:
    """By two keypoints of the label, which the reference takes hidden or not, and by the box."""
    labels, predictions, skeleton = one_each(case)
    between = {"300w": (36, 45), "wflw": (60, 72), "cofw": (8, 9)}.get(case.args.get("dataset", ""))
    scale = keypoint_scale(case["in_gt"], *between) if between else box_scale(labels.boxes)
    found = nme(labels, predictions, skeleton, scale).values()["NME"]
    yield relative("NME", found, case.expected["NME"])
    scorer = {"300w": nme_eyes, "wflw": nme_wflw, "cofw": nme_cofw}.get(case.args.get("dataset", ""), nme_box)
    seen = nme(labels, predictions, skeleton, keypoint_scale(labels.xy, *between) if between else scale)
    yield close("scorer", scorer(labels, predictions, skeleton).values()["NME"], seen.values()["NME"], 0)


ALIGNMENTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "none": lambda pred, true: pred,
    "scale": scaled,
    "procrustes": aligned,
}


def errors_3d(case: Case, alignment: str) -> np.ndarray:
    """(N, K) distances; poses are aligned by all keypoints, hidden or not, as the reference does."""
    mask = case["in_visible"] if "in_visible" in case.arrays else case["in_mask"]
    fitted = ALIGNMENTS[alignment](case["in_pred"], case["in_gt"])
    return distances_3d(fitted, np.where(mask[..., None], case["in_gt"], np.nan))


def check_functional_3d(case: Case) -> Iterator[Finding]:
    for alignment in ALIGNMENTS:
        name = f"mpjpe_{alignment}"
        yield relative(name, np.nanmean(errors_3d(case, alignment)), case.expected[name])


def check_mpjpe(case: Case) -> Iterator[Finding]:
    """All, and by action where the case tells the actions."""
    alignment = {"mpjpe": "none", "n-mpjpe": "scale", "p-mpjpe": "procrustes"}[case.args["mode"]]
    error, actions = errors_3d(case, alignment), ("Directions", "Discussion", "Eating")
    for name, expected in case.expected.items():
        action = name.partition("_")[2]
        rows = slice(actions.index(action), None, len(actions)) if action else slice(None)
        yield relative(name, np.nanmean(error[rows]), expected)


def check_heatmap_pck(case: Case) -> Iterator[Finding]:
    """PCK of the highest cells. The reference divides x by the height and y by the width of the map."""
    height, width = case["in_output"].shape[-2:]
    labels, pred = _peaks(case["in_target"]), _peaks(case["in_output"])
    true = np.where(case["in_mask"][..., None], labels, np.nan)
    unit = np.array([height, width])
    share = pck(pred / unit, true / unit, np.ones(len(pred)), 0.2)[:-1]
    yield close("out_acc", np.nan_to_num(share, nan=-1.0), case["out_acc"], SHARE)
    yield close("avg", np.nanmean(share), case.expected["avg"], SHARE)
    yield close("cnt", np.isfinite(share).sum(), case.expected["cnt"], 0)


def _peaks(heatmaps: np.ndarray) -> np.ndarray:
    """(N, K, H, W) -> (N, K, 2) the highest cell; (-1, -1) where it is not above 0."""
    flat = heatmaps.reshape(*heatmaps.shape[:2], -1)
    best = flat.argmax(-1)
    cells = np.stack([best % heatmaps.shape[-1], best // heatmaps.shape[-1]], axis=-1).astype(float)
    return np.where(flat.max(-1, keepdims=True) > 0, cells, -1.0)


def check_multilabel(case: Case) -> Iterator[Finding]:
    """0 where nothing is counted, which is NaN here."""
    found = multilabel_accuracy(case["in_pred"], case["in_gt"], case["in_mask"] > 0)
    yield close("acc", np.nan_to_num(found), case.expected["acc"], SHARE)


def check_posetrack(case: Case) -> Iterator[Finding]:
    """In percents. Suppression, which only reorders people here, plays no part in it."""
    labels = read_posetrack(case)
    image = np.searchsorted(labels.image_ids, case["in_img_id"]).astype(np.int32)
    xy, score = case["in_keypoints"], case["in_keypoint_scores"]
    tally = posetrack_ap(
        labels, Predictions(image, xy, score, case["in_bbox_scores"], case["in_bboxes"]), SKELETONS["posetrack17"]
    )
    assert isinstance(tally, JointPrecisions)
    values = tally.values()
    for name, expected in case.expected.items():
        part = name.split("/")[1].split()[0]
        ours = "AP" if part == "AP" else f"AP {PARTS.get(part, part.lower())}"
        yield close(name, 100 * values[ours], expected, 100 * SHARE)


def read_posetrack(case: Case) -> Labels:
    """The sequences beside a case."""
    sequences = [json.loads(path.read_text()) for path in sorted((case.folder / "gt_sequences").glob("*.json"))]
    images = sorted((image for one in sequences for image in one["images"]), key=lambda image: image["id"])
    people = [person for one in sequences for person in one["annotations"]]
    numbers = np.array([image["id"] for image in images])
    triples = np.array([person["keypoints"] for person in people], np.float64).reshape(len(people), -1, 3)
    boxes, heads = (np.array([person[name] for person in people], np.float64) for name in ("bbox", "bbox_head"))
    for box in (boxes, heads):
        box[:, 2:] += box[:, :2]
    regions = np.empty(len(images), object)
    for row, image in enumerate(images):
        sides = zip(image["ignore_regions_x"], image["ignore_regions_y"], strict=True)
        regions[row] = [np.column_stack(pair) for pair in sides]
    return Labels(
        files=np.array([image["file_name"] for image in images]),
        sizes=np.zeros((len(images), 2), np.int32),
        image_ids=numbers,
        groups=np.arange(len(images)),
        image=np.searchsorted(numbers, [person["image_id"] for person in people]).astype(np.int32),
        ids=np.array([person["id"] for person in people]),
        xy=np.where(triples[..., 2:] > 0, triples[..., :2], np.nan),
        visible=(triples[..., 2] > 0).astype(np.uint8),
        boxes=boxes,
        area=np.full(len(people), np.nan),
        crowd=np.zeros(len(people), bool),
        extras={"head_box": heads},
        image_extras={"ignore_regions": regions},
    )


CHECKS = {
    "metric/AUC": check_auc,
    "metric/EPE": check_epe,
    "metric/JhmdbPCKAccuracy": check_jhmdb,
    "metric/MPJPE": check_mpjpe,
    "metric/MpiiPCKAccuracy": check_pckh,
    "metric/NME_300w": check_nme,
    "metric/NME_bbox": check_nme,
    "metric/NME_indices": check_nme,
    "metric/NME_wflw": check_nme,
    "metric/PCKAccuracy_bbox": check_pck,
    "metric/PCKAccuracy_multi": check_pck,
    "metric/SimpleMPJPE": check_mpjpe,
    "metric/functional_2d": check_functional_2d,
    "metric/functional_3d": check_functional_3d,
    "metric/heatmap_pck": check_heatmap_pck,
    "metric/multilabel": check_multilabel,
    "metric/posetrack18": check_posetrack,
}
