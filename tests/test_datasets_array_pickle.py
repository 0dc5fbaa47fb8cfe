"""Reading pickles of arrays: what comes back, and that nothing in them runs."""

import os
import pickle
import re

import numpy as np
import pytest

from vitruvian.datasets import array_pickle
from vitruvian.datasets.array_pickle import read_array_pickle
from vitruvian.errors import DataError

CONTENT = {
    ("S1", "54138969"): {"f": np.array([[1.5], [2.5]]), "w": 1000, "name": "camera"},
    "floats": np.arange(6, dtype=np.float32).reshape(2, 3),
    "by columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big endian": np.arange(3, dtype=">i4"),
    "truths": np.array([True, False]),
    "empty": np.zeros((0, 3)),
    "scalar": np.float64(0.25),
    "plain": [1, 2.5, "text", None, (True, b"bytes")],
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_come_back_as_they_were(tmp_path, protocol):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(CONTENT, protocol))
    found = read_array_pickle(tmp_path / "a.pkl", "a test")
    assert list(found) == list(CONTENT)
    assert (found["plain"], found["scalar"]) == (CONTENT["plain"], 0.25)
    assert found["S1", "54138969"]["w"] == 1000
    for name in ("floats", "by columns", "big endian", "truths", "empty"):
        np.testing.assert_array_equal(found[name], CONTENT[name])
        assert (found[name].dtype, found[name].shape) == (CONTENT[name].dtype, CONTENT[name].shape)


def test_a_shared_container_is_made_once(tmp_path):
    """Twenty lists that each name the one below twice would be a million lists."""
    content = [1]
    for _ in range(array_pickle.DEEPEST - 1):
        content = [content, content]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content))
    found = read_array_pickle(tmp_path / "a.pkl", "a test")
    assert found == content
    assert found[0] is found[1]


class Command:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch ran",)


class Call:
    """Calls a function of NumPy that reads files."""

    def __reduce__(self):
        return np.fromfile, ("/etc/hostname",)


def cyclic():
    content = []
    content.append(content)
    return content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (Command(), r"it asks for (posix|nt)\.system, which arrays have no need of and which may run code"),
        ({"a": Call()}, r"it asks for numpy.*\.fromfile, which arrays have no need of"),
        (np.array([Command()], object), r"it asks for (posix|nt)\.system|array of object"),
        (np.array([1, None], object), "it holds an array of object, expected numbers"),
        (np.array(["text"]), "it holds an array of <U4, expected numbers"),
        (cyclic(), "it has containers more than 8 deep"),
    ],
)
def test_what_is_no_array_is_refused_and_not_run(tmp_path, monkeypatch, content, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content, 2))
    with pytest.raises(DataError, match=f"a.pkl cannot be read as a pickle of arrays: .*{sentence}.*expected cameras"):
        read_array_pickle(tmp_path / "a.pkl", "cameras")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("end", [1, 10, 100, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path, end):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(CONTENT)[:end])
    with pytest.raises(DataError, match=re.escape("a.pkl cannot be read as a pickle of arrays")):
        read_array_pickle(tmp_path / "a.pkl", "cameras")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(array_pickle, "LARGEST", 10)
    (tmp_path / "a.pkl").write_bytes(bytes(11))
    with pytest.raises(DataError, match=r"a\.pkl has over .* GiB; expected cameras"):
        read_array_pickle(tmp_path / "a.pkl", "cameras")
