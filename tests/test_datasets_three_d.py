"""Data sets with joints in 3D: frames of reference, names, cameras, and the real samples."""

import io
import json
import pickle
import re
import zipfile

import numpy as np
import pytest

from vitruvian.datasets.three_d import THREE_D, lists
from vitruvian.errors import DataError

from . import published_sets

SAMPLES = "realdata/mmpose_samples"


def with_column(path, **columns):
    """Writes a list again with other columns; None for one that is taken out."""
    with np.load(path) as file:
        content = {name: file[name] for name in file} | columns
    np.savez(path, **{name: column for name, column in content.items() if column is not None})


@pytest.fixture
def h36m(tmp_path):
    """A list of three images of one clip of Human3.6M."""
    return published_sets.image_list("S9_Walking_1.54138969_00000{n}.jpg")(tmp_path)


# ---- lists


def test_a_list_is_in_millimetres_and_its_box_a_square_of_200_pixels_times_the_scale(h36m):
    """Centre (50, 50) and scale 0.4: a square of 80 pixels. Record 1, joint 2 is at (12, 22) pixels, z one metre."""
    labels = THREE_D["h36m"].read(h36m).labels
    assert labels.boxes.tolist() == [[10, 10, 90, 90]] * 3
    assert labels.xyz[1, 2].tolist() == pytest.approx([120, 220, 1000])


def test_a_joint_of_a_list_is_unknown_in_2d_or_3d_by_itself(h36m):
    with np.load(h36m) as file:
        part, joints = file["part"], file["S"]
    part[0, 3, 2], joints[1, 4, 3] = 0, 0
    with_column(h36m, part=part, S=joints)
    labels = THREE_D["h36m"].read(h36m).labels
    assert np.argwhere(np.isnan(labels.xy).any(-1)).tolist() == [[0, 3]]
    assert np.argwhere(np.isnan(labels.xyz).any(-1)).tolist() == [[1, 4]]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"S": None}, "'S is not a file in the archive'"),
        ({"S": np.ones((3, 16, 4))}, "S holds float64 of (3, 16, 4), expected (3, 17, 4)"),
        ({"scale": np.array(["a"] * 3)}, "scale holds <U1 of (3,), expected (3,)"),
        ({"imgname": np.arange(3)}, "imgname holds int64 of (3,), expected (3,)"),
        ({"imgname": np.array(["a"] * 2)}, "center holds float64 of (3, 2), expected (2, 2)"),
        ({"imgname": np.array([{}], object)}, "cannot be read (Object arrays cannot be loaded"),
    ],
)
@pytest.mark.parametrize("name", sorted(THREE_D))
def test_a_list_of_another_form_is_refused(h36m, name, columns, sentence):
    with_column(h36m, **columns)
    with pytest.raises(DataError, match=re.escape(sentence)):
        THREE_D[name].read(h36m, skip=True)


@pytest.mark.parametrize(
    ("columns", "sentence", "note"),
    [
        ({"scale": np.array([1, np.nan, 1])}, "entry 1 (S9_", "left out 1 entries with a number that is no place"),
        ({"scale": np.array([1, 1e300, 1])}, "finite numbers within 1e+12", "left out 1 entries with a number that is"),
        (
            {"imgname": np.array(["a.jpg", "../b.jpg", "c.jpg"])},
            "entry 1: the file name",
            "left out 1 entries with a file",
        ),
    ],
)
def test_a_bad_entry_of_a_list_is_named_or_left_out_and_counted(h36m, columns, sentence, note):
    with_column(h36m, **columns)
    with pytest.raises(DataError, match=re.escape(sentence)):
        THREE_D["h36m"].read(h36m)
    dataset = THREE_D["h36m"].read(h36m, skip=True)
    assert len(dataset) == 2
    assert any(one.startswith(note) for one in dataset.notes)


def test_a_list_of_nothing_is_refused(h36m):
    with_column(
        h36m, imgname=np.zeros(0, "<U1"), center=np.zeros((0, 2)), scale=np.zeros(0), part=np.zeros((0, 17, 3)),
        S=np.zeros((0, 17, 4)),
    )  # fmt: skip
    with pytest.raises(DataError, match="has no entry that can be used"):
        THREE_D["h36m"].read(h36m)


def test_a_list_that_unpacks_to_more_than_is_read_is_refused(h36m, monkeypatch):
    """Zeros of a gibibyte take a mebibyte in the file; here the limit is lowered instead."""
    monkeypatch.setattr(lists, "LARGEST", 1000)
    with pytest.raises(DataError, match="over the 0 GiB that are read"):
        THREE_D["h36m"].read(h36m)


