"""ModelCard: what an exported model says about itself, inside its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args

from vitruvian.errors import RecipeError, ShapeError, WeightsError
from vitruvian.geometry import Convention
from vitruvian.runtime.calibration import Calibration
from vitruvian.structures import Skeleton

METADATA_KEY = "vitruvian"  # of the ONNX metadata entry that holds the card as JSON
FORMAT = 1
OPTIONAL = {"calibration"}  # what a card need not have


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
    calibration: what its scores are worth, and how far off its points may be; None where that was not measured.

    Raises RecipeError for an input without pixels, a padding that is not positive or an unknown convention, ShapeError
    for a calibration of other keypoints.
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
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        if len(self.input_size) != 2 or min(self.input_size) < 1 or not self.padding > 0 or len(self.grid) != 4:
            raise RecipeError(
                f"a model needs a positive input_size (width, height), a positive padding and a grid of four numbers, "
                f"got {self.input_size}, {self.padding} and {self.grid}"
            )
        if self.convention not in get_args(Convention):
            raise RecipeError(f'convention must be one of {", ".join(get_args(Convention))}, got "{self.convention}"')
        if self.calibration and len(self.calibration.knots) != len(self.skeleton):
            raise ShapeError(
                f"the calibration is of {len(self.calibration.knots)} keypoints, the skeleton has {len(self.skeleton)}"
            )

    def to_json(self) -> str:
        """The card as the text that is stored in the model file."""
        values = {key: value for key, value in asdict(self).items() if key not in OPTIONAL or value is not None}
        return json.dumps({"format": FORMAT, **values})

    @classmethod
    def from_json(cls, text: str, source: str) -> "ModelCard":
        """The inverse of `to_json`. Raises WeightsError, naming `source`, for a text that is not a card."""
        try:
            values = json.loads(text)
            if not isinstance(values, dict):
                raise TypeError(f"a table of values was expected, not a {type(values).__name__}")
            written = values.pop("format", None)
            if written != FORMAT:
                raise WeightsError(
                    f"{source} has a model card of format {written}; this version reads format {FORMAT}. "
                    f"Install the version of vitruvian that wrote it, or export the model again"
                )
            _check_keys(values)
            values["skeleton"] = _skeleton(values["skeleton"])
            values["codec"] = {key: tuple(v) if isinstance(v, list) else v for key, v in values["codec"].items()}
            values["input_size"], values["grid"] = tuple(values["input_size"]), tuple(values["grid"])
            if values.get("calibration") is not None:
                values["calibration"] = Calibration.from_values(values["calibration"])
            return cls(**values)
        except KeyError as error:
            raise WeightsError(f"{source} has a damaged model card: no {error}; export the model again") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise WeightsError(f"{source} has a damaged model card: {error}; export the model again") from error


def _check_keys(values: Mapping[str, Any]) -> None:
    known = {part.name for part in fields(ModelCard)}
    missing, unknown = sorted(known - OPTIONAL - values.keys()), sorted(values.keys() - known)
    if missing or unknown:
        problems = [f"no {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
        raise ValueError(" and ".join(problems))


def _skeleton(values: Mapping[str, Any]) -> Skeleton:
    limbs = tuple((int(a), int(b)) for a, b in values["limbs"])
    return Skeleton(values["name"], tuple(values["names"]), limbs, tuple(values["mirror"]), tuple(values["sigmas"]))
