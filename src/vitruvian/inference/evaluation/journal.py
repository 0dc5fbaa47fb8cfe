"""A journal of answers that survives being killed: lines are only ever added, and a damaged end is dropped."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from vitruvian.errors import DataError


class Journal:
    """Entries by number, kept in a file as they come; without a path they are kept nowhere.

    The first line names what the entries are of; a file that names anything else is begun anew (`began_anew`). Every
    line carries a checksum: the first that does not fit, and all after it, are what a kill has left, and are cut off.
    """

    def __init__(self, path: Path | None, key: str):
        """Reads what is there. Raises DataError when the file cannot be read or written."""
        self.path, self.entries = path, {}  # type: tuple[Path | None, dict[int, bytes]]
        self.began_anew = False
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            sound = self._read(path, key)
            with path.open("ab") as file:
                file.truncate(sound)
                if sound == 0:
                    file.write(_line(key.encode()))
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror}); choose another place") from error

    def __contains__(self, number: int) -> bool:
        return number in self.entries

    def __getitem__(self, number: int) -> bytes:
        return self.entries[number]

    def add(self, number: int, entry: bytes) -> None:
        """Keep an entry, a text without line ends; it is in the file when this returns."""
        self.entries[number] = entry
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(_line(b"%d %b" % (number, entry)))

    def _read(self, path: Path, key: str) -> int:
        """Fill `entries`; the number of bytes that are sound."""
        content = path.read_bytes() if path.is_file() else b""
        lines = _sound_lines(content)
        first = next(lines, b"")
        if first != key.encode():
            self.began_anew = bool(content)
            return 0
        sound = len(_line(first))
        for line in lines:
            number, _, entry = line.partition(b" ")
            self.entries[int(number)] = entry
            sound += len(_line(line))
        return sound


def _line(text: bytes) -> bytes:
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _sound_lines(content: bytes) -> Iterator[bytes]:
    """The texts of the lines, up to the first whose checksum is wrong or whose end is missing."""
    for line in content.splitlines(keepends=True):
        text = line[9:-1]
        if line != _line(text):
            return
        yield text
