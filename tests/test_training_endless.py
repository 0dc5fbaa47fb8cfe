"""Training on endless pictures: the same whoever loads, exact on resume, and only with the settings it began with."""

from dataclasses import replace

import pytest

from tests.dots import DOTS, dot_data
from tests.endless import dots_endless
from vitruvian.datasets import Augmentation, Endless, Part, everybody_of, nobody
from vitruvian.errors import DataError, RecipeError
from vitruvian.recipes import Recipe
from vitruvian.training import BEST, Hardware, Job, run

CHANGED = Augmentation(0.5, 30, 0.5, 1.2, 0.1, 0.2, 0.2, 0.2, 0.5)


@pytest.fixture
def recipe(dots) -> Recipe:
    return replace(dots, steps=6, warm_up=1, augmentation=CHANGED)


@pytest.fixture
def job(tmp_path):
    """Makes a job of twelve labelled pictures and endless ones; of these alone if they fill the batch."""

    def _job(recipe: Recipe, name: str, endless: Endless, workers: int = 0) -> Job:
        alone = endless.share == 1
        data = nobody(DOTS) if alone else everybody_of([Part(dot_data(tmp_path / "pictures"))], DOTS)
        return Job(recipe, data, tmp_path / name, hardware=Hardware("cpu", workers), endless=(endless,))

    return _job


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_whoever_loads_it_is_the_same_and_goes_on_as_if_it_had_never_stopped(recipe, job, share):
    whole = [step.loss for step in run(job(recipe, "whole", dots_endless(share)))]
    loaded = [step.loss for step in run(job(recipe, "loaded", dots_endless(share), workers=2))]
    stopped = run(job(recipe, "parts", dots_endless(share)))
    parts = [next(stopped).loss, next(stopped).loss]
    stopped.close()
    parts += [step.loss for step in run(job(recipe, "parts", dots_endless(share), workers=2), resume=True)]
    assert whole == loaded == parts
    written = {
        (job(recipe, name, dots_endless(share)).out / BEST).read_bytes() for name in ("whole", "loaded", "parts")
    }
    assert len(written) == 1


@pytest.mark.parametrize(("settings", "share"), [("others", 0.5), ("dots", 0.25)])
def test_a_run_does_not_go_on_with_other_endless_pictures(recipe, job, settings, share):
    before = run(job(recipe, "run", dots_endless(0.5)))
    next(before)
    before.close()
    with pytest.raises(DataError, match="saved with different training data; resume with the same, or start anew"):
        next(run(job(recipe, "run", dots_endless(share, settings)), resume=True))


def test_epochs_count_showings_of_the_labelled(recipe, job):
    """12 people, of whom 3 are in each batch of 4: 4 steps an epoch. Endless pictures alone have no epochs."""
    of_epochs = replace(recipe, steps=None, epochs=2)
    assert job(of_epochs, "run", dots_endless(0.25)).steps == 8
    with pytest.raises(RecipeError, match="2 epochs of pictures that never end; set steps instead"):
        _ = job(of_epochs, "run", dots_endless(1.0)).steps
