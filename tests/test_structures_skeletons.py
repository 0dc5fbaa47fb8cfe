"""The table of skeletons: contracts over every entry, values checked by hand, agreement with collected facts."""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest

from vitruvian.errors import UnknownNameError
from vitruvian.structures import SKELETONS, skeleton
from vitruvian.structures.skeletons.chains import chains, line, loop

SHARED = Path(os.environ.get("VITRUVIAN_SHARED") or Path(__file__).resolve().parents[2] / "shared")
FACTS = SHARED / "facts" / "skeletons.json"

ALL = pytest.mark.parametrize("one", [pytest.param(one, id=name) for name, one in sorted(SKELETONS.items())])
EXCHANGED = {"left": "right", "right": "left", "centre": "centre"}


# ---- contracts


@ALL
def test_a_skeleton_is_listed_under_its_name_with_its_number_of_keypoints(one):
    assert SKELETONS[one.name] is one
    assert one.name.endswith(str(len(one)))


@ALL
def test_names_are_lower_case_words_and_unique(one):
    assert len(set(one.names)) == len(one)
    assert all(re.fullmatch(r"[a-z]+[0-9]*(_[a-z0-9]+)*", name) for name in one.names)


@ALL
def test_mirroring_twice_changes_nothing(one):
    assert [one.mirror[other] for other in one.mirror] == list(range(len(one)))


@ALL
def test_the_mirror_exchanges_the_sides(one):
    for k, other in enumerate(one.mirror):
        assert one.side(other) == EXCHANGED[one.side(k)]
        assert (other == k) == (one.side(k) == "centre")


@ALL
def test_every_left_has_its_right(one):
    for k, name in enumerate(one.names):
        if "left" in name.split("_"):
            assert one.names[one.mirror[k]] == name.replace("left", "right", 1)


@ALL
def test_limbs_join_different_keypoints_and_none_comes_twice(one):
    assert all(0 <= a < len(one) and 0 <= b < len(one) and a != b for a, b in one.limbs)
    assert len({frozenset(limb) for limb in one.limbs}) == len(one.limbs)


@ALL
def test_the_mirror_image_of_a_limb_is_a_limb(one):
    limbs = {frozenset(limb) for limb in one.limbs}
    assert {frozenset((one.mirror[a], one.mirror[b])) for a, b in one.limbs} == limbs


@ALL
def test_limbs_reach_every_keypoint_but_the_known_ones(one):
    """No line leads to pupils and centres of eyes, to lone chins, and where the published limbs leave points out."""
    published = {"posetrack17": ("ear",), "panoptic19": ("eye", "ear"), "halpe136": ("hand_root",)}
    drawn_as_points = ("pupil", "eye_centre", "chin", *published.get(one.name, ()))
    joined = {k for limb in one.limbs for k in limb}
    lone = [name for k, name in enumerate(one.names) if k not in joined]
    assert [name for name in lone if not name.endswith(drawn_as_points)] == []


@ALL
def test_sigmas_are_plain_numbers(one):
    assert all(type(sigma) is float and 0.005 < sigma < 0.2 for sigma in one.sigmas)


def test_the_table_holds_the_usual_skeletons():
    usual = {
        "coco17", "lsp14", "mpii16", "crowdpose14", "posetrack17", "h36m17", "halpe26", "halpe136",
        "coco_wholebody133", "hand21", "aflw19", "face68", "wflw98", "cofw29", "ap10k17",
    }  # fmt: skip
    assert usual <= set(SKELETONS)


def test_a_skeleton_is_found_by_its_name():
    assert skeleton("coco17") is SKELETONS["coco17"]


def test_an_unknown_skeleton_is_refused_with_the_nearest_names():
    with pytest.raises(UnknownNameError, match=r'^unknown skeleton "coco_17"; known: .*\. Did you mean coco17 or '):
        skeleton("coco_17")


# ---- checked by hand


def test_coco17_begins_at_the_nose_and_ends_at_the_right_ankle():
    coco = SKELETONS["coco17"]
    assert (coco.names[0], coco.names[5], coco.names[16]) == ("nose", "left_shoulder", "right_ankle")
    assert coco.mirror == (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)


