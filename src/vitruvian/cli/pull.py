"""`vitruvian pull`: a published model into the store."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.options import OFF
from vitruvian.errors import needs

if TYPE_CHECKING:
    from vitruvian.runtime import Certificate, Progress


def pull(
    model: Annotated[str, tyro.conf.Positional],
    from_: Annotated[Path | None, OFF, tyro.conf.arg(name="from", metavar="FILE")] = None,
    flip_test: tyro.conf.FlagCreatePairsOff[bool] = False,
    unverified: tyro.conf.FlagCreatePairsOff[bool] = False,
    name: Annotated[str | None, OFF] = None,
) -> int:
    """Fetch published weights, check them, and make a model of them that `predict` and `fit --from` find by its name.

    The file is fetched over HTTPS, its hash is checked before it is read, nothing in it is run, and the result is
    compared with the original. A certificate beside it says what was checked, and the weights stay as a checkpoint to
    train on from. Needs vitruvian[train].

    Args:
        model: A name from `vitruvian models --search TEXT`.
        from_: A file at hand, instead of the published address.
        flip_test: Let the model look at every crop twice, once mirrored: more accurate, half as fast.
        unverified: Take a file whose hash is not the published one; give it a --name.
        name: What the model is called here; by default, as it was published.
    """
    from vitruvian.runtime import checkpoint_file, find_published, model_file

    with needs("train", "converting weights"):
        from vitruvian.export import Source
        from vitruvian.export import pull as fetch
    entry = find_published(model)
    for note in entry.notes:
        print(f"vitruvian: note on {entry.name}: {note}", file=sys.stderr)
    with _bar(entry.name) as progress:
        certificate = fetch(model, Source(from_, unverified, name or ""), flip_test, progress)
    _say(certificate, model_file(certificate.name), checkpoint_file(certificate.name))
    return 0


def at_hand(model: str) -> str:
    """The name or path of a model to load. A published model that is not in the store yet is pulled first."""
    from vitruvian.errors import UnknownNameError
    from vitruvian.runtime import BUNDLED, certificate_file, find_published

    if model in BUNDLED:
        return model
    try:
        entry = find_published(model)
    except UnknownNameError:
        return model  # a path, or a name that was given to a pulled model, or unknown: `find_model` tells
    if not certificate_file(entry.name).is_file():
        print(f"{entry.name} is not here yet; pulling it", file=sys.stderr)
        pull(entry.name)
    return entry.name


@contextmanager
def _bar(name: str) -> "Iterator[Progress | None]":
    """A progress bar for the download, on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=screen, transient=True, disable=not screen.is_terminal
    ) as bar:
        task = bar.add_task(name, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _say(certificate: "Certificate", path: Path, checkpoint: Path) -> None:
    hashed = "verified" if certificate.verified else "NOT verified"
    print(f"{certificate.name} -> {path}")
    print(f"from {certificate.source}, SHA-256 {certificate.source_sha256[:8]}... {hashed}")
    print(
        f"{certificate.tensors_used} tensors used, {len(certificate.tensors_unused)} not; differs from the original by "
        f"{certificate.distance_99:.1e} px at the 99th percentile, {certificate.largest_distance:.1e} px at most, over "
        f"{certificate.points} points ({certificate.unsteady} left out that rounding decides)"
    )
    size = checkpoint.stat().st_size / 1e6
    print(f"to train on from it: --from {certificate.name}, kept in {checkpoint.name} beside it, {size:.1f} MB")
