"""What `vitruvian train` was asked for besides the recipe, as a file in the folder of the run."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vitruvian.cli.train_synth import Synthetic
from vitruvian.errors import DataError, RecipeError, UnknownNameError
from vitruvian.folders import write_text

if TYPE_CHECKING:
    from vitruvian.datasets import Dataset

FILE = "job.json"
FIT = "fit.json"  # of `vitruvian fit`


@dataclass(frozen=True)
class Source:
    """One data set: where it is, and what of it is shown.

    path:      of the annotations, absolute; form: of them, None for what their content tells; folder: of the images.
    one_based: the annotations count the first pixel as 1.
    joints:    keypoint of the recipe -> keypoint of the data set; None: by name.
    weight:    how often each person is shown while those of other data sets are shown once.
    """

    path: str
    form: str | None = None
    folder: str | None = None
    one_based: bool = False
    joints: dict[str, str] | None = None
    weight: float = 1.0

    def open(self) -> "Dataset":
        """The data set. Raises what `open_dataset` raises."""
        from vitruvian.datasets import from_zero, open_dataset

        dataset = open_dataset(Path(self.path), self.form, None if self.folder is None else Path(self.folder))
        return from_zero(dataset) if self.one_based else dataset


@dataclass(frozen=True)
class TrainSettings:
    """What to train on, and how often to look how good the model is.

    data:      whom to train on. val: who is held out; val_share: or else a share of every data set.
    score:     a name in SCORES that compares checkpoints; None: what the field scores the held-out data by.
    every:     steps between two checks.
    start:     a checkpoint to begin with, absolute; None for fresh weights.
    synth:     whom to render while training.
    """

    data: tuple[Source, ...]
    val: tuple[Source, ...] = ()
    val_share: float | None = None
    score: str | None = None
    every: int = 500
    start: str | None = None
    synth: tuple[Synthetic, ...] = ()

    def __post_init__(self) -> None:
        if not self.data and not self.synth:
            raise RecipeError("there is nothing to train on; name a data set after the recipe")
        if not self.data and self.val_share is not None:
            raise RecipeError("--val-share holds out labelled images, and there are only rendered ones; use --val")
        if self.val and self.val_share is not None:
            raise RecipeError("people are held out by --val or by --val-share; give one of the two")
        if any(source.weight != 1 for source in self.val):
            raise RecipeError("weights say how often people are trained on; leave them out of the list for --val")
        if self.val_share is not None and not 0 < self.val_share < 1:
            raise RecipeError(f"--val-share must be between 0 and 1, got {self.val_share}")
        if self.every < 1:
            raise RecipeError(f"--every must be at least 1 step, got {self.every}")


def save_settings(folder: Path, settings: TrainSettings) -> None:
    """Raises DataError where it cannot be written."""
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    write_text(folder / FILE, text.decode() + "\n")


def load_settings(folder: Path) -> TrainSettings:
    """The settings of the run in a folder. Raises DataError for a folder that holds none."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=TrainSettings)
    except OSError as error:
        raise DataError(f"{folder}: {_not_a_run(folder)}; give the folder that was --out of vitruvian train") from error
    except msgspec.DecodeError as error:
        raise DataError(f"{path}: does not say what to train on ({error}); start the run anew") from error


def _not_a_run(folder: Path) -> str:
    """Why there is nothing to resume in a folder."""
    if not folder.is_dir():
        return "is a file, not the folder of a run" if folder.exists() else "there is no such folder"
    if (folder / FIT).exists():
        return "holds a fit, which goes on when the same vitruvian fit is started again"
    return f"holds no run to resume, {folder / FILE} cannot be read"


def sources(paths: tuple[Path, ...], like: Source) -> tuple[Source | Synthetic, ...]:
    """The data sets at some paths; a .toml file stands for those that it lists (see `_listed`).

    like: gives what one says of all of them.
    """
    found: list[Source | Synthetic] = []
    for path in paths:
        found += _listed(path) if path.suffix == ".toml" else [replace(like, path=str(path.absolute()))]
    return tuple(found)


def labelled(data: tuple[Source | Synthetic, ...]) -> tuple[Source, ...]:
    """The data, if all of it is labelled images. Raises RecipeError where some are to be rendered."""
    found = tuple(one for one in data if isinstance(one, Source))
    if len(found) < len(data):
        raise RecipeError(
            "rendered data is endless, and cannot be held out; render a folder of it with vitruvian synth for --val"
        )
    return found


def _listed(path: Path) -> list[Source | Synthetic]:
    """The data sets that a TOML file lists, paths in it relative to it:

    [[data]]
    path = "coco/person_keypoints_train2017.json"
    form = "coco"
    weight = 0.5
    joints = { head = "nose" }  # of the recipe = of the data set

    [[data]]
    synth = "body"
    share = 0.3

    Raises DataError for what is no such file, and UnknownNameError for an unknown key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as a TOML list of data sets ({error})") from error
    entries = table.get("data")
    if list(table) != ["data"] or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise DataError(
            f"{path}: expected nothing but data sets, each under [[data]], got {', '.join(table) or 'none'}"
        )
    return [_entry(entry, path) for entry in entries]


def _entry(entry: Mapping[str, Any], path: Path) -> Source | Synthetic:
    kind: type[Source | Synthetic] = Synthetic if "synth" in entry else Source
    known = kind.__dataclass_fields__
    for key in entry:
        if key not in known:
            raise UnknownNameError(f"data key in {path}", key, known)
    try:
        found = msgspec.convert(entry, kind)
    except msgspec.ValidationError as error:
        raise DataError(f"{path}: a data set is not described rightly: {error}") from error
    home = path.absolute().parent
    return _located(found, home) if isinstance(found, Source) else replace(found)  # its defaults are written down, too


def _located(source: Source, home: Path) -> Source:
    """The same with absolute paths. home: where relative ones begin."""
    folder = None if source.folder is None else str(home / source.folder)
    return replace(source, path=str(home / source.path), folder=folder)
