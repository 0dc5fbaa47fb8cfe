"""Batches that come from other processes, in order, always the same whoever makes them."""

import ctypes
import signal
import sys
from collections.abc import Generator, Iterator

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from vitruvian.datasets import CropBatches
from vitruvian.errors import TrainingError
from vitruvian.training.hardware import Hardware, Team

PR_SET_PDEATHSIG = 1  # of Linux's prctl: the signal to get when the parent ends
AHEAD = 2  # batches that each process has ready


class _Share(Dataset[tuple[Tensor, Tensor]]):
    """The part of every batch that is one process's of a team."""

    def __init__(self, batches: CropBatches, team: Team):
        self.batches = batches
        self.part = team.share(batches.batch_size)

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        image, xy = self.batches.rows(number, self.part.start, self.part.stop)
        return torch.from_numpy(image), torch.from_numpy(xy)


def load(
    batches: CropBatches, first: int, last: int, hardware: Hardware, team: Team
) -> Generator[tuple[Tensor, Tensor], None, None]:
    """This process's part of the batches first ... last - 1: image (B, H, W, 3) uint8, xy (B, K, 2).

    Raises what making a batch raises, and TrainingError when a process that loads dies.
    """
    loader: DataLoader[tuple[Tensor, Tensor]] = DataLoader(
        _Share(batches, team),
        batch_size=None,
        sampler=range(first, last),
        num_workers=hardware.workers,
        prefetch_factor=AHEAD if hardware.workers else None,
        pin_memory=team.device.type == "cuda",
        worker_init_fn=_begin,
    )
    try:
        yield from _started(loader)
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise TrainingError(
            f"a process that loads images died ({error}); memory or shared memory may be full: lower the number of "
            f"workers"
        ) from error


def _started(loader: DataLoader[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    """What it loads; its processes run. OpenCV has no other threads meanwhile: a fork would wait for them forever."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return iter(loader)
    finally:
        cv2.setNumThreads(threads)


def _begin(worker: int) -> None:
    """One thread for each process. On Linux it ends with the one that trains, however that ends; else it may wait for
    it, and hold its memory."""
    cv2.setNumThreads(1)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
