"""How many processes load images, where nobody says so."""

import os

from vitruvian.training.hardware import Hardware

MOST = 16  # for each process that trains


def usual_workers(device: str) -> int:
    """With a GPU as many as there are cores for each process that trains; none on the CPU, which is busy as it is.

    device: as in `Hardware`.
    """
    cores = (os.cpu_count() or 1) // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return min(MOST, max(1, cores)) if Hardware(device).on_gpu else 0
