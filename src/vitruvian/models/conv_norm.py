"""ConvNorm: the layer that most architectures are made of."""

from collections import OrderedDict

from torch import Tensor, nn


class ConvNorm(nn.Module):
    """Convolution, batch norm and activation: (B, in, H, W) -> (B, out, H / stride, W / stride), sides rounded up.

    activation: a class of activations; `nn.Identity` for none.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        activation: type[nn.Module] = nn.ReLU,
    ):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(channels_out)
        self.activate = activation(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activate(self.bn(self.conv(x)))
        return out


def plain_conv(channels_in: int, channels_out: int) -> nn.Sequential:
    """A 1x1 convolution with bias and nothing after it: the names of published checkpoints call it `conv`, too."""
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(channels_in, channels_out, 1)))
