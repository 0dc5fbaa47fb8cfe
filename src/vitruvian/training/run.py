"""A whole training run: from a recipe and samples to a checkpoint, and on from where it was stopped."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from vitruvian.datasets import CropBatches, CropSettings, in_memory, people
from vitruvian.errors import DataError
from vitruvian.recipes import Recipe, build, save_checkpoint
from vitruvian.structures import Sample, skeleton
from vitruvian.training.loop import Run, Step, train
from vitruvian.training.state import fingerprint, load_state, save_state


def run(
    recipe: Recipe, samples: Sequence[Sample], checkpoint: Path, save_every: int = 500, resume: bool = False
) -> Iterator[Step]:
    """Train the recipe's model; yields every step, writes the averaged weights on the way and at the end.

    Beside the checkpoint lies the state of the run, `state_file`. With `resume`, the run goes on from it, to the same
    bits as if it had never stopped; without it, training is from scratch. Whoever stops early keeps what was trained:
    both files are written when the generator is closed, too. The images are decoded once and kept in memory.

    Raises DataError when the samples show nobody, or people of another skeleton than the recipe's, TrainingError when
    the loss is not finite any more, and what `load_state` raises.
    """
    keypoints = len(skeleton(recipe.skeleton))
    for sample in samples:
        if sample.poses.xy.shape[1] != keypoints:
            raise DataError(
                f"{sample.name} has {sample.poses.xy.shape[1]} keypoints, the recipe's skeleton {recipe.skeleton} has "
                f"{keypoints}; train with the skeleton of the data"
            )
    kept = in_memory(samples)
    everybody = people(kept)
    if not everybody:
        raise DataError(f"none of the {len(samples)} samples shows a labelled person; nothing to train on")
    data = fingerprint(kept)
    torch.manual_seed(recipe.seed)
    current = Run.begin(build(recipe), recipe)
    if resume:
        load_state(state_file(checkpoint), current, recipe, data)
    settings = CropSettings(recipe.codec.input_size, recipe.padding, recipe.codec.convention, recipe.augmentation)
    batches = CropBatches(everybody, skeleton(recipe.skeleton), settings, recipe.batch_size, recipe.seed)
    steps = recipe.steps_for(len(everybody))
    saved = current.done
    try:
        for step in train(current, (batches[number] for number in range(current.done, steps)), recipe, steps):
            if step.number % save_every == 0 or step.number == steps:
                saved = _save(current, recipe, checkpoint, data)
            yield step
    finally:
        if current.done > saved:
            _save(current, recipe, checkpoint, data)


def state_file(checkpoint: Path) -> Path:
    """Where the state of a run lies: "runs/model.safetensors" -> "runs/model.state.safetensors"."""
    return checkpoint.with_name(f"{checkpoint.stem}.state{checkpoint.suffix}")


def _save(current: Run, recipe: Recipe, checkpoint: Path, data: str) -> int:
    """Write both files. Returns how many steps they are of."""
    save_checkpoint(checkpoint, current.average, recipe)
    save_state(state_file(checkpoint), current, recipe, data)
    return current.done
