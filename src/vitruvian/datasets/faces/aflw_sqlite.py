"""aflw.sqlite: AFLW's own database of its 25,993 faces with up to 21 points each.

It has the tables Faces (face_id, file_id), FaceImages (file_id, filepath), FaceRect (face_id, x, y, w, h), FacePose
(face_id, roll, pitch, yaw), FeatureCoords (face_id, feature_id, x, y) and FeatureCoordTypes (feature_id, descr); points
that are not to be seen have no row. The left of its names is that of who looks at the face. Source: the database, which
comes with the images, https://www.tugraz.at/institute/icg/research/team-bischof/lrs/downloads/aflw/.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, labels_of, some
from vitruvian.errors import DataError

POINTS = (
    "LeftBrowLeftCorner", "LeftBrowCenter", "LeftBrowRightCorner",
    "RightBrowLeftCorner", "RightBrowCenter", "RightBrowRightCorner",
    "LeftEyeLeftCorner", "LeftEyeCenter", "LeftEyeRightCorner",
    "RightEyeLeftCorner", "RightEyeCenter", "RightEyeRightCorner",
    "NoseLeft", "NoseCenter", "NoseRight", "MouthLeftCorner", "MouthCenter", "MouthRightCorner", "ChinCenter",
)  # fmt: skip
"""Our 19, as the database calls them; it has LeftEar and RightEar too."""

FACES = (
    "SELECT face_id, filepath FROM Faces LEFT JOIN FaceImages ON Faces.file_id = FaceImages.file_id ORDER BY face_id"
)
COORDS = "SELECT face_id, feature_id, x, y FROM FeatureCoords"
RECTS = "SELECT face_id, x, y, w, h FROM FaceRect"
POSES = "SELECT face_id, roll, pitch, yaw FROM FacePose"
TYPES = "SELECT feature_id, descr FROM FeatureCoordTypes"


class _Record(NamedTuple):
    """A face as its rows are, unchecked. coords: feature_id, x, y of each point; rect, pose: None where not there."""

    number: Any
    file: Any
    coords: list[tuple[Any, ...]]
    rect: tuple[Any, ...] | None
    pose: tuple[Any, ...] | None


class _Face(NamedTuple):
    """xy: (19, 2), NaN where unlabelled; box: x, y, width, height (4,); pose: roll, pitch, yaw (3,); NaN if unknown."""

    number: int
    file: str
    xy: np.ndarray
    box: np.ndarray
    pose: np.ndarray


def read_database(path: Path, skip: bool) -> Kept:
    """The labels of aflw.sqlite, as `vitruvian.datasets.read_aflw` describes them, and notes."""
    records, point_of = _records(path)
    omissions = Omissions(path, skip)
    named = ((f"face {record.number}", record) for record in records)
    read = each(named, lambda record: _face(record, point_of), omissions, "faces that are not as expected")
    faces = some(path, read, "faces")
    labels = labels_of([face.file for face in faces], np.stack([face.xy for face in faces]))
    boxes = np.stack([face.box for face in faces])
    size = np.sqrt(boxes[:, 2:].prod(1))
    boxes[:, 2:] += boxes[:, :2]
    angles = dict(zip(("roll", "pitch", "yaw"), np.stack([face.pose for face in faces]).T, strict=True))
    ids = np.array([face.number for face in faces], np.int64)
    return replace(labels, ids=ids, boxes=boxes, extras={"box_size": size, **angles}), omissions.notes


def _records(path: Path) -> tuple[list[_Record], dict[Any, int]]:
    """All faces in the order of their numbers, and feature_id -> which of our points it is, for those that are ours."""
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            files, types = dict(database.execute(FACES)), database.execute(TYPES).fetchall()
            rects, poses = ({row[0]: row[1:] for row in database.execute(query)} for query in (RECTS, POSES))
            coords: dict[Any, list[tuple[Any, ...]]] = {number: [] for number in files}
            for number, *point in database.execute(COORDS):
                coords.setdefault(number, []).append(tuple(point))
    except sqlite3.Error as error:
        raise DataError(f"{path} is not AFLW's database ({error}); expected aflw.sqlite of the download") from error
    if missing := set(POINTS) - {name for _, name in types}:
        raise DataError(f"{path} knows no point {min(missing)}; its table FeatureCoordTypes must name all of AFLW's")
    point_of = {number: POINTS.index(name) for number, name in types if name in POINTS}
    return [
        _Record(number, files[number], coords[number], rects.get(number), poses.get(number)) for number in files
    ], point_of


def _face(record: _Record, point_of: dict[Any, int]) -> _Face:
    """The face of a record. Raises ValueError for one whose image is not there, or whose numbers are none."""
    if type(record.number) is not int or not isinstance(record.file, str):
        raise ValueError(f"its image is {record.file!r} in FaceImages, expected the number of a face and a file name")
    xy = np.full((len(POINTS), 2), np.nan)
    for feature, *point in record.coords:
        if feature in point_of:
            xy[point_of[feature]] = _numbers(tuple(point), "x and y of a point")
    box = np.full(4, np.nan) if record.rect is None else _numbers(record.rect, "x, y, w and h of its box")
    if not (np.isnan(box[2:]) | (box[2:] > 0)).all():
        raise ValueError(f"its box has width {box[2]:g} and height {box[3]:g}, expected an area")
    pose = np.full(3, np.nan) if record.pose is None else _numbers(record.pose, "roll, pitch and yaw")
    return _Face(record.number, checked_name(record.file), xy, box, pose)


def _numbers(values: tuple[Any, ...], what: str) -> np.ndarray:
    if not all(isinstance(value, int | float) for value in values):
        raise ValueError(f"{what} are {', '.join(map(repr, values))}, expected numbers")
    return np.array(values, np.float64)
