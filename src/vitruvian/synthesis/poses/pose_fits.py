"""Stances whose joints, seen from far away, lie where people marked them in photos: 2D joints -> 3D poses.

A photo does not say which way a foreshortened limb points; what joints can do, and mostly do, decides. Perspective
is weak: all joints are scaled and moved alike. After F. Bogo et al., Keep It SMPL (2016), without its learned prior.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.errors import DataError, ShapeError, UnknownNameError, needs
from vitruvian.synthesis.poses.pose_ranges import LIMITS
from vitruvian.synthesis.poses.retarget import lifted
from vitruvian.synthesis.poses.segments import PARENT, ROW, SEGMENTS, SIDES, TRUNK, Frame, stance_of, world_turns

if TYPE_CHECKING:
    from torch import Tensor

FITTED = Path(__file__).parent / "fitted" / "mpii.npy"  # (P, F, 3) float16, see `packed`; ORIGIN.md is beside it
ENOUGH = 10  # joints; fewer leave too much open
FEWEST_PIXELS = 40.0  # a person's longer side; below it marking errors count for more than the pose
STEPS, RATE = 140, 0.06  # of Adam; the rate falls to a tenth
PERSONS_AT_ONCE = 4096
MARKED_ARMS = {"forearm": 1.22, "hand": 1.18}  # how much longer marked arms are, against marked legs, than the mesh's
LONGER = 65  # in 100 limbs of a person are shorter in the picture than the one that decides on the scale
UPRIGHT = 0.14  # metres by which necks are mostly before or behind pelvis or feet
PRECISE = 0.035  # metres; how well joints are marked, on a person of middling height
FREE = tuple(ROW[name] for name in TRUNK) + tuple(
    ROW[f"{name}.{side}"] for side in SIDES for name in ("upperarm", "forearm", "thigh", "shin")
)

MARKED = {  # name of a joint -> where it is: a segment's beginning or end
    "pelvis": ("pelvis", "begin"), "thorax": ("collar.L", "begin"), "neck": ("neck", "begin"),
    "upper_neck": ("neck", "begin"), "head_top": ("head", "end"), "head": ("head", "end"),
    **{f"{word}_{name}": (f"{segment}.{side}", "begin")
       for word, side in (("left", "L"), ("right", "R"))
       for name, segment in (("shoulder", "upperarm"), ("elbow", "forearm"), ("wrist", "hand"), ("hip", "thigh"),
                             ("knee", "shin"), ("ankle", "foot"))},
}  # fmt: skip
HABITS = {  # degrees about x, y, z: what joints mostly do, and how far from it they mostly are
    "loin": ((8, 0, 0), (14, 9, 7)), "chest": ((5, 0, 0), (11, 9, 13)), "neck": ((4, 0, 0), (13, 9, 16)),
    "head": ((0, 0, 0), (13, 9, 16)), "upperarm": ((-25, -20, -5), (50, 40, 30)), "forearm": ((-40, 0, 0), (45, 1, 1)),
    "thigh": ((-12, -7, 3), (33, 16, 16)), "shin": ((12, 0, 0), (34, 1, 1)),
}  # fmt: skip
STARTS = (0.0, 90.0, 180.0, 270.0)  # degrees by which a person is turned to begin with; the best is kept


@dataclass(frozen=True, eq=False)
class Fits:
    """N fitted people. stances: (N, S, 3) float32, the camera looking to the back, level; error: (N,) metres, the root
    mean square distance of the joints on a person of middling height, NaN where too few joints are known."""

    stances: np.ndarray
    error: np.ndarray


def fit_poses(frame: Frame, xy: np.ndarray, names: Sequence[str]) -> Fits:
    """Fits stances to joints. xy: (N, K, 2) pixels, NaN where unknown; names: K of MARKED, as a skeleton has them.

    Raises ShapeError, UnknownNameError, and MissingPackageError without PyTorch.
    """
    with needs("synth", "fitting poses"):
        import torch
    if xy.ndim != 3 or xy.shape[1:] != (len(names), 2):
        raise ShapeError(f"xy must be (N, {len(names)}, 2) to match the names, got {xy.shape}")
    for name in names:
        if name not in MARKED:
            raise UnknownNameError("joint", name, MARKED)
    stances, error = np.zeros((len(xy), len(SEGMENTS), 3), np.float32), np.full(len(xy), np.nan, np.float32)
    xy, frame = np.where(np.isfinite(xy).all(-1, keepdims=True), xy, np.nan), _as_marked(frame)
    lengths = _lengths(frame, xy, names)
    usable = np.flatnonzero(_usable(xy, lengths))
    for start in range(0, len(usable), PERSONS_AT_ONCE):
        rows = usable[start : start + PERSONS_AT_ONCE]
        with torch.random.fork_rng(devices=[]):
            found, error[rows] = _fitted(frame, _in_metres(xy[rows], lengths[rows]), names)
        stances[rows] = _with_collars(found)
    return Fits(stances, error)


def _as_marked(frame: Frame) -> Frame:
    """A frame with arms as long as marks in photos say."""
    offsets, ends = frame.offsets.copy(), frame.ends.copy()
    for name, factor in MARKED_ARMS.items():
        for side in SIDES:
            row = ROW[f"{name}.{side}"]
            offsets[row] *= factor
            ends[PARENT[row]] *= factor
    return replace(frame, offsets=offsets, ends=ends)


def _usable(xy: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Which people (N,) have enough joints, far enough apart, and a whole limb."""
    known = np.isfinite(xy).all(-1)
    extent = np.where(known[..., None], xy, -np.inf).max(1) - np.where(known[..., None], xy, np.inf).min(1)
    return (known.sum(1) >= ENOUGH) & (extent.max(1) >= FEWEST_PIXELS) & np.isfinite(lengths).any(1)


