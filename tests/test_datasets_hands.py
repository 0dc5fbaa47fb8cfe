"""Data sets of hands: projections, groups, what 3D they bring, and the real samples."""

import json
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.datasets import cache
from vitruvian.datasets.hands import HANDS
from vitruvian.datasets.hands.projection import project
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE

from . import published_sets

SAMPLES = "realdata/mmpose_samples"


def change(path, edit):
    """Edits the JSON of a file."""
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


# ---- projection


def test_a_point_two_metres_ahead_and_one_to_the_right():
    """500 pixels of focal length: 500 · 1 / 2 = 250 right of the axis at (320, 240); 400 · 0.5 / 2 = 100 below it."""
    xy = project(np.array([1.0, 0.5, 2.0]), np.array([500.0, 400.0]), np.array([320.0, 240.0]))
    assert xy.tolist() == [570, 340]


@pytest.mark.parametrize("depth", [0.0, -1.0, np.nan])
def test_what_is_not_in_front_of_the_camera_has_no_pixel(depth):
    assert np.isnan(project(np.array([1.0, 1.0, depth]), np.ones(2), np.ones(2))).all()


@given(st.floats(0.1, 10), st.tuples(*[st.floats(-5, 5)] * 2), st.floats(1, 1000))
@settings(max_examples=20)
def test_all_points_of_a_ray_have_one_pixel(factor, direction, focal):
    xyz = np.array([*direction, 1.0])
    once, again = (project(xyz * size, np.full(2, focal), np.zeros(2)) for size in (1.0, factor))
    np.testing.assert_allclose(once, again, atol=1e-9 * focal)


# ---- FreiHAND


def test_freihand_is_in_millimetres_before_the_camera(tmp_path):
    """Record 1, joint 2 is at pixel (12, 22), one metre away, with 100 pixels of focal length: at (120, 220, 1000)."""
    labels = HANDS["freihand"].read(published_sets.freihand(tmp_path)).labels
    assert labels.xyz[1, 2].tolist() == pytest.approx([120, 220, 1000])
    assert labels.sizes.tolist() == [[224, 224]] * 3
    assert labels.image_extras["focal"].tolist() == [[100, 100]] * 3
    assert labels.image_extras["principal"].tolist() == [[0, 0]] * 3


def test_the_four_images_of_a_sample_of_freihand_are_a_group(tmp_path):
    path = published_sets.freihand(tmp_path)
    path.rename(tmp_path / "training_xyz.json")
    (tmp_path / "evaluation_K.json").rename(tmp_path / "training_K.json")
    dataset = HANDS["freihand"].read(tmp_path)
    assert (len(dataset), len(dataset.labels)) == (12, 12)
    assert dataset.labels.groups.tolist() == [0, 1, 2] * 4
    assert dataset.labels.image_ids.tolist()[3:6] == [32560, 32561, 32562]
    assert dataset.labels.files[[0, 5]].tolist() == ["training/rgb/00000000.jpg", "training/rgb/00032562.jpg"]
    np.testing.assert_array_equal(dataset.labels.xy[:3], dataset.labels.xy[9:])


def test_a_sample_of_freihand_that_is_left_out_leaves_the_numbers_of_the_others(tmp_path):
    path = published_sets.freihand(tmp_path)
    change(path, lambda samples: samples[1].pop())
    with pytest.raises(DataError, match=r"evaluation_xyz\.json: sample 1: joints: 20 rows, expected 21 of 3 numbers"):
        HANDS["freihand"].read(path)
    dataset = HANDS["freihand"].read(path, skip=True)
    assert dataset.labels.files.tolist() == ["evaluation/rgb/00000000.jpg", "evaluation/rgb/00000002.jpg"]
    assert dataset.notes == ("left out 1 samples that cannot be used",)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda samples: samples.pop(), "has 2 samples, evaluation_K.json 3; expected as many in both"),
        (lambda samples: samples[2][0].append(1), "sample 2: joints: 21 rows, expected 21 of 3 numbers"),
        (lambda samples: samples[0][3].__setitem__(0, "1.5"), "sample 0: joints: Expected `float`, got `str`"),
        (lambda samples: samples[0][3].__setitem__(0, float("nan")), "is no list in JSON"),
        (lambda samples: samples.__setitem__(1, 7), "sample 1: joints: Expected `array`, got `int`"),
    ],
)
def test_a_bad_file_of_freihand_is_refused(tmp_path, edit, sentence):
    path = published_sets.freihand(tmp_path)
    change(path, edit)
    with pytest.raises(DataError, match=re.escape(sentence)):
        HANDS["freihand"].read(path)


