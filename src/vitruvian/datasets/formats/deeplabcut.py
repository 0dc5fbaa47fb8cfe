"""DeepLabCut's CollectedData, as csv or h5, of one animal or of several.

    scorer,me,me,...            the header: scorer, individuals (of several animals), bodyparts, coords
    bodyparts,nose,nose,...
    coords,x,y,...
    labeled-data/video/img01.png,10.5,20.0,...

Source: https://deeplabcut.github.io/DeepLabCut. Where a point is not seen, its cells are empty. The images of a folder
are a group, because DeepLabCut keeps each video's in one. The individuals of several animals are identities, unless
they are called individual1, individual2 ..., as DeepLabCut calls them by itself.
"""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.beginnings import beginning
from vitruvian.datasets.formats.columns import ImageRow, InstanceRow, labels_of_rows, usable_name
from vitruvian.datasets.formats.deeplabcut_h5 import read_h5, recognise_h5, write_h5
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.labelled_frame import LabelledFrame
from vitruvian.datasets.formats.losses import Holds, folders, losses
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.datasets.rows import image_folder
from vitruvian.errors import DataError
from vitruvian.folders import write_text
from vitruvian.structures import UNLABELLED, VISIBLE

HOLDS = Holds(folders=True, deserted=True)
NAMES = ("CollectedData*.csv", "CollectedData*.h5")
PATTERNS = (*NAMES, *(f"labeled-data/*/{name}" for name in NAMES))
UNNAMED = re.compile(r"individual\d+|")  # as DeepLabCut calls animals that it does not tell apart
UNUSABLE = "lines that cannot be used"


def read_deeplabcut(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of a csv or h5, or of all videos of a project.

    folder: what the names of the images are relative to, the project; by default found from the place of the file.
    Images on which nothing is labelled are kept. Raises DataError, with the file and the line, for what is not as
    DeepLabCut writes it, and for its predictions on a video.
    """
    files = _files(path)
    path, omissions = files[0], Omissions(path, skip)
    tables = [_table(one, skip) for one in files]
    frame = _joined([table for table, _ in tables], path)
    axes = {coordinate for _, _, coordinate in frame.columns}
    if "likelihood" in axes:
        raise DataError(f"{path} has likelihoods: it is what a network found, not labels; expected CollectedData")
    if axes != {"x", "y"}:
        raise DataError(f"{path} has the coordinates {', '.join(sorted(axes)) or 'none'}; expected x and y")
    names = tuple(dict.fromkeys(part for _, part, _ in frame.columns))
    animals = list(dict.fromkeys(animal for animal, _, _ in frame.columns))
    told_apart = not all(UNNAMED.fullmatch(animal) for animal in animals)
    place = {column: k for k, column in enumerate(frame.columns)}
    images: dict[str, ImageRow] = {}
    instances: list[InstanceRow] = []
    for file, values in zip(frame.files, frame.values, strict=True):
        name = usable_name(file, folder or path.parent, file, omissions)
        if name is None:
            continue
        if name in images:
            omissions.add("images that are listed twice", file, "it comes twice, expected once")
            continue
        try:
            found = [_triples(values, place, animal, names) for animal in animals]
        except ValueError as error:
            omissions.add(UNUSABLE, file, str(error))
            continue
        for number, triples in enumerate(found):
            if triples[:, 2].any():
                instances.append(InstanceRow(len(images), triples, track=number if told_apart else None))
        images[name] = ImageRow(name)
    if not images:
        raise DataError(f"{path} has no line that can be used; expected an image in at least one")
    labels = labels_of_rows([*images.values()], instances, len(names))
    labels = replace(labels, groups=folders(labels))
    understood = understand(Declared(names), labels, path)
    return Dataset(
        path.stem,
        understood.skeleton,
        understood.labels,
        folder or image_folder(path, labels.files, ".", "../..", "..", "images", "../images"),
        notes=(*(note for _, notes in tables for note in notes), *omissions.notes, *understood.notes),
    )


def write_deeplabcut(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write the labels as .csv, or as .h5 if the path ends so, of several animals if any image has several.

    Returns what the format cannot hold.
    """
    labels = dataset.labels
    rows = [
        [one for one in dataset.instances(row).tolist() if labels.visible[one].any()] for row in range(len(dataset))
    ]
    most = max(map(len, rows), default=0)
    animals = [f"individual{k + 1}" for k in range(most)] if most > 1 else [""]
    values = np.full((len(rows), len(animals), len(dataset.skeleton), 2), np.nan)
    for row, instances in enumerate(rows):
        values[row, : len(instances)] = labels.xy[instances]
    columns = [(animal, name, axis) for animal in animals for name in dataset.skeleton.names for axis in "xy"]
    frame = LabelledFrame(columns, labels.files.tolist(), values.reshape(len(rows), -1))
    if path.suffix.lower() == ".h5":
        write_h5(frame, path)
    else:
        write_text(path, _to_csv(frame))
    return losses(dataset, HOLDS)


def recognise_deeplabcut(path: Path) -> bool:
    """A csv that begins with the scorer, or an h5 as pandas writes it; or a folder or project with one."""
    try:
        file = _files(path)[0]
    except DataError:
        return False
    return beginning(file, ".csv").startswith("scorer,") or recognise_h5(file)


def _files(path: Path) -> list[Path]:
    """The file itself; of a folder or a project, the tables in it, csv before h5 because they say the same."""
    if not path.is_dir():
        return [path]
    found = next((there for pattern in PATTERNS if (there := sorted(path.glob(pattern)))), [])
    if not found:
        raise DataError(f"{path} has no CollectedData, as .csv or .h5, in it or in its folder labeled-data; name it")
    return found


def _table(path: Path, skip: bool) -> tuple[LabelledFrame, tuple[str, ...]]:
    """The table of one file, and notes on lines that were left out."""
    if path.suffix.lower() == ".h5":
        return read_h5(path), ()
    omissions = Omissions(path, skip)
    return _from_csv(path, omissions), omissions.notes


def _joined(frames: Sequence[LabelledFrame], path: Path) -> LabelledFrame:
    """The tables of several videos as one. Raises DataError where they have different columns."""
    if any(frame.columns != frames[0].columns for frame in frames):
        raise DataError(f"{path} and the tables of other videos have different columns; read them one by one")
    files = [file for frame in frames for file in frame.files]
    return LabelledFrame(frames[0].columns, files, np.concatenate([frame.values for frame in frames]))


def _triples(
    values: np.ndarray, place: dict[tuple[str, str, str], int], animal: str, parts: Sequence[str]
) -> np.ndarray:
    """(K, 3) x, y, visibility of an animal in a line. Raises ValueError for a part that is nowhere, or halfway."""
    xy = np.array([[_at(values, place, (animal, part, axis)) for axis in "xy"] for part in parts])
    if (np.abs(xy) > FARTHEST).any():
        raise ValueError(f"a number is not within {FARTHEST:g}, expected pixels, or nothing")
    known = np.isfinite(xy)
    for part in np.flatnonzero(known.any(1) != known.all(1)).tolist():
        raise ValueError(f"{' '.join([animal, parts[part]]).strip()} has only one of x and y, expected both or neither")
    return np.column_stack([xy, np.where(known.all(1), VISIBLE, UNLABELLED)])


def _at(values: np.ndarray, place: dict[tuple[str, str, str], int], column: tuple[str, str, str]) -> float:
    """What a line says in a column; NaN for a column that is not there, as of a part that only some animals have."""
    return float(values[place[column]]) if column in place else math.nan


def _from_csv(path: Path, omissions: Omissions) -> LabelledFrame:
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected a csv of DeepLabCut") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a csv in UTF-8 ({error}); save it as one") from error
    header = {row[0]: row for row in rows[:4] if row and row[0] in ("scorer", "individuals", "bodyparts", "coords")}
    if not {"scorer", "bodyparts", "coords"} <= set(header) or len({len(row) for row in header.values()}) != 1:
        raise DataError(f"{path} begins with {rows[:1]}, expected lines that begin with scorer, bodyparts and coords")
    first = next((k for k, cell in enumerate(header["coords"][1:], 1) if cell), 1)
    animals = header.get("individuals", [""] * len(header["coords"]))
    columns = list(zip(animals[first:], header["bodyparts"][first:], header["coords"][first:], strict=True))
    return _checked(LabelledFrame(columns, *_lines(rows, len(header), first, omissions)), path)


