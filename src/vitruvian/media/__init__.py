"""Images in and out: bounded reading, whole writing, finding files."""

from vitruvian.media.example import EXAMPLE_BOXES, EXAMPLE_PHOTO
from vitruvian.media.images import MAX_PIXELS, decode_image, read_image, write_image
from vitruvian.media.reduced import read_reduced, read_size
from vitruvian.media.sources import find_images

__all__ = [
    "EXAMPLE_BOXES",
    "EXAMPLE_PHOTO",
    "MAX_PIXELS",
    "decode_image",
    "find_images",
    "read_image",
    "read_reduced",
    "read_size",
    "write_image",
]
