"""Counting the multiplications of a network, to hold them against the table of its paper."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def multiply_adds(model: nn.Module, *inputs: torch.Tensor) -> int:
    """Of all convolutions and matrix products in one call of `model`; run it on the meta device, where it is free."""
    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    return counter.get_total_flops() // 2  # PyTorch counts the multiplication and the addition
