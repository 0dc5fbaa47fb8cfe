"""MPII Human Pose as it is downloaded: a MATLAB file with nested records."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.matlab_files import read_matlab
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, labels_of, of_images, some, within_reach
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE

KEYPOINTS = 16
HEIGHT = 200  # px of a person of scale 1
DOWN = 15  # px at scale 1 by which boxes are lower than the centre the file has, so that the feet are inside
HEAD = ("x1", "y1", "x2", "y2")


class _Person(NamedTuple):
    """A person of the file; all count pixels from 0. points (16, 3): x, y and UNLABELLED, HIDDEN or VISIBLE."""

    file: str
    points: np.ndarray
    centre: np.ndarray
    scale: float
    head: np.ndarray
    video: int
    train: bool


def head_boxes(path: Path) -> np.ndarray:
    """The boxes of heads (N, 4), x0 y0 x1 y1 counted from 0, of a file with the variable headboxes_src (2, 2, N)."""
    corners = np.asarray(read_matlab(path).get("headboxes_src"))
    if corners.ndim != 3 or corners.shape[:2] != (2, 2):
        raise DataError(
            f"{path} has no variable headboxes_src of 2 x 2 x people; expected the file of MPII's evaluation"
        )
    return corners.transpose(2, 0, 1).reshape(-1, 4).astype(np.float64) - 1


def person_boxes(centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Squares (N, 4) about people: centre (N, 2) pixels as the files have it; scale (N,), their height in 200 px."""
    middle = centre + np.stack([np.zeros_like(scale), DOWN * scale], axis=-1)
    half = HEIGHT / 2 * scale[:, None]
    return np.concatenate([middle - half, middle + half], axis=-1)


def read_release(path: Path, skip: bool) -> Kept:
    """The labels of mpii_human_pose_v1_u12_1.mat, as `vitruvian.datasets.read_mpii` describes them, and notes."""
    omissions = Omissions(path, skip)
    release = read_matlab(path).get("RELEASE")
    if not isinstance(release, dict) or not {"annolist", "img_train"} <= set(release):
        raise DataError(f"{path} has no RELEASE with annolist and img_train; expected mpii_human_pose_v1_u12_1.mat")
    people = some(path, list(_people(release, omissions)), "images with people")
    points = np.stack([person.points for person in people])
    labels = labels_of([person.file for person in people], points[..., :2])
    scale = np.array([person.scale for person in people])
    return (
        replace(
            labels,
            visible=points[..., 2].astype(np.uint8),
            boxes=person_boxes(np.stack([person.centre for person in people]), scale),
            groups=of_images(labels, np.array([person.video for person in people])),
            extras={"scale": scale, "head_box": np.stack([person.head for person in people])},
            image_extras={"train": of_images(labels, np.array([person.train for person in people]))},
        ),
        omissions.notes,
    )


def _people(release: dict[str, Any], omissions: Omissions) -> Iterator[_Person]:
    """All people of whom the file says where they are, images without anybody left out and counted."""
    empty = 0
    for number, (image, train) in enumerate(
        zip(_list(release["annolist"]), np.atleast_1d(release["img_train"]), strict=True)
    ):
        found = [person for person in _list(image.get("annorect")) if _numbers(person.get("scale")).size]
        empty += not found
        for order, person in enumerate(found):
            try:
                yield within_reach(_person(image, person, bool(train), number))
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                where = f"image {number + 1} of annolist, person {order + 1}"
                omissions.add("people that are not as expected", where, str(error))
    omissions.leave("images that say of nobody where they are", empty)


def _person(image: dict[str, Any], person: dict[str, Any], train: bool, number: int) -> _Person:
    video = _numbers(image.get("vididx"))
    head = np.concatenate([_numbers(person.get(side)) for side in HEAD])
    return _Person(
        checked_name(image["image"]["name"]),
        _points(person),
        np.array([float(person["objpos"][axis]) for axis in "xy"]) - 1,
        float(person["scale"]),
        head - 1 if head.size == 4 else np.full(4, np.nan),
        int(video[0]) if video.size else -1 - number,
        train,
    )


def _points(person: dict[str, Any]) -> np.ndarray:
    """(16, 3) x, y counted from 0, NaN where unlabelled, and the visibility."""
    points = np.tile([np.nan, np.nan, UNLABELLED], (KEYPOINTS, 1))
    annotated = person.get("annopoints")
    for point in _list(annotated.get("point")) if isinstance(annotated, dict) else ():
        flag = point.get("is_visible", 1)
        hidden = str(flag) == "0"  # a number or a text; empty for neck and head, which are always to be seen
        points[int(point["id"])] = float(point["x"]) - 1, float(point["y"]) - 1, HIDDEN if hidden else VISIBLE
    return points


def _list(records: Any) -> list[dict[str, Any]]:
    """Records of a MATLAB file: it has one as such, several as a list, and none as an empty array."""
    if isinstance(records, dict):
        return [records]
    return [record for record in records if isinstance(record, dict)] if records is not None else []


def _numbers(value: Any) -> np.ndarray:
    """A number or an empty array -> (1,) or (0,) float64."""
    return np.atleast_1d(np.asarray([] if value is None else value, np.float64)).ravel()
