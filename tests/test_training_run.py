"""A whole run: from labelled pictures to a checkpoint that does its job."""

import itertools
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.dots import DOTS, dot_data, dot_pictures
from vitruvian.datasets import Augmentation, Dataset, Part, everybody_of
from vitruvian.errors import DataError, NotFiniteError, RecipeError, UnknownNameError, WeightsError
from vitruvian.models import LOSSES, normalise
from vitruvian.recipes import Recipe, build, load_checkpoint, save_checkpoint
from vitruvian.structures import Skeleton
from vitruvian.training import BEST, LAST, STATE, Check, Job, Step, run
from vitruvian.training.hardware import Team
from vitruvian.training.run import _begin


def job(recipe: Recipe, out: Path, data: Dataset | None = None, **settings: object) -> Job:
    """To train a recipe on the dots."""
    dataset = dot_data(out.parent / "pictures") if data is None else data
    return Job(recipe, everybody_of([Part(dataset)], dataset.skeleton), out, **settings)


def _batches(path: Path) -> int:
    """How many batches the norms of a checkpoint have seen."""
    return int(load_checkpoint(path)[0].backbone[1].num_batches_tracked.item())


def test_a_run_leaves_a_checkpoint_that_finds_the_dots(dots, tmp_path):
    """Every one within 3 of 32 pixels, from the file alone."""
    recipe = replace(dots, average=0.9)
    steps = list(run(job(recipe, tmp_path / "run")))
    assert len(steps) == recipe.steps
    model, stored = load_checkpoint(tmp_path / "run" / BEST)
    assert stored == recipe
    images, true = map(torch.from_numpy, dot_pictures())
    with torch.inference_mode():
        xy, _ = stored.codec.decode(model(normalise(images)))
    assert (xy - true).norm(dim=-1).max() < 3


def test_a_skeleton_of_ones_own_is_stored_with_the_weights(dots, tmp_path):
    own = Skeleton("mine", ("left_dot", "right_dot"), ((0, 1),), (1, 0), (0.1, 0.2))
    dataset = replace(dot_data(tmp_path / "pictures"), skeleton=own)
    list(run(job(replace(dots, skeleton=own, steps=2), tmp_path / "run", dataset)))
    assert load_checkpoint(tmp_path / "run" / BEST)[1].joints == own


def test_equal_seeds_give_equal_weights_to_the_bit_and_others_do_not(dots, tmp_path):
    """With every augmentation, on one thread, whatever was drawn before."""
    recipe = replace(dots, steps=5, augmentation=Augmentation(0.5, 30, 0.5, 1.2, 0.1, 0.2, 0.2, 0.2, 0.5))
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        list(run(job(replace(recipe, seed=seed), tmp_path / name)))
        torch.rand(7)
    one, same, other = (load_checkpoint(tmp_path / name / BEST)[0].state_dict() for name in ("one", "same", "other"))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["head.final_layer.weight"], other["head.final_layer.weight"])


def test_what_is_kept_is_the_average_and_averaging_does_not_change_the_training(dots, tmp_path):
    """Equal losses, other weights."""
    losses = {}
    for average in (0.0, 0.99):
        recipe = replace(dots, steps=6, average=average)
        losses[average] = [step.loss for step in run(job(recipe, tmp_path / str(average)))]
    assert losses[0.0] == losses[0.99]
    last, mean = (load_checkpoint(tmp_path / str(average) / BEST)[0].state_dict() for average in (0.0, 0.99))
    assert not torch.equal(last["head.final_layer.weight"], mean["head.final_layer.weight"])


def test_a_checkpoint_is_written_every_so_many_steps_and_at_the_end(dots, tmp_path):
    """Every 2 of 5 steps: after 2, 4 and 5; each has counted its batches, and is there when the next step is told."""
    path = tmp_path / "run" / LAST
    counted = [_batches(path) if path.exists() else 0 for _ in run(job(replace(dots, steps=5), path.parent, every=2))]
    assert counted == [0, 0, 2, 2, 4]
    assert _batches(path) == 5


def test_a_run_that_is_stopped_keeps_what_was_trained(dots, tmp_path):
    """Stopped after 3 steps, between the saves after 2 and 4; the best of a run is not known before its end."""
    path = tmp_path / "run" / LAST
    steps = run(job(dots, path.parent, every=2))
    assert len(list(itertools.islice(steps, 3))) == 3
    assert _batches(path) == 2
    steps.close()
    assert _batches(path) == 3
    assert not (path.parent / BEST).exists()


def test_the_best_checkpoint_is_that_of_the_best_check(dots, tmp_path):
    """Checks every 20 of 60 steps; the file holds what the best of them saw, and each says whether it was the best."""
    held_out = dot_data(tmp_path / "held_out", 20)
    found = list(run(job(dots, tmp_path / "run", held_out=held_out, score="epe", every=20)))
    checks = [one for one in found if isinstance(one, Check)]
    assert [check.number for check in checks] == [20, 40, 60]
    values = [check.value for check in checks]
    assert [check.best for check in checks] == [value == min(values[: n + 1]) for n, value in enumerate(values)]
    assert _batches(tmp_path / "run" / BEST) == checks[int(np.argmin(values))].number
    assert checks[0].score == "epe"


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_weights_before_it(dots, tmp_path, monkeypatch):
    losses = iter([1.0, 1.0, float("nan")])
    monkeypatch.setitem(LOSSES, dots.loss, lambda output, target, weight: output.sum() * 0 + next(losses))
    batch = tmp_path / "run" / "not_finite_step_3.npz"
    sentence = (
        rf"^the loss of step 3 is nan; lower the learning rate, now .*\. The batch is in {re.escape(str(batch))}$"
    )
    with pytest.raises(NotFiniteError, match=sentence):
        list(run(job(dots, tmp_path / "run")))
    kept = load_checkpoint(tmp_path / "run" / LAST)[0]
    assert kept.backbone[1].num_batches_tracked == 2
    assert all(value.isfinite().all() for value in kept.state_dict().values())
    with np.load(batch) as arrays:
        assert arrays["image"].shape == (4, 32, 32, 3)
        assert arrays["xy"].shape == (4, 2, 2)


