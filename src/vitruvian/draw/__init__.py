"""Poses and heatmaps drawn on images, contact sheets, and plots."""

from vitruvian.draw.curves import Curve, svg_curves
from vitruvian.draw.heatmaps import draw_heatmap
from vitruvian.draw.page import html_cards, html_page, html_picture, html_table
from vitruvian.draw.plots import check_charts, draw_error_histograms, draw_pck_curve, draw_reliability
from vitruvian.draw.sheet import Print, draw_sheet
from vitruvian.draw.skeletons import draw_poses

__all__ = [
    "Curve",
    "Print",
    "check_charts",
    "draw_error_histograms",
    "draw_heatmap",
    "draw_pck_curve",
    "draw_poses",
    "draw_reliability",
    "draw_sheet",
    "html_cards",
    "html_page",
    "html_picture",
    "html_table",
    "svg_curves",
]
