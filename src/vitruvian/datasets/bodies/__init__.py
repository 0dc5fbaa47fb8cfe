"""Published data sets of human bodies in 2D."""

from vitruvian.datasets.bodies import (
    aic,
    coco,
    coco_wholebody,
    crowdpose,
    exlpose,
    halpe,
    human_art,
    jhmdb,
    lsp,
    mpii,
    ochuman,
    posetrack18,
)
from vitruvian.datasets.dataset import Reader

BODIES: dict[str, Reader] = {
    "coco": coco.READER,
    "coco_wholebody": coco_wholebody.READER,
    **coco_wholebody.PART_READERS,
    "mpii": mpii.READER,
    "crowdpose": crowdpose.READER,
    "aic": aic.READER,
    "ochuman": ochuman.READER,
    "human_art": human_art.READER,
    "human_art21": human_art.READER21,
    "halpe": halpe.READER,
    "halpe26": halpe.READER26,
    "jhmdb": jhmdb.READER,
    "exlpose": exlpose.READER,
    "posetrack18": posetrack18.READER,
    "lsp": lsp.READER,
    "lsp_extended": lsp.READER_EXTENDED,
}

__all__ = ["BODIES"]