def test_coco17_has_the_sigmas_of_the_coco_evaluation():
    """https://cocodataset.org/#keypoints-eval, the same left and right: eyes, ears, shoulders, ..."""
    pairs = (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089)
    assert SKELETONS["coco17"].sigmas == (0.026, *(sigma for sigma in pairs for _ in range(2)))


def test_the_face_of_68_has_its_parts_where_ibug_has_them():
    names = SKELETONS["face68"].names
    known = {
        0: "right_jaw_8", 8: "chin", 16: "left_jaw_8", 17: "right_eyebrow_5", 21: "right_eyebrow_1",
        22: "left_eyebrow_1", 26: "left_eyebrow_5", 27: "nose_bridge_1", 30: "nose_bridge_4",
        31: "right_nostril_2", 33: "nose_base", 35: "left_nostril_2", 36: "right_eye_outer", 39: "right_eye_inner",
        41: "right_eye_lower_2", 42: "left_eye_inner", 45: "left_eye_outer", 47: "left_eye_lower_1",
        48: "right_outer_lip_corner", 51: "outer_lip_upper_middle", 54: "left_outer_lip_corner",
        57: "outer_lip_lower_middle", 60: "right_inner_lip_corner", 62: "inner_lip_upper_middle",
        64: "left_inner_lip_corner", 66: "inner_lip_lower_middle", 67: "right_inner_lip_lower_1",
    }  # fmt: skip
    assert {k: names[k] for k in known} == known


def test_the_face_of_68_mirrors_the_outer_corners_of_the_eyes_into_each_other():
    face = SKELETONS["face68"]
    assert [face.mirror[k] for k in (0, 17, 27, 36, 37, 41, 48, 51, 60, 67)] == [16, 26, 27, 45, 44, 46, 54, 51, 64, 65]


@pytest.mark.parametrize(("name", "start"), [("coco_wholebody133", 23), ("halpe136", 26)])
def test_a_whole_body_contains_the_face_of_68_and_two_hands(name, start):
    whole, face, hand = SKELETONS[name], SKELETONS["face68"], SKELETONS["hand21"]
    left, right = start + 68, start + 68 + 21
    assert len(whole) == right + 21
    assert whole.names[start:left] == face.names
    assert whole.mirror[start:left] == tuple(k + start for k in face.mirror)
    assert whole.names[left:right] == ("left_hand_root", *(f"left_{joint}" for joint in hand.names[1:]))
    assert whole.mirror[left:right] == tuple(range(right, right + 21))
    assert {(a + start, b + start) for a, b in face.limbs} <= set(whole.limbs)


def test_the_whole_body_begins_with_coco17():
    whole, coco = SKELETONS["coco_wholebody133"], SKELETONS["coco17"]
    assert (whole.names[:17], whole.mirror[:17], whole.sigmas[:17], whole.limbs[:19]) == (
        coco.names, coco.mirror, coco.sigmas, coco.limbs,
    )  # fmt: skip


def test_a_hand_has_five_fingers_of_four_joints_on_its_wrist():
    hand = SKELETONS["hand21"]
    assert hand.limbs[:5] == ((0, 1), (1, 2), (2, 3), (3, 4), (0, 5))
    assert [b for a, b in hand.limbs if a == 0] == [1, 5, 9, 13, 17]
    assert hand.mirror == tuple(range(21))


@pytest.mark.parametrize("name", ["rhd21", "interhand21"])
def test_hands_in_another_order_have_the_same_joints_with_the_same_sigmas(name):
    hand, other = SKELETONS["hand21"], SKELETONS[name]
    assert dict(zip(hand.names, hand.sigmas, strict=True)) == dict(zip(other.names, other.sigmas, strict=True))


def test_lines_join_neighbours_and_loops_close():
    assert line("abc") == (("a", "b"), ("b", "c"))
    assert loop("abc") == (("a", "b"), ("b", "c"), ("c", "a"))
    assert chains("nose neck", "neck hip knee") == (("nose", "neck"), ("neck", "hip"), ("hip", "knee"))


# ---- agreement with the facts collected from published configurations

