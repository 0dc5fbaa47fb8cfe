"""`vitruvian synth`: a folder of pictures that anything else can read."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.cli import main
from vitruvian.datasets import open_dataset

ARGUMENTS = ["synth", "hand", "--size", "48", "40", "--seed", "2"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("synth") / "hands"
    assert main([*ARGUMENTS, "--count", "5", "--out", str(out)]) == 0
    return out


def test_the_folder_is_a_data_set_with_points_in_three_dimensions(made):
    dataset = open_dataset(made / "annotations.json")
    assert len(dataset) == 5
    assert dataset.skeleton.name == "hand21"
    assert dataset[0].load().shape == (40, 48, 3)
    with np.load(made / "keypoints_3d.npz") as file:
        assert file["millimetres"].shape == (len(dataset.labels), 21, 3)
        assert np.array_equal(file["ids"], dataset.labels.ids)


def test_more_pictures_are_added_to_those_that_are_there(made, tmp_path):
    before = (made / "images/00000003.jpg").read_bytes()
    stamp = (made / "images/00000003.jpg").stat().st_mtime_ns
    assert main([*ARGUMENTS, "--count", "7", "--out", str(made)]) == 0
    assert len(open_dataset(made / "annotations.json")) == 7
    assert (made / "images/00000003.jpg").stat().st_mtime_ns == stamp
    (made / "parts/000000.npz").unlink()  # as if it had been killed before the part was whole
    assert main([*ARGUMENTS, "--count", "5", "--out", str(made)]) == 0
    assert (made / "images/00000003.jpg").read_bytes() == before
    assert len(open_dataset(made / "annotations.json")) == 5


def test_a_folder_of_other_pictures_is_refused(made, capsys):
    assert main(["synth", "face", "--count", "3", "--out", str(made)]) == 2
    assert "holds pictures of other settings" in capsys.readouterr().err


def test_no_pictures_are_refused(tmp_path, capsys):
    assert main(["synth", "body", "--count", "0", "--out", str(tmp_path)]) == 2
    assert "--count and --workers must be at least 1, got 0 and 1" in capsys.readouterr().err
