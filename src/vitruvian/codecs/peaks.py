"""Finding and reading peaks of maps: argmax, windows, blurred windows. Tensors in, tensors out, batch free.

Everything here is made of operations that ONNX has, so that a codec's `decode` can live inside an exported graph.
"""

import math

import torch
from torch import Tensor


def argmax_2d(heatmap: Tensor) -> tuple[Tensor, Tensor]:
    """The highest cell of each map: heatmap (..., H, W) -> xy (..., 2) int64 cells, score (...).

    Of equal cells the first in row-major order wins, as in numpy.argmax. The maximum is found in bands of two rows,
    because that reads the map once without tracking an index for every cell.
    """
    height, width = heatmap.shape[-2:]
    length = math.gcd(height, 2) * width  # cells of a band
    flat = heatmap.flatten(-2)
    highest = flat.unflatten(-1, (-1, length)).amax(dim=-1)  # (..., bands)
    first = highest.argmax(dim=-1, keepdim=True) * length  # (..., 1)
    band = flat.gather(-1, first + torch.arange(length, device=flat.device))  # (..., length)
    cell = first + band.argmax(dim=-1, keepdim=True)
    return torch.cat([cell % width, cell // width], dim=-1), highest.amax(dim=-1)


def take_cells(heatmap: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Where some rows and columns meet: heatmap (..., H, W), rows (..., R), columns (..., C) int64 -> (..., R, C)."""
    cells = rows[..., :, None] * heatmap.shape[-1] + columns[..., None, :]
    return heatmap.flatten(-2).gather(-1, cells.flatten(-2)).unflatten(-1, cells.shape[-2:])


def window(heatmap: Tensor, cells: Tensor, radius: int) -> Tensor:
    """The neighbourhood of a cell: heatmap (..., H, W), cells (..., 2) int64 -> (..., 2r+1, 2r+1).

    Outside the map its border is repeated.
    """
    columns, rows = _around(cells, radius)
    height, width = heatmap.shape[-2:]
    return take_cells(heatmap, rows.clamp(0, height - 1), columns.clamp(0, width - 1))


def _around(cells: Tensor, radius: int) -> tuple[Tensor, Tensor]:
    """cells (..., 2) -> the columns and the rows within `radius`, (..., 2r+1) each, also outside the map."""
    steps = torch.arange(-radius, radius + 1, device=cells.device)
    return cells[..., 0, None] + steps, cells[..., 1, None] + steps


# What OpenCV takes for small sizes instead of the formula, from which these weights differ by up to 0.02.
ROUNDED = {
    1: (1.0,),
    3: (0.25, 0.5, 0.25),
    5: (0.0625, 0.25, 0.375, 0.25, 0.0625),
    7: (0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125),
    9: (0.015625, 0.05078125, 0.1171875, 0.19921875, 0.234375, 0.19921875, 0.1171875, 0.05078125, 0.015625),
}


def gaussian_kernel(size: int) -> Tensor:
    """(size,) weights that sum to 1, those of OpenCV, which derives the sigma from the size; size is odd."""
    if size in ROUNDED:
        return torch.tensor(ROUNDED[size])
    sigma = 0.3 * ((size - 1) * 0.5 - 1) + 0.8
    steps = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    weights = torch.exp(-(steps**2) / (2 * sigma**2))
    return weights / weights.sum()


def banded(kernel: Tensor, length: int, reflect: bool = False) -> Tensor:
    """The (length, length) matrix that blurs a signal with `kernel`, taking it as zero outside, or as mirrored."""
    reach = len(kernel) // 2
    reads = torch.arange(-reach, length + reach, device=kernel.device)  # every position that a tap can fall on
    tap = reads[None, :] - torch.arange(length, device=kernel.device)[:, None] + reach
    band = torch.where((tap >= 0) & (tap < len(kernel)), kernel[tap.clamp(0, len(kernel) - 1)], 0.0)
    if not reflect:
        return band[:, reach : reach + length]
    period = max(1, 2 * (length - 1))  # a kernel longer than the signal is mirrored again and again
    inside = (length - 1) - ((length - 1) - reads % period).abs()  # -1 -> 1, length -> length - 2
    return band @ torch.nn.functional.one_hot(inside, length).to(kernel)


def blurred_window(heatmap: Tensor, cells: Tensor, radius: int, kernel_size: int, clamp: bool = False) -> Tensor:
    """`window` of the map after a Gaussian blur, without blurring the map.

    Only what the kernel reaches from the window is read, and blurred along one axis and then the other, each time with
    one matrix product for all maps. The map is taken as zero outside. Cells of the window that lie there have the
    blurred value too, or, with `clamp`, that of the border.
    """
    reach = radius + kernel_size // 2
    height, width = heatmap.shape[-2:]
    blur = banded(gaussian_kernel(kernel_size).to(heatmap), 2 * reach + 1)[reach - radius : reach + radius + 1].T
    columns, rows = _around(cells, reach)
    near = take_cells(heatmap, rows.clamp(0, height - 1), columns.clamp(0, width - 1))
    across = _zero_outside(near, columns, width) @ blur  # (..., 2 reach + 1, 2r+1)
    down = _zero_outside(across.mT.contiguous(), rows, height) @ blur  # (..., 2r+1, 2r+1); columns first
    result = down.mT
    if not clamp:
        return result
    columns, rows = _around(cells, radius)
    first_column, first_row = columns[..., :1], rows[..., :1]
    return take_cells(result, rows.clamp(0, height - 1) - first_row, columns.clamp(0, width - 1) - first_column)


def _zero_outside(values: Tensor, position: Tensor, length: int) -> Tensor:
    """values (..., R, C) that were read at position (..., C) of a signal -> the same, 0 where that is outside it."""
    inside = (position >= 0) & (position < length)
    return torch.where(inside[..., None, :], values, 0.0)


def blurred(heatmap: Tensor, kernel_size: int, reflect: bool = True) -> Tensor:
    """A Gaussian blur of whole maps (..., H, W).

    Outside they are taken as mirrored, as OpenCV does by default, or, without `reflect`, as zero.
    """
    kernel = gaussian_kernel(kernel_size).to(heatmap)
    height, width = heatmap.shape[-2:]
    return banded(kernel, height, reflect) @ heatmap @ banded(kernel, width, reflect).T
