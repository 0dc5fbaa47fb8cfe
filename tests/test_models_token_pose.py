"""TokenPose: its size and operations against the paper's tables, its tokens and where they are, its maps."""

import math

import pytest
import torch
from torch import nn

from tests.multiply_adds import multiply_adds
from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models.pose_model import PoseModel
from vitruvian.models.token_pose import (
    Layers,
    Stem,
    ThreeStages,
    TokenHead,
    TokenTransformer,
    patch_of,
    sine_embedding,
    token_pose_b,
    token_pose_l_d6,
    token_pose_l_d24,
    token_pose_s_v1,
    token_pose_s_v2,
    token_pose_t,
)

HEADS = {"heatmap": (17, 64, 48)}
SIZE = (192, 256)

# Build, visual tokens, parameters in millions and GFLOPs of the paper, multiply-adds in 10^9 that are done.
SIZES = [
    (token_pose_t, 256, 5.8, 1.3, 1.6),
    (token_pose_s_v1, 256, 6.6, 2.2, 2.7),
    (token_pose_s_v2, 768, 6.2, 11.6, 7.5),
    (token_pose_b, 256, 13.5, 5.7, 6.3),
    (token_pose_l_d6, 256, 20.8, 9.1, 9.9),
    (token_pose_l_d24, 256, 27.5, 11.0, 12.2),
]
BUILDS = [size[0] for size in SIZES]


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def on_meta(build) -> PoseModel:
    with torch.device("meta"):
        return build(HEADS, SIZE).eval()


def tiny(layers: Layers = Layers((2,)), maps: int = 3) -> TokenTransformer:  # noqa: B008 (a constant)
    """6 visual tokens, of 2 x 2 cells each."""
    torch.manual_seed(0)
    return TokenTransformer(4, 4, (6, 4), (2, 2), maps, layers).eval()


@pytest.mark.published
@pytest.mark.parametrize(("build", "tokens", "parameters", "gflops", "done"), SIZES)
def test_the_parameters_are_those_of_the_paper(build, tokens: int, parameters: float, gflops: float, done: float):
    """To the digit that the paper gives."""
    assert round(sum(p.numel() for p in on_meta(build).parameters()) / 1e6, 1) == parameters


@pytest.mark.published
@pytest.mark.parametrize(("build", "tokens", "parameters", "gflops", "done"), SIZES)
def test_the_operations_are_those_of_the_paper(build, tokens: int, parameters: float, gflops: float, done: float):
    """To the digit that the paper gives, in units of 2^30, counted the paper's way.

    There each output of a linear layer on N tokens needs N multiply-adds, whatever its channels, and attention none.
    The last layers see the 17 keypoint tokens, those before the visual tokens, too; patches are a linear layer as well.
    """
    model = on_meta(build)
    found = 0 if build is token_pose_t else multiply_adds(model.backbone, torch.empty(1, 3, 256, 192, device="meta"))
    for name, layer in model.named_modules():
        if isinstance(layer, nn.Linear):
            seen = 17 if "mlp_head" in name else 17 + tokens
            found += seen * layer.out_features * seen
    found += tokens * 192 * tokens
    assert round(found / 2**30, 1) == gflops


@pytest.mark.parametrize(("build", "tokens", "parameters", "gflops", "done"), SIZES)
def test_the_multiply_adds_are_those_of_its_description(
    build, tokens: int, parameters: float, gflops: float, done: float
):
    found = multiply_adds(on_meta(build), torch.empty(1, 3, 256, 192, device="meta"))
    assert round(found / 1e9, 1) == done
    assert f"{done} G multiply-adds at 192 x 256" in build.__doc__


@pytest.mark.parametrize("build", BUILDS)
def test_every_size_answers_with_maps_of_the_size_asked_for(build):
    with torch.device("meta"):
        model = build({"heatmap": (17, 96, 72), "tag": (1, 96, 72)}, (288, 384))
        outputs = model(torch.empty(2, 3, 384, 288))
    assert {name: tuple(maps.shape) for name, maps in outputs.items()} == {
        "heatmap": (2, 17, 96, 72),
        "tag": (2, 1, 96, 72),
    }


@pytest.mark.parametrize(
    ("grid", "patch"),
    [((48, 64), (3, 4)), ((64, 64), (4, 4)), ((72, 96), (4, 6)), ((192, 256), (12, 16)), ((16, 8), (1, 1))],
)
def test_patches_are_those_of_the_released_settings(grid: tuple[int, int], patch: tuple[int, int]):
    """Of the features at 192 x 256, 256 x 256 and 288 x 384, and of the image for T; a small grid is left as it is."""
    assert patch_of(grid) == patch


def test_a_grid_that_patches_do_not_fill_is_refused():
    with pytest.raises(RecipeError, match="50 x 64 cells cannot be cut into patches of 3 x 4"):
        patch_of((50, 64))
    with pytest.raises(RecipeError, match="multiples of 4, got 190 x 256"):
        token_pose_b(HEADS, (190, 256))


def test_another_size_of_image_is_refused():
    with pytest.raises(ShapeError, match="built for images of 24 x 16, got one of 16 x 16"):
        tiny()(noise(1, 4, 4, 4))
    with pytest.raises(ShapeError, match="multiples of 32, got an image of 48 x 64"):
        ThreeStages(32)(noise(1, 3, 64, 48))


