"""What every model promises, over the table of models."""

import re
from dataclasses import dataclass

import onnxruntime
import pytest
import torch
from torch import Tensor

from tests.model_heads import export_bare, heads_of
from vitruvian.models import MODELS, PoseModel, Size

WHOLE = (192, 256)  # width, height: what the descriptions of models speak of
SMALL = (64, 64)
BFLOAT16 = 0.05  # how far bfloat16 may lead an answer off, as a share of its largest value

# Small models, one of each file or of each way through it. All models are held to the cheap promises, these to the
# dear ones, too; the others to those only on demand: pytest -m slow.
SMALLEST = [
    "cpm",
    "cpn_resnet50",
    "deep_pose_mobilenetv2_rle",
    "fast_pose_si_resnet50",
    "hourglass52",
    "hrnetv2_w18",
    "integral_resnet50",
    "lite_hrnet_18",
    "mspn50_x2",
    "residual_unet_small",
    "rsn18",
    "rtmpose_t",
    "rtmw_m",
    "scnet50",
    "simcc_mobilenetv2",
    "simple_baseline_cspnext_t",
    "simple_baseline_mobilenetv2",
    "simple_baseline_resnet18",
    "token_pose_s_v1",
    "vipnas_mobilenet_v3",
    "vipnas_resnet50",
    "vitpose_small",
]
EXPORTED = [  # of these, with every kind of operation that is in the others, too: an export takes longest of all
    "deep_pose_mobilenetv2_rle",
    "fast_pose_si_resnet50",
    "integral_resnet50",
    "lite_hrnet_18",
    "residual_unet_small",
    "rtmpose_t",
    "simcc_mobilenetv2",
    "simple_baseline_mobilenetv2",
    "token_pose_s_v1",
    "vipnas_mobilenet_v3",
    "vitpose_small",
]
every_model = pytest.mark.parametrize("name", sorted(MODELS))


def size_of(name: str) -> Size:
    """A small input: what is divided 64 times needs a few cells left."""
    return (128, 128) if name.startswith(("hourglass", "rtm", "ae_", "higher_", "scnet")) else SMALL


def built(name: str, seed: int = 0) -> PoseModel:
    """In eval mode, with weights that let every answer depend on the image."""
    torch.manual_seed(seed)
    model = MODELS[name](heads_of(name, 3, size_of(name)), size_of(name))
    for module in model.modules():  # heads start at almost nothing, residual branches at nothing
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.constant_(module.weight, 0.5)
    return model.eval()


def images(name: str, count: int) -> Tensor:
    width, height = size_of(name)
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(0))


@dataclass(frozen=True)
class Subject:
    """A model under test."""

    name: str
    model: PoseModel

    def images(self, count: int) -> Tensor:
        return images(self.name, count)

    def answers(self, image: Tensor) -> dict[str, Tensor]:
        with torch.inference_mode():
            return self.model(image)


@pytest.fixture(
    scope="module",  # pytest then runs all tests of one model before it builds the next
    params=[pytest.param(name, marks=() if name in SMALLEST else pytest.mark.slow) for name in sorted(MODELS)],
)
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(request.param, built(request.param))


def on_meta(name: str) -> PoseModel:
    with torch.device("meta"):
        return MODELS[name](heads_of(name, 17, WHOLE), WHOLE)


def assert_close(found: dict[str, Tensor], expected: dict[str, Tensor], share: float) -> None:
    """As a share of the largest value of each output."""
    assert found.keys() == expected.keys()
    for output, value in expected.items():
        largest = value.abs().max()
        assert largest > 0
        assert value.isfinite().all()
        torch.testing.assert_close(found[output].float() / largest, value / largest, rtol=0, atol=share)


def test_a_small_model_of_every_file_is_held_to_all_promises():
    """But for higher_hrnet.py, whose networks are those of hrnet.py with more after them, and take long to export."""
    there = {MODELS[name].__module__ for name in SMALLEST} | {"vitruvian.models.higher_hrnet"}
    assert there == {build.__module__ for build in MODELS.values()}


