"""From what `vitruvian train` was asked for to a job."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.cli.train_settings import Source, TrainSettings
from vitruvian.datasets import Dataset, Part, everybody_of, split
from vitruvian.errors import DataError, PoseError, RecipeError, UnknownNameError
from vitruvian.metrics import score
from vitruvian.runtime import file_sha256
from vitruvian.structures import SKELETONS, Predictions, Skeleton

if TYPE_CHECKING:
    from vitruvian.recipes import Recipe
    from vitruvian.training import Hardware, Job


def recipe_named(name: str) -> "tuple[Recipe, Path | None]":
    """A recipe, by its name in the table, in a .toml file, or of a .safetensors checkpoint; then also what to begin
    with.

    Raises UnknownNameError for a name that is neither, and what reading a file raises.
    """
    from vitruvian.recipes import RECIPES, load_checkpoint, recipe_from_file

    path = Path(name)
    if path.suffix == ".toml":
        return recipe_from_file(path), None
    if path.suffix == ".safetensors":
        recipe = load_checkpoint(path)[1]
        return replace(recipe, start=f"{path.name}, SHA-256 {file_sha256(path)}"), path.absolute()
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, RECIPES)
    return RECIPES[name](), None


def with_own_skeleton(recipe: "Recipe", settings: TrainSettings) -> "Recipe":
    """The recipe for the skeleton of the first data set."""
    own = settings.data[0].open().skeleton
    return replace(recipe, skeleton=own.name if SKELETONS.get(own.name) == own else own)


def job_of(settings: TrainSettings, recipe: "Recipe", out: Path, hardware: "Hardware") -> "tuple[Job, tuple[str, ...]]":
    """The job, and what the user should know of the data.

    Raises what opening and joining the data sets raises, RecipeError for data that do not label all of the recipe's
    skeleton, UnknownNameError for an unknown score, and DataError for held-out labels that it does not fit.
    """
    from vitruvian.training import Job

    opened = [source.open() for source in settings.data]
    held_out = None if settings.val is None else _held_out(settings.val, settings.val.open(), recipe.joints)
    if settings.val_share is not None:
        opened[0], rest = split(opened[0], (1 - settings.val_share, settings.val_share), recipe.seed)
        held_out = _held_out(settings.data[0], rest, recipe.joints)
    parts = [Part(one, source.joints, source.weight) for one, source in zip(opened, settings.data, strict=True)]
    data = everybody_of(parts, recipe.joints)
    _check_labelled(parts, recipe.joints)
    form = (settings.val or settings.data[0]).form
    named = "pck_box" if held_out is None else _score(held_out, settings.score, form)
    start = None if settings.start is None else Path(settings.start)
    job = Job(recipe, data, out, held_out, named, settings.every, start, hardware)
    said = [note for dataset in (*opened, held_out) if dataset is not None for note in dataset.notes]
    return job, (*dict.fromkeys(said), *data.notes, *_shared(job))


def _check_labelled(parts: list[Part], skeleton: Skeleton) -> None:
    """Raises RecipeError where keypoints of the skeleton are labelled in none of the data sets."""
    known = {name for part in parts for name in _joints(part, skeleton)}
    missing = [name for name in skeleton.names if name not in known]
    if missing:
        given = ", ".join(f"{part.dataset.name} is labelled with {part.dataset.skeleton.name}" for part in parts)
        some = ", ".join(missing[:3]) + (" and more" if len(missing) > 3 else "")
        raise RecipeError(
            f"the recipe is for the skeleton {skeleton.name}; {some} are labelled in none of the data sets ({given}); "
            f"choose a recipe for their skeleton, or train this one on it with --own-skeleton"
        )


def _joints(part: Part, skeleton: Skeleton) -> dict[str, str]:
    """Keypoint of the skeleton -> keypoint of the part's data set."""
    own = part.dataset.skeleton.names
    return {name: name for name in skeleton.names if name in own} if part.joints is None else dict(part.joints)


def _held_out(source: Source, dataset: Dataset, skeleton: Skeleton) -> Dataset:
    """The data set with the keypoints of the skeleton in its order; those that it does not have are unlabelled."""
    if dataset.skeleton.names == skeleton.names and source.joints is None:
        return replace(dataset, skeleton=skeleton)
    labels = dataset.labels
    xy = np.full((len(labels), len(skeleton), 2), np.nan)
    visible = np.zeros((len(labels), len(skeleton)), np.uint8)
    for name, own in _joints(Part(dataset, source.joints), skeleton).items():
        to, of = skeleton.index(name), dataset.skeleton.index(own)
        xy[:, to], visible[:, to] = labels.xy[:, of], labels.visible[:, of]
    return replace(dataset, skeleton=skeleton, labels=replace(labels, xy=xy, visible=visible, xyz=None))


def _score(held_out: Dataset, name: str | None, form: str | None) -> str:
    """The score that compares checkpoints: the one that is asked for, or the field's.

    Raises UnknownNameError, and DataError where the score has nothing to say of these labels, even if the model knew
    them.
    """
    from vitruvian.training import choose_score

    chosen = score(name or choose_score(held_out, form))
    labels = held_out.labels
    known = np.ones((len(labels), labels.keypoints))
    rows = np.arange(len(labels), dtype=np.int32)
    ideal = Predictions(labels.image, labels.xy, known, np.ones(len(labels)), labels.boxes, rows)
    try:
        values = chosen.tally(labels, ideal, held_out.skeleton).values()
    except PoseError as error:
        raise DataError(f"{held_out.name} cannot be scored by {chosen.name}: {error}") from error
    if not np.isfinite(next(iter(values.values()))):
        raise DataError(f"{held_out.name}: {chosen.name} finds nobody to score among the held-out; hold out others")
    return chosen.name


def _shared(job: "Job") -> tuple[str, ...]:
    """A note where images are trained on and held out as well."""
    if job.held_out is None:
        return ()
    held_out = {str(job.held_out.path(row)) for row in range(len(job.held_out))}
    both = len(held_out.intersection(job.data.files.tolist()))
    return (f"{both} of {len(held_out)} held-out images are trained on, too: scores will be too good",) * bool(both)
