"""The kept copies of labels: the same columns, shared, made again when damaged, and never in the way."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from functools import partial
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.datasets import cache
from vitruvian.datasets.cache import MADE_AGAIN, cached
from vitruvian.datasets.coco_layout import read_layout
from vitruvian.datasets.polygon_columns import flattened, nested
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


def read_both(path, skip):
    """A reader of two files, the second of which says where the point is."""
    labels, notes = read(path, skip)
    return replace(labels, xy=labels.xy + float(path.with_suffix(".txt").read_text())), notes


def test_a_reader_of_several_files_is_known_by_the_contents_of_all(path):
    beside = path.with_suffix(".txt")
    beside.write_text("10")
    opened = lambda: cached(read_both, path, False, (path, beside))[0].xy[0, 0].tolist()  # noqa: E731
    assert (opened(), opened()) == ([11, 12], [11, 12])
    assert len(CALLS) == 1
    beside.write_text("20")
    assert opened() == [21, 22]
    assert len(CALLS) == len(kept(path)) == 2


def test_the_sizes_of_several_files_are_added(path, monkeypatch):
    beside = path.with_suffix(".txt")
    beside.write_text("10")
    monkeypatch.setattr(cache, "FROM", path.stat().st_size + 2)
    cached(read_both, path, False)
    assert not (path.parent / "home").exists()
    cached(read_both, path, False, (path, beside))
    assert len(kept(path)) == 1


def test_where_one_of_several_files_is_missing_the_error_is_that_of_the_reader(path):
    with pytest.raises(FileNotFoundError, match=r"a\.txt"):
        cached(read_both, path, False, (path, path.with_suffix(".txt")))


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


def test_columns_of_polygons_are_kept(path):
    """Of two images the first has nothing, the second a triangle and a line."""
    triangle, line = np.array([[0, 0], [4, 0], [0, 3.5]]), np.array([[1.0, 2], [3, 4]])

    def outlined(file, skip):
        labels, notes = read(file, skip)
        column = np.empty(2, object)
        column[:] = [(), (triangle, line)]
        return replace(labels, image_extras={"regions": column}), notes

    for _ in range(2):
        regions = cached(outlined, path, False)[0].image_extras["regions"]
        assert regions[0] == ()
        np.testing.assert_array_equal(regions[1][0], triangle)
        np.testing.assert_array_equal(regions[1][1], line)
    assert len(CALLS) == 1


@given(st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=4))
@settings(max_examples=30, deadline=None)
def test_polygons_come_back_as_they_were(counts):
    """counts: for each row, the corners of each of its polygons."""
    column = np.empty(len(counts), object)
    column[:] = [tuple(np.arange(2.0 * n).reshape(n, 2) for n in row) for row in counts]
    back = nested(*flattened(column))
    assert [[one.tolist() for one in row] for row in back] == [[one.tolist() for one in row] for row in column]


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


def scaled(factor, path, skip):
    labels, notes = read(path, skip)
    return replace(labels, xy=factor * labels.xy), notes


def test_a_partial_reader_is_known_by_what_it_was_given(path):
    for factor in (1, 2, 2):
        assert cached(partial(scaled, factor), path, False)[0].xy[0, 0].tolist() == [factor, 2 * factor]
    assert len(CALLS) == len(kept(path)) == 2
