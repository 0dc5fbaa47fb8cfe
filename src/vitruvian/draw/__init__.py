"""Poses and heatmaps drawn on images."""

from vitruvian.draw.heatmaps import draw_heatmap
from vitruvian.draw.skeletons import draw_poses

__all__ = ["draw_heatmap", "draw_poses"]
