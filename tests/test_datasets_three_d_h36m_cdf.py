"""Human3.6M as it is downloaded, with frames taken out of its videos."""

import re

import numpy as np
import pytest

from vitruvian.datasets.three_d import THREE_D
from vitruvian.errors import DataError

cdf = pytest.importorskip("cdflib", reason="CDF files are written with cdflib")

CLIP = "Directions 1.54138969"
FRAME = "S1_Directions_1.54138969_00000{}.jpg"


def write_cdf(file, values):
    """One record of a variable Pose."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    spec = {
        "Variable": "Pose", "Data_Type": 44, "Num_Elements": 1, "Rec_Vary": True, "Var_Type": "zVariable",
        "Dim_Sizes": list(values.shape),
    }  # fmt: skip
    whole = cdf.cdfwrite.CDF(file, cdf_spec={"Majority": "row_major"})
    whole.write_var(spec, var_data=values[None].astype(np.float32))
    whole.close()


def poses(frames, axes):
    """(T, 32 * axes): joint j of frame t is at (100 t + j, j) pixels, or (100 t + j, j, 4000) millimetres."""
    t, j = np.arange(frames)[:, None], np.arange(32)[None]
    columns = np.broadcast_arrays(100.0 * t + j, j, 4000.0)[:axes]
    return np.stack(columns, axis=-1).reshape(frames, -1)


def write(folder, person="S1", clip=CLIP, frames=3, kinds="MyPoses/{}"):
    write_cdf(folder / person / kinds.format("D2_Positions") / f"{clip}.cdf", poses(frames, 2))
    write_cdf(folder / person / kinds.format("D3_Positions_mono") / f"{clip}.cdf", poses(frames, 3))
    return folder


def show(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def read(path, **options):
    return THREE_D["h36m"].read(path, **options)


def test_the_frames_that_are_there_are_read(tmp_path):
    """Image 2 is the second frame, t = 1; the right hip is joint 1 of 32, the right wrist, our last, joint 27."""
    show(write(tmp_path) / "images", FRAME.format(3), FRAME.format(2))
    dataset = read(tmp_path)
    labels = dataset.labels
    assert labels.files.tolist() == [FRAME.format(2), FRAME.format(3)]
    assert labels.xy[:, 1].tolist() == [[101, 1], [201, 1]]
    assert labels.xy[0, 16].tolist() == [127, 27]
    assert labels.xyz[1, 16].tolist() == [227, 27, 4000]
    assert labels.image_extras["frame"].tolist() == [2, 3]
    assert labels.image_extras["action"].tolist() == ["Directions"] * 2
    assert dataset.path(0).is_file()
    assert dataset.notes == ()


def test_joints_that_do_not_move_are_left_out(tmp_path):
    show(write(tmp_path), FRAME.format(1))
    moving = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
    assert read(tmp_path).labels.xy[0, :, 1].tolist() == moving


@pytest.mark.parametrize("kinds", ["MyPoses/{}", "MyPoseFeatures/{}", "Poses_{}"])
@pytest.mark.parametrize("place", ["images", "images/S1/S1_Directions_1.54138969", "S1/S1_Directions_1.54138969"])
def test_folders_are_found_as_the_field_unpacks_them(tmp_path, kinds, place):
    show(write(tmp_path, kinds=kinds) / place, FRAME.format(1))
    dataset = read(tmp_path)
    assert dataset.path(0) == tmp_path / place / FRAME.format(1)


@pytest.mark.parametrize("place", ["S1/images", "images", "S1/S1_Directions_1.54138969"])
def test_a_person_is_read_alone(tmp_path, place):
    show(write(write(tmp_path), "S5") / place, FRAME.format(1))
    dataset = read(tmp_path / "S1")
    assert dataset.path(0) == tmp_path / place / FRAME.format(1)


def test_people_are_groups_and_clips_tracks(tmp_path):
    for person, clip in (("S1", CLIP), ("S1", "Directions.54138969"), ("S9", "WalkDog 1.55011271")):
        write(tmp_path, person, clip)
    show(tmp_path / "images", FRAME.format(1), "S1_Directions.54138969_000001.jpg", "S9_WalkDog_1.55011271_000002.jpg")
    labels = read(tmp_path).labels
    assert labels.groups.tolist() == [0, 0, 1]
    assert labels.tracks.tolist() == [0, 1, 2]
    assert labels.image_extras["camera"].tolist() == ["54138969", "54138969", "55011271"]


def test_what_has_no_frames_or_no_joints_is_counted(tmp_path):
    """Of three clips one is a list of several, and of one no frame is there; of three frames one is after the end."""
    write(write(write(tmp_path, frames=2), clip="Eating.54138969"), clip="_ALL.54138969")
    show(tmp_path / "images", *(FRAME.format(n) for n in (1, 2, 3)))
    dataset = read(tmp_path)
    assert len(dataset) == 2
    assert dataset.notes == ("left out 1 videos of which no frame is there", "left out 1 frames without joints")


def test_frames_that_are_all_after_the_last_pose_are_refused(tmp_path):
    show(write(tmp_path) / "images", FRAME.format(4))
    with pytest.raises(DataError, match=r"none of its frames, from .*4\.jpg, has joints; expected 1 to 3"):
        read(tmp_path)


def test_images_may_lie_in_another_folder(tmp_path):
    show(tmp_path / "frames", FRAME.format(1))
    dataset = read(write(tmp_path / "h36m"), folder=tmp_path / "frames")
    assert dataset.path(0).is_file()


def test_without_frames_the_folder_is_refused_with_the_names_that_are_expected(tmp_path):
    show(write(tmp_path) / "images", "S1_Eating.54138969_000001.jpg", FRAME.format(1).replace("jpg", "txt"))
    with pytest.raises(DataError, match=r"has no frame of the 1 videos in .*; expected images such as S1_Directions_1"):
        read(tmp_path)


def test_a_folder_without_people_or_without_their_poses_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"has no S1/MyPoses/D2_Positions; expected the folder of Human3\.6M"):
        read(tmp_path)
    write(tmp_path, kinds="Pose/{}")
    (tmp_path / "S1/MyPoses/D2_Positions").mkdir(parents=True)
    with pytest.raises(DataError, match=r"S1 has no MyPoses/D2_Positions and MyPoses/D3_Positions_mono; expected both"):
        read(tmp_path)


def test_people_whose_poses_were_not_published_are_passed_over(tmp_path):
    show(write(tmp_path) / "images", FRAME.format(1))
    show(tmp_path / "S2/Videos", f"{CLIP}.mp4")
    assert read(tmp_path).labels.files.tolist() == [FRAME.format(1)]


def lost(file):
    file.unlink()


def cut(file):
    file.write_bytes(file.read_bytes()[:300])


def other(values):
    return lambda file: write_cdf(file, values)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lost, "expected a file for each video in both folders"),
        (cut, "is no whole CDF file with Pose"),
        (other(poses(4, 3)), "3 frames in 2D and 4 in"),
        (other(poses(3, 2)), "is (1, 3, 64), expected finite numbers (1, frames, 96)"),
        (other(np.full((3, 96), np.nan)), "expected finite numbers (1, frames, 96)"),
        (other(np.full((3, 96), 1e30)), "a number is beyond 1e+12"),
    ],
)
def test_a_bad_clip_is_named_or_left_out_and_counted(tmp_path, harm, sentence):
    write(write(tmp_path), clip="Eating.54138969")
    show(tmp_path / "images", FRAME.format(1), "S1_Eating.54138969_000001.jpg")
    harm(tmp_path / f"S1/MyPoses/D3_Positions_mono/{CLIP}.cdf")
    with pytest.raises(DataError, match=rf"{CLIP}\.cdf: .*" + re.escape(sentence)):
        read(tmp_path)
    dataset = read(tmp_path, skip=True)
    assert dataset.labels.files.tolist() == ["S1_Eating.54138969_000001.jpg"]
    assert dataset.notes == ("left out 1 clips whose joints are not as expected",)
