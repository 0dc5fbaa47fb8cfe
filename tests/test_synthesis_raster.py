"""Which triangle is seen where."""

import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.paint import Paint
from vitruvian.synthesis.rendering.raster import Mesh, joined, lit_map, seen, smooth_normals
from vitruvian.synthesis.rendering.surface import Surface

AHEAD = Camera(np.eye(3), np.zeros(3), 8.0, (9, 9))  # looks along z, right is x, down is y; pixel (4, 4) is its middle


def surface(vertices, triangles, **others) -> Surface:
    points, faces = np.array(vertices, np.float32), np.array(triangles, np.int32)
    white = np.ones_like(points)
    return Surface(points, faces, points, white, np.zeros(len(faces), np.int32), [Paint()], **others)


def on_picture(*corners: tuple[float, float], depth: float = 2.0) -> list[tuple[float, float, float]]:
    """Places in space that AHEAD projects to pixels."""
    return [((x - 4) * depth / 8, (y - 4) * depth / 8, depth) for x, y in corners]


FRONT = [[0, 2, 1]]  # with the corners below, counter-clockwise as one looks at it


def test_a_triangle_covers_the_pixels_whose_centres_it_covers():
    """Legs of 3.5 pixels: 4 + 3 + 2 + 1 centres, as (1, 4) and (4, 1) lie within and (3, 3) does not."""
    mesh = joined([surface(on_picture((0.9, 0.9), (4.6, 0.9), (0.9, 4.6)), FRONT)])
    rows, columns = np.nonzero(seen(mesh, AHEAD).names == 0)
    assert set(zip(columns.tolist(), rows.tolist(), strict=True)) == {
        (x, y) for x in (1, 2, 3, 4) for y in (1, 2, 3, 4) if x + y <= 5
    }


def test_the_back_of_a_triangle_is_seen_only_if_it_is_thin():
    corners = on_picture((1, 1), (7, 1), (1, 7))
    assert (seen(joined([surface(corners, [[0, 1, 2]])]), AHEAD).names < 0).all()
    assert (seen(joined([surface(corners, [[0, 1, 2]], thin=True)]), AHEAD).names == 0).any()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_nearer_wins_in_any_order(order):
    corners = ((0, 0), (8, 0), (0, 8))
    both = [surface(on_picture(*corners, depth=depth), FRONT, owner=owner) for owner, depth in enumerate((2.0, 3.0))]
    mesh = joined([both[i] for i in order])
    found = seen(mesh, AHEAD)
    assert mesh.owner[found.names[1, 1]] == 0
    assert found.nearest[1, 1] == pytest.approx(1 / 2)


def test_a_tilted_triangle_has_the_depth_that_geometry_says():
    """The plane z = 2 + x: the ray through pixel 6 has x = z / 4, so z = 8 / 3."""
    places = [(-1, -1, 1), (1.5, -1, 3.5), (-1, 3, 1)]
    found = seen(joined([surface(places, FRONT)]), AHEAD)
    assert 1 / found.nearest[4, 6] == pytest.approx(8 / 3, rel=1e-6)