def test_another_list_of_freihand_is_refused(tmp_path):
    path = published_sets.freihand(tmp_path).rename(tmp_path / "test_xyz.json")
    with pytest.raises(DataError, match=r"expected training_xyz\.json or evaluation_xyz\.json"):
        HANDS["freihand"].read(path)


def far(place, value):
    return lambda samples: samples[1][place].__setitem__(0, value)


@pytest.mark.parametrize(("file", "place"), [("evaluation_xyz.json", 5), ("evaluation_K.json", 2)])
def test_a_sample_of_freihand_with_a_number_that_is_no_place_is_named(tmp_path, file, place):
    path = published_sets.freihand(tmp_path)
    change(tmp_path / file, far(place, 1e300))
    with pytest.raises(DataError, match=r"sample 1: a number is beyond 1e\+12"):
        HANDS["freihand"].read(path)
    assert len(HANDS["freihand"].read(path, skip=True)) == 2


def test_a_joint_in_the_plane_of_the_camera_is_not_in_the_image(tmp_path):
    path = published_sets.freihand(tmp_path)
    change(path, lambda samples: samples[1][4].__setitem__(2, 1e-300))
    labels = HANDS["freihand"].read(path).labels
    assert np.argwhere(labels.visible == UNLABELLED).tolist() == [[1, 4]]


# ---- kept copies of what several files say


@pytest.mark.parametrize(
    ("name", "beside"), [("freihand", "evaluation_K.json"), ("interhand", "InterHand2.6M_test_camera.json")]
)
def test_hands_in_several_files_are_kept_until_one_of_them_changes(tmp_path, monkeypatch, name, beside):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "FROM", 1)
    path = getattr(published_sets, name)(tmp_path)
    first, second = (HANDS[name].read(path).labels for _ in range(2))
    np.testing.assert_array_equal(first.xyz, second.xyz)
    assert len(list((tmp_path / "home/datasets").iterdir())) == 1
    text = (tmp_path / beside).read_text()
    (tmp_path / beside).write_text(text.replace("100.0", "200.0"))
    assert HANDS[name].read(path).labels.image_extras["focal"].tolist() == [[200, 200]] * 3
    assert len(list((tmp_path / "home/datasets").iterdir())) == 2


# ---- InterHand2.6M


def test_interhand_is_turned_into_the_frame_of_the_camera(tmp_path):
    """Record 0, joint 3 is at pixel (3, 23), one metre away: (30, 230, 1000) mm at 100 pixels of focal length."""
    labels = HANDS["interhand"].read(published_sets.interhand(tmp_path)).labels
    assert labels.xyz[0, 3].tolist() == pytest.approx([30, 230, 1000])
    assert labels.boxes.tolist() == [[1, 2, 31, 42]] * 3
    assert labels.groups.tolist() == [0, 0, 0]
    assert labels.extras["hand_type"].tolist() == ["interacting"] * 3
    assert labels.extras["hand_type_valid"].tolist() == [True] * 3
    assert {name: column.tolist() for name, column in labels.image_extras.items()} == {
        "capture": [4] * 3, "frame": [100, 101, 102], "camera": ["400"] * 3,
        "focal": [[100, 100]] * 3, "principal": [[0, 0]] * 3,
    }  # fmt: skip


def test_a_joint_of_interhand_is_unlabelled_where_either_file_says_so(tmp_path):
    path = published_sets.interhand(tmp_path)
    change(path, lambda content: content["annotations"][0]["joint_valid"].__setitem__(5, [0]))
    world = path.with_name("InterHand2.6M_test_joint_3d.json")
    change(world, lambda content: content["4"]["100"]["joint_valid"].__setitem__(6, [False]))
    labels = HANDS["interhand"].read(path).labels
    assert np.flatnonzero(labels.visible[0] == UNLABELLED).tolist() == [5, 6]
    assert np.isnan(labels.xy[0, 5:7]).all()
    assert np.isnan(labels.xyz[0, 5:7]).all()
    assert (labels.visible[1:] == VISIBLE).all()


def test_flags_of_interhand_may_be_plain(tmp_path):
    path = published_sets.interhand(tmp_path)
    change(path, lambda content: content["annotations"][0].__setitem__("joint_valid", [1] * 41 + [0]))
    assert HANDS["interhand"].read(path).labels.visible[0].tolist() == [VISIBLE] * 41 + [UNLABELLED]


