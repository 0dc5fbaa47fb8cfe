"""YOLO-pose, as Ultralytics has it: data.yaml, a folder of images, and beside it one of texts, a line an instance.

    data.yaml       path, train, val, test (folders of images or lists of them), kpt_shape, flip_idx, names, kpt_names
    images/a.jpg
    labels/a.txt    class, x y width height of the box, x y (visibility) of each point: shares of the image's size

Source: https://docs.ultralytics.com/datasets/pose. Sizes of images are not stored, so they are read from the images.
"""

import glob
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.datasets.coco_layout import FARTHEST
from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.formats.beginnings import beginning
from vitruvian.datasets.formats.columns import ImageRow, InstanceRow, labels_of_rows
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.losses import Holds, losses
from vitruvian.datasets.omissions import Omissions
from vitruvian.datasets.own_skeleton import Declared, understand
from vitruvian.errors import DataError, ImageError, needs
from vitruvian.folders import write_text
from vitruvian.geometry import around_points
from vitruvian.media import find_images, read_image
from vitruvian.structures import SKELETONS, VISIBLE, Skeleton

HOLDS = Holds(hidden=True, boxes=True, sizes=True, deserted=True, name=True, mirror=True)
LARGEST = 1 << 20  # bytes of data.yaml
SPLITS = ("train", "val", "test")
UNUSABLE = "lines that cannot be used"


@dataclass(frozen=True)
class _Yaml:
    """What data.yaml says. images: of each split that is there, a folder or a list; dims: 2 or 3 numbers a point.

    kind: what an instance is, which names the skeleton.
    """

    root: Path
    images: tuple[str, ...]
    keypoints: int
    dims: int
    names: tuple[str, ...]
    mirror: tuple[int, ...] | None
    kind: str
    notes: tuple[str, ...]


def read_yolo(path: Path, folder: Path | None = None, skip: bool = False) -> Dataset:
    """The labels of data.yaml, of the folder it is in, or, for one split, of a folder of images below it.

    folder: what stands where data.yaml says `path`; by default that, if it is there, or else the folder of data.yaml.
    An image without a text, or with an empty one, has no instances. A point at 0 0 without visibility is unlabelled.
    Where the points have no names, but the number and the mirrored pairs of one known skeleton, they are taken for it.

    Raises DataError, with the file and the line, for what is not like that, and for an image that cannot be read.
    """
    path = Path(os.path.abspath(path))
    file = _yaml_file(path)
    yaml = _yaml(file, folder)
    omissions = Omissions(file, skip)
    chosen = [path] if path.is_dir() and path != file.parent else [_entry(yaml.root, entry) for entry in yaml.images]
    found = list(dict.fromkeys(image for entry in chosen for image in _images(entry)))
    if not found:
        raise DataError(f"{file}: there are no images in {', '.join(map(str, chosen)) or 'any split'}; expected some")
    base = next((base for base in (yaml.root / "images", yaml.root) if all(base in one.parents for one in found)), None)
    if base is None:
        raise DataError(
            f"{file}: the images lie outside {yaml.root}, such as {found[0]}; move them, or name the folder"
        )
    images: list[ImageRow] = []
    instances: list[InstanceRow] = []
    for image in found:
        try:
            height, width = read_image(image).shape[:2]
        except ImageError as error:
            omissions.add("images that cannot be read, so that their size is unknown", image.name, str(error))
            continue
        instances += _instances(_text_of(image), yaml, len(images), (width, height), omissions)
        images.append(ImageRow(image.relative_to(base).as_posix(), (width, height)))
    labels = labels_of_rows(images, instances, yaml.keypoints)
    understood = understand(Declared(yaml.names, yaml.kind, mirror=yaml.mirror), labels, file)
    notes = (*omissions.notes, *yaml.notes, *understood.notes)
    return Dataset(file.parent.resolve().name, understood.skeleton, understood.labels, base, notes=notes)


