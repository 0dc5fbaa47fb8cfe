"""The loop: rates and averages by hand, and a small problem that it must solve."""

import copy
import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.dots import DOTS, dot_finder, dot_samples
from vitruvian.datasets import Augmentation, CropSettings, people, random_batches
from vitruvian.models import normalise
from vitruvian.recipes import Recipe
from vitruvian.training import learning_rate, train
from vitruvian.training.loop import follow

Batch = tuple[np.ndarray, np.ndarray]


def _batches(recipe: Recipe) -> Iterator[Batch]:
    """Endless crops of the dots."""
    settings = CropSettings(recipe.codec.input_size, recipe.padding, "msra", Augmentation(shift=0.1))
    return random_batches(people(dot_samples()), DOTS, settings, recipe.batch_size, seed=0)


def _model(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return dot_finder({"heatmap": (2, 8, 8)}, (32, 32))


@pytest.mark.parametrize(
    ("step", "rate"), [(1, 0.5), (2, 1.0), (4, 2.0), (6, 2 * 0.8535534), (8, 1.0), (12, 0.0), (13, 0.0)]
)
def test_the_learning_rate_by_hand(dots, step, rate):
    """Peak 2, 4 steps of warm-up: a quarter of it a step. Then half a cosine over 8 steps: (1 + cos 45°) / 2 after 2,
    one half after 4, zero after all of them."""
    recipe = replace(dots, learning_rate=2.0, warm_up=4, steps=12)
    assert learning_rate(step, recipe) == pytest.approx(rate)


def test_without_warm_up_the_cosine_starts_at_once(dots):
    """One of two steps is half way."""
    assert learning_rate(1, replace(dots, learning_rate=2.0, warm_up=0, steps=2)) == pytest.approx(1.0)


def test_a_run_shorter_than_its_warm_up_only_climbs(dots):
    assert learning_rate(10, replace(dots, learning_rate=2.0, warm_up=100, steps=10)) == pytest.approx(0.2)


def test_the_average_follows_by_hand():
    """3/4 of 8 and 1/4 of 16 is 10, for parameters and norm statistics; the counter of batches is copied."""
    average, model = nn.BatchNorm1d(1), nn.BatchNorm1d(1)
    for module, value in ((average, 8.0), (model, 16.0)):
        nn.init.constant_(module.weight, value)
        nn.init.constant_(module.bias, value)
        module.running_mean.fill_(value)
        module.running_var.fill_(value)
        module.num_batches_tracked.fill_(int(value))
    follow(average, model, decay=0.75)
    state = {name: value.item() for name, value in average.state_dict().items()}
    assert state == {"weight": 10, "bias": 10, "running_mean": 10, "running_var": 10, "num_batches_tracked": 16}
    assert all(value.item() == 16 for value in model.state_dict().values())


def test_the_average_starts_young(dots):
    """After n steps its decay is at most n / (n + 10): after the first, 1/11 of the start and 10/11 of the model."""
    model = _model()
    average = copy.deepcopy(model)
    before = model.head.final_layer.weight.detach().clone()
    next(train(model, average, _batches(dots), replace(dots, average=0.999)))
    after = model.head.final_layer.weight.detach()
    assert not torch.equal(before, after)
    torch.testing.assert_close(average.head.final_layer.weight.detach(), before / 11 + after * 10 / 11)


def test_an_average_of_nothing_is_the_model(dots):
    model = _model()
    average = copy.deepcopy(model)
    list(itertools.islice(train(model, average, _batches(dots), replace(dots, average=0.0)), 3))
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        assert torch.equal(mean, value)


def test_only_kernels_decay(dots):
    """Nothing labelled, so no gradient: what AdamW does is to multiply kernels by 1 - rate * decay = 1 - 0.05 * 0.5."""
    recipe = replace(dots, learning_rate=0.1, warm_up=0, steps=2, weight_decay=0.5)
    model = _model()
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    unknown = (np.zeros((4, 32, 32, 3), np.uint8), np.full((4, 2, 2), np.nan, np.float32))
    step = next(train(model, copy.deepcopy(model), [unknown], recipe))
    assert (step.loss, step.learning_rate) == (0, pytest.approx(0.05))
    for name, value in model.named_parameters():
        kernel = name in ("backbone.0.weight", "head.final_layer.weight")
        torch.testing.assert_close(value.detach(), before[name] * (0.975 if kernel else 1.0))


def test_large_gradients_are_scaled_down_to_length_one(dots):
    """The last layer times a hundred gives gradients of more than that in the layers before it."""
    model = _model()
    with torch.no_grad():
        model.head.final_layer.weight.mul_(100)
    next(train(model, copy.deepcopy(model), _batches(dots), dots))
    length = torch.stack([value.grad.norm() for value in model.parameters()]).norm()
    assert length == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_loss_falls_and_the_dots_are_found(dots, precision):
    """60 steps on 12 pictures; then the average finds every dot within 3 of 32 pixels, and so does the model."""
    recipe = replace(dots, precision=precision, average=0.9)
    model = _model()
    average = copy.deepcopy(model).eval()
    losses = [step.loss for step in train(model, average, _batches(recipe), recipe)]
    assert np.mean(losses[-5:]) < 0.25 * np.mean(losses[:5])
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    images = torch.from_numpy(np.stack([sample.load() for sample in dot_samples()]))
    true = torch.from_numpy(np.concatenate([sample.poses.xy for sample in dot_samples()]))
    for network in (average, model.eval()):
        with torch.inference_mode():
            xy, _ = recipe.codec.decode(network(normalise(images)))
        assert (xy - true).norm(dim=-1).max() < 3


def test_every_step_tells_its_number_loss_and_rate(dots):
    recipe = replace(dots, steps=3, warm_up=0, learning_rate=1.0)
    model = _model()
    steps = list(train(model, copy.deepcopy(model), _batches(recipe), recipe))
    assert [step.number for step in steps] == [1, 2, 3]
    assert [step.learning_rate for step in steps] == pytest.approx([0.75, 0.25, 0.0])
    assert all(np.isfinite(step.loss) and step.loss > 0 for step in steps)


def test_the_loop_ends_after_its_steps_and_takes_no_batch_more(dots):
    taken = []

    def _counted() -> Iterator[Batch]:
        for batch in _batches(dots):
            taken.append(1)
            yield batch

    model = _model()
    assert len(list(train(model, copy.deepcopy(model), _counted(), replace(dots, steps=4)))) == 4
    assert len(taken) == 4


def test_the_loop_ends_with_its_batches(dots):
    model = _model()
    batches = itertools.islice(_batches(dots), 2)
    assert [step.number for step in train(model, copy.deepcopy(model), batches, dots)] == [1, 2]


def test_a_loop_left_and_taken_up_again_is_the_loop_in_one_go(dots):
    """The caller may pause between two steps, look at the model, go on, and stop for good."""
    recipe = replace(dots, steps=6)
    whole, parts = _model(), _model()
    list(train(whole, copy.deepcopy(whole), _batches(recipe), recipe))
    loop = train(parts, copy.deepcopy(parts), _batches(recipe), recipe)
    assert [step.number for step in itertools.islice(loop, 2)] == [1, 2]
    parts.eval()(torch.zeros(1, 3, 32, 32))
    parts.train()
    assert [step.number for step in loop] == [3, 4, 5, 6]
    with pytest.raises(StopIteration):
        next(loop)
    for one, other in zip(whole.state_dict().values(), parts.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_loop_that_is_stopped_changes_nothing_more(dots):
    model = _model()
    loop = train(model, copy.deepcopy(model), _batches(dots), dots)
    next(loop)
    before = [value.clone() for value in model.state_dict().values()]
    loop.close()
    assert list(loop) == []
    assert all(torch.equal(one, other) for one, other in zip(before, model.state_dict().values(), strict=True))
