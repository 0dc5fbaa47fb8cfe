"""`vitruvian synth`: a labelled data set of people who never were."""

from pathlib import Path
from typing import Annotated, Literal

import tyro

from vitruvian.cli.options import OFF
from vitruvian.errors import RecipeError

SIDE = 256


def synth(
    kind: Annotated[Literal["body", "hand", "face"], tyro.conf.Positional],
    count: int,
    out: Annotated[Path, tyro.conf.arg(metavar="DIR")],
    size: tuple[int, int] = (SIDE, SIDE),
    seed: int = 0,
    photos: Annotated[tuple[Path, ...], OFF] = (),
    motions: Annotated[tuple[Path, ...], OFF] = (),
    fits: Annotated[tuple[Path, ...], OFF] = (),
    workers: int = 1,
) -> int:
    """Render people, hands or faces with every keypoint known, as a data set.

    Picture number n of a seed is always the same. A run that was stopped goes on where it was, and one with a larger
    --count adds to what is there.

    Args:
        kind: body (halpe26, 26 keypoints), hand (hand21) or face (face68).
        count: Pictures.
        out: The folder: images/, annotations.json in COCO's layout, keypoints_3d.npz.
        size: Width and height of the pictures, pixels.
        seed: Of all random numbers.
        photos: Folders or files of photos without people, to cut backgrounds from.
        motions: Motion-capture files (.bvh) to take some of the poses from.
        fits: Files of poses fitted to labels (.npy), as python -m vitruvian.synthesis.poses.fitted writes them.
        workers: Processes that render.
    """
    if count < 1 or workers < 1:
        raise RecipeError(f"--count and --workers must be at least 1, got {count} and {workers}")
    from vitruvian.cli.synth_folder import Wanted, rendered_folder

    wanted = Wanted(kind, size, seed, _absolute(photos), _absolute(motions), _absolute(fits))
    return rendered_folder(wanted, count, out, workers)


def _absolute(paths: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(str(path.absolute()) for path in paths)