@pytest.mark.parametrize(
    ("edit", "sentence", "note"),
    [
        (
            lambda content: content["images"][1].update(camera="401"),
            "annotation 1: capture 4 has no camera 401",
            "left out 1 annotations whose camera is not there",
        ),
        (
            lambda content: content["images"][1].update(frame_idx=7),
            "annotation 1: capture 4 has no frame 7 with joints",
            "left out 1 annotations whose frame is not there",
        ),
        (
            lambda content: content["annotations"][1].update(joint_valid=[1]),
            "annotation 1: 1 joint_valid, expected 42",
            "left out 1 annotations whose joints are not as expected",
        ),
        (
            lambda content: content["annotations"][1].update(joint_valid=["yes"] * 42),
            "annotation 1: Expected `bool | int | array`, got `str`",
            "left out 1 annotations whose joints are not as expected",
        ),
    ],
)
def test_a_bad_annotation_of_interhand_is_named_or_left_out_and_counted(tmp_path, edit, sentence, note):
    path = published_sets.interhand(tmp_path)
    change(path, edit)
    with pytest.raises(DataError, match=re.escape(sentence)):
        HANDS["interhand"].read(path)
    dataset = HANDS["interhand"].read(path, skip=True)
    assert (len(dataset.labels), dataset.notes) == (2, (note,))


def test_a_frame_of_interhand_with_more_digits_than_a_number_has_is_refused(tmp_path):
    path = published_sets.interhand(tmp_path)
    change(path, lambda content: content["images"][1].update(frame_idx=2**70))
    with pytest.raises(DataError, match=r"image 1 \(entry 1 of its list\): Expected `int` <= .* at `\$.frame_idx`"):
        HANDS["interhand"].read(path)


def test_files_of_interhand_that_are_missing_or_of_another_shape_are_refused(tmp_path):
    path = published_sets.interhand(tmp_path)
    world = path.with_name("InterHand2.6M_test_joint_3d.json")
    change(world, lambda content: content["4"]["101"]["world_coord"].pop())
    with pytest.raises(DataError, match="frame 101 of capture 4 has 41 joints and 42 joint_valid, expected 42"):
        HANDS["interhand"].read(path)
    world.unlink()
    with pytest.raises(DataError, match=r"joint_3d\.json cannot be read"):
        HANDS["interhand"].read(path)
    with pytest.raises(DataError, match=r"expected a file whose name ends with _data\.json"):
        HANDS["interhand"].read(path.with_name("InterHand2.6M_test_camera.json"))


@pytest.mark.parametrize(
    ("ends", "harm", "sentence"),
    [
        (
            "_joint_3d.json",
            lambda content: content["4"]["101"]["world_coord"][3].__setitem__(0, 1e300),
            "frame 101 of capture 4 has a number beyond 1e+12",
        ),
        (
            "_camera.json",
            lambda content: content["4"]["focal"].update({"400": [1e300, 1]}),
            "camera 400 of capture 4 has a number beyond 1e+12",
        ),
    ],
)
def test_numbers_of_interhand_that_are_no_places_are_refused(tmp_path, ends, harm, sentence):
    path = published_sets.interhand(tmp_path)
    change(path.with_name(f"InterHand2.6M_test{ends}"), harm)
    with pytest.raises(DataError, match=re.escape(sentence)):
        HANDS["interhand"].read(path)


def test_a_hand_of_panoptic_with_a_number_that_is_no_place_is_named_or_left_out(tmp_path):
    path = published_sets.panoptic(tmp_path)
    change(path / "001_l.json", lambda content: content["hand_pts"][2].__setitem__(0, 1e300))
    with pytest.raises(DataError, match=r"001_l\.json: a number is beyond 1e\+12"):
        HANDS["panoptic_hand"].read(path)
    assert len(HANDS["panoptic_hand"].read(path, skip=True)) == 2


# ---- RHD


def test_rhd_has_its_hands_that_show_and_hides_their_joints_that_do_not(tmp_path):
    """The wrist of the left hands is hidden; no joint of the right hands shows."""
    dataset = HANDS["rhd"].read(published_sets.rhd(tmp_path))
    labels = dataset.labels
    assert labels.extras["hand_type"].tolist() == ["left"] * 3
    assert labels.visible[0].tolist() == [HIDDEN] + [VISIBLE] * 20
    assert dataset.notes == ("left out 3 hands of which no joint is to be seen",)
    assert labels.xyz[1, 2].tolist() == pytest.approx([120, 220, 1000], rel=1e-6)
    assert labels.image_extras["focal"].tolist() == [[100, 100]] * 3


