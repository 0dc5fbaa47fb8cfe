import numpy as np
import pytest

from vitruvian.synthesis.places.solids import ball, block, joined, ring, rod, rods, toward, tube, turned


def volume(solid):
    """By the divergence theorem: positive only where triangles are counter-clockwise seen from outside."""
    a, b, c = np.moveaxis(solid.vertices.astype(float)[solid.triangles], 1, 0)
    return (np.cross(a, b) * c).sum() / 6


def test_volumes_are_those_of_the_textbook():
    assert volume(block((2, 3, 4))) == pytest.approx(24, rel=1e-5)
    assert volume(ball(2.0, 96)) == pytest.approx(4 / 3 * np.pi * 8, rel=3e-3)
    assert volume(rod((1, 2, 3), (1, 2, 8), 2.0, 96)) == pytest.approx(np.pi * 4 * 5, rel=3e-3)
    assert volume(ring(3.0, 0.5, 96, 48)) == pytest.approx(2 * np.pi**2 * 3 * 0.25, rel=5e-3)
    assert volume(turned([(0, 0), (3, 0), (0, 6)], 96)) == pytest.approx(np.pi * 9 * 6 / 3, rel=3e-3)


def test_a_moved_solid_keeps_its_volume_and_joining_adds():
    turn = toward((1.0, 2.0, 3.0))
    assert volume(joined([block((1, 1, 1)), block((1, 2, 1)).moved((5, 0, 0), turn)])) == pytest.approx(3, rel=1e-5)


def test_several_rods_are_the_rods_one_by_one():
    ends = np.random.default_rng(0).normal(0, 1, (5, 2, 3))
    together = rods(ends, 0.1, 8)
    assert together.vertices == pytest.approx(joined([rod(*pair, 0.1, 8) for pair in ends]).vertices, abs=1e-6)


def test_toward_turns_z_and_is_a_rotation_for_any_way():
    ways = np.concatenate([np.random.default_rng(1).normal(0, 1, (50, 3)), [(0, 0, 1), (0, 0, -1), (1, 0, 0)]])
    turns = toward(ways)
    assert turns @ turns.swapaxes(-1, -2) == pytest.approx(np.broadcast_to(np.eye(3), (53, 3, 3)), abs=1e-12)
    assert np.linalg.det(turns) == pytest.approx(np.ones(53))
    assert turns[..., 2] == pytest.approx(ways / np.linalg.norm(ways, axis=1, keepdims=True))


def test_a_tube_keeps_its_distance_from_its_path():
    rise = np.linspace(0, np.pi, 20)
    path = np.stack([np.cos(rise), np.sin(rise), 0.3 * rise], -1)
    rings = tube(path, 0.05, 6).vertices.reshape(20, 6, 3)
    assert np.linalg.norm(rings - path[:, None], axis=-1) == pytest.approx(0.05, abs=1e-5)