def test_an_archive_without_arrays_is_refused(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in lists.SHAPES:
            archive.writestr(f"{name}.npy", b"no array")
    (tmp_path / "a.npz").write_bytes(data.getvalue())
    with pytest.raises(DataError, match=r"a\.npz: imgname holds \|S8 of \(\), expected \(1,\): an \.npz with imgname"):
        THREE_D["h36m"].read(tmp_path / "a.npz")


# ---- Human3.6M


def test_names_of_human36m_tell_person_action_camera_and_frame(h36m):
    names = [
        "S9_Walking_1.54138969_000001.jpg",
        "S9_Walking 2.55011271_000007.jpg",
        "S11_SittingDown.54138969_000002.jpg",
    ]
    with_column(h36m, imgname=np.array(names))
    labels = THREE_D["h36m"].read(h36m).labels
    assert {name: column.tolist() for name, column in labels.image_extras.items()} == {
        "frame": [1, 7, 2],
        "person": ["S9", "S9", "S11"],
        "action": ["Walking", "Walking", "SittingDown"],
        "camera": ["54138969", "55011271", "54138969"],
    }
    assert labels.groups.tolist() == [0, 0, 1]
    assert labels.tracks.tolist() == [0, 1, 2]


def test_images_of_other_names_are_groups_of_their_own(h36m):
    with_column(h36m, imgname=np.array(["a.jpg", "b.jpg", "a.jpg"]))
    labels = THREE_D["h36m"].read(h36m).labels
    assert labels.groups.tolist() == [0, 1]
    assert labels.image_extras["frame"].tolist() == [-1, -1]


def test_a_conversion_of_human36m_without_cameras_stays_in_the_frame_of_the_world(tmp_path):
    dataset = THREE_D["h36m"].read(published_sets.h36m_converted(tmp_path))
    assert dataset.labels.xyz[0, 0].tolist() == [1000, 2000, 3000]
    assert dataset.notes == ("xyz is in the frame of the world, because there is no cameras.pkl beside test.json",)


def cameras_file(path, **changes):
    """One camera at (1, 0, 0) metres whose x axis is the world's y axis and whose y axis is the world's -x axis."""
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # its columns are the camera's axes
    camera = {
        "R": turn, "T": np.array([[1.0], [0.0], [0.0]]), "f": np.array([[1100.0], [1200.0]]),
        "c": np.array([[500.0], [510.0]]), "w": 1000, "h": 1002, "name": "camera1",
    }  # fmt: skip
    path.write_bytes(pickle.dumps({("S9", "54138969"): camera | changes}))


def test_cameras_lead_a_conversion_of_human36m_into_their_frame(tmp_path):
    """(1, 2, 3) metres less (1, 0, 0) is (0, 2, 3): 2 along the camera's x axis, 0 along its y axis, 3 forwards."""
    path = published_sets.h36m_converted(tmp_path)
    path.write_text(path.read_text().replace('"0.png"', '"S9_Walking_1.54138969_000001.png"'))
    cameras_file(tmp_path / "cameras.pkl")
    dataset = THREE_D["h36m"].read(path)
    assert dataset.labels.xyz[0, 5].tolist() == [2000, 0, 3000]
    assert np.isnan(dataset.labels.xyz[1:]).all()  # of whose images no camera is known
    assert dataset.labels.image_extras["focal"][0].tolist() == [1100, 1200]
    assert dataset.labels.image_extras["principal"][0].tolist() == [500, 510]
    assert dataset.notes == ()


def test_cameras_tell_the_size_of_the_images_of_a_list(h36m):
    cameras_file(h36m.with_name("cameras.pkl"))
    assert THREE_D["h36m"].read(h36m).labels.sizes.tolist() == [[1000, 1002]] * 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"f": np.ones(3)}, "has a camera that cannot be used (cannot reshape array of size 3"),
        ({"w": -1}, "has a camera that cannot be used (w and h are -1 and 1002, expected pixels)"),
        ({"h": float("inf")}, "has a camera that cannot be used (cannot convert float infinity to integer)"),
        ({"R": "turned"}, "has a camera that cannot be used (could not convert string"),
    ],
)
def test_cameras_of_another_form_are_refused(h36m, changes, sentence):
    cameras_file(h36m.with_name("cameras.pkl"), **changes)
    with pytest.raises(DataError, match=re.escape(sentence)):
        THREE_D["h36m"].read(h36m)


def test_a_pickle_that_holds_no_table_of_cameras_is_refused(h36m):
    h36m.with_name("cameras.pkl").write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(DataError, match=r"cameras\.pkl holds a list; expected a dict from the name of a camera"):
        THREE_D["h36m"].read(h36m)


