"""The loop: rates and averages by hand, and a small problem that it must solve."""

import copy
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.dots import DOTS, dot_finder, dot_samples
from vitruvian.datasets import Augmentation, CropBatches, CropSettings, people
from vitruvian.errors import RecipeError
from vitruvian.models import MODELS, normalise
from vitruvian.recipes import Recipe
from vitruvian.training import Run, Step, learning_rate, train
from vitruvian.training.loop import _optimizer, follow

Batch = tuple[np.ndarray, np.ndarray]


def _batches(recipe: Recipe) -> Iterator[Batch]:
    """Endless crops of the dots."""
    settings = CropSettings(recipe.codec.input_size, recipe.padding, "msra", Augmentation(shift=0.1))
    batches = CropBatches(people(dot_samples()), DOTS, settings, recipe.batch_size, seed=0)
    return (batches[number] for number in itertools.count())


def trained(model: nn.Module, average: nn.Module, batches: Iterable[Batch], recipe: Recipe) -> Iterator[Step]:
    """The whole run of a recipe that counts steps."""
    return train(Run(model, average, _optimizer(model, recipe)), batches, recipe, recipe.length)


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
    assert learning_rate(step, recipe, 12) == pytest.approx(rate)


def test_without_warm_up_the_cosine_starts_at_once(dots):
    """One of two steps is half way."""
    assert learning_rate(1, replace(dots, learning_rate=2.0, warm_up=0, steps=2), 2) == pytest.approx(1.0)


def test_a_run_shorter_than_its_warm_up_only_climbs(dots):
    assert learning_rate(10, replace(dots, learning_rate=2.0, warm_up=100, steps=10), 10) == pytest.approx(0.2)


@pytest.mark.parametrize(("step", "rate"), [(10, 2.0), (40, 2.0), (41, 0.2), (80, 0.2), (81, 0.02), (100, 0.02)])
def test_the_learning_rate_falls_at_milestones(dots, step, rate):
    """Peak 2. After 4 and 8 of 10 epochs, which are 40 and 80 of 100 steps, it falls to a tenth."""
    recipe = replace(dots, learning_rate=2.0, warm_up=10, epochs=10, steps=None, milestones=(4, 8))
    assert learning_rate(step, recipe, 100) == pytest.approx(rate)


@pytest.mark.parametrize(("step", "rate"), [(5, 1.0), (10, 2.0), (50, 2.0), (75, 1.1), (100, 0.2)])
def test_the_learning_rate_stays_up_for_a_while_and_does_not_end_at_zero(dots, step, rate):
    """Peak 2 until half the run; half a cosine down to a tenth of it, so 1.1 in the middle of that."""
    recipe = replace(dots, learning_rate=2.0, warm_up=10, flat=0.5, floor=0.1)
    assert learning_rate(step, recipe, 100) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("optimiser", "after"), [("sgd", 1 - 0.1 * (2 + 0.5)), ("adam", 1 - 0.1), ("adamw", 1 - 0.1 * 0.5 - 0.1)]
)
def test_the_first_step_of_each_optimiser_by_hand(dots, optimiser, after):
    """Weight 1, gradient 2, rate 0.1, decay 0.5. SGD: the decay adds 0.5 to the gradient. Adam's first step has the
    length of the rate; its decay is in the gradient, AdamW's is 0.1 * 0.5 of the weight besides."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    optimizer = _optimizer(model, replace(dots, optimiser=optimiser, learning_rate=0.1, weight_decay=0.5))
    model.weight.grad = torch.full_like(model.weight, 2.0)
    optimizer.step()
    assert model.weight.item() == pytest.approx(after, abs=1e-6)


class _Tokens(nn.Module):
    """Parameters named as those of a vision transformer of two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, 4, 2)
        self.pos_embed = nn.Parameter(torch.zeros(1, 4, 4))
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
        self.ln1 = nn.LayerNorm(4)


