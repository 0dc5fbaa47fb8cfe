"""People drawn at random are of all ages and builds, believable, and the same for the same seed."""

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("numba")

from vitruvian.synthesis import anatomy, posed
from vitruvian.synthesis.human.landmarks import landmarks
from vitruvian.synthesis.human.people import BODY_SPREAD, FACE_SPREAD, USUAL, random_details, random_traits


def test_traits_are_in_the_ranges_that_traits_have():
    rng = np.random.default_rng(0)
    people = [random_traits(rng, anatomy().details) for _ in range(400)]
    for name in ("gender", "age", "muscle", "weight", "height", "proportions"):
        values = np.array([getattr(one, name) for one in people])
        assert values.min() >= 0, name
        assert values.max() <= 1, name
        assert values.std() > 0.05, name
    assert set().union(*(one.details for one in people)) <= set(anatomy().details)
    assert all(abs(value) <= 1 for one in people for value in one.details.values())


def test_the_tables_name_details_that_there_are():
    names = {detail[2:] if detail.startswith(("l-", "r-")) else detail for detail in anatomy().details}
    assert set(USUAL) <= names
    for begin in (*FACE_SPREAD, *BODY_SPREAD):
        assert any(name.startswith(begin) for name in names), begin


def test_left_and_right_are_nearly_alike():
    rng = np.random.default_rng(1)
    found = [random_details(rng, anatomy().details) for _ in range(200)]
    gaps = np.array([one["l-ear-scale-incr"] - one["r-ear-scale-incr"] for one in found])
    sizes = np.array([one["l-ear-scale-incr"] for one in found])
    assert 0 < gaps.std() < sizes.std() / 2


def test_children_are_small_and_adults_are_tall_as_people_are():
    rng = np.random.default_rng(2)
    heights = {}
    for years in ((3.0, 5.0), (20.0, 50.0)):
        shapes = anatomy().shapes([random_traits(rng, anatomy().details, years) for _ in range(16)])
        body = anatomy().groups["body"]
        heights[years] = np.array([np.ptp(shape.vertices[body, 2]) for shape in shapes])
    assert 0.85 < heights[3.0, 5.0].mean() < 1.2
    assert 1.55 < heights[20.0, 50.0].mean() < 1.85
    assert heights[20.0, 50.0].min() > 1.35


def test_a_seed_gives_the_same_person_again():
    first, second = (random_traits(np.random.default_rng(3), anatomy().details) for _ in range(2))
    assert first == second


def test_the_middle_of_all_faces_is_that_of_labelled_photos():
    """Means of frontal iBUG faces (AFW, HELEN) with shut mouths, in distances between the eyes, down from them."""
    rng, depths = np.random.default_rng(4), []
    people = anatomy().shapes([random_traits(rng, anatomy().details, (16.0, 70.0)) for _ in range(32)])
    for shape in people:
        still = posed(anatomy(), shape, np.zeros((len(anatomy().bones), 3), np.float32), np.zeros(3))
        face = landmarks("face68", anatomy(), still)
        right, left = face[36:42].mean(0), face[42:48].mean(0)
        depths.append(((left + right)[2] / 2 - face[[19, 33, 51, 57, 8], 2]) / np.linalg.norm(left - right))
    np.testing.assert_allclose(np.mean(depths, axis=0), [-0.37, 0.72, 0.95, 1.17, 1.68], atol=0.1)
