"""Which points mirror each other, for `vitruvian fit`: told, guessed, or left alone."""

from pathlib import Path

import numpy as np
import pytest

from tests.labels import labels
from tests.test_training_mirror_guess import BUG, HAND, PAIRS, seen
from vitruvian.cli.fit_mirror import mirrored
from vitruvian.datasets import Dataset
from vitruvian.errors import DataError
from vitruvian.structures import Skeleton, read_skeleton

OWN = Skeleton.define("own", tuple("abcdef"), (("a", "f"),))


def data(poses: np.ndarray, skeleton: Skeleton = OWN) -> Dataset:
    xy = np.stack([poses.real, poses.imag], -1)
    return Dataset("bugs", skeleton, labels(list(range(len(xy))), xy), None)


def test_what_names_tell_stays(tmp_path):
    named = data(seen(BUG, 40), Skeleton.define("own", ("left_a", "right_a", "b", "c", "d", "e")))
    assert mirrored(named, None, tmp_path).dataset is named
    assert not list(tmp_path.iterdir())


def test_a_sure_guess_is_used_said_and_kept_to_be_corrected(tmp_path):
    found = mirrored(data(seen(BUG, 40)), None, tmp_path)
    assert found.dataset.skeleton.mirror == PAIRS
    assert found.known
    assert "guessed by where the points lie" in found.said
    assert "b = c, d = e; 2 stay in the middle. Sure: 20 of 20 random draws of the 40 poses" in found.said
    assert read_skeleton(tmp_path / "skeleton.toml") == found.dataset.skeleton


def test_what_was_corrected_is_not_written_over(tmp_path):
    (tmp_path / "skeleton.toml").write_text("corrected")
    mirrored(data(seen(BUG, 40)), None, tmp_path)
    assert (tmp_path / "skeleton.toml").read_text() == "corrected"


def test_a_doubtful_guess_is_said_and_not_used(tmp_path):
    """Half of the bugs lie on their back."""
    poses = seen(BUG, 60)
    found = mirrored(data(np.concatenate([poses, -np.conj(poses)])), None, tmp_path)
    assert found.dataset.skeleton == OWN
    assert not found.known
    assert "not known" in found.said
    assert "Doubtful: mirrored poses without these exchanged are about as like the labelled ones" in found.said
    assert f"see that {tmp_path}/skeleton.toml is right, and give that file by --skeleton" in found.said


def test_of_few_labels_nothing_is_known(tmp_path):
    found = mirrored(data(seen(BUG, 10)), None, tmp_path)
    assert (found.dataset.skeleton, found.known) == (OWN, False)
    assert "no pairs, because neither names nor places tell any" in found.said


def test_without_likely_pairs_it_is_known_that_points_stay(tmp_path):
    """Right hands: whether they may be mirrored is another question, which their shapes answer."""
    hand = Skeleton.define("own", tuple("abcd"))
    found = mirrored(data(seen(HAND, 60), hand), None, tmp_path)
    assert (found.dataset.skeleton, found.known) == (hand, True)
    assert "no pairs, because neither names nor places tell any" in found.said
    assert read_skeleton(tmp_path / "skeleton.toml") == hand


def test_a_skeleton_file_decides_in_the_order_of_the_labels(tmp_path):
    file = tmp_path / "bug.toml"
    file.write_text(
        'name = "bug"\nkeypoints = ["f", "e", "d", "c", "b", "a"]\nlimbs = [["a", "b"]]\npairs = { b = "c" }\n'
    )
    found = mirrored(data(seen(BUG, 40)), file, tmp_path)
    skeleton = found.dataset.skeleton
    assert (skeleton.name, skeleton.names) == ("bug", OWN.names)
    assert (skeleton.mirror, skeleton.limbs) == ((0, 2, 1, 3, 4, 5), ((0, 1),))
    assert found.said == f"as {file} says"


def test_a_skeleton_of_other_points_is_refused(tmp_path):
    (tmp_path / "bug.toml").write_text('name = "bug"\nkeypoints = ["a", "b", "c", "d", "e", "g"]\n')
    with pytest.raises(DataError, match=r"bug\.toml is of another skeleton than the labels: it lacks f and adds g"):
        mirrored(data(seen(BUG, 40)), Path(tmp_path / "bug.toml"), tmp_path)