def _in_metres(xy: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """xy (N, K, 2) -> metres to the right and up, by what lengths of limbs suggest: foreshortened ones are too short,
    so the longer ones count."""
    scale = np.nanpercentile(lengths, LONGER, axis=1)
    return (xy - np.nanmean(xy, axis=1, keepdims=True)) / scale[:, None, None] * (1.0, -1.0)


def _lengths(frame: Frame, xy: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """How long limbs (N, L) are in the picture for every metre that they have; NaN where unknown."""
    found = []
    for first, second in _limbs(names):
        length = np.linalg.norm(frame.ends[ROW[MARKED[names[first]][0]]])
        found.append(np.linalg.norm(xy[:, first] - xy[:, second], axis=-1) / length)
    return np.stack([np.full(len(xy), np.nan), *found], axis=1)


def _limbs(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Rows of the joints at both ends of the limbs that are rigid."""
    for word in ("left", "right"):
        for first, second in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
            if f"{word}_{first}" in names and f"{word}_{second}" in names:
                yield names.index(f"{word}_{first}"), names.index(f"{word}_{second}")


def _fitted(frame: Frame, marked: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Stances (N, S, 3) and errors (N,) for joints (N, K, 2) in metres: the best of several starts."""
    import torch

    best: Any = None
    known = torch.tensor(np.isfinite(marked).all(-1), dtype=torch.float32)
    target = torch.tensor(np.nan_to_num(marked), dtype=torch.float32)
    for turned in STARTS:
        vectors, cost, error = _descended(frame, _start(marked, names, turned), target, known, names)
        if best is None:
            best = vectors, cost, error
        better = cost < best[1]
        best = tuple(torch.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old)
                     for new, old in zip((vectors, cost, error), best, strict=True))  # fmt: skip
    return best[0].numpy(), best[2].numpy()


def _start(marked: np.ndarray, names: Sequence[str], turned: float) -> "Tensor":
    """Vectors (N, S, 3) to begin with: habits, turned about the vertical, then leant as the trunk is in the picture."""
    import torch

    habit, _ = _habits()
    up = _middle(marked, names, "shoulder") - _middle(marked, names, "hip")
    lean = np.arctan2(up[:, 0], np.where(np.abs(up).sum(-1) > 0, up[:, 1], 1.0))
    stance = np.repeat(habit[None], len(marked), axis=0)
    half, angle = lean / 2, np.radians(turned) / 2  # quaternion of the lean about y times that of the turn about z
    w, x = np.cos(half) * np.cos(angle), np.sin(half) * np.sin(angle)
    y, z = np.sin(half) * np.cos(angle), np.cos(half) * np.sin(angle)
    full, axis = 2 * np.arccos(np.clip(w, -1, 1)), np.stack([x, y, z], axis=-1)
    stance[:, 0] = axis / np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-6) * full[:, None]
    return torch.tensor(stance, dtype=torch.float32)


def _middle(marked: np.ndarray, names: Sequence[str], part: str) -> np.ndarray:
    """The middle (N, 2) of the joints with `part` in their names; 0, which is the middle of all, without any."""
    points = marked[:, [row for row, name in enumerate(names) if part in name]]
    known = np.isfinite(points)
    return np.where(known, points, 0.0).sum(1) / np.maximum(known.sum(1), 1)


@cache
def _habits() -> tuple[np.ndarray, np.ndarray]:
    """Means and spreads (S, 3) in radians; segments that are not fitted have a spread of 0."""
    mean, spread = np.zeros((len(SEGMENTS), 3)), np.zeros((len(SEGMENTS), 3))
    for name, (usual, far) in HABITS.items():
        for side in ("", ".L", ".R"):
            if name + side in ROW:
                sign = (1, -1, -1) if side == ".R" else (1, 1, 1)
                mean[ROW[name + side]], spread[ROW[name + side]] = np.array(usual) * sign, far
    return np.radians(mean), np.radians(spread)


def _descended(
    frame: Frame, vectors: "Tensor", target: "Tensor", known: "Tensor", names: Sequence[str]
) -> tuple["Tensor", "Tensor", "Tensor"]:
    """Vectors (N, S, 3), cost (N,) and error (N,) after following the gradient."""
    import torch

    free = torch.zeros(len(SEGMENTS), 3)
    free[list(FREE)] = 1.0
    for side in SIDES:  # hinges
        free[[ROW[f"forearm.{side}"], ROW[f"shin.{side}"]]] = torch.tensor([1.0, 0.0, 0.0])
    start, size = vectors * free, torch.zeros(len(vectors), 1, 1)
    change = torch.zeros_like(start).requires_grad_()
    size.requires_grad_()
    optimizer = torch.optim.Adam([change, size], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS, eta_min=RATE / 10)
    for _ in range(STEPS):
        optimizer.zero_grad()
        cost, _ = _cost(frame, start + change * free, size, target, known, names)
        cost.sum().backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        found = start + change * free
        cost, error = _cost(frame, found, size, target, known, names)
    return found, cost, error


def _cost(
    frame: Frame, vectors: "Tensor", size: "Tensor", target: "Tensor", known: "Tensor", names: Sequence[str]
) -> tuple["Tensor", "Tensor"]:
    """What is wrong with each stance (N,): joints beside the marks, joints bent too far, habits left, balance lost; and
    the error of the joints alone (N,) in metres."""
    import torch

    begin, end = _joints(frame, vectors)
    seen = _seen(begin, end, names) * torch.exp(size)
    count = known.sum(1, keepdim=True)
    apart = (seen - target) * known[..., None]
    apart = (apart - apart.sum(1, keepdim=True) / count[..., None]) * known[..., None]
    squared = apart.square().sum(-1) / PRECISE**2
    marks = (9 * (torch.sqrt(1 + squared / 4.5) - 1)).sum(1)  # squares near, distances far: some marks are wrong
    mean, spread = (torch.tensor(one, dtype=torch.float32) for one in _habits())
    fitted = spread > 0
    away = ((vectors - mean) / torch.where(fitted, spread, torch.ones(()))) * fitted
    low, high = (torch.tensor(LIMITS[..., end], dtype=torch.float32) for end in (0, 1))
    beyond = (torch.relu(vectors - high) + torch.relu(low - vectors)) * (fitted / np.radians(3.0))
    feet = (begin[ROW["foot.L"]] + begin[ROW["foot.R"]]) / 2
    depth = torch.stack([begin[ROW["neck"]] - below for below in (begin[ROW["pelvis"]], feet)])[..., 1]
    cost = (
        marks
        + 0.5 * (depth / UPRIGHT).square().sum(0)
        + 0.5 * away.square().sum((1, 2))
        + beyond.square().sum((1, 2))
        + (size / 0.12).square().sum((1, 2))
    )
    return cost, (apart.square().sum((1, 2)) / count[:, 0]).sqrt()


def _joints(frame: Frame, vectors: "Tensor") -> tuple[list["Tensor"], list["Tensor"]]:
    """Where the segments of vectors (N, S, 3) begin and end, S times (N, 3) metres each."""
    import torch

    turns = _matrices(vectors).unbind(1)
    world, begin = [turns[0]], [vectors.new_zeros(len(vectors), 3)]
    offsets, ends = (torch.tensor(one, dtype=torch.float32) for one in (frame.offsets, frame.ends))
    for row in range(1, len(SEGMENTS)):
        above = int(PARENT[row])
        begin.append(begin[above] + world[above] @ offsets[row])
        world.append(world[above] @ turns[row] if row in FREE else world[above])
    return begin, [start + turn @ far for start, turn, far in zip(begin, world, ends, strict=True)]


def _seen(begin: Sequence["Tensor"], end: Sequence["Tensor"], names: Sequence[str]) -> "Tensor":
    """The named joints (N, K, 2), to the right and up."""
    import torch

    where = [MARKED[name] for name in names]
    found = [(begin if side == "begin" else end)[ROW[part]] for part, side in where]
    return torch.stack(found, dim=1)[..., [0, 2]]


def _matrices(vectors: "Tensor") -> "Tensor":
    """(..., 3) rotation vectors -> (..., 3, 3), by way of quaternions, smooth at 0."""
    import torch

    angle = (vectors.square().sum(-1, keepdim=True) + 1e-12).sqrt()
    x, y, z = (vectors * (torch.sin(angle / 2) / angle)).unbind(-1)
    w = torch.cos(angle / 2)[..., 0]
    rows = [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]  # fmt: skip
    return torch.stack(rows, dim=-1).reshape(*vectors.shape[:-1], 3, 3)


def _with_collars(stances: np.ndarray) -> np.ndarray:
    """Stances (N, S, 3) in which the collars follow the arms, which stay as they are in the world."""
    turns = world_turns(stances)
    chest = turns[:, ROW["chest"]]
    for side in SIDES:
        upper = -turns[:, ROW[f"upperarm.{side}"], :, 2:]
        turns[:, ROW[f"collar.{side}"]] = chest @ lifted(np.swapaxes(chest, 1, 2) @ upper, side)
    return stance_of(turns)


def packed(fits: Fits, most: int, worst: float) -> np.ndarray:
    """The stances (P, F, 3) float16 of at most `most` people, evenly taken from those with an error below `worst`
    metres; the F segments are FREE: the others follow."""
    good = np.flatnonzero(fits.error < worst)
    taken = good[np.linspace(0, len(good) - 1, min(most, len(good))).astype(int)]
    return fits.stances[taken][:, list(FREE)].astype(np.float16)


def unpacked(numbers: np.ndarray) -> np.ndarray:
    """Stances (P, S, 3) float64 of numbers as `packed` makes them."""
    stances = np.zeros((len(numbers), len(SEGMENTS), 3))
    stances[:, list(FREE)] = numbers
    return stances


def read_fitted(path: Path = FITTED) -> np.ndarray:
    """Stances (P, S, 3) float64 of the fits that come with the package, or of another such file."""
    try:
        numbers = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: cannot be read as fitted poses: {error}") from error
    if numbers.dtype != np.float16 or numbers.ndim != 3 or numbers.shape[1:] != (len(FREE), 3):
        raise DataError(f"{path}: {numbers.shape} {numbers.dtype}, expected (P, {len(FREE)}, 3) float16")
    return unpacked(numbers)
