"""Losses: what the network said against what it should have said -> a scalar tensor. One subject per file.

The table holds those that training looks up by name: of one output (B, K, ...), its target of the same shape as the
codec encodes it, and weight (B, K). They are means over the crops, except those of `SUMMED`, which add up over them;
training in several passes or processes relies on it. The others need more than that, such as a flow, bones or boxes,
or, as the focal loss, maps of probabilities, which no head here gives; they are called by who has it.
"""

from collections.abc import Callable

from torch import Tensor

from vitruvian.models.losses.associative import associative_embedding
from vitruvian.models.losses.coordinates import l1, mse, smooth_l1, soft_weight_smooth_l1, soft_wing, wing
from vitruvian.models.losses.detection import binary_cross_entropy, box_iou, oks, varifocal
from vitruvian.models.losses.discretised import (
    coordinate_classification,
    js_discretised,
    kl_discretised,
    kl_discretised_sharp,
)
from vitruvian.models.losses.heatmap import (
    adaptive_wing,
    combined_target_mse,
    focal_heatmap,
    heatmap_cross_entropy,
    heatmap_mse,
    heatmap_ohkm_mse,
)
from vitruvian.models.losses.poses_3d import bone, mpjpe, mpjpe_velocity, projection
from vitruvian.models.losses.residual_log_likelihood import residual_log_likelihood

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

LIKELIHOOD = "residual_log_likelihood"  # in recipes: the loss that needs two outputs, and the model's flow

LOSSES: dict[str, Loss] = {
    "adaptive_wing": adaptive_wing,
    "combined_target_mse": combined_target_mse,
    "heatmap_cross_entropy": heatmap_cross_entropy,
    "heatmap_mse": heatmap_mse,
    "heatmap_ohkm_mse": heatmap_ohkm_mse,
    "js_discretised": js_discretised,
    "kl_discretised": kl_discretised,
    "kl_discretised_sharp": kl_discretised_sharp,
    "l1": l1,
    "mse": mse,
    "smooth_l1": smooth_l1,
    "soft_weight_smooth_l1": soft_weight_smooth_l1,
    "soft_wing": soft_wing,
    "wing": wing,
}

SUMMED = frozenset({"kl_discretised", "kl_discretised_sharp"})  # twice the crops have twice the loss

__all__ = [
    "LIKELIHOOD",
    "LOSSES",
    "SUMMED",
    "Loss",
    "adaptive_wing",
    "associative_embedding",
    "binary_cross_entropy",
    "bone",
    "box_iou",
    "combined_target_mse",
    "coordinate_classification",
    "focal_heatmap",
    "heatmap_cross_entropy",
    "heatmap_mse",
    "heatmap_ohkm_mse",
    "js_discretised",
    "kl_discretised",
    "kl_discretised_sharp",
    "l1",
    "mpjpe",
    "mpjpe_velocity",
    "mse",
    "oks",
    "projection",
    "residual_log_likelihood",
    "smooth_l1",
    "soft_weight_smooth_l1",
    "soft_wing",
    "varifocal",
    "wing",
]
