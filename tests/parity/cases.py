"""Reading cases: <kind>/<name>.json says what was called, <kind>/<name>.npz holds its inputs and outputs."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np


def shared_folder() -> Path:
    """Where reference numbers and photos lie that are not part of the repository: VITRUVIAN_SHARED, or beside it."""
    return Path(os.environ.get("VITRUVIAN_SHARED", Path(__file__).parents[3] / "shared"))


class NotCovered(Exception):
    """The library has nothing yet to compare a case with, or something that the case needs is not there."""


@dataclass(frozen=True, eq=False)
class Case:
    """One case of a folder of reference numbers.

    id:       kind/name, as "codec/msra_encode/k17_192x256".
    root:     the folder.
    args:     the arguments of the call.
    expected: results that are scalars.
    arrays:   in_* are inputs, out_* the results of the reference; read when first asked for.
    """

    id: str
    root: Path
    args: dict[str, Any]
    expected: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The id without its name."""
        return kind_of(self.id)

    @property
    def folder(self) -> Path:
        """Where the files of the case lie."""
        return (self.root / self.id).parent

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        with np.load(f"{self.root / self.id}.npz") as archive:
            return dict(archive)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]


def kind_of(case_id: str) -> str:
    """ "codec/msra_encode/k17_192x256" -> "codec/msra_encode"; "model/x_s0" -> "model"."""
    return case_id.rsplit("/", 1)[0]


def list_ids(root: Path) -> Iterator[tuple[str, bool]]:
    """The id of every case of a folder, and whether arrays belong to it, from index.json or else from the files."""
    index = root / "index.json"
    if index.is_file():
        yield from ((entry["id"], entry.get("arrays", True)) for entry in json.loads(index.read_text()))
        return
    for path in sorted(root.rglob("*.json")):
        case_id = path.relative_to(root).with_suffix("").as_posix()
        if "/" in case_id and not case_id.startswith("meta/") and not path.name.endswith((".state.json", ".gt.json")):
            yield case_id, path.with_suffix(".npz").is_file()


def read_case(root: Path, case_id: str, with_arrays: bool = True) -> Case:
    """One case of a folder. Raises NotCovered when a file of it is missing."""
    for suffix in (".json", ".npz") if with_arrays else (".json",):
        if not Path(f"{root / case_id}{suffix}").is_file():
            raise NotCovered(f"{case_id}{suffix} is missing")
    content = json.loads(Path(f"{root / case_id}.json").read_text())
    return Case(case_id, root, content.get("args", {}), content.get("expected", {}))
