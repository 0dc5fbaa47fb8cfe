"""Fitting stances to joints in pictures."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")
pytest.importorskip("torch")

from vitruvian.errors import DataError, ShapeError, UnknownNameError
from vitruvian.structures import SKELETONS
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.poses.fitted.__main__ import read_table
from vitruvian.synthesis.poses.pose_fits import (
    FREE,
    MARKED,
    MARKED_ARMS,
    Fits,
    fit_poses,
    packed,
    read_fitted,
    unpacked,
)
from vitruvian.synthesis.poses.pose_ranges import excess
from vitruvian.synthesis.poses.segments import PARENT, ROW, SEGMENTS, SIDES, neutral_frame, points, world_turns

NAMES = SKELETONS["lsp14"].names


@pytest.fixture(scope="module")
def frame():
    return neutral_frame(anatomy())


def seen(frame, stances: np.ndarray, names) -> np.ndarray:
    """Joints (N, K, 2) in a picture of 100 pixels a metre, of people with arms as long as marked ones."""
    ends, offsets = frame.ends.copy(), frame.offsets.copy()
    for name, factor in MARKED_ARMS.items():
        for side in SIDES:
            offsets[ROW[f"{name}.{side}"]] *= factor
            ends[PARENT[ROW[f"{name}.{side}"]]] *= factor
    begin, end = points(type(frame)(frame.neutral, offsets, ends, frame.rolled), world_turns(stances))
    found = [(begin if where == "begin" else end)[:, ROW[segment]] for segment, where in (MARKED[n] for n in names)]
    return np.stack(found, axis=1)[..., [0, 2]] * (100, -100) + 300


def stance(**turns: tuple[float, float, float]) -> np.ndarray:
    found = np.zeros((len(SEGMENTS), 3))
    for name, degrees in turns.items():
        found[ROW[name.replace("_", ".")]] = np.radians(degrees)
    return found


@pytest.fixture(scope="module")
def people():
    return np.array([
        stance(upperarm_L=(0, -90, 0), upperarm_R=(0, 90, 0)),
        stance(pelvis=(0, 0, 180), upperarm_L=(0, -60, 0), forearm_L=(-60, 0, 0)),  # from behind
        stance(pelvis=(0, 0, 80), thigh_L=(-85, 0, 0), thigh_R=(-85, 0, 0), shin_L=(85, 0, 0), shin_R=(85, 0, 0)),
        stance(pelvis=(0, 90, 0), thigh_L=(0, -30, 0)),  # lying on a side
    ])  # fmt: skip


@pytest.fixture(scope="module")
def fits(frame, people):
    return fit_poses(frame, seen(frame, people, NAMES), NAMES)


def test_joints_of_fits_lie_on_those_given(fits):
    """Marks are trusted to 3.5 cm and joints have habits: a few centimetres are left."""
    assert fits.error.max() < 0.05


def test_fits_know_front_from_back_and_lying_from_standing(fits, people):
    found, true = world_turns(fits.stances)[:, 0], world_turns(people)[:, 0]
    angle = np.degrees(np.arccos(np.clip((np.einsum("nij,nij->n", found, true) - 1) / 2, -1, 1)))
    assert angle.max() < 35


def test_directions_across_the_picture_are_found(fits, people):
    found, true = (world_turns(one)[:, ROW["upperarm.L"], :, 2] for one in (fits.stances, people))
    assert np.degrees(np.arccos((found * true).sum(-1)))[0] < 20


def test_fits_keep_about_to_the_limits(fits):
    assert np.degrees(excess(fits.stances)).max() < 15


def test_the_same_joints_give_the_same_fit_wherever_and_however_large(frame, people, fits):
    found = fit_poses(frame, seen(frame, people[:1], NAMES) * 3 + 77, NAMES).stances
    np.testing.assert_allclose(found[0], fits.stances[0], atol=0.03)


def test_people_with_few_joints_or_small_are_left_out(frame, people):
    xy = seen(frame, people, NAMES)
    xy[0, :6] = np.inf
    xy[1] = 5 + xy[1] / 100
    xy[2, [NAMES.index(name) for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder")]] = np.nan
    xy[3, [NAMES.index(name) for name in ("left_knee", "right_knee", "left_elbow", "right_elbow")]] = np.nan
    found = fit_poses(frame, xy, NAMES)
    assert np.isfinite(found.error).tolist() == [False, False, True, False]
    assert not found.stances[[0, 1, 3]].any()
    assert fit_poses(frame, xy[:0], NAMES).stances.shape == (0, len(SEGMENTS), 3)


def test_names_and_shapes_must_fit(frame):
    with pytest.raises(ShapeError, match=r"xy must be \(N, 14, 2\) to match the names, got \(1, 13, 2\)"):
        fit_poses(frame, np.zeros((1, 13, 2)), NAMES)
    with pytest.raises(UnknownNameError, match='unknown joint "left_wing"'):
        fit_poses(frame, np.zeros((1, 1, 2)), ["left_wing"])


def test_every_joint_of_the_skeletons_of_lsp_and_mpii_is_known():
    assert {*SKELETONS["lsp14"].names, *SKELETONS["mpii16"].names} <= MARKED.keys()


def test_the_best_are_packed_and_come_back(tmp_path):
    stances = np.random.default_rng(0).normal(size=(6, len(SEGMENTS), 3)).astype(np.float32)
    numbers = packed(Fits(stances, np.array([0.1, 0.01, np.nan, 0.02, 0.03, 0.2], np.float32)), 2, 0.05)
    assert numbers.shape == (2, len(FREE), 3)
    np.save(tmp_path / "a.npy", numbers)
    back = read_fitted(tmp_path / "a.npy")
    np.testing.assert_allclose(back[:, list(FREE)], stances[[1, 4]][:, list(FREE)], atol=2e-3)
    assert not back[:, ROW["foot.L"]].any()
    assert unpacked(numbers[:0]).shape == (0, len(SEGMENTS), 3)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY\x01\x00"])
def test_files_that_hold_no_fits_are_named(tmp_path, content):
    (tmp_path / "bad.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"bad.npy: cannot be read as fitted poses"):
        read_fitted(tmp_path / "bad.npy")
    np.save(tmp_path / "bad.npy", np.zeros((2, 3)))
    with pytest.raises(DataError, match=r"bad.npy: \(2, 3\) float64, expected \(P, 13, 3\) float16"):
        read_fitted(tmp_path / "bad.npy")


def test_tables_of_joints_have_unknown_ones_negative_or_not_visible(tmp_path):
    (tmp_path / "table.csv").write_text("a.jpg,1,2,-1,-1\n\nb.jpg,3,4,5,6\n")
    np.testing.assert_array_equal(read_table(tmp_path / "table.csv", 2), [[[1, 2], [np.nan] * 2], [[3, 4], [5, 6]]])
    (tmp_path / "table.csv").write_text("file,a_x,a_y,a_v,b_x,b_y,b_v\na.jpg,1,-2,1,,,0\n")
    np.testing.assert_array_equal(read_table(tmp_path / "table.csv", 2), [[[1, -2], [np.nan] * 2]])


def test_tables_of_another_skeleton_are_refused(tmp_path):
    (tmp_path / "table.csv").write_text("a.jpg,1,2,3,4\nb.jpg,1,2,3\n")
    with pytest.raises(DataError, match=r"table.csv: expected a name and 2 or 3 numbers for each of 2 joints"):
        read_table(tmp_path / "table.csv", 2)
