"""TokenPose (Li et al., "TokenPose: Learning Keypoint Tokens for Human Pose Estimation", arXiv:2104.03516).

Patches of the image, or of the features of a convolutional network, become visual tokens; every map to be predicted has
a learned token of its own; a transformer (arXiv:1706.03762) lets them all attend to each other (sec. 3), and each
keypoint token becomes its map by itself. T sees the image alone, S features of the stem of HRNet, B and L those of the
first three stages of HRNet-W32 and W48. L reads the keypoint tokens after each third of its layers (sec. 4.4, keypoint
token fusion).

What the paper leaves open, as its released code has it (https://github.com/leeyegy/TokenPose): norms before attention
and feed-forward layer, which is three times as wide; the 2D sine embedding added to visual tokens before every layer,
but not before the first of L's second and third part; maps from two linear layers with a norm but no activation between
(one layer in L); S divides products of queries and keys by the root of all channels, the others by that of a head's.
The code names a patch size for each input size: 16 x 16 tokens at 192 x 256 and 256 x 256, 18 x 16 at 288 x 384.
The rule here, the largest patches that leave at least 16 tokens a side, gives these; S-v2 always has patches of 2 x 2.
The hidden layer of the maps is 384 wide for every map size, where the code takes an eighth of the cells, which is the
same at 192 x 256.

The paper gives as GFLOPs 1.3 for T, 2.2 for S-v1, 11.6 for S-v2, 5.7 for B, 9.1 for L/D6 and 11.0 for L/D24. All of
these come out in units of 2^30 if each output of a linear layer is taken to need as many multiply-adds as there are
tokens, instead of channels, and attention itself none. The docstrings below give the multiply-adds that are done.

Tokens belong to patches and keypoint tokens to maps, so that a model is built for one input size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import RecipeError
from vitruvian.models.hrnet import EXCHANGES, ExchangeBlock, advance, check_sides, dense_step, transition
from vitruvian.models.initialise import kaiming
from vitruvian.models.pose_model import Heads, PoseModel, Size, by_name, total_channels
from vitruvian.models.resnet import Bottleneck
from vitruvian.models.shapes import check_grid, grid_of

CHANNELS = 192  # of a token
HIDDEN = 384  # of the two layers that make a map of a token
TOKENS = 16  # visual tokens a side, at least


class Stem(nn.Module):
    """image (B, 3, H, W) -> (B, 256, H / 4, W / 4): the beginning of HRNet, two convolutions and four bottlenecks."""

    channels = 256
    stride = 4

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(64, 64, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(Bottleneck(64, 64, stride=1), *(Bottleneck(256, 64, stride=1) for _ in range(3)))
        self.apply(kaiming)

    def forward(self, image: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(image)))
        features: Tensor = self.layer1(self.relu(self.bn2(self.conv2(x))))
        return features


class ThreeStages(Stem):
    """image (B, 3, H, W) -> (B, width, H / 4, W / 4): HRNet up to its third stage, its finest branch.

    Raises ShapeError unless H and W are multiples of 32.
    """

    def __init__(self, width: int):
        super().__init__()
        self.channels = width
        widths = [width, 2 * width, 4 * width]
        self.transition1 = transition([Stem.channels], widths[:2], dense_step)
        self.stage2 = _stage(widths[:2], EXCHANGES[0], outputs=2)
        self.transition2 = transition(widths[:2], widths, dense_step)
        self.stage3 = _stage(widths, EXCHANGES[1], outputs=1)
        self.apply(kaiming)

    def forward(self, image: Tensor) -> Tensor:
        check_sides(image)
        branches = self.stage2(advance(self.transition1, [super().forward(image)]))
        finest: Tensor = self.stage3(advance(self.transition2, branches))[0]
        return finest


def _stage(widths: Sequence[int], exchanges: int, outputs: int) -> nn.Sequential:
    """Exchange blocks one after the other, of which the last gives the finest `outputs` branches."""
    kept = [len(widths)] * (exchanges - 1) + [outputs]
    return nn.Sequential(*(ExchangeBlock(widths, count, upsampling="nearest") for count in kept))


def sine_embedding(grid: Size, channels: int) -> Tensor:
    """Where tokens of a grid (width, height) are: (1, width * height, channels), row by row.

    The first half of the channels tells the row, the second the column: the sine and cosine, in turn, of
    2 pi * place / 10000^(2 i / half), where rows lie from 1 / height to 1 and columns from 1 / width to 1. channels: a
    multiple of 4.
    """
    half = channels // 2
    frequency = 10000.0 ** (-2 * torch.arange(half // 2) / half)  # of each pair of sine and cosine
    across, down = (_waves(torch.arange(1, side + 1) / side, frequency) for side in grid)
    width, height = grid
    rows = down[:, None].expand(height, width, half)
    columns = across[None].expand(height, width, half)
    return torch.cat([rows, columns], dim=-1).flatten(0, 1)[None]


def _waves(place: Tensor, frequency: Tensor) -> Tensor:
    """place (N,) in (0, 1], frequency (F,) -> (N, 2 F): sine and cosine of each frequency in turn."""
    angle = 2 * math.pi * place[:, None] * frequency
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@dataclass(frozen=True)
class Layers:
    """What a transformer is made of.

    parts: how many layers each part has; the keypoint tokens are read after every part.
    heads: of each attention.
    whole: scale products of queries and keys by the root of all channels, not of those of a head.
    """

    parts: tuple[int, ...]
    heads: int = 8
    whole: bool = False

    @property
    def scale(self) -> float:
        """What products of queries and keys are multiplied by before the softmax."""
        return (CHANNELS if self.whole else CHANNELS / self.heads) ** -0.5


class Attention(nn.Module):
    """Multi-head self-attention (arXiv:1706.03762, sec. 3.2): tokens (B, N, 192) -> (B, N, 192)."""

    def __init__(self, layers: Layers):
        super().__init__()
        self.heads = layers.heads
        self.scale = layers.scale
        self.to_qkv = nn.Linear(CHANNELS, 3 * CHANNELS, bias=False)
        self.to_out = nn.Linear(CHANNELS, CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (3, B, heads, N, 192 / heads)
        queries, keys, values = qkv.unbind(0)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, scale=self.scale)
        out: Tensor = self.to_out(mixed.transpose(1, 2).flatten(2))
        return out


class Layer(nn.Module):
    """Attention and feed-forward layer, each behind its norm and beside a shortcut: tokens (B, N, 192), as before."""

    def __init__(self, layers: Layers):
        super().__init__()
        self.norm1 = nn.LayerNorm(CHANNELS)
        self.attention = Attention(layers)
        self.norm2 = nn.LayerNorm(CHANNELS)
        self.feed_forward = nn.Sequential(
            nn.Linear(CHANNELS, 3 * CHANNELS), nn.GELU(), nn.Linear(3 * CHANNELS, CHANNELS)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        out: Tensor = x + self.feed_forward(self.norm2(x))
        return out


class Part(nn.Module):
    """Layers one after the other: tokens (B, N, 192) -> (B, N, 192).

    place: (1, N, 192), the embedding of places, added before every layer but the first.
    """

    def __init__(self, depth: int, layers: Layers):
        super().__init__()
        self.layers = nn.ModuleList(Layer(layers) for _ in range(depth))

    def forward(self, x: Tensor, place: Tensor) -> Tensor:
        for index, layer in enumerate(self.layers):
            x = layer(x if index == 0 else x + place)
        return x


class TokenTransformer(nn.Module):
    """features (B, channels, h, w) -> what the keypoint tokens have become: (B, maps, 192 * number of parts).

    channels: of the features, or of the image.
    stride:   of the features, in pixels; 1 for the image itself.
    grid:     (width, height) of the features.
    patch:    (width, height) of a visual token, in cells of the features.
    maps:     keypoint tokens, one for each map to predict.

    Called, raises ShapeError for features of another size.
    """

    def __init__(self, channels: int, stride: int, grid: Size, patch: Size, maps: int, layers: Layers):
        super().__init__()
        self.grid, self.stride, self.maps = grid, stride, maps
        tokens = grid[0] // patch[0], grid[1] // patch[1]
        self.keypoint_token = nn.Parameter(torch.empty(1, maps, CHANNELS))
        self.patch_to_embedding = nn.Conv2d(channels, CHANNELS, (patch[1], patch[0]), stride=(patch[1], patch[0]))
        self.pos_embedding: Tensor
        self.register_buffer("pos_embedding", sine_embedding(tokens, CHANNELS), persistent=False)
        self.parts = nn.ModuleList(Part(depth, layers) for depth in layers.parts)
        nn.init.trunc_normal_(self.keypoint_token, std=0.02)
        self.apply(_start)

    def forward(self, features: Tensor) -> Tensor:
        check_grid(features, self.grid, self.stride)
        visual = self.patch_to_embedding(features).flatten(2).transpose(1, 2)  # (B, N, 192)
        x = torch.cat([self.keypoint_token.expand(visual.shape[0], -1, -1), visual], dim=1)
        place = functional.pad(self.pos_embedding, (0, 0, self.maps, 0))  # nothing for the keypoint tokens
        x = x + place
        seen = []
        for part in self.parts:
            x = part(x, place)
            seen.append(x[:, : self.maps])
        return torch.cat(seen, dim=-1)


def _start(module: nn.Module) -> None:
    """Weights of deviation 0.02 and no biases, as vision transformers start."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class TokenHead(nn.Module):
    """tokens (B, maps, channels) -> {name: (B, its maps, h, w)}: each token becomes its map by itself.

    hidden: width of the layer between, None for none.
    Raises RecipeError for outputs that are no maps, or of different sizes.
    """

    def __init__(self, channels: int, heads: Heads, hidden: int | None = HIDDEN):
        super().__init__()
        self.heads = dict(heads)
        self.map_size = _map_size(heads)  # (h, w)
        layers: list[nn.Module] = [nn.LayerNorm(channels)]
        if hidden is not None:
            layers += [nn.Linear(channels, hidden), nn.LayerNorm(hidden)]
        self.mlp_head = nn.Sequential(*layers, nn.Linear(hidden or channels, math.prod(self.map_size)))
        self.apply(_start)

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        return by_name(self.mlp_head(tokens).unflatten(-1, self.map_size), self.heads)


