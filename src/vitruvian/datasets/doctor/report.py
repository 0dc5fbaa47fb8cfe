"""`examine` and its `Report`: everything the doctor finds in a data set."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.duplicates import Album, album, repeated
from vitruvian.datasets.doctor.finding import KINDS, Finding, Fix
from vitruvian.datasets.doctor.fixes import format_fixes
from vitruvian.datasets.doctor.marks import flag_findings, frame_findings, twice_findings, zero_findings
from vitruvian.datasets.doctor.pictures import Picture, broken, look
from vitruvian.datasets.doctor.poses import PEOPLE, judged, pose_findings
from vitruvian.folders import write_text
from vitruvian.structures import Predictions

REPORT, PAGE, FIXES = "report.json", "report.html", "fixes.json"


@dataclass(frozen=True, eq=False)
class Report:
    """What was found in a data set, kind by kind in the order of KINDS, the likeliest of each first.

    notes: what could not be examined, and why, a sentence each.
    """

    dataset: Dataset
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind that there is."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    def fixes(self) -> tuple[Fix, ...]:
        """The proposed fixes, each once; those of an image or instance that is left out anyway are not among them."""
        proposed = [finding.fix for finding in self.findings if finding.fix is not None]
        fixes = {(fix.do, fix.image, fix.instance, fix.keypoints): fix for fix in reversed(proposed)}.values()
        images = {fix.image for fix in fixes if fix.do == "drop_image"}
        instances = {fix.instance for fix in fixes if fix.do == "drop_instance"}
        return tuple(
            fix
            for fix in reversed(fixes)
            if fix.do == "drop_image"
            or (fix.image not in images and (fix.do == "drop_instance" or fix.instance not in instances))
        )

    def to_json(self) -> str:
        """All of it, for programs."""
        content = {
            "data": self.dataset.name,
            "folder": str(self.dataset.folder),
            "images": len(self.dataset),
            "instances": len(self.dataset.labels),
            "skeleton": self.dataset.skeleton.name,
            "counts": self.counts(),
            "notes": self.notes,
            "findings": self.findings,
        }
        return msgspec.json.format(msgspec.json.encode(content)).decode() + "\n"

    def write(self, folder: Path) -> tuple[Path, Path, Path]:
        """Writes the page for people, the report for programs and the file of fixes into `folder`; returns them."""
        from vitruvian.datasets.doctor.page import page  # draws, and nobody else needs that

        paths = (folder / PAGE, folder / REPORT, folder / FIXES)
        write_text(paths[0], page(self))
        write_text(paths[1], self.to_json())
        write_text(paths[2], format_fixes(self.dataset.name, self.fixes()))
        return paths


def examine(
    dataset: Dataset, predictions: Predictions | None = None, others: Sequence[Dataset] = (), images: bool = True
) -> Report:
    """Everything that is, or looks, wrong in a data set.

    predictions: of a model in the labelled boxes (`Predictions.label` is needed), in the order of the data set's
                 skeleton, NaN for keypoints it does not know; with them more exchanged and displaced points are found.
    others:      further splits; what they show, too, is found as well.
    images:      False to look at the labels only.
    """
    pictures = look(dataset) if images else []
    albums = [album(dataset, pictures), *(album(other, look(other)) for other in others)] if images else []
    found = [*broken(dataset, pictures), *repeated(albums)] if images else []
    sizes = _sizes(dataset, pictures)
    found += [*frame_findings(dataset, sizes), *zero_findings(dataset), *flag_findings(dataset)]
    found += [*twice_findings(dataset), *pose_findings(dataset, predictions)]
    order = {kind: place for place, kind in enumerate(KINDS)}
    found.sort(key=lambda one: (order[one.kind], -one.likelihood))
    notes = (*_unseen(albums), *_notes(dataset, predictions, sizes, images))
    return Report(dataset, tuple(found), notes)


def _sizes(dataset: Dataset, pictures: list[Picture]) -> np.ndarray:
    """(I, 2) of the images themselves, where they could be decoded, else what the annotations say."""
    sizes = dataset.labels.sizes.copy()
    for picture in pictures:
        if picture.size is not None:
            sizes[picture.row] = picture.size
    return sizes


def _unseen(albums: Sequence[Album]) -> Iterator[str]:
    """The data sets, this one and further splits, whose images could not be looked at."""
    for one in albums:
        dataset = one.dataset
        if len(dataset) and not one.pictures and not any(dataset.path(row).is_file() for row in range(len(dataset))):
            yield f"not one image of {dataset.name} is in {dataset.folder}; name their folder"


def _notes(dataset: Dataset, predictions: Predictions | None, sizes: np.ndarray, images: bool) -> Iterator[str]:
    people = len(judged(dataset)[0])
    if not images:
        yield "the images were not looked at"
    if people < PEOPLE:
        yield (
            f"{people} people have enough points to judge their poses by, it takes {PEOPLE} to learn what is usual: "
            f"exchanged and displaced points, and limbs, were not looked for"
        )
    elif predictions is None:
        yield (
            "no model was asked: exchanged sides of people whose labels look alike from the front and from behind, and "
            "displaced ends of limbs, cannot be told from the labels alone; give a model"
        )
    unknown = int((sizes == 0).any(1).sum())
    if unknown:
        yield f"{unknown} images have no known size: whether points and boxes lie outside was not looked at"
