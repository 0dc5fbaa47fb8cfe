"""What `vitruvian predict` leaves behind: a file of poses, drawings, a table on the screen."""

import os
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from vitruvian.datasets import FILE_NAMES, Format, ImagePoses, format_poses
from vitruvian.draw import draw_heatmap, draw_poses
from vitruvian.errors import DataError, PoseError
from vitruvian.inference import Outcome, TopDown
from vitruvian.media import write_image
from vitruvian.structures import Poses

TABLE_PEOPLE = 3  # up to this many people of one image get a table of joints


def console() -> Console:
    """Where progress goes: stderr, so that stdout holds results only."""
    return Console(stderr=True)


class PoseWriter:
    """Collects outcomes, draws each as it comes, and writes the file of poses."""

    def __init__(
        self, folder: Path, top_down: TopDown, form: Format, draw: bool, heatmap: str | None, threshold: float
    ):
        """Makes the folder. Raises DataError when that, or writing into it, is not possible."""
        self.folder, self.top_down, self.form = folder, top_down, form
        self.draw, self.heatmap, self.threshold = draw, heatmap, threshold
        self.images: list[ImagePoses] = []
        self.failures: list[tuple[Path, str]] = []
        self.drawings: dict[Path, None] = {}
        _make_writable(folder)

    def add(self, outcome: Outcome) -> None:
        """Keep one outcome; a drawing that cannot be written counts as a failure of that file."""
        if outcome.poses is None or outcome.image is None:
            self.failures.append((outcome.path, str(outcome.error)))
            return
        height, width = outcome.image.shape[:2]
        self.images.append(ImagePoses(outcome.path.as_posix(), (width, height), outcome.poses))
        if self.draw:
            try:
                write_image(self._drawing(outcome.path), self._drawn(outcome.image, outcome.poses))
            except PoseError as error:
                self.failures.append((outcome.path, str(error)))

    def _drawn(self, image: np.ndarray, poses: Poses) -> np.ndarray:
        if self.heatmap:
            for box in poses.boxes:
                image = draw_heatmap(image, *self.top_down.likelihood(image, box, self.heatmap))
        return draw_poses(image, poses, self.top_down.skeleton, threshold=self.threshold)

    def _drawing(self, path: Path) -> Path:
        """A name in the folder that no other image of this run has."""
        names = (f"{path.stem}_pose{number}.png" for number in ["", *(f"_{k}" for k in range(2, 10**6))])
        target = next(self.folder / name for name in names if self.folder / name not in self.drawings)
        self.drawings[target] = None
        return target

    def save(self) -> None:
        """Write the file of poses, all or nothing."""
        text = format_poses(self.images, self.top_down.skeleton, self.top_down.network.card.name, self.form)
        partial = self.poses_file.with_name(self.poses_file.name + ".partial")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, self.poses_file)

    @property
    def poses_file(self) -> Path:
        """The file of poses."""
        return self.folder / FILE_NAMES[self.form]

    def report(self) -> int:
        """Print what was found and what failed. Returns the exit code: 1 if anything failed."""
        people = sum(len(image.poses) for image in self.images)
        if len(self.images) == 1 and 0 < people <= TABLE_PEOPLE:
            Console().print(_table(self.images[0], self.top_down))
        print(f"{people} {_plural('person', 'people', people)} in {len(self.images)} images -> {self.poses_file}")
        if len(self.drawings) == 1:
            print(f"drawn -> {next(iter(self.drawings))}")
        elif self.drawings:
            print(f"drawn -> {len(self.drawings)} images in {self.folder}")
        for path, reason in self.failures:
            print(f"failed: {path}: {reason}", file=sys.stderr)
        if self.failures:
            print(f"{len(self.failures)} of {len(self.failures) + len(self.images)} files failed", file=sys.stderr)
        return 1 if self.failures else 0


def _plural(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".vitruvian"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise DataError(
            f"cannot write into the output folder {folder} ({error.strerror}); choose another with --out"
        ) from error


def _table(image: ImagePoses, top_down: TopDown) -> Table:
    table = Table(title=f"{image.file}, {image.size[0]} x {image.size[1]} pixels")
    for heading in ("person", "joint", "x", "y", "score"):
        table.add_column(heading, justify="left" if heading == "joint" else "right")
    for person in range(len(image.poses)):
        for name, (x, y), score in zip(
            top_down.skeleton.names, image.poses.xy[person], image.poses.score[person], strict=True
        ):
            table.add_row(str(person), name, f"{x:.1f}", f"{y:.1f}", f"{score:.2f}")
    return table
