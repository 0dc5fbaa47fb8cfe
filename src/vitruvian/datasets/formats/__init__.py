"""Formats of people's own labels, one file each, read and written.

To add one: a file with `read_*`, `write_*`, `recognise_*` and a `LabelFormat`, and a line in FORMATS. The contract test
writes and reads every entry and compares what comes back with what the entry says it holds.
"""

from vitruvian.datasets.formats.coco import COCO
from vitruvian.datasets.formats.cvat import CVAT
from vitruvian.datasets.formats.deeplabcut import DEEPLABCUT
from vitruvian.datasets.formats.format import LabelFormat
from vitruvian.datasets.formats.label_studio import LABEL_STUDIO
from vitruvian.datasets.formats.losses import Holds, kept, losses
from vitruvian.datasets.formats.sleap import SLEAP
from vitruvian.datasets.formats.table import TABLE
from vitruvian.datasets.formats.yolo import YOLO

FORMATS: dict[str, LabelFormat] = {
    "coco_json": COCO,
    "yolo": YOLO,
    "cvat": CVAT,
    "label_studio": LABEL_STUDIO,
    "deeplabcut": DEEPLABCUT,
    "sleap": SLEAP,
    "csv": TABLE,
}

__all__ = ["FORMATS", "Holds", "LabelFormat", "kept", "losses"]
