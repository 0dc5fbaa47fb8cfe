"""Finding and reading peaks of maps: argmax, windows, blurred windows. Tensors in, tensors out, batch free.

Everything here is made of operations that ONNX has, so that a codec's `decode` can live inside an exported graph.
"""

import torch
from torch import Tensor


def argmax_2d(heatmap: Tensor) -> tuple[Tensor, Tensor]:
    """The highest cell of each map: heatmap (..., H, W) -> xy (..., 2) int64 cells, score (...).

    Of equal cells the first in row-major order wins, as in numpy.argmax. The maximum is found row by row because
    that reads the map once without tracking an index for every cell.
    """
    score_of_row = heatmap.amax(dim=-1)  # (..., H)
    y = score_of_row.argmax(dim=-1)  # (...)
    score = score_of_row.amax(dim=-1)
    x = take_rows(heatmap, y[..., None]).squeeze(-2).argmax(dim=-1)
    return torch.stack([x, y], dim=-1), score


def take_rows(heatmap: Tensor, rows: Tensor) -> Tensor:
    """heatmap (..., H, W), rows (..., R) int64 -> (..., R, W)."""
    return heatmap.gather(-2, rows[..., None].expand(*rows.shape, heatmap.shape[-1]))


def window(heatmap: Tensor, cells: Tensor, radius: int) -> Tensor:
    """The neighbourhood of a cell: heatmap (..., H, W), cells (..., 2) int64 -> (..., 2r+1, 2r+1).

    Outside the map its border is repeated.
    """
    steps = torch.arange(-radius, radius + 1, device=cells.device)
    height, width = heatmap.shape[-2:]
    columns = (cells[..., 0, None] + steps).clamp(0, width - 1)  # (..., 2r+1)
    rows = (cells[..., 1, None] + steps).clamp(0, height - 1)
    band = take_rows(heatmap, rows)  # (..., 2r+1, W)
    return band.gather(-1, columns[..., None, :].expand(*band.shape[:-1], columns.shape[-1]))


def gaussian_kernel(size: int) -> Tensor:
    """(size,) weights that sum to 1; the sigma is the one that OpenCV derives from the size."""
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
    inside = (length - 1) - ((length - 1) - reads.abs()).abs()  # -1 -> 1, length -> length - 2
    return band @ torch.nn.functional.one_hot(inside, length).to(kernel)


def blurred_window(heatmap: Tensor, cells: Tensor, radius: int, kernel_size: int, clamp: bool = False) -> Tensor:
    """`window` of the map after a Gaussian blur, without blurring the map.

    A blurred value is a row of the banded kernel matrix times the map times a column of it, so the (2r+1)²
    values of a window are two small matrix products. Cells beyond the border read the zeros outside the map, or,
    with `clamp`, the border of the blurred map.
    """
    height, width = heatmap.shape[-2:]
    kernel = gaussian_kernel(kernel_size).to(heatmap)
    steps = torch.arange(-radius, radius + 1, device=cells.device)
    across = _bands(kernel, width, cells[..., 0, None] + steps, clamp)  # (..., 2r+1, W)
    down = _bands(kernel, height, cells[..., 1, None] + steps, clamp)  # (..., 2r+1, H)
    return down @ heatmap @ across.transpose(-1, -2)


def _bands(kernel: Tensor, length: int, index: Tensor, clamp: bool) -> Tensor:
    """The rows `index` (..., R) of the banded matrix of `kernel` -> (..., R, length); zero rows outside it."""
    margin = len(kernel)
    matrix = banded(kernel, length)
    if clamp:
        return matrix[index.clamp(0, length - 1)]
    padded = torch.nn.functional.pad(matrix, (0, 0, margin, margin))
    return padded[(index + margin).clamp(0, length + 2 * margin - 1)]


def blurred(heatmap: Tensor, kernel_size: int) -> Tensor:
    """A Gaussian blur of whole maps (..., H, W), which are taken as mirrored outside, as OpenCV does by default."""
    kernel = gaussian_kernel(kernel_size).to(heatmap)
    height, width = heatmap.shape[-2:]
    return banded(kernel, height, reflect=True) @ heatmap @ banded(kernel, width, reflect=True).T
