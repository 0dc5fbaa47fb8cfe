"""From the poses of each frame to poses with identities."""

from vitruvian.tracking.association import associate
from vitruvian.tracking.likeness import pose_likeness

__all__ = ["associate", "pose_likeness"]
