"""What `vitruvian predict` leaves behind: a file of poses, drawings, a table on the screen."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vitruvian.cli.folders import make_writable
from vitruvian.datasets import FILE_NAMES, Format, ImagePoses, format_poses
from vitruvian.draw import draw_heatmap, draw_poses
from vitruvian.errors import DataError, PoseError
from vitruvian.folders import write_text
from vitruvian.inference import Outcome, TopDown
from vitruvian.media import write_image
from vitruvian.structures import Poses, Skeleton

DRAWING = re.compile(r"_pose(_[0-9]+)?\.png$")  # how the names of drawings end
TABLE_PEOPLE = 3  # up to this many people of one image get a table of joints


def console() -> Console:
    """Where progress goes: stderr, so that stdout holds results only."""
    return Console(stderr=True)


def without_drawings(paths: Sequence[Path], named: Sequence[str], folder: Path) -> list[Path]:
    """The paths without the drawings that an earlier run left in `folder`, but for those that the caller named."""
    keep = set(map(Path, named))
    home = folder.resolve()
    return [path for path in paths if path in keep or not DRAWING.search(path.name) or path.parent.resolve() != home]


class PoseWriter:
    """Collects outcomes, draws each as it comes, and writes the file of poses."""

    def __init__(
        self, folder: Path, top_down: TopDown, form: Format, draw: bool, heatmap: str | None, threshold: float
    ):
        """Makes the folder. Raises DataError when that, or writing into it, is not possible."""
        self.folder, self.top_down, self.form = folder, top_down, form
        self.draw, self.heatmap, self.threshold = draw, heatmap, threshold
        self.files = 0
        self.images: list[ImagePoses] = []
        self.failures: list[tuple[Path, str]] = []
        self.drawings: list[Path] = []
        self._names: Counter[str] = Counter()
        make_writable(folder)

    def add(self, outcome: Outcome) -> None:
        """Keep one outcome; a drawing that cannot be written counts as a failure of that file."""
        self.files += 1
        self.failures += [(outcome.path, str(error)) for error in outcome.errors]
        if outcome.poses is None or outcome.size is None:
            return
        self.images.append(ImagePoses(outcome.path.as_posix(), outcome.size, outcome.poses))
        if self.draw and outcome.image is not None:
            target = self._drawing(outcome.path)
            try:
                write_image(target, self._drawn(outcome.image, outcome.poses))
            except PoseError as error:
                self.failures.append((outcome.path, str(error)))
            else:
                self.drawings.append(target)

    def _drawn(self, image: np.ndarray, poses: Poses) -> np.ndarray:
        canvas = image
        if self.heatmap:
            for box in poses.boxes:
                canvas = draw_heatmap(canvas, *self.top_down.likelihood(image, box, self.heatmap))
        return draw_poses(canvas, poses, self.top_down.skeleton, threshold=self.threshold)

    def _drawing(self, path: Path) -> Path:
        """A name in the folder that no other image of this run has."""
        key = path.stem.casefold()  # some file systems do not tell capitals apart
        self._names[key] += 1
        number = f"_{self._names[key]}" if self._names[key] > 1 else ""
        return self.folder / f"{path.stem}_pose{number}.png"

    def save(self) -> None:
        """Write the file of poses, all or nothing; without any image an earlier file is left as it is."""
        if not self.images:
            return
        text = format_poses(self.images, self.top_down.skeleton, self.top_down.network.card.name, self.form)
        try:
            write_text(self.poses_file, text)
        except DataError as error:
            raise OSError(str(error)) from error  # the command began, so that its exit code is 1

    @property
    def poses_file(self) -> Path:
        """The file of poses."""
        return self.folder / FILE_NAMES[self.form]

    def report(self, files: int) -> int:
        """Print what was found and what failed, of so many files. Returns the exit code: 1 if anything failed."""
        people = sum(len(image.poses) for image in self.images)
        if len(self.images) == 1 and 0 < people <= TABLE_PEOPLE:
            image = self.images[0]
            print(f"{image.file}, {image.size[0]} x {image.size[1]} pixels")
            Console().print(_table(image.poses, self.top_down.skeleton))
        found = f"{_count(people, 'person', 'people')} in {_count(len(self.images), 'image', 'images')}"
        if self.images:
            print(f"{found} -> {self.poses_file}")
        if len(self.drawings) == 1:
            print(f"drawn -> {self.drawings[0]}")
        elif self.drawings:
            print(f"drawn -> {len(self.drawings)} images in {self.folder}")
        for path, reason in self.failures:
            print(f"failed: {path}: {reason.removeprefix(f'{path}: ')}", file=sys.stderr)
        failed = len({path for path, _ in self.failures})
        if failed:
            print(f"{failed} of {_count(files, 'file', 'files')} failed", file=sys.stderr)
        if self.files < files:
            print(f"{files - self.files} of {_count(files, 'file', 'files')} not looked at", file=sys.stderr)
        if not self.images:
            print(f"no poses, so {self.poses_file} was not written", file=sys.stderr)
        return 1 if self.failures else 0


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _table(poses: Poses, skeleton: Skeleton) -> Table:
    table = Table()
    for heading in ("person", "joint", "x", "y", "score"):
        table.add_column(heading, justify="left" if heading == "joint" else "right")
    for person in range(len(poses)):
        for name, (x, y), score in zip(skeleton.names, poses.xy[person], poses.score[person], strict=True):
            table.add_row(str(person), Text(name), f"{x:.1f}", f"{y:.1f}", f"{score:.2f}")
    return table
