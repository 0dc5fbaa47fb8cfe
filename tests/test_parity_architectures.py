"""Reference names of models, and what of ours they mean."""

import json
from pathlib import Path

import pytest
import torch

from tests.parity.architectures import architecture, lifter, published_names
from tests.parity.cases import NotCovered
from vitruvian.models import MODELS
from vitruvian.models.lifters import LIFTERS
from vitruvian.runtime.catalogue import TABLE


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
        ("td_2xmspn50", "mspn50_x2"),
        ("td_mspn50x2_coco_256x192", "mspn50_x2"),
        ("td_mspn50_x2", "mspn50_x2"),
        ("td_mspn50_3stages_coco_256x192", "mspn50_x3"),
        ("td_3xrsn50_coco_256x192", "rsn50_x3"),
        ("td_hourglass52_coco_256x256", "hourglass52"),
        ("td_hourglass52_2stacks_coco_256x256", "hourglass52_x2"),
        ("td_hourglass52_stack2", "hourglass52_x2"),
        ("td_hourglass52_s2_coco_256x256", "hourglass52_x2"),
        ("td_2xhourglass52_256x256", "hourglass52_x2"),
        ("td_vipnas_mbv3_coco_256x192", "vipnas_mobilenet_v3"),
        ("td_litehrnet30_coco_256x192", "lite_hrnet_30"),
        ("td_scnet101_coco_256x192", "scnet101"),
        ("td_cspnext_tiny_udp", "simple_baseline_cspnext_t"),
        ("cspnext_m_udp_coco_256x192", "simple_baseline_cspnext_m"),
        ("td-hm_hrnet-w48_udp-8xb32-210e_coco-256x192", "hrnet_w48"),
        ("simcc_res50_coco_256x192", "simcc_resnet50"),
        ("simcc_res50_wo_deconv_mpii_256x256", "simcc_resnet50_plain"),
        ("simcc_vipnas_mbv3_coco_256x192", "simcc_vipnas_mobilenet_v3"),
        ("vitpose_small_coco_256x192", "vitpose_small"),
        ("vitpose_small_simple_coco_256x192", "vitpose_small_simple"),
        ("deeppose_res50_coco_256x192", "deep_pose_resnet50"),
        ("deeppose_res50_rle_coco_256x192", "deep_pose_resnet50_rle"),
        ("ipr_res50_coco_256x256", "integral_resnet50"),
        ("ipr_res50_debias_coco_256x256", "integral_resnet50_debiased"),
        ("ipr_debias_res50_coco_256x256", "integral_resnet50_debiased"),
        ("dsnt_res50_coco_256x256", "dsnt_resnet50"),
        ("ipr_res50_dsnt_coco_256x256", "dsnt_resnet50"),
        ("ae_hrnetw48_coco_640x640", "ae_hrnet_w48"),
        ("higherhrnet_w48", "higher_hrnet_w48"),
        ("higherhrnet_w32", "higher_hrnet_w32"),
        *[(f"vitpose_{size}_coco_256x192", f"vitpose_{size}") for size in ("base", "large", "huge")],
        *[(f"vitpose_{size}_simple_coco_256x192", f"vitpose_{size}_simple") for size in ("base", "large", "huge")],
    ],
)
def test_a_name_means_the_model_of_that_family_and_size(theirs: str, ours: str):
    assert architecture(theirs) is MODELS[ours]


BODY = "configs/body_2d_keypoint"


