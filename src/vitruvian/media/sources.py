"""Which image files a command or a call means: files, folders and patterns -> a list of paths."""

import glob
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from vitruvian.errors import DataError
from vitruvian.media.images import READ_SUFFIXES


def find_images(sources: str | Path | Sequence[str | Path]) -> list[Path]:
    """The image files that `sources` name: in the order of the sources, each file once, 2 before 10 within a source.

    A file is kept whatever its suffix, so that reading it can say what is wrong. A folder gives the images directly
    in it, those with a suffix of `READ_SUFFIXES`. A pattern gives the images that match; "**" in it descends into
    folders, and * does not match a name that begins with a dot.

    What gives no image, such as a missing file or an empty folder, is kept as it is, so that reading it fails. Raises
    DataError, about the first of them, when no source gives any.
    """
    several = [sources] if isinstance(sources, str | Path) else sources
    found: dict[str, Path] = {}
    problems: list[DataError] = []
    for source in several:
        try:
            paths = _expand(source)
        except DataError as problem:
            problems.append(problem)
            paths = [Path(source)]
        for path in paths:
            found.setdefault(os.path.abspath(path), path)
    if problems and len(problems) == len(several):
        raise problems[0]
    return list(found.values())


def _expand(source: str | Path) -> list[Path]:
    if os.path.isdir(source):
        return _in_folder(Path(source))
    if os.path.exists(source):
        return [Path(source)]
    if re.search(r"[*?\[]", str(source)):
        return _matching(str(source))
    raise DataError(f'"{source}": no such file or folder in {Path.cwd()}; check the name')


def _in_folder(folder: Path) -> list[Path]:
    try:
        images = _images(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read: {error.strerror}; check its permissions") from None
    if not images:
        raise DataError(
            f"{folder}: the folder has no images; expected files ending in {', '.join(READ_SUFFIXES)}. "
            f'Name them one by one if they end otherwise, or use "{folder / "**" / "*"}" for those in its sub-folders'
        )
    return images


def _matching(pattern: str) -> list[Path]:
    matches = [Path(match) for match in glob.iglob(pattern, recursive=True)]
    images = _images(matches)
    if not images and matches:
        raise DataError(
            f'"{pattern}": matches {len(matches)} names, but no image; expected files ending in '
            f"{', '.join(READ_SUFFIXES)}. Name them one by one if they end otherwise"
        )
    if not images:
        raise DataError(f'"{pattern}": the pattern matches nothing in {Path.cwd()}; check it')
    return images


def _images(paths: Iterable[Path]) -> list[Path]:
    """Those that look like image files, sorted; hidden ones are left out: they are previews and leftovers."""
    images = (path for path in paths if path.suffix.lower() in READ_SUFFIXES and not path.name.startswith("."))
    return sorted((path for path in images if path.is_file()), key=_natural)


def _natural(path: Path) -> tuple[list[list[str | int]], str]:
    """A sorting key that puts frame2 before frame10; capitals do not matter unless nothing else differs."""
    parts = [re.split(r"([0-9]+)", part.casefold()) for part in (*path.parts[:-1], path.stem, path.suffix)]
    return [[int(piece) if i % 2 else piece for i, piece in enumerate(part)] for part in parts], str(path)
