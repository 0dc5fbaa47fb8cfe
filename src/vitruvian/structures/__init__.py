"""Frozen records of arrays, and the table of skeletons."""

from vitruvian.structures.labels import HIDDEN, UNLABELLED, VISIBLE, Labels
from vitruvian.structures.poses import Poses
from vitruvian.structures.predictions import Predictions
from vitruvian.structures.radii import Radii
from vitruvian.structures.sample import Sample
from vitruvian.structures.shared_keypoints import rows_in, shared_names
from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeleton_file import read_skeleton, skeleton_to_toml
from vitruvian.structures.skeletons import SKELETONS, skeleton

__all__ = [
    "HIDDEN",
    "SKELETONS",
    "UNLABELLED",
    "VISIBLE",
    "Labels",
    "Poses",
    "Predictions",
    "Radii",
    "Sample",
    "Skeleton",
    "read_skeleton",
    "rows_in",
    "shared_names",
    "skeleton",
    "skeleton_to_toml",
]
