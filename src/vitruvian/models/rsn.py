"""RSN (Cai et al., "Learning Delicate Local Representations for Multi-Person Pose Estimation", arXiv:2003.04030).

The stages of MSPN (mspn.py), of residual steps blocks instead of bottlenecks: four branches of one to four 3x3
convolutions, in which every branch is given what the one before found at the same depth.

The pose refine machine at the end of the paper's network is left out, as in all published weights of this layout. What
they rely on and the paper leaves open: a branch has 26/64 of the block's input channels, rounded down.
"""

import torch
from torch import Tensor, nn

from vitruvian.models.conv_norm import ConvNorm
from vitruvian.models.initialise import kaiming
from vitruvian.models.mspn import LevelHead, Top, make_stages, run_stages
from vitruvian.models.pose_model import Heads, PoseModel, Size

BRANCHES = 4


class StepsBlock(nn.Module):
    """Residual steps and a shortcut: (B, in, H, W) -> (B, width, H / stride, W / stride)."""

    expansion = 1

    def __init__(self, channels_in: int, width: int, stride: int):
        super().__init__()
        self.downsample = None
        if stride != 1 or channels_in != width:
            self.downsample = ConvNorm(channels_in, width, 1, stride, activation=nn.Identity)
        branch = channels_in * 26 // 64
        self.conv_bn_relu1 = ConvNorm(channels_in, BRANCHES * branch, 1, stride)
        for row in range(1, BRANCHES + 1):
            for step in range(1, row + 1):
                self.add_module(f"conv_bn_relu2_{row}_{step}", ConvNorm(branch, branch, 3))
        self.conv_bn3 = ConvNorm(BRANCHES * branch, width, 1, activation=nn.Identity)

    def forward(self, x: Tensor) -> Tensor:
        found: list[Tensor] = []  # after every step of the branch before
        ends: list[Tensor] = []
        for row, part in enumerate(self.conv_bn_relu1(x).chunk(BRANCHES, dim=1), start=1):
            found = self._branch(row, part, found)
            ends.append(found[-1])
        out = self.conv_bn3(torch.cat(ends, dim=1))
        return torch.relu(out + (x if self.downsample is None else self.downsample(x)))

    def _branch(self, row: int, x: Tensor, before: list[Tensor]) -> list[Tensor]:
        """The features after every step of branch `row`, which has one step more than the branch before."""
        found: list[Tensor] = []
        for step in range(1, row + 1):
            if step < row:
                x = x + before[step - 1]
            x = getattr(self, f"conv_bn_relu2_{row}_{step}")(x)
            found.append(x)
        return found


class RSN(nn.Module):
    """image (B, 3, H, W) -> four levels of every stage, each (B, 256, h, w), as `run_stages` orders them.

    depths: blocks at each resolution on the way down.
    """

    def __init__(self, stages: int, depths: tuple[int, int, int, int]):
        super().__init__()
        self.top = Top()
        self.multi_stage_rsn = make_stages(stages, StepsBlock, depths)
        self.apply(kaiming)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return run_stages(self.multi_stage_rsn, self.top(image))


def _rsn(stages: int, depths: tuple[int, int, int, int], heads: Heads) -> PoseModel:
    return PoseModel(RSN(stages, depths), LevelHead(stages, heads))


def rsn18(heads: Heads, input_size: Size) -> PoseModel:
    """9.1 M parameters with 17 keypoints; one stage."""
    return _rsn(1, (2, 2, 2, 2), heads)


def rsn50(heads: Heads, input_size: Size) -> PoseModel:
    """19.3 M parameters with 17 keypoints; one stage."""
    return _rsn(1, (3, 4, 6, 3), heads)


def rsn50_x2(heads: Heads, input_size: Size) -> PoseModel:
    """39.3 M parameters with 17 keypoints; two stages."""
    return _rsn(2, (3, 4, 6, 3), heads)


def rsn50_x3(heads: Heads, input_size: Size) -> PoseModel:
    """59.2 M parameters with 17 keypoints; three stages."""
    return _rsn(3, (3, 4, 6, 3), heads)