def _map_size(heads: Heads) -> tuple[int, ...]:
    sizes = {shape[1:] for shape in heads.values()}
    if len(sizes) != 1 or any(len(size) != 2 for size in sizes):
        raise RecipeError(
            f"TokenPose gives maps (channels, h, w) of one size, but was asked for {dict(heads)}; "
            f"take heads from the codec it is made for: codec.heads(keypoints)"
        )
    return sizes.pop()


def patch_of(grid: Size) -> Size:
    """(width, height) of the largest patches that leave at least 16 tokens along each side of a grid (width, height).

    Raises RecipeError where they do not fill it.
    """
    patch = max(1, grid[0] // TOKENS), max(1, grid[1] // TOKENS)
    if grid[0] % patch[0] or grid[1] % patch[1]:
        raise RecipeError(
            f"a grid of {grid[0]} x {grid[1]} cells cannot be cut into patches of {patch[0]} x {patch[1]}; "
            f"choose an input_size such as 192 x 256, 256 x 256 or 288 x 384"
        )
    return patch


def _hybrid(backbone: Stem, heads: Heads, grid: Size, patch: Size, layers: Layers) -> PoseModel:
    """Features of `backbone` on a `grid` -> tokens -> maps."""
    neck = TokenTransformer(backbone.channels, backbone.stride, grid, patch, total_channels(heads), layers)
    fused = len(layers.parts) > 1
    head = TokenHead(CHANNELS * len(layers.parts), heads, hidden=None if fused else HIDDEN)
    return PoseModel(backbone, head, neck)


def token_pose_t(heads: Heads, input_size: Size) -> PoseModel:
    """5.8 M parameters with 17 keypoints; 1.6 G multiply-adds at 192 x 256."""
    grid = grid_of(input_size, 1)
    transformer = TokenTransformer(3, 1, grid, patch_of(grid), total_channels(heads), Layers((12,), heads=16))
    return PoseModel(transformer, TokenHead(CHANNELS, heads))


def token_pose_s_v1(heads: Heads, input_size: Size) -> PoseModel:
    """6.6 M parameters with 17 keypoints; 2.7 G multiply-adds at 192 x 256."""
    grid = grid_of(input_size, Stem.stride)
    return _hybrid(Stem(), heads, grid, patch_of(grid), Layers((12,), whole=True))


def token_pose_s_v2(heads: Heads, input_size: Size) -> PoseModel:
    """6.2 M parameters with 17 keypoints; 7.5 G multiply-adds at 192 x 256, for three times the tokens of S-v1."""
    width, height = grid_of(input_size, 2 * Stem.stride)
    return _hybrid(Stem(), heads, (2 * width, 2 * height), (2, 2), Layers((12,), whole=True))


def token_pose_b(heads: Heads, input_size: Size) -> PoseModel:
    """13.5 M parameters with 17 keypoints; 6.3 G multiply-adds at 192 x 256."""
    grid = grid_of(input_size, Stem.stride)
    return _hybrid(ThreeStages(32), heads, grid, patch_of(grid), Layers((12,)))


def token_pose_l_d6(heads: Heads, input_size: Size) -> PoseModel:
    """20.8 M parameters with 17 keypoints; 9.9 G multiply-adds at 192 x 256."""
    grid = grid_of(input_size, Stem.stride)
    return _hybrid(ThreeStages(48), heads, grid, patch_of(grid), Layers((2, 2, 2)))


def token_pose_l_d24(heads: Heads, input_size: Size) -> PoseModel:
    """27.5 M parameters with 17 keypoints; 12.2 G multiply-adds at 192 x 256."""
    grid = grid_of(input_size, Stem.stride)
    return _hybrid(ThreeStages(48), heads, grid, patch_of(grid), Layers((8, 8, 8), heads=12))
