"""Pixels: how much of an image is decoded, what is kept, and that nothing of it is ever seen in a crop."""

import contextlib
import multiprocessing
import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vitruvian.datasets import Augmentation, CropSettings, Everybody, Pixels
from vitruvian.datasets.pixels import PREFIX, reductions
from vitruvian.errors import DataError
from vitruvian.media import read_image

from .portraits import HANDS, alone, greys, portraits, save

PLAIN = CropSettings((64, 64), 1.25, "msra", Augmentation())
PLACES = np.array([[20.0, 50.0], [70.0, 40.0], [45.0, 20.0]])


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder of temporary files, for one test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _wide(width: float, **changes: object) -> Everybody:
    """A person in a square box of this width."""
    one = np.zeros(1, np.int32)
    boxes = np.array([[0, 0, width, width]], np.float32)
    everybody = Everybody(HANDS, np.array(["a.jpg"]), one, PLACES[None].astype(np.float32), boxes, np.ones(1))
    return replace(everybody, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("width", "by"), [(10, 1), (127, 1), (128, 2), (255, 2), (256, 4), (511, 4), (512, 8), (5000, 8)]
)
def test_an_image_is_reduced_while_a_quarter_more_pixels_are_left_than_the_input_has(width, by):
    """128 wide and padded by 1.25 are 160, which is 1.25 times 64 even when halved."""
    assert reductions(_wide(width), PLAIN).tolist() == [by]


@pytest.mark.parametrize(
    ("change", "by"),
    [
        (Augmentation(), 8),
        (Augmentation(scale=2.0), 4),  # shows half as much at the least
        (Augmentation(scale=1.5, draw="normal"), 4),  # 2 - 1.5
        (Augmentation(zoom=0.1), 2),  # 0.4
        (Augmentation(zoom=0.1, scale=2.0), 1),
        (Augmentation(flip=0.5, degrees=180, shift=1.0, colour=0.5), 8),
    ],
)
def test_the_strongest_augmentation_decides(change, by):
    assert reductions(_wide(512), replace(PLAIN, augmentation=change)).tolist() == [by]


def test_the_smallest_person_of_an_image_decides():
    """In the first image people of 512 and 256 pixels, in the second one of 128."""
    boxes = np.array([[0, 0, side, side] for side in (512, 256, 128)], np.float32)
    everybody = Everybody(
        HANDS,
        np.array(["a.jpg", "b.jpg"]),
        np.array([0, 0, 1], np.int32),
        np.tile(PLACES.astype(np.float32), (3, 1, 1)),
        boxes,
        np.ones(3),
    )
    assert reductions(everybody, PLAIN).tolist() == [4, 2]


@pytest.mark.parametrize("budget", [0, 1 << 20])
def test_an_image_is_that_of_its_file_kept_or_not(tmp_path, budget):
    rng = np.random.default_rng(0)
    images = {name: rng.integers(0, 256, (100, 90, 3), np.uint8) for name in ("a.png", "b.png", "c.jpg")}
    everybody = alone(portraits(tmp_path, images, np.tile(PLACES, (3, 1, 1)), np.tile([10.0, 10, 80, 60], (3, 1))))
    with Pixels.of(everybody, PLAIN, budget) as pixels:
        for row in (0, 1, 2, 2, 1, 0):
            image, by = pixels[row]
            np.testing.assert_array_equal(image, read_image(everybody.paths[row]))
            assert by == 1
        kept = [not pixels[row][0].flags.writeable for row in range(3)]
    assert kept == [budget > 0] * 3


def test_no_more_is_kept_than_the_budget_has_room_for(tmp_path, temporary):
    """Pictures of 30,000 bytes: two of them in 70,000. The file has room for these, and a page to say which."""
    everybody = alone(greys(tmp_path, 5))
    with Pixels.of(everybody, PLAIN, 70_000) as pixels:
        kept = [not pixels[row][0].flags.writeable for row in [0, 1, 2, 3, 4] * 2][5:]
        (file,) = temporary.iterdir()
        assert file.stat().st_size == 4096 + 60_000
    assert kept == [True, True, False, False, False]


def test_what_is_reduced_most_is_kept_first(tmp_path):
    """The picture of 512 pixels, an eighth of which is 64 x 64 x 3 = 12,288 bytes; no room for the other one."""
    images = {"small.jpg": np.zeros((100, 100, 3), np.uint8), "large.jpg": np.zeros((512, 512, 3), np.uint8)}
    dataset = portraits(tmp_path, images, np.tile(PLACES, (2, 1, 1)), [[0.0, 0, 60, 60], [0, 0, 512, 512]])
    with Pixels.of(alone(dataset), PLAIN, 20_000) as pixels:
        assert pixels.by.tolist() == [1, 8]
        assert pixels.sizes.tolist() == [[100, 100], [64, 64]]
        assert (pixels.place >= 0).tolist() == [False, True]


