"""Images in and out: bounded reading, whole writing, finding files."""

from vitruvian.media.images import MAX_PIXELS, decode_image, read_image, write_image
from vitruvian.media.sources import find_images

__all__ = ["MAX_PIXELS", "decode_image", "find_images", "read_image", "write_image"]
