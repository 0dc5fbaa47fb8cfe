"""The training set of MPI-INF-3DHP as it is downloaded, with frames taken out of its videos."""

import re

import numpy as np
import pytest
from scipy.io import savemat

from vitruvian.datasets.three_d import THREE_D
from vitruvian.errors import DataError

FRAME = "imageFrames/video_{}/frame_{:06d}.jpg"
CALIBRATION = """Skeletool Camera Calibration File V1.0
name          0
  sensor      10 10
  size        2048 2048
  animated    0
  intrinsic   1500 0 1024 0 0 1501 1025 0 0 0 1 0 0 0 0 1
  extrinsic   1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1
  radial      0
name          1
  size        1000 900
  intrinsic   700 0 500 0 0 701 450 0 0 0 1 0 0 0 0 1
"""


NAMES = (
    "spine3 spine4 spine2 spine root neck head head_top "
    "left_clavicle left_shoulder left_elbow left_wrist left_hand "
    "right_clavicle right_shoulder right_elbow right_wrist right_hand "
    "left_hip left_knee left_ankle left_foot left_toe right_hip right_knee right_ankle right_foot right_toe"
)  # of the 28


def cells(frames, axes, cameras=2):
    """Joint j of frame t of camera c is at (1000 c + 100 t + j, j) pixels, or that and 4000 millimetres."""
    found = np.empty((cameras, 1), object)
    t, j = np.arange(frames)[:, None], np.arange(28)[None]
    for c in range(cameras):
        columns = np.broadcast_arrays(1000.0 * c + 100 * t + j, j, 4000.0)[:axes]
        found[c, 0] = np.stack(columns, axis=-1).reshape(frames, -1)
    return found


def write(folder, place="S1/Seq1", frames=3, **other):
    variables = {"annot2": cells(frames, 2), "annot3": cells(frames, 3), "univ_annot3": cells(frames, 3), **other}
    (folder / place).mkdir(parents=True, exist_ok=True)
    savemat(folder / place / "annot.mat", {name: value for name, value in variables.items() if value is not None})
    (folder / place / "camera.calibration").write_text(CALIBRATION)
    return folder


