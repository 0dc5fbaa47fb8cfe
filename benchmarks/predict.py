"""People in one decoded photo, end to end and in the runtime alone: `python -m benchmarks.predict`.

SimpleBaseline with a ResNet-50 at 256 x 192 and random weights, exported once: how fast a network is does not depend
on what it has learned.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.timing import Finding, Report, Timing, finish, interleaved, options, ratio
from vitruvian.codecs import GaussianHeatmap
from vitruvian.export import comparison_crops, export_onnx
from vitruvian.geometry import Crop
from vitruvian.inference import TopDown
from vitruvian.media import EXAMPLE_PHOTO, read_image
from vitruvian.recipes import Recipe, build, card_for
from vitruvian.runtime import ModelCard, Network, OnnxNetwork, OpenVinoNetwork

PHOTO_SIZE = (1920, 1080)
PEOPLE = (1, 5, 20)
SHARE_GOAL = ">= 0.97"  # of the time of the largest number of people
BACKENDS: dict[str, Callable[[Path], Network]] = {
    "ONNX Runtime float32": OnnxNetwork,
    "OpenVINO float32": OpenVinoNetwork,
    "OpenVINO bfloat16": lambda path: OpenVinoNetwork(path, precision="bfloat16"),
}
# Milliseconds on two cores, by number of people: the network alone in the same runtime, and a reference system end to
# end, which runs it in PyTorch.
PUBLISHED_ALONE = {
    "ONNX Runtime float32": {1: 26, 5: 125, 20: 515},
    "OpenVINO bfloat16": {1: 13, 5: 57, 20: 235},
}
PUBLISHED_WHOLE = {1: 61, 5: 265, 20: 1329}


class Watched:
    """A network that counts the seconds spent inside its runtime."""

    def __init__(self, network: Network):
        self.network, self.seconds = network, 0.0

    def during(self, call: Callable[[], object]) -> float:
        """The seconds inside the runtime while `call` runs."""
        before = self.seconds
        call()
        return self.seconds - before

    @property
    def card(self) -> ModelCard:
        """The network's own."""
        return self.network.card

    def points(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The network's own, timed."""
        start = time.perf_counter()
        answer = self.network.points(crops)
        self.seconds += time.perf_counter() - start
        return answer

    def likelihood(self, crops: np.ndarray) -> np.ndarray:
        """The network's own."""
        return self.network.likelihood(crops)


def export(path: Path) -> None:
    """Write the model to `path`."""
    torch.manual_seed(0)
    recipe = Recipe("coco17", "simple_baseline_resnet50", GaussianHeatmap((192, 256)), "heatmap_mse")
    model = build(recipe).eval()
    card = card_for(recipe, model, path.stem)
    export_onnx(path, model, recipe, card, comparison_crops(card))


def photo() -> np.ndarray:
    """(1080, 1920, 3) uint8: the example photo, enlarged."""
    return cv2.resize(read_image(EXAMPLE_PHOTO), PHOTO_SIZE, interpolation=cv2.INTER_CUBIC)


def people(count: int) -> np.ndarray:
    """(count, 4) boxes in the photo, upright, 200 to 900 pixels high."""
    rng = np.random.default_rng(0)
    height = rng.uniform(200, 900, count)
    extent = np.stack([0.4 * height, height], -1)
    corner = rng.uniform(0, 1, (count, 2)) * (np.array(PHOTO_SIZE) - 1 - extent)
    return np.concatenate([corner, corner + extent], -1).astype(np.float32)


def cut(image: np.ndarray, boxes: np.ndarray, card: ModelCard) -> np.ndarray:
    """The crops (N, height, width, 3) that the model takes."""
    return np.stack([Crop.around(box, card.input_size, card.padding, card.convention).cut(image) for box in boxes])


def with_people(name: str, network: Network, count: int, repeats: int) -> tuple[list[Timing], list[Finding]]:
    """One runtime and number of people, end to end and, as the limit, with crops that are cut already."""
    whole, alone = f"{name}, {count}", f"{name}, {count}, network alone"
    image, boxes, watched = photo(), people(count), Watched(network)
    crops, top_down = cut(image, boxes, network.card), TopDown(watched)
    inside: list[float] = []
    cases: dict[str, Callable[[], object]] = {
        whole: lambda: inside.append(watched.during(lambda: top_down(image, boxes))),
        alone: lambda: network.points(crops),
    }
    seconds = interleaved(cases, repeats)
    published = {whole: PUBLISHED_WHOLE[count], alone: PUBLISHED_ALONE.get(name, {}).get(count)}
    timings = {case: Timing.of(case, values, published[case]) for case, values in seconds.items()}
    share = float(np.median(np.array(inside[-repeats:]) / seconds[whole]))
    goal = SHARE_GOAL if count == max(PEOPLE) else ""
    found = [
        Finding(f"{whole}: share of the time inside the runtime", share, goal),
        ratio(f"{whole}: end to end / network alone", timings, whole, alone),
    ]
    return list(timings.values()), found


def measure(repeats: int) -> Report:
    """All runtimes, one after the other, so that the idle threads of one do not slow the next."""
    settings = {"model": "simple_baseline_resnet50", "input": (192, 256), "photo": PHOTO_SIZE, "people": PEOPLE}
    timings: list[Timing] = []
    found: list[Finding] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resnet50.onnx"
        export(path)
        for name, load in BACKENDS.items():
            network = load(path)
            for count in PEOPLE:
                part = with_people(name, network, count, repeats)
                timings += part[0]
                found += part[1]
            del network
    return Report("predict", settings, timings, found)


if __name__ == "__main__":
    arguments = options(__doc__, repeats=15)
    finish(measure(arguments.repeats), arguments.out)
