"""The lifter that attends to the keypoints and frames of a sequence."""

import pytest
import torch

from vitruvian.errors import ShapeError
from vitruvian.models.motion_bert import Attention, Block, DSTformer, MotionBERT, MotionHead, motion_bert

from .published_names import names_of, parameters, published_names


def on_meta() -> MotionBERT:
    with torch.device("meta"):
        return motion_bert(17)


def block(spatial_first: bool = True) -> Block:
    torch.manual_seed(0)
    return Block(16, heads=4, hidden=32, spatial_first=spatial_first)


def test_parameters_have_the_published_names_shapes_and_order(shared):
    assert names_of(on_meta()) == published_names(shared, "motionbert_h36m")


def test_a_block_has_two_attentions_and_two_feed_forward_layers():
    """Each attention 4 C² + 4 C, each feed-forward layer 4 C² + 3 C, four norms of 2 C; with C of 512."""
    channels = 512
    one = 2 * (4 * channels**2 + 4 * channels) + 2 * (4 * channels**2 + 3 * channels) + 4 * 2 * channels
    backbone = on_meta().backbone
    assert parameters(backbone.blocks_st[0]) == parameters(backbone.blocks_ts[0]) == one
    embeddings = (243 + 17) * channels + 4 * channels
    assert parameters(backbone) == embeddings + 10 * one + 2 * channels + 5 * (2 * channels + 1) * 2


@pytest.mark.parametrize("frames", [1, 27, 243])
def test_every_frame_gets_a_pose(frames: int):
    poses = on_meta()(torch.empty(2, frames, 17, 3, device="meta"))
    assert {name: value.shape for name, value in poses.items()} == {"xyz": (2, frames, 17, 3)}


def test_attention_is_a_mean_of_values_by_the_softmax_of_products():
    """The definition, for one group, head and token at a time."""
    torch.manual_seed(0)
    attention, x = Attention(8, heads=2), torch.randn(2, 3, 5, 8)
    found = attention(x)
    for example, group in ((0, 0), (1, 2)):
        query, key, value = attention.qkv(x[example, group]).split(8, dim=-1)
        heads = []
        for half in (slice(0, 4), slice(4, 8)):
            share = torch.softmax(query[:, half] @ key[:, half].T / 2.0, dim=-1)  # 2 is the root of 4 channels
            heads.append(share @ value[:, half])
        torch.testing.assert_close(found[example, group], attention.proj(torch.cat(heads, dim=-1)))


@pytest.mark.parametrize("spatial_first", [True, False])
@pytest.mark.parametrize("axis", [1, 2])
def test_a_block_knows_neither_the_order_of_frames_nor_that_of_keypoints(spatial_first: bool, axis: int):
    layer, x = block(spatial_first), torch.randn(2, 4, 5, 16)
    order = torch.randperm(x.shape[axis])
    torch.testing.assert_close(layer(x.index_select(axis, order)), layer(x).index_select(axis, order))


@pytest.mark.parametrize(
    ("silent", "reached"),
    [("attn_t", {(1, keypoint) for keypoint in range(5)}), ("attn_s", {(frame, 2) for frame in range(4)})],
)
def test_one_attention_stays_in_a_frame_and_the_other_with_a_keypoint(silent: str, reached: set[tuple[int, int]]):
    """Frame 1 of keypoint 2 changes, while the other attention is silenced."""
    layer, x = block(), torch.randn(1, 4, 5, 16)
    torch.nn.init.zeros_(getattr(layer, silent).proj.weight)
    before = layer(x)
    x[0, 1, 2, 0] += 1
    changed = (layer(x) - before).abs().amax(-1)[0] > 1e-6
    assert set(map(tuple, changed.nonzero().tolist())) == reached


def test_spatial_first_means_that_frames_attend_to_what_keypoints_have_said():
    """The same weights in both orders differ, and each order is its own two halves."""
    first, then, x = block(spatial_first=True), block(spatial_first=False), torch.randn(1, 4, 5, 16)
    torch.testing.assert_close(first(x), first._along_frames(first._in_frames(x)))
    torch.testing.assert_close(then(x), then._in_frames(then._along_frames(x)))
    assert (first(x) - then(x)).abs().max() > 1e-3


def test_fresh_streams_count_the_same():
    torch.manual_seed(0)
    backbone, points = DSTformer(5, 16, depth=1, heads=2, hidden=32), torch.randn(2, 4, 5, 3)
    x = backbone.joints_embed(points) + backbone.spat_embed + backbone.temp_embed[:, :4]
    mean = (backbone.blocks_st[0](x) + backbone.blocks_ts[0](x)) / 2
    torch.testing.assert_close(backbone(points), backbone.norm(mean))


def test_a_stream_that_has_all_the_share_decides_alone():
    torch.manual_seed(0)
    backbone, points = DSTformer(5, 16, depth=1, heads=2, hidden=32), torch.randn(2, 4, 5, 3)
    backbone.attn_regress[0].bias.data = torch.tensor([50.0, -50.0])
    x = backbone.joints_embed(points) + backbone.spat_embed + backbone.temp_embed[:, :4]
    torch.testing.assert_close(backbone(points), backbone.norm(backbone.blocks_st[0](x)))


def test_frames_and_keypoints_are_told_apart():
    torch.manual_seed(0)
    features = DSTformer(5, 16, depth=2, heads=2, hidden=32)(torch.zeros(1, 4, 5, 3))[0]
    assert (features[0, 0] - features[3, 0]).abs().max() > 1e-3
    assert (features[0, 0] - features[0, 4]).abs().max() > 1e-3


def test_the_head_reads_a_pose_off_numbers_between_minus_one_and_one():
    torch.manual_seed(0)
    head = MotionHead(16)
    limit = head.fc.weight.abs().sum(1) + head.fc.bias.abs()
    assert (head(1e4 * torch.randn(100, 16)).abs() <= limit + 1e-4).all()


@pytest.mark.parametrize("shape", [(1, 244, 17, 3), (1, 0, 17, 3), (1, 9, 16, 3), (1, 9, 17, 2), (9, 17, 3)])
def test_points_of_another_shape_are_refused(shape: tuple[int, ...]):
    with pytest.raises(ShapeError, match=r"must be \(B, T, 17, 3\) with 1 to 243 frames, got .* windows"):
        on_meta()(torch.empty(shape, device="meta"))
