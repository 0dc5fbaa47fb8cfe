"""Leeds Sports Pose and its extension: one person an image, 14 joints, as MATLAB files or as a table `joints.csv`."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.matlab_files import read_matlab
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.rows import checked_name, each, image_folder, labels_of
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, SKELETONS, UNLABELLED, VISIBLE, Labels

ABOUT = About(
    title="Leeds Sports Pose",
    licence="not stated by the source; images from Flickr, offered for research",
    citation=(
        "Johnson and Everingham, Clustered Pose and Nonlinear Appearance Models for Human Pose Estimation, BMVC 2010"
    ),
    url="http://sam.johnson.io/research/lsp.html",
)
ABOUT_EXTENDED = About(
    title="Leeds Sports Pose Extended Training",
    licence="not stated by the source; images from Flickr, offered for research",
    citation="Johnson and Everingham, Learning Effective Human Pose Estimation from Inaccurate Annotation, CVPR 2011",
    url="http://sam.johnson.io/research/lspet.html",
)
NAMES = SKELETONS["lsp14"].names
COLUMNS = ["file", *(f"{name}_{part}" for name in NAMES for part in "xyv")]
Row = tuple[str, np.ndarray]  # the name of an image; x, y, v of the 14 joints (42,)


def read_lsp(path: Path, one_based: bool = False, folder: Path | None = None, skip: bool = False) -> Dataset:
    """Leeds Sports Pose or its extension, from joints.csv or joints.mat or a folder with either, skeleton lsp14.

    The columns of the table are `file`, then `<joint>_x`, `<joint>_y`, `<joint>_v` for the 14 joints; v = 0, or an
    empty cell, becomes NaN. `one_based` for a table whose coordinates count the first pixel as 1, as MATLAB files
    always do. The text is UTF-8. The images of a MATLAB file are images/im0001.jpg ..., or im00001.jpg for the
    extension. Boxes are the tight ones around the known joints.

    Raises DataError, with the file and line, for a file that is not like this.
    """
    file = _file(path)
    matlab = file.suffix.lower() == ".mat"
    labels, notes, extended = _from_matlab(file) if matlab else (*_from_table(file, one_based, skip), True)
    images = folder or image_folder(file, labels.files, ".", "..")
    name, about = ("lsp_extended", ABOUT_EXTENDED) if extended else ("lsp", ABOUT)
    return Dataset(name, SKELETONS["lsp14"], labels, images, about, notes)


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    return next((path / name for name in ("joints.csv", "joints.mat") if (path / name).exists()), path / "joints.csv")


def _from_table(table: Path, one_based: bool, skip: bool) -> tuple[Labels, tuple[str, ...]]:
    omissions = Omissions(table, skip)
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = each(_rows(table, csv.DictReader(file)), _row, omissions, "rows that are not as expected")
    except OSError as error:
        raise DataError(f"{table} cannot be read ({error.strerror}); expected a folder with joints.csv") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table} is not a csv in UTF-8 ({error}); save it as one") from error
    triples = np.array([triples for _, triples in rows], np.float64).reshape(-1, len(NAMES), 3)
    labelled = (triples[..., 2:] > 0) & np.isfinite(triples[..., :2]).all(-1, keepdims=True)
    xy = np.where(labelled, triples[..., :2] - one_based, np.nan)
    return labels_of([name for name, _ in rows], xy), omissions.notes


def _rows(table: Path, rows: "csv.DictReader[str]") -> Iterator[tuple[str, dict[str, str]]]:
    """Every row with its line, for messages. Raises DataError for other columns."""
    if rows.fieldnames is None or list(rows.fieldnames) != COLUMNS:
        raise DataError(f"{table}: expected the columns {', '.join(COLUMNS[:4])}, ..., got {rows.fieldnames}")
    for row in rows:
        yield f"line {rows.line_num}", row


def _row(row: dict[str, str]) -> Row:
    """The row as numbers. Raises ValueError where it is not as it should be."""
    if None in row or None in row.values() or not row["file"]:
        raise ValueError(f"expected a file name and {3 * len(NAMES)} cells after it; is the line cut short?")
    try:
        triples = [float(cell) if cell else np.nan for cell in list(row.values())[1:]]
    except ValueError as error:
        raise ValueError(f"{error}; expected numbers or empty cells") from error
    return checked_name(row["file"]), np.array(triples)


def _from_matlab(file: Path) -> tuple[Labels, tuple[str, ...], bool]:
    """The labels of joints.mat, no notes, and whether it is that of the extension.

    The original is 3 x 14 x people, and its third row says with 1 that a joint is hidden; the extension is
    14 x 3 x people, and its third column says with 1 that a joint is labelled.
    """
    variables = read_matlab(file)
    joints = np.asarray(variables.get("joints"), np.float64)
    if joints.ndim != 3 or sorted(joints.shape[:2]) != [3, len(NAMES)]:
        raise DataError(f"{file} has no variable joints of 3 x 14 x people or 14 x 3 x people; expected joints.mat")
    if (np.abs(joints) > FARTHEST).any():
        person = int(np.argwhere(np.abs(joints) > FARTHEST)[0, 2]) + 1
        raise DataError(f"{file}: a number of person {person} is beyond {FARTHEST:g}; expected pixels")
    extended = joints.shape[0] == len(NAMES)
    people = joints.transpose(2, 0, 1) if extended else joints.transpose(2, 1, 0)  # (N, 14, 3)
    numbers = np.atleast_1d(variables.get("index", np.arange(1, len(people) + 1))).astype(int)
    files = [f"images/im{number:0{5 if extended else 4}d}.jpg" for number in numbers]
    known = (people[..., 2] > 0) | (not extended)
    labels = labels_of(files, np.where(known[..., None], people[..., :2] - 1, np.nan))
    hidden = (people[..., 2] > 0) & (not extended)
    visible = np.where(known, np.where(hidden, HIDDEN, VISIBLE), UNLABELLED).astype(np.uint8)
    return replace(labels, visible=visible), (), extended


def _read(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    return read_lsp(path, False, folder, skip)


LAYOUT = "joints.mat beside the folder images, or a table joints.csv"
READER = Reader(_read, ABOUT, "lsp14", ("pck_torso",), LAYOUT)
READER_EXTENDED = Reader(_read, ABOUT_EXTENDED, "lsp14", ("pck_torso",), LAYOUT)
