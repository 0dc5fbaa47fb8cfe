"""Which of our models a reference name means, and by which names its weights are published."""

import re
from collections.abc import Callable

from torch import nn

from vitruvian.models import MODELS, Heads, PoseModel, Size
from vitruvian.models.higher_hrnet import HigherHead
from vitruvian.models.lifters import LIFTERS, BuildLifter

from .cases import NotCovered

Build = Callable[[Heads, Size], PoseModel]

# What precedes the name of the network, as "topdown_heatmap/td_hm_" of a configuration and "/td_" of a case do.
HEATMAP = r"(?:topdown_heatmap/(?:td_hm_)?|/td_(?:hm_)?)"
REGRESSION = r"(?:(?:topdown_regression|deeppose)/(?:td_reg_|deeppose_)?|/(?:td_reg|deeppose)_)"
INTEGRAL = r"(?:integral_regression/|/)ipr_"
TAGS = r"(?:associative_embedding/(?:ae_)?|/ae_)"
RESNET, VITPOSE, END = r"res(?:net)?_?(\d+)", r"vitpose_(small|base|large|huge)", r"(?![a-z0-9])"

# What a configuration or a case is called -> our name; the first that fits counts. Written small, with "_" for "-",
# and after its kind and "/": that of a case is not known.
ARCHITECTURES = [
    (HEATMAP + RESNET + END + "(?!_?[0-9]?deconv)", r"simple_baseline_resnet\1"),
    (HEATMAP + "mobilenet_?v2" + END, "simple_baseline_mobilenetv2"),
    (r"(?:topdown_heatmap)?/(?:td_(?:hm_)?)?cspnext_?([tsml])(?:iny)?" + END, r"simple_baseline_cspnext_\1"),
    (HEATMAP + r"hrnet_?v2_?w(\d+)" + END, r"hrnetv2_w\1"),
    (HEATMAP + r"hrnet_?w(\d+)" + END, r"hrnet_w\1"),
    (HEATMAP + r"lite_?hrnet_?w?(\d+)" + END, r"lite_hrnet_\1"),
    (HEATMAP + r"scnet_?(\d+)" + END, r"scnet\1"),
    (HEATMAP + r"(?:\dx)?hourglass_?52(?:[sx]\d)?" + END, "hourglass52"),
    (HEATMAP + "cpm" + END, "cpm"),
    (HEATMAP + r"(?:\dx)?(mspn|rsn)_?(\d+)(?:[sx]\d)?" + END, r"\1\2"),
    (HEATMAP + "vipnas_" + RESNET + END, r"vipnas_resnet\1"),
    (HEATMAP + "vipnas_(?:mbv3|mobilenet_?v3)" + END, "vipnas_mobilenet_v3"),
    (r"(?:topdown_heatmap)?/(?:td_(?:hm_)?)?" + VITPOSE + "_simple" + END, r"vitpose_\1_simple"),
    (r"(?:topdown_heatmap)?/(?:td_(?:hm_)?)?" + VITPOSE + END, r"vitpose_\1"),
    (r"(?:rtmpose)?/(rtmpose|rtmw)_([tsmlx])" + END, r"\1_\2"),
    (r"(?:simcc)?/simcc_" + RESNET + "_(?:wo_deconv|without_deconv|no_?deconv|plain)" + END, r"simcc_resnet\1_plain"),
    (r"(?:simcc)?/simcc_" + RESNET + END, r"simcc_resnet\1"),
    (r"(?:simcc)?/simcc_mobilenet_?v2" + END, "simcc_mobilenetv2"),
    (r"(?:simcc)?/simcc_vipnas_(?:mbv3|mobilenet_?v3)" + END, "simcc_vipnas_mobilenet_v3"),
    (REGRESSION + RESNET + "_rle" + END, r"deep_pose_resnet\1_rle"),
    (REGRESSION + RESNET + END, r"deep_pose_resnet\1"),
    (REGRESSION + "mobilenet_?v2_rle" + END, "deep_pose_mobilenetv2_rle"),
    (INTEGRAL + RESNET + "_debias", r"integral_resnet\1_debiased"),
    (INTEGRAL + RESNET + "_dsnt" + END, r"dsnt_resnet\1"),
    (r"/ipr_debias(?:ed)?_" + RESNET + END, r"integral_resnet\1_debiased"),
    (r"/(?:ipr_)?dsnt_" + RESNET + END, r"dsnt_resnet\1"),
    (INTEGRAL + RESNET + END, r"integral_resnet\1"),
    (r"(?:associative_embedding)?/(?:ae_)?higher_?hrnet_?w?(\d+)" + END, r"higher_hrnet_w\1"),
    (TAGS + r"hrnet_?w(\d+)" + END, r"ae_hrnet_w\1"),
]

# How names say that a network is stacked.
STACKED = [
    r"(?<![a-z0-9])(\d+)x(?=mspn|rsn|hourglass)",
    r"(?:mspn|rsn|hourglass)_?\d+(?:_[sx]?|[sx])(\d+)[sx]?" + END,
    r"(?<![a-z0-9])(\d+)_?(?:stack|stage)",
    r"(?:stack|stage)(?:s|ed)?_?(?:x_?)?(\d+)" + END,
]

# The same for models that lift poses to three dimensions.
LIFTING = [
    (r"lift_image_tcn_", "simple_baseline_3d"),
    (r"lift_video_tcn(\d+)_semi_", r"video_pose_\1_root"),
    (r"lift_video_tcn(\d+)_", r"video_pose_\1"),
    (r"motionbert_", "motion_bert"),
]


def architecture(name: str, config: str = "") -> Build:
    """What builds the model of images that the reference calls `name` and makes from the configuration `config`.

    The configuration decides, and the name where that is none that we know. Raises NotCovered where we have no such
    model, or none of as many stacks as one of the two speaks of.
    """
    texts = [text for text in (_configured(config), f"/{_written(name)}") if text]
    ours = next((found for text in texts if (found := _named(text))), None)
    if ours is None:
        raise NotCovered("the architecture is not built yet")
    stacks = {count for text in texts if (count := _stacks(text)) is not None} - {1}
    if len(stacks) > 1:
        raise NotCovered(f"{config} and {name} speak of {sorted(stacks)} stacks")
    for count in stacks:
        ours = f"{ours}_x{count}"
    if ours not in MODELS:
        raise NotCovered("the architecture is not built yet")
    return MODELS[ours]


def _written(text: str) -> str:
    return text.lower().replace("-", "_")


def _configured(config: str) -> str:
    """ "configs/.../topdown_heatmap/coco/td-hm_res50_8xb64.py" -> "topdown_heatmap/td_hm_res50_8xb64"; "" for none."""
    path = re.search(r"[^\s/]+(?:/[^\s/]+)+", config)
    parts = path[0].removesuffix(".py").split("/") if path else []
    return _written(f"{parts[-3]}/{parts[-1]}") if len(parts) >= 3 else ""


def _named(text: str) -> str | None:
    """What the first fitting pattern makes of it, without the number of stacks."""
    return next((match.expand(ours) for pattern, ours in ARCHITECTURES if (match := re.match(pattern, text))), None)


def _stacks(text: str) -> int | None:
    """How many it speaks of, None where of no number. Raises NotCovered where of stacks, but not of how many."""
    counts = {int(match[1]) for pattern in STACKED for match in re.finditer(pattern, text)}
    if len(counts) > 1 or (not counts and re.search("stack|stage", text)):
        raise NotCovered(f"{text.lstrip('/')} does not say clearly how many stacks")
    return counts.pop() if counts else None


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
