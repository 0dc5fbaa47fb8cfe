"""The published hand and face recipes learn a few real images by heart."""

from dataclasses import replace
from pathlib import Path

import pytest

from vitruvian.datasets import Augmentation, Dataset, Part, everybody_of, open_dataset
from vitruvian.recipes import RECIPES
from vitruvian.structures import SKELETONS
from vitruvian.training import Check, Job, run

SAMPLES = {
    "coco_hand": ("coco/test_coco_wholebody.json", "coco_wholebody_left_hand"),
    "freihand": ("freihand/test_freihand.json", "freihand"),
    "onehand10k": ("onehand10k/test_onehand10k.json", "onehand10k"),
    "rhd": ("rhd/test_rhd.json", "rhd"),
    "aflw": ("aflw/test_aflw.json", "aflw"),
    "wflw": ("wflw/test_wflw.json", "wflw"),
}
NAMES = [name for name in RECIPES if name.startswith(tuple(SAMPLES))]
STEPS, MOST = 40, 20  # between two checks, and how many there are at most


def few(shared: Path, name: str) -> Dataset:
    """At most four people of the data set that a recipe is for."""
    prefix = next(prefix for prefix in SAMPLES if name.startswith(prefix))
    path, form = SAMPLES[prefix]
    dataset = open_dataset(shared / "realdata/mmpose_samples" / path, form)
    usable = (dataset.labels.visible > 0).any(1).nonzero()[0][:4]
    return replace(dataset, labels=dataset.labels.of_instances(usable))


def test_all_published_hand_and_face_recipes_are_tried():
    assert len(NAMES) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_published_recipe_learns_a_few_images_by_heart(shared, tmp_path, name):
    """PCK@0.2 of 1 on what it was trained on, within 800 steps of its own optimiser, rate, codec and loss. Shown
    upright and not mirrored, four at a time, for there is little time."""
    dataset = few(shared, name)
    recipe = RECIPES[name]()
    recipe = replace(
        recipe.cut_to(STEPS * MOST), augmentation=Augmentation(), milestones=(), floor=0.1, batch_size=4, average=0.0
    )
    job = Job(
        recipe,
        everybody_of([Part(dataset)], SKELETONS[dataset.skeleton.name]),
        tmp_path,
        held_out=dataset,
        score="pck_box",
        every=STEPS,
    )
    values = []
    for found in run(job):
        if isinstance(found, Check):
            values.append(found.value)
            if found.value == 1:
                break
    assert values[-1] == 1, values
