"""Writing poses: json with names, COCO json, or csv with a row a keypoint."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from vitruvian.errors import ShapeError, UnknownNameError
from vitruvian.geometry import to_xywh
from vitruvian.structures import Poses, Skeleton

Format = Literal["json", "coco", "csv"]
FILE_NAMES: dict[Format, str] = {"json": "poses.json", "coco": "poses.coco.json", "csv": "poses.csv"}


@dataclass(frozen=True, eq=False)
class ImagePoses:
    """The poses of one image file. file: as it was named; size: (width, height) in pixels."""

    file: str
    size: tuple[int, int]
    poses: Poses


def format_poses(images: Sequence[ImagePoses], skeleton: Skeleton, model: str, form: Format) -> str:
    """The text of a file in one of the three forms. Unknown coordinates are null, 0 0 0 in COCO, empty in csv.

    An unknown box is 0 0 0 0 in COCO, where null is not allowed. Raises UnknownNameError for another form, ShapeError
    for poses of another skeleton.
    """
    if form not in FILE_NAMES:
        raise UnknownNameError("format", form, FILE_NAMES)
    for image in images:
        if image.poses.xy.shape[1] != len(skeleton):
            raise ShapeError(
                f"{image.file}: its poses have {image.poses.xy.shape[1]} keypoints, "
                f"the skeleton {skeleton.name} has {len(skeleton)}; give the skeleton of the model that found them"
            )
    if form == "csv":
        return _csv(images, skeleton)
    return json.dumps(_coco(images, skeleton) if form == "coco" else _json(images, skeleton, model), indent=1)


def _json(images: Sequence[ImagePoses], skeleton: Skeleton, model: str) -> dict[str, Any]:
    limbs = [[skeleton.names[a], skeleton.names[b]] for a, b in skeleton.limbs]
    return {
        "model": model,
        "skeleton": {"name": skeleton.name, "keypoints": list(skeleton.names), "limbs": limbs},
        "images": [
            {
                "file": image.file,
                "width": image.size[0],
                "height": image.size[1],
                "people": [_person(image.poses, row, skeleton) for row in range(len(image.poses))],
            }
            for image in images
        ],
    }


def _person(poses: Poses, row: int, skeleton: Skeleton) -> dict[str, Any]:
    keypoints = {
        name: {"x": _number(x), "y": _number(y), "score": _number(score, 4)}
        for name, (x, y), score in zip(skeleton.names, poses.xy[row], poses.score[row], strict=True)
    }
    if poses.radii is not None:  # that hold the truth with probability 0.9
        for name, radius in zip(skeleton.names, poses.radius(0.9)[row], strict=True):
            keypoints[name]["radius_90"] = _number(radius)
    return {"box": [_number(value) for value in poses.boxes[row]], "keypoints": keypoints}


def _number(value: np.floating[Any], digits: int = 3) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _coco(images: Sequence[ImagePoses], skeleton: Skeleton) -> dict[str, Any]:
    """A COCO keypoint data set (https://cocodataset.org/#format-data); limbs count keypoints from 1 there."""
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images, start=1):
        for xy, score, box in zip(image.poses.xy, image.poses.score, image.poses.boxes, strict=True):
            known = np.isfinite(xy).all(-1)
            triples = np.column_stack([np.where(known[:, None], xy, 0), 2 * known])
            x, y, width, height = (round(float(value), 3) for value in to_xywh(_known_or_zero(box)))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1,
                    "keypoints": np.round(triples, 3).ravel().tolist(),
                    "num_keypoints": int(known.sum()),
                    "keypoint_scores": [round(float(value), 4) for value in np.nan_to_num(score)],
                    "score": round(float(np.nan_to_num(score).mean()), 4),
                    "bbox": [x, y, width, height],
                    "area": round(width * height, 3),
                    "iscrowd": 0,
                }
            )
    return {
        "images": [
            {"id": number, "file_name": image.file, "width": image.size[0], "height": image.size[1]}
            for number, image in enumerate(images, start=1)
        ],
        "annotations": annotations,
        "categories": [
            {
                "id": 1,
                "name": skeleton.name,
                "keypoints": list(skeleton.names),
                "skeleton": [[a + 1, b + 1] for a, b in skeleton.limbs],
            }
        ],
    }


def _known_or_zero(box: np.ndarray) -> np.ndarray:
    """The box (4,), or zeros when any of it is unknown."""
    return box if np.isfinite(box).all() else np.zeros(4)


def _csv(images: Sequence[ImagePoses], skeleton: Skeleton) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "person", "keypoint", "x", "y", "score"])
    for image in images:
        for row in range(len(image.poses)):
            for name, values in _person(image.poses, row, skeleton)["keypoints"].items():
                writer.writerow([image.file, row, name, values["x"], values["y"], values["score"]])
    return text.getvalue()
