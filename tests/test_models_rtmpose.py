"""RTMPose and RTMW: the attention across keypoints, the heads, the pyramid."""

import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models import rtmpose
from vitruvian.models.rtmpose import WIDTH, GatedAttention, Pyramid, ScaleNorm

from .published_names import built, names_of, parameters, published_names, untouched

HEADS = {"x": (17, 384), "y": (17, 512)}
SIZE = (192, 256)
# In millions; https://github.com/open-mmlab/mmpose/tree/main/projects/rtmpose/benchmark, "Body 2d (17 Keypoints)".
PUBLISHED = {"rtmpose_t": 3.34, "rtmpose_s": 5.47, "rtmpose_m": 13.59, "rtmpose_l": 27.66}
SMALLEST = [rtmpose.rtmpose_t, rtmpose.rtmw_m]


def test_parameters_have_the_published_names_shapes_and_order(shared):
    assert names_of(built(rtmpose.rtmpose_m, HEADS, SIZE)) == published_names(shared, "rtmpose_m_coco_256x192")


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_as_many_as_published(name: str):
    count = parameters(built(getattr(rtmpose, name), HEADS, SIZE))
    assert count / 1e6 == pytest.approx(PUBLISHED[name], abs=0.005)


@pytest.mark.parametrize(
    "name", ["rtmpose_t", "rtmpose_s", "rtmpose_m", "rtmpose_l", "rtmpose_x", "rtmw_m", "rtmw_l", "rtmw_x"]
)
def test_every_keypoint_has_its_bins_at_any_input_of_whole_cells(name: str):
    with torch.device("meta"):
        outputs = getattr(rtmpose, name)({"x": (5, 300), "y": (5, 400)}, (96, 128))(torch.empty(2, 3, 128, 96))
    assert {key: bins.shape for key, bins in outputs.items()} == {"x": (2, 5, 300), "y": (2, 5, 400)}


@pytest.mark.parametrize("build", SMALLEST, ids=lambda build: build.__name__)
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build({"x": (3, 20), "y": (3, 24)}, (96, 64))
    outputs = model(torch.randn(2, 3, 64, 96))
    sum((bins * torch.randn_like(bins)).sum() for bins in outputs.values()).backward()
    assert untouched(model) == []


@pytest.mark.parametrize("build", SMALLEST, ids=lambda build: build.__name__)
def test_an_image_of_another_size_is_refused(build):
    with pytest.raises(ShapeError, match="images of 192 x 256, got one of 256 x 192"):
        built(build, HEADS, SIZE)(torch.empty(1, 3, 192, 256, device="meta"))


def test_an_input_of_broken_cells_is_refused():
    with pytest.raises(RecipeError, match="multiples of 32, got 200 x 256"):
        built(rtmpose.rtmpose_t, HEADS, (200, 256))


def test_heatmaps_are_refused():
    with pytest.raises(RecipeError, match="gives x and y"):
        built(rtmpose.rtmpose_t, {"heatmap": (17, 64, 48)}, SIZE)


def test_a_scaled_vector_has_the_length_of_the_root_of_its_channels():
    """(3, 4) has length 5, so it becomes sqrt(2) * (0.6, 0.8), times g."""
    norm = ScaleNorm(2)
    norm.g.data.fill_(10.0)
    torch.testing.assert_close(norm(torch.tensor([3.0, 4.0])), 10 * 2**0.5 * torch.tensor([0.6, 0.8]))
    assert norm(torch.zeros(2)).tolist() == [0.0, 0.0]


def test_gated_attention_squares_rectified_products():
    """Token by token: gate * (sum over tokens of max(0, q . k / sqrt(128))² * value), beside the scaled input."""
    torch.manual_seed(0)
    unit, x = GatedAttention(), torch.randn(1, 4, WIDTH)
    gate, value, base = torch.nn.functional.silu(unit.uv(unit.ln(x)))[0].split([512, 512, 128], dim=-1)
    query, key = base * unit.gamma[0] + unit.beta[0], base * unit.gamma[1] + unit.beta[1]
    rows = []
    for token in range(4):
        share = [torch.dot(query[token], key[other]).div(128**0.5).clamp(min=0) ** 2 for other in range(4)]
        rows.append(gate[token] * sum(s * v for s, v in zip(share, value, strict=True)))
    expected = x[0] * unit.res_scale.scale + unit.o(torch.stack(rows))
    torch.testing.assert_close(unit(x)[0], expected, rtol=1e-4, atol=1e-4)


def test_gated_attention_does_not_know_the_order_of_the_keypoints():
    torch.manual_seed(0)
    unit, x, order = GatedAttention(), torch.randn(2, 6, WIDTH), torch.randperm(6)
    torch.testing.assert_close(unit(x[:, order]), unit(x)[:, order], rtol=1e-4, atol=1e-4)


def test_the_pyramid_keeps_channels_and_resolutions():
    with torch.device("meta"):
        levels = [torch.empty(2, 8, 16, 12), torch.empty(2, 16, 8, 6), torch.empty(2, 32, 4, 3)]
        outputs = Pyramid(8)(tuple(levels))
    assert [output.shape for output in outputs] == [level.shape for level in levels[1:]]


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_pyramid_carries_every_level_to_every_output(level: int):
    torch.manual_seed(0)
    pyramid = Pyramid(8).eval()
    levels = [torch.randn(1, 8, 8, 8), torch.randn(1, 16, 4, 4), torch.randn(1, 32, 2, 2)]
    before = pyramid(tuple(levels))
    levels[level] = levels[level] + 1
    after = pyramid(tuple(levels))
    assert all((a - b).abs().max() > 0 for a, b in zip(after, before, strict=True))
