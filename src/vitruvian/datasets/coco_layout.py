"""The layout of COCO's keypoint files, which most published data sets share: images, annotations, categories.

Source: https://cocodataset.org/#format-data. A reader of a data set with further fields subclasses the records.
"""

import gc
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, overload

import msgspec
import numpy as np

from vitruvian.datasets.json_records import contents, parse, records, with_texts_for_nan
from vitruvian.datasets.omissions import Omissions
from vitruvian.errors import DataError
from vitruvian.structures import Labels

LONGEST_NAME = 1024  # letters of the name of an image file, with its folders
LONGEST_PART = 255  # bytes of a name that file systems take
FARTHEST = 1e12  # pixels, or their squares; a number beyond is a slip, and overflows what is reckoned with it

Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class ImageRecord(msgspec.Struct, kw_only=True, gc=False):
    """An image of the file."""

    id: Id
    file_name: str
    width: Pixels = 0
    height: Pixels = 0


class Annotation(msgspec.Struct, kw_only=True, gc=False):
    """An instance of the file. keypoints: x, y, v of each, v 0 unlabelled, 1 hidden, 2 visible; empty for none.

    bbox: x, y, width, height; None or empty where it is not known. area: px² of the region.
    """

    id: Id
    image_id: Id
    category_id: Id | None = None
    keypoints: list[float] = []
    bbox: list[float] | None = None
    area: float | None = None
    iscrowd: bool | int = 0
    track_id: Id | None = None

    def points(self) -> Sequence[float]:
        """x, y, v of each keypoint to read, 3K numbers, or none; a subclass may put them together from its fields."""
        return self.keypoints

    def box(self) -> Sequence[float] | None:
        """x, y, width, height of the instance; a subclass may have another box."""
        return self.bbox


class Category(msgspec.Struct, kw_only=True):
    """A kind of instance. skeleton: limbs as pairs of keypoint numbers, counted from 1."""

    id: Id = 0
    name: str = ""
    keypoints: list[str] = []
    skeleton: list[list[int]] = []


A = TypeVar("A", bound=Annotation)
I = TypeVar("I", bound=ImageRecord)  # noqa: E741 (images, as everywhere)


@dataclass(frozen=True, eq=False)
class Layout(Generic[A, I]):
    """What a file holds. labels: groups are one for each image; extras are empty, they are the reader's to fill.

    annotations: those of the labels' instances, in their order; images: those of the labels' images, in their order.
    notes:       what was left out or changed, with counts.
    """

    labels: Labels
    annotations: list[A]
    images: list[I]
    categories: list[Category]
    notes: tuple[str, ...]


@overload
def read_layout(
    path: Path, keypoints: int | None, *, categories: Iterable[str | int] = (), skip: bool = False
) -> Layout[Annotation, ImageRecord]: ...


@overload
def read_layout(
    path: Path,
    keypoints: int | None,
    *,
    image_record: type[I],
    categories: Iterable[str | int] = (),
    skip: bool = False,
) -> Layout[Annotation, I]: ...


@overload
def read_layout(
    path: Path, keypoints: int | None, record: type[A], *, categories: Iterable[str | int] = (), skip: bool = False
) -> Layout[A, ImageRecord]: ...


@overload
def read_layout(
    path: Path,
    keypoints: int | None,
    record: type[A],
    image_record: type[I],
    categories: Iterable[str | int] = (),
    skip: bool = False,
) -> Layout[A, I]: ...


def read_layout(
    path: Path,
    keypoints: int | None,
    record: type[Any] = Annotation,
    image_record: type[Any] = ImageRecord,
    categories: Iterable[str | int] = (),
    skip: bool = False,
) -> Layout[Any, Any]:
    """The labels of a file in COCO's layout, with its records as `record` and `image_record` have their fields.

    keypoints:  K; None for as many as the categories name or, if they name none, as the first annotation has.
    categories: names or ids of those to read; none for all.
    skip:       leave records that cannot be used out and count them in the notes.

    Annotations without keypoints are kept, all NaN. An image listed under several ids is one image, which is noted.
    Raises DataError, with the file, the record and the way out, for what is no such file, for a category that is not
    there and, unless skipped, for the first record that cannot be used.
    """
    with _uncollected():
        file = _parsed(path, record, image_record, skip)
        omissions = file.omissions
        images, row_of, merged = _images(file.images, omissions)
        if not images:
            raise DataError(f"{path} has no images that can be used; expected at least one entry in its list of images")
        chosen = _chosen(path, file.categories, categories)
        known = {category.id for category in file.categories}
        count = keypoints if keypoints is not None else _count(path, file.categories, chosen, file.annotations)
        rules = _Rules(count, row_of, known, chosen)
        annotations = _annotations(file.annotations, rules, omissions)
        labels = _labels(images, annotations, row_of, count)
        labels, annotations = _within_reach(labels, annotations, omissions)
        return Layout(labels, annotations, images, file.categories, omissions.notes + merged)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles, of which there are none here: with a million new lists it takes most of the
    time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _File(NamedTuple):
    """The lists of a file, read but not yet compared with each other."""

    images: list[Any]
    annotations: list[Any]
    categories: list[Category]
    omissions: Omissions