@pytest.mark.parametrize(
    ("config", "ours"),
    [
        ("topdown_heatmap/coco/td-hm_res101_dark-8xb64-210e_coco-256x192.py", "simple_baseline_resnet101"),
        ("topdown_heatmap/coco/td-hm_hrnet-w48_8xb32-210e_coco-256x192.py", "hrnet_w48"),
        ("topdown_heatmap/coco/td-hm_litehrnet-30_8xb64-210e_coco-256x192.py", "lite_hrnet_30"),
        ("topdown_heatmap/coco/td-hm_4xmspn50_8xb32-210e_coco-256x192.py", "mspn50_x4"),
        ("topdown_heatmap/coco/td-hm_3xrsn50_8xb32-210e_coco-256x192.py", "rsn50_x3"),
        ("topdown_heatmap/coco/td-hm_hourglass52_8xb32-210e_coco-256x256.py", "hourglass52"),
        ("topdown_heatmap/coco/td-hm_vipnas-mbv3_8xb64-210e_coco-256x192.py", "vipnas_mobilenet_v3"),
        ("topdown_heatmap/coco/td-hm_ViTPose-huge_8xb64-210e_coco-256x192.py", "vitpose_huge"),
        ("topdown_heatmap/coco/td-hm_ViTPose-base-simple_8xb64-210e_coco-256x192.py", "vitpose_base_simple"),
        ("topdown_heatmap/coco/cspnext-tiny_udp_8xb256-210e_coco-256x192.py", "simple_baseline_cspnext_t"),
        ("topdown_regression/coco/td-reg_res152_rle-8xb64-210e_coco-384x288.py", "deep_pose_resnet152_rle"),
        ("integral_regression/coco/ipr_res50_debias--8xb64-210e_coco-256x256.py", "integral_resnet50_debiased"),
        ("integral_regression/coco/ipr_res50_dsnt-8xb64-210e_coco-256x256.py", "dsnt_resnet50"),
        ("simcc/mpii/simcc_res50_wo-deconv-8xb64-210e_mpii-256x256.py", "simcc_resnet50_plain"),
        ("simcc/coco/simcc_vipnas-mbv3_8xb64-210e_coco-256x192.py", "simcc_vipnas_mobilenet_v3"),
        ("associative_embedding/coco/hrnet_w48_coco_640x640 (of an older version)", "ae_hrnet_w48"),
        ("associative_embedding/coco/higherhrnet_w48_coco_512x512", "higher_hrnet_w48"),
        ("rtmpose/coco/rtmpose-m_8xb256-420e_coco-256x192.py", "rtmpose_m"),
    ],
)
def test_the_configuration_decides_before_the_name(config: str, ours: str):
    assert architecture("td_resnet50_coco_256x192", f"{BODY}/{config}") is MODELS[ours]


def test_the_name_counts_where_the_configuration_is_not_known():
    assert architecture("td_hrnetw32_dark", "an own configuration") is MODELS["hrnet_w32"]
    assert architecture("td_hrnetw32_dark", f"{BODY}/other/coco/other.py") is MODELS["hrnet_w32"]


def test_stacks_that_only_the_name_speaks_of_are_not_lost():
    config = f"{BODY}/topdown_heatmap/coco/td-hm_hourglass52_8xb32-210e_coco-256x256.py"
    assert architecture("td_hourglass52_2stacks", config) is MODELS["hourglass52_x2"]


@pytest.mark.parametrize("name", ["td_5xmspn50", "td_hourglass52_two_stacks", "td_2xhourglass52_stack4", "td_2xrsn18"])
def test_unknown_numbers_of_stacks_never_mean_one(name: str):
    with pytest.raises(NotCovered, match=r"not built|how many stacks"):
        architecture(name)


def test_every_published_configuration_means_the_model_of_the_table(shared):
    """Of those that are named as their configuration."""
    facts = json.loads((shared / "facts" / "published_models.json").read_text())["models"]
    configs = {fact["name"]: fact["config"] for fact in facts}
    entries = {entry["name"]: entry["model"] for entry in json.loads(TABLE.read_text())["models"]}
    known = {name: model for name, model in entries.items() if name == Path(configs.get(name, "")).stem}
    assert {name: architecture("", configs[name]).__name__ for name in known} == known != {}


def test_lifters_are_told_apart_by_frames_and_root():
    assert lifter("lift_image_tcn_h36m") is LIFTERS["simple_baseline_3d"]
    assert lifter("lift_video_tcn243_h36m") is LIFTERS["video_pose_243"]
    assert lifter("lift_video_tcn27_semi_h36m") is LIFTERS["video_pose_27_root"]
    assert lifter("td_resnet50_coco_256x192") is None


@pytest.mark.parametrize(
    "name", ["td_alexnet_coco_256x192", "td_hrnetw99_coco_256x192", "td_hrnetw32x", "td_res50-2deconv"]
)
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
