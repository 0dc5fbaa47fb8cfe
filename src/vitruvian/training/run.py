"""A whole training run: from a recipe and samples to a checkpoint."""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from vitruvian.datasets import CropSettings, in_memory, people, random_batches
from vitruvian.errors import DataError
from vitruvian.recipes import Recipe, build, save_checkpoint
from vitruvian.structures import Sample, skeleton
from vitruvian.training.loop import Step, train


def run(recipe: Recipe, samples: Sequence[Sample], checkpoint: Path, save_every: int = 500) -> Iterator[Step]:
    """Train the recipe's model from scratch; yields every step, writes the averaged weights on the way and at the end.

    Whoever stops early keeps what was trained: the weights are written when the generator is closed, too. The images
    are decoded once and kept in memory.

    Raises DataError when the samples show nobody, or people of another skeleton than the recipe's, TrainingError when
    the loss is not finite any more.
    """
    keypoints = len(skeleton(recipe.skeleton))
    for sample in samples:
        if sample.poses.xy.shape[1] != keypoints:
            raise DataError(
                f"{sample.name} has {sample.poses.xy.shape[1]} keypoints, the recipe's skeleton {recipe.skeleton} has "
                f"{keypoints}; train with the skeleton of the data"
            )
    everybody = people(in_memory(samples))
    if not everybody:
        raise DataError(f"none of the {len(samples)} samples shows a labelled person; nothing to train on")
    torch.manual_seed(recipe.seed)
    model = build(recipe)
    average = copy.deepcopy(model).eval()
    settings = CropSettings(recipe.codec.input_size, recipe.padding, recipe.codec.convention, recipe.augmentation)
    batches = random_batches(everybody, skeleton(recipe.skeleton), settings, recipe.batch_size, recipe.seed)
    steps = recipe.steps_for(len(everybody))
    done = saved = 0
    try:
        for step in train(model, average, batches, recipe, steps):
            done = step.number
            if done % save_every == 0 or done == steps:
                save_checkpoint(checkpoint, average, recipe)
                saved = done
            yield step
    finally:
        if done > saved:
            save_checkpoint(checkpoint, average, recipe)
