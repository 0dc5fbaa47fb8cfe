"""Omissions: records of a file that cannot be used, refused at the first one or left out and counted."""

from collections import Counter
from pathlib import Path

from vitruvian.errors import DataError


class Omissions:
    """What is wrong with the records of one file. With `skip` they are left out and counted, else the first raises."""

    def __init__(self, path: Path, skip: bool):
        self.path = path
        self.skip = skip
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, record: str, fault: str) -> None:
        """One more record that cannot be used: kind, a plural ("annotations whose image is not there"); record, which
        one ("annotation 7"); fault, what is wrong with it and what was expected.

        Raises DataError, which says all this and the way out, unless such records are skipped.
        """
        if not self.skip:
            raise DataError(f"{self.path}: {record}: {fault}; correct it, or skip such records, which counts them")
        self._counts[kind] += 1

    def leave(self, kind: str, count: int) -> None:
        """Records that are as they should be, but have no place in labels: counted, if there are any."""
        if count:
            self._counts[kind] += count

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind, with its count."""
        return tuple(f"left out {count} {kind}" for kind, count in self._counts.items())
