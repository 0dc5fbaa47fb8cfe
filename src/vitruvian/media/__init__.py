"""Images and motion capture in and out: bounded reading, whole writing, finding files."""

from vitruvian.media.example import EXAMPLE_BOXES, EXAMPLE_PHOTO
from vitruvian.media.images import MAX_PIXELS, decode_image, read_image, write_image
from vitruvian.media.motion_capture import Motion, joints_of, read_bvh, unturned
from vitruvian.media.reduced import read_reduced, read_size
from vitruvian.media.sources import find_images

__all__ = [
    "EXAMPLE_BOXES",
    "EXAMPLE_PHOTO",
    "MAX_PIXELS",
    "Motion",
    "decode_image",
    "find_images",
    "joints_of",
    "read_bvh",
    "read_image",
    "read_reduced",
    "read_size",
    "unturned",
    "write_image",
]
