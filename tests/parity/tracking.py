"""Checks of tracking/*: overlap of boxes, and who of a frame is whom of the last one."""

from collections.abc import Iterator

import numpy as np

from vitruvian.geometry import iou
from vitruvian.tracking import associate, pose_likeness

from .cases import Case
from .findings import Finding, close, equal

EXACT = 1e-9


def check_pair_iou(case: Case) -> Iterator[Finding]:
    yield close("out_iou", iou(case["in_boxes"], case["in_boxes"]), case["out_iou"], EXACT)


def check_tracking(case: Case) -> Iterator[Finding]:
    """Frame by frame; whoever is nobody of the last frame gets the next number."""
    found = np.full(len(case["in_frame"]), -1)
    last = np.zeros(0, np.int64)
    new = 0
    for frame in np.unique(case["in_frame"]):
        rows = np.flatnonzero(case["in_frame"] == frame)
        whom = associate(_likeness(case, rows, last), case.args["thr"])
        for row, who in zip(rows, whom, strict=True):
            found[row], new = (found[last[who]], new) if who >= 0 else (new, new + 1)
        last = rows
    yield equal("out_track_id", found.tolist(), case["out_track_id"].tolist())


def _likeness(case: Case, rows: np.ndarray, last: np.ndarray) -> np.ndarray:
    if case.kind == "tracking/iou":
        return iou(case["in_bboxes"][rows], case["in_bboxes"][last])
    xy, area = case["in_keypoints"], case["in_area"]
    return pose_likeness(xy[rows], xy[last], (area[rows], area[last]), np.array(case.args["sigmas"]))


CHECKS = {"tracking/iou": check_tracking, "tracking/oks": check_tracking, "tracking/pair_iou": check_pair_iou}
