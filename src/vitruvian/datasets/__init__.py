"""Readers and writers (file format <-> `Sample`, poses, boxes), augmentations, and batches of crops."""

from vitruvian.datasets.augment import Augmentation, CropSettings
from vitruvian.datasets.box_files import for_paths, read_boxes
from vitruvian.datasets.crops import Person, in_memory, people, random_batches
from vitruvian.datasets.dataset import About, Dataset, Reader
from vitruvian.datasets.lsp import read_lsp
from vitruvian.datasets.pose_files import FILE_NAMES, Format, ImagePoses, format_poses

__all__ = [
    "FILE_NAMES",
    "About",
    "Augmentation",
    "CropSettings",
    "Dataset",
    "Format",
    "ImagePoses",
    "Person",
    "Reader",
    "for_paths",
    "format_poses",
    "in_memory",
    "people",
    "random_batches",
    "read_boxes",
    "read_lsp",
]
