"""Integral regression: coordinates are the means of maps."""

import numpy as np
import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models import integral
from vitruvian.models.integral import IntegralHead

from .published_names import built, names_of, published_names, untouched

HEADS = {"heatmap": (17, 64, 48), "xy": (17, 2)}
SIZE = (192, 256)
ALL = [
    integral.integral_resnet50,
    integral.integral_resnet101,
    integral.integral_resnet152,
    integral.integral_resnet50_debiased,
    integral.dsnt_resnet50,
]


class Maps(torch.nn.Module):
    """Gives the maps that it was made with."""

    def __init__(self, maps: torch.Tensor):
        super().__init__()
        self.maps = maps

    def forward(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"heatmap": self.maps}


def answer(maps: torch.Tensor, **settings) -> dict[str, torch.Tensor]:
    """What a head says whose deconvolutions give these maps (B, K, 8 h, 8 w)."""
    batch, keypoints, height, width = maps.shape
    heads = {"heatmap": (keypoints, height, width), "xy": (keypoints, 2)}
    head = IntegralHead(4, heads, (width // 8, height // 8), **settings)
    head.simplebaseline_head = Maps(maps)
    return head(torch.zeros(batch, 4, height // 8, width // 8))


def test_parameters_have_the_published_names_shapes_and_order(shared):
    model = built(integral.integral_resnet50, {"heatmap": (17, 64, 64), "xy": (17, 2)}, (256, 256))
    assert names_of(model) == published_names(shared, "ipr_res50_coco_256x256")


@pytest.mark.parametrize("build", ALL, ids=lambda build: build.__name__)
def test_answers_are_maps_and_points(build):
    with torch.device("meta"):
        outputs = build({"heatmap": (5, 16, 24), "xy": (5, 2)}, (96, 64))(torch.empty(2, 3, 64, 96))
    assert {name: output.shape for name, output in outputs.items()} == {"heatmap": (2, 5, 16, 24), "xy": (2, 5, 2)}


@pytest.mark.parametrize("build", [integral.integral_resnet50, integral.integral_resnet50_debiased])
def test_gradients_reach_every_trained_parameter(build):
    torch.manual_seed(0)
    model = build({"heatmap": (3, 16, 24), "xy": (3, 2)}, (96, 64))
    outputs = model(torch.randn(2, 3, 64, 96))
    sum((values * torch.randn_like(values)).sum() for values in outputs.values()).backward()
    assert untouched(model) == []
    assert [name for name, p in model.named_parameters() if not p.requires_grad] == [
        "head.linspace_x",
        "head.linspace_y",
    ]


def test_a_map_with_one_peak_points_at_it():
    """Column 6 of 16 and row 4 of 8 are 6/16 and 4/8 of the input."""
    maps = torch.zeros(1, 1, 8, 16)
    maps[0, 0, 4, 6] = 200.0
    found = answer(maps)
    assert found["xy"].tolist() == [[pytest.approx([6 / 16, 4 / 8])]]
    assert found["heatmap"][0, 0, 4, 6].item() == pytest.approx(1.0)


def test_a_flat_map_points_at_the_mean_of_all_cells():
    """The mean of 0, 1/16 ... 15/16 is 15/32; of 0 ... 7/8 it is 7/16."""
    found = answer(torch.full((1, 1, 8, 16), 3.0))
    assert found["xy"].tolist() == [[pytest.approx([15 / 32, 7 / 16])]]
    assert found["heatmap"].unique().item() == pytest.approx(1 / 128)


def test_two_equal_peaks_point_between():
    maps = torch.full((1, 1, 8, 8), -100.0)
    maps[0, 0, 2, 1] = maps[0, 0, 4, 5] = 100.0
    assert answer(maps)["xy"].tolist() == [[pytest.approx([3 / 8, 3 / 8])]]


def test_beta_sharpens():
    maps = torch.zeros(1, 1, 8, 8)
    maps[0, 0, 0, 0] = 1.0
    peaks = [answer(maps, beta=beta)["heatmap"][0, 0, 0, 0].item() for beta in (1.0, 10.0)]
    assert peaks == pytest.approx([np.e / (np.e + 63), np.exp(10) / (np.exp(10) + 63)], rel=1e-5)


def test_bias_is_taken_out_by_the_sum_of_exponentials():
    """C is 63 + e² for a map of one cell of height 2: C / (C - 1) * (xy - 1 / (2 C))."""
    maps = torch.zeros(1, 1, 8, 8)
    maps[0, 0, 6, 1] = 2.0
    plain, without = (answer(maps, beta=10.0, debiased=debiased)["xy"] for debiased in (False, True))
    total = 63 + np.exp(2)
    torch.testing.assert_close(without, total / (total - 1) * (plain - 1 / (2 * total)), check_dtype=False)


def test_high_maps_do_not_overflow():
    """exp(500) is beyond float32."""
    maps = torch.zeros(1, 1, 8, 8)
    maps[0, 0, 4, 2] = 500.0
    assert answer(maps, debiased=True)["xy"].tolist() == [[pytest.approx([2 / 8, 4 / 8])]]


@pytest.mark.parametrize(("name", "beta"), [("beta1_48x64", 1.0), ("beta25_48x64", 25.0)])
def test_points_are_those_of_the_reference(shared, name: str, beta: float):
    with np.load(shared / f"golden/codec/soft_argmax/{name}.npz") as case:
        maps, softmax, xy = (
            torch.from_numpy(case[key]) for key in ("in_heatmaps", "out_softmax_first2", "out_coords_xy")
        )
    found = answer(maps, beta=beta)
    torch.testing.assert_close(found["xy"], xy, rtol=0, atol=1e-6)
    torch.testing.assert_close(found["heatmap"][:, :2], softmax, rtol=1e-5, atol=1e-8)


def test_maps_of_another_resolution_are_refused():
    with pytest.raises(
        RecipeError, match=r"for inputs of 192 x 256 heads must be .*\(17, 64, 48\).*got .*\(17, 48, 64\)"
    ):
        built(integral.integral_resnet50, {"heatmap": (17, 48, 64), "xy": (17, 2)}, SIZE)


def test_points_alone_are_refused():
    with pytest.raises(RecipeError, match="gives heatmap and xy"):
        built(integral.integral_resnet50, {"xy": (17, 2)}, SIZE)


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ShapeError, match="images of 192 x 256, got one of 256 x 192"):
        built(integral.integral_resnet50, HEADS, SIZE)(torch.empty(1, 3, 192, 256, device="meta"))
