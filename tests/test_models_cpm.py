"""Convolutional pose machines: the names of published checkpoints, the stages and what each is given."""

import pytest
import torch
from torch import Tensor, nn

from tests.published_names import built, names_of, published_names, untouched
from vitruvian.models.cpm import PoseMachine, StageMaps, cpm

HEADS = {"heatmap": (17, 32, 24)}


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_parameters_have_the_published_names_shapes_and_order(shared):
    assert names_of(built(cpm, HEADS, (192, 256))) == published_names(shared, "td_cpm_coco_256x192")


def test_six_stages_answer_at_an_eighth_of_the_image():
    """368 x 368 pixels make 46 x 46 cells, as in the paper."""
    found = built(cpm, HEADS, (368, 368)).stages(torch.empty(2, 3, 368, 368, device="meta"))
    assert [tuple(stage["heatmap"].shape) for stage in found] == [(2, 17, 46, 46)] * 6


def test_a_later_stage_is_given_the_maps_of_the_one_before_and_features_of_the_image():
    machine = PoseMachine(2)
    maps = machine(noise(2, 3, 16, 16))
    (of_maps,) = torch.autograd.grad(maps[1].square().sum(), maps[0], retain_graph=True)
    assert of_maps.any()
    maps[1].square().sum().backward()
    reached = {name.split(".")[0] for name, p in machine.named_parameters() if p.grad is not None and p.grad.any()}
    assert reached == {"stem", "middle", "cpm_stages", "middle_conv", "out_convs"}
    later = [p for stage in range(1, 5) for p in machine.cpm_stages[stage].parameters()]
    assert all(p.grad is None for p in later)


def test_a_cell_of_the_first_stage_sees_83_pixels_to_each_side():
    """Three kernels of 9 with pooling by 3 after each, at strides 1, 2 and 4, then kernels of 5 and 9 at stride 8.

    4 + 1, 8 + 2, 16 + 4, 16 and 32. (The paper pools by 2, and has 160 pixels across where these are 167.)
    """
    stem = PoseMachine(1).stem.eval()
    for name, parameter in stem.named_parameters():
        nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 1.0)
    image = torch.zeros(4, 3, 8, 192)
    for pixel, column in enumerate((96 - 84, 96 - 83, 96 + 83, 96 + 84)):
        image[pixel, :, :, column] = 1.0
    with torch.no_grad():
        seen = stem(image)[:, 0, 0, 96 // 8] > 0
    assert seen.tolist() == [False, True, True, False]


def test_gradients_of_all_answers_reach_every_parameter():
    torch.manual_seed(0)
    model = cpm({"heatmap": (3, 2, 2)}, (16, 16))
    sum((stage["heatmap"] * noise(2, 3, 2, 2)).sum() for stage in model.stages(noise(2, 3, 16, 16))).backward()
    assert untouched(model) == []


def test_maps_are_cut_into_the_outputs_in_their_order():
    maps = (noise(1, 3, 4, 4), noise(1, 3, 4, 4) + 1)
    answers = StageMaps({"heatmap": (2, 4, 4), "tag": (1, 4, 4)})(maps)
    for answer, both in zip(answers, maps, strict=True):
        assert list(answer) == ["heatmap", "tag"]
        assert torch.equal(torch.cat([answer["heatmap"], answer["tag"]], dim=1), both)


def test_the_head_has_no_parameters():
    assert not built(cpm, HEADS, (192, 256)).head.state_dict()


@pytest.mark.parametrize("keypoints", [1, 14])
def test_a_later_stage_has_as_many_more_input_channels_as_there_are_maps(keypoints: int):
    """32 of image features, and one for each keypoint."""
    model = built(cpm, {"heatmap": (keypoints, 32, 24)}, (192, 256))
    assert {stage.model[0].conv.in_channels for stage in model.backbone.cpm_stages} == {32 + keypoints}
