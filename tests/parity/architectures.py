"""Which of our models a reference name means, and by which names its weights are published."""

import re
from collections.abc import Callable

from torch import nn

from vitruvian.models import MODELS, Heads, PoseModel, Size
from vitruvian.models.higher_hrnet import HigherHead
from vitruvian.models.lifters import LIFTERS, BuildLifter

from .cases import NotCovered

Build = Callable[[Heads, Size], PoseModel]

# What a reference name starts with -> our name; the first that fits counts.
ARCHITECTURES = [
    (r"td_res(?:net)?(\d+)_", r"simple_baseline_resnet\1"),
    (r"td_mobilenetv2_", "simple_baseline_mobilenetv2"),
    (r"td_cspnext_?([tsml])_", r"simple_baseline_cspnext_\1"),
    (r"td_hrnetv2w(\d+)_", r"hrnetv2_w\1"),
    (r"td_hrnetw(\d+)_", r"hrnet_w\1"),
    (r"td_litehrnet(\d+)_", r"lite_hrnet_\1"),
    (r"td_scnet(\d+)_", r"scnet\1"),
    (r"td_hourglass52_", "hourglass52"),
    (r"td_cpm_", "cpm"),
    (r"td_(mspn|rsn)(\d+)_", r"\1\2"),
    (r"td_(\d)x(mspn|rsn)(\d+)_", r"\2\3_x\1"),
    (r"td_vipnas_res(?:net)?50_", "vipnas_resnet50"),
    (r"td_vipnas_(?:mbv3|mobilenetv3)_", "vipnas_mobilenet_v3"),
    (r"vitpose_(small|base|large|huge)_simple_", r"vitpose_\1_simple"),
    (r"vitpose_(small|base|large|huge)_", r"vitpose_\1"),
    (r"(rtmpose|rtmw)_([tsmlx])_", r"\1_\2"),
    (r"simcc_res(?:net)?(\d+)_", r"simcc_resnet\1"),
    (r"simcc_mobilenetv2_", "simcc_mobilenetv2"),
    (r"deeppose_res(?:net)?(\d+)_rle_", r"deep_pose_resnet\1_rle"),
    (r"deeppose_res(?:net)?(\d+)_", r"deep_pose_resnet\1"),
    (r"deeppose_mobilenetv2_rle_", "deep_pose_mobilenetv2_rle"),
    (r"ipr_res(?:net)?(\d+)_debias", r"integral_resnet\1_debiased"),
    (r"ipr_res(?:net)?(\d+)_dsnt_", r"dsnt_resnet\1"),
    (r"ipr_res(?:net)?(\d+)_", r"integral_resnet\1"),
    (r"dsnt_res(?:net)?(\d+)_", r"dsnt_resnet\1"),
    (r"ae_hrnetw(\d+)_", r"ae_hrnet_w\1"),
    (r"higherhrnet_w(\d+)", r"higher_hrnet_w\1"),
]

# The same for models that lift poses to three dimensions.
LIFTING = [
    (r"lift_image_tcn_", "simple_baseline_3d"),
    (r"lift_video_tcn(\d+)_semi_", r"video_pose_\1_root"),
    (r"lift_video_tcn(\d+)_", r"video_pose_\1"),
    (r"motionbert_", "motion_bert"),
]


def architecture(name: str) -> Build:
    """What builds the model of images that the reference calls `name`. Raises NotCovered where we have none."""
    for pattern, ours in ARCHITECTURES:
        if (match := re.match(pattern, name)) and match.expand(ours) in MODELS:
            return MODELS[match.expand(ours)]
    raise NotCovered("the architecture is not built yet")


def lifter(name: str) -> BuildLifter | None:
    """What builds the lifter that the reference calls `name`; None where that is no lifter that we have."""
    for pattern, ours in LIFTING:
        if (match := re.match(pattern, name)) and match.expand(ours) in LIFTERS:
            return LIFTERS[match.expand(ours)]
    return None


def published_names(model: nn.Module) -> dict[str, str]:
    """Name in our state dict -> the name that the published checkpoints give it, in our order."""
    head = "keypoint_head." if isinstance(getattr(model, "head", None), HigherHead) else "head."
    return {name: re.sub(r"^head\.", head, name) for name in model.state_dict()}
