"""Motion capture of several rigs as stances: limbs point where they were captured."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.errors import DataError
from vitruvian.media import joints_of, read_bvh
from vitruvian.media.motion_capture import parse_bvh
from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.pose import posed
from vitruvian.synthesis.poses.retarget import retargeted, rows_of, upright
from vitruvian.synthesis.poses.segments import ROW, SIDES, angles, world_turns

CAPTURES = Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[2] / "shared")) / "realdata/mocap_bvh"
FILES = ("cmu/07_09.bvh", "cmu/49_01.bvh", "animated_drawings/fair1/dab.bvh",
         "animated_drawings/cmu1/jumping_jacks.bvh")  # fmt: skip
LIMBS = {("upperarm01", "lowerarm01"): ("upperarm", "forearm"), ("lowerarm01", "wrist"): ("forearm", "hand"),
         ("upperleg01", "lowerleg01"): ("thigh", "shin"), ("lowerleg01", "foot"): ("shin", "foot")}  # fmt: skip


def block(name: str, offset: str, inside: str = "", kind: str = "JOINT") -> str:
    turns = "Zrotation Xrotation Yrotation"
    ending = inside or "End Site\n{\nOFFSET 0 -1 0\n}\n"
    return f"{kind} {name}\n{{\nOFFSET {offset}\nCHANNELS 3 {turns}\n{ending}}}\n"


def mixamo(prefix: str = "mixamorig:") -> str:
    """A small rig as Mixamo names it: y up, facing z, arms stretched to the sides at rest; one frame at rest."""
    limbs = ""
    for side, sign in (("Left", 1), ("Right", -1)):
        hand = block(f"{prefix}{side}Hand", f"{3 * sign} 0 0")
        arm = block(f"{prefix}{side}Arm", f"{sign} 0 0", block(f"{prefix}{side}ForeArm", f"{3 * sign} 0 0", hand))
        limbs += block(f"{prefix}{side}Shoulder", f"{sign} 5 0", arm)
        foot = block(f"{prefix}{side}Foot", "0 -4 0", block(f"{prefix}{side}ToeBase", "0 -1 2"))
        limbs += block(f"{prefix}{side}UpLeg", f"{sign} 0 0", block(f"{prefix}{side}Leg", "0 -4 0", foot))
    text = "HIERARCHY\n" + block(f"{prefix}Hips", "0 9 0", limbs, "ROOT")
    return f"{text}MOTION\nFrames: 1\nFrame Time: 1\n{' '.join(['0'] * 3 * text.count('CHANNELS'))}\n"


def test_a_rig_at_rest_with_arms_to_the_sides_becomes_a_person_with_arms_to_the_sides():
    moving = retargeted(parse_bvh(mixamo(), "rig.bvh"))
    down = -world_turns(moving.stances)[0, :, :, 2]
    np.testing.assert_allclose(down[ROW["upperarm.L"]], (1, 0, 0), atol=1e-6)
    np.testing.assert_allclose(down[ROW["forearm.R"]], (-1, 0, 0), atol=1e-6)
    np.testing.assert_allclose(down[ROW["shin.R"]], (0, 0, -1), atol=1e-6)
    np.testing.assert_allclose(moving.stances[0, 0], 0, atol=1e-6)


def test_height_is_in_lengths_of_a_leg():
    """Hips 9 above the ankles' 8, the toes' tips another 2 below: (8 + 1 + 1) / 8."""
    assert retargeted(parse_bvh(mixamo(), "rig.bvh")).height[0] == pytest.approx(10 / 8)


def test_a_turned_root_turns_the_person_and_keeps_him_upright():
    motion = parse_bvh(mixamo(), "rig.bvh")
    frames = motion.frames.copy()
    frames[0, 2] = 90  # about y, the rig's up: what looked along z looks along x, the rig's left
    np.testing.assert_allclose(retargeted(replace(motion, frames=frames)).stances[0, 0], (0, 0, np.pi / 2), atol=1e-6)


def test_names_are_found_whatever_their_prefix_and_case():
    rows = [rows_of(parse_bvh(mixamo(prefix), "rig.bvh")) for prefix in ("mixamorig:", "", "Bip01_")]
    assert rows[0] == rows[1] == rows[2]
    assert rows_of(parse_bvh(mixamo().upper().replace("TIME", "Time"), "rig.bvh")) == rows[0]


def test_names_of_other_families_are_found():
    """SMPL calls the ball of the foot "foot" and the knuckles "hand"; engines write the side at the end."""
    smpl, engine = mixamo(""), mixamo("")
    families = {"UpLeg": ("_Hip", "thigh_"), "Leg": ("_Knee", "calf_"), "Foot": ("_Ankle", "foot_"),
                "ToeBase": ("_Foot", "ball_"), "Shoulder": ("_Collar", "clavicle_"), "Arm": ("_Shoulder", "upperarm_"),
                "ForeArm": ("_Elbow", "lowerarm_"), "Hand": ("_Wrist", "hand_")}  # fmt: skip
    for ours, (one, other) in families.items():
        for side in ("Left", "Right"):
            smpl = smpl.replace(f"JOINT {side}{ours}\n", f"JOINT {side[0]}{one}\n")
            engine = engine.replace(f"JOINT {side}{ours}\n", f"JOINT {other}{side[0].lower()}\n")
    ours, one, other = (rows_of(parse_bvh(text, "rig.bvh")) for text in (mixamo(), smpl, engine))
    assert other == ours
    assert one == {**ours, "toes.L": ours["toes.L"] + 1, "toes.R": ours["toes.R"] + 1}  # the ends of the feet


def test_a_rig_without_knees_is_refused_by_name():
    with pytest.raises(DataError, match=r"no joint known as shin.L, shin.R; its joints: Hips, "):
        rows_of(parse_bvh(mixamo("").replace("LeftLeg", "A").replace("RightLeg", "B"), "rig.bvh"))


@pytest.mark.skipif(not CAPTURES.exists(), reason=f"no motion capture at {CAPTURES}; set VITRUVIAN_SHARED")
@pytest.mark.parametrize("file", FILES)
def test_limbs_of_the_posed_mesh_point_where_they_were_captured(file):
    """To a degree, frame by frame."""
    motion = read_bvh(CAPTURES / file)
    motion = replace(motion, frames=motion.frames[:: len(motion.frames) // 5])
    rows, person, stances = rows_of(motion), anatomy(), retargeted(motion).stances
    captured = joints_of(motion)[0] @ upright(motion, rows).T
    for frame, stance in zip(captured, stances, strict=True):
        joints = posed(person, person.middle, angles(person, stance), np.zeros(3)).joints
        for (first, second), (start, end) in LIMBS.items():
            for side in SIDES:
                found = joints[person.bone(f"{second}.{side}")] - joints[person.bone(f"{first}.{side}")]
                true = frame[rows[f"{end}.{side}"]] - frame[rows[f"{start}.{side}"]]
                cosine = found @ true / np.linalg.norm(found) / np.linalg.norm(true)
                assert np.degrees(np.arccos(min(cosine, 1.0))) < 1, (file, start, side)


@pytest.mark.skipif(not CAPTURES.exists(), reason=f"no motion capture at {CAPTURES}; set VITRUVIAN_SHARED")
@pytest.mark.parametrize("file", FILES)
def test_knees_and_elbows_bend_the_way_they_can(file):
    """About x: knees positive, elbows negative; a little noise of capture is let through."""
    stances = retargeted(read_bvh(CAPTURES / file)).stances
    for side in SIDES:
        assert np.degrees(np.percentile(stances[:, ROW[f"shin.{side}"], 0], 1)) > -10
        assert np.degrees(np.percentile(stances[:, ROW[f"forearm.{side}"], 0], 99)) < 10
