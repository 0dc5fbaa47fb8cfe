"""Pure functions and affine maps: `Crop`, boxes, flips."""

from vitruvian.geometry.boxes import around_points, from_xywh, to_xywh, usable, whole_image
from vitruvian.geometry.crop import Convention, Crop
from vitruvian.geometry.flips import flip_boxes, flip_points

__all__ = [
    "Convention",
    "Crop",
    "around_points",
    "flip_boxes",
    "flip_points",
    "from_xywh",
    "to_xywh",
    "usable",
    "whole_image",
]
