"""An example photo that may be redistributed, and where the person in it is; ORIGIN.md says where it is from."""

from pathlib import Path

EXAMPLE_PHOTO = Path(__file__).parent / "cameraman.png"
EXAMPLE_BOXES = Path(__file__).parent / "boxes.json"
