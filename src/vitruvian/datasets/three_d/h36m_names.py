"""What the names of Human3.6M's images tell: person, action, camera and frame, S1_Directions_1.54138969_000001.jpg."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

NAME = re.compile(r"(?P<clip>(?P<person>S\d+)_(?P<action>[A-Za-z]+)[ _]?\d*\.(?P<camera>\d+))_(?P<frame>\d+)")


class Name(NamedTuple):
    """What the name of an image tells; empty, and frame -1, for other names. Frames count from 1."""

    clip: str
    person: str
    action: str
    camera: str
    frame: int


def name_of(file: str) -> Name:
    """The name of an image file, in whatever folder."""
    match = NAME.fullmatch(PurePosixPath(file).stem)
    if match is None:
        return Name("", "", "", "", -1)
    return Name(match["clip"], match["person"], match["action"], match["camera"], int(match["frame"]))
