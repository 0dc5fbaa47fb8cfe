"""An example photo that may be redistributed; ORIGIN.md says where it is from."""

from pathlib import Path

EXAMPLE_PHOTO = Path(__file__).parent / "astronaut.jpg"
