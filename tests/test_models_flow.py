"""The flow of residual log-likelihood estimation."""

from math import log, pi, tanh

import numpy as np
import pytest
import torch

from vitruvian.errors import ShapeError
from vitruvian.models.flow import Flow

NORMAL_PEAK = -log(2 * pi)  # log-density of the standard normal of the plane at 0


def still() -> Flow:
    """A flow that moves nothing."""
    flow = Flow()
    for parameter in flow.parameters():
        torch.nn.init.zeros_(parameter)
    return flow


def test_a_flow_that_moves_nothing_is_the_standard_normal():
    found = still().log_prob(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
    assert found.tolist() == pytest.approx([NORMAL_PEAK, NORMAL_PEAK - 25 / 2])


def test_a_layer_moves_the_coordinate_that_it_does_not_read():
    """The last layer reads x: its shift moves the peak along y only."""
    flow = still()
    flow.t[5][-1].bias.data = torch.tensor([100.0, 3.0])
    assert flow.log_prob(torch.tensor([[0.0, 3.0]])).item() == pytest.approx(NORMAL_PEAK)


def test_a_layer_that_widens_lowers_the_density():
    """Widened by exp(tanh(1)) along x, by the layer before the last."""
    flow = still()
    flow.s[4][-2].bias.data = torch.tensor([1.0, 100.0])
    assert flow.log_prob(torch.zeros(1, 2)).item() == pytest.approx(NORMAL_PEAK - tanh(1))


def test_the_density_sums_to_one():
    """Whatever the weights: on a grid of 0.1."""
    torch.manual_seed(0)
    flow = Flow()
    for parameter in flow.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    side = torch.arange(-10, 10, 0.1)
    points = torch.cartesian_prod(side, side)
    with torch.inference_mode():
        log_density = flow.log_prob(points)
        assert (log_density - still().log_prob(points)).abs().max() > 1  # it is not simply the normal one
    assert log_density.exp().sum().item() * 0.1**2 == pytest.approx(1.0, abs=2e-3)


def test_a_fresh_flow_is_close_to_the_normal():
    torch.manual_seed(0)
    points = torch.tensor([[0.0, 0.0], [1.0, -1.0], [-1.0, 0.5]])
    torch.testing.assert_close(Flow().log_prob(points), still().log_prob(points), rtol=0, atol=1.0)


def test_points_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"points must be \(N, 2\), got \(2, 17, 2\)"):
        Flow().log_prob(torch.zeros(2, 17, 2))


@pytest.mark.parametrize("case", ["0", "2"])
def test_the_reference_loss_follows_from_the_density(shared, case: str):
    """log sigma - log p((pred - target) / sigma), and in case 0 the log-density of a Laplace distribution, too."""
    arrays = {name: torch.from_numpy(v) for name, v in np.load(shared / f"golden/loss/RLELoss/{case}.npz").items()}
    flow = Flow()
    prefix = "in_state.flow_model."
    flow.load_state_dict({name.removeprefix(prefix): v for name, v in arrays.items() if name.startswith(prefix)})
    sigma = arrays["in_sigma"].sigmoid()
    error = (arrays["in_pred"] - arrays["in_target"]) / (sigma + 1e-9)
    terms = sigma.log() - flow.log_prob(error.flatten(0, 1)).view(3, 17, 1)
    if case == "0":
        terms = terms + (2 * sigma).log() + error.abs()
    loss = (terms * arrays["in_target_weight"]).sum() / 3
    assert loss.item() == pytest.approx(arrays["out_loss"].item(), rel=1e-5)
