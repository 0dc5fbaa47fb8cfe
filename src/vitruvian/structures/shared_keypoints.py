"""Which keypoints of one skeleton are those of another."""

from vitruvian.errors import SkeletonError
from vitruvian.structures.skeleton import Skeleton

ELSEWHERE = {  # a keypoint of a published skeleton -> what the same place is called in most others
    ("crowdpose14", "top_head"): "head_top",
    ("halpe26", "head"): "head_top",
    ("halpe26", "hip"): "pelvis",
    ("halpe136", "head"): "head_top",
    ("halpe136", "hip"): "pelvis",
    ("jhmdb15", "head"): "middle of the head",
    ("mpi_inf_3dhp17", "head"): "middle of the head",
}


def shared_names(part: Skeleton, whole: Skeleton) -> dict[str, str]:
    """Keypoint of `part` -> keypoint of `whole`, for those that mean the same place; each of `whole` at most once.

    What `ELSEWHERE` says of a name goes before the name; equal names count unless it says of both what they mean.
    """
    named = {_meaning(whole, name): name for name in whole.names}
    found = {name: named[_meaning(part, name)] for name in part.names if _meaning(part, name) in named}
    used = set(found.values())
    unsure = (name for name in part.names if name not in found and name in whole.names and name not in used)
    found |= {name: name for name in unsure if not {(part.name, name), (whole.name, name)} <= ELSEWHERE.keys()}
    return {name: found[name] for name in part.names if name in found}


def rows_in(part: Skeleton, whole: Skeleton) -> tuple[int, ...]:
    """Where in `whole` each keypoint of `part` stands. Raises SkeletonError that names those that it lacks."""
    found = shared_names(part, whole)
    if missing := [name for name in part.names if name not in found]:
        raise SkeletonError(
            f"{whole.name} has {len(whole)} keypoints, but not {', '.join(missing[:3])}"
            f"{f' and {len(missing) - 3} more' if len(missing) > 3 else ''} of {part.name}"
        )
    return tuple(whole.index(found[name]) for name in part.names)


def _meaning(skeleton: Skeleton, name: str) -> str:
    return ELSEWHERE.get((skeleton.name, name), name)
