"""From surfaces to a picture."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")

from vitruvian.errors import ShapeError
from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.ground import contact
from vitruvian.synthesis.rendering.light import Light
from vitruvian.synthesis.rendering.paint import Paint
from vitruvian.synthesis.rendering.raster import joined
from vitruvian.synthesis.rendering.render import TO_LINEAR, TO_SRGB, render
from vitruvian.synthesis.rendering.surface import Surface
from vitruvian.synthesis.rendering.visibility import inside, visible

MATT = Paint()
ABOVE = np.array([0.0, 0.0, 1.0])
BLACK = np.zeros((33, 33, 3), np.uint8)
GREY = np.full((33, 33, 3), 128, np.uint8)
DOWN = Camera(np.array([(1.0, 0, 0), (0, -1.0, 0), (0, 0, -1.0)]), np.array([0, 0, 8.0]), 64.0, (33, 33))
"""From 8 m straight down; 8 pixels a metre on the floor, pixel (16, 16) over the origin, row 0 at y = 2."""


def square(side: float, height: float, colour: float = 1.0, paint: Paint = MATT, **others) -> Surface:
    half = side / 2
    corners = [(-half, -half, height), (half, -half, height), (half, half, height), (-half, half, height)]
    points = np.array(corners, np.float32)
    faces = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    return Surface(points, faces, points, np.full_like(points, colour), np.zeros(2, np.int32), [paint], **others)


def lamp(sun=ABOVE, sunlight=0.5, **others) -> Light:
    return replace(Light(np.asarray(sun), np.full(3, sunlight), ambient=0.0), **others)


@pytest.mark.parametrize(("slant", "share"), [(0, 1), (60, 0.5)])
def test_a_white_matt_plane_is_as_bright_as_what_it_receives(slant, share):
    """0.5 from straight ahead is linear 0.5, sRGB 188; from 60 degrees aside half of that, 0.25, sRGB 137."""
    sun = (np.sin(np.radians(slant)), 0, np.cos(np.radians(slant)))
    image = render([square(9, 0)], DOWN, lamp(sun), BLACK).image
    assert (image == TO_SRGB[int(0.5 * share * 65535)]).all()
    assert (image == (188 if slant == 0 else 137)).all()


def test_a_lamp_is_a_quarter_as_bright_at_twice_the_distance():
    """0.5 at 1 m: at (0, 0, 2) the floor's middle receives 0.125, sRGB 99."""
    at = np.array([(0, 0, 2, 0.5, 0.5, 0.5)], np.float32)
    image = render([square(9, 0)], DOWN, lamp(sunlight=0.0, lamps=at), BLACK).image
    assert image[16, 16].tolist() == [99, 99, 99]
    assert image[16, 0, 0] < 99


def test_ambient_light_alone_shows_white_as_what_falls_from_all_around():
    """Before a grey that is the same everywhere, 0.5 arrives from all sides."""
    image = render([square(9, 0)], DOWN, lamp(sunlight=0.0, ambient=0.5, above=0.0), GREY).image
    assert np.abs(image.astype(int) - 188).max() <= 1


def test_light_that_fits_follows_the_background():
    dark, bright = (np.full((33, 33, 3), level, np.uint8) for level in (40, 160))
    for fit, grows in ((0.0, False), (1.0, True)):
        first, second = (
            render([square(1, 0)], DOWN, lamp(fit=fit), behind).image[16, 16, 0] for behind in (dark, bright)
        )
        assert (second > first) == grows


def test_pixels_that_nothing_touches_stay_as_they_are():
    rng = np.random.default_rng(0)
    background = rng.integers(0, 256, (33, 33, 3), np.uint8)
    picture = render([square(1, 0)], DOWN, lamp(), background)
    assert (picture.image[:11] == background[:11]).all()
    assert (picture.owner[:11] == -1).all()
    assert np.isinf(picture.depth[:11]).all()
    assert (render([], DOWN, lamp(), background, floor=0.0).image == background).all()


