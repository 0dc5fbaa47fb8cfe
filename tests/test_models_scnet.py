"""SCNet: the names of published checkpoints, the self-calibrated convolution, the smallest image."""

from pathlib import Path

import pytest
import torch
from torch import nn

from tests.published_names import built, names_of, published_names, untouched
from vitruvian.errors import ShapeError
from vitruvian.models.pose_model import PoseModel
from vitruvian.models.scnet import SCNet, SelfCalibrated, SelfCalibratedBottleneck, scnet50, scnet101
from vitruvian.models.simple_baseline import DeconvHead


def test_parameters_have_the_published_names_shapes_and_order(shared: Path):
    model = built(scnet50, {"heatmap": (17, 64, 48)}, (192, 256))
    assert names_of(model) == published_names(shared, "td_scnet50_coco_256x192")


def test_features_are_a_thirty_second_and_maps_a_quarter_of_the_image():
    with torch.device("meta"):
        model = scnet101({"heatmap": (21, 64, 48)}, (192, 256))
        features = model.backbone(torch.empty(2, 3, 256, 192))
        outputs = model.head(features)
    assert features.shape == (2, 2048, 8, 6)
    assert outputs["heatmap"].shape == (2, 21, 64, 48)


def test_the_smallest_image_has_four_cells_at_the_last_stage():
    with torch.device("meta"):
        backbone = SCNet((1, 1, 1, 1)).eval()
        assert backbone(torch.empty(1, 3, 97, 97)).shape == (1, 2048, 4, 4)
        with pytest.raises(ShapeError, match="97 at least, got an image of 128 x 96"):
            backbone(torch.empty(1, 3, 96, 128))


def test_gradients_reach_every_parameter():
    torch.manual_seed(0)
    model = PoseModel(SCNet((1, 1, 1, 1)), DeconvHead(2048, {"heatmap": (3, 32, 32)}))
    (model(torch.randn(2, 3, 128, 128))["heatmap"] * torch.randn(2, 3, 32, 32)).sum().backward()
    assert untouched(model) == []


def identity(sequence: nn.Sequential) -> None:
    """A convolution that passes its input on."""
    (conv,) = (layer for layer in sequence if isinstance(layer, nn.Conv2d))
    nn.init.dirac_(conv.weight)


def test_a_convolution_is_weighed_by_the_sigmoid_of_its_input():
    """With k3 and k4 the identity and k2 zero: relu(x * sigmoid(x)); two batch norms divide by sqrt(1 + 1e-5) each."""
    calibrated = SelfCalibrated(3, stride=1).eval()
    identity(calibrated.k3)
    identity(calibrated.k4)
    nn.init.zeros_(calibrated.k2[1].weight)
    x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(calibrated(x), (x * torch.sigmoid(x)).relu(), rtol=1e-4, atol=1e-4)


def test_the_surroundings_are_the_mean_of_sixteen_cells():
    """With k2 the identity as well: sigmoid(x + the mean of the 4 x 4 cells around x)."""
    calibrated = SelfCalibrated(1, stride=1).eval()
    for layers in (calibrated.k2, calibrated.k3, calibrated.k4):
        identity(layers)
    x = torch.zeros(1, 1, 4, 8)
    x[..., 0, 0] = 16.0
    x[..., 3, 3] = 1.0  # has the mean 17 / 16 around it
    x[..., 3, 7] = 1.0  # has the mean 1 / 16 around it
    found = calibrated(x)[0, 0]
    assert found[3, 3].item() == pytest.approx(1 / (1 + 2.718281828 ** -(1 + 17 / 16)), abs=1e-4)
    assert found[3, 7].item() == pytest.approx(1 / (1 + 2.718281828 ** -(1 + 1 / 16)), abs=1e-4)


def test_a_bottleneck_halves_the_resolution_in_both_halves():
    block = SelfCalibratedBottleneck(64, 16, stride=2).eval()
    assert block(torch.zeros(1, 64, 16, 16)).shape == (1, 64, 8, 8)
    assert (block.k1[0].stride, block.scconv.k4[0].stride, block.scconv.k3[0].stride) == ((2, 2), (2, 2), (1, 1))