def test_training_starts_from_the_weights_of_the_seed(dots, tmp_path):
    """At a learning rate of nearly nothing, without decay, they are what `build` gives."""
    recipe = replace(dots, steps=1, learning_rate=1e-30, weight_decay=0.0, seed=11)
    list(run(job(recipe, tmp_path / "run")))
    torch.manual_seed(11)
    expected = dict(build(recipe).named_parameters())
    for name, value in load_checkpoint(tmp_path / "run" / BEST)[0].named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-6, atol=1e-7)


def test_training_starts_from_a_checkpoint(dots, tmp_path):
    recipe = replace(dots, steps=1, learning_rate=1e-30, weight_decay=0.0)
    torch.manual_seed(5)
    model = build(recipe)
    save_checkpoint(tmp_path / "start.safetensors", model, recipe)
    list(run(job(recipe, tmp_path / "run", start=tmp_path / "start.safetensors")))
    for name, value in load_checkpoint(tmp_path / "run" / BEST)[0].named_parameters():
        torch.testing.assert_close(value, model.get_parameter(name), rtol=1e-6, atol=1e-7)
    (tmp_path / "other").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="other is not a readable safetensors file"):
        next(run(job(recipe, tmp_path / "run", start=tmp_path / "other")))


def test_an_image_that_cannot_be_read_stops_nothing_and_is_told(dots, tmp_path):
    """11 of 12 pictures are shown; a check leaves the one out."""
    data = dot_data(tmp_path / "pictures")
    (tmp_path / "pictures" / "3.png").write_bytes(b"\x89PNG cut short")
    found = list(run(job(dots, tmp_path / "run", data, held_out=data, score="epe", every=60)))
    steps = [one for one in found if isinstance(one, Step)]
    assert len(steps) == 60
    notes = [note for step in steps for note in step.notes]
    assert len(notes) == 1
    assert "3.png" in notes[0]
    assert found[-1].bad_images == 1


def test_people_of_another_skeleton_are_refused(dots, tmp_path):
    other = Skeleton.define("cats2", ["left_ear", "right_ear"])
    data = replace(dot_data(tmp_path / "pictures"), skeleton=other)
    sentence = "the people have the skeleton cats2, the recipe dots2; train with the skeleton of the data"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        next(run(job(dots, tmp_path / "run", data)))


def test_a_recipe_with_an_unknown_skeleton_is_refused(dots, tmp_path):
    with pytest.raises(UnknownNameError, match=r'^unknown skeleton "dots3"; known: .* Did you mean dots2'):
        next(run(job(replace(dots, skeleton="dots3"), tmp_path / "run")))


def test_a_folder_that_cannot_be_made_stops_the_run(dots, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file"):
        list(run(job(replace(dots, steps=1), tmp_path / "file" / "run", dot_data(tmp_path / "pictures"))))


def test_the_names_of_the_files():
    assert (BEST, LAST, STATE) == ("best.safetensors", "last.safetensors", "state.safetensors")
    assert len(DOTS) == 2


def test_batches_that_cannot_be_shared_are_refused(dots, tmp_path):
    sentence = "5 processes cannot share batches of 4; start fewer, or make the batch_size at least 5"
    with pytest.raises(RecipeError, match=f"^{sentence}$"):
        _begin(job(dots, tmp_path / "run"), Team(0, 5, torch.device("cpu")))


def test_a_save_that_was_interrupted_is_made_at_the_end(dots, tmp_path, monkeypatch):
    """Ctrl-C while the state after step 2 is written; it is there all the same, and so is the check that was made."""
    calls, module = itertools.count(), sys.modules[run.__module__]
    saved = module.save_state

    def interrupted(*given: object) -> None:
        if next(calls) == 0:
            raise KeyboardInterrupt
        saved(*given)

    monkeypatch.setattr(module, "save_state", interrupted)
    held_out = dot_data(tmp_path / "held_out")
    with pytest.raises(KeyboardInterrupt):
        list(run(job(dots, tmp_path / "run", held_out=held_out, score="epe", every=2)))
    rest = run(job(dots, tmp_path / "run", held_out=held_out, score="epe", every=2), resume=True)
    assert next(rest).number == 3
    rest.close()


def test_a_second_ctrl_c_waits_until_what_was_trained_is_saved(dots, tmp_path, monkeypatch):
    """As torchrun gives it to processes that have had the first one from the terminal, too."""
    module = sys.modules[run.__module__]
    saved = module.save_state

    def pressed(*given: object) -> None:
        signal.raise_signal(signal.SIGINT)
        saved(*given)

    with monkeypatch.context() as patch:
        patch.setattr(module, "save_state", pressed)
        steps = run(job(dots, tmp_path / "run"))
        assert next(steps).number == 1
        with pytest.raises(KeyboardInterrupt):
            steps.close()
    rest = run(job(dots, tmp_path / "run"), resume=True)
    assert next(rest).number == 2
    rest.close()
