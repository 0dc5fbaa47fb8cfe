"""ModelCard: what an exported model says about itself, inside its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from vitruvian.errors import PoseError, WeightsError
from vitruvian.geometry import Convention
from vitruvian.structures import Skeleton

METADATA_KEY = "vitruvian"  # of the ONNX metadata entry that holds the card as JSON
FORMAT = 1


@dataclass(frozen=True)
class ModelCard:
    """Everything needed to use a model, and to decide whether to.

    input_size:  (width, height) of the crops it takes, in pixels.
    padding:     how much larger than the box the crop is; convention: how it is laid out, see `Crop.of`.
    codec:       the settings of the codec whose decoding is inside the model.
    grid:        (sx, sy, tx, ty): cell (x, y) of a likelihood map is input pixel (sx * x + tx, sy * y + ty).
    flip_test:   whether the model looks at every crop twice, once mirrored.
    score:       what a score means, and what it was calibrated on.
    accuracy:    measured values by name, "PCK@0.2 torso, lsp_extended": 0.66.
    licence:     of the weights; data_licence: what the training data's owners say.
    """

    name: str
    version: str
    skeleton: Skeleton
    input_size: tuple[int, int]
    padding: float
    convention: Convention
    codec: Mapping[str, Any]
    grid: tuple[float, float, float, float]
    flip_test: bool
    parameters: int
    score: str = ""
    trained_on: str = ""
    accuracy: Mapping[str, float] = field(default_factory=dict)
    licence: str = ""
    data_licence: str = ""

    def to_json(self) -> str:
        """The card as the text that is stored in the model file."""
        return json.dumps({"format": FORMAT, **asdict(self)})

    @classmethod
    def from_json(cls, text: str, source: str) -> "ModelCard":
        """The inverse of `to_json`. Raises WeightsError, naming `source`, for a text that is not a card."""
        try:
            values = json.loads(text)
            if values.pop("format", None) != FORMAT:
                raise WeightsError(f"{source} has a model card of another format; this version reads format {FORMAT}")
            values["skeleton"] = _skeleton(values["skeleton"])
            values["input_size"], values["grid"] = tuple(values["input_size"]), tuple(values["grid"])
            return cls(**{part.name: values[part.name] for part in fields(cls)})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, PoseError):
                raise
            raise WeightsError(f"{source} has a damaged model card ({error!r}); export the model again") from error


def _skeleton(values: Mapping[str, Any]) -> Skeleton:
    limbs = tuple((int(a), int(b)) for a, b in values["limbs"])
    return Skeleton(values["name"], tuple(values["names"]), limbs, tuple(values["mirror"]), tuple(values["sigmas"]))
