"""Opening annotations of COCO's size, each time in a fresh process: `python -m benchmarks.datasets`.

The file is made here, with a fixed seed: 64,115 images and 150,000 people with 17 keypoints and outlines, as
person_keypoints_train2017.json has them. Beside it stand what everybody does: `json.loads`, and pycocotools' index.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.timing import Finding, Report, Timing, finish, options, ratio

IMAGES, PEOPLE, KEYPOINTS = 64_115, 150_000, 17
OUTLINE = 60  # numbers of the polygon of a person, on average
REPEATS = 3
MEGABYTE = 2**20
KILOBYTES = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, kilobytes elsewhere
TIME = "import json, resource, sys, time\n{imports}\nstart = time.perf_counter()\n{call}\n" + (
    "print(json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))"
)
OPEN = (
    "from pathlib import Path\nfrom vitruvian.datasets import open_dataset",
    "open_dataset(Path(sys.argv[1]), 'coco')",
)
CASES = {
    "first open": OPEN,
    "open again": OPEN,
    "json.loads": ("", "json.loads(open(sys.argv[1], 'rb').read())"),
    "pycocotools": (
        "import contextlib, io\nfrom pycocotools.coco import COCO",
        "with contextlib.redirect_stdout(io.StringIO()): COCO(sys.argv[1])",
    ),
}


def people(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Annotations as COCO has them; two of three people have keypoints."""
    for number in range(PEOPLE):
        x, y, width, height = rng.uniform(0, 200, 4).round(2).tolist()
        labelled = rng.random() < 2 / 3
        triples = rng.integers(0, (640, 480, 3), (KEYPOINTS, 3)) * labelled
        outline = rng.uniform(0, 480, 2 * int(rng.integers(4, OUTLINE))).round(2).tolist()
        yield {
            "segmentation": [outline],
            "num_keypoints": int((triples[:, 2] > 0).sum()),
            "area": round(width * height * 0.6, 4),
            "iscrowd": 0,
            "keypoints": triples.ravel().tolist(),
            "image_id": int(rng.integers(IMAGES)),
            "bbox": [x, y, width, height],
            "category_id": 1,
            "id": number,
        }


def write(path: Path) -> None:
    """The annotations of a training set of COCO's size, as JSON."""
    images = [
        {
            "license": 1,
            "file_name": f"{number:012d}.jpg",
            "coco_url": f"http://images.cocodataset.org/train2017/{number:012d}.jpg",
            "height": 480,
            "width": 640,
            "date_captured": "2013-11-14 11:18:45",
            "flickr_url": "http://farm9.staticflickr.com/8186/8119368305_4e622c8349_z.jpg",
            "id": number,
        }
        for number in range(IMAGES)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"images": ' + json.dumps(images) + ', "annotations": [')
        for number, person in enumerate(people(np.random.default_rng(0))):
            file.write((", " if number else "") + json.dumps(person))
        file.write('], "categories": [{"id": 1, "name": "person"}]}')


def measure(case: str, path: Path, home: Path) -> tuple[float, float]:
    """Seconds of the call in a fresh process, without imports, and the most memory of that process in MiB."""
    imports, call = CASES[case]
    done = subprocess.run(
        [sys.executable, "-c", TIME.format(imports=imports, call=call), str(path)],
        env={**os.environ, "VITRUVIAN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, most = json.loads(done.stdout.splitlines()[-1])
    return seconds, most * KILOBYTES / MEGABYTE


def main() -> None:
    wanted = options(__doc__, REPEATS)
    seconds: dict[str, list[float]] = {case: [] for case in CASES}
    memory: dict[str, list[float]] = {case: [] for case in CASES}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "person_keypoints_train2017.json"
        write(path)
        size = path.stat().st_size / MEGABYTE
        for repeat in range(wanted.repeats):
            for case in CASES:
                took, most = measure(case, path, Path(folder) / f"home{repeat}")  # a new home: nothing is kept yet
                seconds[case].append(took)
                memory[case].append(most)
    timings = {case: Timing.of(case, values) for case, values in seconds.items()}
    finish(
        Report("datasets", {"images": IMAGES, "people": PEOPLE, "MiB": round(size)}, *found(timings, memory)),
        wanted.out,
    )


def found(timings: dict[str, Timing], memory: dict[str, list[float]]) -> tuple[list[Timing], list[Finding]]:
    findings = [
        Finding("first open, seconds", timings["first open"].median / 1e3, "<= 5"),
        Finding("open again, seconds", timings["open again"].median / 1e3),
        ratio("pycocotools / first open", timings, "pycocotools", "first open"),
        ratio("pycocotools / open again", timings, "pycocotools", "open again"),
    ]
    limits = {"first open": "<= 1024", "open again": "<= 1024"}
    findings += [
        Finding(f"{case}, MiB at most", float(np.median(values)), limits.get(case, ""))
        for case, values in memory.items()
    ]
    return list(timings.values()), findings


if __name__ == "__main__":
    main()