@every_model
def test_every_stage_of_every_model_answers_in_the_shapes_asked_for(name: str):
    stages = on_meta(name).eval().stages(torch.empty(2, 3, WHOLE[1], WHOLE[0], device="meta"))
    asked = {output: (2, *shape) for output, shape in heads_of(name, 17, WHOLE).items()}
    last = {output: tuple(answer.shape) for output, answer in stages[-1].items()}
    assert last == asked
    for stage in stages[:-1]:
        assert set(stage) <= set(asked)


@every_model
def test_every_model_has_as_many_parameters_as_its_description_says(name: str):
    """With 17 keypoints at 192 x 256."""
    said = re.match(r"([\d.]+) M parameters with 17 keypoints", MODELS[name].__doc__ or "")
    assert said
    assert f"{sum(p.numel() for p in on_meta(name).parameters()) / 1e6:.1f}" == said[1]


@every_model
def test_every_model_keeps_its_weights_in_a_backbone_a_neck_and_a_head(name: str):
    model = on_meta(name)
    assert isinstance(model, PoseModel)
    assert "backbone" in {key.split(".")[0] for key in model.state_dict()} <= {"backbone", "neck", "head"}


def test_an_image_is_answered_alike_alone_in_a_batch_and_twice(subject: Subject):
    batch = subject.images(4)
    together, again, alone = (subject.answers(x) for x in (batch, batch, batch[1:2]))
    assert all(torch.equal(again[output], value) for output, value in together.items())
    assert_close(alone, {output: value[1:2] for output, value in together.items()}, share=1e-4)


def test_the_order_of_memory_changes_nothing(subject: Subject):
    batch = subject.images(2)
    expected = subject.answers(batch)
    assert_close(subject.answers(batch.contiguous(memory_format=torch.channels_last)), expected, share=1e-4)


def test_sixteen_bits_lead_the_answers_astray_a_little_only(subject: Subject):
    batch = subject.images(2)
    expected = subject.answers(batch)
    with torch.autocast("cpu", torch.bfloat16):
        found = subject.answers(batch)
    assert_close(found, expected, share=BFLOAT16)


def test_gradients_reach_every_parameter(subject: Subject):
    """A rectifier may be dead in one draw of weights, but not in each of three."""
    waiting = without_gradient(subject.model, subject.images(2))
    for seed in (1, 2):
        if waiting:
            waiting &= without_gradient(built(subject.name, seed), subject.images(2))
    assert waiting == set()


def without_gradient(model: PoseModel, batch: Tensor) -> set[str]:
    """The names of parameters that a loss of all stages does not reach."""
    generator = torch.Generator().manual_seed(0)
    loss = torch.zeros(())
    for stage in model.stages(batch):
        for answer in stage.values():
            loss = loss + (answer * torch.randn(answer.shape, generator=generator)).sum()
    if hasattr(model.head, "log_prob"):  # a flow that only the loss uses
        loss = loss + model.head.log_prob(torch.randn((8, 2), generator=generator)).sum()
    loss.backward()
    trained = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.requires_grad}
    model.zero_grad(set_to_none=True)
    return {name for name, gradient in trained.items() if gradient is None or not gradient.any()}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EXPORTED else pytest.mark.slow) for name in sorted(MODELS)]
)
def test_every_model_exports_and_answers_alike_in_onnx_runtime(name: str, tmp_path):
    subject = Subject(name, built(name))
    batch = subject.images(3)
    path = tmp_path / "model.onnx"
    export_bare(subject.model, batch[:2], path, optimize=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = subject.answers(batch)
    found = session.run(None, {"image": batch.numpy()})
    assert_close(dict(zip(expected, map(torch.from_numpy, found), strict=True)), expected, share=1e-3)
