"""`vitruvian export`: a checkpoint as one self-contained .onnx file."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import tyro

from vitruvian.cli.folders import make_writable
from vitruvian.cli.options import OFF
from vitruvian.errors import DataError, UnknownNameError, needs

ABOUT = ("accuracy", "data_licence", "licence", "score", "trained_on")  # what only a model's maker knows


def export(
    checkpoint: Annotated[Path, tyro.conf.Positional],
    out: Annotated[Path, tyro.conf.Positional],
    name: Annotated[str | None, OFF] = None,
    flip_test: tyro.conf.FlagCreatePairsOff[bool] = False,
    half: tyro.conf.FlagCreatePairsOff[bool] = False,
    about: Annotated[Path | None, OFF] = None,
    crops: Annotated[Path | None, OFF] = None,
) -> int:
    """Write a trained model as one .onnx file that needs nothing else.

    It is compared with the checkpoint; when they differ, nothing is written.

    Args:
        checkpoint: A .safetensors file of `vitruvian train`.
        out: The .onnx file to write.
        name: What the model is called; by default, the name of the file.
        flip_test: Let the file look at every crop twice, once mirrored: more accurate, half as fast.
        half: Store the weights in 16 bits.
        about: A json file with trained_on, data_licence, licence, accuracy and score for the model card.
        crops: A folder of images to compare on; by default, the example photo.
    """
    facts = _facts(about) if about else {}
    with needs("train", "export"):
        from vitruvian.export import comparison_crops, export_onnx
        from vitruvian.recipes import card_for, load_checkpoint
    model, recipe = load_checkpoint(checkpoint)
    card = card_for(recipe, model, name or out.stem, flip_test, **facts)
    make_writable(out.parent)
    agreement = export_onnx(out, model, recipe, card, comparison_crops(card, crops), half)
    print(
        f"{out}: {out.stat().st_size / 1e6:.2f} MB; differs from the checkpoint by {agreement.percentile_99:.1e} px "
        f"at the 99th percentile, {agreement.largest:.1e} px at most, over {agreement.points} points "
        f"({agreement.unsteady} left out that rounding decides)"
    )
    missing = [key for key in ("trained_on", "licence") if not facts.get(key)]
    if missing:
        print(f"vitruvian: the card does not say {' and '.join(missing)}; give --about FILE", file=sys.stderr)
    return 0


def _facts(about: Path) -> dict[str, Any]:
    """What the file says of the model. Raises DataError or UnknownNameError for one that says something else."""
    try:
        facts = json.loads(about.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{about} cannot be read as json ({error}); expected {', '.join(ABOUT)}") from error
    if not isinstance(facts, dict):
        raise DataError(f"{about} must hold an object with {', '.join(ABOUT)}, got a {type(facts).__name__}")
    for key in facts:
        if key not in ABOUT:
            raise UnknownNameError(f"key in {about}", key, ABOUT)
    return facts
