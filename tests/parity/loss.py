"""Checks of loss/*: values and gradients against `vitruvian.models.losses`.

The library leaves scaling a loss to the caller, so `loss_weight` is applied here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vitruvian.models import losses
from vitruvian.models.flow import Flow
from vitruvian.structures import skeleton

from .cases import Case, NotCovered
from .findings import Finding, equal, relative

WEIGHTS = ("in_target_weight", "in_target_weights")


class Given:
    """The inputs of a case as tensors, and the arguments of its call that are not used up yet."""

    def __init__(self, case: Case):
        self.tensors = {name: torch.from_numpy(array) for name, array in case.arrays.items() if name.startswith("in_")}
        self.args = {name: value for name, value in case.args.items() if name not in ("type", "loss_weight")}
        self.scale = case.args.get("loss_weight", 1.0)
        self.wanted = {"in_" + name.removeprefix("out_grad_") for name in case.arrays if name.startswith("out_grad_")}
        for name in self.wanted:
            self.tensors[name].requires_grad_()

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[f"in_{name}"]

    def pair(self) -> tuple[Tensor, Tensor]:
        return self["output"], self["target"]

    def weight(self, default: bool = False) -> Tensor | None:
        """The weights of the targets, where the call uses them."""
        if not self.args.pop("use_target_weight", default):
            return None
        return next(self.tensors[name] for name in WEIGHTS if name in self.tensors)

    def options(self, **names: str) -> dict[str, Any]:
        """Arguments of the reference by their names here, those that the case has."""
        return {mine: self.args.pop(other) for mine, other in names.items() if other in self.args}


Call = Callable[[Given], Tensor | tuple[Tensor, ...]]


@dataclass(frozen=True)
class Check:
    """Calls a loss of the library as a case called that of the reference."""

    call: Call

    def __call__(self, case: Case) -> Iterator[Finding]:
        given = Given(case)
        result = self.call(given)
        if given.args:
            raise NotCovered(f"{', '.join(sorted(given.args))} of {case.args['type']}")
        results = [given.scale * loss for loss in (result if isinstance(result, tuple) else (result,))]
        names = ["out_loss"] if len(results) == 1 else [f"out_loss{number}" for number in range(len(results))]
        for name, loss in zip(names, results, strict=True):
            yield relative(name, loss.detach(), case[name])
        torch.stack([loss.sum() for loss in results]).sum().backward()
        for name in sorted(given.wanted):
            gradient = given.tensors[name].grad
            assert gradient is not None
            yield from _gradient(f"out_grad_{name.removeprefix('in_')}", gradient, case)


def _gradient(name: str, found: Tensor, case: Case) -> Iterator[Finding]:
    """Where the reference's is NaN, because it differentiates p log p at 0, the library's must be finite."""
    expected = case[name]
    unknown = np.isnan(expected)
    if unknown.any():
        yield equal(f"{name} is finite", [bool(found.isfinite().all())], [True])
    yield relative(name, np.where(unknown, 0.0, found.numpy()), np.where(unknown, 0.0, expected))


def weighted(loss: Callable[..., Tensor], **names: str) -> Check:
    """A loss of output, target and weight; `names`: what the library calls the arguments of the reference."""

    def call(given: Given) -> Tensor:
        output, target = given.pair()
        weight, mask = given.weight(), given.tensors.get("in_mask")
        options = given.options(**names) | ({} if mask is None else {"mask": mask})
        return loss(output, target, weight, **options)

    return Check(call)


def _ohkm(given: Given) -> Tensor:
    return losses.heatmap_ohkm_mse(*given.pair(), given.weight(), **given.options(hardest="topk"))


def _bone(given: Given) -> Tensor:
    return losses.bone(*given.pair(), given.args.pop("joint_parents"), given.weight())


def _vectors(given: Given) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    return (given["pred_x"], given["pred_y"]), (given["gt_x"], given["gt_y"])


def _kl(given: Given) -> Tensor:
    """The reference can count some keypoints less; here that is in their weight."""
    weight, options = given.weight(), given.options(beta="beta", soften="label_softmax")
    if weight is not None and (less := given.args.pop("mask", None)):
        weight = weight.clone()
        weight[:, less] *= given.args.pop("mask_weight")
    pairs = zip(*_vectors(given), strict=True)
    return torch.stack([losses.kl_discretised(output, target, weight, **options) for output, target in pairs]).sum()


def _js(given: Given) -> Tensor:
    return losses.js_discretised(given["pred_hm"], given["gt_hm"], given.weight())


def _classification(given: Given) -> Tensor:
    return losses.coordinate_classification(*_vectors(given), given.weight(), given.args.pop("mode"))


def _associative(given: Given) -> tuple[Tensor, Tensor]:
    cells, visible = given["keypoint_indices"].unbind(-1)
    pull, push = losses.associative_embedding(given["tags"], cells, visible)
    return pull, push * given.args.pop("push_loss_factor")


def _iou(given: Given) -> Tensor:
    return losses.box_iou(*given.pair(), given.args.pop("mode"))


def _oks(given: Given) -> Tensor:
    options = given.options(mode="mode", known_only="norm_target_weight")
    sigmas = torch.tensor(skeleton("coco17").sigmas)
    return losses.oks(*given.pair(), given["target_weight"], given["areas"], sigmas, **options)


def _varifocal(given: Given) -> Tensor:
    assert given.args.pop("reduction") == "sum"
    return losses.varifocal(*given.pair(), given.weight())


def _cross_entropy(given: Given) -> Tensor:
    if given.args.pop("use_sigmoid"):
        raise NotCovered("cross-entropy of probabilities instead of logits")
    return losses.binary_cross_entropy(*given.pair(), given.weight())


def _likelihood(given: Given) -> Tensor:
    flow = Flow()
    prefix = "in_state.flow_model."
    state = {name.removeprefix(prefix): value for name, value in given.tensors.items() if name.startswith(prefix)}
    flow.load_state_dict(state)
    residual, base = given.args.pop("residual"), given.args.pop("q_distribution")
    assert given.args.pop("size_average")
    return losses.residual_log_likelihood(
        given["pred"], given["sigma"], given["target"], flow.log_prob, given.weight(), base if residual else None
    )


def _semi_supervised(given: Given) -> tuple[Tensor, Tensor]:
    assert given.args.pop("warmup_iterations") == 0
    parents, pose = given.args.pop("joint_parents"), given["unlabeled_pose"]
    seen = losses.projection(pose, given["unlabeled_traj"], given["unlabeled_target_2d"], given["intrinsics"])
    bones = losses.bone(pose, given["labeled_pose"], parents)
    return seen * given.args.pop("projection_loss_weight"), bones * given.args.pop("bone_loss_weight")


# Kind of case, which ends with the name of the reference's class -> its check.
CHECKS: Mapping[str, Check] = {
    "loss/AdaptiveWingLoss": weighted(
        losses.adaptive_wing, alpha="alpha", omega="omega", epsilon="epsilon", theta="theta"
    ),
    "loss/AssociativeEmbeddingLoss": Check(_associative),
    "loss/BCELoss": Check(_cross_entropy),
    "loss/BoneLoss": Check(_bone),
    "loss/CombinedTargetMSELoss": weighted(losses.combined_target_mse),
    "loss/FocalHeatmapLoss": weighted(losses.focal_heatmap, alpha="alpha", beta="beta"),
    "loss/IoULoss": Check(_iou),
    "loss/JSDiscretLoss": Check(_js),
    "loss/KLDiscretLoss": Check(_kl),
    "loss/KeypointMSELoss": weighted(losses.heatmap_mse, skip_empty="skip_empty_channel"),
    "loss/KeypointOHKMMSELoss": Check(_ohkm),
    "loss/L1Loss": weighted(losses.l1),
    "loss/MLECCLoss": Check(_classification),
    "loss/MPJPELoss": weighted(losses.mpjpe),
    "loss/MPJPEVelocityJointLoss": Check(lambda given: losses.mpjpe_velocity(*given.pair())),
    "loss/MSELoss": weighted(losses.mse),
    "loss/OKSLoss": Check(_oks),
    "loss/RLELoss": Check(_likelihood),
    "loss/SemiSupervisionLoss": Check(_semi_supervised),
    "loss/SmoothL1Loss": weighted(losses.smooth_l1),
    "loss/SoftWeightSmoothL1Loss": weighted(losses.soft_weight_smooth_l1, beta="beta", count_unknown="supervise_empty"),
    "loss/SoftWingLoss": weighted(losses.soft_wing, straight="omega1", scale="omega2", epsilon="epsilon"),
    "loss/VariFocalLoss": Check(_varifocal),
    "loss/WingLoss": weighted(losses.wing, omega="omega", epsilon="epsilon"),
}