def test_another_number_of_joints_in_3d_is_refused(tmp_path):
    path = published_sets.converted(17, keypoints_3d=[1.0] * 51)(tmp_path)
    with pytest.raises(DataError, match=r"annotation 7: 51 numbers in keypoints_3d, expected 4 \* 17"):
        THREE_D["h36m"].read(path)


def test_images_of_human36m_are_found_in_folders_of_person_and_clip(tmp_path):
    """The annotations say the file alone; it lies in S9/S9_Walking_1.54138969."""
    path = published_sets.h36m_converted(tmp_path)
    content = json.loads(path.read_text())
    name = "S9_Walking_1.54138969_000001.png"
    content["images"][0]["file_name"] = name
    path.write_text(json.dumps(content))
    published_sets.image(tmp_path / "S9/S9_Walking_1.54138969" / name)
    dataset = THREE_D["h36m"].read(path)
    assert dataset.labels.files.tolist() == [f"S9/S9_Walking_1.54138969/{name}", "1.png", "2.png"]
    assert dataset[0].load().shape == (160, 240, 3)


# ---- MPI-INF-3DHP


def test_names_of_mpi_inf_3dhp_tell_person_clip_and_frame(h36m):
    names = ["S4_Seq2_Cam0_001033.jpg", "S4_Seq1_Cam0_000001.jpg", "TS5_000007.jpg"]
    with_column(h36m, imgname=np.array(names))
    labels = THREE_D["mpi_inf_3dhp"].read(h36m).labels
    assert labels.groups.tolist() == [0, 0, 1]
    assert labels.tracks.tolist() == [0, 1, 2]
    assert labels.image_extras["frame"].tolist() == [1033, 1, 7]
    assert labels.image_extras["clip"].tolist() == ["S4_Seq2_Cam0", "S4_Seq1_Cam0", "TS5"]


# ---- the real samples


def reprojected(labels):
    focal, principal = (labels.image_extras[name][labels.image][:, None] for name in ("focal", "principal"))
    return focal * labels.xyz[..., :2] / labels.xyz[..., 2:] + principal


@pytest.mark.parametrize(
    ("name", "file", "first", "pixels"),
    [
        ("h36m", "h36m/h36m_coco.json", (473.6835632324219, 444.9424133300781), 2.5),
        ("h36m", "h36m/test_h36m_body3d.npz", (473.6835632324219, 444.9424133300781), 2.5),
        ("mpi_inf_3dhp", "mpi_inf_3dhp/test_3dhp_test.npz", (1074.4, 503.148), 2),
        ("mpi_inf_3dhp", "mpi_inf_3dhp/test_3dhp_train.npz", (1158.79, 1315.87), 2),
    ],
)
def test_the_real_samples_show_in_2d_what_they_are_in_3d(shared, name, file, first, pixels):
    """As far as the distortion of Human3.6M's lenses, 2.4 pixels, and the labels of MPI-INF-3DHP, 1.9, allow."""
    dataset = THREE_D[name].read(shared / SAMPLES / file)
    labels = dataset.labels
    assert dataset.notes == ()
    assert labels.xy[0, 0].tolist() == pytest.approx(first)
    assert np.nanmax(np.abs(reprojected(labels) - labels.xy)) < pixels
    assert all(sample.load().ndim == 3 for sample in dataset)


def test_the_two_real_forms_of_human36m_agree(shared):
    """One is in the frame of the world, in metres, the other in that of the camera: within a micrometre the same."""
    folder = shared / SAMPLES / "h36m"
    one, other = (THREE_D["h36m"].read(folder / name).labels for name in ("h36m_coco.json", "test_h36m_body3d.npz"))
    assert one.files.tolist() == other.files.tolist()
    np.testing.assert_allclose(one.xyz, other.xyz, atol=1e-3)
    np.testing.assert_allclose(one.boxes, other.boxes)
    np.testing.assert_array_equal(one.xy, other.xy)


def test_real_joints_that_leave_the_image_are_unknown(shared):
    """The right wrist, number 4, and the left wrist, number 7, of TS2; so the file says, in 2D and in 3D."""
    labels = THREE_D["mpi_inf_3dhp"].read(shared / SAMPLES / "mpi_inf_3dhp/test_3dhp_test.npz").labels
    assert np.flatnonzero(labels.visible[1] == 0).tolist() == [4, 7]
    assert np.flatnonzero(np.isnan(labels.xyz[1]).any(-1)).tolist() == [4, 7]
