"""Checks of transform/*: boxes, crops, flips and normalisation."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch

from vitruvian.codecs import GaussianHeatmap, UDPHeatmap
from vitruvian.geometry import Convention, Crop, flip_boxes, flip_points, from_xywh, giou, iof, iou, to_xywh, whole_crop
from vitruvian.media import read_image
from vitruvian.models.normalise import MEAN, STD, normalise

from .cases import Case, NotCovered, shared_folder
from .findings import Finding, close

PIXELS = 1e-3  # how far a coordinate may be off
SHARE = 0.999  # of the values of a crop that must agree
CORNERS = np.array([[0.0, 0.0], [640.0, 0.0], [0.0, 480.0]])  # of a photo; three points tell an affine map

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

    The library has no centre and scale: they are seen in what `Crop.around` shows. It has no flips but the horizontal
    one, no corners and no clipping, because nothing needs them.
    """
    boxes, padding = case["in_xyxy"], case.args["padding"]
    yield close("out_xywh", to_xywh(boxes), case["out_xywh"], PIXELS)
    yield close("in_xyxy", from_xywh(case["out_xywh"]), boxes, PIXELS)
    yield close("out_flip_xyxy_h", flip_boxes(boxes, 640), case["out_flip_xyxy_h"], PIXELS)
    tall = np.array([_shown(Crop.around(box, (1, 1000), padding)) for box in boxes])  # as wide as the padded box
    wide = np.array([_shown(Crop.around(box, (1000, 1), padding)) for box in boxes])  # as high as it
    yield close("out_center", tall.mean(1), case["out_center"], PIXELS)
    yield close("out_scale", np.stack([np.ptp(tall, 1)[:, 0], np.ptp(wide, 1)[:, 1]], 1), case["out_scale"], PIXELS)


def _shown(crop: Crop) -> np.ndarray:
    """The opposite corners (2, 2), in image pixels, of what an upright crop in the "msra" convention shows."""
    return crop.to_image(np.array([[0.0, 0.0], crop.size]))


def check_bbox_overlaps(case: Case) -> Iterator[Finding]:
    """Every box of one list with every box of another, in three measures; the reference is rounded to 32 bits."""
    for measure in (iou, giou, iof):
        name = f"out_{measure.__name__}"
        yield close(name, measure(case["in_a"].astype(float), case["in_b"].astype(float)), case[name], 1e-5)


def check_bottomup_resize(case: Case) -> Iterator[Finding]:
    """Where the crop of a whole image has its centre, and how much it shows; in UDP, by the size of its content."""
    image, udp = tuple(case.args["image_wh"]), case.args["use_udp"]
    fitting, multiple = case.args["resize_mode"], case.args["size_factor"]
    crop = whole_crop(image, tuple(case.args["input_size"]), fitting, multiple, "udp" if udp else "msra")
    inner = np.array(image) * min(np.array(crop.size) / image)  # of the fitting cases, which all of UDP are
    shown = np.array([[0.0, 0.0], inner - 1]) if udp else np.array([[0.0, 0.0], crop.size])
    corners = crop.to_image(shown)
    yield close("out_out_size_wh", crop.size, case["out_out_size_wh"], 0)
    yield close("out_input_center", corners.mean(0), case["out_input_center"], PIXELS)
    yield close("out_input_scale", np.ptp(corners, 0), case["out_input_scale"], PIXELS)


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
    codecs: dict[str, tuple[str, GaussianHeatmap | UDPHeatmap]] = {
        "flip": ("in_heatmaps", GaussianHeatmap(size, shift_flip=False)),
        "flip_shift": ("in_heatmaps", GaussianHeatmap(size, shift_flip=True)),
        "flip_combined": ("in_combined", UDPHeatmap(size, combined=True)),
    }
    for name, (source, codec) in codecs.items():
        flipped = codec.flip({"heatmap": torch.from_numpy(case[source])}, mirror)["heatmap"]
        yield close(f"out_{name}", flipped, case[f"out_{name}"], 1e-6)


def check_normalise(case: Case) -> Iterator[Finding]:
    """`normalise`, which knows the one mean and deviation that pose weights use."""
    args = case.args
    if (tuple(args["mean"]), tuple(args["std"]), args["bgr_to_rgb"]) != (MEAN, STD, True):
        raise NotCovered(f"mean {args['mean']}, std {args['std']}, bgr_to_rgb {args['bgr_to_rgb']}")
    inputs = normalise(rgb_images(case["in_image_bgr_chw"][None]))
    yield close("out_inputs", inputs, case["out_inputs"], 1e-5)


def rgb_images(images: np.ndarray) -> torch.Tensor:
    """(B, 3, H, W) uint8 in the order blue, green, red -> (B, H, W, 3) uint8 RGB."""
    return torch.from_numpy(np.ascontiguousarray(images[:, ::-1].transpose(0, 2, 3, 1)))


def check_topdown_affine(case: Case) -> Iterator[Finding]:
    """A crop of a photo: its geometry always, its pixels where the expected picture and the photo are there.

    Without the expected picture (a folder may leave pictures out) the numbers alone decide; without the photo the
    case cannot be decided.
    """
    box, size = case["in_bbox_xyxy"][0].astype(np.float64), tuple(case.args["input_size"])
    convention: Convention = "udp" if case.args["use_udp"] else "msra"
    padding, degrees = case.args["padding"], reference_turn(case.args["rotation_deg"], convention)
    centre, extent = (box[:2] + box[2:]) / 2, Crop.fill((box[2:] - box[:2]) * padding, size)
    crops = [Crop.of(centre, extent, degrees, size, convention)]
    if degrees == 0:
        crops.append(Crop.around(box, size, padding, convention))
    yield close("out_input_scale", extent, case["out_input_scale"], PIXELS)
    points = case["in_keypoints"][0, :, :2]
    for crop in crops:
        yield close("out_warp", crop.to_input(CORNERS), _apply(case["out_warp"], CORNERS), PIXELS)
        yield close("out_transformed_keypoints", crop.to_input(points), case["out_transformed_keypoints"][0], PIXELS)
    picture = case.root / f"{case.id}.png"
    if picture.is_file():
        photo = read_image(find_photo(case.root, case.args["file"]))
        yield close(picture.name, crop.cut(photo), read_image(picture), GREY_LEVELS, SHARE)


@cache
def find_photo(root: Path, name: str) -> Path:
    """The photo of that name in realdata/ beside the folder, or of VITRUVIAN_SHARED. Raises NotCovered for none."""
    for place in (root.resolve().parent, shared_folder()):
        for path in sorted((place / "realdata").rglob(name)):
            return path
    raise NotCovered("the photo is in no realdata/ beside the folder or in VITRUVIAN_SHARED")
