"""`vitruvian train`: a named recipe on a data set."""

import sys
from pathlib import Path
from typing import Annotated

import tyro

from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF
from vitruvian.errors import RecipeError, UnknownNameError, needs


def train(
    recipe: Annotated[str, tyro.conf.Positional],
    data: Annotated[Path, tyro.conf.Positional],
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    out: Path = Path("runs/model.safetensors"),
    steps: Annotated[int | None, OFF] = None,
    resume: tyro.conf.FlagCreatePairsOff[bool] = False,
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Train a named recipe; write its checkpoint and the state of the run on the way.

    Args:
        recipe: A name in the table of recipes, such as lsp_residual_unet_128.
        data: The annotations, as they are downloaded: a file or a folder.
        form: Of the annotations, such as coco or lsp; without it, what their content tells.
        folder: Of the images, if they are not where the download has them.
        out: The checkpoint to write, a .safetensors file.
        steps: Instead of the recipe's number of steps; the learning rate follows.
        resume: Go on where an earlier run with the same recipe, data and --out was stopped.
        one_based: The annotations count the first pixel as 1, as the original MATLAB files do.
    """
    from rich.console import Console
    from rich.progress import Progress

    with needs("train", "training"):
        from vitruvian.datasets import from_zero, open_dataset
        from vitruvian.recipes import RECIPES
        from vitruvian.structures import SKELETONS
        from vitruvian.training import run
    if recipe not in RECIPES:
        raise UnknownNameError("recipe", recipe, RECIPES)
    chosen = RECIPES[recipe]()
    dataset = open_dataset(data, form, folder)
    if dataset.skeleton.names != SKELETONS[chosen.skeleton].names:
        raise RecipeError(
            f"{recipe} is for the skeleton {chosen.skeleton}, {data} is labelled with {dataset.skeleton.name} "
            f"({len(dataset.skeleton)} keypoints); choose a recipe for that skeleton, see vitruvian recipes"
        )
    if steps is not None:
        chosen = chosen.cut_to(steps)
    for note in dataset.notes:
        print(f"{data}: {note}", file=sys.stderr)
    samples = list(from_zero(dataset) if one_based else dataset)
    make_writable(out.parent)
    unit = "steps" if chosen.epochs is None else "epochs"
    print(f"{len(samples)} images; {chosen.length} {unit} in batches of {chosen.batch_size} crops; writing {out}")
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("train", total=None)
        for step in run(chosen, samples, out, resume=resume):
            progress.update(
                task,
                completed=step.number,
                total=step.of,
                description=f"loss {step.loss:.3f}, learning rate {step.learning_rate:.1e}",
            )
    print(f"trained -> {out}")
    return 0