class _Parts(msgspec.Struct, kw_only=True):
    """The lists of a file, whose entries are not looked into."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw] = []
    categories: list[Category] = []


class _Rules(NamedTuple):
    """What an annotation must fit. keypoints: K; row_of: image id -> row; known: all category ids; chosen: to read."""

    keypoints: int
    row_of: dict[int, int]
    known: set[int]
    chosen: set[int] | None


def _parsed(path: Path, record: type[A], image_record: type[I], skip: bool) -> _File:
    """The file at once where all is well, which is fast; else record by record."""
    data, omissions = contents(path), Omissions(path, skip)
    whole = msgspec.defstruct(
        "Whole",
        [
            ("images", list[image_record]),  # type: ignore[valid-type]
            ("annotations", list[record], msgspec.field(default_factory=list)),  # type: ignore[valid-type]
            ("categories", list[Category], msgspec.field(default_factory=list)),
        ],
    )
    try:
        found: Any = msgspec.json.decode(data, type=whole)
        return _File(found.images, found.annotations, found.categories, omissions)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parts = parse(with_texts_for_nan(data), _Parts, path, 'a COCO file, an object with the list "images"')
    return _File(
        list(records(parts.images, image_record, "image", omissions)),
        list(records(parts.annotations, record, "annotation", omissions)),
        parts.categories,
        omissions,
    )


def _images(found: list[I], omissions: Omissions) -> tuple[list[I], dict[int, int], tuple[str, ...]]:
    """The images to use, image id -> row among them, and a note where ids share a file."""
    images: list[I] = []
    row_of: dict[int, int] = {}
    row_of_file: dict[str, int] = {}
    for image in found:
        if image.id in row_of:
            omissions.add("images with the id of another", f"image {image.id}", "two images have this id, expected one")
            continue
        name = image.file_name = image.file_name.replace("\\", "/")
        if fault := fault_of_name(name):
            omissions.add("images with a file name that cannot be used", f"image {image.id}", fault)
            continue
        row_of[image.id] = row_of_file.setdefault(name, len(images))
        if row_of[image.id] == len(images):
            images.append(image)
    again = len(row_of) - len(images)
    return images, row_of, (f"{again} images are listed again under another id and taken as one",) if again else ()


def fault_of_name(name: str) -> str:
    """What is wrong with the name of an image file; empty for nothing."""
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        return f'the file name "{name[:40]}" has {len(name)} letters, expected 1 to {LONGEST_NAME}'
    longest = max(len(part.encode(errors="surrogatepass")) for part in name.split("/"))
    if longest > LONGEST_PART:
        return f'the file name "{name[:40]}..." has {longest} bytes, expected at most {LONGEST_PART}'
    if ".." in name.split("/") or name.startswith("/") or name[1:2] == ":":
        return f'the file name "{name}" leads out of the folder of images; expected one relative to it'
    return ""


def _chosen(path: Path, there: list[Category], wanted: Iterable[str | int]) -> set[int] | None:
    """The ids of the wanted categories; None for all. Raises DataError for one that is not there."""
    wanted = tuple(wanted)
    if not wanted:
        return None
    unknown = [one for one in wanted if all(one not in (category.id, category.name) for category in there)]
    if unknown:
        raise DataError(
            f"{path} has no category {', '.join(map(repr, unknown))}; it has "
            f"{', '.join(f'{category.name} ({category.id})' for category in there) or 'none'}"
        )
    return {category.id for category in there if category.id in wanted or category.name in wanted}


def _count(path: Path, categories: list[Category], chosen: set[int] | None, annotations: list[A]) -> int:
    """K, as the chosen categories name them, or as the first chosen annotation with keypoints has."""
    named = {len(one.keypoints) for one in categories if one.keypoints and (chosen is None or one.id in chosen)}
    if len(named) > 1:
        raise DataError(f"{path} has categories with {sorted(named)} keypoints; choose categories that have as many")
    of_first = (len(one.points()) // 3 for one in annotations if chosen is None or one.category_id in chosen)
    count = named.pop() if named else next((found for found in of_first if found), 0)
    if not count:
        raise DataError(f"{path} names no keypoints in its categories and has none in its annotations; expected some")
    return count


def _annotations(found: list[A], rules: _Rules, omissions: Omissions) -> list[A]:
    """Those of the chosen categories that can be used."""
    kept: list[A] = []
    seen: set[int] = set()
    for one in found:
        if rules.chosen is not None and one.category_id not in rules.chosen:
            continue
        kind, fault = _fault(one, rules, seen)
        if fault:
            omissions.add(kind, f"annotation {one.id}", fault)
        else:
            seen.add(one.id)
            kept.append(one)
    return kept


def _fault(one: Annotation, rules: _Rules, seen: set[int]) -> tuple[str, str]:
    """What is wrong with an annotation, as a kind and a sentence; empty for nothing."""
    points, box = one.points(), one.box()
    if one.id in seen:
        return "annotations with the id of another", "two annotations have this id, expected one"
    if one.image_id not in rules.row_of:
        return "annotations whose image is not there", f"there is no image {one.image_id}"
    if rules.known and one.category_id is not None and one.category_id not in rules.known:
        return "annotations whose category is not there", f"there is no category {one.category_id}"
    if points and len(points) != 3 * rules.keypoints:
        return (
            "annotations with another number of keypoints",
            f"{len(points)} numbers for keypoints, expected {3 * rules.keypoints}, x, y and v of {rules.keypoints}",
        )
    if box and len(box) != 4:
        return "annotations with a box that is none", f"bbox has {len(box)} numbers, expected x, y, width, height"
    if points and not (min(points[2::3]) >= 0 and max(points[2::3]) <= 2):
        wrong = next(value for value in points[2::3] if not 0 <= value <= 2)
        return "annotations with unknown visibility", f"a keypoint has visibility {wrong:g}, expected 0, 1 or 2"
    return "", ""


def _labels(images: Sequence[ImageRecord], annotations: Sequence[A], row_of: dict[int, int], keypoints: int) -> Labels:
    triples = _rows([one.points() for one in annotations], 3 * keypoints, 0.0).reshape(-1, keypoints, 3)
    labelled = triples[..., 2] > 0
    boxes = _rows([one.box() for one in annotations], 4, np.nan)
    with np.errstate(over="ignore"):  # of numbers that are looked at below
        boxes[:, 2:] += boxes[:, :2]
    tracks = [one.track_id for one in annotations]
    return Labels(
        files=np.array([image.file_name for image in images], np.str_),
        sizes=np.array([(image.width, image.height) for image in images], np.int32).reshape(-1, 2),
        image_ids=np.array([image.id for image in images], np.int64),
        groups=np.arange(len(images), dtype=np.int64),
        image=np.array([row_of[one.image_id] for one in annotations], np.int32),
        ids=np.array([one.id for one in annotations], np.int64),
        xy=np.where(labelled[..., None], triples[..., :2], np.nan),
        visible=np.ceil(triples[..., 2]).astype(np.uint8),  # some published files have a confidence in (0, 1)
        boxes=boxes,
        area=np.array([np.nan if one.area is None else one.area for one in annotations], np.float64),
        crowd=np.array([bool(one.iscrowd) for one in annotations], bool),
        tracks=None if not (set(tracks) - {None}) else np.array([-1 if t is None else t for t in tracks], np.int64),
    )


def _within_reach(labels: Labels, annotations: list[A], omissions: Omissions) -> tuple[Labels, list[A]]:
    """Those whose numbers can be places in an image or next to it."""
    places = (np.abs(labels.xy) > FARTHEST).any((1, 2)) | (np.abs(labels.boxes) > FARTHEST).any(1)
    astray = places | (np.abs(labels.area) > FARTHEST)
    if not astray.any():
        return labels, annotations
    for row in np.flatnonzero(astray).tolist():
        fault = f"a number is beyond {FARTHEST:g}, expected pixels"
        omissions.add("annotations with a number that is no place", f"annotation {annotations[row].id}", fault)
    return labels.of_instances(~astray), [annotations[row] for row in np.flatnonzero(~astray).tolist()]


def _rows(rows: Iterable[Sequence[float] | None], width: int, missing: float) -> np.ndarray:
    """(N, width) float64 of rows of that many numbers; `missing` throughout for a row that is None or empty."""
    absent = [missing] * width
    numbers = array("d")
    for row in rows:
        numbers.fromlist(list(row) if row else absent)
    return np.array(numbers).reshape(-1, width)
