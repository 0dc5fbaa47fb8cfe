"""Weights stored in 16 bits: half the file, the same answers as the model whose weights are rounded."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

SMALLEST = 1024  # tensors with fewer values are left alone: they weigh nothing and may be constants


@torch.no_grad()
def round_to_half(model: nn.Module) -> None:
    """Round every parameter of at least two dimensions to what float16 can hold, in place."""
    for parameter in model.parameters():
        if _halved(parameter):
            parameter.copy_(parameter.half().float())


def stored_bytes(model: nn.Module, half: bool) -> int:
    """How much the weights of a model take in a file, about: those that `round_to_half` rounds 2 bytes each if `half`.

    Counters, such as those of batch norms, are left out of files.
    """
    weights = (weight for weight in (*model.parameters(), *model.buffers()) if weight.is_floating_point())
    return sum(weight.numel() * (2 if half and _halved(weight) else weight.element_size()) for weight in weights)


def _halved(weight: Tensor) -> bool:
    return weight.ndim > 1


def store_half(proto: Any) -> None:
    """Change an ONNX model in place: large float32 constants that float16 holds exactly become float16 and a cast.

    Runtimes undo the cast when they load the model, so nothing runs in 16 bits.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in proto.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALLEST:
            continue
        halved = values.astype(np.float16)
        if not np.array_equal(halved.astype(np.float32), values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(halved, name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *proto.graph.node]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
