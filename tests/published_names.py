"""Names, shapes and order of the parameters of published checkpoints, beside those of a model."""

import json
from pathlib import Path

import torch

from vitruvian.models.pose_model import Heads, PoseModel, Size

Entry = tuple[str, tuple[int, ...], str]  # name, shape, dtype


def built(build, heads: Heads, size: Size) -> PoseModel:
    """A model without values, which costs no time."""
    with torch.device("meta"):
        return build(heads, size)


def names_of(model: torch.nn.Module) -> list[Entry]:
    return [(name, tuple(v.shape), str(v.dtype).removeprefix("torch.")) for name, v in model.state_dict().items()]


def published_names(shared: Path, name: str) -> list[Entry]:
    content = json.loads((shared / f"golden/model/{name}.state.json").read_text())
    return [(entry, tuple(shape), dtype) for entry, shape, dtype in content["state_dict"]]


def parameters(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def untouched(model: torch.nn.Module) -> list[str]:
    """Trained parameters that no gradient has reached."""
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [name for name, p in trained if p.grad is None or not p.grad.abs().sum() > 0]
