"""The table of scores. To add one: a function in the file of its subject, and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from vitruvian.errors import UnknownNameError
from vitruvian.metrics.auc import auc
from vitruvian.metrics.epe import epe
from vitruvian.metrics.jhmdb import jhmdb_pck
from vitruvian.metrics.mota import mota
from vitruvian.metrics.nme import nme_box, nme_cofw, nme_eyes, nme_lapa, nme_pupils, nme_wflw
from vitruvian.metrics.oks_ap import oks_ap
from vitruvian.metrics.oks_parts import oks_ap_crowdpose, oks_ap_joints, oks_ap_wholebody
from vitruvian.metrics.pck import pck_box, pck_torso
from vitruvian.metrics.pckh import pckh
from vitruvian.metrics.posetrack import posetrack_ap
from vitruvian.metrics.tally import Tally
from vitruvian.metrics.three_d import auc_3d, mpjpe, mpjve, n_mpjpe, p_mpjpe, pck_3d
from vitruvian.structures import Labels, Predictions, Skeleton


@dataclass(frozen=True)
class Score:
    """A way to score predictions; an entry of the table of scores.

    name:             its key in the table.
    tally:            labels, predictions, skeleton -> the tally; the first of its values is the number to quote.
    about:            what it says, in a sentence.
    higher_is_better: whether its numbers grow with quality.
    source:           where it is defined.
    one_by_one:       whether it compares label by label, so that predictions must say which label each is for.
    """

    name: str
    tally: Callable[[Labels, Predictions, Skeleton], Tally]
    about: str
    higher_is_better: bool
    source: str
    one_by_one: bool = True


COCO = "https://cocodataset.org/#keypoints-eval"
WHOLE_BODY = 'Jin et al., "Whole-Body Human Pose Estimation in the Wild", 2020'
CROWDPOSE = 'Li et al., "CrowdPose: Efficient Crowded Scenes Pose Estimation and A New Benchmark", 2019'
PCK = 'Yang and Ramanan, "Articulated human detection with flexible mixtures of parts", 2013'
MPII = 'Andriluka et al., "2D Human Pose Estimation: New Benchmark and State of the Art Analysis", 2014'
JHMDB = 'Jhuang et al., "Towards understanding action recognition", 2013'
HANDS = 'Zimmermann and Brox, "Learning to Estimate 3D Hand Pose from Single RGB Images", 2017'
FACES = 'Sagonas et al., "300 Faces in-the-Wild Challenge", 2013'
WFLW = 'Wu et al., "Look at Boundary: A Boundary-Aware Face Alignment Algorithm", 2018'
COFW = 'Burgos-Artizzu et al., "Robust Face Landmark Estimation Under Occlusion", 2013'
LAPA = 'Liu et al., "A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing", 2020'
HUMAN36M = 'Ionescu et al., "Human3.6M: Large Scale Datasets and Predictive Methods for 3D Human Sensing", 2014'
N_MPJPE = 'Rhodin et al., "Unsupervised Geometry-Aware Representation for 3D Human Pose Estimation", 2018'
MPJVE = 'Pavllo et al., "3D human pose estimation in video with temporal convolutions", 2019'
MPI_INF_3DHP = 'Mehta et al., "Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision", 2017'
POSETRACK = 'Andriluka et al., "PoseTrack: A Benchmark for Human Pose Estimation and Tracking", 2018'

_SCORES = (
    Score("oks_ap", oks_ap, "AP and AR over ten OKS thresholds, as COCO scores bodies.", True, COCO, False),
    Score("oks_ap_joints", oks_ap_joints, "AP and AR of each keypoint by itself.", True, COCO, False),
    Score(
        "oks_ap_wholebody",
        oks_ap_wholebody,
        "AP and AR of body, feet, face, each hand and all 133 keypoints.",
        True,
        WHOLE_BODY,
        False,
    ),
    Score(
        "oks_ap_crowdpose",
        oks_ap_crowdpose,
        "AP and AR as CrowdPose scores them, also of easy, medium and hard crowds.",
        True,
        CROWDPOSE,
        False,
    ),
    Score("pck_box", pck_box, "The share of keypoints within 0.2 of the longer side of the box.", True, PCK),
    Score("pck_torso", pck_torso, "The share of keypoints within 0.2 of the torso's diagonal.", True, PCK),
    Score("pckh", pckh, "The share of keypoints within 0.5, and 0.1, of the size of the head.", True, MPII),
    Score("jhmdb_pck", jhmdb_pck, "The share within 0.2 of the box, and of the torso, mean of joints.", True, JHMDB),
    Score("auc", auc, "The area under the curve of PCK up to 30 pixels.", True, HANDS),
    Score("epe", epe, "The mean distance from label to prediction in pixels.", False, HANDS),
    Score("nme_box", nme_box, "The mean distance in units of the size of the box.", False, FACES),
    Score("nme_eyes", nme_eyes, "The mean distance by the outer eye corners of 68 points.", False, FACES),
    Score("nme_pupils", nme_pupils, "The mean distance by the pupils of 68 points.", False, FACES),
    Score("nme_wflw", nme_wflw, "The mean distance by the outer eye corners of 98 points, by subset.", False, WFLW),
    Score("nme_cofw", nme_cofw, "The mean distance by keypoints 8 and 9 of 29 points.", False, COFW),
    Score("nme_lapa", nme_lapa, "The mean distance by the outer eye corners of 106 points.", False, LAPA),
    Score("mpjpe", mpjpe, "The mean distance in mm, poses relative to their root.", False, HUMAN36M),
    Score("p_mpjpe", p_mpjpe, "The mean distance in mm, each pose turned, scaled and moved to fit.", False, HUMAN36M),
    Score("n_mpjpe", n_mpjpe, "The mean distance in mm, each pose scaled to fit.", False, N_MPJPE),
    Score("mpjve", mpjve, "The mean error of the joints' velocities in mm per frame.", False, MPJVE),
    Score("pck_3d", pck_3d, "The share of keypoints within 150 mm.", True, MPI_INF_3DHP),
    Score("auc_3d", auc_3d, "The area under the curve of 3D PCK up to 150 mm.", True, MPI_INF_3DHP),
    Score("posetrack_ap", posetrack_ap, "AP of every joint after matching people by PCKh.", True, POSETRACK, False),
    Score("mota", mota, "MOTA of every joint, which misses, false alarms and switches lower.", True, POSETRACK, False),
)

SCORES: dict[str, Score] = {score.name: score for score in _SCORES}


def score(name: str) -> Score:
    """A score of the table. Raises UnknownNameError, with the nearest names, for an unknown one."""
    if name not in SCORES:
        raise UnknownNameError("score", name, SCORES)
    return SCORES[name]
