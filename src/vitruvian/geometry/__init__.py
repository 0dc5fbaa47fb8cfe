"""Pure functions and affine maps: `Crop`, boxes, flips."""

from vitruvian.geometry.boxes import around_points, from_xywh, to_xywh, usable, whole_image
from vitruvian.geometry.crop import Convention, Crop
from vitruvian.geometry.flips import flip_boxes, flip_points
from vitruvian.geometry.overlap import giou, iof, iou
from vitruvian.geometry.whole import Fitting, whole_crop

__all__ = [
    "Convention",
    "Crop",
    "Fitting",
    "around_points",
    "flip_boxes",
    "flip_points",
    "from_xywh",
    "giou",
    "iof",
    "iou",
    "to_xywh",
    "usable",
    "whole_crop",
    "whole_image",
]