def test_lower_layers_of_a_transformer_learn_slower(dots):
    """Layer decay 0.5, top down: the head and the last norm 1, the layers 1/2 and 1/4, what makes the tokens 1/8.
    Matrices decay, the position embedding does not."""
    model = nn.ModuleDict({"backbone": _Tokens(), "head": nn.Linear(4, 2)})
    groups = _optimizer(model, replace(dots, layer_decay=0.5, weight_decay=0.1)).param_groups
    found = {
        name: (group["share"], group["weight_decay"])
        for name, parameter in model.named_parameters()
        for group in groups
        if any(parameter is other for other in group["params"])
    }
    assert found == {
        "backbone.pos_embed": (0.125, 0),
        "backbone.patch_embed.weight": (0.125, 0.1),
        "backbone.patch_embed.bias": (0.125, 0),
        "backbone.layers.0.weight": (0.25, 0.1),
        "backbone.layers.0.bias": (0.25, 0),
        "backbone.layers.1.weight": (0.5, 0.1),
        "backbone.layers.1.bias": (0.5, 0),
        "backbone.ln1.weight": (1, 0),
        "backbone.ln1.bias": (1, 0),
        "head.weight": (1, 0.1),
        "head.bias": (1, 0),
    }


def test_the_parts_of_our_transformers_are_named_like_that():
    with torch.device("meta"):
        model = MODELS["vitpose_small"]({"heatmap": (17, 64, 48)}, (192, 256))
    parts = {name.split(".")[1] for name, _ in model.named_parameters() if name.startswith("backbone.")}
    assert parts == {"patch_embed", "pos_embed", "layers", "ln1"}


def test_a_layer_decay_of_a_model_without_layers_is_refused(dots):
    with pytest.raises(RecipeError, match=r"^layer_decay is of vision transformers, and this model has no backbone\."):
        _optimizer(_model(), replace(dots, layer_decay=0.9))


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
    next(trained(model, average, _batches(dots), replace(dots, average=0.999)))
    after = model.head.final_layer.weight.detach()
    assert not torch.equal(before, after)
    torch.testing.assert_close(average.head.final_layer.weight.detach(), before / 11 + after * 10 / 11)


def test_an_average_of_nothing_is_the_model(dots):
    model = _model()
    average = copy.deepcopy(model)
    list(itertools.islice(trained(model, average, _batches(dots), replace(dots, average=0.0)), 3))
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
    next(trained(model, copy.deepcopy(model), _batches(dots), dots))
    length = torch.stack([value.grad.norm() for value in model.parameters()]).norm()
    assert length == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_loss_falls_and_the_dots_are_found(dots, precision):
    """60 steps on 12 pictures; then the average finds every dot within 3 of 32 pixels, and so does the model."""
    recipe = replace(dots, precision=precision, average=0.9)
    model = _model()
    average = copy.deepcopy(model).eval()
    losses = [step.loss for step in trained(model, average, _batches(recipe), recipe)]
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
    steps = list(trained(model, copy.deepcopy(model), _batches(recipe), recipe))
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
    assert len(list(trained(model, copy.deepcopy(model), _counted(), replace(dots, steps=4)))) == 4
    assert len(taken) == 4


def test_the_loop_ends_with_its_batches(dots):
    model = _model()
    batches = itertools.islice(_batches(dots), 2)
    assert [step.number for step in trained(model, copy.deepcopy(model), batches, dots)] == [1, 2]


def test_a_loop_left_and_taken_up_again_is_the_loop_in_one_go(dots):
    """The caller may pause between two steps, look at the model, go on, and stop for good."""
    recipe = replace(dots, steps=6)
    whole, parts = _model(), _model()
    list(trained(whole, copy.deepcopy(whole), _batches(recipe), recipe))
    loop = trained(parts, copy.deepcopy(parts), _batches(recipe), recipe)
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
    loop = trained(model, copy.deepcopy(model), _batches(dots), dots)
    next(loop)
    before = [value.clone() for value in model.state_dict().values()]
    loop.close()
    assert list(loop) == []
    assert all(torch.equal(one, other) for one, other in zip(before, model.state_dict().values(), strict=True))
