"""AFLW as its own database of all faces."""

import re
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from vitruvian.datasets.faces import FACES
from vitruvian.datasets.faces.aflw_sqlite import POINTS
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

NAMES = (*POINTS[:12], "LeftEar", *POINTS[12:15], "RightEar", *POINTS[15:])  # as the database numbers them from 1


def write(folder, *changes):
    """Two faces in one image, the first with point k at (k, 100 + k), and one of the chin alone; the tables as made."""
    path = folder / "aflw.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE Faces (face_id INTEGER, file_id TEXT, db_id TEXT);
            CREATE TABLE FaceImages (image_id INTEGER, db_id TEXT, file_id TEXT, filepath TEXT);
            CREATE TABLE FaceRect (face_id INTEGER, x INTEGER, y INTEGER, w INTEGER, h INTEGER);
            CREATE TABLE FacePose (face_id INTEGER, roll REAL, pitch REAL, yaw REAL);
            CREATE TABLE FeatureCoords (face_id INTEGER, feature_id INTEGER, x REAL, y REAL);
            CREATE TABLE FeatureCoordTypes (feature_id INTEGER, descr TEXT, code TEXT);
            INSERT INTO Faces VALUES (39341, 'a', 'aflw'), (39342, 'a', 'aflw'), (39350, 'b', 'aflw');
            INSERT INTO FaceImages VALUES (1, 'aflw', 'a', '0/a.jpg'), (2, 'aflw', 'b', '3/b.jpg');
            INSERT INTO FaceRect VALUES (39341, 5, 7, 40, 10), (39350, 0, 0, 30, 30);
            INSERT INTO FacePose VALUES (39341, 0.5, -0.25, 1.5);
            INSERT INTO FeatureCoords VALUES (39350, 21, 8.5, 9.5);
            """
        )
        rows = [(39341, k, k, 100 + k) for k in range(1, 22)]
        database.executemany("INSERT INTO FeatureCoords VALUES (?, ?, ?, ?)", rows)
        types = [(k, name, name[:2]) for k, name in enumerate(NAMES, 1)]
        database.executemany("INSERT INTO FeatureCoordTypes VALUES (?, ?, ?)", types)
        for change in changes:
            database.execute(change)
        database.commit()
    return path


def read(path, **options):
    return FACES["aflw"].read(path, **options)


def test_three_faces_are_read(tmp_path):
    dataset = read(write(tmp_path))
    labels = dataset.labels
    assert labels.files.tolist() == ["0/a.jpg", "3/b.jpg"]
    assert labels.image.tolist() == [0, 0, 1]
    assert labels.ids.tolist() == [39341, 39342, 39350]
    np.testing.assert_array_equal(labels.boxes, [[5, 7, 45, 17], [np.nan] * 4, [0, 0, 30, 30]])
    np.testing.assert_array_equal(labels.extras["box_size"], [20, np.nan, 30])  # the root of 40 * 10
    np.testing.assert_array_equal(labels.extras["yaw"], [1.5, np.nan, np.nan])
    assert dataset.notes == ()


def test_the_ears_points_13_and_17_are_left_out(tmp_path):
    labels = read(write(tmp_path)).labels
    assert labels.xy[0, :, 0].tolist() == [*range(1, 13), 14, 15, 16, 18, 19, 20, 21]
    assert labels.xy[0, 18].tolist() == [21, 121]


def test_points_without_a_row_are_unlabelled(tmp_path):
    labels = read(write(tmp_path)).labels
    assert labels.visible.sum(1).tolist() == [2 * 19, 0, 2]
    assert labels.xy[2, 18].tolist() == [8.5, 9.5]


def test_left_is_that_of_who_looks_so_it_is_our_right():
    ours = SKELETONS["aflw19"].names
    for name, theirs in zip(ours, POINTS, strict=True):
        assert name.startswith("right") == (theirs.startswith("Left") or theirs in ("NoseLeft", "MouthLeftCorner"))


def test_images_are_found_in_the_download_beside_the_database(tmp_path):
    (tmp_path / "flickr/0").mkdir(parents=True)
    (tmp_path / "flickr/0/a.jpg").touch()
    assert read(write(tmp_path)).path(0).is_file()


def test_the_database_is_not_written_to(tmp_path):
    path = write(tmp_path)
    before = path.read_bytes()
    path.chmod(0o400)
    read(path)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE FaceImages SET filepath = '../a.jpg'", 'face 39341: the file name "../a.jpg" leads out'),
        ("UPDATE Faces SET file_id = 'c'", "face 39341: its image is None in FaceImages, expected"),
        ("UPDATE FaceRect SET w = 0", "face 39341: its box has width 0 and height 10, expected an area"),
        ("UPDATE FacePose SET yaw = NULL", "face 39341: roll, pitch and yaw are 0.5, -0.25, None, expected numbers"),
        ("UPDATE FeatureCoords SET x = 'left'", "face 39341: x and y of a point are 'left', 101.0, expected numbers"),
        ("UPDATE FeatureCoords SET x = 1e300", "face 39341: a number is beyond 1e+12, expected pixels"),
        ("UPDATE FeatureCoords SET x = 9e999", "face 39341: a number is beyond 1e+12, expected pixels"),
    ],
)
def test_a_bad_face_is_named_or_left_out_and_counted(tmp_path, change, sentence):
    of_image = "file" in change
    path = write(tmp_path, f"{change} WHERE " + ("file_id = 'a'" if of_image else "face_id = 39341"))
    with pytest.raises(DataError, match=re.escape(sentence)):
        read(path)
    dataset = read(path, skip=True)
    assert 39341 not in dataset.labels.ids
    assert "faces that are not as expected" in dataset.notes[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DROP TABLE FeatureCoords", "is not AFLW's database (no such table: FeatureCoords); expected aflw.sqlite"),
        ("DELETE FROM FeatureCoordTypes WHERE descr = 'ChinCenter'", "knows no point ChinCenter"),
        ("DELETE FROM Faces", "holds nothing that can be used; expected faces"),
    ],
)
def test_a_database_with_other_tables_is_refused(tmp_path, change, sentence):
    with pytest.raises(DataError, match=re.escape(sentence)):
        read(write(tmp_path, change), skip=True)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "aflw.sqlite"
    path.write_text("no database, but longer than the header of one, which is of a hundred bytes" * 2)
    with pytest.raises(DataError, match="file is not a database"):
        read(path)


def test_a_database_cut_short_is_refused(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(DataError, match="is not AFLW's database"):
        read(path)
