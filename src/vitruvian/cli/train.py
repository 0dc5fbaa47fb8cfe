"""`vitruvian train`: a named recipe on a data set."""

from pathlib import Path
from typing import Annotated

import tyro

from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF
from vitruvian.errors import RecipeError, UnknownNameError, needs

READABLE = "lsp14"  # the skeleton of Leeds Sports Pose, whose layout is read


def train(
    recipe: Annotated[str, tyro.conf.Positional],
    data: Annotated[Path, tyro.conf.Positional],
    out: Path = Path("runs/model.safetensors"),
    steps: Annotated[int | None, OFF] = None,
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
) -> int:
    """Train a named recipe; write its checkpoint on the way and at the end.

    Args:
        recipe: A name in the table of recipes, such as lsp_residual_unet_128.
        data: A folder in the layout of Leeds Sports Pose: joints.csv beside the images it names.
        out: The checkpoint to write, a .safetensors file.
        steps: Instead of the recipe's number of steps; the learning rate follows.
        one_based: The first pixel has coordinate 1, as in the original MATLAB files.
    """
    from rich.console import Console
    from rich.progress import Progress

    with needs("train", "training"):
        from vitruvian.datasets import read_lsp
        from vitruvian.recipes import RECIPES
        from vitruvian.training import run
    if recipe not in RECIPES:
        raise UnknownNameError("recipe", recipe, RECIPES)
    chosen = RECIPES[recipe]()
    if chosen.skeleton != READABLE:
        raise RecipeError(
            f"this command reads data of the skeleton {READABLE} so far, {recipe} is for {chosen.skeleton}; "
            f"in Python, vitruvian.training.run trains it on samples of any source, see docs/recipes.md"
        )
    if steps is not None:
        chosen = chosen.cut_to(steps)
    samples = list(read_lsp(data, one_based))
    make_writable(out.parent)
    unit = "steps" if chosen.epochs is None else "epochs"
    print(f"{len(samples)} images; {chosen.length} {unit} in batches of {chosen.batch_size} crops; writing {out}")
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("train", total=None)
        for step in run(chosen, samples, out):
            progress.update(
                task,
                completed=step.number,
                total=step.of,
                description=f"loss {step.loss:.3f}, learning rate {step.learning_rate:.1e}",
            )
    print(f"trained -> {out}")
    return 0
