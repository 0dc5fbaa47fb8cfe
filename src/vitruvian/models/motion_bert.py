"""MotionBERT (Zhu et al., "MotionBERT: A Unified Perspective on Learning Human Motion Representations",
arXiv:2210.06551): lifting the keypoints of a whole sequence by attention.

Its DSTformer has two streams: one lets first the keypoints of each frame attend to one another, then the frames of each
keypoint; the other does the same in reverse. After each pair of blocks the streams are mixed, with shares that follow
from both of them, and both go on from the mix.

What published weights rely on: each attention is followed by a feed-forward layer of its own; the head by which poses
are read off has a tanh; layer norms add 1e-6 to the variance.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import ShapeError

FRAMES = 243  # the longest sequence that there are embeddings for


class Attention(nn.Module):
    """Multi-head self-attention (arXiv:1706.03762, sec. 3.2) in each group: (B, groups, N, C) -> the same."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.proj = nn.Linear(channels, channels)
        self.qkv = nn.Linear(channels, 3 * channels)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(0, 1)
        qkv = self.qkv(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (3, -1, heads, N, -1)
        mixed = functional.scaled_dot_product_attention(*qkv.unbind(0))
        projected: Tensor = self.proj(mixed.transpose(1, 2).flatten(2)).unflatten(0, x.shape[:2])
        return projected


class Block(nn.Module):
    """Attention within each frame, and of each keypoint along the frames: (B, T, K, C) -> (B, T, K, C).

    spatial_first: which of the two comes first.
    """

    def __init__(self, channels: int, heads: int, hidden: int, spatial_first: bool):
        super().__init__()
        self.spatial_first = spatial_first
        self.norm1_s = nn.LayerNorm(channels, eps=1e-6)
        self.norm1_t = nn.LayerNorm(channels, eps=1e-6)
        self.attn_s = Attention(channels, heads)
        self.attn_t = Attention(channels, heads)
        self.norm2_s = nn.LayerNorm(channels, eps=1e-6)
        self.norm2_t = nn.LayerNorm(channels, eps=1e-6)
        self.mlp_s = _feed_forward(channels, hidden)
        self.mlp_t = _feed_forward(channels, hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self._along_frames(self._in_frames(x)) if self.spatial_first else self._in_frames(self._along_frames(x))

    def _in_frames(self, x: Tensor) -> Tensor:
        x = x + self.attn_s(self.norm1_s(x))
        out: Tensor = x + self.mlp_s(self.norm2_s(x))
        return out

    def _along_frames(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)  # (B, K, T, C)
        x = x + self.attn_t(self.norm1_t(x))
        x = x + self.mlp_t(self.norm2_t(x))
        return x.transpose(1, 2)


def _feed_forward(channels: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))


class DSTformer(nn.Module):
    """points (B, T, K, 3) -> features (B, T, K, channels); T is at most 243.

    depth:  pairs of blocks.
    heads:  of each attention.
    hidden: channels inside a feed-forward layer.
    """

    def __init__(self, keypoints: int, channels: int, depth: int, heads: int, hidden: int):
        super().__init__()
        self.temp_embed = nn.Parameter(torch.zeros(1, FRAMES, 1, channels))
        self.spat_embed = nn.Parameter(torch.zeros(1, keypoints, channels))
        self.joints_embed = nn.Linear(3, channels)
        self.blocks_st = nn.ModuleList(Block(channels, heads, hidden, spatial_first=True) for _ in range(depth))
        self.blocks_ts = nn.ModuleList(Block(channels, heads, hidden, spatial_first=False) for _ in range(depth))
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.attn_regress = nn.ModuleList(nn.Linear(2 * channels, 2) for _ in range(depth))
        self.apply(_start)
        nn.init.trunc_normal_(self.temp_embed, std=0.02)
        nn.init.trunc_normal_(self.spat_embed, std=0.02)
        for parameter in self.attn_regress.parameters():  # at first both streams count the same
            nn.init.zeros_(parameter)

    def forward(self, points: Tensor) -> Tensor:
        x = self.joints_embed(points) + self.spat_embed + self.temp_embed[:, : points.shape[1]]
        for spatial_first, temporal_first, shares in zip(
            self.blocks_st, self.blocks_ts, self.attn_regress, strict=True
        ):
            both = torch.stack([spatial_first(x), temporal_first(x)], dim=-2)  # (B, T, K, 2, C)
            share = shares(both.flatten(-2)).softmax(dim=-1)  # (B, T, K, 2)
            x = (share[..., None] * both).sum(-2)
        features: Tensor = self.norm(x)
        return features


def _start(module: nn.Module) -> None:
    """Weights of deviation 0.02 and no biases, as transformers start."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


class Representation(nn.Module):
    """A linear layer, named as in published checkpoints, and a tanh: (..., in) -> (..., out)."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.fc = nn.Linear(channels_in, channels_out)

    def forward(self, features: Tensor) -> Tensor:
        return self.fc(features).tanh()


class MotionHead(nn.Module):
    """features (..., channels) -> (..., 3)."""

    def __init__(self, channels: int):
        super().__init__()
        self.pre_logits = Representation(channels, 512)
        self.fc = nn.Linear(512, 3)

    def forward(self, features: Tensor) -> Tensor:
        xyz: Tensor = self.fc(self.pre_logits(features))
        return xyz


class MotionBERT(nn.Module):
    """points (B, T, K, 3) -> {"xyz": (B, T, K, 3)}: the pose in each of up to 243 frames.

    The third number of a point is its score. In which units points and poses are is a matter of the weights.
    Raises ShapeError for points of another shape.
    """

    def __init__(self, backbone: DSTformer, head: MotionHead):
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, points: Tensor) -> dict[str, Tensor]:
        keypoints = self.backbone.spat_embed.shape[1]
        if points.ndim != 4 or not 1 <= points.shape[1] <= FRAMES or points.shape[2:] != (keypoints, 3):
            raise ShapeError(
                f"points must be (B, T, {keypoints}, 3) with 1 to {FRAMES} frames, got {tuple(points.shape)}; "
                f"cut longer sequences into windows"
            )
        return {"xyz": self.head(self.backbone(points))}


def motion_bert(keypoints: int) -> MotionBERT:
    """42.5 M parameters with 17 keypoints."""
    return MotionBERT(DSTformer(keypoints, channels=512, depth=5, heads=8, hidden=1024), MotionHead(512))
