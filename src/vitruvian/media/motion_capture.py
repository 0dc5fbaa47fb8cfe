"""Motion capture in BVH files: a tree of joints, and how each is turned in every frame.

Format: a HIERARCHY of ROOT, JOINT and End Site blocks with OFFSET and CHANNELS, then MOTION with one line of numbers a
frame (Biovision; https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vitruvian.errors import DataError, ShapeError

MAX_BYTES = 512 * 2**20  # of a file
MAX_JOINTS = 1000  # end sites included; the largest rigs with fingers and faces have about 200
MAX_NUMBERS = 50_000_000  # of all frames; an hour at 120 Hz of 100 channels is 43 million
END = ".end"  # what an end site's name adds to its joint's

POSITIONS = ("Xposition", "Yposition", "Zposition")
ROTATIONS = ("Xrotation", "Yrotation", "Zrotation")


@dataclass(frozen=True, eq=False)
class Motion:
    """J joints moving for T frames, in the units and axes of the file (mostly y up, centimetres or inches).

    names:    J names; the end of a limb has the name of its joint and ".end".
    parents:  (J,) int32, the row of the joint that each hangs on, -1 for a root. Parents come before their children.
    offsets:  (J, 3) float64, from the parent to the joint while nothing is turned; a root's from the origin.
    channels: of each joint, what its numbers mean, in the order in which its turns are multiplied; none for ends.
    frames:   (T, C) float64, the channels' values, joint after joint; positions in units, rotations in degrees.
    seconds:  from one frame to the next.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    offsets: np.ndarray
    channels: tuple[tuple[str, ...], ...]
    frames: np.ndarray
    seconds: float

    def __post_init__(self) -> None:
        numbers = sum(len(each) for each in self.channels)
        if self.frames.ndim != 2 or self.frames.shape[1] != numbers:
            raise ShapeError(f"frames must be (T, {numbers}) to match the channels, got {self.frames.shape}")
        if not len(self.names) == len(self.parents) == len(self.offsets) == len(self.channels):
            counts = (len(self.names), len(self.parents), len(self.offsets), len(self.channels))
            raise ShapeError(f"names, parents, offsets and channels must be equally many, got {counts}")


def unturned(motion: Motion) -> Motion:
    """The same joints for a single frame in which nothing is moved or turned."""
    return Motion(motion.names, motion.parents, motion.offsets, motion.channels,
                  np.zeros((1, motion.frames.shape[1])), motion.seconds)  # fmt: skip


