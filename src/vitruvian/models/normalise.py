"""Pixels as networks expect them."""

import torch
from torch import Tensor

MEAN = (123.675, 116.28, 103.53)  # of ImageNet, in RGB order, as all published pose weights use
STD = (58.395, 57.12, 57.375)


def normalise(image: Tensor) -> Tensor:
    """image (B, H, W, 3) uint8 RGB -> (B, 3, H, W) float32 of about zero mean and unit variance, channels last."""
    mean, std = (torch.tensor(values, device=image.device)[:, None, None] for values in (MEAN, STD))
    return (image.permute(0, 3, 1, 2).to(torch.float32) - mean) / std
