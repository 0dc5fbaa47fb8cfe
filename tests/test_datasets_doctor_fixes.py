"""Files of fixes, and labels that are mended by them."""

import numpy as np
import pytest

from vitruvian.datasets import Fix, apply_fixes, read_fixes
from vitruvian.datasets.doctor import format_fixes
from vitruvian.errors import DataError, SkeletonError

from .doctor_sets import MASK, masked, masks, painted

XY = masks(4)


def fixed(*fixes):
    return apply_fixes(masked(XY), fixes).labels


def test_a_swap_exchanges_points_and_flags():
    dataset = masked(XY)
    dataset.labels.visible[1, 0] = 1
    labels = apply_fixes(dataset, [Fix("swap", "1.jpg", 1001, ("left_eye", "right_eye"))]).labels
    assert (labels.xy[1, [1, 0]] == XY[1, [0, 1]]).all()
    assert labels.visible[1, [0, 1]].tolist() == [2, 1]
    assert (labels.xy[1, 2:] == XY[1, 2:]).all()


def test_a_swap_of_several_pairs_is_the_mirrored_person():
    names = tuple(name for k, name in enumerate(MASK.names) if MASK.mirror[k] != k)
    assert (fixed(Fix("swap", "2.jpg", 1002, names)).xy[2] == XY[2, list(MASK.mirror)]).all()


def test_an_unlabelled_point_is_unknown():
    labels = fixed(Fix("unlabel", "0.jpg", 1000, ("nose",)))
    assert np.isnan(labels.xy[0, 8]).all()
    assert labels.visible[0, 8] == 0


def test_a_dropped_instance_leaves_its_image():
    labels = fixed(Fix("drop_instance", "1.jpg", 1001))
    assert (labels.images, labels.ids.tolist()) == (4, [1000, 1002, 1003])


def test_a_dropped_image_takes_its_instances_along():
    labels = fixed(Fix("drop_image", "1.jpg"))
    assert (labels.files.tolist(), labels.ids.tolist()) == (["0.jpg", "2.jpg", "3.jpg"], [1000, 1002, 1003])


def test_a_box_is_cut_at_the_edge_of_the_image():
    dataset = masked(XY, boxes=np.tile(np.array([[-20.0, 10, 700, 300]]), (4, 1)))
    labels = apply_fixes(dataset, [Fix("clip_box", "0.jpg", 1000)]).labels
    assert labels.boxes[0].tolist() == [-0.5, 10, 639.5, 300]


def test_a_box_is_cut_at_the_edge_of_the_image_itself_where_the_annotations_do_not_say_it(tmp_path):
    boxes, files = np.array([[-20.0, 10, 700, 40]]), np.array(["0.png"])
    dataset = painted(masked(XY[:1], tmp_path, boxes=boxes, files=files))
    dataset.labels.sizes[:] = 0
    fix = Fix("clip_box", "0.png", 1000)
    assert apply_fixes(dataset, [fix]).labels.boxes[0].tolist() == [-0.5, 10, 63.5, 40]
    dataset.path(0).unlink()
    with pytest.raises(DataError, match="at the edge of an image of unknown size"):
        apply_fixes(dataset, [fix])


def test_the_labels_that_were_given_are_not_changed():
    dataset = masked(XY)
    apply_fixes(dataset, [Fix("unlabel", "0.jpg", 1000, ("nose",))])
    assert np.isfinite(dataset.labels.xy).all()


def test_the_notes_count_what_was_done():
    fixes = [Fix("drop_image", "1.jpg"), Fix("drop_image", "2.jpg"), Fix("unlabel", "0.jpg", 1000, ("nose",))]
    assert apply_fixes(masked(XY), fixes).notes == ("3 fixes applied: 2 drop_image, 1 unlabel",)


def test_a_written_file_is_read_again(tmp_path):
    fixes = (
        Fix("swap", 'a "quoted" Ü.jpg', 7, ("left_eye", "right_eye"), "why"),
        Fix("drop_image", "b.jpg"),
    )
    path = tmp_path / "fixes.json"
    path.write_text(format_fixes("masks", fixes), encoding="utf-8")
    assert read_fixes(path) == fixes


def test_a_file_without_fixes_is_read_again(tmp_path):
    path = tmp_path / "fixes.json"
    path.write_text(format_fixes("masks", ()), encoding="utf-8")
    assert read_fixes(path) == ()


HEAD = '{"vitruvian_fixes": 1, "data": "masks", "fixes": ['


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no file of fixes"),
        (HEAD, "is no file of fixes .*truncated"),
        ("[]", "is no file of fixes .*Expected `object`, got `array`"),
        ('{"vitruvian_fixes": 2, "data": "", "fixes": []}', "has version 2 of the format, 1 is known"),
        (HEAD + '{"do": "delete", "image": "a.jpg"}]}', "Invalid enum value 'delete'"),
        (HEAD + '{"do": "swap", "image": "a.jpg", "instance": "x"}]}', r"got `str` - at `\$.fixes\[0\].instance`"),
        (HEAD + '{"do": "swap", "image": "a.jpg", "keypoint": []}]}', "unknown field `keypoint`"),
        (HEAD + '{"do": "swap"}]}', "missing required field `image`"),
    ],
)
def test_a_bad_file_is_named_with_the_place_in_it(tmp_path, text, said):
    path = tmp_path / "fixes.json"
    path.write_text(text)
    with pytest.raises(DataError, match=said) as error:
        read_fixes(path)
    assert str(error.value).startswith(str(path))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read .*; give the fixes.json that the doctor wrote"):
        read_fixes(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (Fix("drop_image", "9.jpg"), 'masks: a fix is for the image "9.jpg", which is not there'),
        (Fix("drop_instance", "1.jpg", 9), 'a fix is for instance 9 of the image "1.jpg", which is not there'),
        (Fix("drop_instance", "1.jpg", 1002), 'a fix is for instance 1002 of the image "1.jpg"'),
        (Fix("drop_instance", "1.jpg"), "a fix is for instance None"),
        (Fix("swap", "1.jpg", 1001, ("nose",)), "a fix swaps nose of instance 1001"),
        (Fix("swap", "1.jpg", 1001), "a fix swaps nothing of instance 1001"),
        (Fix("swap", "1.jpg", 1001, ("nose", "nose")), "expected different keypoints, two by two"),
        (Fix("unlabel", "1.jpg", 1001), "a fix unlabels nothing of instance 1001"),
    ],
)
def test_a_fix_of_what_is_not_there(fix, said):
    with pytest.raises(DataError, match=said):
        fixed(fix)


def test_a_fix_of_an_unknown_keypoint():
    with pytest.raises(SkeletonError, match='skeleton "mask" has no keypoint "tail"'):
        fixed(Fix("unlabel", "1.jpg", 1001, ("tail",)))
