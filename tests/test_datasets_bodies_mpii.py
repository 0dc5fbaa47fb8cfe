"""MPII Human Pose: a list of people as json, and the original MATLAB file."""

import json
import re

import numpy as np
import pytest
from scipy.io import savemat

from vitruvian.datasets.bodies import BODIES
from vitruvian.errors import DataError

read_mpii = BODIES["mpii"].read


def person(image="a.jpg", **fields):
    """All joints at (11, 21) in the file, centre (101, 51), 200 px high."""
    return {
        "image": image, "joints": [[11.0, 21.0]] * 16, "joints_vis": [1] * 16, "center": [101.0, 51.0], "scale": 1.0,
        **fields,
    }  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def _write(people):
        path = tmp_path / "mpii_val.json"
        path.write_text(json.dumps(people))
        return path

    return _write


def test_points_count_from_0_and_boxes_are_squares_moved_down(write):
    """Centre (100, 50) counted from 0, 15 px down: (100, 65); 200 px: from 0, -35 to 200, 165."""
    dataset = read_mpii(write([person(), person("b.jpg", scale=2.0), person()]))
    labels = dataset.labels
    assert labels.files.tolist() == ["a.jpg", "b.jpg"]
    assert labels.image.tolist() == [0, 1, 0]
    assert (labels.xy == [10, 20]).all()
    assert labels.boxes[0].tolist() == [0, -35, 200, 165]
    assert labels.boxes[1].tolist() == [-100, -120, 300, 280]
    assert labels.extras["scale"].tolist() == [1, 2, 1]
    assert np.isnan(labels.extras["head_box"]).all()


def test_a_joint_without_a_place_is_unlabelled_and_one_that_is_not_visible_hidden(write):
    joints, flags = [[-1.0, -1.0], [5.0, 6.0]] + [[11.0, 21.0]] * 14, [0, 0] + [1] * 14
    labels = read_mpii(write([person(joints=joints, joints_vis=flags)])).labels
    assert labels.visible.tolist() == [[0, 1] + [2] * 14]
    assert np.isnan(labels.xy[0, 0]).all()
    assert labels.xy[0, 1].tolist() == [4, 5]


def test_people_of_the_test_part_have_no_joints(write):
    entry = person()
    del entry["joints"], entry["joints_vis"]
    labels = read_mpii(write([entry])).labels
    assert not labels.visible.any()
    assert labels.boxes[0].tolist() == [0, -35, 200, 165]


def test_heads_are_read_from_the_file_of_scores_beside_the_list(write, tmp_path):
    """headboxes_src is (corner, axis, person), pixels from 1."""
    corners = np.array([[[11, 101], [21, 201]], [[51, 151], [61, 261]]], float)
    savemat(tmp_path / "mpii_gt_val.mat", {"headboxes_src": corners})
    heads = read_mpii(write([person(), person()])).labels.extras["head_box"]
    assert heads.tolist() == [[10, 20, 50, 60], [100, 200, 150, 260]]
    with pytest.raises(DataError, match=r"has the heads of 2 people, .* has 1 people; expected as many"):
        read_mpii(write([person()]))


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (person(joints=[[1.0, 2.0]]), "entry 1 of the list, in a.jpg: 1 joints and 16 flags, expected 16 points"),
        (person(joints=[[1.0]] * 16), "entry 1 of the list, in a.jpg: 16 joints and 16 flags, expected 16 points"),
        (
            person(joints=[[1.0, 1e300]] * 16),
            "entry 1 of the list, in a.jpg: a number is beyond 1e+12, expected pixels",
        ),
        (person("../a.jpg"), 'entry 1 of the list, in ../a.jpg: the file name "../a.jpg" leads out of the folder'),
        (person(scale="2"), "entry 1 of its list: Expected `float`, got `str` - at `$.scale`"),
        (person(scale=float("nan")), "entry 1 of its list: Expected `float`, got `str` - at `$.scale` (NaN)"),
        ({"image": "a.jpg"}, "entry 1 of its list: Object missing required field `center`"),
    ],
)
def test_a_bad_person_is_named_or_left_out_and_counted(write, bad, sentence):
    path = write([person(), bad])
    with pytest.raises(DataError, match=f"^{re.escape(f'{path}: {sentence}')}"):
        read_mpii(path)
    dataset = read_mpii(path, skip=True)
    assert len(dataset.labels) == 1
    assert dataset.notes[0].startswith("left out 1 ")


def test_what_is_no_list_of_people_is_refused(write):
    with pytest.raises(DataError, match="is not a list of records: Expected `array`, got `object`"):
        read_mpii(write({"images": []}))
    with pytest.raises(DataError, match="holds nothing that can be used; expected people"):
        read_mpii(write([]))


def point(number, x, y, visible=1):
    return {"id": number, "x": x, "y": y, "is_visible": visible}


def rect(points, x1=11.0):
    """A person of the original file. Head from (11, 21) to (31, 41), centre (101, 51), 200 px high."""
    return {
        "x1": x1, "y1": 21.0, "x2": 31.0, "y2": 41.0, "annopoints": {"point": points}, "scale": 1.0,
        "objpos": {"x": 101.0, "y": 51.0},
    }  # fmt: skip


