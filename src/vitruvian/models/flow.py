"""A normalising flow over the plane: RealNVP (Dinh et al., arXiv:1605.08803), as residual log-likelihood estimation
learns the distribution of regression errors with it (Li et al., arXiv:2107.11291).

Each of six coupling layers moves and scales one coordinate by amounts that follow from the other (arXiv:1605.08803,
eq. 9), x and y in turn.
"""

import torch
from torch import Tensor, nn
from torch.distributions import MultivariateNormal

from vitruvian.errors import ShapeError

LAYERS = 6
HIDDEN = 64


class Flow(nn.Module):
    """A probability density over points, from a fresh one close to the standard normal to whatever errors look like.

    The buffers: `loc` (2,) and `cov` (2, 2) of the normal distribution behind it; `mask` (6, 2), 1 for the coordinate
    that a layer reads and leaves, 0 for the one that it changes.
    """

    loc: Tensor
    cov: Tensor
    mask: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("loc", torch.zeros(2))
        self.register_buffer("cov", torch.eye(2))
        self.register_buffer("mask", torch.tensor([[0.0, 1.0], [1.0, 0.0]] * (LAYERS // 2)))
        self.s = nn.ModuleList(nn.Sequential(*_layers(), nn.Tanh()) for _ in range(LAYERS))
        self.t = nn.ModuleList(nn.Sequential(*_layers()) for _ in range(LAYERS))
        self.apply(_start)

    def to_normal(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The points of the normal distribution that points x (N, 2) come from, (N, 2).

        And the logarithm of how much the plane is stretched there, (N,): log |dz / dx|.
        """
        stretch = torch.zeros_like(x[..., 0])
        for mask, scale, shift in reversed(list(zip(self.mask, self.s, self.t, strict=True))):
            kept = mask * x
            log_scale, offset = (1 - mask) * scale(kept), (1 - mask) * shift(kept)
            x = kept + (1 - mask) * (x - offset) * torch.exp(-log_scale)
            stretch = stretch - log_scale.sum(-1)
        return x, stretch

    def log_prob(self, x: Tensor) -> Tensor:
        """The logarithm of the density at points x (N, 2) -> (N,). Raises ShapeError for other shapes."""
        if x.ndim != 2 or x.shape[1] != 2:
            raise ShapeError(f"points must be (N, 2), got {tuple(x.shape)}; flatten batch and keypoints first")
        z, stretch = self.to_normal(x)
        normal = MultivariateNormal(self.loc, self.cov, validate_args=False)
        log_prob: Tensor = normal.log_prob(z) + stretch
        return log_prob


def _layers() -> tuple[nn.Module, ...]:
    """What a coordinate decides about the other: (N, 2) -> (N, 2)."""
    return nn.Linear(2, HIDDEN), nn.LeakyReLU(), nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU(), nn.Linear(HIDDEN, 2)


def _start(module: nn.Module) -> None:
    """Small weights, so that a fresh flow changes little."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight, gain=0.01)
