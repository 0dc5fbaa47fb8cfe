"""The lines of a csv by the names of its columns, and what their cells say."""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.errors import DataError
from vitruvian.structures import HIDDEN, UNLABELLED, VISIBLE

WORDS = {"": UNLABELLED, "hidden": HIDDEN, "visible": VISIBLE}
COUNTED = {"0": UNLABELLED, "1": HIDDEN, "2": VISIBLE}  # as COCO does
FLAGS = {"0": UNLABELLED, "1": VISIBLE}  # where no line has a 2: labelled or not


@dataclass(frozen=True)
class Line:
    """A line: its number, counted from 1 for the header, and its cells by column. fault: why it cannot be used."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""

    def text(self, column: str) -> str:
        """The cell; empty where there is no such column."""
        return self.cells.get(column, "")

    def number_or_nan(self, column: str) -> float:
        """The number in a cell, NaN for an empty one. Raises ValueError for anything else."""
        cell = self.text(column)
        if cell.lower() in ("", "nan"):
            return math.nan
        try:
            value = float(cell)
        except ValueError:
            raise ValueError(f'{column} is "{cell[:40]}", expected a number or an empty cell') from None
        if not abs(value) <= FARTHEST:
            raise ValueError(f"{column} is {cell[:40]}, expected a number within {FARTHEST:g}, or an empty cell")
        return value

    def whole(self, column: str) -> int | None:
        """The whole number in a cell, None for an empty one. Raises ValueError for anything else."""
        cell = self.text(column)
        if not cell:
            return None
        if not cell.lstrip("-").isdecimal() or len(cell) > 18:
            raise ValueError(f'{column} is "{cell[:40]}", expected a whole number or an empty cell')
        return int(cell)


def read_lines(path: Path) -> tuple[list[str], list[Line]]:
    """The columns in the first line and the lines below it, empty ones left out. The text is UTF-8.

    Raises DataError, naming the file, for what is no csv or has a column twice.
    """
    try:
        reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        columns = [cell.strip() for cell in next(reader, [])]
        lines = [_line(columns, row, reader.line_num) for row in reader if row]
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected a csv") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a csv in UTF-8 ({error}); save it as one") from error
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise DataError(f'{path} has the column "{twice[0]}" more than once; expected every column once')
    return columns, lines


def visibilities(cells: Iterable[str]) -> Mapping[str, int]:
    """What a cell of visibility means, given all of them: words, numbers as COCO counts, or flags."""
    return WORDS | (COUNTED if "2" in set(cells) else FLAGS)


def _line(columns: list[str], row: list[str], number: int) -> Line:
    if len(row) != len(columns):
        return Line(
            number, {}, f"it has {len(row)} cells, expected {len(columns)} as in the first line; is it cut short?"
        )
    return Line(number, dict(zip(columns, map(str.strip, row), strict=True)))
