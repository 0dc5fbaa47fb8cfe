"""OCHuman's own file: 19 keypoints in the order of the file, of which COCO's 17 are read."""

import json
import re

import numpy as np
import pytest

from vitruvian.datasets.bodies import BODIES, ochuman_release
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

NAMES = [
    "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist", "right_hip",
    "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "head", "neck", "right_ear", "left_ear", "nose",
    "right_eye", "left_eye",
]  # fmt: skip
COCO = SKELETONS["coco17"]


def person(n, flags=(1,) * 19, **fields):
    """Keypoint k of the file is at (10 n + k, k)."""
    points = [value for k, flag in enumerate(flags) for value in (10 * n + k, k, flag)]
    return {"bbox": [n, 2, n + 30, 42], "keypoints": points, "segms": {"outer": [[1]]}, "max_iou": 0.5, **fields}


def write(folder, *images, names=NAMES):
    path = folder / "ochuman.json"
    entries = [
        {
            "image_id": f"{number:06d}",
            "file_name": f"{number:06d}.jpg",
            "width": 64,
            "height": 48,
            "annotations": people,
        }
        for number, people in images
    ]
    path.write_text(json.dumps({"keypoint_names": names, "keypoint_visible": {}, "images": entries}))
    return path


def read(path, **options):
    return BODIES["ochuman"].read(path, **options)


def test_the_17_points_of_coco_are_read_by_name(tmp_path):
    """nose is number 16 of the file, left eye 18, right ankle 8."""
    dataset = read(write(tmp_path, (7, [person(1), person(2)]), (9, [person(3)])))
    labels = dataset.labels
    assert dataset.skeleton is COCO
    assert labels.xy[:, COCO.index("nose")].tolist() == [[26, 16], [36, 16], [46, 16]]
    assert labels.xy[0, COCO.index("left_eye")].tolist() == [28, 18]
    assert labels.xy[0, COCO.index("right_ankle")].tolist() == [18, 8]
    assert labels.files.tolist() == ["000007.jpg", "000009.jpg"]
    assert labels.image_ids.tolist() == [7, 9]
    assert labels.image.tolist() == [0, 0, 1]
    assert labels.sizes.tolist() == [[64, 48], [64, 48]]
    assert labels.boxes[0].tolist() == [1, 2, 31, 42]
    assert labels.area.tolist() == [1200.0] * 3
    assert dataset.notes == ()


def test_what_hides_a_point_decides_whether_it_is_visible(tmp_path):
    """0 missing, 1 seen, 2 hidden by the person's own body, which counts as seen, 3 by others; of nose and eyes."""
    flags = [1] * 16 + [0, 2, 3]
    labels = read(write(tmp_path, (1, [person(0, flags)]))).labels
    assert labels.visible[0, :3].tolist() == [0, 1, 2]  # nose, left eye, right eye
    assert np.isnan(labels.xy[0, 0]).all()


def test_people_of_whom_only_the_box_is_known_have_no_points(tmp_path):
    labels = read(write(tmp_path, (1, [person(0, keypoints=None), person(1, segms=None, max_iou=None)]))).labels
    assert not labels.visible[0].any()
    assert labels.boxes[0].tolist() == [0, 2, 30, 42]
    assert labels.extras["outlined"].tolist() == [True, False]
    np.testing.assert_array_equal(labels.extras["max_iou"], [0.5, np.nan])


def test_the_first_images_that_are_scored_are_for_validation_and_the_rest_for_testing(tmp_path, monkeypatch):
    """Sorted by number: 2 (no outline, not scored), 3, 5, 8; with one for validation, 3 is it."""
    monkeypatch.setattr(ochuman_release, "VAL", 1)
    images = (8, [person(0)]), (2, [person(1, segms=None)]), (5, [person(2)]), (3, [person(3), person(4)])
    labels = read(write(tmp_path, *images)).labels
    assert dict(zip(labels.image_ids.tolist(), labels.image_extras["part"].tolist(), strict=True)) == {
        8: "test", 2: "", 5: "test", 3: "val",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (person(1, [1] * 18), "54 numbers for keypoints and 4 for the box, expected 57 and 4"),
        (person(1, bbox=[1, 2, 3]), "57 numbers for keypoints and 3 for the box, expected 57 and 4"),
        (person(1, [4] * 19), "the visibilities of its keypoints are {4.0}, expected 0, 1, 2 or 3"),
    ],
)
def test_a_bad_person_is_named_or_left_out_and_counted(tmp_path, bad, sentence):
    path = write(tmp_path, (1, [person(0), bad]))
    with pytest.raises(DataError, match=re.escape(f"ochuman.json: image 000001, person 2: {sentence}")):
        read(path)
    dataset = read(path, skip=True)
    assert len(dataset.labels) == 1
    assert dataset.notes == ("left out 1 people whose numbers are not as expected",)


@pytest.mark.parametrize("bad", [person(1, bbox=[1, 2, 3, "four"]), person(1, bbox=[1, 2, 3, float("nan")])])
def test_texts_and_nan_for_numbers_are_refused_with_the_image(tmp_path, bad):
    path = write(tmp_path, (1, [person(0)]), (2, [bad]))
    with pytest.raises(DataError, match=r"ochuman\.json: image 1 of its list: Expected `float`, got `str`"):
        read(path)
    assert len(read(path, skip=True).labels) == 1


def test_two_images_with_one_number_are_refused(tmp_path):
    path = write(tmp_path, (1, [person(0)]), (1, [person(1)]))
    with pytest.raises(DataError, match=r"image 000001: two images have this id"):
        read(path)
    assert read(path, skip=True).notes == ("left out 1 images with an id that cannot be used",)


def test_images_without_people_are_counted(tmp_path):
    dataset = read(write(tmp_path, (1, [person(0)]), (2, [])))
    assert dataset.notes == ("left out 1 images without people",)
    with pytest.raises(DataError, match="holds nothing that can be used; expected images with people"):
        read(write(tmp_path, (2, [])))


def test_a_file_without_the_names_of_coco_and_a_file_cut_short_are_refused(tmp_path):
    with pytest.raises(DataError, match="names no keypoint nose; expected the 17 of COCO"):
        read(write(tmp_path, (1, [person(0)]), names=[name.replace("nose", "snout") for name in NAMES]))
    path = write(tmp_path, (1, [person(0)]))
    path.write_text(path.read_text()[:-20])
    with pytest.raises(DataError, match=r"ochuman\.json is not whole JSON .*cut short"):
        read(path)