def write_yolo(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write data.yaml and texts into the folder `path`, and link the images, or copy them where that is not possible.

    Every image is written as one to train with; split first. Returns what the format cannot hold.

    Raises DataError where the size of an image is not known and it is not there, and for a folder that is not empty.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise DataError(f"{path}: a YOLO data set needs a folder of its own; this is a file or not empty; name another")
    files = dataset.labels.files.tolist()
    stems = [_stem(name) for name in files]
    twice = Counter(stems).most_common(1)
    if twice and twice[0][1] > 1:
        raise DataError(f"{dataset.name}: several images are called {twice[0][0]} but for their ending; rename them")
    missing = 0
    for row, (name, stem) in enumerate(zip(files, stems, strict=True)):
        write_text(path / "labels" / f"{stem}.txt", "".join(_lines(dataset, row)))
        missing += not _link(dataset.path(row), path / "images" / name)
    write_text(path / "train.txt", "".join(f"./images/{name}\n" for name in files))
    write_text(path / "data.yaml", _yaml_text(dataset.skeleton))
    said = (f"{missing} images are not there; the format needs them for their sizes",) if missing else ()
    return losses(dataset, HOLDS) + said


def recognise_yolo(path: Path) -> bool:
    """A data.yaml with a shape of keypoints, a folder with one, or a folder of images below one."""
    try:
        return "kpt_shape" in beginning(_yaml_file(path), ".yaml", ".yml")
    except DataError:
        return False


def _yaml_file(path: Path) -> Path:
    """The file itself; of a folder, the yaml in it or in one of the two folders above it."""
    if not path.is_dir():
        return path
    for place in (path, *path.absolute().parents[:2]):
        found = [one for one in sorted(place.glob("*.y*ml")) if "kpt_shape" in beginning(one, ".yaml", ".yml")]
        if len(found) == 1:
            return found[0]
        if found:
            raise DataError(f"{place} has {', '.join(one.name for one in found)}; expected one data.yaml; name it")
    raise DataError(f"{path} has no data.yaml with kpt_shape; expected one in it or above it")


def _yaml(file: Path, folder: Path | None) -> _Yaml:
    """What data.yaml says. Raises DataError for what is missing or of another kind."""
    said = _loaded(file)
    shape = said.get("kpt_shape")
    if not (isinstance(shape, list) and len(shape) == 2 and _are_whole(shape) and shape[0] > 0 and shape[1] in (2, 3)):
        raise DataError(f"{file}: kpt_shape is {shape!r}, expected the number of keypoints and 2 or 3, as in [17, 3]")
    flip = said.get("flip_idx") or None
    if flip is not None and not (isinstance(flip, list) and _are_whole(flip) and sorted(flip) == [*range(shape[0])]):
        raise DataError(f"{file}: flip_idx is {flip!r}, expected each of 0 to {shape[0] - 1} once")
    mirror = tuple(flip) if flip else None
    names, notes = _names(said.get("kpt_names"), shape[0], mirror, file)
    said_root = file.parent / str(said.get("path") or ".")
    root = Path(os.path.abspath(folder or (said_root if said_root.is_dir() else file.parent)))
    entries = [said[split] for split in SPLITS if said.get(split)]
    images = tuple(one for entry in entries for one in (entry if isinstance(entry, list) else [entry]))
    if not all(isinstance(one, str) for one in images):
        raise DataError(f"{file}: train, val or test is no name of a folder or a list of images, nor several of them")
    several = _classes(said.get("names"), file)
    if len(several) > 1:
        notes += (f"{len(several)} classes, {', '.join(several)}, are read alike",)
    return _Yaml(root, images, shape[0], shape[1], names, mirror, several[0] if len(several) == 1 else "own", notes)


def _classes(said: Any, file: Path) -> list[str]:
    """The names of the classes, which stand in a list or under their numbers."""
    if not isinstance(said, list | dict | None):
        raise DataError(f"{file}: names is {said!r}, expected a name under the number of each class, as in 0: person")
    return [*map(str, said.values() if isinstance(said, dict) else said or ())]


def _loaded(file: Path) -> dict[str, Any]:
    with needs("formats", "a YOLO data set"):
        import yaml
    try:
        if file.stat().st_size > LARGEST:
            raise DataError(f"{file} has over {LARGEST} bytes; expected the short description of a YOLO data set")
        said = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror}); expected a data.yaml") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise DataError(f"{file} is no yaml: {error}") from error
    if not isinstance(said, dict):
        raise DataError(f"{file} holds a {type(said).__name__}, expected keys such as train, kpt_shape and names")
    return said