SOURCES = {
    "coco17": "coco", "coco_aic19": "coco_aic", "humanart21": "humanart21", "halpe26": "halpe26",
    "crowdpose14": "crowdpose", "exlpose14": "exlpose", "posetrack17": "posetrack18", "mpii16": "mpii", "aic14": "aic",
    "jhmdb15": "jhmdb", "h36m17": "h36m", "mpi_inf_3dhp17": "mpi_inf_3dhp", "panoptic19": "panoptic_body3d",
    "coco_wholebody133": "coco_wholebody", "halpe136": "halpe", "hand21": "coco_wholebody_hand", "rhd21": "rhd2d",
    "interhand21": "interhand2d", "interhand42": "interhand3d", "face68": "coco_wholebody_face", "wflw98": "wflw",
    "lapa106": "lapa", "aflw19": "aflw", "cofw29": "cofw", "ap10k17": "ap10k", "animalpose20": "animalpose",
    "horse22": "horse10",
}  # fmt: skip

# Left out: 300wlp, which lists no mirror though its points are those of 300w, and ubody3d, the joints of a body mesh
# whose right ring finger has no limbs.
SHARED_BY = {
    "coco17": ("humanart", "ochuman"), "coco_aic19": ("humanart_aic",), "mpii16": ("mhp",),
    "coco_wholebody133": ("h3wb", "ubody2d"), "hand21": ("onehand10k", "freihand2d", "panoptic_hand2d"),
    "face68": ("300w", "300vw"),
}  # fmt: skip

AGREED = list(SOURCES.items())
AGREED += [(ours, theirs) for ours, several in SHARED_BY.items() for theirs in several]


@cache
def _facts() -> dict[str, dict[str, list]]:
    if not FACTS.exists():
        pytest.skip(f"no collected facts at {FACTS}; set VITRUVIAN_SHARED to the folder that holds facts/")
    return json.loads(FACTS.read_text())


def _numbered(name: str) -> bool:
    """Whether the facts give this point a number only."""
    return re.fullmatch(r"(kpt|face)-\d+", name) is not None


def _plain(name: str) -> str:
    """A name without case and separators, and with the animals' abbreviations spelled out."""
    words = re.split(r"[_ ]", name)
    if words[0] in ("L", "R"):
        words = [{"L": "left", "R": "right", "F": "front", "B": "back"}.get(word, word) for word in words]
    return "".join(words).lower()


def test_every_skeleton_but_lsp_and_feet_alone_is_compared_with_the_facts():
    assert set(SOURCES) == set(SKELETONS) - {"lsp14", "foot6"}


@pytest.mark.parametrize(("ours", "theirs"), AGREED)
def test_names_and_order_agree_with_the_facts(ours, theirs):
    facts, one = _facts()[theirs], SKELETONS[ours]
    assert len(facts["keypoints"]) == len(one)
    for mine, given in zip(one.names, facts["keypoints"], strict=True):
        assert _numbered(given) or _plain(mine) == _plain(given)


@pytest.mark.parametrize(("ours", "theirs"), AGREED)
def test_the_mirror_agrees_with_the_facts(ours, theirs):
    assert list(SKELETONS[ours].mirror) == _facts()[theirs]["flip_index"]


@pytest.mark.parametrize(("ours", "theirs"), AGREED)
def test_the_limbs_agree_with_the_facts_outside_the_face(ours, theirs):
    """In the face the facts have no limbs, and ours join no face point to any other."""
    facts, one = _facts()[theirs], SKELETONS[ours]
    face = {k for k, name in enumerate(facts["keypoints"]) if _numbered(name)}
    given = [tuple(facts["keypoints"].index(end) for end in limb) for limb in facts["links"]]
    assert [limb for limb in one.limbs if not face & set(limb)] == given
    assert all(set(limb) <= face for limb in one.limbs if face & set(limb))


@pytest.mark.parametrize(("ours", "theirs"), AGREED)
def test_the_sigmas_agree_with_the_facts_where_these_have_any(ours, theirs):
    facts = _facts()[theirs]
    if facts["sigmas"]:
        assert list(SKELETONS[ours].sigmas) == facts["sigmas"]
