"""A user's own skeleton, read from TOML."""

import re

import pytest

from vitruvian.errors import DataError, RecipeError, SkeletonError
from vitruvian.structures import SKELETONS, Skeleton, read_skeleton, skeleton_file, skeleton_to_toml

MOUSE = """
name = "mouse5"
keypoints = ["nose", "left_ear", "right_ear", "whisker_1", "whisker_2"]
limbs = [["nose", "left_ear"], ["nose", "right_ear"]]
pairs = { whisker_1 = "whisker_2" }
sigmas = [0.03, 0.04, 0.04, 0.02, 0.02]
"""


@pytest.fixture
def write(tmp_path):
    """Writes text to a TOML file and gives its path."""

    def _write(content: str | bytes):
        path = tmp_path / "own.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


def test_a_skeleton_is_read_with_all_its_parts(write):
    assert read_skeleton(write(MOUSE)) == Skeleton(
        "mouse5",
        ("nose", "left_ear", "right_ear", "whisker_1", "whisker_2"),
        ((0, 1), (0, 2)),
        (0, 2, 1, 4, 3),
        (0.03, 0.04, 0.04, 0.02, 0.02),
    )


def test_name_and_keypoints_are_enough(write):
    read = read_skeleton(write('name = "worm2"\nkeypoints = ["head", "tail"]'))
    assert read == Skeleton.define("worm2", ("head", "tail"))


def test_the_example_of_the_documentation_reads(write):
    lines = skeleton_file.__doc__.splitlines()
    example = "\n".join(line for line in lines if line.startswith("    "))
    assert read_skeleton(write(example)) == read_skeleton(write(MOUSE))


@pytest.mark.parametrize(("key", "near"), [("limb", "limbs"), ("sigma", "sigmas"), ("keypoint_names", "keypoints")])
def test_an_unknown_key_is_refused_with_the_nearest_known_one(write, key, near):
    path = write(MOUSE + f"{key} = []")
    sentence = f'{path}: unknown key "{key}"; known: name, keypoints, limbs, pairs, sigmas. Did you mean {near}?'
    with pytest.raises(RecipeError, match=f"^{re.escape(sentence)}$"):
        read_skeleton(path)


def test_a_key_like_no_other_is_refused_without_a_guess(write):
    with pytest.raises(RecipeError, match=r'unknown key "zzz"; known: name, keypoints, limbs, pairs, sigmas\.$'):
        read_skeleton(write(MOUSE + "zzz = 1"))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('name = "a"\nkeypoints = [1 2]', "at line 2"),
        ('name = "a"\nname = "b"\n', "at line 2"),
        ('name = "a"\nkeypoints = ["nose",', "at line 2, the last"),
    ],
)
def test_broken_toml_is_refused_with_file_and_line(write, content, line):
    path = write(content)
    with pytest.raises(DataError, match=f"^{re.escape(str(path))}: not TOML: .*{line}"):
        read_skeleton(path)


def test_another_encoding_is_refused_with_file_and_line(write):
    path = write('name = "a"\nkeypoints = ["pied_arrière"]'.encode("latin-1"))
    sentence = f"{path}: line 2 is not UTF-8, as TOML must be; save the file as UTF-8"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        read_skeleton(path)


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "none.toml"
    sentence = f"{path}: cannot be read (No such file or directory); give the path of a TOML file"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        read_skeleton(path)


@pytest.mark.parametrize(("key", "rest"), [("name", 'keypoints = ["a"]'), ("keypoints", 'name = "a"')])
def test_a_missing_key_is_named(write, key, rest):
    with pytest.raises(DataError, match=f'the key "{key}" is missing; a skeleton needs name and keypoints$'):
        read_skeleton(write(rest))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("name = 5", 'name must be a text, as in "mouse5", got 5'),
        ('keypoints = "nose"', 'keypoints must be a list of names, as in ["nose", "left_ear"], got \'nose\''),
        ("keypoints = [1]", 'keypoints must be a list of names, as in ["nose", "left_ear"], got [1]'),
        ('limbs = [["a"]]', 'limbs must be a list of pairs of names, as in [["nose", "left_ear"]], got [[\'a\']]'),
        ("limbs = [[0, 1]]", 'limbs must be a list of pairs of names, as in [["nose", "left_ear"]], got [[0, 1]]'),
        ("pairs = { a = 1 }", "pairs must be a table of names, as in { ear_1 = \"ear_2\" }, got {'a': 1}"),
        ("sigmas = [true]", "sigmas must be a list of numbers, as in [0.03, 0.04], got [True]"),
        ("sigmas = 0.1", "sigmas must be a list of numbers, as in [0.03, 0.04], got 0.1"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(write, line, sentence):
    key = line.split()[0]
    rest = [other for other in MOUSE.splitlines() if not other.startswith(f"{key} ")]
    path = write("\n".join([*rest, line]))
    with pytest.raises(DataError, match=f"^{re.escape(f'{path}: {sentence}')}$"):
        read_skeleton(path)


def test_a_skeleton_that_contradicts_itself_is_refused_with_the_file(write):
    path = write(MOUSE.replace("0.03, ", ""))
    sentence = f'{path}: skeleton "mouse5" has 5 keypoints but 4 sigmas; give 5'
    with pytest.raises(SkeletonError, match=f"^{re.escape(sentence)}$"):
        read_skeleton(path)


@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_every_skeleton_comes_back_as_it_was_written(write, name):
    assert read_skeleton(write(skeleton_to_toml(SKELETONS[name]))) == SKELETONS[name]


def test_odd_names_and_a_side_without_a_partner_come_back(write):
    names = ('a "quoted" \\ name', "nose\ttip", "left_ear", "Ärmel", "1")
    odd = Skeleton("odd one", names, ((0, 4),), (0, 1, 2, 4, 3), (0.1, 0.03, 1e-5, 0.05, 0.05))
    assert read_skeleton(write(skeleton_to_toml(odd))) == odd
