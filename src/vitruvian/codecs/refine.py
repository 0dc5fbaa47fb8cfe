"""Sub-pixel refinement of a peak: quarter offset, DARK, UDP-DARK. Cells in, cells out."""

import torch
from torch import Tensor

from vitruvian.codecs.peaks import blurred_window, window


def quarter(heatmap: Tensor, cells: Tensor) -> Tensor:
    """A quarter of a cell towards the higher neighbour, on each axis (arXiv:1603.06937, section 3.2).

    heatmap (..., H, W), cells (..., 2) int64 -> (..., 2). A peak in the first or last column stays there, one in the
    first or last row likewise. As in the reference implementation that published scores rely on, so does one in
    column 1 along x, in row 1 along y, and one in column 0 or row 0 along both.
    """
    height, width = heatmap.shape[-2:]
    x, y = cells.unbind(-1)
    near = window(heatmap, cells, radius=1)
    towards = torch.stack([near[..., 1, 2] - near[..., 1, 0], near[..., 2, 1] - near[..., 0, 1]], dim=-1).sign()
    free = torch.stack([(x > 1) & (x < width - 1) & (y > 0), (y > 1) & (y < height - 1) & (x > 0)], dim=-1)
    return cells + 0.25 * towards * free


def dark(heatmap: Tensor, cells: Tensor, score: Tensor, kernel_size: int) -> Tensor:
    """The maximum of a parabola through the logarithm of the blurred map (arXiv:1910.06278, equations 4 to 9).

    heatmap (..., H, W), cells (..., 2) int64, score (...) the value of the map there -> (..., 2). Derivatives are
    central differences over two cells, so a peak within two cells of the border stays where it is. The blur is that of
    an OpenCV kernel of `kernel_size`; see `_log_of_blurred` for the floor.
    """
    height, width = heatmap.shape[-2:]
    x, y = cells.unbind(-1)
    log = _log_of_blurred(blurred_window(heatmap, cells, 2, kernel_size), score, 1e-10, torch.inf)
    dx = (log[..., 2, 3] - log[..., 2, 1]) / 2
    dy = (log[..., 3, 2] - log[..., 1, 2]) / 2
    dxx = (log[..., 2, 4] - 2 * log[..., 2, 2] + log[..., 2, 0]) / 4
    dyy = (log[..., 4, 2] - 2 * log[..., 2, 2] + log[..., 0, 2]) / 4
    dxy = (log[..., 3, 3] - log[..., 1, 3] - log[..., 3, 1] + log[..., 1, 1]) / 4
    determinant = dxx * dyy - dxy**2
    free = (x > 1) & (x < width - 2) & (y > 1) & (y < height - 2) & (determinant != 0)
    step = torch.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], dim=-1)  # -H⁻¹ · D, times the determinant
    step = step / torch.where(free, determinant, torch.ones_like(determinant))[..., None]
    return cells + torch.where(free[..., None], step, torch.zeros_like(step))


def udp_dark(heatmap: Tensor, cells: Tensor, score: Tensor, kernel_size: int) -> Tensor:
    """`dark` as published with UDP: neighbouring cells, the border repeated, a floor under the map (arXiv:1911.07524).

    heatmap (..., H, W), cells (..., 2) int64, score (...) the value of the map there -> (..., 2).
    """
    log = _log_of_blurred(blurred_window(heatmap, cells, 2, kernel_size, clamp=True), score, 1e-3, 50.0)[..., 1:4, 1:4]
    centre, left, right = log[..., 1, 1], log[..., 1, 0], log[..., 1, 2]
    above, below = log[..., 0, 1], log[..., 2, 1]
    dx, dy = (right - left) / 2, (below - above) / 2
    epsilon = torch.finfo(torch.float32).eps  # keeps the Hessian invertible on a plateau, as in the reference
    dxx = right - 2 * centre + left + epsilon
    dyy = below - 2 * centre + above + epsilon
    dxy = (log[..., 2, 2] - right - below + 2 * centre - left - above + log[..., 0, 0]) / 2
    step = torch.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], dim=-1)
    determinant = (dxx * dyy - dxy**2)[..., None]
    flat = determinant == 0  # epsilon can meet its own negative
    return cells + torch.where(flat, torch.zeros_like(step), step / torch.where(flat, 1.0, determinant))


def _log_of_blurred(near: Tensor, score: Tensor, low: float, high: float) -> Tensor:
    """The logarithm of a blurred window (..., 5, 5), scaled to the maximum `score` that the map had before the blur.

    The scale only decides what falls below the floor. The reference takes it from the maximum of the whole blurred
    map; here that is looked for within two cells of the peak, where it lies for every map with one clear bump.
    """
    scale = score / near.amax((-1, -2)).clamp(min=torch.finfo(near.dtype).tiny)
    return (near * scale[..., None, None]).clamp(low, high).log()
