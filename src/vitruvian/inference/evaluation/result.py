"""The result of an evaluation as one file: the numbers, and all that decided them."""

import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import cv2
import msgspec
import numpy as np

from vitruvian.errors import DataError
from vitruvian.inference.evaluation.diagnosis import Diagnosis
from vitruvian.inference.evaluation.fingerprint import code_sha256
from vitruvian.inference.evaluation.scoring import Measured, ScoreResult
from vitruvian.inference.evaluation.settings import Settings
from vitruvian.inference.evaluation.trial import BadImage
from vitruvian.version import __version__

FORMAT = 1


@dataclass(frozen=True)
class ModelFacts:
    """The model. sha256: of its file; padding, convention: how crops are cut; flip_test: every crop was seen twice."""

    name: str
    version: str
    sha256: str
    input_size: tuple[int, int]
    padding: float
    convention: str
    flip_test: bool


@dataclass(frozen=True)
class DataFacts:
    """The data. labels_sha256: of the annotations as read; images_sha256: of the files' names and sizes in bytes.

    images, instances: in the data set, crowds and people without keypoints included; notes: what its reader left out.
    """

    name: str
    title: str
    licence: str
    citation: str
    skeleton: str
    images: int
    instances: int
    labels_sha256: str
    images_sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Protocol:
    """How it was done. boxes: "ground truth", "detections", or "predictions" where a file of them was scored.

    boxes_sha256, predictions_sha256, compare_sha256: of these files, where there are any.
    nms: OKS above which the less sure of two answers was dropped; None where all were kept.
    min_joints: people with fewer labelled keypoints were left out.
    interval: how intervals were made.
    """

    boxes: str
    min_joints: int
    boxes_sha256: str | None = None
    predictions_sha256: str | None = None
    compare_sha256: str | None = None
    nms: float | None = None
    interval: str = "95 %, bootstrap over images, 1000 draws, seed 0"


@dataclass(frozen=True)
class Counts:
    """images, instances: that were scored; predictions: for them. bad_images: that could not be read, left out.

    without_box, few_joints: people left out because of it.
    """

    images: int
    instances: int
    predictions: int
    bad_images: int = 0
    without_box: int = 0
    few_joints: int = 0


@dataclass(frozen=True)
class Calibration:
    """Whether scores mean what they say: `error` is the mean difference between score and share of correct points.

    A point is correct within `threshold` times the `scale`, "torso" or "box", of its label.
    """

    error: float | None
    scale: str
    threshold: float


@dataclass(frozen=True)
class Run:
    """What it ran on; the only part that two runs of the same may differ in.

    vitruvian, code_sha256: the version, and the hash of the very code, which tells changed copies apart.
    """

    seconds: float
    resumed: bool = False
    vitruvian: str = __version__
    code_sha256: str = field(default_factory=code_sha256)
    python: str = field(default_factory=platform.python_version)
    numpy: str = np.__version__
    opencv: str = cv2.__version__
    onnxruntime: str = field(default_factory=lambda: version("onnxruntime"))
    system: str = field(default_factory=platform.platform)
    machine: str = field(default_factory=platform.machine)
    cores: int = field(default_factory=lambda: os.cpu_count() or 0)


@dataclass(frozen=True)
class Evaluation:
    """How good a model, or a file of predictions, is on a data set. model: None for a file.

    scores: by the name of the score. bad_images: the first few of them.
    differences: this minus the predictions compared with, by score and value.
    not_scored: the usual scores that do not fit, and why.
    errors: the kinds of errors, where they were asked for.
    """

    settings: Settings
    model: ModelFacts | None
    data: DataFacts
    protocol: Protocol
    counts: Counts
    scores: dict[str, ScoreResult]
    run: Run
    calibration: Calibration | None = None
    bad_images: tuple[BadImage, ...] = ()
    differences: dict[str, dict[str, Measured]] | None = None
    not_scored: dict[str, str] = field(default_factory=dict)
    errors: Diagnosis | None = None

    def to_json(self) -> str:
        """All of it, by name; null where there was nothing to measure."""
        return msgspec.json.format(msgspec.json.encode({"format": FORMAT, **asdict(self)}), indent=1).decode() + "\n"


class _Format(msgspec.Struct):
    format: int


def read_evaluation(path: Path) -> Evaluation:
    """The inverse of `Evaluation.to_json`. Raises DataError for a file that is no result."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); expected a result of vitruvian evaluate") from error
    try:
        written = msgspec.json.decode(content, type=_Format).format
        if written != FORMAT:
            raise DataError(f"{path} is a result of format {written}; this version reads format {FORMAT}")
        return msgspec.json.decode(content, type=Evaluation)
    except msgspec.DecodeError as error:
        raise DataError(f"{path} is no result of vitruvian evaluate or score ({error})") from error
