"""Checks of transform/*: boxes, crops and flips against `vitruvian.geometry` and `vitruvian.codecs`."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch

from vitruvian.codecs.gaussian_heatmap import GaussianHeatmap
from vitruvian.codecs.udp_heatmap import UDPHeatmap
from vitruvian.geometry import Convention, Crop, flip_boxes, flip_points, from_xywh, to_xywh

from .cases import Case, NotCovered
from .findings import Finding, close

PIXELS = 1e-3  # how far a coordinate may be off
SHARE = 0.999  # of the values of a crop that must agree

# OpenCV before 5 interpolates in coarser fixed-point steps, which moves up to a quarter of the values by up to 5.
GREY_LEVELS = 1 if int(cv2.__version__.split(".")[0]) >= 5 else 5


def check_warp_matrix(case: Case) -> Iterator[Finding]:
    """`Crop.of` in both conventions, shifted, and inverted.

    out_warp_free_aspect, which stretches one axis more than the other, has no counterpart: no weights need it.
    """
    size, shift = tuple(case.args["output_size"]), tuple(case.args["shift"])
    for row, (centre, extent, degrees) in enumerate(
        zip(case["in_center"], case["in_scale"], case["in_rot"], strict=True)
    ):
        corners = centre + extent * np.array([[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5]])
        crops = {
            "out_warp": Crop.of(centre, extent, degrees, size),
            "out_warp_shift": Crop.of(centre, extent, degrees, size, shift=shift),
            "out_udp": Crop.of(centre, extent, reference_turn(degrees, "udp"), size, "udp"),
        }
        for name, crop in crops.items():
            yield close(f"{name}[{row}]", crop.to_input(corners), _apply(case[name][row], corners), PIXELS)
        inside = _apply(case["out_warp"][row], corners)
        back = _apply(case["out_warp_inv"][row], inside)
        yield close(f"out_warp_inv[{row}]", crops["out_warp"].to_image(inside), back, PIXELS)


def reference_turn(degrees: float, convention: Convention) -> float:
    """The angle that `Crop.of` calls the same turn: the reference's UDP matrix turns the other way round."""
    return -degrees if convention == "udp" else degrees


