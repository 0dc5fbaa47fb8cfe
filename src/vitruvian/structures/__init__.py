"""Frozen records of arrays, and the table of skeletons."""

from vitruvian.structures.poses import Poses
from vitruvian.structures.sample import Sample
from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeleton_file import read_skeleton
from vitruvian.structures.skeletons import SKELETONS, skeleton

__all__ = ["SKELETONS", "Poses", "Sample", "Skeleton", "read_skeleton", "skeleton"]
