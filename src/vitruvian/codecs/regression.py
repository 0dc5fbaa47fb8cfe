"""Regression: the coordinates themselves, as shares of the input."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vitruvian.codecs.grid import DISPLAY, check_points, check_settings, gaussian_profiles, outer_product
from vitruvian.errors import ShapeError
from vitruvian.geometry import Convention

BUMP = 2.0  # sigma of what `likelihood` draws, in its cells


@dataclass(frozen=True)
class Regression:
    """Coordinates as shares of the input's width and height (DeepPose, arXiv:1312.4659; RLE, arXiv:2107.11291).

    Share (x, y) stands for input pixel (width * x, height * y). `decode` finds what `encode` gave to 0.001 px.

    input_size: (width, height) of the network input in pixels.
    spread:     the network also says how far each coordinate may be off, as the logit of a share; the score follows
                from that. Without it, every score is 1.
    shift_flip: in a flip test, move mirrored points by a pixel to the left, as images are mirrored about the middle of
                their pixels; published flip-test scores rely on this.
    """

    input_size: tuple[int, int]
    spread: bool = False
    shift_flip: bool = True

    convention: Convention = field(default="msra", init=False)

    def __post_init__(self) -> None:
        check_settings(self.input_size, DISPLAY, BUMP)

    @property
    def map_size(self) -> tuple[int, int]:
        """(width, height) of `likelihood`, in cells of 4 pixels."""
        return self.input_size[0] // DISPLAY, self.input_size[1] // DISPLAY

    @property
    def grid(self) -> tuple[float, float, float, float]:
        """(sx, sy, tx, ty): cell (x, y) of `likelihood` stands for input pixel (sx * x + tx, sy * y + ty)."""
        return float(DISPLAY), float(DISPLAY), 0.0, 0.0

    def heads(self, keypoints: int) -> dict[str, tuple[int, ...]]:
        """Output name -> (keypoints, 2); the model builds its heads from this."""
        return dict.fromkeys(("xy", "spread") if self.spread else ("xy",), (keypoints, 2))

    def encode(self, xy: Tensor) -> dict[str, Tensor]:
        """xy (B, K, 2) input pixels, NaN where unknown -> xy (B, K, 2) as shares, 0 where unknown, weight (B, K).

        The weight is 0 where the keypoint is unknown or beyond the middle of the outermost pixels. There is no target
        for the spread, which the loss finds by itself.
        Raises ShapeError for points of another shape or without fractions.
        """
        size = self._size(check_points(xy))
        known = xy.isfinite().all(-1)
        inside = ((xy >= 0) & (xy <= size - 1)).all(-1)
        return {"xy": torch.where(known[..., None], xy / size, 0.0), "weight": inside.to(xy.dtype)}

    def decode(self, outputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """xy (B, K, 2) shares, and spread (B, K, 2) logits -> xy (B, K, 2) input pixels, score (B, K) in [0, 1].

        The score is 1, or one minus the mean spread of x and y; where that leaves 0, xy is NaN.
        """
        shares = _pairs(outputs, "xy")
        score = torch.ones_like(shares[..., 0])
        if self.spread:
            score = (1 - _pairs(outputs, "spread").sigmoid()).mean(-1)
        return torch.where(score[..., None] > 0, shares * self._size(shares), torch.nan), score

    def _size(self, like: Tensor) -> Tensor:
        return torch.tensor(self.input_size, dtype=like.dtype, device=like.device)

    def flip(self, outputs: dict[str, Tensor], mirror: Sequence[int]) -> dict[str, Tensor]:
        """What the network says of a mirrored image -> the same for the image itself, keypoints renamed.

        A flip test averages the logits of the spread, where the reference averages shares: scores differ a little.
        """
        x, y = outputs["xy"][:, list(mirror)].unbind(-1)
        last = 1 - 1 / self.input_size[0] if self.shift_flip else 1.0
        flipped = {name: value[:, list(mirror)] for name, value in outputs.items()}
        return flipped | {"xy": torch.stack([last - x, y], dim=-1)}

    def likelihood(self, outputs: dict[str, Tensor]) -> Tensor:
        """A bump of a sigma of 8 pixels as high as the score, for display: (B, K, H, W), in cells of 4 pixels."""
        xy, score = self.decode(outputs)
        across, down = gaussian_profiles(xy.nan_to_num(0.0) / DISPLAY, BUMP, self.map_size)
        return outer_product(across * score[..., None], down)


def _pairs(outputs: dict[str, Tensor], name: str) -> Tensor:
    """The output itself. Raises ShapeError unless it is (B, K, 2)."""
    if outputs[name].ndim != 3 or outputs[name].shape[-1] != 2:
        raise ShapeError(f"{name} must be (B, K, 2), got {tuple(outputs[name].shape)}")
    return outputs[name]
