import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("anny")

from vitruvian.synthesis.human.anatomy import anatomy
from vitruvian.synthesis.human.pose import posed
from vitruvian.synthesis.places.props import (
    facing,
    held,
    palm,
    put_in_hand,
    random_occluders,
    random_surroundings,
    seat,
)
from vitruvian.synthesis.places.things import HELD, STANDING, bag, phone, stick
from vitruvian.synthesis.rendering.camera import Camera

CAMERA = Camera.at(np.array([0.0, -4.0, 1.5]), np.array([0.0, 0.0, 1.0]), 0.0, 200.0, (160, 160))
PERSON = np.array([[-0.4, -0.3, 0.0], [0.4, 0.3, 1.8]])


@pytest.fixture(scope="module")
def still():
    body = anatomy()
    return posed(body, body.middle, np.zeros((len(body.bones), 3), np.float32), np.zeros(3))


def sitting(body):
    """Thighs forward, shins down: rotations about x, which points to the person's left."""
    angles = np.zeros((len(body.bones), 3), np.float32)
    for side in "LR":
        angles[body.bone(f"upperleg01.{side}"), 0] = -np.pi / 2
        angles[body.bone(f"lowerleg01.{side}"), 0] = np.pi / 2
    return posed(body, body.middle, angles, np.zeros(3))


@pytest.mark.parametrize("make", [*dict.fromkeys(HELD), *dict.fromkeys(STANDING)], ids=lambda make: make.__name__)
def test_every_thing_is_a_sound_surface_and_the_same_for_a_seed(make):
    for seed in range(5):
        thing, again = (make(np.random.default_rng(seed)).surface(np.zeros(3), np.eye(3), 7) for _ in range(2))
        assert (thing.vertices == again.vertices).all()
        assert thing.triangles.max() < len(thing.vertices) == len(thing.colour)
        assert thing.paint.max() < len(thing.paints)
        assert np.isfinite(thing.vertices).all()
        assert ((thing.colour >= 0) & (thing.colour <= 1)).all()
        assert thing.owner == 7
        assert np.ptp(thing.vertices, axis=0).max() < 5


@pytest.mark.parametrize("make", dict.fromkeys(STANDING), ids=lambda make: make.__name__)
def test_what_stands_stands_on_the_floor(make):
    for seed in range(5):
        assert make(np.random.default_rng(seed)).parts
        lowest = make(np.random.default_rng(seed)).surface(np.zeros(3), np.eye(3), 0).vertices[:, 2].min()
        assert lowest == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("side", ["left", "right"])
def test_palms_of_hanging_arms_face_the_body(still, side):
    frame, place = palm(still, anatomy(), side)
    inward = -1 if side == "left" else 1  # x points to the person's left
    assert frame[0, 1] * inward > 0.5
    assert frame.T @ frame == pytest.approx(np.eye(3), abs=1e-6)
    assert np.linalg.norm(place - still.joints[anatomy().bone(f"wrist.{side[0].upper()}")]) < 0.12


def test_the_two_palms_mirror_one_another(still):
    (left, there), (right, here) = (palm(still, anatomy(), side) for side in ("left", "right"))
    assert there == pytest.approx(here * (-1, 1, 1), abs=2e-3)
    assert left[:, 1] == pytest.approx(right[:, 1] * (-1, 1, 1), abs=0.02)


def test_a_thing_held_follows_the_hand(still):
    body = anatomy()
    angles = np.zeros((len(body.bones), 3), np.float32)
    angles[0] = (0, 0, np.pi / 2)  # the whole person turned about the root
    turned = posed(body, body.middle, angles, np.zeros(3))
    first, second = (
        put_in_hand(stick(np.random.default_rng(0)), np.random.default_rng(1), one, body, "left", 3).vertices
        for one in (still, turned)
    )
    root = still.joints[0]
    about = (first - root) @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]]) + root
    assert second == pytest.approx(about, abs=1e-4)


def test_a_phone_touches_the_palm_and_a_bag_hangs_below_the_hand(still):
    body, rng = anatomy(), np.random.default_rng(0)
    _, place = palm(still, body, "right")
    screen = put_in_hand(phone(rng), rng, still, body, "right", 1)
    assert np.linalg.norm(screen.vertices - place, axis=1).min() < 0.09
    assert put_in_hand(bag(rng), rng, still, body, "right", 1).vertices[:, 2].max() < place[2] + 0.03


def test_held_is_the_same_for_a_seed(still):
    first, second = (held(np.random.default_rng(4), still, anatomy(), "left", 2) for _ in range(2))
    assert (first.vertices == second.vertices).all()


def test_somebody_who_stands_gets_no_seat(still):
    assert seat(np.random.default_rng(0), still, anatomy(), 1) is None


def test_a_seat_is_below_the_hips_and_stands_where_the_feet_stand():
    body, person = anatomy(), sitting(anatomy())
    hips, floor = person.joints[body.bone("upperleg01.L")], person.vertices[body.groups["body"], 2].min()
    for seed in range(10):
        chair = seat(np.random.default_rng(seed), person, body, 1)
        assert chair is not None
        assert chair.vertices[:, 2].min() == pytest.approx(floor, abs=0.01)
        assert (np.abs(chair.vertices[:, 2] - (hips[2] - 0.1)) < 0.01).any()
        assert np.abs(chair.vertices[:, :2].mean(0) - hips[:2]).max() < 0.5


def test_facing_turns_the_front_towards_a_way():
    assert facing(np.array([3.0, 4.0])) @ (0, -1, 0) == pytest.approx([0.6, 0.8, 0])


def test_occluders_stand_nearer_to_the_camera_than_the_person_and_surroundings_farther():
    for seed in range(20):
        (near,) = random_occluders(np.random.default_rng(seed), PERSON, CAMERA, owner=5)
        assert -3.0 < near.vertices[:, 1].mean() < 0.0
        assert near.owner == 5
        behind = random_surroundings(np.random.default_rng(seed), PERSON, CAMERA, owner=8, count=2)
        assert [one.owner for one in behind] == [8, 9]
        assert min(one.vertices[:, 1].mean() for one in behind) > 0.3
