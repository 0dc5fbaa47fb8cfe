"""Finding: one thing that is, or looks, wrong in a data set, and the fix that is proposed for it."""

from typing import Literal

import msgspec

KINDS: dict[str, str] = {  # kind -> what it means, in the order of the report
    "missing_image": "The file is not there.",
    "damaged_image": "The file cannot be decoded, or is cut short.",
    "wrong_size": "The image has another size than the annotations say.",
    "same_image": "The picture is there twice, in two files that show the same.",
    "similar_image": "The picture looks like another one: a copy that was cut, shifted or edited, or the next frame.",
    "same_instance": "The same person is labelled twice in one image.",
    "empty_box": "The box encloses nothing.",
    "box_outside": "The box reaches beyond the image.",
    "point_outside": "The point lies outside the image.",
    "all_zero": "All labelled points lie at one place.",
    "zero_point": "The point is labelled at (0, 0), where files put what is not labelled.",
    "wrong_flag": "The visibility flag contradicts the coordinates.",
    "odd_flags": "All points are flagged hidden, which this data set hardly ever does.",
    "long_limb": "The limb is longer than the person allows.",
    "swapped_sides": "Left and right of the whole person are exchanged.",
    "swapped_pair": "Left and right of one joint are exchanged.",
    "swapped_neighbours": "The two ends of a limb are exchanged.",
    "displaced": "The point lies far from where the other labels, and the model, put it.",
}

Do = Literal["swap", "unlabel", "clip_box", "drop_instance", "drop_image"]


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One change of the labels, as it stands in a file of fixes.

    do:        "swap" exchanges keypoints two by two; "unlabel" makes them unknown; "clip_box" cuts the box at the edge
               of the image; "drop_instance" and "drop_image" leave the whole out.
    image:     the file, as the data set names it; instance: the annotation's own number, None for an image.
    keypoints: names.
    because:   what was found, for the reader; ignored.
    """

    do: Do
    image: str
    instance: int | None = None
    keypoints: tuple[str, ...] = ()
    because: str = ""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is, or looks, wrong.

    kind:       a name in KINDS; image: the file, as the data set names it.
    instance:   the annotation's own number, or None; keypoints: names, where single ones are meant.
    likelihood: in [0, 1], that it is a mistake; 1 for what can be seen from the numbers alone.
    message:    what was found, with its numbers.
    fix:        what to do about it; None where a person must decide.
    """

    kind: str
    image: str
    instance: int | None
    keypoints: tuple[str, ...]
    likelihood: float
    message: str
    fix: Fix | None = None