def joints_of(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Where the joints are, (T, J, 3) float64, and how they are turned, (T, J, 3, 3), in the axes of the file.

    A joint's turn is its parent's times its own, the own one being the product of its channels' from left to right;
    a position channel replaces that part of the offset for a root and is added to it for another joint.
    """
    count = len(motion.frames)
    places, turns = np.empty((count, len(motion.names), 3)), np.empty((count, len(motion.names), 3, 3))
    start = 0
    for row, (above, names) in enumerate(zip(motion.parents, motion.channels, strict=True)):
        values = motion.frames[:, start : start + len(names)]
        start += len(names)
        offset, own = _own(names, values, motion.offsets[row], above < 0)
        if above < 0:
            places[:, row], turns[:, row] = offset, own
        else:
            places[:, row] = places[:, above] + np.einsum("tij,tj->ti", turns[:, above], offset)
            turns[:, row] = turns[:, above] @ own
    return places, turns


def _own(names: Sequence[str], values: np.ndarray, offset: np.ndarray, root: bool) -> tuple[np.ndarray, np.ndarray]:
    """Offset (T, 3) and turn (T, 3, 3) of a joint against its parent. values: (T, len(names))."""
    moved = np.repeat(offset[None], len(values), axis=0)
    turn = np.broadcast_to(np.eye(3), (len(values), 3, 3))
    for name, column in zip(names, values.T, strict=True):
        if name in POSITIONS:
            axis = POSITIONS.index(name)
            moved[:, axis] = column if root else moved[:, axis] + column
        else:
            turn = turn @ _about(ROTATIONS.index(name), np.radians(column))
    return moved, turn


def _about(axis: int, angle: np.ndarray) -> np.ndarray:
    """Turns (..., 3, 3) about the x, y or z axis (0, 1, 2) by angles (...) in radians, counter-clockwise."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((*np.shape(angle), 3, 3))
    turn[..., axis, axis] = 1
    turn[..., first, first] = turn[..., second, second] = np.cos(angle)
    turn[..., second, first] = np.sin(angle)
    turn[..., first, second] = -turn[..., second, first]
    return turn


def read_bvh(path: str | Path) -> Motion:
    """The motion in a BVH file. Raises DataError, naming the file and the line, for everything that is not one."""
    return parse_bvh(_text(Path(path)), str(path))


def parse_bvh(text: str, name: str) -> Motion:
    """The motion in the text of a BVH file; `name` is for error messages. Raises DataError as `read_bvh` does."""
    lines = _Lines(name, [line.strip() for line in text.splitlines()])
    lines.expect("HIERARCHY")
    tree = _Tree()
    words = lines.words()
    while words[0].upper() != "MOTION":
        if words[0].upper() != "ROOT":
            raise lines.error(f'"{" ".join(words)}", expected ROOT or MOTION')
        _read_joint(lines, tree, words, -1)
        words = lines.words()
    if not tree.names:
        raise lines.error("MOTION before any ROOT; the file has no joints")
    count, seconds = _read_counts(lines)
    frames = _read_frames(lines, count, sum(len(each) for each in tree.channels))
    offsets = np.array(tree.offsets, np.float64)
    return Motion(tuple(tree.names), np.array(tree.parents, np.int32), offsets, tuple(tree.channels), frames, seconds)


@dataclass
class _Tree:
    """The joints read so far."""

    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[np.ndarray] = field(default_factory=list)
    channels: list[tuple[str, ...]] = field(default_factory=list)


class _Lines:
    """The lines that are not empty, one after the other, with their numbers."""

    def __init__(self, name: str, lines: Sequence[str]):
        self.name, self.number = name, 0
        self._rest: Iterator[tuple[int, str]] = ((i, line) for i, line in enumerate(lines, 1) if line)

    def words(self) -> list[str]:
        """The words of the next line."""
        following = next(self._rest, None)
        if following is None:
            raise DataError(f"{self.name}: ends after line {self.number}, in the middle; was it cut short?")
        self.number, line = following
        return line.split()

    def rest(self) -> Iterator[list[str]]:
        """The words of all lines that follow."""
        for number, line in self._rest:
            self.number = number
            yield line.split()

    def expect(self, *expected: str) -> list[str]:
        """The words of the next line after those expected, which may be written in any case."""
        words = self.words()
        if [word.upper() for word in words[: len(expected)]] != [word.upper() for word in expected]:
            raise self.error(f'"{" ".join(words)[:60]}", expected {" ".join(expected)}')
        return words[len(expected) :]

    def number_in(self, words: Sequence[str], count: int, what: str) -> np.ndarray:
        """`count` finite numbers."""
        try:
            values = np.array(words, np.float64)
        except ValueError:
            raise self.error(f'{what} "{" ".join(words)[:60]}", expected {count} numbers') from None
        if len(values) != count or not np.isfinite(values).all():
            raise self.error(f"{len(values)} numbers of {what}, expected {count}, all finite")
        return values

    def error(self, found: str) -> DataError:
        return DataError(f"{self.name}:{self.number}: {found}")


def _read_joint(lines: _Lines, tree: _Tree, words: Sequence[str], parent: int) -> None:
    """A ROOT, JOINT or End Site block, and those in it. words: of its first line."""
    path, opening = [parent], list(words)
    while True:
        path.append(_begun(lines, tree, opening, path[-1]))
        opening = lines.words()
        while opening == ["}"]:
            path.pop()
            if len(path) == 1:
                return
            opening = lines.words()


def _begun(lines: _Lines, tree: _Tree, words: Sequence[str], parent: int) -> int:
    """Adds the joint of a block's first lines; gives its row."""
    kind = words[0].upper()
    if kind not in ("ROOT", "JOINT", "END") or (kind == "ROOT") != (parent < 0) or len(words) < 2:
        raise lines.error(f'"{" ".join(words)[:60]}", expected JOINT and a name, End Site or }}')
    name = tree.names[parent] + END if kind == "END" else "_".join(words[1:])
    if name in tree.names:
        raise lines.error(f'a second joint "{name}"; names must differ')
    if len(tree.names) == MAX_JOINTS:
        raise lines.error(f"more than {MAX_JOINTS} joints")
    lines.expect("{")
    tree.offsets.append(lines.number_in(lines.expect("OFFSET"), 3, "OFFSET"))
    tree.channels.append(() if kind == "END" else _read_channels(lines))
    tree.names.append(name)
    tree.parents.append(parent)
    return len(tree.names) - 1


def _read_channels(lines: _Lines) -> tuple[str, ...]:
    """What the numbers of a joint mean."""
    count, *found = lines.expect("CHANNELS") or [""]
    known = {name.lower(): name for name in POSITIONS + ROTATIONS}
    names = [known.get(word.lower(), "") for word in found]
    if not all(names) or len(set(names)) < len(names):
        raise lines.error(f'CHANNELS "{" ".join(found)[:80]}", expected some of {", ".join(known.values())}, each once')
    if count != str(len(names)):
        raise lines.error(f'CHANNELS says "{count}" and names {len(names)}')
    return tuple(names)


def _read_counts(lines: _Lines) -> tuple[int, float]:
    """How many frames, and the seconds from one to the next."""
    words = lines.expect("Frames:")
    if len(words) != 1 or not words[0].isdecimal() or len(words[0]) > 9:
        raise lines.error(f'Frames: "{" ".join(words)[:60]}", expected a number of frames')
    seconds = float(lines.number_in(lines.expect("Frame", "Time:"), 1, "Frame Time")[0])
    if seconds <= 0:
        raise lines.error(f"Frame Time {seconds:g}, expected more than 0 seconds")
    return int(words[0]), seconds


def _read_frames(lines: _Lines, count: int, width: int) -> np.ndarray:
    """(count, width) float64, a line each."""
    if count * width > MAX_NUMBERS:
        raise lines.error(f"{count} frames of {width} numbers, more than {MAX_NUMBERS:,} numbers; split the file")
    rows: list[np.ndarray] = []
    for words in lines.rest():
        if len(rows) == count:
            raise lines.error(f"a line after the last of {count} frames; correct the number after Frames:")
        rows.append(lines.number_in(words, width, f"frame {len(rows) + 1}"))
    if len(rows) < count:
        raise DataError(f"{lines.name}: {len(rows)} frames, {count} announced; was the file cut short?")
    return np.array(rows, np.float64).reshape(count, width)


def _text(path: Path) -> str:
    """The content of a regular file of at most MAX_BYTES."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise DataError(f"{path}: is not a regular file, expected a BVH file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise DataError(f"{path}: larger than {MAX_BYTES // 2**20} MB, which is more than a BVH file needs")
    return data.decode("utf-8", errors="replace")
