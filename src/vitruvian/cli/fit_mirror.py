"""Which points mirror each other, for `vitruvian fit`: as a skeleton file or the names say, or guessed and said so."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.fit_folder import SKELETON
from vitruvian.datasets import Dataset
from vitruvian.errors import DataError
from vitruvian.folders import write_text
from vitruvian.structures import Skeleton, read_skeleton, skeleton_to_toml

if TYPE_CHECKING:
    from vitruvian.training import MirrorGuess

NAMED = 40  # pairs that are named on the screen


@dataclass(frozen=True, eq=False)
class Mirrored:
    """The data with a mirror. said: how it came about, "" where names tell it; known: whether it may be relied on."""

    dataset: Dataset
    said: str = ""
    known: bool = True


def mirrored(dataset: Dataset, file: Path | None, out: Path) -> Mirrored:
    """The data with the skeleton of `file`; without one, and where the names tell no sides, with a mirror that the
    labels show beyond doubt. That skeleton is then kept in the folder `out`, to be corrected.
    """
    from vitruvian.training import guess_mirror, tells_sides

    if file is not None:
        return Mirrored(replace(dataset, skeleton=_given(dataset.skeleton, file)), f"as {file} says")
    if tells_sides(dataset.skeleton):
        return Mirrored(dataset)
    return _guessed(dataset, guess_mirror(dataset), out / SKELETON)


def _guessed(dataset: Dataset, guess: "MirrorGuess | None", path: Path) -> Mirrored:
    """The data with the guess, if it is sure. In any case there is a file to correct afterwards."""
    likely = guess is not None and guess.fits
    skeleton = replace(dataset.skeleton, mirror=guess.mirror) if guess is not None and likely else dataset.skeleton
    if not path.exists():  # else it may have been corrected already
        write_text(path, skeleton_to_toml(skeleton))
    give = "and give that file by --skeleton, and another --out"
    if guess is None or not likely:
        said = f"no pairs, because neither names nor places tell any; if there are some, add them to {path}, {give}"
        return Mirrored(dataset, said, known=guess is not None)
    if not guess.sure:
        said = (
            f"not known, because the names tell no sides. A guess by where the points lie, not used: "
            f"{_pairs(skeleton)}. Doubtful: {_doubt(guess)}. To use it, see that {path} is right, {give}"
        )
        return Mirrored(dataset, said, known=False)
    said = (
        f"guessed by where the points lie, because the names tell no sides: {_pairs(skeleton)}. Sure: "
        f"{_evidence(guess)}. If it is wrong, correct {path}, {give}"
    )
    return Mirrored(replace(dataset, skeleton=skeleton), said)


def _pairs(skeleton: Skeleton) -> str:
    names = skeleton.names
    pairs = [f"{names[k]} = {names[other]}" for k, other in enumerate(skeleton.mirror) if k < other]
    named = ", ".join(pairs[:NAMED]) + (" ..." if len(pairs) > NAMED else "")
    alone = len(names) - 2 * len(pairs)
    return named + (f"; {alone} stay in the middle" if alone else "")


def _evidence(guess: "MirrorGuess") -> str:
    worse = guess.plain / max(guess.own, 1e-6)
    return (
        f"{guess.agreed} of {guess.draws} random draws of the {guess.poses} poses show the same, and unless these are "
        f"exchanged, mirrored poses fit the labelled ones {worse:.0f} times worse"
    )


def _doubt(guess: "MirrorGuess") -> str:
    if not guess.needed:
        return (
            "mirrored poses without these exchanged are about as like the labelled ones, as of people who are seen "
            "from behind, too"
        )
    return f"only {guess.agreed} of {guess.draws} random draws of the {guess.poses} poses show the same"


def _given(own: Skeleton, path: Path) -> Skeleton:
    """The skeleton of the file, in the order of the labels. Raises DataError for one of other keypoints."""
    given = read_skeleton(path)
    missing, unknown = sorted(set(own.names) - set(given.names)), sorted(set(given.names) - set(own.names))
    if missing or unknown:
        lacks = [f"lacks {', '.join(missing[:5])}"] * bool(missing)
        adds = [f"adds {', '.join(unknown[:5])}"] * bool(unknown)
        raise DataError(f"{path} is of another skeleton than the labels: it {' and '.join(lacks + adds)}")
    limbs = [(given.names[a], given.names[b]) for a, b in given.limbs]
    pairs = {name: given.names[given.mirror[given.index(name)]] for name in own.names}
    sigmas = [given.sigmas[given.index(name)] for name in own.names]
    return Skeleton.define(given.name, own.names, limbs, pairs, sigmas)
