"""Residual log-likelihood, by hand."""

import math

import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.flow import Flow
from vitruvian.models.losses import residual_log_likelihood

ZERO = torch.zeros(1, 1, 2)


def flat(error: torch.Tensor) -> torch.Tensor:
    """A density of 1 everywhere, which no flow has."""
    return torch.zeros(len(error))


def off_by(x: float, y: float) -> torch.Tensor:
    return torch.tensor([[[x, y]]])


def test_a_laplace_density_costs_the_error_in_units_of_its_scale():
    """Logit 0 is a scale s of 1/2. Twice ln s + ln(2 s), with s = 1/2: twice -ln 2; and errors of 3 and 1 scales."""
    found = residual_log_likelihood(off_by(1.5, -0.5), ZERO, ZERO, flat)
    assert found.item() == pytest.approx(-2 * math.log(2) + 4)


def test_a_gaussian_density_costs_half_the_square():
    found = residual_log_likelihood(off_by(1.5, -0.5), ZERO, ZERO, flat, base="gaussian")
    expected = 2 * (math.log(0.5) + math.log(0.5 * math.sqrt(2 * math.pi))) + (9 + 1) / 2
    assert found.item() == pytest.approx(expected)


def test_without_a_base_the_flow_is_all():
    """The log-density of the pair counts for x and for y."""
    found = residual_log_likelihood(off_by(1.5, -0.5), ZERO, ZERO, lambda error: error.sum(1), base=None)
    assert found.item() == pytest.approx(2 * math.log(0.5) - 2 * (3 - 1))


def test_it_is_summed_over_keypoints_and_averaged_over_people():
    one = residual_log_likelihood(off_by(1.5, -0.5), ZERO, ZERO, flat).item()
    many = [values.expand(3, 4, 2) for values in (off_by(1.5, -0.5), ZERO, ZERO)]
    assert residual_log_likelihood(*many, flat).item() == pytest.approx(4 * one)
    weight = torch.tensor([[1.0, 1.0, 0.0, 0.0]]).expand(3, 4)
    assert residual_log_likelihood(*many, flat, weight).item() == pytest.approx(2 * one)


def test_the_scale_finds_the_error():
    """Of a Laplace density of a fixed error d, twice ln s + d / s is least at s = d / 2."""
    spread = torch.zeros(1, 1, 2, requires_grad=True)
    optimizer = torch.optim.Adam([spread], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        residual_log_likelihood(off_by(0.2, 0.4), spread, ZERO, flat).backward()
        optimizer.step()
    assert spread.detach().sigmoid()[0, 0].tolist() == pytest.approx([0.1, 0.2], rel=1e-2)


def test_a_flow_learns_with_the_model():
    torch.manual_seed(0)
    flow, xy, spread = Flow(), off_by(1.5, -0.5).requires_grad_(), torch.zeros(1, 1, 2, requires_grad=True)
    residual_log_likelihood(xy, spread, ZERO, flow.log_prob).backward()
    gradients = [xy.grad, spread.grad, *(parameter.grad for parameter in flow.parameters())]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)


def test_nothing_known_is_no_loss_and_no_gradient():
    xy = off_by(1.5, -0.5).requires_grad_()
    loss = residual_log_likelihood(xy, ZERO, ZERO, flat, torch.zeros(1, 1))
    loss.backward()
    assert loss.item() == 0
    assert not xy.grad.any()


def test_what_does_not_fit_is_refused():
    with pytest.raises(RecipeError, match='base must be laplace, gaussian or None, got "cauchy"'):
        residual_log_likelihood(ZERO, ZERO, ZERO, flat, base="cauchy")
    with pytest.raises(ShapeError):
        residual_log_likelihood(ZERO, ZERO[..., :1], ZERO, flat)
    with pytest.raises(ShapeError, match="weight must be"):
        residual_log_likelihood(ZERO, ZERO, ZERO, flat, torch.ones(2, 1))
