"""The kept copies of labels: the same columns, shared, made again when damaged, and never in the way."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from threading import Barrier

import numpy as np
import pytest

from vitruvian.datasets import cache
from vitruvian.datasets.cache import MADE_AGAIN, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.errors import DataError

CALLS: list[str] = []


def read(path, skip):
    """A reader as data sets have them, with further columns, that says when it is called."""
    CALLS.append(path.name)
    layout = read_layout(path, 1, skip=skip)
    extras = {"head_box": np.arange(8.0).reshape(2, 4), "side": np.array([True, False])}
    return replace(layout.labels, extras=extras, image_extras={"scene": np.array(["a", "bc"])}), ("a note",)


def read_otherwise(path, skip):
    return read(path, skip)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A small file of two people in two images, which is large enough here to be kept."""
    CALLS.clear()
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "FROM", 1)
    file = tmp_path / "a.json"
    images = [{"id": 3, "file_name": "x.jpg"}, {"id": 4, "file_name": "ü.jpg"}]
    people = [{"id": n, "image_id": 4, "keypoints": [n, 2, 2], "track_id": n} for n in (1, 2)]
    file.write_text(json.dumps({"images": images, "annotations": people}))
    return file


def kept(path):
    return sorted(path.parent.glob("home/datasets/*"))


def assert_same(one, two):
    for field in fields(one):
        first, second = getattr(one, field.name), getattr(two, field.name)
        if isinstance(first, dict):
            assert first.keys() == second.keys()
            for name in first:
                np.testing.assert_array_equal(first[name], second[name])
        elif first is None:
            assert second is None
        else:
            np.testing.assert_array_equal(first, second)
            assert first.dtype == second.dtype


def test_the_second_open_does_not_read_the_file(path):
    plain = read(path, False)
    first, second = cached(read, path, False), cached(read, path, False)
    assert len(CALLS) == 2
    for labels, notes in (first, second):
        assert_same(plain[0], labels)
        assert notes == ("a note",)


def test_arrays_of_the_copy_are_mapped_and_read_only(path):
    cached(read, path, False)
    labels, _ = cached(read, path, False)
    assert isinstance(labels.xy.base, np.memmap) or isinstance(labels.xy, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        labels.xy[0] = 0


def test_other_contents_another_reader_or_skipping_are_other_copies(path):
    cached(read, path, False)
    cached(read, path, True)
    cached(read_otherwise, path, False)
    path.write_text(path.read_text() + " ")
    cached(read, path, False)
    assert len(CALLS) == len(kept(path)) == 4


def test_a_file_that_was_moved_is_known_again(path):
    cached(read, path, False)
    moved = path.rename(path.with_name("b.json"))
    cached(read, moved, False)
    assert CALLS == ["a.json"]


def test_a_small_file_and_a_folder_leave_no_trace(path, monkeypatch):
    monkeypatch.setattr(cache, "FROM", 10_000)
    cached(read, path, False)
    cached(lambda folder, skip: read(path, skip), path.parent, False)
    assert not (path.parent / "home").exists()


@pytest.mark.parametrize("harm", ["cut", "changed", "table", "missing", "nonsense"])
def test_a_damaged_copy_is_made_again_and_noted(path, harm):
    cached(read, path, False)
    (folder,) = kept(path)
    column = folder / "6.npy"
    if harm == "cut":
        column.write_bytes(column.read_bytes()[:-1])
    elif harm == "changed":
        column.write_bytes(column.read_bytes()[:-1] + b"x")
    elif harm == "table":
        (folder / "columns.json").write_text("{")
    elif harm == "nonsense":
        (folder / "columns.json").write_text('{"columns": [], "notes": []}')
    else:
        column.unlink()
    labels, notes = cached(read, path, False)
    assert notes == ("a note", MADE_AGAIN)
    assert_same(read(path, False)[0], labels)
    assert cached(read, path, False)[1] == ("a note",)
    assert len(kept(path)) == 1


@pytest.mark.skipif(os.name == "nt", reason="folders are made read-only otherwise on Windows")
def test_where_nothing_can_be_written_it_works_without(path, monkeypatch):
    blocked = path.parent / "blocked"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("VITRUVIAN_HOME", str(blocked))
    assert cached(read, path, False)[1] == ("a note",)
    assert blocked.is_file()


def test_a_full_disk_leaves_no_half_written_copy(path, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "save", full)
    labels, _ = cached(read, path, False)
    assert len(labels) == 2
    assert list((path.parent / "home/datasets").iterdir()) == []


def test_columns_that_are_no_plain_arrays_are_not_kept(path):
    def ragged(file, skip):
        labels, notes = read(file, skip)
        return replace(labels, image_extras={"regions": np.array([(1,), (1, 2)], object)}), notes

    assert cached(ragged, path, False)[0].image_extras["regions"][1] == (1, 2)
    assert kept(path) == []


def test_data_without_anybody_is_kept_too(path):
    path.write_text(json.dumps({"images": [{"id": 1, "file_name": "a.jpg"}]}))
    plain = lambda file, skip: (read_layout(file, 17, skip=skip).labels, ())  # noqa: E731
    assert_same(cached(plain, path, False)[0], cached(plain, path, False)[0])
    assert len(kept(path)) == 1


def test_what_a_killed_process_left_is_removed_after_a_day(path):
    parent = path.parent / "home/datasets"
    old, new = parent / ".old.partial", parent / ".new.partial"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (time.time() - 2 * 24 * 60 * 60,) * 2)
    cached(read, path, False)
    assert not old.exists()
    assert new.exists()


def test_an_error_of_the_file_is_its_own(path):
    path.write_text("{")
    with pytest.raises(DataError, match="is not whole JSON"):
        cached(read, path, False)
    with pytest.raises(DataError, match="cannot be read"):
        cached(read, path.with_name("none.json"), False)
    assert kept(path) == []


def test_who_opens_at_once_gets_all_of_it_and_leaves_one_copy(path):
    """Eight threads wait for each other, then open the same new file."""
    at_once = Barrier(8)

    def opened(_):
        at_once.wait()
        return cached(read, path, False)[0]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(opened, range(8)))
    for labels in answers:
        assert_same(read(path, False)[0], labels)
    assert len(kept(path)) == 1
    assert list((path.parent / "home/datasets").glob(".*")) == []
