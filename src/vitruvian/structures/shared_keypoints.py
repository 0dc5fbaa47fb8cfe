"""Which keypoints of one skeleton are those of another."""

from vitruvian.errors import SkeletonError
from vitruvian.structures.skeleton import Skeleton

SAME = {"head_top": "head", "top_head": "head", "pelvis": "hip"}  # what bodies are called elsewhere -> in halpe26


def rows_in(part: Skeleton, whole: Skeleton) -> tuple[int, ...]:
    """Where in `whole` each keypoint of `part` stands, by its name or by another one for the same place of the body.

    Raises SkeletonError that names the keypoints that `whole` lacks.
    """
    if missing := [name for name in part.names if not _names(name) & set(whole.names)]:
        raise SkeletonError(
            f"{whole.name} has {len(whole)} keypoints, but not {', '.join(missing[:3])}"
            f"{f' and {len(missing) - 3} more' if len(missing) > 3 else ''} of {part.name}"
        )
    return tuple(whole.index(name if name in whole.names else SAME[name]) for name in part.names)


def _names(name: str) -> set[str]:
    return {name, SAME.get(name, name)}
