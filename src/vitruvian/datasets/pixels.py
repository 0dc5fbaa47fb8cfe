"""Pixels: the images that people are cut from, decoded no larger than they are shown, and kept where memory allows.

What is kept lies in one file among the system's temporary ones, mapped into memory by every process that loads. Where
each image lies in it is settled before the first is decoded, so the processes need not agree on anything: whoever
decodes an image writes it to its place, and two who do so at once write the same.
"""

import mmap
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np

from vitruvian.datasets.augment import CropSettings
from vitruvian.datasets.everybody import Everybody
from vitruvian.datasets.motion import lower_body, smallest_widths
from vitruvian.errors import DataError, ImageError
from vitruvian.media import read_reduced, read_size

BUDGET = 1 << 30  # bytes of decoded images
DETAIL = 1.25  # pixels of a reduced image for one of the input, at least
READERS = 16  # threads that look at headers, which mostly wait for the disk
PAGE = 4096  # bytes, to begin the pixels at
PREFIX, SECONDS = "vitruvian-pixels-", 60  # of a name; a file that is older and not in use was left by a crash
UNSEEN, KEPT, UNREADABLE = 0, 1, 2  # states of an image


@dataclass(frozen=True, eq=False)
class Pixels:
    """The images of I files; any number of processes may share them, and the record may be pickled.

    files: (I,) text, their paths.
    by:    (I,) int64, 1, 2, 4 or 8: what their sides are divided by when they are decoded.
    sizes: (I, 2) int64, width and height after that; 0 where the file cannot be read.
    place: (I,) int64, where each is kept, bytes from the start of the file; -1: it is decoded every time.
    path:  of the file in which they are kept.
    """

    files: np.ndarray
    by: np.ndarray
    sizes: np.ndarray
    place: np.ndarray
    path: Path

    @classmethod
    @contextmanager
    def of(cls, everybody: Everybody, settings: CropSettings, budget: int = BUDGET) -> Iterator["Pixels"]:
        """The images of everybody for the time of the block; at most `budget` bytes of them, decoded, are kept.

        Those are kept first that are reduced most, because they are the most work for a byte. Every file is opened
        once, for its size. Raises DataError where there is no room for temporary files.
        """
        wanted = reductions(everybody, settings)
        sizes, by = _sizes(everybody.files, wanted)
        place, end = _places(sizes, by, budget)
        states = np.where(sizes.all(1), UNSEEN, UNREADABLE).astype(np.uint8)
        with _file(states, end) as path:
            yield cls(everybody.files, by, sizes, place, path)

    def __getitem__(self, row: int) -> tuple[np.ndarray, int] | None:
        """The image (H, W, 3) uint8 RGB of a row and what its sides are divided by; None where it cannot be read.

        Pixel x of the whole image is (x + 0.5) / by - 0.5 of this one. The array may be read only.
        """
        states, kept = _mapped(self.path, len(self.files))
        if states[row] == KEPT:
            (width, height), start = self.sizes[row].tolist(), int(self.place[row])
            return kept[start : start + 3 * width * height].reshape(height, width, 3), int(self.by[row])
        if states[row] == UNREADABLE:
            return None
        try:
            image, by = read_reduced(str(self.files[row]), int(self.by[row]))
        except ImageError:
            states[row] = UNREADABLE
            return None
        if self.place[row] >= 0 and image.shape[1::-1] == tuple(self.sizes[row]) and self._keep(row, image):
            states[row] = KEPT
        return image, by

    @property
    def unreadable(self) -> tuple[Path, ...]:
        """The files that were found to be unreadable so far, by any process."""
        states, _ = _mapped(self.path, len(self.files))
        return tuple(Path(name) for name in self.files[states == UNREADABLE].tolist())

    def _keep(self, row: int, image: np.ndarray) -> bool:
        """Whether there was room on the disk. Written and not mapped, because a full disk would kill a mapping."""
        try:
            with self.path.open("r+b", buffering=0) as file:
                file.seek(int(self.place[row]))
                return file.write(image.data) == image.nbytes
        except OSError:
            return False


