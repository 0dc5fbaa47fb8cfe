"""What all tests share."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from .dots import dots  # noqa: F401 (a fixture)
from .exported import exported  # noqa: F401 (a fixture)
from .parity.cases import shared_folder

# The same examples on every machine, however slow it is.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Sums in one order, so that equal seeds give equal bits."""
    torch.set_num_threads(1)


@pytest.fixture
def shared() -> Path:
    """The folder of reference data that is not part of the repository; the test is skipped where it is absent."""
    folder = shared_folder()
    if not (folder / "realdata").is_dir():
        pytest.skip(f"{folder}/realdata is not there; set VITRUVIAN_SHARED to the folder that holds it")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_answered() -> Iterator[None]:
    """As Python does by itself, but not where a shell has started it in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
