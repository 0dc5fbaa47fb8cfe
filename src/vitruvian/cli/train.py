"""`vitruvian train`: a recipe on labelled images, and on from where it was stopped."""

import math
from pathlib import Path
from typing import Annotated

import tyro

from vitruvian.cli.options import OFF
from vitruvian.cli.train_settings import Source, TrainSettings, labelled, sources
from vitruvian.cli.train_synth import Synthetic
from vitruvian.errors import RecipeError, needs

EVERY = 500  # steps between two checks


def train(
    recipe: Annotated[str | None, tyro.conf.Positional, OFF] = None,
    data: Annotated[tuple[Path, ...], tyro.conf.Positional, OFF] = (),
    settings: Annotated[
        tuple[tuple[str, ...], ...],
        OFF,
        tyro.conf.arg(name="set", metavar="[NAME=VALUE [NAME=VALUE ...]]"),
        tyro.conf.UseAppendAction,
    ] = (),
    out: Annotated[Path | None, OFF] = None,
    val: Annotated[Path | None, OFF] = None,
    val_share: Annotated[float | None, OFF] = None,
    score: Annotated[str | None, OFF] = None,
    every: int = EVERY,
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
    own_skeleton: tyro.conf.FlagCreatePairsOff[bool] = False,
    device: str = "auto",
    workers: Annotated[int | None, OFF] = None,
    micro_batch: Annotated[int | None, OFF] = None,
    cache: float = 1.0,
    shard: tyro.conf.FlagCreatePairsOff[bool] = False,
    resume: Annotated[Path | None, OFF, tyro.conf.arg(metavar="DIR")] = None,
) -> int:
    """Train a recipe on labelled images, or go on with a run that was stopped.

    Ctrl-C keeps all that was trained; a kill, all up to the last save.

    Args:
        recipe: A name from `vitruvian recipes` or a .toml file; or a .safetensors checkpoint or a published model from
            `vitruvian models --search TEXT`: its recipe, beginning with its weights.
        data: The annotations, as they are downloaded or exported: files or folders; or a .toml list of them (see
            docs/tutorials/train.md), with joint maps and weights, and with people to render while training.
        settings: Of the recipe, to change: --set steps=2000 augmentation.flip=0.3 codec.sigma=3.
        out: The folder of the run, runs/RECIPE if not given: checkpoints, state, recipe, log, TensorBoard files,
            result.
        val: Held-out annotations, on which checkpoints are compared, or a .toml list of them.
        val_share: Instead, hold out such a share of the images of every data set, whole groups of them: 0.1.
        score: Compares checkpoints, such as pck_box; without it, what the field scores the data by.
        every: Steps between two checks and saves.
        form: Of the annotations, such as coco or lsp; without it, what their content tells.
        folder: Of the images, if they are not where the annotations have them.
        one_based: The annotations count the first pixel as 1, as tables made from MATLAB files do.
        own_skeleton: Train the skeleton that the data is labelled with, instead of the recipe's.
        device: auto, cpu, cuda, mps, or another that PyTorch knows.
        workers: Processes that load images; without it, as many as go with the device.
        micro_batch: The most crops in a pass; several passes make a batch. Without it, the whole batch.
        cache: Gigabytes of decoded images to keep in memory.
        shard: Share out the weights over the processes, for a model that no GPU has room for (see docs/scaling.md).
        resume: The folder of a run that was stopped; nothing else is needed.
    """
    with needs("train", "training"):
        from vitruvian.cli.train_job import check_start, recipe_named, with_own_skeleton
        from vitruvian.cli.train_run import begin, go_on
        from vitruvian.recipes import with_settings
        from vitruvian.training import Hardware, usual_workers
    if not 0 <= cache < math.inf:
        raise RecipeError(f"--cache must be gigabytes, 0 or more, got {cache}")
    loaders = usual_workers(device) if workers is None else workers
    hardware = Hardware(device, loaders, micro_batch, round(cache * 1e9), shard)
    if resume is not None:
        others = (recipe, data, settings, out, val, val_share, score, form, folder, one_based, own_skeleton)
        if any(others) or every != EVERY:
            raise RecipeError(
                "--resume goes on as the run began, and reads all that from its folder; besides it give --device, "
                "--workers, --micro-batch, --cache and --shard only"
            )
        return go_on(resume, hardware)
    if recipe is None:
        raise RecipeError("nothing to train; give a recipe and data, or --resume DIR; see vitruvian train --help")
    chosen, start = recipe_named(recipe)
    like = Source("", form, None if folder is None else str(folder.absolute()), one_based)
    held_out = () if val is None else labelled(sources((val,), like))
    named = sources(data, like)
    shown = tuple(one for one in named if isinstance(one, Source))
    rendered = tuple(one for one in named if isinstance(one, Synthetic))
    begins = None if start is None else str(start)
    asked = TrainSettings(shown, held_out, val_share, score, every, begins, rendered)
    wanted = with_own_skeleton(chosen, asked) if own_skeleton else chosen
    wanted = with_settings(wanted, (one for several in settings for one in several))
    if start is not None:
        check_start(start, chosen, wanted)
    return begin(wanted, asked, out or Path("runs", Path(recipe).stem), hardware)