def reductions(everybody: Everybody, settings: CropSettings) -> np.ndarray:
    """(I,) 1, 2, 4 or 8: the most that each image can be reduced by without a loss that a crop would show.

    The smallest crop of it that is ever shown still has `DETAIL` pixels for one of the input.
    """
    lower = lower_body(everybody.skeleton)
    widths = smallest_widths(everybody.xy, everybody.boxes, settings, lower)
    detail = np.full(len(everybody.files), np.inf)
    np.minimum.at(detail, everybody.image, widths / settings.size[0])
    return 2 ** np.clip(np.floor(np.log2(detail / DETAIL)), 0, 3).astype(np.int64)


def _sizes(files: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """sizes (I, 2), 0 where a file cannot be read, and by (I,): what each can be reduced by, of what is wanted."""
    sizes, by = np.zeros((len(files), 2), np.int64), np.ones(len(files), np.int64)
    with ThreadPoolExecutor(READERS) as pool:
        for row, found in enumerate(pool.map(_size, files.tolist(), wanted.tolist())):
            if found is not None:
                sizes[row], by[row] = found
    return sizes, by


def _size(name: str, by: int) -> tuple[tuple[int, int], int] | None:
    try:
        return read_size(name, by)
    except ImageError:
        return None


def _places(sizes: np.ndarray, by: np.ndarray, budget: int) -> tuple[np.ndarray, int]:
    """Where each image is kept, (I,), -1 where it is not, and where the last one ends."""
    start = -(-len(sizes) // PAGE) * PAGE  # the states of the images come first
    order = np.argsort(-by, kind="stable")
    ends = 3 * sizes.prod(1)[order].cumsum()
    fit = ends <= budget
    place = np.full(len(sizes), -1, np.int64)
    place[order[fit]] = start + np.concatenate([[0], ends])[:-1][fit]
    return place, start + int(ends[fit].max(initial=0))


@lru_cache(maxsize=8)
def _mapped(path: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The states (count,) of the images in a file, to be changed, and all of its bytes, to be read."""
    with path.open("r+b") as file:
        content = mmap.mmap(file.fileno(), 0)
    kept = np.frombuffer(content, np.uint8)
    states = kept[:count]
    kept = kept.view()
    kept.flags.writeable = False
    return states, kept


@contextmanager
def _file(states: np.ndarray, end: int) -> Iterator[Path]:
    """A file with these bytes and holes up to `end`; it goes with the block, or after a crash with the next one."""
    file = _made(states, end)
    try:
        with file:
            _hold(file)
            yield Path(file.name)
    finally:
        _mapped.cache_clear()
        with suppress(OSError):
            Path(file.name).unlink()


def _made(states: np.ndarray, end: int) -> IO[bytes]:
    try:
        _clear()
        file = tempfile.NamedTemporaryFile(prefix=PREFIX, delete=False)  # noqa: SIM115 (the caller closes it)
        file.write(states.tobytes())
        file.truncate(max(end, 1))  # for nothing cannot be mapped
    except OSError as error:
        raise DataError(f"there is no room for temporary files ({error}); set TMPDIR to a folder with room") from error
    return file


def _clear() -> None:
    """Remove the files that a crash has left."""
    for path in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > SECONDS and not _held(path):
                path.unlink()


if sys.platform == "win32":

    def _hold(file: IO[bytes]) -> None:
        """Nothing: the system removes no file that is open."""

    def _held(path: Path) -> bool:
        return False

else:
    import fcntl

    def _hold(file: IO[bytes]) -> None:
        """Until the last process that has the file from this one ends, however it ends."""
        with suppress(OSError):  # a disk that knows no locks: nobody will find the file free
            fcntl.flock(file, fcntl.LOCK_SH)

    def _held(path: Path) -> bool:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
