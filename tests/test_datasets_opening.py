"""Opening any data set."""

import json
import re

import pytest

from vitruvian.datasets import DATASETS, FORMATS, open_dataset
from vitruvian.datasets.animals import ANIMALS
from vitruvian.datasets.bodies import BODIES
from vitruvian.datasets.faces import FACES
from vitruvian.datasets.hands import HANDS
from vitruvian.datasets.three_d import THREE_D
from vitruvian.errors import DataError, UnknownNameError
from vitruvian.structures import SKELETONS

CSV = "file,nose_x,nose_y\na.jpg,1,2\n"


def test_no_published_data_set_has_the_name_of_another():
    tables = (BODIES, HANDS, FACES, ANIMALS, THREE_D)
    assert len(DATASETS) == sum(map(len, tables))
    assert all(table[name] is DATASETS[name] for table in tables for name in table)


def test_what_is_recognised_is_opened_without_saying_what_it_is(tmp_path):
    (tmp_path / "a.csv").write_text(CSV)
    for path in (tmp_path, tmp_path / "a.csv", str(tmp_path / "a.csv")):
        assert open_dataset(path).labels.xy.tolist() == [[[1, 2]]]


def test_the_form_decides_where_it_is_named(shared):
    """The same file as any csv and as Leeds Sports Pose, which knows who made it."""
    path = shared / "realdata/lsp_extended"
    assert open_dataset(path / "joints.csv", "csv").about.title == "own data"
    named = open_dataset(path, "lsp")
    assert named.about.title.startswith("Leeds Sports Pose")
    assert named.skeleton is SKELETONS["lsp14"]


def test_what_is_not_recognised_says_what_was_tried(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(DataError, match=f"it is none of {', '.join(FORMATS)}; name its form"):
        open_dataset(tmp_path / "a.txt")


def test_a_folder_without_labels_says_what_it_holds(tmp_path):
    with pytest.raises(DataError, match="no labels are recognised in the folder, which is empty; expected one of"):
        open_dataset(tmp_path)
    for name in ("1.JPG", "2.jpg", "notes"):
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=r"in the folder, which holds 2 \.jpg, 1 notes; expected one of coco_json, "):
        open_dataset(tmp_path)


def test_a_file_says_what_it_lacks_to_be_what_most_that_end_so_are(tmp_path):
    (tmp_path / "a.csv").write_text("file;nose_x;nose_y\na.jpg;1;2\n")
    with pytest.raises(DataError, match=r"read as csv: .* has the columns file;nose_x;nose_y.* with commas between"):
        open_dataset(tmp_path / "a.csv")
    (tmp_path / "a.json").write_text("")
    with pytest.raises(DataError, match=r"read as coco_json: .* is empty; expected annotations"):
        open_dataset(tmp_path / "a.json")


def test_a_coco_file_whose_images_fill_its_beginning_is_recognised(tmp_path):
    content = {
        "images": [{"id": n, "file_name": f"{n}.jpg"} for n in range(3000)],
        "annotations": [{"id": 1, "image_id": 1, "keypoints": [1, 2, 2]}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert open_dataset(tmp_path / "a.json").labels.images == 3000


def test_a_folder_with_two_of_a_kind_wants_one_named(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(CSV)
    with pytest.raises(DataError, match=r"holds 2 \.csv; expected one of .*: give their file"):
        open_dataset(tmp_path)
    with pytest.raises(DataError, match=re.escape("has 2 files *.csv (a.csv, b.csv); expected one; name it")):
        open_dataset(tmp_path, "csv")


def test_a_path_that_is_not_there_and_a_form_that_is_unknown(tmp_path):
    with pytest.raises(DataError, match="there is no such file or folder"):
        open_dataset(tmp_path / "none.csv")
    with pytest.raises(UnknownNameError, match="Did you mean yolo"):
        open_dataset(tmp_path, "yollo")
