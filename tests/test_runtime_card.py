"""ModelCard: what a model says about itself, and back."""

import json
from dataclasses import replace

import pytest

from tests.fake_network import colour_card
from vitruvian.errors import RecipeError, WeightsError
from vitruvian.runtime import ModelCard
from vitruvian.structures import skeleton


def full_card() -> ModelCard:
    return replace(
        colour_card(),
        name="body",
        skeleton=skeleton("coco17"),
        input_size=(192, 256),
        padding=1.25,
        convention="udp",
        codec={"kind": "udp_heatmap", "input_size": (192, 256), "sigma": 2.0, "combined": False},
        grid=(191 / 47, 255 / 63, 0.0, 0.0),
        flip_test=True,
        accuracy={"PCK@0.2 torso, lsp_extended": 0.66},
        data_licence='research only; "as is" — naïve quotes survive',
    )


@pytest.mark.parametrize("card", [colour_card(), full_card()], ids=["small", "full"])
def test_a_card_survives_its_json(card: ModelCard):
    assert ModelCard.from_json(card.to_json(), "model.onnx") == card


def test_the_json_is_plain_and_says_its_format():
    values = json.loads(full_card().to_json())
    assert values["format"] == 1
    assert values["skeleton"]["names"][0] == "nose"
    assert values["input_size"] == [192, 256]


def changed(**values: object) -> str:
    return json.dumps({**json.loads(full_card().to_json()), **values})


def without(key: str) -> str:
    values = json.loads(full_card().to_json())
    del values[key]
    return json.dumps(values)


@pytest.mark.parametrize("written", [2, None, "1"])
def test_a_card_of_another_format_says_which_one_this_version_reads(written: object):
    with pytest.raises(WeightsError, match=rf"m.onnx has a model card of format {written}; this .* reads format 1\."):
        ModelCard.from_json(changed(format=written), "m.onnx")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (full_card().to_json()[:200], "Unterminated string"),
        ("", "Expecting value"),
        ("[1, 2]", "a table of values was expected, not a list"),
        (without("padding"), "no padding"),
        (without("grid"), "no grid"),
        (changed(colour="red"), "unknown colour"),
        (changed(skeleton={"name": "x"}), "no 'limbs'"),
        (changed(skeleton=None), "NoneType"),
        (changed(input_size=None), "NoneType"),
        (changed(input_size=[192]), "positive input_size"),
        (changed(input_size=[192, 0]), "positive input_size"),
        (changed(input_size=["192", "256"]), "str"),
        (changed(padding=-1), "a positive padding"),
        (changed(grid=[4, 4]), "a grid of four numbers"),
        (changed(convention="mpi"), 'convention must be one of msra, udp, got "mpi"'),
        (changed(codec=None), "NoneType"),
    ],
)
def test_a_damaged_card_names_the_file_the_problem_and_the_way_out(text: str, problem: str):
    with pytest.raises(WeightsError, match=r"^m\.onnx has a damaged model card: .*; export the model again$") as caught:
        ModelCard.from_json(text, "m.onnx")
    assert problem in str(caught.value)


def test_a_skeleton_that_contradicts_itself_is_a_damaged_card():
    values = json.loads(full_card().to_json())
    values["skeleton"]["mirror"] = values["skeleton"]["mirror"][:-1]
    with pytest.raises(WeightsError, match=r'm\.onnx has a damaged model card: skeleton "coco17" has 17'):
        ModelCard.from_json(json.dumps(values), "m.onnx")


@pytest.mark.parametrize(
    "settings",
    [{"input_size": (0, 64)}, {"padding": 0.0}, {"padding": float("nan")}, {"convention": "mpi"}, {"grid": (1.0,)}],
)
def test_a_card_without_sense_is_refused(settings):
    with pytest.raises(RecipeError, match=r"positive|convention"):
        replace(colour_card(), **settings)
