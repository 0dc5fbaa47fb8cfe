"""DeepPose (Toshev and Szegedy, arXiv:1312.4659): coordinates straight from pooled features, by one linear layer.

As published weights have it: a ResNet or MobileNetV2 where the paper has AlexNet, one stage where the paper has a
cascade, and coordinates as shares of the input's width and height, 0 at its left and top side.

Models with `rle` also say how far a coordinate may be off, and carry the flow that learns the shape of these errors
(residual log-likelihood estimation, Li et al., arXiv:2107.11291). The flow is needed in training only.
"""

from torch import Tensor, nn

from vitruvian.errors import RecipeError
from vitruvian.models.flow import Flow
from vitruvian.models.mobilenet_v2 import MobileNetV2
from vitruvian.models.pose_model import Heads, PoseModel, Size
from vitruvian.models.resnet import ResNet, resnet50, resnet101, resnet152
from vitruvian.models.shapes import keypoints_of


class Pooled(nn.Module):
    """features (B, C, h, w) -> their means (B, C)."""

    def forward(self, features: Tensor) -> Tensor:
        return features.mean((2, 3))


class RegressionHead(nn.Module):
    """features (B, channels) -> {"xy": (B, K, 2)}, shares of the input's width and height.

    Raises RecipeError for heads other than {"xy": (K, 2)}.
    """

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        self.keypoints = _points_of(heads, "xy")
        self.fc = nn.Linear(channels, self.keypoints * 2)
        _start(self.fc)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        return {"xy": self.fc(features).unflatten(1, (self.keypoints, 2))}


class Likelihood(nn.Module):
    """Holds the flow under the name that published checkpoints give it."""

    def __init__(self) -> None:
        super().__init__()
        self.flow_model = Flow()


class LikelihoodHead(nn.Module):
    """features (B, channels) -> {"xy": (B, K, 2), "spread": (B, K, 2)}.

    xy: shares of the input's width and height; spread: the logit of how far each coordinate may be off, as a share.
    Raises RecipeError for heads other than {"xy": (K, 2), "spread": (K, 2)}.
    """

    def __init__(self, channels: int, heads: Heads):
        super().__init__()
        self.keypoints = _points_of(heads, "xy", "spread")
        self.loss_module = Likelihood()
        self.fc = nn.Linear(channels, self.keypoints * 4)
        _start(self.fc)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        answer = self.fc(features).unflatten(1, (self.keypoints, 4))
        return {"xy": answer[..., :2], "spread": answer[..., 2:]}

    def log_prob(self, error: Tensor) -> Tensor:
        """The log-density that the flow gives to errors (N, 2), in units of their spread -> (N,). For the loss."""
        return self.loss_module.flow_model.log_prob(error)


def _points_of(heads: Heads, *names: str) -> int:
    """K; each output is two numbers a keypoint."""
    keypoints = keypoints_of(heads, *names)
    if set(heads.values()) != {(keypoints, 2)}:
        raise RecipeError(f"{' and '.join(names)} have shape (keypoints, 2), but heads are {dict(heads)}")
    return keypoints


def _start(layer: nn.Linear) -> None:
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.zeros_(layer.bias)


def _deep_pose(backbone: ResNet, heads: Heads) -> PoseModel:
    return PoseModel(backbone, RegressionHead(backbone.channels, heads), neck=Pooled())


def _deep_pose_rle(backbone: ResNet | MobileNetV2, heads: Heads) -> PoseModel:
    return PoseModel(backbone, LikelihoodHead(backbone.channels, heads), neck=Pooled())


def deep_pose_resnet50(heads: Heads, input_size: Size) -> PoseModel:
    """23.6 M parameters with 17 keypoints."""
    return _deep_pose(resnet50(), heads)


def deep_pose_resnet101(heads: Heads, input_size: Size) -> PoseModel:
    """42.6 M parameters with 17 keypoints."""
    return _deep_pose(resnet101(), heads)


def deep_pose_resnet152(heads: Heads, input_size: Size) -> PoseModel:
    """58.2 M parameters with 17 keypoints."""
    return _deep_pose(resnet152(), heads)


def deep_pose_resnet50_rle(heads: Heads, input_size: Size) -> PoseModel:
    """23.7 M parameters with 17 keypoints, 0.1 M of them in the flow."""
    return _deep_pose_rle(resnet50(), heads)


def deep_pose_resnet101_rle(heads: Heads, input_size: Size) -> PoseModel:
    """42.7 M parameters with 17 keypoints, 0.1 M of them in the flow."""
    return _deep_pose_rle(resnet101(), heads)


def deep_pose_resnet152_rle(heads: Heads, input_size: Size) -> PoseModel:
    """58.3 M parameters with 17 keypoints, 0.1 M of them in the flow."""
    return _deep_pose_rle(resnet152(), heads)


def deep_pose_mobilenetv2_rle(heads: Heads, input_size: Size) -> PoseModel:
    """2.4 M parameters with 17 keypoints, 0.1 M of them in the flow."""
    return _deep_pose_rle(MobileNetV2(), heads)