def _names(
    said: Any, keypoints: int, mirror: tuple[int, ...] | None, file: Path
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the keypoints, and a note where they are taken from a known skeleton."""
    names = next(iter(said.values()), None) if isinstance(said, dict) else said
    if names:
        if not isinstance(names, list) or len(names) != keypoints:
            raise DataError(f"{file}: kpt_names are {names!r}, expected {keypoints} names, as kpt_shape says")
        return tuple(map(str, names)), ()
    alike = [one for one in SKELETONS.values() if one.mirror == mirror]
    if len(alike) == 1:
        return alike[0].names, (f"the points have no names; they are taken for {alike[0].name}, whose pairs they have",)
    return tuple(f"keypoint_{k}" for k in range(keypoints)), ()


def _are_whole(values: list[Any]) -> bool:
    return all(type(value) is int for value in values)


def _images(entry: Path) -> list[Path]:
    """The images that an entry of data.yaml means: those in a folder and below it, or those that a text lists."""
    if entry.suffix == ".txt":
        try:
            lines = entry.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{entry} cannot be read ({error}); expected a list of images") from error
        return [Path(os.path.normpath(entry.parent / line.strip())) for line in lines if line.strip()]
    try:
        return find_images(str(Path(glob.escape(str(entry))) / "**" / "*"))
    except DataError as error:
        raise DataError(
            f"{entry}: there are no images; expected a folder of them, or a .txt that lists them"
        ) from error


def _entry(root: Path, entry: str) -> Path:
    """Where an entry of data.yaml leads; "../" before it may mean nothing, as in files that Roboflow writes."""
    place = Path(os.path.normpath(root / entry))
    inside = Path(os.path.normpath(root / entry.removeprefix("../")))
    return inside if inside.exists() and not place.exists() else place


def _text_of(image: Path) -> Path:
    """Where the labels of an image are: the last folder "images" of its path becomes "labels"."""
    parts = [*image.parts]
    if "images" in parts[:-1]:
        parts[len(parts) - 2 - parts[-2::-1].index("images")] = "labels"
    return Path(*parts).with_suffix(".txt")


def _instances(
    text: Path, yaml: _Yaml, image: int, size: tuple[int, int], omissions: Omissions
) -> Iterator[InstanceRow]:
    try:
        lines = text.read_text(encoding="utf-8-sig").splitlines() if text.is_file() else []
    except (OSError, UnicodeDecodeError) as error:
        omissions.add("texts that cannot be read", str(text), f"{error}; expected lines of numbers")
        return
    for number, line in enumerate(lines, start=1):
        try:
            instance = _instance(line.split(), yaml, image, size)
        except ValueError as error:
            omissions.add(UNUSABLE, f"{text}, line {number}", str(error))
        else:
            if line.strip():
                yield instance


def _instance(words: list[str], yaml: _Yaml, image: int, size: tuple[int, int]) -> InstanceRow:
    """One line. Raises ValueError for one that is not as data.yaml says."""
    wanted = 5 + yaml.keypoints * yaml.dims
    numbers = np.array([float(word) for word in words] or [0.0] * wanted)
    if len(numbers) != wanted:
        raise ValueError(f"{len(numbers)} numbers, expected {wanted}: class, box, and {yaml.keypoints} x {yaml.dims}")
    if not (np.abs(numbers) <= FARTHEST).all():
        raise ValueError(f"a number is not within {FARTHEST:g}, expected shares of the size of the image")
    points = numbers[5:].reshape(yaml.keypoints, yaml.dims)
    visible = np.asarray(points[:, 2] if yaml.dims == 3 else VISIBLE * points.any(1))
    if not set(visible.tolist()) <= {0, 1, 2}:
        raise ValueError(f"the visibilities are {sorted(set(visible.tolist()))}, expected 0, 1 and 2")
    (x, y), (width, height) = numbers[1:3] * size, numbers[3:5] * size
    box = float(x - width / 2), float(y - height / 2), float(x + width / 2), float(y + height / 2)
    return InstanceRow(image, np.column_stack([points[:, :2] * size, visible]), box)


def _lines(dataset: Dataset, row: int) -> Iterator[str]:
    """The lines of one image; none for an instance that has neither box nor points."""
    labels = dataset.labels
    rows = dataset.instances(row)
    if not len(rows):
        return
    size = labels.sizes[row].astype(np.float64)
    if not (size > 0).all():
        height, width = read_image(dataset.path(row)).shape[:2]
        size = np.array([width, height], np.float64)
    tight = around_points(labels.xy[rows])
    for one, box in zip(rows.tolist(), tight, strict=True):
        known = labels.boxes[one] if np.isfinite(labels.boxes[one]).all() else box.astype(np.float64)
        if np.isfinite(known).all():
            shares = [*(known[:2] + known[2:]) / 2 / size, *(known[2:] - known[:2]) / size]
            points = np.column_stack([np.nan_to_num(labels.xy[one]) / size, labels.visible[one]])
            yield " ".join(["0", *(f"{value:.17g}" for value in (*shares, *points.ravel()))]) + "\n"


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _link(source: Path, target: Path) -> bool:
    """Make `target` show what `source` is. Returns whether there is such a file."""
    if not source.is_file():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source.resolve())
    except OSError:  # a system that does not let everybody link
        shutil.copyfile(source, target)
    return True


def _yaml_text(one: Skeleton) -> str:
    """data.yaml; names are written as JSON does, which is yaml too."""
    return (
        f"train: train.txt\nval: train.txt  # the same images: split the data set before writing it\n"
        f"kpt_shape: [{len(one)}, 3]\nflip_idx: {list(one.mirror)}\n"
        f"names:\n  0: {json.dumps(one.name)}\nkpt_names:\n  0: {json.dumps(list(one.names))}\n"
    )


YOLO = LabelFormat(
    read_yolo,
    write_yolo,
    recognise_yolo,
    HOLDS,
    "YOLO-pose of Ultralytics: data.yaml, images, labels",
    ("",),
    exact=False,
)
