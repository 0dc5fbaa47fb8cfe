"""What a run runs on: the device, the processes that share the work, the processes that load."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from vitruvian.errors import RecipeError

PATIENCE = timedelta(hours=2)  # that processes wait for one of them, which may have to read every image


@dataclass(frozen=True)
class Hardware:
    """What decides how fast a run is, not what comes out of it.

    device:      "auto", the first CUDA device, Apple's GPU or the CPU, whichever there is; or a name that torch knows.
    workers:     processes that load images, for each process that trains; 0: it loads by itself.
    micro_batch: the most crops of one pass through the model; gradients of several add up to a batch. None: as many
                 as a batch has. Halves itself when memory runs out.
    cache:       bytes of decoded images to keep.
    shard:       of several processes, each keeps only its part of the weights, for models that have no room in one.
    """

    device: str = "auto"
    workers: int = 0
    micro_batch: int | None = None
    cache: int = 1 << 30
    shard: bool = False

    def __post_init__(self) -> None:
        for name, least in (("workers", 0), ("micro_batch", 1), ("cache", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise RecipeError(f"{name} must be at least {least}, got {value}")

    @property
    def on_gpu(self) -> bool:
        """Whether that is a CUDA device."""
        return self.device.startswith("cuda") or (self.device == "auto" and torch.cuda.is_available())


@dataclass(frozen=True)
class Team:
    """The processes that train one model together, as torchrun starts them: this one is number `rank` of `size`.

    device: of this process; local: its number on its machine; shards: whether it keeps only its part of the weights.
    """

    rank: int
    size: int
    device: torch.device
    local: int = 0
    shards: bool = False

    @property
    def leads(self) -> bool:
        """Whether this process is the one that prints and writes."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """The part of `count` rows that is this process's: parts of all processes are alike to one row."""
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def gather(self, value: Any) -> list[Any]:
        """What every process gives, in the order of their ranks."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, value)
        return found

    def told(self, value: Any) -> Any:
        """What the leading process says, whatever the others give."""
        if self.size == 1:
            return value
        said = [value]
        dist.broadcast_object_list(said, src=0)
        return said[0]

    def same(self, values: Iterable[torch.Tensor]) -> None:
        """Overwrite the values of every process by those of the leading one."""
        if self.size > 1:
            for value in values:
                dist.broadcast(value, src=0)

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """The mean of a number over all processes."""
        if self.size > 1:
            dist.all_reduce(value)
            value = value / self.size
        return value


ALONE = Team(0, 1, torch.device("cpu"))


@contextmanager
def team(device: str = "auto", shard: bool = False) -> Iterator[Team]:
    """The processes that torchrun started, joined for the time of the block; one alone without torchrun.

    Once in a program: of processes that meet again, one may wait for another where that was the first time.

    Raises RecipeError for a device that torch does not know, or does not have.
    """
    size, rank, local = (int(os.environ.get(name, "0")) for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK"))
    place = _device(device, local)
    if size <= 1:
        yield Team(0, 1, place)
        return
    dist.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Team(rank, size, place, local, shard)
    finally:
        dist.destroy_process_group()


def by_itself(device: str = "auto") -> Team:
    """This process alone, even where torchrun started several. Raises as `team`."""
    return Team(0, 1, _device(device, int(os.environ.get("LOCAL_RANK", "0"))))


def _device(name: str, number: int) -> torch.device:
    """number: of this process on its machine, which has the CUDA device of that number."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device("cuda", number) if name == "cuda" else torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was built for the device
        raise RecipeError(
            f'there is no device "{name}" here ({str(error).splitlines()[0]}); try auto or cpu'
        ) from error
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device
