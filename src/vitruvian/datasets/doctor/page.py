"""The doctor's report as one page for people: what was found, with small pictures, in a single file without scripts."""

from base64 import b64encode
from collections.abc import Iterator
from html import escape

import cv2
import numpy as np

from vitruvian.datasets.dataset import Dataset
from vitruvian.datasets.doctor.finding import KINDS, Finding
from vitruvian.datasets.doctor.report import Report
from vitruvian.draw import draw_poses
from vitruvian.errors import PoseError
from vitruvian.geometry import Crop
from vitruvian.media import read_image
from vitruvian.structures import Poses

PICTURED = 24  # findings of a kind that are shown with a picture
LISTED = 500  # findings of a kind that are named
SIDE = 220  # pixels of a picture
RING = (255, 64, 96)  # the colour around the keypoints that are meant

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } td, th { padding: .15rem .8rem .15rem 0; text-align: left; }
td.number { text-align: right; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 1rem; }
figure { margin: 0; } img { width: 100%; border-radius: 6px; background: #8883; }
figcaption { font-size: .8rem; overflow-wrap: anywhere; } .faint { opacity: .65; }
li { overflow-wrap: anywhere; }
"""


def page(report: Report) -> str:
    """The HTML of a report."""
    name, found = escape(report.dataset.name), f"{len(report.findings):,}"
    counts = f"{len(report.dataset):,} images, {len(report.dataset.labels):,} instances"
    parts = [
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{name}: what the doctor found</title>',
        f"<style>{STYLE}</style>",
        f"<h1>{name}</h1>\n<p>{counts}, {escape(report.dataset.skeleton.name)}. Findings: {found}.</p>",
        *(f'<p class="faint">{escape(note)}</p>' for note in report.notes),
        _overview(report),
        *_sections(report),
        "</html>\n",
    ]
    return "\n".join(parts)


def _overview(report: Report) -> str:
    rows = "\n".join(
        f'<tr><td><a href="#{kind}">{_title(kind)}</a></td><td class="number">{count:,}</td>'
        f"<td>{escape(KINDS[kind])}</td></tr>"
        for kind, count in report.counts().items()
    )
    return f"<table>\n{rows}\n</table>" if rows else "<p>Nothing was found.</p>"


def _sections(report: Report) -> Iterator[str]:
    rows = {number: row for row, number in enumerate(report.dataset.labels.ids.tolist())}
    images = {str(file): row for row, file in enumerate(report.dataset.labels.files)}
    for kind, count in report.counts().items():
        found = [finding for finding in report.findings if finding.kind == kind]
        yield f'<h2 id="{kind}">{_title(kind)} <span class="faint">{count:,}</span></h2>\n<p>{escape(KINDS[kind])}</p>'
        cards = "\n".join(_card(report.dataset, one, images, rows) for one in found[:PICTURED])
        yield f'<div class="cards">\n{cards}\n</div>'
        rest = found[PICTURED : PICTURED + LISTED]
        if rest:
            yield "<ul>\n" + "\n".join(f"<li>{_caption(one)}</li>" for one in rest) + "\n</ul>"
        if len(found) > PICTURED + LISTED:
            yield f"<p>{len(found) - PICTURED - LISTED:,} more are in the json report.</p>"


def _title(kind: str) -> str:
    return kind.replace("_", " ")


def _caption(finding: Finding) -> str:
    instance = "" if finding.instance is None else f", instance {finding.instance}"
    sure = "" if finding.likelihood == 1 else f' <span class="faint">{finding.likelihood:.0%}</span>'
    return f"<b>{escape(finding.image)}</b>{instance}: {escape(finding.message)}{sure}"


def _card(dataset: Dataset, finding: Finding, images: dict[str, int], rows: dict[int, int]) -> str:
    row = None if finding.instance is None else rows[finding.instance]
    picture = _picture(dataset, images[finding.image], row, finding)
    shown = f'<img alt="" src="data:image/jpeg;base64,{picture}">' if picture else ""
    return f"<figure>{shown}<figcaption>{_caption(finding)}</figcaption></figure>"


def _picture(dataset: Dataset, image: int, row: int | None, finding: Finding) -> str:
    """A small JPEG in base64: the person with its labels, or the whole image; empty where it cannot be read."""
    try:
        pixels = read_image(dataset.path(image))
    except (PoseError, OSError):
        return ""
    xy = None if row is None else dataset.labels.xy[row]
    crop = _crop(pixels, xy, None if row is None else dataset.labels.boxes[row])
    small = crop.cut(pixels)
    if xy is not None:
        small = _marked(small, crop.to_input(xy), dataset, finding)
    done, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 82))
    return b64encode(data.tobytes()).decode() if done else ""


def _crop(pixels: np.ndarray, xy: np.ndarray | None, box: np.ndarray | None) -> Crop:
    """The part of the image with the person's points and box, or all of it."""
    height, width = pixels.shape[:2]
    corners = np.empty((0, 2))
    if xy is not None and box is not None:
        corners = np.concatenate([xy, box.reshape(2, 2)])
        corners = corners[np.isfinite(corners).all(1)].clip([-width, -height], [2 * width, 2 * height])
    if not len(corners) or np.ptp(corners, axis=0).max() < 1:
        corners = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    low, high = corners.min(0), corners.max(0)
    return Crop.around(np.concatenate([low, np.maximum(high, low + 1)]), (SIDE, SIDE), 1.15)


def _marked(small: np.ndarray, xy: np.ndarray, dataset: Dataset, finding: Finding) -> np.ndarray:
    """The labels (K, 2) on the picture, with rings around the keypoints that are meant."""
    poses = Poses(xy[None].astype(np.float32), np.ones((1, len(xy)), np.float32), np.zeros((1, 4), np.float32))
    drawn = draw_poses(small, poses, dataset.skeleton)
    for name in finding.keypoints if finding.kind != "swapped_sides" else ():
        point = xy[dataset.skeleton.index(name)]
        if np.isfinite(point).all() and (np.abs(point) < 10 * SIDE).all():
            x, y = np.round(point).astype(int).tolist()
            cv2.circle(drawn, (x, y), 9, RING, 2, cv2.LINE_AA)
    return drawn