def test_the_edge_of_a_surface_mixes_with_what_is_behind_in_linear_light():
    """A white square's edge at 0.5 m, column 20: half of the samples of pixel 20 see linear 0.5, half see black."""
    image = render([square(1, 0)], DOWN, lamp(), BLACK).image
    assert image[16, [19, 20, 21], 0].tolist() == [188, TO_SRGB[int(0.25 * 65535)], 0]


def test_the_picture_says_whose_each_pixel_is_and_how_far_away():
    picture = render([square(3, 0, owner=7), square(1, 2, owner=4)], DOWN, lamp(), BLACK)
    assert (picture.owner[16, 16], picture.owner[16, 6]) == (4, 7)
    assert picture.depth[16, 16] == pytest.approx(6)
    assert picture.depth[16, 6] == pytest.approx(8)


def test_a_shadow_falls_where_geometry_says():
    """A roof of 0.56 m at z = 1, the sun 45 degrees to the left: its shadow's middle is 1 m to the right, column 24."""
    picture = render([square(4, 0), square(0.56, 1, owner=1)], DOWN, lamp((-1, 0, 1)), BLACK)
    floor = np.pad(picture.owner[1:-1, 1:-1] == 0, 1)  # its edge is half black
    hidden = np.where(floor, 1 - TO_LINEAR[picture.image[..., 0]] / (0.5 * np.sqrt(0.5)), 0)
    rows, columns = np.mgrid[:33, :33]
    hidden = np.where(hidden > 0.03, hidden, 0)  # less is rounding
    assert (hidden * columns).sum() / hidden.sum() == pytest.approx(24, abs=0.3)
    assert (hidden * rows).sum() / hidden.sum() == pytest.approx(16, abs=0.1)
    assert hidden.sum() == pytest.approx(25, rel=0.15)  # the centres of 5 x 5 pixels


def test_a_shadow_on_the_background_s_floor_falls_where_geometry_says():
    picture = render([square(0.5, 1)], DOWN, lamp((-1, 0, 1)), GREY, floor=0.0)
    dark = np.argwhere((picture.image[..., 0] < 30) & (picture.owner < 0))
    assert dark.mean(0) == pytest.approx((16, 24), abs=0.3)
    assert (picture.image[:, :12] == 128).all()


def test_a_wide_sun_throws_soft_shadows_and_a_narrow_one_hard():
    edges = {}
    for spread in (0.005, 0.2):
        image = render([square(9, 0), square(1, 2, owner=1)], DOWN, lamp((-1, 0, 1), spread=spread), BLACK).image
        edges[spread] = ((image[16] > 20) & (image[16] < 150)).any(-1).sum()
    assert edges[0.2] > edges[0.005]


def test_a_floor_is_darker_under_what_stands_on_it():
    """1 m, 1 cm over the floor: under it 1 - 0.75 exp(-0.1) is left, at its edge about half of that is hidden."""
    mesh = joined([square(1, 0.01, thin=True)])
    middle, edge, outside = contact(mesh, 0.0, np.array([(0, 0, 0), (0.5, 0, 0), (1, 0, 0)], np.float32))
    assert middle == pytest.approx(1 - 0.75 * np.exp(-0.1), abs=0.01)
    assert edge == pytest.approx((1 + middle) / 2, abs=0.1)
    assert outside == 1


def test_what_hangs_high_does_not_darken_the_floor():
    mesh = joined([square(1, 0.6, thin=True)])
    assert contact(mesh, 0.0, np.zeros((1, 3), np.float32)) == pytest.approx(1)


def test_a_curved_surface_does_not_shade_its_own_lit_side():
    ball = sphere(1.0)
    lit = render([ball], DOWN, lamp(), BLACK).image[..., 0]
    rows, columns = np.mgrid[:33, :33]
    radius = np.hypot(rows - 16, columns - 16)
    assert (np.abs(TO_LINEAR[lit[radius < 1.5]] - 0.5) < 0.01).all()
    assert (lit[radius < 7.5] > TO_SRGB[int(0.5 * 0.3 * 65535)]).all()  # the cosine there is 0.37


