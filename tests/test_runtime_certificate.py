"""The certificate beside a pulled model: whole, or refused."""

import json

import pytest

from vitruvian.errors import WeightsError
from vitruvian.runtime import Certificate

CERTIFICATE = Certificate(
    name="a",
    published="b",
    source="https://example.org/a.pth",
    source_sha256="01" * 32,
    verified=True,
    layout="MMPose 1.x",
    tensors_used=3,
    tensors_unused=("c",),
    tensors_absent=(),
    half=False,
    largest_distance=0.01,
    distance_99=0.001,
    points=1156,
    unsteady=4,
    score_99=1e-6,
    date="2026-01-02T03:04:05+00:00",
    versions={"torch": "2.13.0"},
    sha256="23" * 32,
    checkpoint_sha256="45" * 32,
)


def test_a_certificate_comes_back_as_it_was():
    assert Certificate.from_json(CERTIFICATE.to_json(), "a.json") == CERTIFICATE


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", CERTIFICATE.to_json()[:-5]])
def test_what_is_none_is_a_sentence(text: str):
    with pytest.raises(WeightsError, match=r"a\.json is not a certificate of format 2; pull the model again"):
        Certificate.from_json(text, "a.json")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 1},
        {"extra": 1},
        {"name": 1},
        {"verified": "yes"},
        {"points": 1.5},
        {"points": True},
        {"score_99": None},
        {"tensors_unused": "c"},
        {"tensors_unused": [1]},
        {"versions": {"torch": 2}},
        {"versions": ["torch"]},
    ],
)
def test_a_certificate_of_another_form_is_a_sentence(change: dict[str, object]):
    text = json.dumps(json.loads(CERTIFICATE.to_json()) | change)
    with pytest.raises(WeightsError, match=r"a\.json is not a certificate of format 2"):
        Certificate.from_json(text, "a.json")
