"""Data sets of animals: a file for each, and the table of their readers."""

from vitruvian.datasets.animals import animalpose, ap10k, horse10, macaque
from vitruvian.datasets.dataset import Reader

ANIMALS: dict[str, Reader] = {
    "animalpose": animalpose.READER,
    "ap10k": ap10k.READER,
    "horse10": horse10.READER,
    "macaque": macaque.READER,
}