def sphere(radius: float, steps: int = 64) -> Surface:
    up, around = np.mgrid[0 : np.pi : complex(0, steps), 0 : 2 * np.pi : complex(0, steps)]
    points = radius * np.stack([np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)], -1)
    at = np.arange(steps * steps).reshape(steps, steps)
    a, b, c, d = (x.ravel() for x in (at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]))
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    points = points.reshape(-1, 3).astype(np.float32)
    return Surface(points, faces, points, np.ones_like(points), np.zeros(len(faces), np.int32), [Paint()])


def test_colours_between_vertices_are_right_for_perspective():
    """A floor from z = 1 to z = 3 before the camera, black to white: at depth 2 the colour is half."""
    points = np.array([(-9, 1, 1), (9, 1, 1), (9, 1, 3), (-9, 1, 3)], np.float32)
    colour = np.repeat(np.array([0, 0, 1, 1], np.float32)[:, None], 3, 1)
    faces = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    floor = Surface(points, faces, points, colour, np.zeros(2, np.int32), [Paint()], thin=True)
    camera = Camera(np.eye(3), np.zeros(3), 24.0, (33, 33))
    picture = render([floor], camera, lamp((0, -1, 0)), BLACK, samples=1)
    row = 16 + 12  # y / z = 1 / 2
    assert picture.depth[row, 16] == pytest.approx(2)
    assert TO_LINEAR[picture.image[row, 16, 0]] == pytest.approx(0.25, abs=0.005)


def test_a_glossy_surface_shines_where_it_mirrors_the_lamp():
    plain, glossy = (
        render([square(9, 0, 0.1, Paint(gloss=gloss, sharpness=50))], DOWN, lamp(), BLACK).image for gloss in (0, 1)
    )
    gain = glossy.astype(int) - plain
    assert gain[16, 16, 0] == gain[..., 0].max() > 20


def test_the_same_scene_is_the_same_picture():
    scene = [square(2, 0, 0.4, Paint(gloss=0.3)), sphere(0.5)]
    first, second = (render(scene, DOWN, lamp((-1, 0.3, 1), spread=0.1), GREY, floor=0.0) for _ in range(2))
    assert (first.image == second.image).all()
    assert (first.depth == second.depth).all()


def test_a_background_of_another_size_is_refused():
    with pytest.raises(ShapeError, match=r"uint8 \(33, 33, 3\) for a camera of \(33, 33\), got uint8 \(32, 33, 3\)"):
        render([], DOWN, lamp(), BLACK[:32])


def test_points_are_visible_before_a_surface_and_a_little_behind_it():
    picture = render([square(2, 1, owner=5)], DOWN, lamp(), BLACK)
    points = np.array([(0, 0, 1.5), (0, 0, 0.95), (0, 0, 0.8), (1.5, 0, 0), (3, 0, 0), (0, 0, 9)])
    assert visible(points, picture, DOWN, 0.1).tolist() == [True, True, False, True, False, False]
    assert inside(points, DOWN).tolist() == [True, True, True, True, False, False]
    assert visible(points, picture, DOWN, 0.1, owner=5).tolist() == [True, True, False, True, False, False]
    assert visible(points, picture, DOWN, 0.1, owner=6).tolist() == [True, False, False, True, False, False]


def test_each_point_may_have_a_tolerance_of_its_own():
    picture = render([square(2, 1)], DOWN, lamp(), BLACK)
    points = np.array([(0, 0, 0.9), (0, 0, 0.9)])
    assert visible(points, picture, DOWN, np.array([0.05, 0.2])).tolist() == [False, True]


def test_srgb_and_linear_light_are_each_other_s_inverse():
    assert (TO_SRGB[np.rint(TO_LINEAR * 65535).astype(int)] == np.arange(256)).all()
    assert TO_LINEAR[188] == pytest.approx(0.5, abs=0.005)
