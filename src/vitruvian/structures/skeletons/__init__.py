"""The table of skeletons."""

from vitruvian.errors import UnknownNameError
from vitruvian.structures.skeleton import Skeleton
from vitruvian.structures.skeletons.body import LSP14

SKELETONS: dict[str, Skeleton] = {one.name: one for one in (LSP14,)}


def skeleton(name: str) -> Skeleton:
    """A skeleton of the table. Raises UnknownNameError, with the nearest names, for an unknown one."""
    if name not in SKELETONS:
        raise UnknownNameError("skeleton", name, SKELETONS)
    return SKELETONS[name]
