"""Skeleton: what `define` infers from names, and what is refused."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.errors import SkeletonError
from vitruvian.structures import Skeleton
from vitruvian.structures.skeleton import DEFAULT_SIGMA


def _two(**changed) -> Skeleton:
    """A skeleton of two keypoints that mirror each other, with some parts replaced."""
    parts = {"names": ("a", "b"), "limbs": ((0, 1),), "mirror": (1, 0), "sigmas": (0.1, 0.1)}
    return Skeleton("two", **(parts | changed))


# ---- what a skeleton tells


def test_a_skeleton_is_as_long_as_its_keypoints():
    assert len(_two()) == 2


def test_index_is_the_row_of_a_keypoint():
    assert _two().index("b") == 1


def test_a_skeleton_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        _two().name = "other"


def test_equal_skeletons_are_one_key_of_a_dict():
    assert len({_two(): 1, _two(): 2}) == 1


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("left_eye", "left"),
        ("right_eye", "right"),
        ("eye left", "left"),
        ("eye-right", "right"),
        ("LeftEye", "left"),
        ("eyeRight", "right"),
        ("LEFT_EYE", "left"),
        ("L_Eye", "left"),
        ("eye.r", "right"),
        ("cleft_lip", "centre"),  # "left" is not a word of it
        ("bright_spot", "centre"),
        ("nose", "centre"),
    ],
)
def test_side_is_read_from_the_words_of_a_name(name, side):
    assert Skeleton("one", (name,), (), (0,), (0.1,)).side(0) == side


def test_side_of_a_pair_without_sides_is_right_for_the_lower_index():
    assert [_two().side(0), _two().side(1)] == ["right", "left"]


# ---- what a skeleton refuses


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"names": (), "limbs": (), "mirror": (), "sigmas": ()},
            'skeleton "two" has no keypoints; give at least one name',
        ),
        ({"names": ("a", "a")}, 'skeleton "two" names a more than once; names must differ'),
        ({"mirror": (0,)}, 'skeleton "two" has 2 keypoints but 1 mirror; give 2'),
        ({"sigmas": (0.1, 0.1, 0.1)}, 'skeleton "two" has 2 keypoints but 3 sigmas; give 2'),
        ({"limbs": ((0, 2),)}, 'skeleton "two": limb (0, 2) must join two different keypoints out of 0 to 1'),
        ({"limbs": ((-1, 0),)}, 'skeleton "two": limb (-1, 0) must join two different keypoints out of 0 to 1'),
        ({"limbs": ((1, 1),)}, 'skeleton "two": limb (1, 1) must join two different keypoints out of 0 to 1'),
        (
            {"mirror": (1, 1)},
            'skeleton "two": a mirrors to index 1, which does not mirror back; left and right must pair up',
        ),
        (
            {"mirror": (0, 2)},
            'skeleton "two": b mirrors to index 2, which does not mirror back; left and right must pair up',
        ),
        (
            {"mirror": (0, -1)},
            'skeleton "two": b mirrors to index -1, which does not mirror back; left and right must pair up',
        ),
        ({"sigmas": (0.1, 0.0)}, 'skeleton "two": the sigma of b is not between 0 and 1'),
        ({"sigmas": (1.0, float("nan"))}, 'skeleton "two": the sigma of a, b is not between 0 and 1'),
    ],
)
def test_a_skeleton_refuses_parts_that_contradict_each_other(changed, sentence):
    with pytest.raises(SkeletonError, match=f"^{re.escape(sentence)}$"):
        _two(**changed)


def test_index_of_an_unknown_name_lists_the_known_ones():
    with pytest.raises(SkeletonError, match=r'^skeleton "two" has no keypoint "c"; it has a, b$'):
        _two().index("c")


# ---- define


def test_define_pairs_left_with_right_and_leaves_the_rest():
    cat = Skeleton.define("cat", ("nose", "left_ear", "right_ear", "tail"))
    assert cat.mirror == (0, 2, 1, 3)


def test_define_turns_limbs_into_indices_in_the_order_given():
    cat = Skeleton.define("cat", ("nose", "left_ear", "right_ear"), limbs=[("right_ear", "nose"), ("nose", "left_ear")])
    assert cat.limbs == ((2, 0), (0, 1))


def test_define_gives_the_default_sigma_where_none_is_given():
    assert Skeleton.define("cat", ("nose", "tail")).sigmas == (DEFAULT_SIGMA, DEFAULT_SIGMA)


def test_define_keeps_the_sigmas_given():
    assert Skeleton.define("cat", ("nose", "tail"), sigmas=[0.1, 0.2]).sigmas == (0.1, 0.2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("left_eye", "right_eye"),
        ("LEFT_EYE", "RIGHT_EYE"),
        ("Left Eye", "Right Eye"),
        ("eyeLeft", "eyeRight"),
        ("L_F_Paw", "R_F_Paw"),
        ("paw-l", "paw-r"),
        ("left_cleft", "right_cleft"),  # only the whole word is exchanged
        ("left_palm_right_edge", "right_palm_left_edge"),
    ],
)
def test_define_finds_the_partner_by_whole_words(one, other):
    assert Skeleton.define("pair", (one, other)).mirror == (1, 0)


def test_define_takes_pairs_that_the_names_do_not_tell():
    fly = Skeleton.define("fly", ("wing_1", "head", "wing_2"), pairs={"wing_1": "wing_2"})
    assert fly.mirror == (2, 1, 0)


def test_pairs_go_before_the_names():
    odd = Skeleton.define("odd", ("left_eye", "eye_2"), pairs={"left_eye": "eye_2"})
    assert odd.mirror == (1, 0)


def test_a_keypoint_paired_with_itself_stays_where_it_is():
    profile = Skeleton.define("profile", ("left_eye",), pairs={"left_eye": "left_eye"})
    assert profile.mirror == (0,)


def test_define_refuses_a_left_without_its_right():
    sentence = 'skeleton "cat": left_ear has no partner right_ear; add it, or name the pair with pairs={...}'
    with pytest.raises(SkeletonError, match=f"^{re.escape(sentence)}$"):
        Skeleton.define("cat", ("nose", "left_ear"))


@pytest.mark.parametrize("extra", [{"limbs": [("nose", "tial")]}, {"pairs": {"tial": "nose"}}])
def test_define_names_the_limbs_and_pairs_it_does_not_know(extra):
    sentence = 'skeleton "cat": limbs and pairs use tial, which is not among its keypoints: nose, tail'
    with pytest.raises(SkeletonError, match=f"^{re.escape(sentence)}$"):
        Skeleton.define("cat", ("nose", "tail"), **extra)


def test_define_refuses_a_keypoint_in_two_pairs():
    with pytest.raises(SkeletonError, match=r"^skeleton \"odd\": a mirrors to index 1, which does not mirror back"):
        Skeleton.define("odd", ("a", "b", "c"), pairs={"a": "b", "c": "b"})


PARTS = st.lists(st.from_regex(r"[a-km-qs-z]{1,6}[0-9]{0,2}", fullmatch=True), min_size=1, max_size=8, unique=True)


@st.composite
def _named(draw) -> list[str]:
    """Parts of a body, some on the midline, some left and right, in any order."""
    names = []
    for part in draw(PARTS.filter(lambda parts: not {"left", "right"} & set(parts))):
        pattern = draw(st.sampled_from(["{}", "{}_left,{}_right", "left_{},right_{}", "L_{},R_{}", "LEFT {},RIGHT {}"]))
        names += pattern.replace("{}", part).split(",")
    return draw(st.permutations(names))


@given(names=_named())
def test_the_mirror_of_any_names_is_an_involution_that_exchanges_the_sides(names):
    skeleton = Skeleton.define("any", names)
    exchanged = {"left": "right", "right": "left", "centre": "centre"}
    for k, other in enumerate(skeleton.mirror):
        assert skeleton.mirror[other] == k
        assert skeleton.side(other) == exchanged[skeleton.side(k)]
        assert (other == k) == (skeleton.side(k) == "centre")


@given(names=_named(), data=st.data())
def test_the_order_of_the_names_changes_no_pair(names, data):
    shuffled = data.draw(st.permutations(names))
    one, two = Skeleton.define("one", names), Skeleton.define("two", shuffled)
    partners = {name: names[one.mirror[one.index(name)]] for name in names}
    assert partners == {name: shuffled[two.mirror[two.index(name)]] for name in names}


@given(names=_named(), data=st.data())
def test_without_one_side_any_names_are_refused(names, data):
    sided = [name for name in names if Skeleton.define("any", names).side(names.index(name)) != "centre"]
    if not sided:
        return
    lost = data.draw(st.sampled_from(sided))
    with pytest.raises(SkeletonError, match=f"has no partner {re.escape(lost)}; add it"):
        Skeleton.define("any", [name for name in names if name != lost])
