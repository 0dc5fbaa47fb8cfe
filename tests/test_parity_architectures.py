"""Reference names of models, and what of ours they mean."""

import pytest
import torch

from tests.parity.architectures import architecture, lifter, published_names
from tests.parity.cases import NotCovered
from vitruvian.models import MODELS
from vitruvian.models.lifters import LIFTERS


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("td_resnet50_coco_256x192", "simple_baseline_resnet50"),
        ("td_res152_coco_384x288", "simple_baseline_resnet152"),
        ("td_hrnetw48_coco_256x192", "hrnet_w48"),
        ("td_hrnetw32_udp", "hrnet_w32"),
        ("td_hrnetv2w18_wflw_256x256", "hrnetv2_w18"),
        ("td_mspn50_coco_256x192", "mspn50"),
        ("td_4xmspn50_coco_256x192", "mspn50_x4"),
        ("vitpose_small_coco_256x192", "vitpose_small"),
        ("vitpose_small_simple_coco_256x192", "vitpose_small_simple"),
        ("deeppose_res50_coco_256x192", "deep_pose_resnet50"),
        ("deeppose_res50_rle_coco_256x192", "deep_pose_resnet50_rle"),
        ("ipr_res50_coco_256x256", "integral_resnet50"),
        ("ipr_res50_debias_coco_256x256", "integral_resnet50_debiased"),
        ("higherhrnet_w32", "higher_hrnet_w32"),
    ],
)
def test_a_name_means_the_model_of_that_family_and_size(theirs: str, ours: str):
    assert architecture(theirs) is MODELS[ours]


def test_lifters_are_told_apart_by_frames_and_root():
    assert lifter("lift_image_tcn_h36m") is LIFTERS["simple_baseline_3d"]
    assert lifter("lift_video_tcn243_h36m") is LIFTERS["video_pose_243"]
    assert lifter("lift_video_tcn27_semi_h36m") is LIFTERS["video_pose_27_root"]
    assert lifter("td_resnet50_coco_256x192") is None


@pytest.mark.parametrize("name", ["td_alexnet_coco_256x192", "td_hrnetw99_coco_256x192", "td_hrnetw32x"])
def test_what_is_not_built_is_not_covered(name: str):
    with pytest.raises(NotCovered, match="not built"):
        architecture(name)


def test_only_the_head_of_higher_hrnet_has_another_name():
    heads = {"heatmap": (2, 16, 16), "tag": (2, 16, 16)}
    with torch.device("meta"):
        higher, plain = (MODELS[name](heads, (64, 64)) for name in ("higher_hrnet_w32", "ae_hrnet_w32"))
    renamed = {ours: theirs for ours, theirs in published_names(higher).items() if ours != theirs}
    assert renamed == {name: f"keypoint_{name}" for name in higher.state_dict() if name.startswith("head.")} != {}
    assert all(ours == theirs for ours, theirs in published_names(plain).items())