def _lines(rows: list[list[str]], above: int, first: int, omissions: Omissions) -> tuple[list[str], np.ndarray]:
    """The images and the numbers of the lines below the header; the name is in the cells before `first`."""
    files: list[str] = []
    values: list[list[float]] = []
    for number, row in enumerate(rows[above:], start=above + 1):
        if not row:
            continue
        if len(row) != len(rows[0]):
            omissions.add(
                UNUSABLE, f"line {number}", f"it has {len(row)} cells, expected {len(rows[0])}; is it cut short?"
            )
            continue
        try:
            numbers = [_number(cell) for cell in row[first:]]
        except ValueError as error:
            omissions.add(UNUSABLE, f"line {number}", f"{error}; expected numbers or empty cells")
            continue
        files.append("/".join(cell for cell in row[:first] if cell))
        values.append(numbers)
    return files, np.array(values, np.float64).reshape(len(files), len(rows[0]) - first)


def _number(cell: str) -> float:
    """The number in a cell, NaN for an empty one. Raises ValueError for anything else."""
    value = float(cell or "nan")
    if abs(value) > FARTHEST:
        raise ValueError(f"{cell[:40]} is not within {FARTHEST:g}")
    return value


def _checked(frame: LabelledFrame, path: Path) -> LabelledFrame:
    twice = [column for column in dict.fromkeys(frame.columns) if frame.columns.count(column) > 1]
    if twice:
        raise DataError(
            f"{path} has the column {' '.join(twice[0]).strip()} more than once; expected every column once"
        )
    return frame


def _to_csv(frame: LabelledFrame) -> str:
    animals, parts, axes = (list(cells) for cells in zip(*frame.columns, strict=True))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["scorer", *["vitruvian"] * len(axes)])
    if any(animals):
        writer.writerow(["individuals", *animals])
    writer.writerow(["bodyparts", *parts])
    writer.writerow(["coords", *axes])
    for file, values in zip(frame.files, frame.values.tolist(), strict=True):
        writer.writerow([file, *("" if math.isnan(value) else repr(value) for value in values)])
    return text.getvalue()


DEEPLABCUT = LabelFormat(
    read_deeplabcut,
    write_deeplabcut,
    recognise_deeplabcut,
    HOLDS,
    "DeepLabCut's CollectedData, .csv or .h5",
    (".csv", ".h5"),
)
