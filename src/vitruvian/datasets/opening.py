"""Opening any data set: by the name of its form, or by a look at what is there."""

from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from vitruvian.datasets.animals import ANIMALS
from vitruvian.datasets.bodies import BODIES
from vitruvian.datasets.dataset import Dataset, Reader
from vitruvian.datasets.faces import FACES
from vitruvian.datasets.formats import FORMATS
from vitruvian.datasets.hands import HANDS
from vitruvian.datasets.three_d import THREE_D
from vitruvian.errors import DataError, UnknownNameError

DATASETS: dict[str, Reader] = {**BODIES, **HANDS, **FACES, **ANIMALS, **THREE_D}
"""The published data sets by name."""

USUAL = {".json": "coco_json", ".csv": "csv", ".xml": "cvat"}  # what most files that end so are

LOOKED_AT = 10_000  # files of a folder, to say what it holds


def open_dataset(path: Path, form: str | None = None, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The data set at `path`: the annotations, as its form has them.

    form:   a name in DATASETS, or "coco_json", "yolo" ... in FORMATS; None to recognise one of the latter.
    folder: of the images; None for where the form has them.
    skip:   leave records that cannot be used out and count them in `Dataset.notes`.

    Raises UnknownNameError for a form that is in no table; DataError, with the forms that were tried, for what is not
    recognised, and for what cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder in {Path.cwd()}; check the name")
    return reader(path, form)(path, folder=folder, skip=skip)


def reader(path: Path, form: str | None) -> Callable[..., Dataset]:
    """What reads `path`: the reader of its form, or of the format that is recognised there."""
    if form is not None:
        if form in DATASETS:
            return DATASETS[form].read
        if form in FORMATS:
            return FORMATS[form].read
        raise UnknownNameError("form of a data set", form, (*DATASETS, *FORMATS))
    found = [name for name, one in FORMATS.items() if one.recognise(path)]
    if not found and path.is_dir():
        raise DataError(
            f"{path}: no labels are recognised in the folder, {_content(path)}; expected one of {', '.join(FORMATS)}: "
            f"give their file or folder, or name the form of a published data set, such as coco or lsp"
        )
    if len(found) != 1:
        those = f"it may be {' or '.join(found)}" if found else f"it is none of {', '.join(FORMATS)}{_fault(path)}"
        raise DataError(
            f"{path}: cannot tell what form of labels this is: {those}; name its form, or one of the published data "
            f"sets: {', '.join(DATASETS)}"
        )
    return FORMATS[found[0]].read


def _content(folder: Path) -> str:
    """What kinds of files there are: "which holds 14 .jpg, 1 .txt"."""
    files = islice((path for path in folder.rglob("*") if path.is_file()), LOOKED_AT)
    kinds = Counter(path.suffix.lower() or path.name for path in files).most_common(3)
    return f"which holds {', '.join(f'{count} {kind}' for kind, count in kinds)}" if kinds else "which is empty"


def _fault(path: Path) -> str:
    """What keeps a file from being what most files that end so are; empty where that is not known."""
    usual = USUAL.get(path.suffix.lower())
    try:
        if usual is not None:
            FORMATS[usual].read(path, skip=True)
    except DataError as error:
        return f"; read as {usual}: {error}"
    return ""