def _apply(matrix: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """xy (..., 2) through an affine map (2, 3)."""
    return xy @ matrix[:, :2].T + matrix[:, 2]


def check_warp_points(case: Case) -> Iterator[Finding]:
    """`Crop.to_input` with any matrix, and `Crop.to_image` as its inverse."""
    for row, (points, matrix) in enumerate(zip(case["in_points"], case["in_warp"], strict=True)):
        crop = Crop(matrix, (1, 1))
        yield close(f"out_points[{row}]", crop.to_input(points), case["out_points"][row], PIXELS)
        yield close(f"in_points[{row}]", crop.to_image(crop.to_input(points)), points, PIXELS)


def check_bbox(case: Case) -> Iterator[Finding]:
    """Box formats, the padded crop about a box, and the horizontal flip in an image 640 wide.

    The library has no centre and scale: they are seen in where `Crop.around` lands. It has no flips but the
    horizontal one, no corners and no clipping, because nothing needs them.
    """
    boxes = case["in_xyxy"]
    yield close("out_xywh", to_xywh(boxes), case["out_xywh"], PIXELS)
    yield close("in_xyxy", from_xywh(case["out_xywh"]), boxes, PIXELS)
    yield close("out_flip_xyxy_h", flip_boxes(boxes, 640), case["out_flip_xyxy_h"], PIXELS)
    size = (192, 256)
    for row, box in enumerate(boxes):
        crop = Crop.around(box, size, case.args["padding"])
        extent = Crop.fill(case["out_scale"][row], size)
        yield close(f"out_center[{row}]", crop.to_image(np.array([96.0, 128.0])), case["out_center"][row], PIXELS)
        yield close(f"out_scale[{row}]", _extent(crop), extent, PIXELS)


def _extent(crop: Crop) -> np.ndarray:
    """(width, height) in image pixels of what an upright crop in the "msra" convention shows."""
    return crop.to_image(np.array(crop.size, float)) - crop.to_image(np.zeros(2))


def check_flip_keypoints(case: Case) -> Iterator[Finding]:
    """`flip_points` in an image 192 wide; a point that is not visible is NaN here. There is no vertical flip."""
    points, mirror = case["in_keypoints"], case.args["flip_indices"]
    hidden = np.where(case["in_visible"][..., None] > 0, points, np.nan)
    visible = np.isfinite(flip_points(hidden, 192, mirror)).all(-1)
    yield close("out_horizontal_keypoints", flip_points(points, 192, mirror), case["out_horizontal_keypoints"], PIXELS)
    yield close("out_horizontal_visible", visible, case["out_horizontal_visible"] > 0, 0)


def check_flip_heatmaps(case: Case) -> Iterator[Finding]:
    """`flip` of the heatmap codecs: with and without the shift by a cell, and with offset maps."""
    height, width = case["in_heatmaps"].shape[-2:]
    size, mirror = (4 * width, 4 * height), case.args["flip_indices"]
    codecs = {
        "flip": ("in_heatmaps", GaussianHeatmap(size, shift_flip=False)),
        "flip_shift": ("in_heatmaps", GaussianHeatmap(size, shift_flip=True)),
        "flip_combined": ("in_combined", UDPHeatmap(size, combined=True)),
    }
    for name, (source, codec) in codecs.items():
        flipped = codec.flip({"heatmap": torch.from_numpy(case[source])}, mirror)["heatmap"]
        yield close(f"out_{name}", flipped, case[f"out_{name}"], 1e-6)


def check_topdown_affine(case: Case) -> Iterator[Finding]:
    """A crop of a photo: its geometry always, its pixels where the expected picture and the photo are there.

    Without the expected picture (a folder may leave pictures out) the numbers alone decide; without the photo the
    case cannot be decided.
    """
    crop = _crop_of_person(case)
    yield close("out_warp", crop.to_input(CORNERS), _apply(case["out_warp"], CORNERS), PIXELS)
    points = case["in_keypoints"][0, :, :2]
    yield close("out_transformed_keypoints", crop.to_input(points), case["out_transformed_keypoints"][0], PIXELS)
    picture = case.root / f"{case.id}.png"
    if picture.is_file():
        photo = cv2.imread(str(find_photo(case.root, case.args["file"])))
        expected = cv2.imread(str(picture)).astype(int)
        yield close(picture.name, crop.cut(photo).astype(int), expected, GREY_LEVELS, SHARE)


CORNERS = np.array([[0.0, 0.0], [640.0, 0.0], [0.0, 480.0]])


def _crop_of_person(case: Case) -> Crop:
    args = case.args
    convention: Convention = "udp" if args["use_udp"] else "msra"
    box, size = case["in_bbox_xyxy"][0].astype(np.float64), tuple(args["input_size"])
    if args["rotation_deg"] == 0:
        return Crop.around(box, size, args["padding"], convention)
    extent = Crop.fill((box[2:] - box[:2]) * args["padding"], size)
    degrees = reference_turn(args["rotation_deg"], convention)
    return Crop.of((box[:2] + box[2:]) / 2, extent, degrees, size, convention)


@cache
def find_photo(root: Path, name: str) -> Path:
    """The photo of that name in realdata/ beside the folder, or of VITRUVIAN_SHARED. Raises NotCovered for none."""
    shared = [root.resolve().parent, Path(os.environ.get("VITRUVIAN_SHARED", "../shared"))]
    for place in shared:
        for path in sorted((place / "realdata").rglob(name)):
            return path
    raise NotCovered("the photo is in no realdata/ beside the folder or in VITRUVIAN_SHARED")
