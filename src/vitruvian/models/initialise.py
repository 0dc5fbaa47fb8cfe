"""How the parameters of a fresh network start, where its paper leaves that to custom."""

from torch import nn


def kaiming(module: nn.Module) -> None:
    """Gaussian convolutions that keep the variance of gradients through ReLUs (arXiv:1502.01852), for `Module.apply`.

    Batch norms keep PyTorch's start: scale 1, shift 0.
    """
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def small_gaussian(module: nn.Module) -> None:
    """Convolutions and deconvolutions of deviation 0.001 and without bias, for `Module.apply`.

    As in the code of arXiv:1804.06208: the first heatmaps of a network are close to zero, as most of their cells stay.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=0.001)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
