"""RTMPose (Jiang et al., arXiv:2303.07399) and RTMW (Jiang et al., arXiv:2407.08634), for bodies and whole bodies.

A CSPNeXt backbone; a convolution with as many channels as keypoints, whose maps become one token each; one gated
attention unit (Hua et al., "Transformer Quality in Linear Time", arXiv:2202.10447, sec. 2) across the tokens; and two
linear layers that say in which bin of x and of y the keypoint lies (SimCC, arXiv:2107.03332).

RTMW adds a pyramid neck (arXiv:1803.01534), and reads tokens off two of its levels, at strides 32 and 16, because hands
and faces are small.

What published weights rely on: the attention weights are the squares of rectified products, not divided by the number
of tokens; the attention unit has no position embedding and no biases; RTMW's convolutions before the tokens end in
batch norm and ReLU, RTMPose's in neither.

A model is built for one input size, whose sides are multiples of 32.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.cspnext import (
    CSPNeXt,
    PartialLayer,
    conv_silu,
    cspnext_l,
    cspnext_m,
    cspnext_s,
    cspnext_t,
    cspnext_x,
)
from vitruvian.models.initialise import small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.shapes import check_grid, grid_of, keypoints_of

STRIDE = 32  # of the coarsest features
KERNEL = 7  # of the convolutions before the tokens
WIDTH = 256  # of a token
SHARED = 128  # channels of queries and keys


class ScaleNorm(nn.Module):
    """Vectors of length g * sqrt(channels) (arXiv:1910.05895): (..., channels) -> (..., channels). g is learned."""

    def __init__(self, channels: int):
        super().__init__()
        self.size = channels**0.5
        self.g = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        length = x.norm(dim=-1, keepdim=True) / self.size
        return x / length.clamp(min=1e-5) * self.g


class Scale(nn.Module):
    """Every channel times a learned number: (..., channels) -> (..., channels)."""

    def __init__(self, channels: int):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class GatedAttention(nn.Module):
    """One gated attention unit with a shortcut: tokens (B, K, 256) -> (B, K, 256).

    Queries and keys are two scaled and shifted copies of the same channels (arXiv:2202.10447, sec. 2).
    """

    def __init__(self) -> None:
        super().__init__()
        self.hidden = 2 * WIDTH
        self.gamma = nn.Parameter(torch.rand(2, SHARED))
        self.beta = nn.Parameter(torch.rand(2, SHARED))
        self.o = nn.Linear(self.hidden, WIDTH, bias=False)
        self.uv = nn.Linear(WIDTH, 2 * self.hidden + SHARED, bias=False)
        self.ln = ScaleNorm(WIDTH)
        self.res_scale = Scale(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        gate, value, base = functional.silu(self.uv(self.ln(x))).split([self.hidden, self.hidden, SHARED], dim=-1)
        query, key = (base[..., None, :] * self.gamma + self.beta).unbind(-2)
        kernel = functional.relu(query @ key.mT / SHARED**0.5) ** 2  # (B, K, K)
        mixed: Tensor = self.o(gate * (kernel @ value))
        return self.res_scale(x) + mixed


class RTMPoseHead(nn.Module):
    """features (B, channels, h, w) -> {"x": (B, K, bins), "y": (B, K, bins)}, unnormalised log-probabilities.

    grid: (width, height) of the features. Called, raises ShapeError for features of another.
    """

    def __init__(self, channels: int, heads: Heads, grid: Size):
        super().__init__()
        keypoints = keypoints_of(heads, "x", "y")
        self.grid = grid
        self.final_layer = nn.Conv2d(channels, keypoints, KERNEL, padding=KERNEL // 2)
        self.mlp = _tokens(grid[0] * grid[1], WIDTH)
        self.gau = GatedAttention()
        self.cls_x = nn.Linear(WIDTH, heads["x"][1], bias=False)
        self.cls_y = nn.Linear(WIDTH, heads["y"][1], bias=False)
        self.apply(_start)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        check_grid(features, self.grid, STRIDE)
        tokens = self.gau(self.mlp(self.final_layer(features).flatten(2)))  # (B, K, 256)
        return {"x": self.cls_x(tokens), "y": self.cls_y(tokens)}


class RTMWHead(nn.Module):
    """Features at strides 16 and 32 -> {"x": (B, K, bins), "y": (B, K, bins)}, unnormalised log-probabilities.

    Half of a token comes from the coarse features; the other half from the fine ones, beside the coarse ones spread out
    to their resolution. Called with (B, channels / 2, 2 h, 2 w) and (B, channels, h, w).

    grid: (width, height) of the coarse features. Raises ShapeError for features of another.
    """

    def __init__(self, channels: int, heads: Heads, grid: Size):
        super().__init__()
        keypoints = keypoints_of(heads, "x", "y")
        self.grid = grid
        self.spread = nn.PixelShuffle(2)
        self.conv_dec = ConvNorm(channels // 4, channels // 4, KERNEL)
        self.final_layer = ConvNorm(channels, keypoints, KERNEL)
        self.final_layer2 = ConvNorm(channels // 4 + channels // 2, keypoints, KERNEL)
        self.mlp = _tokens(grid[0] * grid[1], WIDTH // 2)
        self.mlp2 = _tokens(4 * grid[0] * grid[1], WIDTH // 2)
        self.gau = GatedAttention()
        self.cls_x = nn.Linear(WIDTH, heads["x"][1], bias=False)
        self.cls_y = nn.Linear(WIDTH, heads["y"][1], bias=False)
        self.apply(_start)

    def forward(self, features: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        fine, coarse = features
        check_grid(coarse, self.grid, STRIDE)
        both = torch.cat([self.conv_dec(self.spread(coarse)), fine], dim=1)  # (B, 3 / 4 channels, 2 h, 2 w)
        halves = self.mlp(self.final_layer(coarse).flatten(2)), self.mlp2(self.final_layer2(both).flatten(2))
        tokens = self.gau(torch.cat(halves, dim=-1))  # (B, K, 256)
        return {"x": self.cls_x(tokens), "y": self.cls_y(tokens)}


def _tokens(cells: int, channels: int) -> nn.Sequential:
    """A map of one keypoint, flattened, to its token: (B, K, cells) -> (B, K, channels)."""
    return nn.Sequential(ScaleNorm(cells), nn.Linear(cells, channels, bias=False))


def _start(module: nn.Module) -> None:
    """Convolutions of deviation 0.001, linear layers of deviation 0.01, as in the published training."""
    small_gaussian(module)
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)


class Pyramid(nn.Module):
    """Features at strides 8, 16 and 32 -> those at 16 and 32, after one pass downwards and one upwards.

    The top-down path doubles the coarser features and puts them beside the finer ones, the bottom-up path halves the
    finer ones and puts them beside the coarser ones; a partial layer follows each time. Numbers of channels stay.

    width: channels at stride 8; the coarser levels have 2 and 4 times as many.
    """

    def __init__(self, width: int):
        super().__init__()
        fine, middle, coarse = width, 2 * width, 4 * width
        self.reduce_layers = nn.ModuleList([conv_silu(coarse, middle, 1), conv_silu(middle, fine, 1)])
        self.top_down_blocks = nn.ModuleList([_merged(2 * middle, middle), _merged(2 * fine, fine)])
        self.downsamples = nn.ModuleList([conv_silu(fine, fine, 3, stride=2), conv_silu(middle, middle, 3, stride=2)])
        self.bottom_up_blocks = nn.ModuleList([_merged(2 * fine, middle), _merged(2 * middle, coarse)])

    def forward(self, features: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, ...]:
        x, narrow = features[-1], []
        for reduce, merge, finer in zip(self.reduce_layers, self.top_down_blocks, features[-2::-1], strict=True):
            narrow.append(reduce(x))
            x = merge(torch.cat([functional.interpolate(narrow[-1], scale_factor=2.0), finer], dim=1))
        outputs = []
        for halve, merge, coarser in zip(self.downsamples, self.bottom_up_blocks, reversed(narrow), strict=True):
            x = merge(torch.cat([halve(x), coarser], dim=1))
            outputs.append(x)
        return tuple(outputs)


def _merged(channels_in: int, channels_out: int) -> PartialLayer:
    return PartialLayer(channels_in, channels_out, blocks=2, shortcut=False, attention=False)


def _rtmpose(backbone: CSPNeXt, heads: Heads, input_size: Size) -> PoseModel:
    return PoseModel(backbone, RTMPoseHead(backbone.channels, heads, grid_of(input_size, STRIDE)))


def _rtmw(backbone: CSPNeXt, heads: Heads, input_size: Size) -> PoseModel:
    head = RTMWHead(backbone.channels, heads, grid_of(input_size, STRIDE))
    return PoseModel(backbone, head, neck=Pyramid(backbone.channels // 4))


def rtmpose_t(heads: Heads, input_size: Size) -> PoseModel:
    """3.3 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmpose(cspnext_t(), heads, input_size)


def rtmpose_s(heads: Heads, input_size: Size) -> PoseModel:
    """5.5 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmpose(cspnext_s(), heads, input_size)


def rtmpose_m(heads: Heads, input_size: Size) -> PoseModel:
    """13.6 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmpose(cspnext_m(), heads, input_size)


def rtmpose_l(heads: Heads, input_size: Size) -> PoseModel:
    """27.7 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmpose(cspnext_l(), heads, input_size)


def rtmpose_x(heads: Heads, input_size: Size) -> PoseModel:
    """49.3 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmpose(cspnext_x(), heads, input_size)


def rtmw_m(heads: Heads, input_size: Size) -> PoseModel:
    """24.6 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmw(cspnext_m(levels=3), heads, input_size)


def rtmw_l(heads: Heads, input_size: Size) -> PoseModel:
    """47.0 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmw(cspnext_l(levels=3), heads, input_size)


def rtmw_x(heads: Heads, input_size: Size) -> PoseModel:
    """79.3 M parameters with 17 keypoints in 384 and 512 bins at 192 x 256."""
    return _rtmw(cspnext_x(levels=3), heads, input_size)