def test_an_image_is_decoded_once_while_it_is_kept(tmp_path):
    """After the file has gone, what was kept is still there."""
    everybody = alone(greys(tmp_path, 2))
    with Pixels.of(everybody, PLAIN, 40_000) as pixels:
        assert [int(pixels[row][0].max()) for row in range(2)] == [0, 1]
        for path in everybody.paths:
            path.unlink()
        assert int(pixels[0][0].max()) == 0
        assert pixels[1] is None


def test_what_cannot_be_read_is_told_at_once_or_when_it_is_found(tmp_path):
    """One file is missing and one is no image: known from the start. One has a header and damage after it."""
    everybody = alone(greys(tmp_path, 4))
    everybody.paths[0].unlink()
    everybody.paths[1].write_text("no image")
    everybody.paths[2].write_bytes(everybody.paths[2].read_bytes()[:-20])
    with Pixels.of(everybody, PLAIN) as pixels:
        assert pixels.unreadable == everybody.paths[:2]
        assert pixels[3] is not None
        assert [pixels[row] for row in range(3)] == [None] * 3
        assert pixels.unreadable == everybody.paths[:3]


def test_a_file_that_has_changed_its_size_is_not_kept(tmp_path):
    everybody = alone(greys(tmp_path, 1))
    with Pixels.of(everybody, PLAIN) as pixels:
        save(everybody.paths[0], np.full((30, 20, 3), 7, np.uint8))
        for _ in range(2):
            image, _ = pixels[0]
            assert image.shape == (30, 20, 3)
            assert image.flags.writeable


def _seen(pixels: Pixels, rows: list[int]) -> tuple[list[int], tuple[Path, ...]]:
    """In another process: the brightness of some images, and what cannot be read."""
    return [-1 if (found := pixels[row]) is None else int(found[0].max()) for row in rows], pixels.unreadable


def test_processes_share_what_they_keep_and_what_they_find_unreadable(tmp_path):
    """Another one, started afresh, reads the first two and a damaged third; then this one has them without files."""
    everybody = alone(greys(tmp_path, 4))
    everybody.paths[2].write_bytes(everybody.paths[2].read_bytes()[:-20])
    with Pixels.of(everybody, PLAIN) as pixels, multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_seen, (pixels, [0, 1, 2])) == ([0, 1, -1], (everybody.paths[2],))
        for path in everybody.paths:
            path.unlink()
        assert _seen(pixels, [0, 1, 2]) == ([0, 1, -1], (everybody.paths[2],))


def test_the_record_holds_no_pixels_when_it_travels(tmp_path):
    everybody = alone(greys(tmp_path, 3))
    with Pixels.of(everybody, PLAIN) as pixels:
        assert pixels[0] is not None
        assert len(pickle.dumps(pixels)) < 3000


def test_the_file_goes_with_the_block_even_after_an_error(tmp_path, temporary):
    everybody = alone(greys(tmp_path, 1))
    with contextlib.suppress(ZeroDivisionError), Pixels.of(everybody, PLAIN) as pixels:
        assert pixels[0] is not None
        assert len(list(temporary.iterdir())) == 1
        raise ZeroDivisionError
    assert list(temporary.iterdir()) == []


KILLED = """
import os, sys, tempfile
from pathlib import Path
import numpy as np
tempfile.tempdir = sys.argv[1]
from vitruvian.datasets.pixels import _file
with _file(np.zeros(3, np.uint8), 5000):
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_killed_process_left_is_cleared_by_the_next_and_what_is_in_use_is_not(tmp_path, temporary):
    """Both files are made to look two minutes old."""
    subprocess.run([sys.executable, "-c", KILLED, str(temporary)], check=False)
    (left,) = temporary.iterdir()
    everybody = alone(greys(tmp_path, 1))
    with Pixels.of(everybody, PLAIN) as pixels:
        assert left.exists()  # it is too young: its maker may be about to lock it
        for path in temporary.iterdir():
            os.utime(path, (path.stat().st_mtime - 120,) * 2)
        with Pixels.of(everybody, PLAIN):
            assert not left.exists()
            assert pixels.path.exists()
    assert list(temporary.glob(PREFIX + "*")) == []


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path, monkeypatch):
    everybody = alone(greys(tmp_path, 1))
    with Pixels.of(everybody, PLAIN) as pixels:
        pixels.unreadable  # noqa: B018 (maps the file)
        monkeypatch.setattr(Path, "open", _no_room)
        for _ in range(2):
            assert pixels[0][0].flags.writeable
        monkeypatch.undo()


def _no_room(self: Path, mode: str = "r", *args: object, **options: object):
    if "+" in mode:
        raise OSError(28, "No space left on device")
    return open(self, mode, *args, **options)


def test_without_temporary_files_the_way_out_is_named(tmp_path, monkeypatch):
    everybody = alone(greys(tmp_path, 1))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(
        DataError, match=r"^there is no room for temporary files \(.*\); set TMPDIR to a folder with room$"
    ):
        Pixels.of(everybody, PLAIN).__enter__()
