"""What every model promises, over the table of models."""

import re

import pytest
import torch

from vitruvian.models import MODELS, PoseModel
from vitruvian.models.losses import LOSSES

HEADS = {"heatmap": 17, "tag": 3}
SMALLEST = ["residual_unet_small", "simple_baseline_mobilenetv2", "simple_baseline_resnet18"]  # of each family

every_model = pytest.mark.parametrize("name", sorted(MODELS))


def built(name: str, heads: dict[str, int]) -> PoseModel:
    torch.manual_seed(0)
    return MODELS[name](heads).eval()


@every_model
def test_every_model_answers_at_a_quarter_of_the_input(name: str):
    with torch.device("meta"):
        outputs = MODELS[name](HEADS)(torch.empty(2, 3, 64, 96))
    shapes = {output: tuple(maps.shape) for output, maps in outputs.items()}
    assert shapes == {output: (2, channels, 16, 24) for output, channels in HEADS.items()}


@every_model
def test_every_model_has_as_many_parameters_as_its_description_says(name: str):
    """With 17 keypoints."""
    with torch.device("meta"):
        model = MODELS[name]({"heatmap": 17})
    (said,) = re.findall(r"([\d.]+) M parameters", MODELS[name].__doc__ or "")
    assert f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f}" == said


@every_model
def test_every_model_keeps_its_weights_in_a_backbone_and_a_head(name: str):
    with torch.device("meta"):
        model = MODELS[name]({"heatmap": 17})
    assert isinstance(model, PoseModel)
    assert {key.split(".")[0] for key in model.state_dict()} == {"backbone", "head"}


@pytest.mark.parametrize("name", SMALLEST)
def test_an_image_is_answered_alike_alone_and_in_a_batch(name: str):
    model = built(name, {"heatmap": 3})
    images = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        together, alone = model(images)["heatmap"], model(images[1:2])["heatmap"]
    scale = together.abs().max()
    assert scale > 0
    torch.testing.assert_close(alone[0] / scale, together[1] / scale, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", SMALLEST)
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_step_downhill_lowers_the_loss(name: str, loss):
    model = built(name, {"heatmap": 2})
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(2, 3, 64, 64, generator=generator)
    target = torch.zeros(2, 2, 16, 16)
    target[:, :, 8, 8] = 1.0
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    losses = []
    for _ in range(3):
        value = loss(model(images)["heatmap"], target, torch.ones(2, 2))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    assert losses[2] < losses[0]
