"""Which image of a data set another file means by a name."""

from collections.abc import Callable
from pathlib import PurePosixPath

from vitruvian.structures import Labels


def row_finder(labels: Labels) -> Callable[[str], int | None]:
    """A function: file name -> row of the image in `labels`; None for a name that is not there, or could be several.

    The labels' own name of the image comes first, then one that the given name ends in, as "train/cats/1.jpg" does in
    "cats/1.jpg", then one of the same last part, if a single image has it.
    """
    files = [str(file) for file in labels.files]
    whole = {file: row for row, file in enumerate(files)}
    last: dict[str, list[int]] = {}
    for row, file in enumerate(files):
        last.setdefault(PurePosixPath(file).name, []).append(row)

    def find(name: str) -> int | None:
        parts = name.split("/")
        tails = ("/".join(parts[start:]) for start in range(len(parts)))
        row = next((whole[tail] for tail in tails if tail in whole), None)
        alike = last.get(parts[-1], [])
        return row if row is not None or len(alike) != 1 else alike[0]

    return find
