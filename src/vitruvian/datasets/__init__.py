"""Readers and writers (file format <-> `Sample`, poses, boxes), augmentations, and batches of crops."""

from vitruvian.datasets.augment import Augmentation, CropSettings
from vitruvian.datasets.bodies.lsp import read_lsp
from vitruvian.datasets.box_files import for_paths, read_boxes
from vitruvian.datasets.crops import CropBatches
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.detection_files import Detections, read_detections
from vitruvian.datasets.doctor import KINDS, Finding, Fix, Report, apply_fixes, examine, read_fixes
from vitruvian.datasets.endless import Endless, batch_counts
from vitruvian.datasets.everybody import Everybody, Part, everybody_of, nobody
from vitruvian.datasets.formats import FORMATS, LabelFormat
from vitruvian.datasets.joined import joined, without_images
from vitruvian.datasets.opening import DATASETS, open_dataset
from vitruvian.datasets.own_boxes import boxed, with_boxes, with_sizes
from vitruvian.datasets.own_skeleton import UNTOLD
from vitruvian.datasets.pixel_origin import from_zero
from vitruvian.datasets.pixels import Pixels
from vitruvian.datasets.pose_files import FILE_NAMES, Format, ImagePoses, format_poses
from vitruvian.datasets.prediction_files import format_predictions, read_predictions
from vitruvian.datasets.split import grouped, split

__all__ = [
    "DATASETS",
    "FILE_NAMES",
    "FORMATS",
    "KINDS",
    "UNTOLD",
    "About",
    "Augmentation",
    "CropBatches",
    "CropSettings",
    "Dataset",
    "Detections",
    "Endless",
    "Everybody",
    "Finding",
    "Fix",
    "Format",
    "ImagePoses",
    "LabelFormat",
    "Part",
    "Pixels",
    "Reader",
    "Report",
    "apply_fixes",
    "batch_counts",
    "boxed",
    "everybody_of",
    "examine",
    "for_paths",
    "format_poses",
    "format_predictions",
    "from_zero",
    "grouped",
    "joined",
    "nobody",
    "open_dataset",
    "read_boxes",
    "read_detections",
    "read_fixes",
    "read_lsp",
    "read_predictions",
    "split",
    "with_boxes",
    "with_sizes",
    "without_images",
]