def records(rows):
    """A list of dicts -> what MATLAB writes as an array of records."""
    array = np.empty(len(rows), [(name, object) for name in rows[0]])
    for place, row in enumerate(rows):
        array[place] = tuple(row.values())
    return array


@pytest.fixture
def release(tmp_path):
    """A file in the original structure: two people, one person, nobody, and one of the test part."""
    two = records([rect(records([point(0, 2, 3), point(9, 5, 6, np.array([]))])), rect(point(15, 7, 8, "0"))])
    test = {"scale": 2.0, "objpos": {"x": 11.0, "y": 21.0}}
    images = [
        {"image": {"name": "1.jpg"}, "annorect": two, "vididx": 4},
        {"image": {"name": "2.jpg"}, "annorect": rect(point(6, 1, 1, 0)), "vididx": 4},
        {"image": {"name": "3.jpg"}, "annorect": np.array([]), "vididx": 5},
        {"image": {"name": "4.jpg"}, "annorect": test, "vididx": np.array([])},
    ]
    path = tmp_path / "mpii_human_pose_v1_u12_1.mat"
    savemat(path, {"RELEASE": {"annolist": records(images), "img_train": np.array([1, 1, 1, 0])}})
    return path


def test_the_original_file_is_read(release):
    dataset = read_mpii(release)
    labels = dataset.labels
    assert labels.files.tolist() == ["1.jpg", "2.jpg", "4.jpg"]
    assert labels.image.tolist() == [0, 0, 1, 2]
    assert [(int(n), int(k)) for n, k in zip(*labels.visible.nonzero(), strict=True)] == [
        (0, 0),
        (0, 9),
        (1, 15),
        (2, 6),
    ]
    assert labels.visible[[0, 0, 1, 2], [0, 9, 15, 6]].tolist() == [2, 2, 1, 1]
    assert labels.xy[[0, 0, 1, 2], [0, 9, 15, 6]].tolist() == [[1, 2], [4, 5], [6, 7], [0, 0]]
    assert labels.boxes[0].tolist() == [0, -35, 200, 165]
    assert labels.extras["head_box"][:3].tolist() == [[10, 20, 30, 40]] * 3
    assert np.isnan(labels.extras["head_box"][3]).all()
    assert labels.image_extras["train"].tolist() == [True, True, False]
    assert labels.groups[0] == labels.groups[1] != labels.groups[2]
    assert dataset.notes == ("left out 1 images that say of nobody where they are",)


def test_a_bad_person_of_the_original_file_is_named_or_left_out(tmp_path):
    images = [
        {"image": {"name": "1.jpg"}, "annorect": records([rect(point(0, 2, 3)), rect(point(16, 2, 3))]), "vididx": 1}
    ]
    path = tmp_path / "a.mat"
    savemat(path, {"RELEASE": {"annolist": records(images), "img_train": 1}})
    with pytest.raises(DataError, match=r"a\.mat: image 1 of annolist, person 2: index 16 is out of bounds"):
        read_mpii(path)
    assert read_mpii(path, skip=True).notes == ("left out 1 people that are not as expected",)


def test_a_number_of_the_original_file_that_is_no_place_is_refused(tmp_path):
    images = [{"image": {"name": "1.jpg"}, "annorect": rect(point(0, 1e300, 3)), "vididx": 1}]
    savemat(tmp_path / "a.mat", {"RELEASE": {"annolist": records(images * 2), "img_train": [1, 1]}})
    with pytest.raises(DataError, match=r"image 1 of annolist, person 1: a number is beyond 1e\+12"):
        read_mpii(tmp_path / "a.mat")


def test_another_matlab_file_is_refused(tmp_path):
    savemat(tmp_path / "a.mat", {"joints": 1})
    with pytest.raises(DataError, match="has no RELEASE with annolist and img_train"):
        read_mpii(tmp_path / "a.mat")
    with pytest.raises(DataError, match=r"none\.mat is not there; expected a MATLAB file"):
        read_mpii(tmp_path / "none.mat")


def test_the_real_list_reads(shared):
    """The first person's right ankle is at 804, 711 in the file, her centre at 966, 340, her scale 4.718488."""
    dataset = read_mpii(shared / "realdata/mmpose_samples/mpii/test_mpii.json")
    assert (len(dataset), len(dataset.labels)) == (5, 5)
    assert dataset.labels.xy[0, 0].tolist() == [803, 710]
    assert (dataset.labels.boxes[0, 2:] - dataset.labels.boxes[0, :2]).tolist() == pytest.approx([943.6976] * 2)
    assert (dataset.labels.visible > 0).sum() == 76
    assert dataset[0].load().ndim == 3
    assert dataset[4].load().ndim == 3


def test_the_real_heads_read(shared, tmp_path):
    """2,958 boxes; half the sum of widths and heights is positive for all of them."""
    source = shared / "realdata/eval_reference/mpii_val/detections_our_format.mat"
    (tmp_path / "gt_valid.mat").write_bytes(source.read_bytes())
    (tmp_path / "valid.json").write_text(json.dumps([person()] * 2958))
    heads = read_mpii(tmp_path / "valid.json").labels.extras["head_box"]
    assert (heads[:, 2:] > heads[:, :2]).all()
