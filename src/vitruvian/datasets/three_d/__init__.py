"""Data sets with joints in 3D: a file for each, and the table of their readers."""

from vitruvian.datasets.dataset import Reader
from vitruvian.datasets.three_d import h36m, mpi_inf_3dhp

THREE_D: dict[str, Reader] = {
    "h36m": h36m.READER,
    "mpi_inf_3dhp": mpi_inf_3dhp.READER,
}
