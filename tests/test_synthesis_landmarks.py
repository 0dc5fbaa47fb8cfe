"""Keypoints are where they belong on a person: on the skin, left and right, the same in every pose."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.errors import SkeletonError
from vitruvian.structures import skeleton
from vitruvian.synthesis import Posed, Traits, anatomy, posed
from vitruvian.synthesis.human.landmarks import depths, landmarks

NAMES = ("coco17", "halpe26", "face68", "left_hand21", "right_hand21")


def still(shape=None) -> Posed:
    human = anatomy()
    return posed(human, shape or human.middle, np.zeros((len(human.bones), 3), np.float32), np.zeros(3))


def found(name: str, person: Posed | None = None) -> dict[str, np.ndarray]:
    points = landmarks(name, anatomy(), person or still())
    return dict(zip(skeleton(name.split("_")[-1]).names, points, strict=True))


@pytest.mark.parametrize("name", ["coco17", "halpe26", "face68"])
def test_the_two_sides_of_a_middling_person_mirror_each_other(name):
    points, mirror = landmarks(name, anatomy(), still()), skeleton(name).mirror
    np.testing.assert_allclose(points[list(mirror)], points * (-1, 1, 1), atol=2e-3)


def test_hands_mirror_each_other():
    left, right = (landmarks(f"{side}_hand21", anatomy(), still()) for side in ("left", "right"))
    np.testing.assert_allclose(left * (-1, 1, 1), right, atol=2e-3)
    assert (left[:, 0] > 0.4).all()  # x leads to the person's left


def test_halpe_begins_with_coco():
    np.testing.assert_array_equal(
        landmarks("halpe26", anatomy(), still())[:17], landmarks("coco17", anatomy(), still())
    )


def test_a_body_stands_upright_from_heel_to_crown():
    body = found("halpe26")
    order = ("left_heel", "left_ankle", "left_knee", "left_hip", "left_shoulder", "neck", "nose", "left_eye", "head")
    heights = [body[name][2] for name in order]
    assert heights == sorted(heights)
    assert body["head"][2] == pytest.approx(anatomy().middle.vertices[anatomy().groups["body"], 2].max(), abs=2e-3)
    assert body["left_big_toe"][1] < body["left_heel"][1] - 0.2  # toes in front, which is -y


def test_joints_lie_within_three_centimetres_of_the_regressor_that_anny_brings():
    torch = pytest.importorskip("torch")
    from anny.paths import get_anny_root_dir

    weights = torch.load(get_anny_root_dir() / "data/keypoints/coco.pth", weights_only=True)
    for name, point in found("coco17").items():
        expected = weights[name].numpy() @ anatomy().middle.vertices
        assert np.linalg.norm(point - expected) < 0.036, name


def test_a_face_runs_from_its_right_to_its_left_and_from_brow_to_chin():
    face = landmarks("face68", anatomy(), still())
    for line in (face[0:17], face[17:27], face[31:36], face[48:55], face[60:65]):
        assert (np.diff(line[:, 0]) > 0).all()
    assert (np.diff(face[27:31, 2]) < 0).all()  # down the nose
    assert face[8, 2] == face[:, 2].min()
    assert face[30, 1] == face[:, 1].min()  # the tip of the nose is foremost
    across = np.linalg.norm(face[42:48].mean(0) - face[36:42].mean(0))
    assert 0.055 < across < 0.07  # metres between the eyes


def test_points_of_a_face_lie_on_its_skin():
    person = still()
    skin = person.vertices[anatomy().groups["body"]]
    for point in landmarks("face68", anatomy(), person):
        assert np.linalg.norm(skin - point, axis=1).min() < 0.006


def test_an_open_mouth_opens_the_inner_lips_and_lowers_the_chin():
    shut, open_ = anatomy().shapes([Traits(), Traits(actions={"jawOpen": 0.8})])
    before, after = (landmarks("face68", anatomy(), still(shape)) for shape in (shut, open_))
    assert np.linalg.norm(before[62] - before[66]) < 0.003
    assert np.linalg.norm(after[62] - after[66]) > 0.015
    assert after[8, 2] < before[8, 2] - 0.01


@pytest.mark.parametrize(("side", "closed", "other"), [("Left", 44, 37), ("Right", 37, 44)])
def test_a_blink_shuts_the_eye_of_its_own_side(side, closed, other):
    lower = {37: 41, 44: 46}
    (shape,) = anatomy().shapes([Traits(actions={f"eyeBlink{side}": 0.62})])
    face = landmarks("face68", anatomy(), still(shape))
    assert abs(face[closed, 2] - face[lower[closed], 2]) < 0.003
    assert face[other, 2] - face[lower[other], 2] > 0.004


@pytest.mark.parametrize("name", NAMES)
def test_landmarks_follow_the_person(name):
    human, person, place = anatomy(), still(), np.array([1.0, -2.0, 0.5])
    angles = np.zeros((len(human.bones), 3), np.float32)
    angles[0] = (0, 0, np.pi / 2)  # a quarter turn to the left, about the root
    turned = posed(human, human.middle, angles, place)
    root = person.joints[0]
    expected = (landmarks(name, human, person) - root) @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]]) + root + place
    np.testing.assert_allclose(landmarks(name, human, turned), expected, atol=1e-4)


def test_fingers_have_the_proportions_that_labelled_hands_have():
    """InterHand2.6M, wrist to knuckle of the middle finger over wrist to tip along the joints: 0.47 to 0.49."""
    hand = found("left_hand21")
    chain = np.array([hand["wrist"], *(hand[f"middle_finger{joint}"] for joint in (1, 2, 3, 4))])
    lengths = np.linalg.norm(np.diff(chain, axis=0), axis=1)
    assert lengths[0] / lengths.sum() == pytest.approx(0.48, abs=0.02)
    assert (np.diff(lengths) < 0.002).all()  # each bone shorter than the one before


def test_the_thumb_is_on_the_inner_side_of_a_hand_whose_fingers_follow_in_order():
    hand = found("right_hand21")
    knuckles = [hand[f"{finger}1"][1] for finger in ("thumb", "forefinger", "middle_finger", "ring_finger")]
    assert hand["thumb4"][1] < hand["wrist"][1]  # thumbs point forwards
    assert knuckles[1] < knuckles[2] < knuckles[3]


def test_unknown_landmarks_are_refused_with_those_there_are():
    with pytest.raises(SkeletonError, match='no landmarks for "wflw98"; there are coco17, halpe26, face68'):
        landmarks("wflw98", anatomy(), still())


@pytest.mark.parametrize("name", NAMES)
def test_landmarks_lie_no_deeper_under_the_skin_than_stated(name):
    person = still()
    skin = person.vertices[anatomy().groups["body"]]
    for point, depth in zip(landmarks(name, anatomy(), person), depths(name), strict=True):
        assert np.linalg.norm(skin - point, axis=1).min() < depth


def test_a_wrist_behind_the_back_lies_deeper_than_wrists_do():
    body, deep = found("halpe26"), dict(zip(skeleton("halpe26").names, depths("halpe26"), strict=True))
    skin = still().vertices[anatomy().groups["body"]]
    waist = skin[np.hypot(skin[:, 0], skin[:, 2] - body["hip"][2] - 0.15) < 0.05]
    assert np.ptp(waist[:, 1]) > deep["left_wrist"]
    assert deep["left_hip"] > deep["left_knee"] > deep["nose"]
