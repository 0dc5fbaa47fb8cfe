"""Which images follow one another in a clip, and who in them is the same."""

import numpy as np

from vitruvian.errors import DataError
from vitruvian.structures import Labels


def frames(labels: Labels) -> np.ndarray:
    """(I,) the number of each image in its clip: the image column "frame"; without it the row of the image."""
    if "frame" in labels.image_extras:
        return np.asarray(labels.image_extras["frame"], np.int64)
    return np.arange(labels.images)


def clips(labels: Labels) -> list[np.ndarray]:
    """The rows of the images of each clip, a group of the labels, in the order of their frames."""
    order = np.lexsort((frames(labels), labels.groups))
    ends = np.flatnonzero(np.diff(labels.groups[order])) + 1
    return np.split(order, ends) if len(order) else []


def following(labels: Labels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of labels of one track, each with the next of it: first (M,), second (M,) rows, and frames between (M,).

    Frames are counted by the image column "frame"; without it each is one after the last. Crowds are in no pair.
    Raises DataError for two labels of one track in one frame.
    """
    rows = np.flatnonzero(~labels.crowd)
    track, image = tracks(labels)[rows], labels.image[rows]
    order = np.lexsort((frames(labels)[image], track, labels.groups[image]))
    rows, track, image = rows[order], track[order], image[order]
    same = (np.diff(labels.groups[image]) == 0) & (np.diff(track) == 0)
    gap = np.diff(frames(labels)[image])[same]
    first, second = rows[:-1][same], rows[1:][same]
    if (gap == 0).any():
        row = second[np.flatnonzero(gap == 0)[0]]
        raise DataError(
            f"track {tracks(labels)[row]} is twice in frame {frames(labels)[labels.image[row]]} of a clip, in image "
            f"{labels.files[labels.image[row]]}; give each person of a clip a number of their own"
        )
    return first, second, gap if "frame" in labels.image_extras else np.ones_like(gap)


def tracks(labels: Labels) -> np.ndarray:
    """(N,) who is the same within a group: the tracks of the labels, or 0 where every image shows one person only.

    Raises DataError where neither tells.
    """
    if labels.tracks is not None:
        return labels.tracks
    if (np.bincount(labels.image[~labels.crowd]) > 1).any():
        raise DataError("the labels have no tracks, so nobody is known from frame to frame; score single frames")
    return np.zeros(len(labels), np.int64)
