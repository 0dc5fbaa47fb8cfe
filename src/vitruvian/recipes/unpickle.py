"""Reading .pth files of others: tensors and plain containers, and nothing that runs.

A .pth file is a pickle, and a pickle may name any function to be called. Here torch's restricted unpickler reads it,
which calls nothing but what puts tensors together. Checkpoints of MMEngine also hold notes of its own classes and of
NumPy; those are named below, and what the file says to make of them becomes an empty mark that is thrown away. So it
is with `getattr`, by which Python before pickle protocol 4 names the methods that a `HistoryBuffer` lists: the mark
stands for it, the function itself is never called. Any other name ends the reading before it begins.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, serialization

from vitruvian.errors import WeightsError

NOTES = (  # beside the weights; they are left unread
    "__builtin__.getattr",
    "builtins.getattr",
    "mmengine.config.config.ConfigDict",
    "mmengine.logging.history_buffer.HistoryBuffer",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
    "numpy.ndarray",
)
WEIGHTS = ("state_dict", "model", "net")  # under what the weights stand, if they are not the whole file


class _Unread:
    """What stands for a note: takes anything, does nothing."""

    def __new__(cls, *args: Any) -> Self:
        return super().__new__(cls)

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


def read_pth(path: Path) -> dict[str, Tensor]:
    """The weights of a .pth file, by the names that stand in it, on the CPU.

    Raises WeightsError for a file that names code, that is damaged, or that holds no weights: dense tensors of real
    numbers.
    """
    try:
        _refuse_code(path)
        with serialization.safe_globals([(_Unread, name) for name in NOTES]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except WeightsError:
        raise
    except Exception as error:  # a damaged file may say anything to the reader, and so bring it to any error
        raise WeightsError(
            f"{path} cannot be read as a PyTorch checkpoint of tensors and plain containers ({_first_line(error)}); "
            f"it is damaged, or holds what may run code"
        ) from error
    return _tensors(content, path)


def _refuse_code(path: Path) -> None:
    """Raises WeightsError that lists the functions and classes of a file which are neither torch's nor notes."""
    if not zipfile.is_zipfile(path):
        return  # the old format, where the unpickler itself stops at the first such name
    foreign = sorted(set(serialization.get_unsafe_globals_in_checkpoint(path)) - set(NOTES))
    if foreign:
        raise WeightsError(
            f"{path} asks for {', '.join(foreign[:5])}; weights need no such code, so nothing of the file was read. "
            f"Do not open it with other programs unless you trust who made it"
        )


def _tensors(content: Any, path: Path) -> dict[str, Tensor]:
    """The table of tensors in a checkpoint."""
    for name in WEIGHTS:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
            break
    tensors = content if isinstance(content, Mapping) else {}
    if not tensors or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in tensors.items()):
        raise WeightsError(
            f"{path} holds no table of tensors, neither by itself nor under {', '.join(WEIGHTS)}; is it a checkpoint?"
        )
    odd = [name for name, value in tensors.items() if not _is_dense(value)]
    if odd:
        raise WeightsError(
            f"{path} has tensors that are sparse, complex, quantised or without values, such as {odd[0]}; expected "
            f"dense ones of real numbers"
        )
    return dict(tensors)


def _is_dense(value: Tensor) -> bool:
    """Whether every element of a tensor is there, as one real number."""
    return value.layout == torch.strided and not (value.is_meta or value.is_complex() or value.is_quantized)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
