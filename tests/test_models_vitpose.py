"""ViTPose: the vision transformer and its two decoders."""

import pytest
import torch

from vitruvian.errors import RecipeError, ShapeError
from vitruvian.models import vitpose
from vitruvian.models.vitpose import Attention, Block, DropPath, Enlarged, Patches, SimpleDecoder

from .published_names import built, names_of, parameters, published_names, untouched

HEADS = {"heatmap": (17, 64, 48)}
SIZE = (192, 256)
SIZES = [("small", 384, 12), ("base", 768, 12), ("large", 1024, 24), ("huge", 1280, 32)]
SMALL = [vitpose.vitpose_small, vitpose.vitpose_small_simple]


@pytest.mark.parametrize("build", SMALL, ids=lambda build: build.__name__)
def test_parameters_have_the_published_names_shapes_and_order(shared, build):
    name = f"{build.__name__}_coco_256x192"
    assert names_of(built(build, HEADS, SIZE)) == published_names(shared, name)


@pytest.mark.parametrize(("name", "channels", "depth"), SIZES)
def test_a_block_has_twelve_squares_of_the_channels(name: str, channels: int, depth: int):
    """Attention 4 C² + 4 C, feed-forward 8 C² + 5 C, two norms 4 C; 192 positions; patches of 16 * 16 * 3 values."""
    model = built(getattr(vitpose, f"vitpose_{name}"), HEADS, SIZE)
    blocks = depth * (12 * channels**2 + 13 * channels)
    assert parameters(model.backbone) == blocks + 192 * channels + (768 + 1) * channels + 2 * channels
    assert parameters(model.head) == 16 * 256 * (channels + 256) + 4 * 256 + 17 * 257


@pytest.mark.parametrize(("name", "channels", "depth"), SIZES)
def test_the_simple_decoder_is_one_convolution(name: str, channels: int, depth: int):
    model = built(getattr(vitpose, f"vitpose_{name}_simple"), HEADS, SIZE)
    assert len(model.backbone.layers) == depth
    assert parameters(model.head) == 17 * (9 * channels + 1)


@pytest.mark.parametrize("build", SMALL, ids=lambda build: build.__name__)
def test_maps_are_a_quarter_of_any_input_of_whole_patches(build):
    with torch.device("meta"):
        outputs = build({"heatmap": (5, 8, 20), "tag": (2, 8, 20)}, (80, 32))(torch.empty(2, 3, 32, 80))
    assert {name: maps.shape for name, maps in outputs.items()} == {"heatmap": (2, 5, 8, 20), "tag": (2, 2, 8, 20)}


@pytest.mark.parametrize("build", SMALL, ids=lambda build: build.__name__)
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build({"heatmap": (3, 8, 12)}, (48, 32)).eval()  # in training a branch may be dropped
    (model(torch.randn(2, 3, 32, 48))["heatmap"] * torch.randn(2, 3, 8, 12)).sum().backward()
    assert untouched(model) == []


def test_an_input_of_broken_patches_is_refused():
    with pytest.raises(RecipeError, match="multiples of 16, got 200 x 256"):
        built(vitpose.vitpose_small, HEADS, (200, 256))


def test_an_image_of_another_size_is_refused():
    model = built(vitpose.vitpose_small, HEADS, SIZE)
    with pytest.raises(ShapeError, match="images of 192 x 256, got one of 256 x 192"):
        model(torch.empty(1, 3, 192, 256, device="meta"))


@pytest.mark.parametrize(("column", "patch"), [(0, 0), (13, 0), (14, 1), (29, 1), (30, 2)])
def test_a_patch_begins_two_pixels_before_its_multiple_of_sixteen(column: int, patch: int):
    torch.manual_seed(0)
    patches = Patches(8)
    image = torch.zeros(1, 3, 48, 48)
    before = patches(image)
    image[..., column] = 1.0
    changed = (patches(image) != before).any(1)[0].any(0)
    assert changed.nonzero().flatten().tolist() == [patch]


def test_attention_is_a_mean_of_values_by_the_softmax_of_products():
    """The definition, head by head and token by token."""
    torch.manual_seed(0)
    attention, x = Attention(8, heads=2), torch.randn(1, 5, 8)
    query, key, value = attention.qkv(x)[0].split(8, dim=-1)
    rows = []
    for token in range(5):
        heads = []
        for half in (slice(0, 4), slice(4, 8)):
            share = torch.softmax(key[:, half] @ query[token, half] / 2.0, dim=0)  # 2 is the root of 4 channels
            heads.append(share @ value[:, half])
        rows.append(torch.cat(heads))
    torch.testing.assert_close(attention(x)[0], attention.proj(torch.stack(rows)))


def test_a_block_does_not_know_the_order_of_its_tokens():
    torch.manual_seed(0)
    block, x, order = Block(16, heads=4, drop_path=0.0), torch.randn(2, 6, 16), torch.randperm(6)
    torch.testing.assert_close(block(x[:, order]), block(x)[:, order])


def test_positions_tell_equal_patches_apart():
    torch.manual_seed(0)
    backbone = vitpose.VisionTransformer((48, 48), channels=16, depth=2, heads=2, drop_path=0.0).eval()
    features = backbone(torch.zeros(1, 3, 48, 48))
    assert (features[0, :, 0, 0] - features[0, :, 2, 2]).abs().max() > 0.01


def test_drop_path_changes_nothing_in_eval():
    x = torch.randn(4, 3, 2)
    assert DropPath(0.5).eval()(x) is x


def test_drop_path_keeps_or_drops_whole_examples_and_the_mean():
    torch.manual_seed(0)
    x = torch.ones(4000, 3, 2)
    out = DropPath(0.25).train()(x)
    assert out.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (out == out[:, :1, :1]).all()
    assert out.mean().item() == pytest.approx(1.0, abs=0.03)


def test_the_last_blocks_are_dropped_most_often():
    backbone = built(vitpose.vitpose_base, HEADS, SIZE).backbone
    rates = [block.drop_path.rate for block in backbone.layers]
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0.3)
    assert rates == sorted(rates)


def test_features_are_enlarged_after_their_negative_values_are_gone():
    """Between a -8 and an 8, bilinear values would otherwise pass through 0."""
    out = Enlarged()(torch.tensor([-8.0, 8.0]).view(1, 1, 1, 2))
    assert out[0, 0, 0].tolist() == [0, 0, 1, 3, 5, 7, 8, 8]


def test_the_first_maps_are_close_to_zero():
    torch.manual_seed(0)
    assert SimpleDecoder(384, HEADS)(torch.randn(1, 384, 8, 8).relu())["heatmap"].abs().max() < 0.3
