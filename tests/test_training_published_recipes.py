"""The published hand and face recipes learn a few real images by heart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vitruvian.datasets import Augmentation, Dataset, Part, everybody_of, open_dataset
from vitruvian.geometry import Crop
from vitruvian.recipes import RECIPES, Recipe
from vitruvian.structures import SKELETONS, Labels
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
STEPS, MOST = 40, 10  # between two checks, and how many there are at most


def few(shared: Path, name: str, recipe: Recipe) -> Dataset:
    """At most four people of the data set that a recipe is for, all of whose points its maps can show: of a face at the
    lower edge of a photo of WFLW, the chin is labelled outside."""
    prefix = next(prefix for prefix in SAMPLES if name.startswith(prefix))
    path, form = SAMPLES[prefix]
    dataset = open_dataset(shared / "realdata/mmpose_samples" / path, form)
    usable = [row for row, known in enumerate((dataset.labels.visible > 0).any(1)) if known]
    shown = [row for row in usable if _shown(dataset.labels, row, recipe)]
    return replace(dataset, labels=dataset.labels.of_instances(np.array(shown[:4])))


def _shown(labels: Labels, row: int, recipe: Recipe) -> bool:
    size = recipe.codec.input_size
    xy = Crop.around(labels.boxes[row], size, recipe.padding, recipe.codec.convention).to_input(labels.xy[row])
    xy = xy[np.isfinite(xy).all(1)]
    return bool(((xy >= 0) & (xy <= np.array(size) - 1)).all())


def test_all_published_hand_and_face_recipes_are_tried():
    assert len(NAMES) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_published_recipe_learns_a_few_images_by_heart(shared, tmp_path, name):
    """PCK@0.2 of 1 on what it was trained on, within 400 steps of its own optimiser, rate, codec and loss. Shown
    upright and not mirrored, four at a time, for there is little time."""
    recipe = RECIPES[name]()
    dataset = few(shared, name, recipe)
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
