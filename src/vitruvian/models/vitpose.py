"""ViTPose (Xu et al., "ViTPose: Simple Vision Transformer Baselines for Human Pose Estimation", arXiv:2204.12484).

A plain vision transformer (arXiv:2010.11929) without class token, and one of two decoders of section 3.1 of the paper:
the classic one has two deconvolutions, the simple one enlarges the features four times and has one 3x3 convolution.

What published weights rely on: patches are cut with 2 pixels of padding on each side, so that patch (x, y) covers input
pixels 16 x - 2 to 16 x + 13; layer norms add 1e-6 to the variance; the small size has heads of 32 channels, the others
of 64 and 80.

Position embeddings belong to cells, so a model is built for one input size.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.models.initialise import small_gaussian
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.shapes import check_grid, grid_of
from vitruvian.models.simple_baseline import DeconvHead

PATCH = 16  # pixels


class DropPath(nn.Module):
    """In training, zeros whole examples of a residual branch and scales up the others (arXiv:1603.09382).

    rate: how likely an example is dropped, in [0, 1). In eval mode nothing changes.
    """

    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        kept = torch.rand(len(x), *[1] * (x.ndim - 1), device=x.device) >= self.rate
        return x * kept / (1 - self.rate)


class Attention(nn.Module):
    """Multi-head self-attention (arXiv:1706.03762, sec. 3.2): tokens (B, N, C) -> (B, N, C)."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (3, B, heads, N, C / heads)
        mixed = functional.scaled_dot_product_attention(*qkv.unbind(0))
        projected: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return projected


class FeedForward(nn.Module):
    """Two linear layers with a GELU between, each token by itself: (B, N, C) -> (B, N, C)."""

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Sequential(nn.Linear(channels, hidden), nn.GELU()), nn.Linear(hidden, channels))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return out


class Block(nn.Module):
    """Attention and feed-forward layer, each behind its norm and beside a shortcut: (B, N, C) -> (B, N, C)."""

    def __init__(self, channels: int, heads: int, drop_path: float):
        super().__init__()
        self.ln1 = nn.LayerNorm(channels, eps=1e-6)
        self.attn = Attention(channels, heads)
        self.ln2 = nn.LayerNorm(channels, eps=1e-6)
        self.ffn = FeedForward(channels, 4 * channels)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop_path(self.attn(self.ln1(x)))
        out: Tensor = x + self.drop_path(self.ffn(self.ln2(x)))
        return out


class Patches(nn.Module):
    """image (B, 3, H, W) -> (B, C, H / 16, W / 16): every patch of 16 x 16 pixels becomes one vector."""

    def __init__(self, channels: int):
        super().__init__()
        self.projection = nn.Conv2d(3, channels, PATCH, stride=PATCH, padding=2)

    def forward(self, image: Tensor) -> Tensor:
        cells: Tensor = self.projection(image)
        return cells


class VisionTransformer(nn.Module):
    """image (B, 3, H, W) -> features (B, channels, H / 16, W / 16).

    input_size: (width, height) of the images in pixels, multiples of 16.
    channels:   of a token.
    depth:      number of blocks.
    heads:      of each attention.
    drop_path:  how likely the last block's branches are dropped in training; it rises evenly from 0 in the first.

    Raises RecipeError for an input size that does not divide into patches; called, ShapeError for images of another.
    """

    def __init__(self, input_size: Size, channels: int, depth: int, heads: int, drop_path: float):
        super().__init__()
        self.channels = channels
        self.grid = grid_of(input_size, PATCH)
        self.pos_embed = nn.Parameter(torch.zeros(1, self.grid[0] * self.grid[1], channels))
        self.patch_embed = Patches(channels)
        rates = [drop_path * index / (depth - 1) for index in range(depth)]
        self.layers = nn.ModuleList(Block(channels, heads, rate) for rate in rates)
        self.ln1 = nn.LayerNorm(channels, eps=1e-6)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.apply(_start)

    def forward(self, image: Tensor) -> Tensor:
        cells = self.patch_embed(image)
        check_grid(cells, self.grid, PATCH)
        x = cells.flatten(2).transpose(1, 2) + self.pos_embed  # (B, H W / 256, C)
        for layer in self.layers:
            x = layer(x)
        features: Tensor = self.ln1(x).transpose(1, 2).unflatten(2, cells.shape[-2:])
        return features


def _start(module: nn.Module) -> None:
    """Weights of deviation 0.02 and no biases, as vision transformers start."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=0.02)
        assert module.bias is not None
        nn.init.zeros_(module.bias)


class Enlarged(nn.Module):
    """features (B, C, h, w) -> (B, C, 4 h, 4 w), ReLU, then bilinear."""

    def forward(self, features: Tensor) -> Tensor:
        return functional.interpolate(functional.relu(features), scale_factor=4.0, mode="bilinear")


class SimpleDecoder(nn.Module):
    """features (B, channels, h, w) -> {name: (B, its channels, h, w)}, by one 3x3 convolution."""

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        self.heads = dict(heads)
        self.final_layer = nn.Conv2d(channels, total_channels(heads), 3, padding=1)
        self.apply(small_gaussian)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        return by_name(self.final_layer(features), self.heads)


def _small(size: Size) -> VisionTransformer:
    return VisionTransformer(size, channels=384, depth=12, heads=12, drop_path=0.1)


def _base(size: Size) -> VisionTransformer:
    return VisionTransformer(size, channels=768, depth=12, heads=12, drop_path=0.3)


def _large(size: Size) -> VisionTransformer:
    return VisionTransformer(size, channels=1024, depth=24, heads=16, drop_path=0.5)


def _huge(size: Size) -> VisionTransformer:
    return VisionTransformer(size, channels=1280, depth=32, heads=16, drop_path=0.55)


def _classic(backbone: VisionTransformer, heads: Heads) -> PoseModel:
    return PoseModel(backbone, DeconvHead(backbone.channels, heads, layers=2))


def _simple(backbone: VisionTransformer, heads: Heads) -> PoseModel:
    return PoseModel(backbone, SimpleDecoder(backbone.channels, heads), neck=Enlarged())


def vitpose_small(heads: Heads, input_size: Size) -> PoseModel:
    """24.3 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _classic(_small(input_size), heads)


def vitpose_base(heads: Heads, input_size: Size) -> PoseModel:
    """90.0 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _classic(_base(input_size), heads)


def vitpose_large(heads: Heads, input_size: Size) -> PoseModel:
    """308.5 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _classic(_large(input_size), heads)


def vitpose_huge(heads: Heads, input_size: Size) -> PoseModel:
    """637.2 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _classic(_huge(input_size), heads)


def vitpose_small_simple(heads: Heads, input_size: Size) -> PoseModel:
    """21.7 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _simple(_small(input_size), heads)


def vitpose_base_simple(heads: Heads, input_size: Size) -> PoseModel:
    """85.9 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _simple(_base(input_size), heads)


def vitpose_large_simple(heads: Heads, input_size: Size) -> PoseModel:
    """303.5 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _simple(_large(input_size), heads)


def vitpose_huge_simple(heads: Heads, input_size: Size) -> PoseModel:
    """631.1 M parameters with 17 keypoints at 192 x 256; width and height are multiples of 16."""
    return _simple(_huge(input_size), heads)
