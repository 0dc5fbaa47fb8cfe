"""COCO-WholeBody and its parts, on three people written here and on the real sample."""

import json

import numpy as np
import pytest

from vitruvian.datasets.bodies import BODIES
from vitruvian.errors import DataError

PARTS = {"body": 17, "foot": 6, "face": 68, "left_hand": 21, "right_hand": 21}


def triples(count, start, v):
    """Keypoint k at (start + k, start + k), all with this v."""
    return [value for k in range(count) for value in (start + k, start + k, v)]


def person(number, **fields):
    """Body at 0 ... 16, feet at 100 ..., face at 200 ..., left hand at 300 ..., no right hand."""
    return {
        "id": number, "image_id": 1, "category_id": 1, "bbox": [0, 0, 400, 400], "area": 5.0, "iscrowd": 0,
        "keypoints": triples(17, 0, 1), "foot_kpts": triples(6, 100, 2), "face_kpts": triples(68, 200, 0.25),
        "lefthand_kpts": triples(21, 300, 1), "righthand_kpts": triples(21, 0, 0),
        "face_box": [200, 200, 68, 68], "lefthand_box": [300, 300, 21, 22], "righthand_box": [0.0, 0.0, 0.0, 0.0],
        "foot_valid": True, "face_valid": True, "lefthand_valid": True, "righthand_valid": False, **fields,
    }  # fmt: skip


@pytest.fixture
def path(tmp_path):
    """Three people; the face of the second is not annotated."""
    people = [person(1), person(2, face_valid=False, face_kpts=triples(68, 0, 0)), person(3)]
    file = tmp_path / "annotations" / "coco_wholebody_val_v1.0.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": people}))
    return file


def test_the_whole_puts_the_parts_together(path):
    """Body 0-16, feet 17-22, face 23-90, left hand 91-111, right hand 112-132."""
    labels = BODIES["coco_wholebody"].read(path).labels
    assert labels.xy[0, [16, 17, 23, 91], 0].tolist() == [16, 100, 200, 300]
    assert np.isnan(labels.xy[0, 112:]).all()
    assert labels.visible[0, [16, 17, 23, 91, 112]].tolist() == [1, 2, 2, 2, 0]
    assert labels.extras["face_box"][0].tolist() == [200, 200, 268, 268]
    assert np.isnan(labels.extras["face_box"][1]).all()
    assert np.isnan(labels.extras["right_hand_box"]).all()
    assert labels.extras["face_valid"].tolist() == [True, False, True]
    assert labels.extras["right_hand_valid"].tolist() == [False] * 3


@pytest.mark.parametrize(
    ("part", "first", "ids", "box"),
    [
        ("body", 0, [1, 2, 3], [0, 0, 400, 400]),
        ("foot", 100, [1, 2, 3], [0, 0, 400, 400]),
        ("face", 200, [1, 3], [200, 200, 268, 268]),
        ("left_hand", 300, [1, 2, 3], [300, 300, 321, 322]),
    ],
)
def test_a_part_has_its_keypoints_its_box_and_those_who_have_it(path, part, first, ids, box):
    labels = BODIES[f"coco_wholebody_{part}"].read(path).labels
    assert labels.ids.tolist() == ids
    assert labels.xy[0, 0].tolist() == [first, first]
    assert labels.boxes[0].tolist() == box
    assert labels.area.tolist() == [5.0] * len(ids)


def test_who_has_no_such_part_is_counted(path):
    dataset = BODIES["coco_wholebody_right_hand"].read(path)
    assert (len(dataset), len(dataset.labels)) == (1, 0)
    assert dataset.notes == ("left out 3 people whose part of the body is not annotated",)


def test_a_part_with_too_few_numbers_is_refused(path):
    path.write_text(path.read_text().replace('"foot_kpts": [100, 100, 2, ', '"foot_kpts": [', 1))
    with pytest.raises(DataError, match="annotation 1: 396 numbers for keypoints, expected 399, x, y and v of 133"):
        BODIES["coco_wholebody"].read(path)


def test_the_real_sample_reads(shared):
    """14 people; 4 faces, 5 left hands and 10 pairs of feet are annotated. The first has a right hand."""
    folder = shared / "realdata/mmpose_samples/coco"
    sets = {part: BODIES[f"coco_wholebody_{part}"].read(folder / "test_coco_wholebody.json") for part in PARTS}
    assert {part: len(one.labels) for part, one in sets.items()} == {
        "body": 14, "foot": 10, "face": 4, "left_hand": 5, "right_hand": 5,
    }  # fmt: skip
    assert {part: one.labels.keypoints for part, one in sets.items()} == PARTS
    assert sets["face"].labels.boxes[0] == pytest.approx([358.2, 69.86, 384.56, 95.71])
    assert sets["face"].labels.xy[0, 0].tolist() == [355.823, 75.36]
    assert sets["right_hand"].labels.xy[0, 0].tolist() == [304.10366, 181.75134]
    assert sets["foot"].labels.xy[0, :3].tolist() == [[439, 378], [446, 380], [479, 370]]
    assert sets["body"][0].load().shape == (425, 640, 3)


def test_a_file_that_has_the_parts_together_reads_alike(shared):
    folder = shared / "realdata/mmpose_samples/coco"
    read = BODIES["coco_wholebody"].read
    apart, together = read(folder / "test_coco_wholebody.json"), read(folder / "test_keypoint_partition_metric.json")
    np.testing.assert_array_equal(apart.labels.ids, together.labels.ids)
    np.testing.assert_array_equal(apart.labels.xy, together.labels.xy)
