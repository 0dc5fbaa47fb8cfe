"""Crops a second that one process makes for training, beside the bare decoding of the same JPEGs: the limit, where
nothing is kept. And memory over 20 epochs. `python -m benchmarks.loading`

The photos are made here from the example photo, with a fixed seed: 640 x 480, people about 240 pixels high, whole as
COCO's are; and 1920 x 1080, people about 900 pixels high, which may be reduced. Inputs are 256 x 192, augmented as for
the published models of COCO. The folder of temporary files should not be a slow disk.
"""

import json
import mmap
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.timing import Finding, Report, Timing, finish, options, ratio, timed
from vitruvian.datasets import Augmentation, CropBatches, CropSettings, Dataset, Everybody, Part, Pixels, everybody_of
from vitruvian.media import EXAMPLE_PHOTO, read_image
from vitruvian.structures import SKELETONS, VISIBLE, Labels

PHOTOS = 64  # and as many people, and crops in a batch
REPEATS = 7
SIZES = {"640 x 480": ((640, 480), 240), "1920 x 1080": ((1920, 1080), 900)}  # width, height; height of people
PUBLISHED = Augmentation(flip=0.5, degrees=80, turn=0.6, scale=1.5, shift=0.16, draw="normal", move=0.3, half=0.3)
WHOLE = Augmentation(flip=0.5, degrees=80, turn=0.6, scale=1.3, draw="normal")  # of the large photos: nobody is halved
WORN = Augmentation(
    **{
        **vars(PUBLISHED),
        "colour": 0.3,
        "grey": 0.1,
        "cut_out": 0.3,
        "blur": 0.3,
        "noise": 0.3,
        "jpeg": 0.3,
        "paste": 0.3,
    }
)
QUALITY = 90
EPOCHS, SETTLED = 20, 2  # epochs, and those after which memory should stay as it is
BUDGET = 16 * 2**20  # bytes of decoded images, which is a third of them
MEGABYTE = 2**20


def settings(change: Augmentation) -> CropSettings:
    return CropSettings((192, 256), 1.25, "msra", change)


def write_photos(folder: Path, size: tuple[int, int]) -> None:
    """So many photos of one size, cut out of a larger one, with the grain of a sensor, as 0.jpg, 1.jpg ..."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    scene = cv2.resize(read_image(EXAMPLE_PHOTO), (2 * size[0], 2 * size[0]), interpolation=cv2.INTER_CUBIC)
    for number in range(PHOTOS):
        x, y = (int(rng.integers(2 * size[0] - side)) for side in size)
        grain = rng.normal(0, 4, (size[1], size[0], 3))
        photo = (scene[y : y + size[1], x : x + size[0]] + grain).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.jpg"), photo[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, QUALITY))


def people(folder: Path, size: tuple[int, int], height: int) -> Everybody:
    """A person of a height in each of the photos, near the middle."""
    middle = (0.5 + np.random.default_rng(0).uniform(-0.1, 0.1, (PHOTOS, 2))) * size
    skeleton = SKELETONS["coco17"]
    return everybody_of([Part(Dataset("photos", skeleton, labels(middle, height), folder))], skeleton)


def labels(middle: np.ndarray, height: int) -> Labels:
    """People half as wide as high about these places (N, 2), their keypoints anywhere in their boxes."""
    count, half = len(middle), np.array([height / 4, height / 2])
    rows = np.arange(count)
    return Labels(
        files=np.array([f"{row}.jpg" for row in range(count)]),
        sizes=np.zeros((count, 2), np.int32),
        image_ids=rows,
        groups=rows,
        image=rows.astype(np.int32),
        ids=rows,
        xy=middle[:, None] + np.random.default_rng(1).uniform(-1, 1, (count, 17, 2)) * half,
        visible=np.full((count, 17), VISIBLE, np.uint8),
        boxes=np.concatenate([middle - half, middle + half], 1),
        area=np.full(count, 4 * half.prod()),
        crowd=np.zeros(count, bool),
    )


class Numbered:
    """Calls that make one batch after another."""

    def __init__(self, batches: CropBatches):
        self.batches = batches
        self.number = 0

    def __call__(self) -> None:
        self.batches[self.number]
        self.number += 1


def measure(name: str, folder: Path, repeats: int) -> tuple[list[Timing], list[Finding]]:
    """Batches of one size of photo beside the decoding of as many."""
    everybody = people(folder, *SIZES[name])
    files = [np.frombuffer(path.read_bytes(), np.uint8) for path in everybody.paths]
    usual = PUBLISHED if name == "640 x 480" else WHOLE
    with ExitStack() as stack:

        def batches(change: Augmentation, budget: int) -> Numbered:
            chosen = settings(change)
            pixels = stack.enter_context(Pixels.of(everybody, chosen, budget))
            return Numbered(CropBatches(everybody, chosen, PHOTOS, 0, pixels))

        cases = {
            "decode": lambda: [cv2.imdecode(file, cv2.IMREAD_COLOR) for file in files],
            "crops, nothing kept": batches(usual, 0),
            "crops, all kept": batches(usual, 1 << 30),
            "crops, all kept, worn": batches(WORN, 1 << 30),
        }
        timings = timed({f"{name}: {case}": call for case, call in cases.items()}, repeats)
    findings = [Finding(f"{case}, a second", PHOTOS / timing.median * 1e3) for case, timing in timings.items()]
    share = ratio(f"{name}: crops, nothing kept / decode", timings, f"{name}: decode", f"{name}: crops, nothing kept")
    return list(timings.values()), [*findings, share]


def resident() -> float:
    """MiB of memory that this process holds now; where the system does not say, the most that it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return pages * mmap.PAGESIZE / MEGABYTE


def epochs(folder: Path) -> list[float]:
    """`resident` after each epoch, of images of which a part is kept."""
    everybody, chosen = people(folder, *SIZES["640 x 480"]), settings(WORN)
    with Pixels.of(everybody, chosen, BUDGET) as pixels:
        batches = CropBatches(everybody, chosen, PHOTOS, 0, pixels)
        held = []
        for number in range(EPOCHS):
            batches[number]
            held.append(resident())
    return held


def memory(folder: Path) -> list[Finding]:
    """`epochs` in a fresh process."""
    code = (
        "import json, sys; from pathlib import Path; from benchmarks.loading import epochs; "
        "print(json.dumps(epochs(Path(sys.argv[1]))))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    held = json.loads(done.stdout.splitlines()[-1])
    return [
        Finding(f"MiB held after {EPOCHS} epochs", held[-1]),
        Finding(f"MiB more than after {SETTLED} epochs", max(held[SETTLED:]) - held[SETTLED - 1], "<= 4"),
    ]


def main() -> None:
    wanted = options(__doc__, REPEATS)
    cv2.setNumThreads(1)
    timings: list[Timing] = []
    findings: list[Finding] = []
    with TemporaryDirectory() as folder:
        for name, (size, _) in SIZES.items():
            place = Path(folder) / name
            write_photos(place, size)
            more, found = measure(name, place, wanted.repeats)
            timings, findings = timings + more, findings + found
        findings += memory(Path(folder) / "640 x 480")
    about = {"photos": PHOTOS, "input": "256 x 192", "threads": 1, "quality": QUALITY, "budget": BUDGET}
    finish(Report("loading", about, timings, findings), wanted.out)


if __name__ == "__main__":
    main()