def show(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def read(path, **options):
    return THREE_D["mpi_inf_3dhp"].read(path, **options)


def test_the_frames_that_are_there_are_read(tmp_path):
    """Of camera 1, frame 3 is t = 2; the head top is joint 7 of 28, the head, our last, joint 6."""
    show(write(tmp_path) / "S1/Seq1", FRAME.format(1, 3), FRAME.format(0, 2))
    dataset = read(tmp_path)
    labels = dataset.labels
    assert dataset.skeleton.name == "mpi_inf_3dhp17"
    assert labels.files.tolist() == [f"S1/Seq1/{FRAME.format(0, 2)}", f"S1/Seq1/{FRAME.format(1, 3)}"]
    assert labels.xy[:, 0].tolist() == [[107, 7], [1207, 7]]
    assert labels.xyz[1, 16].tolist() == [1206, 6, 4000]
    assert labels.image_extras["frame"].tolist() == [2, 3]
    assert labels.image_extras["clip"].tolist() == ["S1_Seq1_Cam0", "S1_Seq1_Cam1"]
    assert labels.image_extras["focal"].tolist() == [[1500, 1501], [700, 701]]
    assert labels.image_extras["principal"].tolist() == [[1024, 1025], [500, 450]]
    assert labels.sizes.tolist() == [[2048, 2048], [1000, 900]]
    assert dataset.path(0).is_file()
    assert dataset.notes == ()


def test_our_seventeen_are_chosen_from_the_28_by_what_they_are(tmp_path):
    show(write(tmp_path) / "S1/Seq1", FRAME.format(0, 1))
    dataset = read(tmp_path)
    chosen = dataset.labels.xy[0, :, 1].astype(int).tolist()
    assert tuple(NAMES.split()[joint] for joint in chosen) == dataset.skeleton.names


def test_people_are_groups_and_videos_tracks(tmp_path):
    for place in ("S1/Seq1", "S1/Seq2", "S2/Seq1"):
        show(write(tmp_path, place) / place, FRAME.format(0, 1), FRAME.format(0, 2))
    labels = read(tmp_path).labels
    assert labels.groups.tolist() == [0, 0, 0, 0, 1, 1]
    assert labels.tracks.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("part", ["S1", "S1/Seq1"])
def test_a_person_or_a_sequence_is_read_alone(tmp_path, part):
    show(write(write(tmp_path), "S2/Seq1") / "S1/Seq1", FRAME.format(0, 1))
    dataset = read(tmp_path / part)
    assert dataset.path(0) == tmp_path / "S1/Seq1" / FRAME.format(0, 1)
    assert dataset.labels.image_extras["clip"].tolist() == ["S1_Seq1_Cam0"]


def test_frames_may_lie_beside_the_videos_or_in_another_folder(tmp_path):
    name = "imageSequence/video_0/img_000002.png"
    show(write(tmp_path / "a") / "a/S1/Seq1/imageSequence", "video_0.avi")
    show(tmp_path / "b/S1/Seq1", name)
    dataset = read(tmp_path / "a", folder=tmp_path / "b")
    assert dataset.labels.files.tolist() == [f"S1/Seq1/{name}"]
    assert dataset.path(0).is_file()


def test_what_has_no_frames_or_no_joints_is_counted(tmp_path):
    show(write(write(tmp_path), "S1/Seq2") / "S1/Seq1", FRAME.format(0, 3), FRAME.format(0, 4), FRAME.format(0, 0))
    dataset = read(tmp_path)
    assert len(dataset) == 1
    assert dataset.notes == ("left out 1 sequences of which no frame is there", "left out 1 frames without joints")


def test_frames_that_are_all_after_the_last_pose_are_refused(tmp_path):
    show(write(tmp_path) / "S1/Seq1", FRAME.format(0, 4))
    with pytest.raises(DataError, match=r"none of its 1 frames, from .*4\.jpg, has joints"):
        read(tmp_path)


def test_cameras_are_unknown_without_a_calibration(tmp_path):
    show(write(tmp_path) / "S1/Seq1", FRAME.format(0, 1))
    (tmp_path / "S1/Seq1/camera.calibration").unlink()
    assert read(tmp_path).labels.image_extras.keys() == {"frame", "clip"}


def test_without_frames_the_folder_is_refused_with_the_way_to_them(tmp_path):
    show(write(tmp_path) / "S1/Seq1", "imageSequence/video_0.avi")
    with pytest.raises(DataError, match=r"has no frame of the videos .*; take them out with ffmpeg -i imageSequence"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"annot3": None}, "annot3 has no cell for video_0, expected one for each of 14 cameras"),
        ({"annot2": cells(3, 2, 0)}, "annot2 has no cell for video_0"),
        ({"annot2": np.zeros((3, 56))}, "annot2 has no cell for video_0"),
        ({"annot2": cells(3, 3)}, "annot2 of video_0 is (3, 84), expected finite numbers (frames, 56)"),
        ({"annot3": cells(3, 3) * np.nan}, "annot3 of video_0 is (3, 84), expected finite numbers (frames, 84)"),
        ({"annot3": cells(3, 3) * 1e300}, "a number is beyond 1e+12"),
    ],
)
def test_a_bad_sequence_is_named_or_left_out_and_counted(tmp_path, other, sentence):
    for place in ("S1/Seq1", "S1/Seq2"):
        show(write(tmp_path, place) / place, FRAME.format(0, 1))
    write(tmp_path, **other)
    with pytest.raises(DataError, match=r"S1/Seq1/annot\.mat: .*" + re.escape(sentence)):
        read(tmp_path)
    dataset = read(tmp_path, skip=True)
    assert dataset.labels.files.tolist() == [f"S1/Seq2/{FRAME.format(0, 1)}"]
    assert dataset.notes == ("left out 1 sequences that are not as expected",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (CALIBRATION.replace("1500", "wide"), "could not convert string to float: 'wide'"),
        (CALIBRATION.replace("1500", "nan"), "intrinsic numbers within 1e+12"),
        (CALIBRATION.replace("1500 ", ""), "cannot reshape array of size 15"),
        (CALIBRATION.replace("2048 2048", "2048 0"), "size is 2048 x 0, expected pixels"),
        (CALIBRATION.replace("size  ", "weight"), "has a camera that cannot be used ('size')"),
        (CALIBRATION.replace("name          0", "name"), "list index out of range"),
    ],
)
def test_a_calibration_of_another_form_is_refused(tmp_path, text, sentence):
    show(write(tmp_path) / "S1/Seq1", FRAME.format(0, 1))
    (tmp_path / "S1/Seq1/camera.calibration").write_text(text)
    with pytest.raises(DataError, match=r"camera\.calibration .*" + re.escape(sentence)):
        read(tmp_path)
