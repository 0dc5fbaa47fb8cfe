"""A whole run: from samples to a checkpoint that does its job."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.dots import DOTS, dot_samples
from vitruvian.datasets import Augmentation
from vitruvian.errors import DataError, TrainingError, UnknownNameError
from vitruvian.models import LOSSES, normalise
from vitruvian.recipes import build, load_checkpoint
from vitruvian.structures import Poses, Sample
from vitruvian.training import run


def test_a_run_leaves_a_checkpoint_that_finds_the_dots(dots, tmp_path):
    """Every one within 3 of 32 pixels, from the file alone."""
    path = tmp_path / "dots.safetensors"
    recipe = replace(dots, average=0.9)
    steps = list(run(recipe, dot_samples(), path))
    assert len(steps) == recipe.steps
    model, stored = load_checkpoint(path)
    assert stored == recipe
    images = torch.from_numpy(np.stack([sample.load() for sample in dot_samples()]))
    true = torch.from_numpy(np.concatenate([sample.poses.xy for sample in dot_samples()]))
    with torch.inference_mode():
        xy, _ = stored.codec.decode(model(normalise(images)))
    assert (xy - true).norm(dim=-1).max() < 3


def test_equal_seeds_give_equal_weights_to_the_bit_and_others_do_not(dots, tmp_path):
    """With every augmentation, on one thread, whatever was drawn before."""
    recipe = replace(dots, steps=5, augmentation=Augmentation(0.5, 30, 0.5, 1.2, 0.1, 0.2, 0.2, 0.2, 0.5))
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        list(run(replace(recipe, seed=seed), dot_samples(), tmp_path / name))
        torch.rand(7)
    one, same, other = (load_checkpoint(tmp_path / name)[0].state_dict() for name in ("one", "same", "other"))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["head.final_layer.weight"], other["head.final_layer.weight"])


def test_what_is_kept_is_the_average_and_averaging_does_not_change_the_training(dots, tmp_path):
    """Equal losses, other weights."""
    losses = {}
    for average in (0.0, 0.99):
        recipe = replace(dots, steps=6, average=average)
        losses[average] = [step.loss for step in run(recipe, dot_samples(), tmp_path / str(average))]
    assert losses[0.0] == losses[0.99]
    last, mean = (load_checkpoint(tmp_path / str(average))[0].state_dict() for average in (0.0, 0.99))
    assert not torch.equal(last["head.final_layer.weight"], mean["head.final_layer.weight"])


def test_a_checkpoint_is_written_every_so_many_steps_and_at_the_end(dots, tmp_path):
    """Every 2 of 5 steps: after 2, 4 and 5; each has counted its batches."""
    path = tmp_path / "a.safetensors"
    counted = []
    for _ in run(replace(dots, steps=5), dot_samples(), path, save_every=2):
        counted.append(load_checkpoint(path)[0].backbone[1].num_batches_tracked.item() if path.exists() else 0)
    assert counted == [0, 2, 2, 4, 5]


def test_a_run_that_is_stopped_keeps_what_was_trained(dots, tmp_path):
    """Stopped after 3 steps, between the saves after 2 and 4."""
    path = tmp_path / "a.safetensors"
    steps = run(dots, dot_samples(), path, save_every=2)
    assert len(list(itertools.islice(steps, 3))) == 3
    assert load_checkpoint(path)[0].backbone[1].num_batches_tracked == 2
    steps.close()
    assert load_checkpoint(path)[0].backbone[1].num_batches_tracked == 3


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_weights_before_it(dots, tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    losses = iter([1.0, 1.0, float("nan")])
    monkeypatch.setitem(LOSSES, dots.loss, lambda output, target, weight: output.sum() * 0 + next(losses))
    with pytest.raises(TrainingError, match=r"^the loss of step 3 is nan; lower the learning rate"):
        list(run(dots, dot_samples(), path))
    kept = load_checkpoint(path)[0]
    assert kept.backbone[1].num_batches_tracked == 2
    assert all(value.isfinite().all() for value in kept.state_dict().values())


def test_training_starts_from_the_weights_of_the_seed(dots, tmp_path):
    """At a learning rate of nearly nothing, without decay, they are what `build` gives."""
    recipe = replace(dots, steps=1, learning_rate=1e-30, weight_decay=0.0, seed=11)
    list(run(recipe, dot_samples(), tmp_path / "a"))
    torch.manual_seed(11)
    expected = dict(build(recipe).named_parameters())
    for name, value in load_checkpoint(tmp_path / "a")[0].named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-6, atol=1e-7)


def test_every_image_is_decoded_once(dots, tmp_path):
    decoded = []

    def _counting(sample: Sample) -> Sample:
        return Sample(sample.name, lambda: decoded.append(sample.name) or sample.load(), sample.poses)

    list(run(replace(dots, steps=8), [_counting(sample) for sample in dot_samples(3)], tmp_path / "a"))
    assert sorted(decoded) == ["0.png", "1.png", "2.png"]


def test_samples_without_anybody_are_refused(dots, tmp_path):
    empty = [Sample(name, lambda: np.zeros((9, 9, 3), np.uint8), Poses.nobody(len(DOTS))) for name in "ab"]
    sentence = "none of the 2 samples shows a labelled person; nothing to train on"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        next(run(dots, empty, tmp_path / "a"))


def test_samples_of_another_skeleton_are_refused_before_they_are_decoded(dots, tmp_path):
    def _load() -> np.ndarray:
        raise AssertionError("decoded")

    sentence = "c.png has 5 keypoints, the recipe's skeleton dots2 has 2; train with the skeleton of the data"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        next(run(dots, [Sample("c.png", _load, Poses.nobody(5))], tmp_path / "a"))


def test_a_recipe_with_an_unknown_skeleton_is_refused(dots, tmp_path):
    with pytest.raises(UnknownNameError, match=r'^unknown skeleton "dots3"; known: .* Did you mean dots2'):
        next(run(replace(dots, skeleton="dots3"), dot_samples(), tmp_path / "a"))


def test_a_checkpoint_that_cannot_be_written_stops_the_run(dots, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r": cannot be written \(.*\); choose another place$"):
        list(run(replace(dots, steps=1), dot_samples(), tmp_path / "file" / "a.safetensors"))
