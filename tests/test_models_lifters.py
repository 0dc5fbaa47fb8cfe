"""What every lifter promises, over the table of lifters."""

import re
import warnings

import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from vitruvian.models.lifters import LIFTERS
from vitruvian.models.motion_bert import DSTformer, MotionBERT, MotionHead

from .published_names import untouched

EXPORTED = ["simple_baseline_3d", "video_pose_27_root", "motion_bert"]  # one of each kind
every_lifter = pytest.mark.parametrize("name", sorted(LIFTERS))


def on_meta(name: str) -> nn.Module:
    with torch.device("meta"):
        return LIFTERS[name](17)


def built(name: str) -> nn.Module:
    """For 5 keypoints; of transformers a small one, which is the same code."""
    torch.manual_seed(0)
    if name == "motion_bert":
        return MotionBERT(DSTformer(5, channels=32, depth=2, heads=4, hidden=64), MotionHead(32)).eval()
    return LIFTERS[name](5).eval()


def points_for(lifter: nn.Module, batch: int) -> Tensor:
    """(batch, T, 5, channels) of 5 keypoints."""
    shape = (243, 5, 3) if isinstance(lifter, MotionBERT) else lifter.shape
    return torch.randn(batch, *shape, generator=torch.Generator().manual_seed(0))


def answers(lifter: nn.Module, points: Tensor) -> dict[str, Tensor]:
    with torch.inference_mode():
        return lifter(points)


def assert_close(found: dict[str, Tensor], expected: dict[str, Tensor], share: float) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        largest = value.abs().max()
        torch.testing.assert_close(found[name].float() / largest, value / largest, rtol=0, atol=share)


@every_lifter
def test_every_lifter_has_as_many_parameters_as_its_description_says(name: str):
    said = re.match(r"([\d.]+) M parameters with 17 keypoints", LIFTERS[name].__doc__ or "")
    assert said
    assert f"{sum(p.numel() for p in on_meta(name).parameters()) / 1e6:.1f}" == said[1]


@every_lifter
def test_gradients_reach_every_parameter(name: str):
    lifter = built(name)
    points = points_for(lifter, 2)
    sum((value * torch.randn_like(value)).sum() for value in lifter(points).values()).backward()
    assert untouched(lifter) == []


@every_lifter
def test_a_window_is_answered_alike_alone_in_a_batch_and_twice(name: str):
    lifter = built(name)
    points = points_for(lifter, 3)
    together, again, alone = (answers(lifter, given) for given in (points, points, points[1:2]))
    assert all(torch.equal(again[key], value) for key, value in together.items())
    assert_close(alone, {key: value[1:2] for key, value in together.items()}, share=1e-4)


@every_lifter
def test_sixteen_bits_lead_the_answers_astray_a_little_only(name: str):
    lifter = built(name)
    points = points_for(lifter, 2)
    expected = answers(lifter, points)
    with torch.autocast("cpu", torch.bfloat16):
        found = answers(lifter, points)
    assert_close(found, expected, share=0.05)


@pytest.mark.parametrize("name", EXPORTED)
def test_lifters_export_and_answer_alike_in_onnx_runtime(name: str, tmp_path):
    lifter = built(name)
    points = points_for(lifter, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what torch itself calls by old names
        program = torch.onnx.export(
            lifter,
            (points[:2],),
            dynamo=True,
            opset_version=18,
            input_names=["points"],
            dynamic_shapes={"points": {0: torch.export.Dim("N", min=1)}},
            verbose=False,
        )
    program.save(tmp_path / "lifter.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "lifter.onnx", providers=["CPUExecutionProvider"])
    expected = answers(lifter, points)
    found = map(torch.from_numpy, session.run(None, {"points": points.numpy()}))
    assert_close(dict(zip(expected, found, strict=True)), expected, share=1e-3)
