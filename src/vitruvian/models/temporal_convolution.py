"""Lifting by convolutions over time: keypoints of a few frames -> the three-dimensional pose in the middle one.

Martinez et al., "A simple yet effective baseline for 3d human pose estimation", arXiv:1705.03098, look at one frame;
Pavllo et al., "3D human pose estimation in video with temporal convolutions and semi-supervised training",
arXiv:1811.11742, at windows of up to 243.

Convolutions have strides where the paper has dilation: the answer for the middle frame is the same, and what only other
frames need is left out. Both families share one network, as published weights have it: the linear layers of the
baseline are kernels of one frame. Its limit on the length of weights is a matter of training, and not here.
"""

from math import prod

from torch import Tensor, nn
from torch.nn import functional

from vitruvian.errors import ShapeError

WIDTH = 1024  # channels of every layer


class ConvNorm(nn.Module):
    """Every `kernel` frames become one, then batch norm and ReLU: (B, in, T) -> (B, out, T / kernel)."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int):
        super().__init__()
        self.conv = nn.Conv1d(channels_in, channels_out, kernel, stride=kernel, bias=False)
        self.bn = nn.BatchNorm1d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)))


class Block(nn.Module):
    """Every `kernel` frames become one, which is added to the middle one of them: (B, C, T) -> (B, C, T / kernel)."""

    def __init__(self, channels: int, kernel: int, dropout: float):
        super().__init__()
        self.kernel = kernel
        self.conv1 = nn.Sequential(ConvNorm(channels, channels, kernel))
        self.conv2 = nn.Sequential(ConvNorm(channels, channels, 1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        middle = x[..., self.kernel // 2 :: self.kernel]
        return middle + self.dropout(self.conv2(self.dropout(self.conv1(x))))


class TemporalConvolution(nn.Module):
    """(B, channels, T) -> features of the middle frame (B, 1024, 1). T is the product of the kernels.

    kernels: frames that the first layer, and each block after it, makes one of; odd numbers.
    """

    def __init__(self, channels: int, kernels: tuple[int, ...], dropout: float):
        super().__init__()
        self.expand_conv = ConvNorm(channels, WIDTH, kernels[0])
        self.tcn_blocks = nn.Sequential(*(Block(WIDTH, kernel, dropout) for kernel in kernels[1:]))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.tcn_blocks(self.dropout(self.expand_conv(x)))
        return features


class PointHead(nn.Module):
    """features (B, 1024, T) -> (B, T, points, 3)."""

    def __init__(self, points: int):
        super().__init__()
        self.points = points
        self.conv = nn.Conv1d(WIDTH, points * 3, 1)

    def forward(self, features: Tensor) -> Tensor:
        return self.conv(features).transpose(1, 2).unflatten(2, (self.points, 3))


class TemporalLifter(nn.Module):
    """points (B, T, K, 2) -> {"xyz": (B, 1, points, 3)}: the pose in the middle one of T frames, relative to its root.

    With `root` also "root": (B, 1, 1, 3), where the root is as the camera sees it, from a network of its own that
    shares nothing with the other. In which units points and poses are is a matter of the weights.

    keypoints: K.
    points:    how many keypoints the pose has.
    kernels:   frames that each layer makes one of; T is their product.
    dropout:   how likely a feature is dropped in training, in [0, 1).

    Called, raises ShapeError for points of another shape.
    """

    def __init__(self, keypoints: int, points: int, kernels: tuple[int, ...], dropout: float, root: bool = False):
        super().__init__()
        self.shape = (prod(kernels), keypoints, 2)
        self.backbone = TemporalConvolution(2 * keypoints, kernels, dropout)
        self.head = PointHead(points)
        self.traj_backbone = TemporalConvolution(2 * keypoints, kernels, dropout) if root else None
        self.traj_head = PointHead(1) if root else None

    def forward(self, points: Tensor) -> dict[str, Tensor]:
        if points.shape[1:] != self.shape:
            raise ShapeError(f"points must be (B, {', '.join(map(str, self.shape))}), got {tuple(points.shape)}")
        series = points.flatten(2).transpose(1, 2)  # (B, 2 K, T)
        answers = {"xyz": self.head(self.backbone(series))}
        if self.traj_backbone is not None and self.traj_head is not None:
            answers["root"] = self.traj_head(self.traj_backbone(series))
        return answers


def _video_pose(keypoints: int, kernels: tuple[int, ...], root: bool = False) -> TemporalLifter:
    return TemporalLifter(keypoints, keypoints, kernels, dropout=0.25, root=root)


def simple_baseline_3d(keypoints: int) -> TemporalLifter:
    """4.3 M parameters with 17 keypoints; one frame; the pose leaves out the root, which is at 0."""
    return TemporalLifter(keypoints, keypoints - 1, (1, 1, 1), dropout=0.5)


def video_pose_1(keypoints: int) -> TemporalLifter:
    """8.5 M parameters with 17 keypoints; one frame."""
    return _video_pose(keypoints, (1, 1, 1, 1, 1))


def video_pose_27(keypoints: int) -> TemporalLifter:
    """8.6 M parameters with 17 keypoints; 27 frames."""
    return _video_pose(keypoints, (3, 3, 3))


def video_pose_27_root(keypoints: int) -> TemporalLifter:
    """17.1 M parameters with 17 keypoints; 27 frames; with "root", as semi-supervised training needs it."""
    return _video_pose(keypoints, (3, 3, 3), root=True)


def video_pose_81(keypoints: int) -> TemporalLifter:
    """12.8 M parameters with 17 keypoints; 81 frames."""
    return _video_pose(keypoints, (3, 3, 3, 3))


def video_pose_243(keypoints: int) -> TemporalLifter:
    """17.0 M parameters with 17 keypoints; 243 frames."""
    return _video_pose(keypoints, (3, 3, 3, 3, 3))