def test_two_hands_of_rhd_are_in_one_image(tmp_path):
    path = published_sets.rhd(tmp_path)
    records = pickle.loads(path.read_bytes())
    records[1]["uv_vis"][:, 2] = 1
    path.write_bytes(pickle.dumps(records))
    labels = HANDS["rhd"].read(path).labels
    assert labels.image.tolist() == [0, 1, 1, 2]
    assert labels.extras["hand_type"].tolist() == ["left", "left", "right", "left"]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda records: records[1].pop("K"), "image 1: K is an array (), expected (3, 3) of finite numbers"),
        (
            lambda records: records[1].update(xyz=np.zeros((21, 3))),
            "image 1: xyz is an array (21, 3), expected (42, 3) of finite numbers",
        ),
        (lambda records: records[1].update(K=["text"]), "image 1: K is an array (1,), expected (3, 3)"),
        (
            lambda records: records.update({10**30: records.pop(1)}),
            "expected the number of an image, and uv_vis, xyz, K",
        ),
        (
            lambda records: records[1]["uv_vis"].__setitem__((0, 0), np.nan),
            "image 1: uv_vis is an array (42, 3), expected (42, 3) of finite numbers",
        ),
        (
            lambda records: records.update(one=records.pop(1)),
            "image one: expected the number of an image, and uv_vis, xyz, K",
        ),
    ],
)
def test_a_bad_record_of_rhd_is_named_or_left_out_and_counted(tmp_path, edit, sentence):
    path = published_sets.rhd(tmp_path)
    records = pickle.loads(path.read_bytes())
    edit(records)
    path.write_bytes(pickle.dumps(records))
    with pytest.raises(DataError, match=re.escape(sentence)):
        HANDS["rhd"].read(path)
    dataset = HANDS["rhd"].read(path, skip=True)
    assert len(dataset) == 2
    assert dataset.notes[0] == "left out 1 images that cannot be used"


def test_joints_of_rhd_in_another_number_are_refused(tmp_path):
    path = published_sets.converted(21, nested=True, joint_cam=[[1, 2, 3]] * 20)(tmp_path)
    with pytest.raises(DataError, match=r"test\.json: annotation 7: 20 joints in 3D, expected 21"):
        HANDS["rhd"].read(path)


# ---- OneHand10K


def test_joints_of_onehand10k_below_zero_or_at_the_corner_are_unlabelled(tmp_path):
    """Record 0: the wrist was at (0, 20), joint 1 at (1, 21)."""
    path = published_sets.onehand10k(tmp_path)
    path.write_text(path.read_text().replace(",1,0,20,1,21,", ",1,0,0,-1,-1,"))
    labels = HANDS["onehand10k"].read(path).labels
    assert labels.visible[0].tolist() == [UNLABELLED] * 2 + [VISIBLE] * 19
    assert labels.sizes.tolist() == [[240, 160]] * 3


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (",240,160,1,10", "it has 45 words, expected 46: image, width, height, hands, 42 coordinates"),
        (",240,160,1,ten,20", "could not convert string to float: 'ten'"),
        (",240,160,1,nan,20", "a coordinate is not within 1e+12, expected pixels"),
        (",240,99999999999,1,10,20", "width and height are 240 and 99999999999, expected numbers over 0"),
        (",wide,160,1,10,20", "invalid literal for int() with base 10: 'wide'"),
    ],
)
def test_a_bad_line_of_onehand10k_is_named_or_left_out_and_counted(tmp_path, cells, sentence):
    path = published_sets.onehand10k(tmp_path)
    path.write_text(path.read_text().replace("1.jpg,240,160,1,10,20", f"1.jpg{cells}"))
    with pytest.raises(DataError, match=re.escape(f"{path}: line 2: {sentence}")):
        HANDS["onehand10k"].read(path)
    dataset = HANDS["onehand10k"].read(path, skip=True)
    assert (len(dataset), dataset.notes) == (2, ("left out 1 lines that are no hand",))


# ---- Panoptic


def test_a_folder_of_panoptic_tells_sides_and_what_is_labelled(tmp_path):
    folder = published_sets.panoptic(tmp_path)
    change(folder / "001_l.json", lambda hand: hand["hand_pts"][4].__setitem__(2, 0))
    change(folder / "002_l.json", lambda hand: hand.update(is_left=0.0, head_size=80))
    labels = HANDS["panoptic_hand"].read(folder).labels
    assert labels.extras["hand_type"].tolist() == ["left", "left", "right"]
    np.testing.assert_array_equal(labels.extras["head_size"], [np.nan, np.nan, 80])
    assert np.argwhere(labels.visible == UNLABELLED).tolist() == [[1, 4]]


