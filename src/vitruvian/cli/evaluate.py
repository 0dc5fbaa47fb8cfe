"""`vitruvian evaluate`: how well a model does on labelled images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF

if TYPE_CHECKING:
    from rich.table import Table

    from vitruvian.inference import Evaluation


def evaluate(
    model: Annotated[str, tyro.conf.Positional],
    data: Annotated[Path, tyro.conf.Positional],
    one_based: tyro.conf.FlagCreatePairsOff[bool] = False,
    min_joints: int = 1,
    out: Annotated[Path | None, OFF] = None,
    threads: int = 0,
) -> int:
    """Score a model on labelled images, in the labelled boxes.

    Prints PCK@0.2 by torso and by box, beside those of the mean pose.

    Args:
        model: A name from `vitruvian models`, an exported .onnx file, or a .safetensors checkpoint.
        data: A folder in the layout of Leeds Sports Pose: joints.csv beside the images it names.
        one_based: The first pixel has coordinate 1, as in the original MATLAB files.
        min_joints: Leave people with fewer labelled joints out.
        out: A json file for the numbers.
        threads: For the model; 0 for one per core.
    """
    from rich.console import Console

    from vitruvian.datasets import read_lsp
    from vitruvian.inference import evaluate_people, load

    samples = [s for s in read_lsp(data, one_based) if int(s.poses.score.sum()) >= min_joints]
    top_down = load(model, threads=threads)
    if out:
        make_writable(out.parent)
    result = evaluate_people(top_down, samples)
    print(f"PCK@0.2 of {result.people} people, {result.torsos} of them with a torso")
    Console().print(_table(result))
    print(f"calibration error of the scores: {result.calibration:.3f}")
    if out:
        out.write_text(result.to_json())
    return 0


def _table(result: "Evaluation") -> "Table":
    from rich.table import Table

    table = Table()
    table.add_column("joint")
    for heading in ("by torso", "by box", "mean pose by torso", "mean pose by box"):
        table.add_column(heading, justify="right")
    for k, name in enumerate((*result.joints, "all")):
        row = (result.torso[k], result.box[k], result.mean_pose_torso[k], result.mean_pose_box[k])
        table.add_row(name, *(f"{value:.3f}" for value in row), end_section=k == len(result.joints) - 1)
    return table