def test_places_are_sines_and_cosines_of_the_row_and_then_of_the_column():
    """A grid 2 wide and 4 high with 8 channels: four for each axis, of frequencies 1 and 1 / 100.

    Token 3 is the second of the second row: half way down, and at the right end.
    """
    embedding = sine_embedding((2, 4), 8)
    assert embedding.shape == (1, 8, 8)
    row, column = math.pi, 2 * math.pi
    expected = [f(angle / frequency) for angle in (row, column) for frequency in (1, 100) for f in (math.sin, math.cos)]
    torch.testing.assert_close(embedding[0, 3], torch.tensor(expected), rtol=0, atol=1e-6)


def test_places_of_one_row_differ_only_in_the_half_that_tells_the_column():
    """And transposing a square grid exchanges the halves."""
    embedding = sine_embedding((5, 5), 12)[0].unflatten(0, (5, 5))  # rows, columns, channels
    rows, columns = embedding.split(6, dim=-1)
    assert torch.equal(rows, rows[:, :1].expand_as(rows))
    assert torch.equal(columns, columns[:1].expand_as(columns))
    assert torch.equal(rows.transpose(0, 1), columns)


def test_the_keypoint_tokens_have_no_place_and_the_visual_ones_have_it_before_every_layer_but_the_first_of_a_part():
    """With layers that do nothing, a visual token holds its place once for itself and once for each later layer."""
    net = tiny(Layers((2, 1, 3)))
    seen: list[torch.Tensor] = []
    for part in net.parts:
        part.register_forward_hook(lambda _, inputs, output: seen.append(output))
        for layer in part.layers:
            for last in (layer.attention.to_out, layer.feed_forward[-1]):
                nn.init.zeros_(last.weight)
                nn.init.zeros_(last.bias)
    nn.init.zeros_(net.patch_to_embedding.weight)
    out = net(noise(1, 4, 4, 6))
    assert torch.equal(out[..., :192], net.keypoint_token)
    for tokens, times in zip(seen, (2, 2, 4), strict=True):
        assert torch.equal(tokens[:, :3], net.keypoint_token)
        torch.testing.assert_close(tokens[:, 3:], times * net.pos_embedding)


def test_fused_tokens_are_those_after_each_part():
    net = tiny(Layers((1, 1, 1)))
    x = noise(1, 4, 4, 6)
    alone = tiny(Layers((1,)))
    alone.load_state_dict(net.state_dict(), strict=False)
    fused = net(x)
    assert fused.shape == (1, 3, 3 * 192)
    torch.testing.assert_close(fused[..., :192], alone(x))


@pytest.mark.parametrize(("layers", "scale"), [(Layers((1,), 12), 0.25), (Layers((1,), 8, whole=True), 192**-0.5)])
def test_attention_is_scaled_by_a_head_or_by_all_channels(layers: Layers, scale: float):
    """192 channels in 12 heads are 16 each."""
    assert layers.scale == pytest.approx(scale)
    assert tiny(layers).parts[0].layers[0].attention.scale == layers.scale


def test_a_visual_token_is_a_patch():
    """Only the token of the changed cell changes before the transformer: cell (3, 2) is in patch (1, 1) of 3 x 2."""
    net = tiny()
    before, after = noise(1, 4, 4, 6), noise(1, 4, 4, 6)
    after[..., 2, 3] += 1
    changed = (net.patch_to_embedding(after) != net.patch_to_embedding(before)).any(1)[0]
    assert changed.tolist() == [[False, False, False], [False, True, False]]


def test_every_token_becomes_its_map_by_itself_row_by_row():
    torch.manual_seed(0)
    head = TokenHead(192, {"heatmap": (2, 4, 3), "tag": (1, 4, 3)})
    tokens = noise(1, 3, 192)
    outputs = head(tokens)
    assert torch.equal(outputs["heatmap"][0, 1].flatten(), head.mlp_head(tokens)[0, 1])
    changed = tokens.clone()
    changed[0, 2] += 1
    assert torch.equal(head(changed)["heatmap"], outputs["heatmap"])
    assert not torch.equal(head(changed)["tag"], outputs["tag"])


@pytest.mark.parametrize("heads", [{"xy": (17, 2)}, {"heatmap": (17, 64, 48), "tag": (17, 32, 24)}, {}])
def test_outputs_that_are_no_maps_of_one_size_are_refused(heads):
    with pytest.raises(RecipeError, match="maps \\(channels, h, w\\) of one size"):
        TokenHead(192, heads)


@pytest.mark.parametrize("build", [token_pose_t, token_pose_s_v2, token_pose_b, token_pose_l_d6])
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build({"heatmap": (3, 16, 16)}, (64, 64))
    (model(noise(2, 3, 64, 64))["heatmap"] * noise(2, 3, 16, 16)).sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_the_stem_is_where_the_weights_of_hrnet_fit():
    """The names of its first layers, so that weights trained on ImageNet can be loaded."""
    with torch.device("meta"):
        names = {name.split(".")[0] for name in ThreeStages(32).state_dict()}
        stem = {name.split(".")[0] for name in Stem().state_dict()}
    assert stem == {"conv1", "bn1", "conv2", "bn2", "layer1"}
    assert names == stem | {"transition1", "stage2", "transition2", "stage3"}
