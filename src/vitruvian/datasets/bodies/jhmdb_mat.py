"""JHMDB as it is downloaded: a MATLAB file of joints for each clip, and text files that split the clips.

The folder has joint_positions/<action>/<clip>/joint_positions.mat with pos_img (2, 15, T), the x and y of all joints in
the T frames, counted from 1, and scale (T,); puppet_mask/<action>/<clip>/puppet_mask.mat with part_mask (H, W, T), not
0 where the person is; and splits/<action>_test_split<n>.txt, a line for each clip: its name with .avi, and 1 for
training or 2 for testing; sub_splits has the same for the clips that show the whole body, sub-JHMDB. Source: http://jhmdb.is.tue.mpg.de/dataset.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vitruvian.datasets.cache import Kept
from vitruvian.datasets.matlab_files import read_matlab
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import each, labels_of, some
from vitruvian.errors import DataError
from vitruvian.geometry import around_points
from vitruvian.structures import Labels

KEYPOINTS = 15
JOINTS, MASKS = "joint_positions", "puppet_mask"
SPLITS = {"splits": "test_split", "sub_splits": "sub_test_split"}  # folder: what the names of its columns begin with
TEST = "2"  # in a file of a split


class _Clip(NamedTuple):
    """A clip of T frames. xy: (T, 15, 2); boxes: (T, 4); scale: (T,), the size of the puppet, NaN where not said."""

    action: str
    name: str
    xy: np.ndarray
    boxes: np.ndarray
    scale: np.ndarray


def read_release(folder: Path, skip: bool) -> Kept:
    """The labels of the download, as `vitruvian.datasets.read_jhmdb` describes them, and notes."""
    top, files = _files(folder)
    omissions = Omissions(folder, skip)
    named = [(f"{file.parent.parent.name}/{file.parent.name}", file) for file in files]
    read = each(named, lambda file: _clip(top, file), omissions, "clips that are not as expected")
    clips = some(folder, read, "clips with joint_positions.mat")
    splits, strangers = _splits(top, clips)
    omissions.leave("lines of splits whose clip is not there", strangers)
    return _labels(clips, splits), omissions.notes


def _files(folder: Path) -> tuple[Path, list[Path]]:
    """The folder of the download, of which `folder` is it, its joint_positions or an action in that; and its clips."""
    for top in (folder, *folder.absolute().parents[:2]):
        if (top / JOINTS).is_dir():
            inside = folder if top != folder else top / JOINTS
            files = sorted(inside.rglob(f"{JOINTS}.mat"))
            if files:
                return top, files
    raise DataError(
        f"{folder} has no {JOINTS}/<action>/<clip>/{JOINTS}.mat; give the folder into which JHMDB was unpacked"
    )


def _clip(top: Path, file: Path) -> _Clip:
    """The clip of a file of joints. Raises ValueError where it is not as it should be; a `DataError` is one."""
    variables = read_matlab(file)
    try:
        joints = np.asarray(variables.get("pos_img"), np.float64)
        scale = np.atleast_1d(np.asarray(variables.get("scale", np.nan), np.float64)).ravel()
    except TypeError as error:
        raise ValueError(f"its joints are no numbers ({error})") from error
    joints = joints[..., None] if joints.ndim == 2 else joints  # of a single frame
    if joints.ndim != 3 or joints.shape[:2] != (2, KEYPOINTS) or not joints.shape[2]:
        raise ValueError(f"pos_img is {joints.shape}, expected (2, {KEYPOINTS}, frames)")
    frames = joints.shape[2]
    if scale.size not in (1, frames):
        raise ValueError(f"scale has {scale.size} numbers, expected {frames}, one for each frame")
    xy = joints.transpose(2, 1, 0) - 1
    action, name = file.parts[-3:-1]
    return _Clip(action, name, xy, _boxes(top / MASKS / action / name, xy), np.broadcast_to(scale, frames))


def _boxes(folder: Path, xy: np.ndarray) -> np.ndarray:
    """(T, 4) around the mask of each frame; around the joints (T, 15, 2) where there is no mask."""
    boxes = around_points(xy).astype(np.float64)
    file = folder / f"{MASKS}.mat"
    if not file.is_file():
        return boxes
    masks = np.asarray(read_matlab(file).get("part_mask"))
    masks = masks[..., None] if masks.ndim == 2 else masks
    if masks.ndim != 3:
        raise ValueError(f"{file.name}: part_mask is {masks.shape}, expected (height, width, frames)")
    there = masks.T[: len(boxes)] != 0  # (T, W, H)
    for frame, (by_row, by_column) in enumerate(zip(there.any(axis=1), there.any(axis=2), strict=True)):
        rows, columns = np.flatnonzero(by_row), np.flatnonzero(by_column)
        if len(rows):
            boxes[frame] = columns[0], rows[0], columns[-1], rows[-1]
    return boxes


def _splits(top: Path, clips: list[_Clip]) -> tuple[dict[str, set[str]], int]:
    """<action>/<clip> of those that each split tests on, by the name of its column; how many have no clip."""
    actions, known = {clip.action for clip in clips}, {f"{clip.action}/{clip.name}" for clip in clips}
    tests: dict[str, set[str]] = {}
    strangers = 0
    for action, column, file in _split_files(top):
        if action in actions:
            parts = {f"{action}/{clip}": part for clip, part in _split_lines(file)}
            strangers += len(parts.keys() - known)
            tests.setdefault(column, set()).update(clip for clip, part in parts.items() if part == TEST)
    return tests, strangers


def _split_lines(file: Path) -> Iterator[tuple[str, str]]:
    """The clip and part of each line. Raises DataError for a line that is not like this."""
    for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        words = line.split()
        if words and (len(words) != 2 or words[1] not in ("0", "1", TEST)):
            raise DataError(f'{file}: the line "{line.strip()}" is not as expected, a clip and 0, 1 or 2')
        if words:
            yield words[0].removesuffix(".avi"), words[1]


def _split_files(top: Path) -> Iterator[tuple[str, str, Path]]:
    """Action, name of the column and file of each file of a split."""
    for folder, column in SPLITS.items():
        for file in sorted((top / folder).glob("*_test_split*.txt")):
            if match := re.fullmatch(r"(.+)_test_split_?(\d+)\.txt", file.name):
                yield match[1], f"{column}{match[2]}", file


def _labels(clips: list[_Clip], tests: dict[str, set[str]]) -> Labels:
    frames = [len(clip.xy) for clip in clips]
    files = [
        f"{clip.action}/{clip.name}/{frame:05d}.png"
        for clip, count in zip(clips, frames, strict=True)
        for frame in range(1, count + 1)
    ]
    labels = labels_of(files, np.concatenate([clip.xy for clip in clips]))
    held_out = {
        name: np.repeat([f"{clip.action}/{clip.name}" in chosen for clip in clips], frames)
        for name, chosen in tests.items()
    }
    return replace(
        labels,
        boxes=np.concatenate([clip.boxes for clip in clips]),
        tracks=np.zeros(len(labels), np.int64),
        extras={"scale": np.concatenate([clip.scale for clip in clips])},
        image_extras={"action": np.repeat([clip.action for clip in clips], frames), **held_out},
    )
