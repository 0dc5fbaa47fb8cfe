"""Vitruvian: heatmap-based pose estimation.

    import vitruvian

    poses = vitruvian.predict("photo.jpg")      # Poses: xy (N, K, 2) image pixels, score (N, K)
    model = vitruvian.load("body")              # the same in two steps, for many images
    poses = model(image, boxes)

Importing the package is light; its rooms (`vitruvian.codecs`, `vitruvian.models`, ...) are imported by name.
"""

from typing import TYPE_CHECKING

from vitruvian.version import __version__

if TYPE_CHECKING:
    from vitruvian.inference import load, predict
    from vitruvian.structures import Poses, Skeleton

__all__ = ["Poses", "Skeleton", "__version__", "load", "predict"]


def __getattr__(name: str) -> object:
    if name in ("load", "predict"):
        from vitruvian import inference

        return getattr(inference, name)
    if name in ("Poses", "Skeleton"):
        from vitruvian import structures

        return getattr(structures, name)
    raise AttributeError(f"module vitruvian has no attribute {name}")


def __dir__() -> list[str]:
    return sorted(__all__)
