"""The loop: averages by hand, and a small problem that it must solve."""

import copy
import itertools
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.dots import DOTS, dot_batches, dot_finder, dot_pictures
from vitruvian.errors import NotFiniteError
from vitruvian.models import normalise
from vitruvian.recipes import Recipe
from vitruvian.structures import SKELETONS
from vitruvian.training import Run, Step, loop, train
from vitruvian.training.loop import follow
from vitruvian.training.schedule import optimizer_of

Batch = tuple[np.ndarray, np.ndarray]


def trained(model: nn.Module, average: nn.Module, batches: Iterable[Batch], recipe: Recipe) -> Iterator[Step]:
    """The whole run of a recipe that counts steps."""
    return train(Run(model, average, optimizer_of(model, recipe)), batches, recipe, recipe.length)


def _model(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return dot_finder({"heatmap": (2, 8, 8)}, (32, 32))


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
    next(trained(model, average, dot_batches(4), replace(dots, average=0.999)))
    after = model.head.final_layer.weight.detach()
    assert not torch.equal(before, after)
    torch.testing.assert_close(average.head.final_layer.weight.detach(), before / 11 + after * 10 / 11)


def test_an_average_of_nothing_is_the_model(dots):
    model = _model()
    average = copy.deepcopy(model)
    list(itertools.islice(trained(model, average, dot_batches(4), replace(dots, average=0.0)), 3))
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        assert torch.equal(mean, value)


def test_only_kernels_decay(dots):
    """Nothing labelled, so no gradient: what AdamW does is to multiply kernels by 1 - rate * decay = 1 - 0.05 * 0.5."""
    recipe = replace(dots, learning_rate=0.1, warm_up=0, steps=2, weight_decay=0.5)
    model = _model()
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    unknown = (np.zeros((4, 32, 32, 3), np.uint8), np.full((4, 2, 2), np.nan, np.float32))
    step = next(trained(model, copy.deepcopy(model), [unknown], recipe))
    assert (step.loss, step.learning_rate) == (0, pytest.approx(0.05))
    for name, value in model.named_parameters():
        kernel = name in ("backbone.0.weight", "head.final_layer.weight")
        torch.testing.assert_close(value.detach(), before[name] * (0.975 if kernel else 1.0))


def test_large_gradients_are_scaled_down_to_length_one(dots):
    """The last layer times a hundred gives gradients of more than that in the layers before it."""
    model = _model()
    with torch.no_grad():
        model.head.final_layer.weight.mul_(100)
    next(trained(model, copy.deepcopy(model), dot_batches(4), dots))
    length = torch.stack([value.grad.norm() for value in model.parameters()]).norm()
    assert length == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_the_loss_falls_and_the_dots_are_found(dots, precision):
    """60 steps on 12 pictures; then the average finds every dot within 3 of 32 pixels, and so does the model."""
    recipe = replace(dots, precision=precision, average=0.9)
    model = _model()
    average = copy.deepcopy(model).eval()
    losses = [step.loss for step in trained(model, average, dot_batches(4), recipe)]
    assert np.mean(losses[-5:]) < 0.25 * np.mean(losses[:5])
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    images, true = map(torch.from_numpy, dot_pictures())
    for network in (average, model.eval()):
        with torch.inference_mode():
            xy, _ = recipe.codec.decode(network(normalise(images)))
        assert (xy - true).norm(dim=-1).max() < 3


def test_every_step_tells_its_number_loss_and_rate(dots):
    recipe = replace(dots, steps=3, warm_up=0, learning_rate=1.0)
    model = _model()
    steps = list(trained(model, copy.deepcopy(model), dot_batches(4), recipe))
    assert [step.number for step in steps] == [1, 2, 3]
    assert [step.learning_rate for step in steps] == pytest.approx([0.75, 0.25, 0.0])
    assert all(np.isfinite(step.loss) and step.loss > 0 for step in steps)


def test_the_loop_ends_after_its_steps_and_takes_no_batch_more(dots):
    taken = []

    def _counted() -> Iterator[Batch]:
        for batch in dot_batches(4):
            taken.append(1)
            yield batch

    model = _model()
    assert len(list(trained(model, copy.deepcopy(model), _counted(), replace(dots, steps=4)))) == 4
    assert len(taken) == 4


def test_the_loop_ends_with_its_batches(dots):
    model = _model()
    batches = itertools.islice(dot_batches(4), 2)
    assert [step.number for step in trained(model, copy.deepcopy(model), batches, dots)] == [1, 2]


def test_a_loop_left_and_taken_up_again_is_the_loop_in_one_go(dots):
    """The caller may pause between two steps, look at the model, go on, and stop for good."""
    recipe = replace(dots, steps=6)
    whole, parts = _model(), _model()
    list(trained(whole, copy.deepcopy(whole), dot_batches(4), recipe))
    loop = trained(parts, copy.deepcopy(parts), dot_batches(4), recipe)
    assert [step.number for step in itertools.islice(loop, 2)] == [1, 2]
    parts.eval()(torch.zeros(1, 3, 32, 32))
    parts.train()
    assert [step.number for step in loop] == [3, 4, 5, 6]
    with pytest.raises(StopIteration):
        next(loop)
    for one, other in zip(whole.state_dict().values(), parts.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_what_is_not_finite_reaches_no_weight_and_its_batch_is_told(dots):
    """The largest float32 times itself is infinite. The loss of the batch is; so are gradients of a finite one."""
    model = _model()
    before = [value.clone() for value in model.parameters()]
    with torch.no_grad():
        model.head.final_layer.bias.fill_(np.inf)
    with pytest.raises(
        NotFiniteError, match=r"^the loss of step 1 is (nan|inf), .*; lower the learning rate, now"
    ) as told:
        next(trained(model, copy.deepcopy(model), dot_batches(4), dots))
    assert told.value.batch["image"].shape == (4, 32, 32, 3)
    assert told.value.batch["xy"].shape == (4, 2, 2)
    assert torch.equal(before[0], next(model.parameters()))


def test_every_step_tells_what_it_took(dots):
    """A batch that takes 50 ms to come is waited for."""

    def _slow() -> Iterator[Batch]:
        for batch in dot_batches(4):
            time.sleep(0.05)
            yield batch

    model = _model()
    step = next(trained(model, copy.deepcopy(model), _slow(), dots))
    assert 0.05 <= step.waited < step.seconds
    assert step.images == 4


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_frozen_parts_stay_as_they_are_with_their_statistics(dots, precision):
    recipe = replace(dots, freeze=("backbone.",), precision=precision)
    run = Run.begin(_model(), recipe)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    list(itertools.islice(train(run, dot_batches(4), recipe, 5), 5))
    changed = {name for name, value in run.model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"head.final_layer.weight", "head.final_layer.bias"}


def test_a_loop_that_is_stopped_changes_nothing_more(dots):
    model = _model()
    loop = trained(model, copy.deepcopy(model), dot_batches(4), dots)
    next(loop)
    before = [value.clone() for value in model.state_dict().values()]
    loop.close()
    assert list(loop) == []
    assert all(torch.equal(one, other) for one, other in zip(before, model.state_dict().values(), strict=True))


def _torn(dots: Recipe, monkeypatch: pytest.MonkeyPatch, place: str) -> tuple[Run, list[int]]:
    """A run that is interrupted in its third step, at a function of the loop; and the steps that it told."""
    run, calls = Run.begin(_model(), dots), itertools.count(1)
    found = getattr(loop, place)

    def interrupted(*given: object) -> object:
        answer = found(*given)
        if next(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return answer

    monkeypatch.setattr(loop, place, interrupted)
    told: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        told.extend(step.number for step in train(run, dot_batches(4), dots, 5))
    return run, told


@pytest.mark.parametrize(("place", "done"), [("add_what_fits", 2), ("follow", 3)])
def test_ctrl_c_makes_no_half_steps(dots, monkeypatch, place, done):
    """After the pass through the model nothing of the step is left, norm statistics included; while weights change,
    the step is made and told first. Both are what an undisturbed run of so many steps is, to the bit."""
    run, told = _torn(dots, monkeypatch, place)
    monkeypatch.undo()
    monkeypatch.setitem(SKELETONS, DOTS.name, DOTS)
    whole = Run.begin(_model(), dots)
    list(itertools.islice(train(whole, dot_batches(4), dots, 5), done))
    assert (run.done, told) == (done, list(range(1, done + 1)))
    for one, other in ((run.model, whole.model), (run.average, whole.average)):
        assert all(
            torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)
        )


def test_a_loss_that_is_not_finite_tells_the_norms_nothing(dots):
    """A bias of infinity after the norm; its statistics are what they were."""
    model = _model()
    before = {name: value.clone() for name, value in model.named_buffers()}
    with torch.no_grad():
        model.head.final_layer.bias.fill_(np.inf)
    with pytest.raises(NotFiniteError):
        next(trained(model, copy.deepcopy(model), dot_batches(4), dots))
    assert all(torch.equal(value, before[name]) for name, value in model.named_buffers())