def test_two_triangles_leave_no_gap_between_them():
    rng = np.random.default_rng(0)
    camera = Camera(np.eye(3), np.zeros(3), 60.0, (64, 64))
    for _ in range(20):
        xy = np.array([(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]) + rng.uniform(-0.1, 0.1, (4, 2))
        places = np.column_stack([xy, rng.uniform(1.5, 2.5, 4)])
        middle = np.array([[0.0, 0.0, 2.0]]) + rng.uniform(-0.1, 0.1, 3)
        fan = [(4, (i + 1) % 4, i) for i in range(4)]
        names = seen(joined([surface([*places, *middle], fan, thin=True)]), camera).names
        for row in names >= 0:
            covered = np.flatnonzero(row)
            assert len(covered) == 0 or row[covered[0] : covered[-1] + 1].all()


def test_what_reaches_behind_the_camera_is_cut_off_and_the_rest_is_seen():
    """A floor at y = 1 from behind the camera to 4 m: the ray of the lowest row (8) meets it at z = 2."""
    floor = surface([(-9, 1, -1), (9, 1, -1), (9, 1, 4), (-9, 1, 4)], [(0, 1, 2), (0, 2, 3)], thin=True)
    found = seen(joined([floor]), AHEAD)
    assert (found.names[:6] < 0).all()
    assert (found.names[6:] >= 0).all()
    assert 1 / found.nearest[8] == pytest.approx(2.0)


def test_of_what_reaches_behind_the_camera_too_only_fronts_are_seen_unless_it_is_thin():
    places = [(-9, 1, -1), (9, 1, -1), (0, 1, 9)]
    seen_of = {
        order: (seen(joined([surface(places, [order])]), AHEAD).names >= 0).any() for order in ((0, 1, 2), (0, 2, 1))
    }
    assert seen_of == {(0, 1, 2): True, (0, 2, 1): False}  # the camera is above a floor: y points down


def test_what_is_behind_the_camera_is_not_seen():
    assert (
        seen(joined([surface(on_picture((1, 1), (7, 1), (1, 7), depth=-2.0), FRONT, thin=True)]), AHEAD).names < 0
    ).all()


def test_samples_lie_inside_the_pixels_that_the_camera_projects_to():
    """A speck of a third of a pixel at (5.25, 3.25) is the right lower sample of pixel (5, 3): column 11, row 7."""
    speck = on_picture((5.1, 3.1), (5.5, 3.1), (5.1, 3.5))
    assert np.argwhere(seen(joined([surface(speck, FRONT)]), AHEAD, samples=2).names == 0).tolist() == [[7, 11]]
    assert np.allclose(AHEAD.project(np.array(speck))[0][0], (5.1, 3.1))


def test_joined_surfaces_keep_only_vertices_that_triangles_use():
    one = surface([(0, 0, 1), (9, 9, 9), (1, 0, 1), (0, 1, 1)], [(0, 2, 3)], owner=3)
    mesh = joined([one, surface([(0, 0, 2), (1, 0, 2), (0, 1, 2)], [(0, 1, 2)], thin=True)])
    assert mesh.points.tolist() == [[0, 0, 1], [1, 0, 1], [0, 1, 1], [0, 0, 2], [1, 0, 2], [0, 1, 2]]
    assert mesh.triangles.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert mesh.owner.tolist() == [3, 0]
    assert mesh.thin.tolist() == [False, True]
    assert mesh.paint.tolist() == [0, 1]


def test_nothing_joined_is_an_empty_mesh_that_shows_nothing():
    mesh = joined([])
    assert isinstance(mesh, Mesh)
    assert (seen(mesh, AHEAD).names < 0).all()


def test_normals_of_a_cube_point_along_its_diagonals():
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    around = [(a, b, c) for a, b, c, _ in faces] + [(a, c, d) for a, _, c, d in faces]
    backwards = (
        around + [(b, c, d) for _, b, c, d in faces] + [(a, b, d) for a, b, _, d in faces]
    )  # so that all count alike
    normals = smooth_normals(np.array(corners, np.float32), np.array(backwards, np.int32))
    assert np.allclose(normals / np.linalg.norm(normals, axis=1, keepdims=True), np.array(corners) / np.sqrt(3))


def test_a_map_knows_how_high_what_it_shows_reaches_towards_the_light():
    """A square of 2 m at z = 1.5, the light from above: the map's rows run along -y."""
    roof = surface([(-1, -1, 1.5), (1, -1, 1.5), (1, 1, 1.5), (-1, 1, 1.5)], [(0, 1, 2), (0, 2, 3)])
    turn = np.array([(1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0)])
    sky = lit_map(joined([roof]), turn, np.array([-2.0, -2.0]), np.array([2.0, 2.0]), 43)
    assert sky.cell == pytest.approx(0.1)
    assert sky.nearest[21, 21] == pytest.approx(1.5)
    assert (sky.nearest > 0).sum() == pytest.approx(21 * 21, abs=43)
    assert np.isneginf(sky.nearest[0, 0])


def test_what_is_drawn_is_what_testing_every_pixel_finds():
    """The slow, obvious way: a pixel's centre is inside when it is to the same side of all edges."""
    rng = np.random.default_rng(1)
    camera = Camera(np.eye(3), np.zeros(3), 24.0, (24, 24))
    x, y = np.meshgrid(np.arange(24.0), np.arange(24.0))
    for size in (0.2, 1.0, 40.0):
        for _ in range(50):
            xy = rng.uniform(0, 24, 2) + rng.normal(0, size, (3, 2)) * rng.choice([1, 1, 0.01], (1, 2))
            places = np.column_stack([(xy - 11.5) / 24, np.ones(3)]).astype(np.float32)
            xy = places[:, :2].astype(np.float64) * 24 + 11.5
            sides = [
                (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
                for a, b in ((xy[0], xy[1]), (xy[1], xy[2]), (xy[2], xy[0]))
            ]
            inside = np.logical_or((np.array(sides) >= 0).all(0), (np.array(sides) <= 0).all(0))
            names = seen(joined([surface(places, [[0, 1, 2]], thin=True)]), camera).names
            assert ((names == 0) == inside).all()
