"""Reading motion capture: joints, frames, and what is wrong with a file."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.errors import DataError, ShapeError
from vitruvian.media import joints_of, motion_capture, read_bvh, unturned
from vitruvian.media.motion_capture import parse_bvh

CAPTURES = Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[2] / "shared")) / "realdata/mocap_bvh"

ARM = """HIERARCHY
ROOT Shoulder
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Elbow
  {
    OFFSET 2 0 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 1 0 0
    }
  }
}
MOTION
Frames: 2
Frame Time: .0083333
0 0 0 0 0 0 0 0 0
5 6 7 90 0 0 90 0 0
"""


def test_the_tree_and_the_frames_are_read():
    motion = parse_bvh(ARM, "arm.bvh")
    assert motion.names == ("Shoulder", "Elbow", "Elbow.end")
    assert motion.parents.tolist() == [-1, 0, 1]
    assert motion.channels[1] == ("Zrotation", "Xrotation", "Yrotation")
    assert motion.channels[2] == ()
    assert motion.frames.shape == (2, 9)
    assert motion.seconds == pytest.approx(1 / 120, rel=1e-4)


def test_joints_are_where_a_hand_calculation_puts_them():
    """Shoulder at (5, 6, 7), turned a quarter about z: the elbow is 2 above it; turned again: the end 1 to the left."""
    places, turns = joints_of(parse_bvh(ARM, "arm.bvh"))
    np.testing.assert_allclose(places[0], [[0, 0, 0], [2, 0, 0], [3, 0, 0]])
    np.testing.assert_allclose(places[1], [[5, 6, 7], [5, 8, 7], [4, 8, 7]], atol=1e-12)
    np.testing.assert_allclose(turns[1, 1] @ (1, 0, 0), (-1, 0, 0), atol=1e-12)


def test_turns_are_multiplied_in_the_order_of_the_channels():
    """Z then X: x goes to y by Z, which X, the inner one, had left alone; z goes to -y by X and then to x by Z."""
    _, turns = joints_of(parse_bvh(ARM.replace("90 0 0 90", "90 90 0 90"), "arm.bvh"))
    np.testing.assert_allclose(turns[1, 0] @ (1, 0, 0), (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(turns[1, 0] @ (0, 0, 1), (1, 0, 0), atol=1e-12)


def test_without_turns_every_joint_is_its_offset_from_its_parent():
    places, turns = joints_of(unturned(parse_bvh(ARM, "arm.bvh")))
    np.testing.assert_allclose(places[0], [[0, 0, 0], [2, 0, 0], [3, 0, 0]])
    np.testing.assert_allclose(turns[0], np.eye(3)[None].repeat(3, 0))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-360, 360), min_size=6, max_size=6))
def test_bones_keep_their_length(degrees):
    motion = parse_bvh(ARM, "arm.bvh")
    places, _ = joints_of(replace(motion, frames=np.array([[0, 0, 0, *degrees]])))
    np.testing.assert_allclose(np.linalg.norm(np.diff(places[0], axis=0), axis=1), (2, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("HIERARCHY", "BIERARCHY", r'arm.bvh:1: "BIERARCHY", expected HIERARCHY'),
        ("ROOT Shoulder", "JOINT Shoulder", r'arm.bvh:2: "JOINT Shoulder", expected ROOT or MOTION'),
        ("JOINT Elbow", "JOINT Shoulder", r'arm.bvh:6: a second joint "Shoulder"'),
        ("JOINT Elbow", "LIMB Elbow", r'arm.bvh:6: "LIMB Elbow", expected JOINT'),
        ("OFFSET 2 0 0", "OFFSET 2 0", r"arm.bvh:8: 2 numbers of OFFSET, expected 3"),
        ("OFFSET 2 0 0", "OFFSET 2 x 0", r'arm.bvh:8: OFFSET "2 x 0", expected 3 numbers'),
        ("OFFSET 2 0 0", "OFFSET 2 nan 0", r"arm.bvh:8: 3 numbers of OFFSET, expected 3, all finite"),
        ("CHANNELS 3", "CHANNELS 2", r'arm.bvh:9: CHANNELS says "2" and names 3'),
        ("CHANNELS 3 Zrot", "CHANNELS 3 Wrot", r"arm.bvh:9: CHANNELS .*expected some of Xposition"),
        ("CHANNELS 3 Zrotation X", "CHANNELS 3 Xrotation X", r"each once"),
        ("Frames: 2", "Frames: two", r'arm.bvh:17: Frames: "two"'),
        ("Frames: 2", "Frames: 999999999", r"arm.bvh:18: 999999999 frames of 9 numbers, more than"),
        ("Frames: 2", "Frames: 1", r"arm.bvh:20: a line after the last of 1 frames"),
        ("Frames: 2", "Frames: 3", r"arm.bvh: 2 frames, 3 announced; was the file cut short"),
        ("Time: .0083333", "Time: 0", r"arm.bvh:18: Frame Time 0, expected more than 0"),
        ("5 6 7 90", "5 6 7 x", r'arm.bvh:20: frame 2 "5 6 7 x'),
        ("5 6 7 90", "5 6 7", r"arm.bvh:20: 8 numbers of frame 2, expected 9"),
        (ARM[ARM.index("MOTION") :], "", r"arm.bvh: ends after line 15, in the middle"),
        (ARM[10 : ARM.index("MOTION")], "", r"arm.bvh:2: MOTION before any ROOT"),
        (ARM, "", r"arm.bvh: ends after line 0"),
    ],
)
def test_a_fault_is_named_with_its_line(old, new, said):
    with pytest.raises(DataError, match=said):
        parse_bvh(ARM.replace(old, new, 1), "arm.bvh")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(ARM)), st.text("{}JOINT 0.9\n", max_size=8))
def test_damage_is_a_data_error_and_nothing_else(at, inserted):
    with suppress(DataError):
        parse_bvh(ARM[:at] + inserted, "arm.bvh")


def test_a_tree_without_end_of_joints_is_refused(monkeypatch):
    monkeypatch.setattr(motion_capture, "MAX_JOINTS", 2)
    with pytest.raises(DataError, match=r"arm.bvh:10: more than 2 joints"):
        parse_bvh(ARM, "arm.bvh")


def test_deep_trees_do_not_exhaust_the_stack():
    deep = "".join(f"JOINT J{i}\n{{\nOFFSET 1 0 0\nCHANNELS 0\n" for i in range(900)) + "}\n" * 901
    text = f"HIERARCHY\nROOT R\n{{\nOFFSET 0 0 0\nCHANNELS 1 Xposition\n{deep}MOTION\nFrames: 1\nFrame Time: 1\n5\n"
    places, _ = joints_of(parse_bvh(text, "deep.bvh"))
    assert places[0, -1].tolist() == [905, 0, 0]
    assert places.shape == (1, 901, 3)


def test_files_that_are_missing_a_folder_or_too_large_are_named(tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"none.bvh: cannot be read: No such file"):
        read_bvh(tmp_path / "none.bvh")
    with pytest.raises(DataError, match="is not a regular file"):
        read_bvh(tmp_path)
    monkeypatch.setattr(motion_capture, "MAX_BYTES", 10)
    (tmp_path / "arm.bvh").write_text(ARM)
    with pytest.raises(DataError, match=r"arm.bvh: larger than"):
        read_bvh(tmp_path / "arm.bvh")


def test_frames_must_fit_the_channels():
    with pytest.raises(ShapeError, match=r"frames must be \(T, 9\) to match the channels, got \(1, 8\)"):
        replace(parse_bvh(ARM, "arm.bvh"), frames=np.zeros((1, 8)))


@pytest.mark.skipif(not CAPTURES.exists(), reason=f"no motion capture at {CAPTURES}; set VITRUVIAN_SHARED")
@pytest.mark.parametrize(("file", "joints", "frames"), [("cmu/07_09.bvh", 38, 306),
                                                        ("animated_drawings/fair1/zombie.bvh", 34, 779)])  # fmt: skip
def test_captured_people_keep_their_feet_near_the_ground(file, joints, frames):
    """The foot that stands is the lowest joint, and hardly higher in one frame than in another."""
    motion = read_bvh(CAPTURES / file)
    places, _ = joints_of(motion)
    assert places.shape == (frames, joints, 3)
    up = 1 if file.startswith("cmu") else 2
    lowest = places[..., up].min(1)
    assert np.ptp(lowest) < 0.1 * np.ptp(places[..., up])
