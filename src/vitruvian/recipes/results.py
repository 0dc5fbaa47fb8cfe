"""What publishers say of runs with the settings of a named recipe. None of these numbers was measured here."""

from dataclasses import dataclass

MMPOSE = "MMPose"
ALPHAPOSE = "AlphaPose"
TOKENPOSE = "arXiv:2104.03516"
TF_CPN = "tf-cpn"

SOURCES = {
    MMPOSE: "metafiles of its models, or the READMEs beside them, at commit 759b39c, https://github.com/open-mmlab/mmpose",
    ALPHAPOSE: "docs/MODEL_ZOO.md of https://github.com/MVIG-SJTU/AlphaPose",
    TOKENPOSE: "the paper's abstract",
    TF_CPN: "https://github.com/chenyilun95/tf-cpn, the authors' code",
}


@dataclass(frozen=True)
class Result:
    """A published result.

    dataset: what was predicted, "COCO val2017".
    metrics: name and value, as published; AP, AR, PCK and AUC as shares, EPE in pixels, NME in percent.
    source:  a name in SOURCES.
    note:    where the publisher contradicts itself, or what else one should know.
    """

    dataset: str
    metrics: tuple[tuple[str, float], ...]
    source: str = MMPOSE
    note: str = ""


COCO_HAND = "COCO-WholeBody-Hand"


def _coco(ap: float, ar: float | None = None, note: str = "", source: str = MMPOSE) -> Result:
    metrics = (("AP", ap),) if ar is None else (("AP", ap), ("AR", ar))
    return Result("COCO val2017", metrics, source, note)


def _body8(pck: float, auc: float) -> Result:
    return Result("Body8", (("PCK@0.1", pck), ("AUC", auc)))


def _whole_body(ap: float, ar: float) -> Result:
    return Result("COCO-WholeBody", (("AP", ap), ("AR", ar)))


def _hand(dataset: str, pck: float, auc: float, epe: float) -> Result:
    return Result(dataset, (("PCK@0.2", pck), ("AUC", auc), ("EPE", epe)))


def _aflw(full: float, frontal: float, note: str = "") -> Result:
    return Result("AFLW", (("NME full", full), ("NME frontal", frontal)), note=note)


WFLW_PARTS = ("NME", "pose", "expression", "illumination", "makeup", "occlusion", "blur")


def _wflw(*values: float, note: str = "") -> Result:
    """NME of the whole test set and of its parts, in the order of WFLW_PARTS."""
    return Result("WFLW", tuple(zip(WFLW_PARTS, values, strict=True)), note=note)


