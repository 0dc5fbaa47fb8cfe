"""Cutting, joining and smoothing of surfaces, on squares that can be drawn on paper."""

import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.human.anatomy import INFLUENCES
from vitruvian.synthesis.looks.layer import Layer, Patch, merged, neighbours, normals, patch, smoothed
from vitruvian.synthesis.looks.nets import bag, dome, grid, joined, tube
from vitruvian.synthesis.rendering.paint import Paint

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
HALVES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
BARE = np.full(4, -1.0, np.float32)


def test_a_patch_ends_where_the_field_is_nought():
    """The field is 0.25 - x: the right corners come back to x = 0.25 along their edges; the diagonal counts as well."""
    cut = patch(HALVES, 0.25 - SQUARE[:, 0], BARE)
    found = cut.pulled(SQUARE[cut.rows])
    assert cut.rows.tolist() == [0, 1, 2, 3]
    assert found[:, 0] == pytest.approx([0, 0.25, 0.25, 0])


def test_a_patch_leaves_out_what_is_outside_and_what_is_covered():
    assert len(patch(HALVES, BARE, BARE).triangles) == 0
    everywhere = np.ones(4, np.float32)
    assert len(patch(HALVES, everywhere, np.array([1, 1, 1, -1], np.float32)).triangles) == 1
    assert len(patch(HALVES, everywhere, everywhere).triangles) == 0


def test_nothing_is_pulled_where_nothing_is_cut():
    cut = patch(HALVES, np.ones(4, np.float32), BARE)
    assert (cut.pulled(SQUARE) == SQUARE).all()
    assert not len(cut.inner)


class TwoBones:
    bones = ("left", "right")
    influence = np.tile(np.arange(INFLUENCES, dtype=np.int32) % 2, (4, 1))
    weight = np.zeros((4, INFLUENCES), np.float32)


def test_the_bones_of_a_moved_vertex_are_mixed_as_far_as_it_moved():
    """Left corners hang on bone 0, right ones on bone 1; cut at a quarter they hang on 0 by 3/4."""
    body = TwoBones()
    body.influence = np.array([[0, 1] * 3, [1, 0] * 3, [1, 0] * 3, [0, 1] * 3], np.int32)
    body.weight = np.tile(np.array([1] + [0] * 5, np.float32), (4, 1))
    cut = patch(HALVES, 0.25 - SQUARE[:, 0], BARE)
    influence, weight = cut.bones(body)
    assert weight.sum(1) == pytest.approx([1, 1, 1, 1])
    assert influence[1, :2].tolist() == [0, 1]
    assert weight[1, :2] == pytest.approx([0.75, 0.25])


def _layer(count: int, paints: tuple[Paint, ...]) -> Layer:
    points, bones = np.zeros((count, 3), np.float32), np.zeros((count, INFLUENCES))
    triangles = np.array([[0, 1, 2]], np.int32)
    return Layer(points, triangles, points, points, bones.astype(np.int32), bones, np.zeros(1, np.int32), paints)


def test_merged_layers_keep_their_own_vertices_and_paints():
    whole = merged([_layer(3, (Paint(), Paint("dots"))), _layer(4, (Paint("knit"),))])
    assert whole.triangles.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [whole.paints[row].pattern for row in whole.paint] == ["plain", "knit"]
    assert len(whole.vertices) == 7


def test_normals_point_to_where_triangles_turn_left():
    assert normals(SQUARE, HALVES) == pytest.approx(np.tile([0.0, 0.0, 1.0], (4, 1)))
    assert (normals(np.vstack([SQUARE, SQUARE[:1]]), HALVES)[4] == 0).all()


def test_smoothing_moves_a_point_half_way_to_the_mean_of_its_neighbours():
    """Corner 1 has the neighbours 0 and 2, with the mean (0.5, 0.5): from (1, 0) to (0.75, 0.25)."""
    around = neighbours(HALVES, 4)
    assert sorted(around[1][around[1] >= 0]) == [0, 2]
    assert smoothed(SQUARE, around, 1)[1] == pytest.approx([0.75, 0.25, 0])


def volume(mesh) -> float:
    vertices, triangles = mesh
    a, b, c = (vertices[triangles[:, i]].astype(float) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def test_round_things_have_their_outside_out():
    """A ball of radius 2 holds 4/3 pi 8 = 33.5, a little less of flat faces."""
    ball = dome(np.zeros(3), np.full(3, 2.0), np.full(40, np.pi), rows=30)
    assert volume(ball) == pytest.approx(33.5, rel=0.03)
    assert 8 * 0.7 < volume(bag(np.zeros(3), np.ones(3))) < 8
    assert volume(joined(ball, ball)) == pytest.approx(2 * volume(ball))


def test_a_tube_has_its_radius_and_its_outside_out():
    path = np.stack([np.zeros(5), np.linspace(0, 1, 5), np.zeros(5)], axis=1)
    vertices, triangles = tube(path, 0.1)
    assert np.hypot(vertices[:, 0], vertices[:, 2]) == pytest.approx(np.full(40, 0.1))
    out = normals(vertices, triangles)
    assert (out[:, [0, 2]] * vertices[:, [0, 2]]).sum(1).min() > 0


def test_a_net_joins_each_point_to_the_next():
    points = np.stack(np.meshgrid(np.arange(3.0), -np.arange(2.0)), axis=-1)
    vertices, triangles = grid(np.concatenate([points, np.zeros((2, 3, 1))], axis=-1))
    assert len(triangles) == 4
    assert normals(vertices, triangles)[:, 2] == pytest.approx(np.ones(6))


def test_a_patch_holds_rows_of_the_mesh():
    cut = patch(HALVES, np.array([1, 1, 1, -1], np.float32), np.array([1, 1, 1, 1], np.float32))
    assert isinstance(cut, Patch)
    assert cut.rows.tolist() == []
