"""DeepLabCut's table as h5, which pandas writes and reads. Such a file can hold pickled objects, which are looked
through before pandas opens it: whatever would run code is refused."""

import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.datasets.formats.labelled_frame import LabelledFrame
from vitruvian.errors import DataError, needs
from vitruvian.folders import written_whole

PURPOSE = "an h5 file of DeepLabCut"
KEY = "df_with_missing"  # as DeepLabCut calls the table
LEVELS = ("individuals", "bodyparts", "coords")
HARMFUL = {  # what a pickle does beside building numbers, texts, lists and tables of them
    "GLOBAL", "STACK_GLOBAL", "REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD", "EXT1", "EXT2", "EXT4",
    "PERSID", "BINPERSID",
}  # fmt: skip


def read_h5(path: Path) -> LabelledFrame:
    """The table of a file. Raises DataError for what is no such file, and for one that would run code."""
    with needs("formats", PURPOSE):
        import h5py
        import pandas
    try:
        with h5py.File(path) as file:
            _refuse_code(file, path)
        frame = pandas.read_hdf(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} cannot be read as h5 ({error}); expected {PURPOSE}, or its csv") from error
    levels = list(getattr(frame.columns, "names", []))
    if not {"bodyparts", "coords"} <= set(levels):
        raise DataError(f"{path} has the header {levels}, expected scorer, bodyparts and coords")
    cells = [frame.columns.get_level_values(level) if level in levels else [""] * frame.shape[1] for level in LEVELS]
    columns = [(str(a), str(b), str(c)) for a, b, c in zip(*cells, strict=True)]
    files = ["/".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in frame.index]
    return LabelledFrame(columns, files, np.asarray(frame.to_numpy(), np.float64))


def write_h5(frame: LabelledFrame, path: Path) -> None:
    """Write the table as DeepLabCut does."""
    with needs("formats", PURPOSE):
        import pandas
        import tables  # noqa: F401 (pandas writes with it)
    several = any(animal for animal, _, _ in frame.columns)
    cells = [("vitruvian", *(column if several else column[1:])) for column in frame.columns]
    names = ["scorer", *(LEVELS if several else LEVELS[1:])]
    table = pandas.DataFrame(frame.values, frame.files, pandas.MultiIndex.from_tuples(cells, names=names))
    with written_whole(path) as beside:
        table.to_hdf(beside, key=KEY, mode="w")


def recognise_h5(path: Path) -> bool:
    """An h5 file that is called so."""
    try:
        with path.open("rb") as file:
            return path.suffix.lower() == ".h5" and file.read(8) == b"\x89HDF\r\n\x1a\n"
    except OSError:
        return False


def _refuse_code(file: Any, path: Path) -> None:
    """Raises DataError for a file with objects whose reading could run code: what ends as a pickle does, with a dot."""

    def look(name: str, item: Any) -> None:
        for key, value in item.attrs.items():
            pickled = isinstance(value, bytes) and value.endswith(b".") and _harmful(bytes(value))
            if pickled or (key == "PSEUDOATOM" and value == b"object"):
                raise DataError(
                    f"{path} holds an object at {name or '/'} ({key}) that would run code when it is read, which "
                    f"DeepLabCut does not write; use the csv beside it"
                )

    look("", file)
    file.visititems(look)


def _harmful(data: bytes) -> bool:
    """Whether the data, read as a pickle, would do anything but build plain values before it ends or breaks off."""
    try:
        return any(opcode.name in HARMFUL for opcode, _, _ in pickletools.genops(data))
    except Exception:  # genops raises all kinds of errors for what is no pickle; nothing harmful came before
        return False
