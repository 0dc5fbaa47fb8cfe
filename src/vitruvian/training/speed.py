"""How fast a recipe trains here, measured in a few steps before the run is planned."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from vitruvian.recipes import Recipe, build
from vitruvian.training.hardware import by_itself
from vitruvian.training.loop import Batch, train
from vitruvian.training.plan import Machine
from vitruvian.training.progress import Run

STEPS = 3  # that are timed, after one that is not
LOADED = 200  # crops that one core decodes, cuts and changes in a second, about
ROUNDS = 8  # of timing a layer
FASTER = 0.8  # of the time, that makes 16 bits worth their rounding


def this_machine() -> Machine:
    """What is there. Whether 16 bits are faster is told by the kind of the graphics card, or by trying on the CPU."""
    if not torch.cuda.is_available():
        return Machine(cores(), bfloat16=_faster_in_16_bits())
    memory = torch.cuda.get_device_properties(0).total_memory / 2**30
    return Machine(cores(), memory, torch.cuda.is_bf16_supported(including_emulation=False))


def cores() -> int:
    """Of the processor, those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def crops_per_second(recipe: Recipe, device: str = "auto") -> float:
    """Crops that pass through a training step in a second, or that are loaded in one, if those are fewer.

    The step, forward, backward and the change of weights, is measured; the loading is reckoned by the cores. Of several
    processes that torchrun started each measures for itself; what they then tell each other takes further time.
    """
    careful = replace(recipe, warm_up=0, learning_rate=1e-9)  # so that noise teaches nothing, whatever the rate
    alone = by_itself(device)
    current = Run.begin(build(recipe), careful, alone)
    steps = list(train(current, _batches(recipe), careful, STEPS + 1, alone))
    trained = recipe.batch_size / float(np.median([step.seconds for step in steps[1:]]))
    return min(trained, LOADED * cores() / int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def _batches(recipe: Recipe) -> Iterator[Batch]:
    """Batches of noise; the points are anywhere in it."""
    rng = np.random.default_rng(0)
    width, height = recipe.codec.input_size
    shape = (recipe.batch_size, len(recipe.joints), 2)
    while True:
        image = rng.integers(0, 256, (recipe.batch_size, height, width, 3), dtype=np.uint8)
        yield torch.from_numpy(image), torch.from_numpy((rng.random(shape) * (width, height)).astype(np.float32))


def _faster_in_16_bits() -> bool:
    """Whether convolutions as in a small network take less time in bfloat16; each kind's shortest of some counts."""
    kinds = (torch.float32, torch.bfloat16)
    layers = [torch.nn.Conv2d(64, 64, 3, padding=1).to(kind) for kind in kinds]
    images = [torch.zeros((32, 64, 32, 32), dtype=kind).to(memory_format=torch.channels_last) for kind in kinds]
    with torch.inference_mode():
        rounds = [[_seconds(*one) for one in zip(layers, images, strict=True)] for _ in range(ROUNDS)]
    float32, bfloat16 = (min(times) for times in zip(*rounds, strict=True))
    return bfloat16 < FASTER * float32


def _seconds(layer: torch.nn.Module, image: torch.Tensor) -> float:
    start = time.perf_counter()
    layer(image)
    return time.perf_counter() - start