def test_a_bad_file_of_panoptic_is_named_or_left_out_and_counted(tmp_path):
    folder = published_sets.panoptic(tmp_path)
    change(folder / "001_l.json", lambda hand: hand["hand_pts"].pop())
    with pytest.raises(DataError, match=r"001_l\.json: it has 20 joints, expected 21"):
        HANDS["panoptic_hand"].read(folder)
    dataset = HANDS["panoptic_hand"].read(folder, skip=True)
    assert (len(dataset), dataset.notes) == (2, ("left out 1 json files that are no hand",))
    with pytest.raises(DataError, match=r"has no \.json files"):
        HANDS["panoptic_hand"].read(tmp_path.parent)


def test_the_hands_of_a_person_of_panoptic_are_a_group(tmp_path):
    path = published_sets.converted(21)(tmp_path)
    path.write_text(path.read_text().replace("0.png", "a_l.png").replace("2.png", "a_r.png"))
    labels = HANDS["panoptic_hand"].read(path).labels
    assert labels.groups.tolist() == [0, 1, 0]
    assert np.isnan(labels.extras["head_size"]).all()


# ---- the real samples


@pytest.mark.parametrize(
    ("name", "file", "images", "first", "box"),
    [
        ("freihand", "freihand/test_freihand.json", 4, (75.09007144965095, 114.79035385093314), (62, 82, 166, 145)),
        ("onehand10k", "onehand10k/test_onehand10k.json", 2, (86, 221), (61, 154, 95, 222)),
        ("panoptic_hand", "panoptic/test_panoptic.json", 4, (721, 224), (720.3247, 188.0991, 775.7701, 225.0)),
        ("rhd", "rhd/test_rhd.json", 2, (245.8000030517578, 73.9800033569336), (162.57, 63.858, 256.53, 185.322)),
    ],
)
def test_the_real_samples_read_as_their_files_say(shared, name, file, images, first, box):
    dataset = HANDS[name].read(shared / SAMPLES / file)
    labels = dataset.labels
    assert (len(dataset), len(labels), dataset.notes) == (images, images, ())
    assert labels.xy[0, 0].tolist() == pytest.approx(first)
    assert labels.boxes[0].tolist() == pytest.approx(box, abs=1e-3)
    for row, sample in enumerate(dataset):
        assert sample.load().shape[1::-1] == tuple(labels.sizes[row])


def test_real_versions_of_a_sample_of_freihand_are_a_group(shared):
    """Images 17,620 and 50,180 are the same sample, 32,560 apart."""
    labels = HANDS["freihand"].read(shared / SAMPLES / "freihand/test_freihand.json").labels
    assert dict(zip(labels.image_ids.tolist(), labels.groups.tolist(), strict=True)) == {
        355: 355, 17620: 17620, 32915: 355, 50180: 17620,
    }  # fmt: skip


def test_a_real_hand_of_onehand10k_has_five_labelled_joints(shared):
    """The first annotation: wrist, then 6, 7, 8 and 9 of the fingers, 13 and 17."""
    labels = HANDS["onehand10k"].read(shared / SAMPLES / "onehand10k/test_onehand10k.json").labels
    assert np.flatnonzero(labels.visible[0]).tolist() == [0, 6, 7, 8, 9, 13, 17]


def test_the_projection_of_real_joints_of_rhd_is_where_they_are_labelled(shared):
    labels = HANDS["rhd"].read(shared / SAMPLES / "rhd/test_rhd.json").labels
    focal, principal = (labels.image_extras[name][labels.image][:, None] for name in ("focal", "principal"))
    np.testing.assert_allclose(project(labels.xyz, focal, principal), labels.xy, atol=0.1)


def test_the_real_hands_of_interhand_are_projected_into_their_boxes(shared):
    """Two pairs of hands, a left one, joints 21 to 41, and a right one, joints 0 to 20."""
    dataset = HANDS["interhand"].read(shared / SAMPLES / "interhand2.6m/test_interhand2.6m_data.json")
    labels = dataset.labels
    assert labels.extras["hand_type"].tolist() == ["interacting", "interacting", "left", "right"]
    assert labels.visible.astype(bool).sum(1).tolist() == [42, 42, 21, 21]
    assert labels.visible[2, 20:22].tolist() == [UNLABELLED, VISIBLE]
    assert (np.nanmin(labels.xy, axis=1) > labels.boxes[:, :2]).all()
    assert (np.nanmax(labels.xy, axis=1) < labels.boxes[:, 2:]).all()
    assert dataset[0].load().shape == (512, 334, 3)
