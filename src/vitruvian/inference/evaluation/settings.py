"""What an evaluation was asked for: all that is needed to ask again."""

from dataclasses import dataclass
from pathlib import Path

from vitruvian.datasets import DATASETS, Dataset, boxed, from_zero, open_dataset
from vitruvian.errors import RecipeError
from vitruvian.inference.predict import Backend


@dataclass(frozen=True)
class Settings:
    """One question: how good is this model, or are these predictions, on that data set.

    data:       the annotations; form: of them, None for what their content tells; folder: of the images.
    model:      a name or a file; None where a file of `predictions` is scored.
    boxes:      a file of a detector's boxes; None for the labelled ones.
    scores:     names of scores; none for those that are usual for the data.
    min_joints: people with fewer labelled keypoints are left out.
    where:      a bool column of the labels: those alone for which it is true.
    one_based:  the annotations count the first pixel as 1.
    compare:    a file of other predictions to compare with.
    errors:     tell the kinds of errors too, and what AP would be without each.
    backend:    what runs the model.
    Paths are as they were given.

    Raises RecipeError for settings that contradict each other.
    """

    data: str
    model: str | None = None
    predictions: str | None = None
    form: str | None = None
    folder: str | None = None
    boxes: str | None = None
    scores: tuple[str, ...] = ()
    min_joints: int = 1
    one_based: bool = False
    compare: str | None = None
    backend: Backend = "auto"
    errors: bool = False
    where: str | None = None

    def __post_init__(self) -> None:
        if (self.model is None) == (self.predictions is None):
            raise RecipeError("either a model or a file of predictions is evaluated; give one of the two")
        if self.min_joints < 0:
            raise RecipeError(f"min_joints must not be negative, got {self.min_joints}")
        if self.min_joints > 1 and (self.boxes or self.predictions):
            raise RecipeError(
                "min_joints leaves people out, and whoever is found there would count as wrong; it goes with labelled "
                "boxes alone"
            )

    def open_data(self, padding: float = 1.0) -> Dataset:
        """The data set. Where a model looks at labelled boxes, people of one's own data who have none get one, as in
        training. padding: how much more than a box its crops show.

        Raises what `open_dataset` and `Dataset.where` raise.
        """
        folder = None if self.folder is None else Path(self.folder)
        opened = open_dataset(Path(self.data), self.form, folder)
        dataset = from_zero(opened) if self.one_based else opened
        if self.model is not None and self.boxes is None and self.form not in DATASETS:
            dataset = boxed(dataset, padding)
        return dataset if self.where is None else dataset.where(self.where)
