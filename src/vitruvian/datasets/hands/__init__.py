"""Data sets of hands: a file for each, and the table of their readers."""

from vitruvian.datasets.dataset import Reader
from vitruvian.datasets.hands import freihand, interhand, onehand10k, panoptic, rhd

HANDS: dict[str, Reader] = {
    "freihand": freihand.READER,
    "interhand": interhand.READER,
    "onehand10k": onehand10k.READER,
    "panoptic_hand": panoptic.READER,
    "rhd": rhd.READER,
}
