"""The table of lifters: models that make three-dimensional poses of the keypoints in some frames."""

from collections.abc import Callable

from torch import nn

from vitruvian.models import motion_bert, temporal_convolution

# A number of keypoints K -> a model that takes points (B, T, K, channels) and gives {"xyz": (B, frames, points, 3)}.
# Its class says how many frames it takes, and for which of them it answers.
BuildLifter = Callable[[int], nn.Module]

_BUILDS: tuple[BuildLifter, ...] = (
    motion_bert.motion_bert,
    temporal_convolution.simple_baseline_3d,
    temporal_convolution.video_pose_1,
    temporal_convolution.video_pose_27,
    temporal_convolution.video_pose_27_root,
    temporal_convolution.video_pose_81,
    temporal_convolution.video_pose_243,
)

LIFTERS: dict[str, BuildLifter] = {build.__name__: build for build in _BUILDS}
