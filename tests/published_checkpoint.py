"""Checkpoints in published layouts with known weights, and a table that lists them."""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.parity.model import fill
from vitruvian.models import MODELS
from vitruvian.runtime import published

NAME = "td-hm_mobilenetv2_8xb64-210e_coco-256x192"


@dataclass(frozen=True)
class Checkpoint:
    """A .pth file: its bytes, and what is known of it."""

    content: bytes
    sha256: str

    @classmethod
    def of(cls, path: Path, content: Any) -> "Checkpoint":
        torch.save(content, path)
        data = path.read_bytes()
        return cls(data, hashlib.sha256(data).hexdigest())


def known_weights(model: str = "simple_baseline_mobilenetv2", keypoints: int = 17) -> dict[str, Tensor]:
    """Weights that follow from the published names, for 192 x 256; reference numbers of their answers exist."""
    built = MODELS[model]({"heatmap": (keypoints, 64, 48)}, (192, 256))
    return fill(built, seed=0).state_dict()


def list_one(folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, sha256: str, **other: Any) -> str:
    """Let the table of published models hold one, which is at `url`; gives Python that does so in a new process."""
    entry: Mapping[str, Any] = {
        "name": NAME,
        "aliases": ["small"],
        "url": url,
        "sha256": sha256,
        "model": "simple_baseline_mobilenetv2",
        "codec": {"kind": "gaussian_heatmap", "input_size": [192, 256]},
        "skeleton": "coco17",
        "trained_on": ["COCO"],
        "accuracy": {"AP, COCO": 0.648},
        **other,
    }
    table = folder / "published.json"
    table.write_text(json.dumps({"terms": {"COCO": "see there"}, "licence": "Apache-2.0", "models": [entry]}))
    module = sys.modules["vitruvian.runtime.catalogue"]
    monkeypatch.setattr(module, "TABLE", table)
    published.cache_clear()
    return (
        "import sys, pathlib, vitruvian.runtime\n"
        f"sys.modules['vitruvian.runtime.catalogue'].TABLE = pathlib.Path({str(table)!r})\n"
    )
