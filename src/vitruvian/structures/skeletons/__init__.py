"""The table of skeletons.

To add one: a constant in the file of its subject, with its source in the text below it, and its name here.
"""

from vitruvian.errors import UnknownNameError
from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.animal import ANIMALPOSE20, AP10K17, HORSE22
from vitruvian.structures.skeletons.body import (
    AIC14,
    COCO17,
    COCO_AIC19,
    CROWDPOSE14,
    EXLPOSE14,
    H36M17,
    HALPE26,
    HUMANART21,
    JHMDB15,
    LSP14,
    MPI_INF_3DHP17,
    MPII16,
    PANOPTIC19,
    POSETRACK17,
)
from vitruvian.structures.skeletons.face import AFLW19, COFW29, FACE68, LAPA106, WFLW98
from vitruvian.structures.skeletons.hand import HAND21, INTERHAND21, INTERHAND42, RHD21
from vitruvian.structures.skeletons.whole_body import COCO_WHOLEBODY133, FOOT6, HALPE136

BODIES = (
    COCO17, COCO_AIC19, HUMANART21, HALPE26, CROWDPOSE14, EXLPOSE14, POSETRACK17, MPII16, LSP14, AIC14, JHMDB15,
    H36M17, MPI_INF_3DHP17, PANOPTIC19,
)  # fmt: skip
WHOLE_BODIES = (COCO_WHOLEBODY133, HALPE136, FOOT6)
HANDS = (HAND21, RHD21, INTERHAND21, INTERHAND42)
FACES = (FACE68, WFLW98, LAPA106, AFLW19, COFW29)
ANIMALS = (AP10K17, ANIMALPOSE20, HORSE22)

SKELETONS: dict[str, Skeleton] = {one.name: one for one in BODIES + WHOLE_BODIES + HANDS + FACES + ANIMALS}


def skeleton(name: str) -> Skeleton:
    """A skeleton of the table. Raises UnknownNameError, with the nearest names, for an unknown one."""
    if name not in SKELETONS:
        raise UnknownNameError("skeleton", name, SKELETONS)
    return SKELETONS[name]
