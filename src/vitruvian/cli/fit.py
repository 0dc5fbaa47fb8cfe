"""`vitruvian fit`: from a folder of labelled images to a model."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.fit_folder import AUTO, MODEL, NONE, PAGE, RESULT, START, Asked, Decided, keep, kept
from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF
from vitruvian.errors import RecipeError, needs

if TYPE_CHECKING:
    from vitruvian.datasets import Dataset
    from vitruvian.training import Hardware, Match, Parts


def fit(
    data: Annotated[Path, tyro.conf.Positional],
    from_: Annotated[str, tyro.conf.arg(name="from", metavar="MODEL")] = AUTO,
    out: Path = Path("fit"),
    joint: Annotated[tuple[str, ...], OFF, tyro.conf.arg(metavar="NEW=OLD"), tyro.conf.UseAppendAction] = (),
    minutes: Annotated[float | None, OFF] = None,
    form: Annotated[str | None, OFF] = None,
    folder: Annotated[Path | None, OFF] = None,
    by: Annotated[str | None, OFF, tyro.conf.arg(metavar="PATTERN")] = None,
    device: str = "auto",
    workers: Annotated[int | None, OFF] = None,
) -> int:
    """Train a model on labelled images of anything, and show how good it is.

    No recipe is needed: data and machine decide, and every choice is explained.

    Stopped or killed, and started again with the same --out, it goes on.

    Args:
        data: The annotations: a file or a folder of any form that vitruvian reads.
        from_: A model to start from, such as body14, or a .safetensors checkpoint, whose joints are matched with yours;
            auto for the model of the package where a small one is trained; none for fresh weights.
        out: A folder for the model, the result and a page of pictures.
        joint: A joint of yours and the one of --from that it is, to correct the matching; NEW= for none. Repeatable.
        minutes: That training may take; by default about 5 for 100 labelled images, and more for more.
        form: Of the annotations, such as coco or deeplabcut; without it, what their content tells.
        folder: Of the images, if they are not where the annotations have them.
        by: A regular expression that finds in the name of an image file whose it is, such as "(.+)_" for anna_12.jpg,
            so that nobody is both trained on and held out.
        device: auto, cpu, cuda or another name that torch knows.
        workers: Processes that load images.
    """
    with needs("train", "training"):
        from vitruvian.cli.fit_result import conclude
        from vitruvian.cli.fit_screen import show_decided, show_parts, watch
        from vitruvian.training import parted
    images = None if folder is None else str(folder.absolute())
    asked = Asked(str(data.absolute()), form, images, by, from_, joint, minutes)
    make_writable(out)
    decided = kept(out, asked)
    if decided is not None and (out / PAGE).is_file():
        print(f"{out} is finished: {out / MODEL}, {out / RESULT}, {out / PAGE}; choose another --out to fit anew")
        return 0
    dataset, notes = _ready(asked)
    parts = parted(dataset)
    show_parts(parts, (*notes, parts.note))
    hardware = _hardware(device, workers)
    if decided is None:
        decided = replace(_decide(asked, parts, hardware, out), notes=(*notes, parts.note))
        keep(out, asked, decided)
    show_decided(decided)
    watch(out, decided, parts, hardware, minutes)
    return conclude(out, decided, parts)


def _ready(asked: Asked) -> "tuple[Dataset, tuple[str, ...]]":
    """The labelled images that can be read, with a box for everybody; and what was done to that end."""
    from vitruvian.datasets import grouped, open_dataset
    from vitruvian.training import readable, with_boxes

    images = None if asked.folder is None else Path(asked.folder)
    opened = open_dataset(Path(asked.data), asked.form, images, skip=True)
    dataset, unread = readable(opened if asked.by is None else grouped(opened, asked.by))
    boxed, said = with_boxes(dataset)
    return boxed, tuple(note for note in (*opened.notes, *unread, said) if note)


def _hardware(device: str, workers: int | None) -> "Hardware":
    from vitruvian.training import Hardware, usual_workers

    return Hardware(device, usual_workers(device) if workers is None else workers)


def _decide(asked: Asked, parts: "Parts", hardware: "Hardware", out: Path) -> Decided:
    """The plan for these data on this machine, and the weights to start from, written beside it."""
    from vitruvian.cli.fit_start import prepare_start
    from vitruvian.training import (
        choose_score,
        crops_per_second,
        facts_of,
        plan,
        read_start,
        this_machine,
        timed,
        usual_start,
    )

    facts, skeleton, machine = facts_of(parts.train), parts.train.skeleton, this_machine()
    name = (usual_start(facts, machine) or NONE) if asked.start == AUTO else asked.start
    start = None if name == NONE else read_start(name)
    if start is None and asked.joints:
        raise RecipeError(f"--joint {asked.joints[0]} corrects the joints of a starting model; say with --from which")
    chosen = plan(facts, skeleton, machine, None if start is None else start.recipe)
    matches: tuple[Match, ...] = ()
    if start is not None:
        chosen, matches = prepare_start(start, chosen, asked.told, parts.train, out / START)
    longer = timed(chosen, facts, crops_per_second(chosen.recipe, hardware.device), asked.minutes)
    score = choose_score(parts.train if parts.held_out is None else parts.held_out, asked.form)
    return Decided(longer, matches, score, ())
