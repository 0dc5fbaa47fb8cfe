"""People with skin, hair and clothes: the same for a seed, never naked, fast to pose."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.synthesis.human.anatomy import Traits, anatomy
from vitruvian.synthesis.human.pose import posed
from vitruvian.synthesis.looks.clothes import Cut, socks, top, worn
from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.looks.hair import STYLES, hair_paint, random_hair_colour
from vitruvian.synthesis.looks.hats import HATS
from vitruvian.synthesis.looks.look import Look, random_look, surfaces
from vitruvian.synthesis.looks.outfits import OUTFITS
from vitruvian.synthesis.looks.regions import beard, eyebrows, neckline, regions, scalp, sleeves, trunk
from vitruvian.synthesis.looks.skin import coloured, linear, random_complexion, random_tone
from vitruvian.synthesis.looks.wear import backpack, facial_hair, glasses, headphones, mask
from vitruvian.synthesis.rendering.paint import Paint

PEOPLE = (Traits(0.0, 0.7), Traits(1.0, 0.7, weight=0.8), Traits(1.0, 0.2), Traits(0.0, 1.0, muscle=0.2))


@pytest.fixture(scope="module")
def body():
    return anatomy()


@pytest.fixture(scope="module")
def people(body):
    return list(zip(PEOPLE, body.shapes(PEOPLE), strict=True))


def named(thing) -> str:
    return thing.__name__


def sound(layer, body) -> None:
    """Whole numbers in range, finite places, weights that sum to 1."""
    assert np.isfinite(layer.vertices).all()
    assert layer.triangles.min() >= 0
    assert layer.triangles.max() < len(layer.vertices)
    assert layer.influence.max() < len(body.bones)
    assert layer.weight.sum(1) == pytest.approx(np.ones(len(layer.vertices)), abs=1e-4)
    assert 0 <= layer.paint.min() <= layer.paint.max() < len(layer.paints)


# ---- where things are ------------------------------------------------------------------------------------------------


def test_an_arm_is_measured_from_shoulder_to_wrist(body):
    r, joints = regions(body), body.middle.joints
    for bone, length in (("lowerarm01.L", 1), ("lowerarm01.R", 1), ("wrist.L", 2), ("wrist.R", 2)):
        near = np.linalg.norm(r.at - joints[body.bone(bone)], axis=1) < 0.04
        assert np.median(r.arm[near]) == pytest.approx(length, abs=0.12)
    assert r.arm[np.abs(r.x) < 0.08].max() < -0.3


def test_left_and_right_are_alike(body):
    r = regions(body)
    for field in (scalp(r), beard(r), eyebrows(r, 0.005, 0, 0), sleeves(r, 1, 1), neckline(r, 0.08), trunk(r, 1, 1.4)):
        inside = field[body.groups["body"]] > 0
        left, right = (inside & (side * r.x[body.groups["body"]] > 0.001) for side in (1, -1))
        assert left.sum() > 5
        assert left.sum() == pytest.approx(right.sum(), rel=0.06, abs=2)


def test_eyes_look_along_minus_y_from_a_ball_of_radius_one(body):
    found = regions(body).eyeball[body.groups["l-eye"]]
    assert np.linalg.norm(found, axis=1).max() == pytest.approx(1)
    assert found[:, 1].min() < -0.9


def test_arms_hang_down_where_cloth_is_patterned(body):
    r = regions(body)
    wrists = (r.arm > 1.9) & (r.arm < 2.1)
    assert np.abs(r.hanging[wrists, 0]).max() < 0.27
    assert r.hanging[r.arm < -0.39] == pytest.approx(r.at[r.arm < -0.39], abs=0.03)


# ---- skin and hair ---------------------------------------------------------------------------------------------------


def test_colours_are_read_as_srgb():
    assert linear("ffffff") == pytest.approx((1, 1, 1))
    assert linear("bc0000") == pytest.approx((0.5028, 0, 0), abs=1e-4)  # ((188 / 255 + 0.055) / 1.055) ** 2.4


def test_tones_span_the_range_of_people_and_redden_rather_than_turn_blue():
    rng = np.random.default_rng(0)
    drawn = [random_tone(rng) for _ in range(300)]
    light = np.array([np.mean(tone) for _, tone in drawn])
    assert light.min() < 0.06
    assert light.max() > 0.45
    assert np.corrcoef([dark for dark, _ in drawn], light)[0, 1] < -0.9
    assert all(r > b for _, (r, _, b) in drawn)


def test_lips_are_redder_than_cheeks_and_teeth_are_lighter(body):
    rng = np.random.default_rng(1)
    dark, tone = random_tone(rng)
    look = random_complexion(Traits(gender=0.0), (0.02, 0.01, 0.01), dark, tone, rng)
    found, lips = coloured(body, look), regions(body).parts["lips"] > 0.9
    assert (found[lips, 1] / found[lips, 0]).mean() < 0.9 * tone[1] / tone[0]
    assert found.min() >= 0
    assert found.max() <= 1


def test_the_old_are_grey_more_often():
    def saturated(age: float) -> float:
        colours = [random_hair_colour(Traits(age=age), 0.2, np.random.default_rng(seed)) for seed in range(200)]
        return float(np.median([max(c) / max(min(c), 1e-3) for c in colours]))

    assert saturated(1.0) < 1.3 < saturated(0.6)


@pytest.mark.parametrize("style", STYLES, ids=named)
def test_every_hair_style_grows_on_every_head(style, body, people):
    for seed, (_, shape) in enumerate(people):
        layers = style(Figure.of(body, shape), hair_paint((0.1, 0.05, 0.02), 1.0), np.random.default_rng(seed))
        for layer in layers:
            sound(layer, body)
            away = np.linalg.norm(layer.vertices - shape.joints[body.bone("head")], axis=1)
            assert np.median(away) < 0.4
        assert layers or style.__name__ == "bald"


# ---- what is worn ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hat", HATS, ids=named)
def test_every_hat_sits_on_every_head(hat, body, people):
    for seed, (_, shape) in enumerate(people):
        layers, hides = hat(Figure.of(body, shape), np.random.default_rng(seed))
        highest = shape.vertices[body.groups["body"], 2].max()
        for layer in layers:
            sound(layer, body)
        assert hides.shape == (len(shape.vertices),)
        assert max(layer.vertices[:, 2].max() for layer in layers) > highest - 0.12
        assert (hides[body.groups["body"]][regions(body).z[body.groups["body"]] < 1.5] <= 0).all()


def test_what_is_on_faces_and_backs_fits(body, people):
    rng = np.random.default_rng(0)
    for _, shape in people:
        figure = Figure.of(body, shape)
        for layer in (*glasses(figure, True, rng), *headphones(figure, rng), *backpack(figure, rng)[1],
                      *facial_hair(figure, Paint("hair"), rng), *worn(figure, mask(figure, rng))[0]):  # fmt: skip
            sound(layer, body)
        eyes = shape.vertices[body.groups["l-eye"]]
        frame = glasses(figure, False, rng)[0].vertices
        assert frame[:, 1].min() < eyes[:, 1].min()
        assert frame[:, 2].min() < eyes[:, 2].mean() < frame[:, 2].max()


@pytest.mark.parametrize("outfit", OUTFITS, ids=named)
def test_nobody_is_naked(outfit, body, people):
    """Whatever is worn, the skin between the hips is not drawn, and something is there instead."""
    r, naked = regions(body), body.surfaces["body"]
    middle = r.at[naked].mean(1)
    hips = (middle[:, 2] > 0.96) & (middle[:, 2] < 0.98) & (np.abs(middle[:, 0]) < 0.06) & (middle[:, 1] < 0)
    assert hips.sum() > 5
    for seed, (traits, shape) in enumerate(people * 3):
        figure = Figure.of(body, shape)
        garments = outfit(figure, traits, np.random.default_rng(seed))
        layers, dressed = worn(figure, garments)
        for layer in layers:
            sound(layer, body)
        closest = np.concatenate([layer.pattern for layer in layers])
        assert (np.abs(closest - [0, -0.1, 0.97]).max(1) < 0.06).any()
        if traits.gender > 0.5:
            assert (np.abs(closest - [0.09, -0.13, 1.38]).max(1) < 0.06).any()
        assert len(dressed.seen(naked)) < len(naked) or outfit.__name__ == "swimming"


def test_a_shirt_hides_the_skin_below_it_but_for_its_hems(body, people):
    _, shape = people[0]
    figure = Figure.of(body, shape)
    layers, dressed = worn(figure, [top(figure, Cut(sleeve=(1.0, 1.0)), Paint())])
    at = regions(body).at[dressed.seen(body.surfaces["body"])].mean(1)
    chest = (np.abs(at[:, 0]) < 0.1) & (at[:, 2] > 1.1) & (at[:, 2] < 1.4)
    face = at[:, 2] > 1.65
    assert not chest.any()
    assert face.sum() > 5000
    assert len(layers) == 1


def test_sleeves_may_differ(body, people):
    figure = Figure.of(body, people[0][1])
    layer = worn(figure, [top(figure, Cut(sleeve=(0.4, 1.8)), Paint())])[0][0]
    assert layer.vertices[:, 0].max() < 0.8 * -layer.vertices[:, 0].min()


def test_outer_garments_lie_outside_of_inner_ones(body, people):
    """Socks under socks: the outer pair is the farther from the leg, though made equally thick."""
    figure = Figure.of(body, people[0][1])
    outer, inner = worn(figure, [socks(figure, 0.3, Paint()), socks(figure, 0.2, Paint())])[0]
    ring = np.abs(outer.pattern[:, 2] - 0.17) < 0.03
    assert ring.any()
    leg = figure.shape.vertices[body.groups["tights"]]
    away = np.array([np.linalg.norm(leg - point, axis=1).min() for point in outer.vertices[ring]])
    assert away.min() > 0.001
    assert inner.pattern[:, 2].min() > 0.1  # what the outer pair hides is left out


# ---- whole people ----------------------------------------------------------------------------------------------------


def test_a_look_is_the_same_for_a_seed(body, people):
    traits, shape = people[1]
    first, again = (random_look(body, shape, traits, np.random.default_rng(5)) for _ in range(2))
    for name in ("triangles", "paint", "colour", "pattern"):
        assert (getattr(first, name) == getattr(again, name)).all()
    assert (first.worn.vertices == again.worn.vertices).all()
    assert first.worn.paints == again.worn.paints


@pytest.mark.parametrize("seed", range(24))
def test_every_look_is_made_of_sound_layers(seed, body, people):
    traits, shape = people[seed % len(people)]
    look = random_look(body, shape, traits, np.random.default_rng(seed))
    assert isinstance(look, Look)
    sound(look.worn, body)
    for paint in (*look.paints, *look.worn.paints):
        assert np.isfinite(paint.row()).all()
        assert 0 <= min(paint.tint) <= max(paint.tint) <= 1


def test_at_rest_people_are_drawn_as_they_were_dressed_and_a_turned_head_takes_its_hair_along(body, people):
    traits, shape = people[1]
    look = random_look(body, shape, traits, np.random.default_rng(3))
    angles = np.zeros((len(body.bones), 3), np.float32)
    skin, clothes = surfaces(look, body, shape, posed(body, shape, angles, np.zeros(3)), owner=7)
    assert clothes.vertices == pytest.approx(look.worn.vertices, abs=1e-5)
    assert (skin.owner, clothes.owner, skin.thin, clothes.thin) == (7, 7, False, True)
    angles[body.bone("head")] = (0, 0, np.pi / 2)
    turned = surfaces(look, body, shape, posed(body, shape, angles, np.zeros(3)))[1].vertices
    moved = np.linalg.norm(turned - look.worn.vertices, axis=1)
    head = look.worn.vertices[:, 2] > shape.joints[body.bone("head"), 2] + 0.1
    legs = look.worn.vertices[:, 2] < shape.joints[body.bone("upperleg01.L"), 2]
    assert moved[head].max() > 0.05
    assert moved[legs].max() < 1e-5
