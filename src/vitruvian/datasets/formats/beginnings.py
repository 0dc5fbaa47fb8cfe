"""The beginning of a file, by which its format is recognised."""

from pathlib import Path

from vitruvian.errors import DataError

FIRST = 1 << 16  # bytes that are looked at


def beginning(path: Path, *suffixes: str) -> str:
    """The first bytes of a file as text, without white space before; empty for other suffixes and what is no text."""
    if path.suffix.lower() not in suffixes or not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return file.read(FIRST).decode("utf-8-sig", errors="ignore").lstrip()
    except OSError:
        return ""


def the_file(path: Path, *patterns: str) -> Path:
    """The file itself; of a folder, the one file in it that matches the first pattern that any file matches.

    Raises DataError for a folder with none or several.
    """
    if not path.is_dir():
        return path
    found = next((there for pattern in patterns if (there := sorted(path.glob(pattern)))), [])
    if len(found) != 1:
        names = f" ({', '.join(one.name for one in found[:5])})" if found else ""
        raise DataError(f"{path} has {len(found)} files {' or '.join(patterns)}{names}; expected one; name it")
    return found[0]


def the_beginning(path: Path, *patterns: str) -> str:
    """The `beginning` of the file, or of the one in the folder; empty where there is none or are several."""
    try:
        file = the_file(path, *patterns)
    except DataError:
        return ""
    return beginning(file, *(Path(pattern).suffix for pattern in patterns))
