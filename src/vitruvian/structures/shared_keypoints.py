"""Which keypoints of one skeleton are those of another."""

from vitruvian.errors import SkeletonError
from vitruvian.structures.skeleton import Skeleton

ELSEWHERE = {  # a keypoint of a published skeleton -> what the same place of the body is called in most others
    ("crowdpose14", "top_head"): "head_top",
    ("halpe26", "head"): "head_top",
    ("halpe26", "hip"): "pelvis",
    ("halpe136", "head"): "head_top",
    ("halpe136", "hip"): "pelvis",
}


def shared_names(part: Skeleton, whole: Skeleton) -> dict[str, str]:
    """Keypoint of `part` -> keypoint of `whole`, for those that have the same name or mean the same place."""
    known = {ELSEWHERE.get((whole.name, name), name): name for name in whole.names}
    found = {
        name: name if name in whole.names else known.get(ELSEWHERE.get((part.name, name), name)) for name in part.names
    }
    return {name: other for name, other in found.items() if other is not None}


def rows_in(part: Skeleton, whole: Skeleton) -> tuple[int, ...]:
    """Where in `whole` each keypoint of `part` stands. Raises SkeletonError that names those that it lacks."""
    found = shared_names(part, whole)
    if missing := [name for name in part.names if name not in found]:
        raise SkeletonError(
            f"{whole.name} has {len(whole)} keypoints, but not {', '.join(missing[:3])}"
            f"{f' and {len(missing) - 3} more' if len(missing) > 3 else ''} of {part.name}"
        )
    return tuple(whole.index(found[name]) for name in part.names)
