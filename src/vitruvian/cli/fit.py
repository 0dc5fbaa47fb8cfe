"""`vitruvian fit`: from a folder of labelled images to a model."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.fit_folder import AUTO, MODEL, NONE, PAGE, RESULT, START, Asked, Decided, keep, kept
from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF
from vitruvian.cli.pull import at_hand
from vitruvian.errors import DataError, RecipeError, needs

if TYPE_CHECKING:
    from vitruvian.cli.fit_mirror import Mirrored
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
    skeleton: Annotated[Path | None, OFF, tyro.conf.arg(metavar="FILE")] = None,
    device: str = "auto",
    workers: Annotated[int | None, OFF] = None,
) -> int:
    """Train a model on labelled images of anything, and show how good it is.

    No recipe is needed: data and machine decide, and every choice is explained.

    Stopped or killed, and started again with the same --out, it goes on.

    Args:
        data: The annotations: a file or a folder of any form that vitruvian reads.
        from_: A model to start from, whose joints are matched with yours: body, hand, face, any other that `vitruvian
            models` lists or finds with --search, or a .safetensors checkpoint; auto for the one of the package that
            knows most of your joints, where a small model is trained; none for fresh weights.
        out: A folder for the model, the result and a page of pictures.
        joint: A joint of yours and the one of --from that it is, to correct the matching; NEW= for none. Repeatable.
        minutes: That training may take; by default about 5 for 100 labelled images, and more for more.
        form: Of the annotations, such as coco or deeplabcut; without it, what their content tells.
        folder: Of the images, if they are not where the annotations have them.
        by: A regular expression that finds in the name of an image file whose it is, such as "(.+)_" for anna_12.jpg,
            so that nobody is both trained on and held out.
        skeleton: A .toml file of the skeleton: what mirrors, where the names do not tell, limbs and sigmas (see
            docs/tutorials/own-skeleton.md).
        device: auto, cpu, cuda or another name that torch knows.
        workers: Processes that load images.
    """
    with needs("train", "training"):
        from vitruvian.cli.fit_result import conclude
        from vitruvian.cli.fit_screen import show_decided, show_parts, watch
        from vitruvian.training import parted
    images = None if folder is None else str(folder.absolute())
    bones = None if skeleton is None else str(skeleton.absolute())
    asked = Asked(str(data.absolute()), form, images, by, from_, joint, minutes, bones)
    make_writable(out)
    decided = kept(out, asked)
    if decided is not None and (out / PAGE).is_file():
        print(f"{out} is finished: {out / MODEL}, {out / RESULT}, {out / PAGE}; choose another --out to fit anew")
        return 0
    if decided is None and from_ not in (AUTO, NONE):
        _check_start(from_)
    sided, notes = _ready(asked, out)
    parts = parted(sided.dataset)
    show_parts(parts, (*notes, parts.note))
    hardware = _hardware(device, workers)
    if decided is None:
        decided = replace(_decide(asked, parts, sided, hardware, out), notes=(*notes, parts.note))
        keep(out, asked, decided)
    _check_skeleton(out, decided, parts)
    show_decided(decided)
    try:
        watch(out, decided, parts, hardware, minutes)
        return conclude(out, decided, parts)
    except DataError as error:
        print(f"vitruvian: {error}. What was saved before is whole; the same command goes on", file=sys.stderr)
        return 1


def _check_start(name: str) -> None:
    """Refuse a model to start from that is not there before the images are read; a published one is pulled."""
    from vitruvian.runtime import find_checkpoint

    find_checkpoint(at_hand(name))


def _ready(asked: Asked, out: Path) -> "tuple[Mirrored, tuple[str, ...]]":
    """The labelled images that can be read, with a box for everybody and a mirror; and what was done to that end."""
    from vitruvian.cli.fit_mirror import mirrored
    from vitruvian.datasets import UNTOLD, grouped, open_dataset, with_boxes
    from vitruvian.training import readable

    images = None if asked.folder is None else Path(asked.folder)
    opened = open_dataset(Path(asked.data), asked.form, images, skip=True)
    dataset, unread = readable(opened if asked.by is None else grouped(opened, asked.by))
    boxed, said = with_boxes(dataset)
    sided = mirrored(boxed, None if asked.skeleton is None else Path(asked.skeleton), out)
    notes = (note for note in opened.notes if not (sided.said and note.startswith(UNTOLD)))
    return sided, tuple(note for note in (*notes, *unread, said) if note)


def _check_skeleton(out: Path, decided: Decided, parts: "Parts") -> None:
    """Refuse to go on with another skeleton."""
    if decided.plan.recipe.joints != parts.train.skeleton:
        raise RecipeError(
            f"{out} holds a fit for another skeleton: the labels, or the file of --skeleton, were changed; choose "
            f"another --out"
        )


def _hardware(device: str, workers: int | None) -> "Hardware":
    from vitruvian.training import Hardware, usual_workers

    return Hardware(device, usual_workers(device) if workers is None else workers)


def _decide(asked: Asked, parts: "Parts", sided: "Mirrored", hardware: "Hardware", out: Path) -> Decided:
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

    facts, skeleton, machine = replace(facts_of(parts.train), sides=sided.known), parts.train.skeleton, this_machine()
    name = (usual_start(facts, skeleton, machine) or NONE) if asked.start == AUTO else asked.start
    start = None if name == NONE else read_start(at_hand(name))
    if start is None and asked.joints:
        raise RecipeError(f"--joint {asked.joints[0]} corrects the joints of a starting model; say with --from which")
    chosen = plan(facts, skeleton, machine, None if start is None else start.recipe)
    matches: tuple[Match, ...] = ()
    if start is not None:
        chosen, matches = prepare_start(start, chosen, asked.told, parts.train, out / START)
    if sided.said:
        chosen = replace(chosen, reasons={"mirror": sided.said} | chosen.reasons)
    longer = timed(chosen, facts, crops_per_second(chosen.recipe, hardware.device), asked.minutes)
    score = choose_score(parts.train if parts.held_out is None else parts.held_out, asked.form)
    return Decided(longer, matches, score, ())
