"""Skeletons of hands.

A finger's joints count from the palm: 1 at the knuckle (for the thumb: at its base), 4 at the tip. A hand alone does
not say which hand it is, and mirroring changes no index: the mirror image of a right hand is a left hand.
"""

from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.chains import Limbs, chains

FINGERS = ("thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger")

HAND_SIGMAS = (
    0.029,  # wrist
    0.022, 0.035, 0.037, 0.047,  # thumb
    0.026, 0.025, 0.024, 0.035,  # forefinger
    0.018, 0.024, 0.022, 0.026,  # middle finger
    0.017, 0.021, 0.021, 0.032,  # ring finger
    0.020, 0.019, 0.022, 0.031,  # pinky finger
)  # fmt: skip
"""OKS sigmas of the wrist and of joints 1 to 4 of each finger, as COCO-WholeBody publishes them."""


def finger_names(side: str = "", tip_first: bool = False) -> tuple[str, ...]:
    """The 20 finger joints, thumb to pinky, from the palm to the tip or the other way; `side` as in "left_"."""
    joints = (4, 3, 2, 1) if tip_first else (1, 2, 3, 4)
    return tuple(f"{side}{finger}{joint}" for finger in FINGERS for joint in joints)


def hand_limbs(root: str, side: str = "") -> Limbs:
    """20 limbs: each finger as a line that starts at the keypoint `root`."""
    return chains(*(" ".join((root, *(f"{side}{finger}{joint}" for joint in range(1, 5)))) for finger in FINGERS))


def _tip_first(per_joint: tuple[float, ...]) -> tuple[float, ...]:
    """20 values ordered from the palm to the tips -> the same, from the tips to the palm."""
    return tuple(value for finger in range(0, 20, 4) for value in reversed(per_joint[finger : finger + 4]))


HAND21 = Skeleton.define("hand21", ("wrist", *finger_names()), limbs=hand_limbs("wrist"), sigmas=HAND_SIGMAS)
"""The order most hand data sets share.

COCO-WholeBody hands ("Whole-Body Human Pose Estimation in the Wild", https://github.com/jin-s13/COCO-WholeBody/),
OneHand10K ("Mask-pose cascaded CNN for 2D hand pose estimation from single color image",
https://www.yangangwang.com/papers/WANG-MCC-2018-10.html), FreiHAND (https://lmb.informatik.uni-freiburg.de/projects/freihand/)
and CMU Panoptic hands ("Hand keypoint detection in single images using multiview bootstrapping",
http://domedb.perception.cs.cmu.edu/handdb.html). Sigmas: COCO-WholeBody; the others publish none.
"""

RHD21 = Skeleton.define(
    "rhd21",
    ("wrist", *finger_names(tip_first=True)),
    limbs=hand_limbs("wrist"),
    sigmas=(HAND_SIGMAS[0], *_tip_first(HAND_SIGMAS[1:])),
)
"""Rendered Handpose Dataset: the wrist, then each finger from its tip.

"Learning to Estimate 3D Hand Pose from Single RGB Images",
https://lmb.informatik.uni-freiburg.de/resources/datasets/RenderedHandposeDataset.en.html.
No sigmas are published; these are COCO-WholeBody's of the same joints.
"""

INTERHAND21 = Skeleton.define(
    "interhand21",
    (*finger_names(tip_first=True), "wrist"),
    limbs=hand_limbs("wrist"),
    sigmas=(*_tip_first(HAND_SIGMAS[1:]), HAND_SIGMAS[0]),
)
"""InterHand2.6M, one hand: each finger from its tip, then the wrist.

"InterHand2.6M: A dataset and baseline for 3D interacting hand pose estimation from a single RGB image",
https://mks0601.github.io/InterHand2.6M/. No sigmas are published; these are COCO-WholeBody's of the same joints.
"""

INTERHAND42 = Skeleton.define(
    "interhand42",
    tuple(f"{side}_{name}" for side in ("right", "left") for name in INTERHAND21.names),
    limbs=hand_limbs("right_wrist", "right_") + hand_limbs("left_wrist", "left_"),
    sigmas=INTERHAND21.sigmas * 2,
)
"""InterHand2.6M, both hands: the right one, then the left one, each as in `INTERHAND21`."""
