"""From what `vitruvian train` was asked for to a job."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.cli.pull import at_hand
from vitruvian.cli.train_settings import Source, TrainSettings
from vitruvian.datasets import (
    DATASETS,
    Dataset,
    Endless,
    Part,
    boxed,
    everybody_of,
    joined,
    nobody,
    split,
    with_sizes,
    without_images,
)
from vitruvian.errors import DataError, PoseError, RecipeError, UnknownNameError, WeightsError
from vitruvian.metrics import score
from vitruvian.runtime import BUNDLED, file_sha256, find_checkpoint, published_names, pulled
from vitruvian.structures import SKELETONS, Predictions, Skeleton, shared_names

if TYPE_CHECKING:
    from vitruvian.recipes import Recipe
    from vitruvian.training import Hardware, Job


def recipe_named(name: str) -> "tuple[Recipe, Path | None]":
    """A recipe, by its name in the table, in a .toml file, or of a .safetensors checkpoint or a published model; then
    also what to begin with. A published model that is not in the store yet is pulled first.

    Raises UnknownNameError for a name that is none of these, and what reading a file raises.
    """
    from vitruvian.recipes import RECIPES, load_checkpoint, recipe_from_file

    path = Path(name)
    if path.suffix == ".toml":
        return recipe_from_file(path), None
    if name in published_names() or name in pulled():
        path = find_checkpoint(at_hand(name))
    if path.suffix == ".safetensors":
        recipe = load_checkpoint(path)[1]
        return replace(recipe, start=_said(path)), path.absolute()
    if name in BUNDLED:
        raise RecipeError(f"{name} is a model, not a recipe; vitruvian fit DATA --from {name} goes on from its weights")
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, RECIPES)
    return RECIPES[name](), None


def _said(start: Path) -> str:
    """What a recipe says of the checkpoint that it begins with."""
    return f"{start.name}, SHA-256 {file_sha256(start)}"


def check_unchanged(start: Path, recipe: "Recipe") -> None:
    """Raises WeightsError where a run that begins anew would not begin with the checkpoint that its recipe names."""
    if not start.is_file() or _said(start) != recipe.start:
        raise WeightsError(
            f"{start}, which the run begins with, is missing or was changed since; put it back, or start another run"
        )


def with_own_skeleton(recipe: "Recipe", settings: TrainSettings) -> "Recipe":
    """The recipe for the skeleton of the first data set, of the labelled ones if there are any."""
    own = settings.data[0].open().skeleton if settings.data else _endless(settings, recipe)[0].skeleton
    return replace(recipe, skeleton=own.name if SKELETONS.get(own.name) == own else own)


def check_start(start: Path, made: "Recipe", wanted: "Recipe") -> None:
    """Raises RecipeError where a checkpoint that was made by one recipe cannot begin another, of other keypoints."""
    if made.joints.names != wanted.joints.names:
        raise RecipeError(
            f"{start.name} knows the skeleton {made.joints.name}, and is to be trained on {wanted.joints.name}; "
            f"vitruvian fit DATA --from {start} finds out which keypoint is which"
        )


def job_of(settings: TrainSettings, recipe: "Recipe", out: Path, hardware: "Hardware") -> "tuple[Job, tuple[str, ...]]":
    """The job, and what the user should know of the data.

    Raises what opening and joining the data sets raises, RecipeError for data that do not label all of the recipe's
    skeleton, UnknownNameError for an unknown score, and DataError for held-out labels that it does not fit.
    """
    from vitruvian.training import Job

    shown = [_part(source, recipe) for source in settings.data]
    held = [_part(source, recipe) for source in settings.val]
    if settings.val_share is not None:
        shown, held = _divided(shown, settings.val_share, recipe.seed)
    endless = _endless(settings, recipe)
    _check_labelled(shown, endless, recipe.joints)
    data = everybody_of(shown, recipe.joints) if shown else nobody(recipe.joints)
    held_out = joined(held, recipe.joints) if held else None
    named = "pck_box" if held_out is None else _score(held_out, settings.score, _form(settings.val or settings.data))
    start = None if settings.start is None else Path(settings.start)
    job = Job(recipe, data, out, held_out, named, settings.every, start, hardware, endless)
    _ = job.steps  # which says why there are none
    said = [note for part in (*shown, *held) for note in part.dataset.notes]
    return job, (*dict.fromkeys(said), *data.notes, *_shared(job))


def _endless(settings: TrainSettings, recipe: "Recipe") -> tuple[Endless, ...]:
    """Whom to render. Raises what `Synthetic.open` raises."""
    return tuple(one.open(max(recipe.codec.input_size)) for one in settings.synth)


def _part(source: Source, recipe: "Recipe") -> Part:
    """A data set and what of it; boxes that one's own data do not have are drawn as `vitruvian fit` draws them."""
    opened = source.open()
    dataset = replace(opened, folder=opened.folder.resolve())  # so that equal images are known, whatever the way there
    if source.form not in DATASETS:
        dataset = boxed(with_sizes(dataset), recipe.padding)
    return Part(dataset, source.joints, source.weight)


def _divided(parts: list[Part], share: float, seed: int) -> tuple[list[Part], list[Part]]:
    """Whom to train on, and a share of each data set that is held out; no image is on both sides.

    One whose images all belong together is trained on. Raises DataError where they all are like that.
    """
    shown, held = [], []
    for part in parts:
        if len(np.unique(part.dataset.labels.groups)) < 2:
            said = f"{part.dataset.name}: its images all belong together, so that none of them is held out"
            shown.append(replace(part, dataset=replace(part.dataset, notes=(*part.dataset.notes, said))))
            continue
        train, rest = split(part.dataset, (1 - share, share), seed)
        shown.append(replace(part, dataset=train))
        held.append(replace(part, dataset=rest))
    if not held:
        names = ", ".join(part.dataset.name for part in parts)
        raise DataError(
            f"{names}: --val-share holds out groups of images that belong together, and there is one only; name "
            f"held-out data with --val"
        )
    paths = {part.dataset.path(row) for part in held for row in range(len(part.dataset))}
    return [replace(part, dataset=without_images(part.dataset, paths)) for part in shown], held


def _form(data: tuple[Source, ...]) -> str | None:
    """The form of all the data; None where they differ."""
    forms = {source.form for source in data}
    return forms.pop() if len(forms) == 1 else None


def _check_labelled(parts: list[Part], endless: tuple[Endless, ...], skeleton: Skeleton) -> None:
    """Raises RecipeError where keypoints of the skeleton are labelled in none of the data sets."""
    data = [(part.dataset.name, part.dataset.skeleton, part.joints) for part in parts]
    data += [(one.name, one.skeleton, one.joints) for one in endless]
    known = {name for _, own, joints in data for name in (shared_names(skeleton, own) if joints is None else joints)}
    missing = [name for name in skeleton.names if name not in known]
    if missing:
        given = ", ".join(f"{name} is labelled with {own.name}" for name, own, _ in data)
        some = ", ".join(missing[:3]) + (" and more" if len(missing) > 3 else "")
        raise RecipeError(
            f"the recipe is for the skeleton {skeleton.name}; {some} are labelled in none of the data sets ({given}); "
            f"choose a recipe for their skeleton, train this one on it with --own-skeleton, or list which keypoint is "
            f"which, as docs/tutorials/train.md shows"
        )


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
