"""What a model learned, as the start of another."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.dots import dot_data
from tests.tiny_model import write_tiny_model
from vitruvian.errors import WeightsError
from vitruvian.export import comparison_crops
from vitruvian.inference import load
from vitruvian.recipes import build, card_for, save_checkpoint
from vitruvian.runtime.torch_network import PixelsToPoints, TorchNetwork
from vitruvian.structures import Skeleton
from vitruvian.training import Start, answers, read_start, transplanted
from vitruvian.training.start import keypoint_axes

THREE = Skeleton.define("dots3", ("left_dot", "right_dot", "middle"))


@pytest.fixture
def start(dots):
    torch.manual_seed(3)
    return Start("dots", build(dots).eval(), dots)


def test_the_model_of_the_package_can_be_trained_on_and_answers_as_its_file_does():
    """The weights come out of the .onnx file; with the file's flip test, both find the same points."""
    begin, there = read_start("body"), load("body").network
    card = card_for(begin.recipe, begin.model, "body", flip_test=True)
    network = TorchNetwork(PixelsToPoints(begin.model, begin.recipe.codec, card.skeleton, True), card)
    crops = comparison_crops(card)[:3]
    assert np.abs(network.points(crops)[0] - there.points(crops)[0]).max() < 0.01
    assert begin.recipe.loss == "heatmap_cross_entropy"


def test_joints_that_are_known_keep_their_part_of_the_head(start, dots):
    """The new joints are the right dot, none, the left dot."""
    model, taken, fresh = transplanted(start, replace(dots, skeleton=THREE), [1, -1, 0])
    old, new = start.model.state_dict(), model.state_dict()
    for part in ("weight", "bias"):
        before, after = old[f"head.final_layer.{part}"], new[f"head.final_layer.{part}"]
        assert torch.equal(after[0], before[1])
        assert torch.equal(after[2], before[0])
    assert torch.equal(new["backbone.0.weight"], old["backbone.0.weight"])
    assert (taken, fresh) == (len(old), 0)


def test_without_known_joints_the_head_is_fresh(start, dots):
    model, taken, fresh = transplanted(start, dots, [-1, -1])
    assert not torch.equal(model.head.final_layer.weight, start.model.head.final_layer.weight)
    assert (taken, fresh) == (len(start.model.state_dict()) - 2, 2)


def test_all_joints_in_their_order_give_the_same_model(start, dots):
    model = transplanted(start, dots, [0, 1])[0]
    old = start.model.state_dict()
    assert all(torch.equal(value, old[name]) for name, value in model.state_dict().items())


def test_only_the_head_knows_how_many_keypoints_there_are(dots):
    assert keypoint_axes(dots) == {"head.final_layer.weight": 0, "head.final_layer.bias": 0}


def test_the_starting_model_is_asked_in_the_labelled_boxes(start, tmp_path):
    data = dot_data(tmp_path, 5)
    (tmp_path / "3.png").unlink()
    rows, xy = answers(start, data)
    assert rows.tolist() == [0, 1, 2, 4]
    assert xy.shape == (4, 2, 2)
    assert (np.abs(xy - 16) <= 20).all()


def test_a_checkpoint_is_a_start(start, dots, tmp_path):
    save_checkpoint(tmp_path / "a.safetensors", start.model, dots)
    found = read_start(str(tmp_path / "a.safetensors"))
    assert found.recipe == dots
    assert torch.equal(found.model.head.final_layer.weight, start.model.head.final_layer.weight)


def test_a_file_without_norms_of_its_own_is_refused(tmp_path):
    write_tiny_model(tmp_path / "folded.onnx")
    with pytest.raises(WeightsError, match=r"folded.onnx .*give the .safetensors checkpoint that it was exported from"):
        read_start(str(tmp_path / "folded.onnx"))


@pytest.mark.parametrize("beside", ["folded.safetensors", "best.safetensors"])
def test_instead_of_such_a_file_the_checkpoint_beside_it_is_named(tmp_path, beside):
    write_tiny_model(tmp_path / "folded.onnx")
    (tmp_path / beside).touch()
    with pytest.raises(WeightsError, match=rf"give the checkpoint beside it, {tmp_path}/{beside}"):
        read_start(str(tmp_path / "folded.onnx"))
