"""Augmentation: what a training crop may look like."""

from dataclasses import dataclass
from typing import Literal, get_args

from vitruvian.errors import RecipeError
from vitruvian.geometry import Convention

Draw = Literal["uniform", "normal"]
PROBABILITIES = (
    "flip", "turn", "move", "half", "zoom", "grey", "cut_out", "blur", "noise", "jpeg", "holes", "blend", "paste"
)  # fmt: skip
RANGES: dict[str, tuple[float, float]] = {  # setting -> what both of its ends lie in
    "blur_sigma": (0.1, 100),
    "noise_levels": (0, 255),
    "jpeg_quality": (1, 100),
    "hole_count": (1, 1000),
    "hole_side": (0, 0.9),
    "blend_share": (0, 1),
    "paste_side": (0, 0.9),
}


@dataclass(frozen=True)
class Augmentation:
    """How much a training crop may differ from the crop around the box. The default changes nothing.

    flip:     probability of mirroring left to right.
    degrees:  the content turns by a uniform angle up to this, either way, with probability `turn`.
    scale:    the shown extent is multiplied by a log-uniform factor in [1 / scale, scale].
    shift:    the centre moves by a uniform share, up to this, of the shown extent, on each axis, with probability
              `move`.
    draw:     "uniform" is what the three lines above say; "normal" is as published models were trained: angle, factor
              and share come from a normal distribution cut off at one standard deviation, which is `degrees`,
              `scale` - 1 (around 1: the factor is in [2 - scale, scale]) and `shift`, and the share is of the padded
              box, before it is scaled and filled up to the shape of the input.
    half:     probability of showing only the upper (7 of 10 times) or the lower body of a person of whom at least 9
              keypoints are known: 1.5 times the box of the known keypoints of that half, about their mean.
    zoom:     probability of showing only the surroundings of one joint, between 0.4 and 0.8 of the extent.
    colour:   the gain changes by up to this share, each channel's own gain and the offset by up to half of it; gamma
              is at most the exponential of it, and at least one over that.
    grey:     probability of losing all colour.
    cut_out:  probability of one rectangle of a random colour with sides between 0.1 and 0.4 of the input.
    blur:     probability of a Gaussian blur with a sigma in `blur_sigma`, input pixels.
    noise:    probability of Gaussian noise with a deviation in `noise_levels`, of 255.
    jpeg:     probability of what a JPEG of a quality in `jpeg_quality` leaves.
    holes:    probability of `hole_count` rectangles, each of one random colour, with sides in `hole_side` of the input.
    blend:    probability that the crop of another person shines through, as a share in `blend_share` of each pixel.
    paste:    probability that an ellipse with diameters in `paste_side` of the input comes from the crop of another
              person.

    Ranges have their ends in them, and what lies in between is equally probable. A keypoint that is covered stays
    labelled.
    """

    flip: float = 0.0
    degrees: float = 0.0
    turn: float = 1.0
    scale: float = 1.0
    shift: float = 0.0
    zoom: float = 0.0
    colour: float = 0.0
    grey: float = 0.0
    cut_out: float = 0.0
    draw: Draw = "uniform"
    move: float = 1.0
    half: float = 0.0
    blur: float = 0.0
    blur_sigma: tuple[float, float] = (0.3, 2.0)
    noise: float = 0.0
    noise_levels: tuple[float, float] = (2.0, 20.0)
    jpeg: float = 0.0
    jpeg_quality: tuple[int, int] = (20, 80)
    holes: float = 0.0
    hole_count: tuple[int, int] = (1, 8)
    hole_side: tuple[float, float] = (0.05, 0.2)
    blend: float = 0.0
    blend_share: tuple[float, float] = (0.1, 0.4)
    paste: float = 0.0
    paste_side: tuple[float, float] = (0.2, 0.5)

    def __post_init__(self) -> None:
        for name in PROBABILITIES:
            if not 0 <= getattr(self, name) <= 1:
                raise RecipeError(f"augmentation {name} is a probability between 0 and 1, got {getattr(self, name)}")
        if not (self.scale >= 1 and self.shift >= 0 and self.degrees >= 0 and 0 <= self.colour < 1):
            raise RecipeError(
                f"augmentation needs scale >= 1, shift >= 0, degrees >= 0 and 0 <= colour < 1, got {self}"
            )
        if self.draw not in get_args(Draw):
            raise RecipeError(f"augmentation draw must be {' or '.join(get_args(Draw))}, got {self.draw}")
        if self.draw == "normal" and not self.scale < 2:
            raise RecipeError(f"augmentation scale must be less than 2 where draw is normal, got {self.scale}")
        for name, (least, most) in RANGES.items():
            low, high = getattr(self, name)
            if not least <= low <= high <= most:
                raise RecipeError(f"augmentation {name} is a range within {least} to {most}, got {low} to {high}")


@dataclass(frozen=True)
class CropSettings:
    """How people become network inputs."""

    size: tuple[int, int]
    padding: float
    convention: Convention
    augmentation: Augmentation
