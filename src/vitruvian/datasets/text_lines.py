"""Text files with a record in each line."""

from pathlib import Path

from vitruvian.datasets.json_records import contents
from vitruvian.errors import DataError


def text_lines(path: Path, expected: str) -> list[tuple[str, str]]:
    """The lines that are not empty, each with a name for messages, "line 3"; `expected` says what the file should be.

    Raises DataError for a file that is not there or is no text in UTF-8.
    """
    try:
        text = contents(path).decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is no text ({error}); expected {expected}") from error
    return [(f"line {number}", line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
