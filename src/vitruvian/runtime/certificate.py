"""Certificate: where a pulled model comes from, and what was checked when it was made."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from vitruvian.errors import WeightsError

FORMAT = 2
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")  # of a pulled model; without a dot, which would make it a file


@dataclass(frozen=True)
class Certificate:
    """What is known of a model file that was made from a published checkpoint; the JSON file beside it.

    name:             of the model in the store.
    published:        the entry of the table whose model it is.
    source:           the address, or the file, that the weights came from; source_sha256: of that file, whole.
    verified:         whether that hash begins with the published digits.
    layout:           whose names the checkpoint gave its tensors.
    tensors_used:     how many of the checkpoint's tensors the model took.
    tensors_unused:   the names of the others, which do not belong to the network.
    tensors_absent:   names of the model that the checkpoint lacks and that do not change its answers.
    half:             whether the weights are stored in 16 bits; the original is then the model with them so rounded.
    largest_distance: between a point of the exported file and of the model in torch, in pixels of the input;
                      distance_99: the 99th percentile. points: how many were compared; unsteady: how many more were
                      left out, because rounding decides where they are.
    score_99:         difference of the scores, 99th percentile.
    date:             when it was made, ISO 8601 in UTC; versions: of the packages that made it.
    sha256:           of the model file; checkpoint_sha256: of the weights that are kept beside it, to train on from.
    """

    name: str
    published: str
    source: str
    source_sha256: str
    verified: bool
    layout: str
    tensors_used: int
    tensors_unused: tuple[str, ...]
    tensors_absent: tuple[str, ...]
    half: bool
    largest_distance: float
    distance_99: float
    points: int
    unsteady: int
    score_99: float
    date: str
    versions: Mapping[str, str]
    sha256: str
    checkpoint_sha256: str

    def command(self, flip_test: bool = False) -> str:
        """The command that makes the model again. flip_test: whether it is one that looks at every crop twice."""
        words = ["vitruvian pull", self.published]
        if not self.source.startswith("https://"):
            words.append(f"--from {shlex.quote(self.source)}")
        if not self.verified:
            words.append("--unverified")
        if self.name != self.published:
            words.append(f"--name {self.name}")
        return " ".join(words + ["--flip-test"] * flip_test)

    def to_json(self) -> str:
        """The certificate as the text of its file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, source: str) -> "Certificate":
        """The inverse of `to_json`. Raises WeightsError, naming `source`, for a text that is no certificate."""
        try:
            values: Any = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        kinds = {part.name: part.type for part in fields(cls)}
        if (
            not isinstance(values, dict)
            or values.pop("format", None) != FORMAT
            or values.keys() != kinds.keys()
            or not all(_is_a(values[name], kind) for name, kind in kinds.items())
        ):
            raise WeightsError(f"{source} is not a certificate of format {FORMAT}; pull the model again")
        lists: dict[str, Any] = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**values | lists)


def _is_a(value: Any, kind: Any) -> bool:
    """Whether what JSON gave is of the type of a field."""
    if kind == tuple[str, ...]:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    if kind == Mapping[str, str]:
        return isinstance(value, dict) and all(isinstance(part, str) for part in value.values())
    return type(value) is kind or (kind is float and type(value) is int)
