"""Things put into a scene: into a hand, under somebody who sits, between people and the camera."""

from typing import Literal

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy
from vitruvian.synthesis.human.pose import Posed
from vitruvian.synthesis.places.solids import toward
from vitruvian.synthesis.places.things import HELD, SEATS, STANDING, Thing
from vitruvian.synthesis.rendering.camera import Camera
from vitruvian.synthesis.rendering.surface import Surface

Side = Literal["left", "right"]
PALM = 0.85  # of the way from the wrist to the knuckles: where a grip is
THICK = 0.018  # metres from the middle of the hand's bones to the skin of the palm
FLESH = 0.1  # metres between the hips' joints and the seat
FREE = 0.35  # metres about a person's middle that stay free
SEAT_HEIGHTS = (0.15, 0.95)  # metres, between which a seat can be


def held(rng: np.random.Generator, posed: Posed, anatomy: Anatomy, side: Side, owner: int) -> Surface:
    """Something at random in a hand. side: the person's own."""
    return put_in_hand(HELD[rng.integers(len(HELD))](rng), rng, posed, anatomy, side, owner)


def put_in_hand(
    thing: Thing, rng: np.random.Generator, posed: Posed, anatomy: Anatomy, side: Side, owner: int
) -> Surface:
    """A thing in a hand, its grip along the knuckles, whichever end up, a little askew."""
    frame, place = palm(posed, anatomy, side)
    if thing.upright:
        return thing.surface(place, toward((0, 0, 1), frame[:, 1]), owner)
    if rng.random() < 0.3:
        frame = frame * (-1, 1, -1)  # the other end up
    askew = toward((*rng.normal(0, 0.12, 2), 1), (0, 1, 0))
    return thing.surface(place, frame @ askew, owner)


def palm(posed: Posed, anatomy: Anatomy, side: Side) -> tuple[np.ndarray, np.ndarray]:
    """The frame (3, 3) of a hand, its columns along the fingers, out of the palm and towards the thumb's side, and the
    place (3,) on the palm where a grip is."""
    wrist = posed.joints[anatomy.bone(f"wrist.{side[0].upper()}")]
    knuckles = np.stack([posed.joints[anatomy.bone(f"finger{i}-1.{side[0].upper()}")] for i in (2, 3, 4, 5)]).astype(
        np.float64
    )
    along = knuckles.mean(0) - wrist
    across = knuckles[0] - knuckles[3]
    out = np.cross(along, across) * (1 if side == "left" else -1)
    out /= np.linalg.norm(out)
    up = across - along * (across @ along) / (along @ along)
    up /= np.linalg.norm(up)
    fingers = np.cross(out, up)
    return np.stack([fingers, out, up], axis=1), wrist + PALM * along + THICK * out


def seat(rng: np.random.Generator, posed: Posed, anatomy: Anatomy, owner: int) -> Surface | None:
    """Something to sit on under the hips, facing as the knees do; None where they are too low or too high for one, or
    the thighs too steep."""
    hips, knees = (_middle(posed, anatomy, bone) for bone in ("upperleg01", "lowerleg01"))
    floor = float(posed.vertices[anatomy.groups["body"], 2].min())
    thigh, high = knees - hips, float(hips[2]) - FLESH - floor
    if not SEAT_HEIGHTS[0] < high < SEAT_HEIGHTS[1] or abs(thigh[2]) > 0.6 * np.linalg.norm(thigh):
        return None
    thing = SEATS[rng.integers(len(SEATS))](rng, high)
    place = np.array([hips[0] + 0.15 * thigh[0], hips[1] + 0.15 * thigh[1], floor])
    return thing.surface(place, facing(thigh), owner)


def _middle(posed: Posed, anatomy: Anatomy, bone: str) -> np.ndarray:
    """Between the left and the right joint of a name."""
    return (posed.joints[anatomy.bone(f"{bone}.L")] + posed.joints[anatomy.bone(f"{bone}.R")]).astype(np.float64) / 2


def facing(way: np.ndarray) -> np.ndarray:
    """(3, 3): the turn about z that takes the front of a thing, -y, towards a way."""
    x, y = np.asarray(way[:2], np.float64) / (np.hypot(way[0], way[1]) + 1e-9)
    return np.array([[-y, -x, 0], [x, -y, 0], [0, 0, 1]])


def random_occluders(
    rng: np.random.Generator, person: np.ndarray, camera: Camera, owner: int, count: int = 1
) -> list[Surface]:
    """Things that stand between a person and the camera, and hide a part. person: (2, 3), the lowest and the highest
    corner of the box around the person, metres; the things' owners count up from `owner`."""
    middle, reach = (person[0] + person[1]) / 2, float(np.linalg.norm((person[1] - person[0])[:2])) / 2 + FREE
    return [_put(rng, middle, person[0, 2], camera, rng.uniform(reach, reach + 0.8), owner + i) for i in range(count)]


def random_surroundings(
    rng: np.random.Generator, person: np.ndarray, camera: Camera, owner: int, count: int = 3
) -> list[Surface]:
    """Things that stand beside and behind a person; as `random_occluders`."""
    middle, reach = (person[0] + person[1]) / 2, float(np.linalg.norm((person[1] - person[0])[:2])) / 2 + FREE
    return [_put(rng, middle, person[0, 2], camera, -rng.uniform(reach, reach + 3), owner + i) for i in range(count)]


def _put(
    rng: np.random.Generator, middle: np.ndarray, floor: float, camera: Camera, nearer: float, owner: int
) -> Surface:
    """A thing on the floor, `nearer` metres nearer to the camera than the middle of a person, but at most half way."""
    way = (camera.place - middle) * (1, 1, 0)
    distance = float(np.linalg.norm(way)) + 1e-9
    nearer = min(nearer, 0.5 * distance)
    aside = np.array([-way[1], way[0], 0]) / distance
    place = middle + way / distance * nearer + aside * rng.normal(0, 0.35 if nearer > 0 else 0.8)
    place[2] = floor
    thing = STANDING[rng.integers(len(STANDING))](rng)
    return thing.surface(place, facing(rng.normal(0, 1, 2)), owner)
