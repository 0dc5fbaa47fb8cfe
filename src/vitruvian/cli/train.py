"""`vitruvian train`: a named recipe on a data set."""

from pathlib import Path
from typing import Annotated

import tyro

from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF
from vitruvian.errors import RecipeError, UnknownNameError, needs


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
    from dataclasses import replace

    from rich.console import Console
    from rich.progress import Progress

    with needs("train", "training"):
        from vitruvian.datasets import read_lsp
        from vitruvian.recipes import RECIPES
        from vitruvian.training import run
    if recipe not in RECIPES:
        raise UnknownNameError("recipe", recipe, RECIPES)
    if steps is not None and steps < 1:
        raise RecipeError(f"steps must be at least 1, got {steps}")
    chosen = RECIPES[recipe]()
    if steps:
        chosen = replace(chosen, steps=steps, warm_up=min(chosen.warm_up, steps // 10))
    samples = list(read_lsp(data, one_based))
    make_writable(out.parent)
    print(f"{len(samples)} images; {chosen.steps} steps of {chosen.batch_size} crops; writing {out}")
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("train", total=chosen.steps)
        for step in run(chosen, samples, out):
            progress.update(
                task, advance=1, description=f"loss {step.loss:.3f}, learning rate {step.learning_rate:.1e}"
            )
    print(f"trained -> {out}")
    return 0
