"""Readers (file format -> `Sample`), augmentations, and batches of crops."""

from vitruvian.datasets.augment import Augmentation
from vitruvian.datasets.crops import CropSettings, Person, in_memory, people, random_batches
from vitruvian.datasets.lsp import read_lsp

__all__ = ["Augmentation", "CropSettings", "Person", "in_memory", "people", "random_batches", "read_lsp"]
