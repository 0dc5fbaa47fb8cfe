"""A page of pictures for people: one HTML file without scripts, with everything it shows inside."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

import cv2
import numpy as np

QUALITY = 85  # of the JPEG pictures

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 1rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 1rem; }
.pairs { grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); }
figure { margin: 0; } img { width: 100%; border-radius: 6px; background: #8883; }
figcaption { font-size: .8rem; overflow-wrap: anywhere; } .faint { opacity: .65; }
"""


def html_page(title: str, parts: Iterable[str]) -> str:
    """The page: a heading, and below it the parts, which are HTML already."""
    head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>'
    return "\n".join([head, f"<style>{STYLE}</style>", f"<h1>{escape(title)}</h1>", *parts, "</html>\n"])


def html_table(rows: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> str:
    """A table of texts."""
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in heading)] if heading else []
    lines += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    return "<table>\n" + "\n".join(f"<tr>{line}</tr>" for line in lines) + "\n</table>"


def html_picture(image: np.ndarray, caption: str) -> str:
    """A figure of an image (H, W, 3) uint8 RGB with text below it."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    source = f"data:image/jpeg;base64,{b64encode(data.tobytes()).decode()}"
    return f'<figure><img alt="" src="{source}"><figcaption>{escape(caption)}</figcaption></figure>'


def html_cards(figures: Sequence[str], kind: str = "") -> str:
    """Figures side by side, as many in a row as there is room for. kind: "pairs" for wide ones."""
    return f'<div class="{f"cards {kind}".strip()}">\n' + "\n".join(figures) + "\n</div>"
