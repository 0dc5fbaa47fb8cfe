"""From a published checkpoint to a model file in the store, with a certificate of what was checked on the way."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from vitruvian.errors import DataError, PoseError, RecipeError, WeightsError
from vitruvian.export.crops import comparison_crops
from vitruvian.export.half import stored_bytes
from vitruvian.export.onnx_file import LARGEST, export_onnx
from vitruvian.folders import alone, alone_at_once, home, make_folder
from vitruvian.recipes import (
    build_estimator,
    card_for,
    estimator_of,
    fit,
    load_weights,
    read_pth,
    recipe_of,
    save_checkpoint,
    to_our_names,
)
from vitruvian.runtime import (
    BUNDLED,
    MODEL_NAME,
    Certificate,
    OnnxNetwork,
    Progress,
    Published,
    certificate_file,
    checkpoint_file,
    download,
    file_sha256,
    find_published,
    model_file,
    published_names,
    pulled_checkpoint,
    pulled_file,
    read_certificate,
)

PACKAGES = ("vitruvian", "torch", "onnx", "onnxruntime", "numpy")
SCORE = "as the network gives it, not calibrated"


@dataclass(frozen=True)
class Source:
    """Where the weights of an entry come from.

    file:       a file at hand; None: the published address.
    unverified: take a file at hand whose hash is not the published one, or a download for which none is published.
    name:       what the model is called in the store; "": as it was published. A file at hand that is not verified
                must be given a name of its own, so that it cannot pass for the published one.

    Raises RecipeError for a name that the store cannot have.
    """

    file: Path | None = None
    unverified: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if self.name and not MODEL_NAME.fullmatch(self.name):
            raise RecipeError(f'a model\'s name must be letters, digits, "_", "-" or "+", got "{self.name}"')
        if self.file and self.unverified and not self.name:
            raise RecipeError(f"{self.file} may be anything, so it cannot have a published name; give --name NAME")


def pull(
    name: str, source: Source = Source(), flip_test: bool = False, progress: Progress | None = None
) -> Certificate:
    """Fetch a published checkpoint, convert it and put it into the store, where `load` finds it by its name.

    What is there already, and whole, is left as it is. Several processes may pull the same model; one of them works.
    The model appears in the store when it is finished, and not in parts.

    Raises UnknownNameError for a name in no table, RecipeError for a name that is another model's, DownloadError for a
    file that cannot be had, WeightsError for one with another hash, with code, or of another model, ExportError when
    the result answers otherwise than the original, DataError when it cannot be written.
    """
    entry = find_published(name)
    target = _name(entry, source)
    if not (entry.sha256 or source.unverified):
        raise WeightsError(
            f"no hash of {entry.name} is published, so that its file cannot be checked; give --unverified to take it "
            f"nevertheless"
        )
    if there := _there(target, entry, source, flip_test):
        return there  # without a lock, which a store that is only read has no room for
    with alone(target):
        if there := _there(target, entry, source, flip_test):
            return there  # another process was quicker
        with _weights(entry, source, progress) as (path, digest, origin), _working_folder(target) as folder:
            verified = bool(entry.sha256) and digest.startswith(entry.sha256)
            certificate = convert(path, folder / f"{target}.onnx", entry, flip_test, verified)
            certificate = replace(certificate, source=origin)
            (folder / f"{target}.json").write_text(certificate.to_json(), encoding="utf-8")
            _put(folder, target)
            return certificate


def convert(weights: Path, out: Path, entry: Published, flip_test: bool = False, verified: bool = False) -> Certificate:
    """Write the weights of a .pth file as one .onnx file, of the model that `entry` says, named as the file is.

    Beside it, under the same name, they become a .safetensors checkpoint to train on from.

    Unless the weights are `verified` to be the published ones, the card repeats nothing of what is published of them.

    Raises WeightsError for a file that names code or does not fit the model, with the tensors that differ;
    ExportError when the result answers otherwise than the original.
    """
    named, layout = to_our_names(read_pth(weights))
    estimator = estimator_of(entry)
    model = build_estimator(estimator).eval()
    used, unused, absent = fit(named, model.state_dict())
    load_weights(model, used, str(weights))
    card = card_for(estimator, model, out.stem, flip_test, score=SCORE, **(_about(entry) if verified else {}))
    half = stored_bytes(model, half=False) > LARGEST
    agreement = export_onnx(out, model, estimator, card, comparison_crops(card), half)
    checkpoint = out.with_suffix(".safetensors")
    save_checkpoint(checkpoint, model, recipe_of(entry))
    return Certificate(
        name=out.stem,
        published=entry.name,
        source=str(weights),
        source_sha256=file_sha256(weights),
        verified=verified,
        layout=layout,
        tensors_used=len(used) - len(absent),
        tensors_unused=unused,
        tensors_absent=absent,
        half=half,
        largest_distance=agreement.largest,
        distance_99=agreement.percentile_99,
        points=agreement.points,
        unsteady=agreement.unsteady,
        score_99=agreement.score,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={package: version(package) for package in PACKAGES},
        sha256=file_sha256(out),
        checkpoint_sha256=file_sha256(checkpoint),
    )


def _name(entry: Published, source: Source) -> str:
    """What the model is called in the store. Raises RecipeError for a name by which another model is found."""
    name = source.name or entry.name
    if name in BUNDLED:
        raise RecipeError(f"{name} is a model of the package; choose another --name")
    if name != entry.name and name in published_names():
        raise RecipeError(f"{name} is a published name, and not that of {entry.name}; choose another --name")
    if name == entry.name and source.unverified and source.file:
        raise RecipeError(f"{name} is a published name; choose another --name for a file that may be anything")
    return name


def _put(folder: Path, name: str) -> None:
    """The model, its checkpoint and its certificate from the working folder into the store.

    Without a certificate there is no model: the old one goes first and the new one comes last, so that a process
    which is killed in between leaves a model that is not pulled, and never one that is damaged.
    """
    certificate_file(name).unlink(missing_ok=True)
    os.replace(folder / f"{name}.safetensors", checkpoint_file(name))
    os.replace(folder / f"{name}.onnx", model_file(name))
    os.replace(folder / f"{name}.json", certificate_file(name))


def _about(entry: Published) -> dict[str, Any]:
    """What is published of the weights, for the card."""
    return {
        "trained_on": ", ".join(entry.trained_on),
        "accuracy": {} if entry.doubtful else entry.accuracy,
        "licence": entry.licence,
        "data_licence": entry.data_licence,
    }


def _there(name: str, entry: Published, source: Source, flip_test: bool) -> Certificate | None:
    """The certificate of the model that is asked for, if it is in the store, and whole."""
    try:
        certificate = read_certificate(name)
        pulled_checkpoint(name)
        network = OnnxNetwork(pulled_file(certificate), threads=1)
    except WeightsError:
        return None
    same = certificate.published == entry.name and network.card.flip_test == flip_test
    if source.file is not None:
        same = same and certificate.source_sha256 == file_sha256(source.file)
    return certificate if same else None


@contextmanager
def _weights(entry: Published, source: Source, progress: Progress | None) -> Iterator[tuple[Path, str, str]]:
    """The file of the weights, its SHA-256, and where it is from; its hash is right unless it may be any.

    A download is this process's alone until the end of the block, and then goes, for it has become the model; two
    models may be made of one file. If the block fails it stays.
    """
    if source.file is None:
        path = home() / "downloads" / PurePosixPath(urlsplit(entry.url).path).name
        with alone(path.name):
            yield path, download(entry.url, path, entry.sha256, progress=progress), entry.url
            path.unlink(missing_ok=True)
        return
    expected = "" if source.unverified else entry.sha256
    digest = file_sha256(source.file)
    if not digest.startswith(expected):
        raise WeightsError(
            f"{source.file} has SHA-256 {digest}, that of {entry.name} begins with {expected}; it was not read. If it "
            f"is meant to be another file, give --unverified and a --name for the result"
        )
    yield source.file, digest, str(source.file)


@contextmanager
def _working_folder(name: str) -> Iterator[Path]:
    """An empty folder beside the models for what is not finished; what killed processes left in theirs goes first."""
    folder = make_folder(model_file(name).parent) / f".{name}"
    _clear(folder.parent)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
        yield folder
    except PoseError:
        raise
    except OSError as error:
        raise DataError(f"cannot write into {folder.parent} ({error.strerror}); make room there") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear(models: Path) -> None:
    """Remove what processes left that are no more: the working folders of models whose lock is free."""
    for folder in models.glob(".*/"):
        name = folder.name.removeprefix(".")
        if MODEL_NAME.fullmatch(name):
            with alone_at_once(name) as nobody_else:
                if nobody_else:
                    shutil.rmtree(folder, ignore_errors=True)