RESULTS: dict[str, Result] = {
    "coco_hand_resnet50": _hand(COCO_HAND, 0.800, 0.833, 4.64),
    "coco_hand_hrnetv2_w18": _hand(COCO_HAND, 0.813, 0.840, 4.39),
    "coco_hand_hrnetv2_w18_dark": _hand(COCO_HAND, 0.814, 0.840, 4.37),
    "coco_hand_hourglass52": _hand(COCO_HAND, 0.804, 0.835, 4.54),
    "coco_hand_scnet50": _hand(COCO_HAND, 0.803, 0.834, 4.55),
    "coco_hand_lite_hrnet_18": _hand(COCO_HAND, 0.795, 0.830, 4.77),
    "coco_hand_mobilenetv2": _hand(COCO_HAND, 0.795, 0.829, 4.77),
    "freihand_resnet50": _hand("FreiHAND", 0.999, 0.868, 3.27),
    "onehand10k_resnet50": _hand("OneHand10K", 0.989, 0.555, 25.16),
    "onehand10k_hrnetv2_w18": _hand("OneHand10K", 0.990, 0.567, 24.26),
    "onehand10k_hrnetv2_w18_dark": _hand("OneHand10K", 0.990, 0.572, 23.96),
    "onehand10k_hrnetv2_w18_udp": _hand("OneHand10K", 0.990, 0.571, 23.88),
    "onehand10k_mobilenetv2": _hand("OneHand10K", 0.986, 0.537, 28.56),
    "rhd_resnet50": _hand("RHD", 0.991, 0.898, 2.32),
    "rhd_hrnetv2_w18": _hand("RHD", 0.992, 0.902, 2.21),
    "rhd_hrnetv2_w18_dark": _hand("RHD", 0.992, 0.903, 2.18),
    "rhd_hrnetv2_w18_udp": _hand("RHD", 0.992, 0.902, 2.19),
    "rhd_mobilenetv2": _hand("RHD", 0.985, 0.883, 2.79),
    "aflw_hrnetv2_w18": _aflw(1.41, 1.27),
    "aflw_hrnetv2_w18_dark": _aflw(
        1.34, 1.19, "its README: 1.35 full; also given as 1.41 and 1.27, which are those without DARK"
    ),
    "wflw_hrnetv2_w18": _wflw(4.06, 6.97, 4.33, 3.99, 3.94, 4.83, 4.58),
    "wflw_hrnetv2_w18_dark": _wflw(
        *(3.98, 6.98, 4.29, 3.96, 3.89, 4.78, 4.56),
        note="also given as pose 6.99, expression 4.30, makeup 3.87, blur 4.57",
    ),
    "wflw_hrnetv2_w18_awing": _wflw(4.02, 6.94, 4.28, 3.97, 3.87, 4.78, 4.59),
    "coco_resnet50_256x192": _coco(0.718, 0.774),
    "coco_resnet50_384x288": _coco(0.731, 0.782),
    "coco_resnet50_dark_256x192": _coco(0.724, 0.777),
    "coco_resnet50_dark_384x288": _coco(0.735, 0.786),
    "coco_resnet101_256x192": _coco(0.728, 0.783),
    "coco_resnet101_384x288": _coco(0.749, 0.799),
    "coco_resnet101_dark_256x192": _coco(0.733, 0.786),
    "coco_resnet101_dark_384x288": _coco(0.749, 0.799),
    "coco_resnet152_256x192": _coco(0.736, 0.791),
    "coco_resnet152_384x288": _coco(0.750, 0.800),
    "coco_resnet152_dark_256x192": _coco(0.743, 0.796),
    "coco_resnet152_dark_384x288": _coco(0.757, 0.805, "its README: AP 0.755, AR 0.805"),
    "coco_mobilenetv2_256x192": _coco(0.648, 0.709),
    "coco_mobilenetv2_384x288": _coco(0.677, 0.734),
    "coco_hrnet_w32_256x192": _coco(0.746, 0.799, "its README: AP 0.749, AR 0.804"),
    "coco_hrnet_w32_384x288": _coco(0.760, 0.810, "its README: AP 0.761, AR 0.811"),
    "coco_hrnet_w32_dark_256x192": _coco(0.757, 0.807),
    "coco_hrnet_w32_dark_384x288": _coco(0.766, 0.815),
    "coco_hrnet_w32_udp_256x192": _coco(0.762, 0.810),
    "coco_hrnet_w32_udp_384x288": _coco(0.768, 0.815),
    "coco_hrnet_w48_256x192": _coco(0.756, 0.806, "its README: AP 0.756, AR 0.809"),
    "coco_hrnet_w48_384x288": _coco(0.767, 0.816, "its README: AP 0.767, AR 0.817"),
    "coco_hrnet_w48_dark_256x192": _coco(0.764, 0.814),
    "coco_hrnet_w48_dark_384x288": _coco(0.772, 0.821),
    "coco_hrnet_w48_udp_256x192": _coco(0.768, 0.817),
    "coco_hrnet_w48_udp_384x288": _coco(0.773, 0.821),
    "coco_hrnet_w32_udp_offsets_256x192": _coco(0.759, 0.813),
    "coco_lite_hrnet_18_256x192": _coco(0.642, 0.705),
    "coco_lite_hrnet_18_384x288": _coco(0.676, 0.735),
    "coco_lite_hrnet_30_256x192": _coco(0.676, 0.736),
    "coco_lite_hrnet_30_384x288": _coco(0.700, 0.758),
    "coco_scnet50_256x192": _coco(0.728, 0.784),
    "coco_scnet50_384x288": _coco(0.751, 0.802),
    "coco_scnet101_256x192": _coco(0.733, 0.789),
    "coco_scnet101_384x288": _coco(0.752, 0.804),
    "coco_vipnas_resnet50_256x192": _coco(0.711, 0.769),
    "coco_vipnas_mobilenet_v3_256x192": _coco(0.700, 0.758),
    "coco_hourglass52_256x256": _coco(0.726, 0.780),
    "coco_hourglass52_384x384": _coco(0.746, 0.797),
    "coco_cpm_256x192": _coco(0.627, 0.689),
    "coco_cpm_384x288": _coco(0.652, 0.710),
    "coco_vitpose_small_256x192": _coco(0.739, 0.792),
    "coco_vitpose_small_simple_256x192": _coco(0.736, 0.790),
    "coco_vitpose_base_256x192": _coco(0.757, 0.810),
    "coco_vitpose_base_simple_256x192": _coco(0.756, 0.809),
    "coco_vitpose_large_256x192": _coco(0.782, 0.834),
    "coco_vitpose_large_simple_256x192": _coco(0.780, 0.833),
    "coco_vitpose_huge_256x192": _coco(0.788, 0.839),
    "coco_vitpose_huge_simple_256x192": _coco(0.789, 0.839),
    "coco_mspn50_256x192": _coco(0.723, 0.788),
    "coco_mspn50_x2_256x192": _coco(0.754, 0.816),
    "coco_mspn50_x3_256x192": _coco(0.758, 0.821),
    "coco_mspn50_x4_256x192": _coco(0.765, 0.826),
    "coco_rsn18_256x192": _coco(0.704, 0.773),
    "coco_rsn50_256x192": _coco(0.724, 0.790),
    "coco_rsn50_x2_256x192": _coco(0.748, 0.810),
    "coco_rsn50_x3_256x192": _coco(0.750, 0.814),
    "coco_deep_pose_resnet50_256x192": _coco(0.541, 0.649),
    "coco_deep_pose_resnet50_rle_256x192": _coco(0.706, 0.753),
    "coco_deep_pose_resnet101_256x192": _coco(0.562, 0.670),
    "coco_deep_pose_resnet101_rle_256x192": _coco(0.722, 0.768),
    "coco_deep_pose_resnet152_256x192": _coco(0.584, 0.688),
    "coco_deep_pose_resnet152_rle_256x192": _coco(0.731, 0.777),
    "coco_deep_pose_resnet152_rle_384x288": _coco(0.749, 0.793),
    "coco_deep_pose_mobilenetv2_rle_256x192": _coco(0.593, 0.644),
    "coco_integral_resnet50_256x256": _coco(0.633, 0.730),
    "coco_integral_resnet50_debiased_256x256": _coco(0.675, 0.765),
    "coco_dsnt_resnet50_256x256": _coco(0.674, 0.764),
    "coco_simcc_resnet50_256x192": _coco(0.721, 0.781),
    "coco_simcc_resnet50_384x288": _coco(0.735, 0.790),
    "coco_simcc_mobilenetv2_256x192": _coco(0.620, 0.678),
    "coco_simcc_vipnas_mobilenet_v3_256x192": _coco(0.695, 0.755),
    "coco_cspnext_t_256x192": _coco(0.665, 0.723),
    "coco_cspnext_s_256x192": _coco(0.697, 0.753),
    "coco_cspnext_m_256x192": _coco(0.732, 0.785),
    "coco_cspnext_l_256x192": _coco(0.750, 0.800),
    "coco_rtmpose_t_256x192": _coco(0.682, 0.736),
    "coco_rtmpose_s_256x192": _coco(0.716, 0.768),
    "coco_rtmpose_m_256x192": _coco(0.746, 0.795),
    "coco_rtmpose_l_256x192": _coco(0.758, 0.806),
    "body8_rtmpose_x_384x288": _body8(0.957, 0.748),
    "coco_fast_pose_resnet50_256x192": _coco(0.720, note="with boxes of YOLOv3", source=ALPHAPOSE),
    "coco_fast_pose_duc_resnet152_256x192": _coco(0.733, note="with boxes of YOLOv3", source=ALPHAPOSE),
    "coco_token_pose_s_v1_256x192": _coco(0.725, source=TOKENPOSE),
    "coco_token_pose_l_d24_256x192": _coco(0.758, source=TOKENPOSE),
    "coco_cpn_resnet50_256x192": Result("COCO minival", (("AP", 0.697),), TF_CPN),
    "coco_cpn_resnet50_384x288": Result("COCO minival", (("AP", 0.723),), TF_CPN),
    "coco_cpn_resnet101_384x288": Result("COCO minival", (("AP", 0.729),), TF_CPN),
    "coco_wholebody_rtmw_m_256x192": _whole_body(0.582, 0.673),
    "coco_wholebody_rtmw_l_256x192": _whole_body(0.660, 0.746),
    "coco_wholebody_rtmw_x_256x192": _whole_body(0.672, 0.752),
}
