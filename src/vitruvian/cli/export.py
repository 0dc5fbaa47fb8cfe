"""`vitruvian export`: a checkpoint as one self-contained .onnx file."""

from pathlib import Path
from typing import Annotated

import tyro


def export(
    checkpoint: Annotated[Path, tyro.conf.Positional],
    out: Annotated[Path, tyro.conf.Positional],
    name: str | None = None,
    flip_test: bool = False,
    half: bool = False,
    about: Path | None = None,
    crops: Path | None = None,
) -> int:
    """Write a trained model, with normalisation and decoding inside, as one .onnx file that needs nothing else.

    The original and the file are compared on real crops and on noise; when they differ, nothing is written.

    Args:
        checkpoint: A .safetensors file of `vitruvian train`.
        out: The .onnx file to write.
        name: What the model is called; by default, the name of the file.
        flip_test: Let the file look at every crop twice, once mirrored: more accurate, half as fast.
        half: Store the weights in 16 bits.
        about: A json file with trained_on, data_licence, licence, accuracy and score for the model card.
        crops: A folder of images to compare on; by default, the example photo.
    """
    import json

    from vitruvian.cli.extras import needs

    with needs("train", "export"):
        from vitruvian.export import comparison_crops, export_onnx
        from vitruvian.recipes import card_for, load_checkpoint
    model, recipe = load_checkpoint(checkpoint)
    card = card_for(recipe, model, name or out.stem, flip_test, **(json.loads(about.read_text()) if about else {}))
    agreement = export_onnx(out, model, recipe, card, comparison_crops(card, crops), half)
    print(
        f"{out}: {out.stat().st_size / 1e6:.2f} MB; differs from the checkpoint by {agreement.percentile_99:.1e} px "
        f"at the 99th percentile, {agreement.largest:.1e} px at most, over {agreement.points} points"
    )
    return 0
