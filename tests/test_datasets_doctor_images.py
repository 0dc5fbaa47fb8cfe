"""Images that are missing, damaged, of another size, or there more than once."""

import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest

from vitruvian.datasets import apply_fixes, examine
from vitruvian.media import read_image, write_image

from .doctor_sets import masked, masks, painted


@pytest.fixture
def sound(tmp_path):
    """Twelve pictures, all different; points inside them."""
    xy = masks(12) / 10
    return painted(masked(xy, tmp_path, files=np.array([f"{row:02}.png" for row in range(12)])))


def told(dataset, *others):
    return [(one.kind, one.image) for one in examine(dataset, others=others).findings]


def test_sound_images_have_no_findings(sound):
    assert told(sound) == []


def test_a_missing_image_is_found_and_dropped(sound):
    sound.path(3).unlink()
    report = examine(sound)
    assert [(one.kind, one.image) for one in report.findings] == [("missing_image", "03.png")]
    assert told(apply_fixes(sound, report.fixes())) == []


def test_where_not_one_image_is_there_the_folder_is_doubted_and_nothing_is_dropped(sound, tmp_path):
    astray = replace(sound, folder=tmp_path / "elsewhere")
    report = examine(astray, others=[astray])
    assert [one.kind for one in report.findings] == ["missing_image"] * 12
    assert report.fixes() == ()
    assert report.notes[:2] == (f"not one image of masks is in {tmp_path / 'elsewhere'}; name their folder",) * 2


def test_a_file_that_is_cut_short_and_one_that_is_no_image(sound):
    data = sound.path(3).read_bytes()
    sound.path(3).write_bytes(data[: len(data) // 2])
    sound.path(4).write_text("no picture")
    found = examine(sound).findings
    assert [(one.kind, one.image) for one in found] == [("damaged_image", "03.png"), ("damaged_image", "04.png")]
    assert "cut short" in found[0].message
    assert "not an image" in found[1].message


def test_a_name_that_leads_out_of_the_folder_is_not_followed(sound):
    sound.labels.files[3] = "../x."
    found = examine(sound).findings
    assert [(one.kind, one.image) for one in found] == [("damaged_image", "../x.")]
    assert "leads out of the folder" in found[0].message


def test_another_size_than_the_annotations_say(sound):
    sound.labels.sizes[5] = (48, 64)
    (found,) = examine(sound).findings
    assert (found.kind, found.image) == ("wrong_size", "05.png")
    assert "64 x 48 pixels, the annotations say 48 x 64 (turned by a quarter" in found.message


def smaller(image):
    return cv2.resize(image, (32, 24), interpolation=cv2.INTER_AREA)


def brighter(image):
    return cv2.convertScaleAbs(image, alpha=0.8, beta=40)


def mirrored(image):
    return np.ascontiguousarray(image[:, ::-1])


def compressed(image):
    data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 40))[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


@pytest.mark.parametrize("changed", [smaller, brighter, mirrored, compressed])
def test_a_changed_copy_is_the_same_image(sound, changed):
    write_image(sound.path(8), changed(read_image(sound.path(2))))
    sound.labels.sizes[8] = read_image(sound.path(8)).shape[1::-1]
    found = [one for one in examine(sound).findings if one.kind == "same_image"]
    assert [one.image for one in found] == ["08.png"]
    assert "02.png" in found[0].message
    assert ("mirrored" in found[0].message) == (changed is mirrored)


def test_a_copy_with_the_same_labels_is_dropped_and_one_with_others_is_not(sound):
    shutil.copy(sound.path(2), sound.path(8))
    shutil.copy(sound.path(2), sound.path(9))
    sound.labels.xy[8] = sound.labels.xy[2]
    sound.labels.xy[9] = sound.labels.xy[2] + [9, 0]
    found = examine(sound).findings
    assert [(one.image, one.likelihood, one.fix is None) for one in found] == [
        ("08.png", 1.0, False),
        ("09.png", 1.0, True),
    ]


def test_a_copy_in_another_split_is_found(sound, tmp_path):
    other = replace(sound, name="validation", folder=tmp_path / "other")
    shutil.copytree(sound.folder, other.folder)
    for row in range(12):
        if row != 4:
            write_image(other.path(row), np.ascontiguousarray(read_image(other.path(row))[::-1]))
    (found,) = examine(sound, others=[other]).findings
    assert (found.kind, found.image) == ("same_image", "04.png")
    assert "04.png of validation" in found.message


def test_plain_pictures_are_not_compared(sound):
    for row in range(12):
        write_image(sound.path(row), np.full((48, 64, 3), 200, np.uint8))
        write_image(sound.path(row), np.full((48, 64, 3), 200 + row, np.uint8))
    assert told(sound) == []
