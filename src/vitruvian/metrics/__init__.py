"""Pure functions from predictions and labels to numbers."""

from vitruvian.metrics.auc import auc, under_thresholds
from vitruvian.metrics.clips import clips
from vitruvian.metrics.conformal import conformal_quantile
from vitruvian.metrics.epe import epe
from vitruvian.metrics.error_types import MENDABLE, ErrorKind, Errors, error_types, mended, mended_tallies
from vitruvian.metrics.isotonic import isotonic
from vitruvian.metrics.jhmdb import jhmdb_pck
from vitruvian.metrics.mota import mota
from vitruvian.metrics.multilabel import multilabel_accuracy
from vitruvian.metrics.nme import (
    keypoint_scale,
    nme,
    nme_between,
    nme_box,
    nme_cofw,
    nme_eyes,
    nme_item,
    nme_lapa,
    nme_pupils,
    nme_wflw,
)
from vitruvian.metrics.nms import box_nms, keep_in_images, likeness, nearby_joints_nms, oks_nms, rescore, soft_oks_nms
from vitruvian.metrics.oks import keypoint_similarity, oks
from vitruvian.metrics.oks_ap import OksTally, oks_ap
from vitruvian.metrics.oks_parts import (
    BOX_SHARE,
    CrowdTally,
    PartsTally,
    oks_ap_crowdpose,
    oks_ap_joints,
    oks_ap_wholebody,
)
from vitruvian.metrics.one_by_one import one_by_one, one_by_one_3d
from vitruvian.metrics.pck import box_scale, distances, pck, pck_box, pck_torso, torso_diagonals, torso_scale
from vitruvian.metrics.pckh import head_scale, pckh
from vitruvian.metrics.per_image import MeanTally
from vitruvian.metrics.posetrack import JointPrecisions, posetrack_ap
from vitruvian.metrics.reliability import ScoreGroups, reliability, score_groups
from vitruvian.metrics.table import SCORES, Score, score
from vitruvian.metrics.tally import Estimate, Tally, bootstrap, paired
from vitruvian.metrics.three_d import aligned, auc_3d, distances_3d, mpjpe, mpjve, n_mpjpe, p_mpjpe, pck_3d, scaled

__all__ = [
    "BOX_SHARE",
    "MENDABLE",
    "SCORES",
    "CrowdTally",
    "ErrorKind",
    "Errors",
    "Estimate",
    "JointPrecisions",
    "MeanTally",
    "OksTally",
    "PartsTally",
    "Score",
    "ScoreGroups",
    "Tally",
    "aligned",
    "auc",
    "auc_3d",
    "bootstrap",
    "box_nms",
    "box_scale",
    "clips",
    "conformal_quantile",
    "distances",
    "distances_3d",
    "epe",
    "error_types",
    "head_scale",
    "isotonic",
    "jhmdb_pck",
    "keep_in_images",
    "keypoint_scale",
    "keypoint_similarity",
    "likeness",
    "mended",
    "mended_tallies",
    "mota",
    "mpjpe",
    "mpjve",
    "multilabel_accuracy",
    "n_mpjpe",
    "nearby_joints_nms",
    "nme",
    "nme_between",
    "nme_box",
    "nme_cofw",
    "nme_eyes",
    "nme_item",
    "nme_lapa",
    "nme_pupils",
    "nme_wflw",
    "oks",
    "oks_ap",
    "oks_ap_crowdpose",
    "oks_ap_joints",
    "oks_ap_wholebody",
    "oks_nms",
    "one_by_one",
    "one_by_one_3d",
    "p_mpjpe",
    "paired",
    "pck",
    "pck_3d",
    "pck_box",
    "pck_torso",
    "pckh",
    "posetrack_ap",
    "reliability",
    "rescore",
    "scaled",
    "score",
    "score_groups",
    "soft_oks_nms",
    "torso_diagonals",
    "torso_scale",
    "under_thresholds",
]
