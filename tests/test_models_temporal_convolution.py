"""Lifters that look at windows of frames."""

import pytest
import torch
from torch.nn import functional

from vitruvian.errors import ShapeError
from vitruvian.models import temporal_convolution as tcn
from vitruvian.models.temporal_convolution import Block, ConvNorm, TemporalConvolution, TemporalLifter

from .published_names import names_of, parameters, published_names

PUBLISHED = [
    (tcn.simple_baseline_3d, "lift_image_tcn_h36m"),
    (tcn.video_pose_27, "lift_video_tcn27_h36m"),
    (tcn.video_pose_27_root, "lift_video_tcn27_semi_h36m"),
]
BLOCK = 1024 * 1024 + 2 * 1024  # a kernel of one frame, and its norm


def on_meta(build) -> TemporalLifter:
    with torch.device("meta"):
        return build(17)


@pytest.mark.parametrize(("build", "name"), PUBLISHED)
def test_parameters_have_the_published_names_shapes_and_order(shared, build, name: str):
    assert names_of(on_meta(build)) == published_names(shared, name)


@pytest.mark.parametrize(
    ("build", "blocks"),
    [(tcn.video_pose_27, 2), (tcn.video_pose_81, 3), (tcn.video_pose_243, 4)],
    ids=["27", "81", "243"],
)
def test_each_block_has_a_kernel_of_three_frames_and_one_of_one(build, blocks: int):
    first, head = 34 * 1024 * 3 + 2 * 1024, (1024 + 1) * 51
    assert parameters(on_meta(build)) == first + blocks * (4 * 1024 * 1024 + 4 * 1024) + head


def test_the_baseline_is_five_linear_layers_and_leaves_out_the_root():
    assert parameters(on_meta(tcn.simple_baseline_3d)) == 34 * 1024 + 2 * 1024 + 4 * BLOCK + (1024 + 1) * 48


@pytest.mark.parametrize(
    ("build", "frames"),
    [(tcn.simple_baseline_3d, 1), (tcn.video_pose_1, 1), (tcn.video_pose_81, 81), (tcn.video_pose_243, 243)],
    ids=["baseline", "1", "81", "243"],
)
def test_a_window_gives_one_pose(build, frames: int):
    pose = on_meta(build)(torch.empty(2, frames, 17, 2, device="meta"))
    assert {name: value.shape for name, value in pose.items()} == {
        "xyz": (2, 1, 16 if build is tcn.simple_baseline_3d else 17, 3)
    }


def test_strides_give_the_answer_that_dilation_gives_for_the_middle_frame():
    """As in Fig. 2 of arXiv:1811.11742: over 9 frames, kernels of 3 frames, then of 3 frames that lie 3 apart."""
    torch.manual_seed(0)
    network = TemporalConvolution(4, (3, 3), dropout=0.0).eval()
    x = torch.randn(2, 4, 9)
    first, block = network.expand_conv, network.tcn_blocks[0]
    every = functional.relu(first.bn(functional.conv1d(x, first.conv.weight)))  # frames 1 to 7
    wide = block.conv1[0]
    middle = functional.relu(wide.bn(functional.conv1d(every, wide.conv.weight, dilation=3)))  # frame 4
    torch.testing.assert_close(network(x), every[..., 3:4] + block.conv2(middle))


def test_a_block_passes_on_the_middle_frame_of_each_kernel():
    block = Block(1, 3, dropout=0.0).eval()
    torch.nn.init.zeros_(block.conv2[0].conv.weight)
    assert block(torch.arange(9.0).view(1, 1, 9)).flatten().tolist() == [1, 4, 7]


def test_nothing_below_zero_leaves_a_convolution():
    layer = ConvNorm(2, 8, 3)
    assert layer(torch.randn(4, 2, 9)).min() == 0


def test_the_channels_are_x_and_y_of_the_first_keypoint_and_so_on():
    """Only the y of the second of three keypoints counts: channel 3."""
    torch.manual_seed(0)
    lifter = TemporalLifter(3, 3, (1, 1), dropout=0.0).eval()
    weight = lifter.backbone.expand_conv.conv.weight
    weight.data = weight * torch.tensor([0.0, 0, 0, 1, 0, 0]).view(1, 6, 1)
    points, moved = torch.randn(2, 1, 1, 3, 2)
    moved[..., 1, 1] = points[..., 1, 1]
    torch.testing.assert_close(lifter(points)["xyz"], lifter(moved)["xyz"])
    moved[..., 1, 1] += 1
    assert (lifter(points)["xyz"] - lifter(moved)["xyz"]).abs().max() > 1e-3


def test_the_root_has_a_network_of_its_own():
    torch.manual_seed(0)
    lifter = TemporalLifter(3, 3, (3,), dropout=0.0, root=True).eval()
    points = torch.randn(2, 3, 3, 2)
    before = lifter(points)
    assert {name: value.shape for name, value in before.items()} == {"xyz": (2, 1, 3, 3), "root": (2, 1, 1, 3)}
    torch.nn.init.zeros_(lifter.traj_backbone.expand_conv.conv.weight)
    after = lifter(points)
    assert torch.equal(after["xyz"], before["xyz"])
    assert torch.equal(after["root"][0], after["root"][1])


@pytest.mark.parametrize("shape", [(2, 26, 17, 2), (2, 27, 16, 2), (2, 27, 17, 3), (27, 17, 2), (2, 34, 27)])
def test_points_of_another_shape_are_refused(shape: tuple[int, ...]):
    with pytest.raises(ShapeError, match=r"must be \(B, 27, 17, 2\), got"):
        on_meta(tcn.video_pose_27)(torch.empty(shape, device="meta"))
