"""Charts of how far predictions are off, as images; matplotlib draws them.

Distances are (P, K) in units of the person, as `vitruvian.metrics.distances` gives them: NaN where there is nothing to
compare, infinite where a point was not found.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.errors import needs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, QUIET, BLUE, ORANGE = "#1a1a24", "#9a9aa4", "#1f78c8", "#e07a10"
LONGEST = 0.5  # units of the person, the end of the axis of distances
DENSITY = 150  # pixels per inch
STEPS = 200  # of a curve
BINS = 25  # of a histogram
ROW = 0.24  # inches for a joint


def draw_pck_curve(curves: Mapping[str, np.ndarray], unit: str, marked: float = 0.2) -> np.ndarray:
    """The share of points within each distance: an image (H, W, 3) uint8 RGB.

    curves: name -> distances (P, K), the first drawn boldly; unit: what the distances are measured in, "torso". The
    shares at `marked` stand in the legend.
    """
    figure, axes = _chart((6.4, 4.4))
    thresholds = np.linspace(0, LONGEST, STEPS)
    for number, (name, distance) in enumerate(curves.items()):
        known = np.sort(distance[~np.isnan(distance)])
        share = np.searchsorted(known, [*thresholds, marked], side="right") / max(len(known), 1)
        style = {"color": BLUE, "linewidth": 2.2} if number == 0 else {"color": QUIET, "linestyle": (0, (4, 2))}
        axes.plot(thresholds, share[:-1], label=f"{name}: {share[-1]:.3f} at {marked:g}", **style)
    axes.axvline(marked, color=QUIET, linewidth=0.8, linestyle=":")
    axes.set(xlim=(0, LONGEST), ylim=(0, 1), ylabel="share of points within")
    axes.set_xlabel(f"distance, in units of the {unit}")
    axes.legend(loc="lower right", frameon=False)
    return _pixels(figure)


def draw_error_histograms(distance: np.ndarray, joints: Sequence[str], unit: str) -> np.ndarray:
    """A histogram of the distances of each joint, a row each, as an image (H, W, 3) uint8 RGB.

    A bar marks the median; the last column is all that is farther than the axis, or was not found.
    """
    figure, axes = _chart((7.2, 1.4 + ROW * len(joints)))
    edges = np.linspace(0, LONGEST, BINS + 1)
    shares = np.stack([_histogram(distance[:, k], edges) for k in range(len(joints))])  # (K, BINS + 1)
    ends = [*edges, LONGEST + 2 * edges[1]]  # the last column is wider
    mesh = axes.pcolormesh(ends, np.arange(len(joints) + 1), np.ma.masked_invalid(shares), cmap="Blues", vmin=0)
    for k in range(len(joints)):
        known = distance[:, k][~np.isnan(distance[:, k])]
        if len(known):
            middle = min(float(np.quantile(known, 0.5, method="lower")), LONGEST + edges[1])
            axes.plot([middle, middle], [k + 0.1, k + 0.9], color=ORANGE, linewidth=2, solid_capstyle="butt")
    axes.set_yticks(np.arange(len(joints)) + 0.5, [name.replace("_", " ") for name in joints])
    axes.axvline(LONGEST, color="white", linewidth=3)
    axes.set_xticks([*edges[:-1:5], LONGEST + edges[1]], [*(f"{edge:.1f}" for edge in edges[:-1:5]), "more"])
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.set_xlabel(f"distance, in units of the {unit}; orange: the median")
    figure.colorbar(mesh, ax=axes, label="share of the points of a joint", fraction=0.04, pad=0.02)
    return _pixels(figure)


def _histogram(distance: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The share of (P,) distances in each bin and, last, beyond them: NaN without any."""
    known = distance[~np.isnan(distance)]
    if not len(known):
        return np.full(len(edges), np.nan)
    within = np.histogram(known, edges)[0]
    return np.append(within, len(known) - within.sum()) / len(known)


def draw_reliability(score: np.ndarray, share: np.ndarray, count: np.ndarray) -> np.ndarray:
    """What share of points is right where a system is how sure: an image (H, W, 3) uint8 RGB.

    score, share, count: (G,), the mean score of each group of points, the share of correct ones, how many they are.
    """
    error = float((count * abs(score - share)).sum() / max(count.sum(), 1))
    figure, axes = _chart((5.0, 4.8))
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 2)), label="as sure as right")
    axes.vlines(score, score, share, color=ORANGE, linewidth=2)
    axes.plot(score, share, color=BLUE, linewidth=1.5)
    sizes = 18 + 60 * count / max(count.max(initial=1), 1)
    axes.scatter(score, share, sizes, color=BLUE, zorder=3, label="a group of points")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="mean score", ylabel="share of correct points", aspect="equal")
    axes.set_title(f"calibration error {error:.3f}", fontsize=10, color=INK)
    axes.legend(loc="upper left", frameon=False)
    return _pixels(figure)


def check_charts() -> None:
    """Raises MissingPackageError where charts cannot be drawn."""
    with needs("eval", "a chart"):
        import matplotlib  # noqa: F401 (only to see whether it is there)


def _chart(size: tuple[float, float]) -> "tuple[Figure, Axes]":
    """An empty chart of so many inches. Without matplotlib's global state, so that it can be drawn anywhere."""
    check_charts()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(size, dpi=DENSITY, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=9)
    return figure, axes


def _pixels(figure: "Figure") -> np.ndarray:
    """The chart as (H, W, 3) uint8 RGB."""
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())[..., :3].copy()  # type: ignore[attr-defined]
