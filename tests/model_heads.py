"""What each model of the table is made to answer with, and the bare network as a file."""

import warnings
from pathlib import Path

import torch
from torch import Tensor

from vitruvian.models import Heads, PoseModel, Size


def heads_of(name: str, keypoints: int, size: Size) -> Heads:
    """What the model is made to answer with."""
    width, height = size
    stride = 8 if name == "cpm" else 2 if name.startswith("higher_") else 4
    heatmap = (keypoints, height // stride, width // stride)
    if name.startswith(("simcc_", "rtmpose_", "rtmw_")):
        return {"x": (keypoints, 2 * width), "y": (keypoints, 2 * height)}
    if name.startswith("deep_pose_"):
        return dict.fromkeys(["xy", "spread"] if name.endswith("_rle") else ["xy"], (keypoints, 2))
    if name.startswith(("integral_", "dsnt_", "fast_pose_si_")):
        return {"heatmap": heatmap, "xy": (keypoints, 2)}
    if name.startswith(("ae_", "higher_")):
        return {"heatmap": heatmap, "tag": heatmap}
    return {"heatmap": heatmap}


def export_bare(model: PoseModel, images: Tensor, path: Path, optimize: bool = True) -> None:
    """Write the network alone, for a batch of any size; images (B, 3, H, W), at least two of them.

    optimize: simplify the graph, which takes a third of the time.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what torch itself calls by old names
        program = torch.onnx.export(
            model,
            (images,),
            dynamo=True,
            opset_version=18,
            input_names=["image"],
            dynamic_shapes={"image": {0: torch.export.Dim("N", min=1)}},
            verbose=False,
            optimize=optimize,
        )
    assert program is not None
    program.save(path)
