"""Curves over the steps of a run as SVG text, for pages: no package is needed, and they take the page's colours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 260  # of a chart, in the units of its view box
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 16, 40  # margins
COLOURS = ("#1f78c8", "#e07a10", "#3a9a4e", "#9a4ea8")
TICKS = 5  # on an axis, about
MOST = 400  # points of a curve that are drawn; of more, means of neighbours


@dataclass(frozen=True)
class Curve:
    """A line through points (x, y), x rising. marked: a point with a ring around it, such as the best."""

    name: str
    points: Sequence[tuple[float, float]]
    marked: tuple[float, float] | None = None


def svg_curves(curves: Sequence[Curve], across: str, upward: str, logarithmic: bool = False) -> str:
    """A chart as one <svg> element; points that are not finite, or not over 0 on a logarithmic axis, are left out."""
    shown = [Curve(one.name, _thinned(_drawable(one.points, logarithmic)), one.marked) for one in curves]
    points = [point for one in shown for point in one.points]
    if not points:
        return "<p>There is nothing to draw yet.</p>"
    low, high = _span([y for _, y in points], logarithmic)
    frame = _Frame(min(x for x, _ in points), max(x for x, _ in points), low, high, logarithmic)
    parts = [*_axes(frame, across, upward), *(part for n, one in enumerate(shown) for part in _curve(one, n, frame))]
    label = escape(f"{upward} over {across}")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">\n' + "\n".join(parts) + "\n</svg>"


def ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """About `count` round numbers, of 1, 2 or 5 times a power of ten apart, from low to high."""
    if not high > low:
        return [low]
    rough = (high - low) / count
    unit = 10 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough * (1 - 1e-9))
    return [round(k * step, 12) for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


@dataclass(frozen=True)
class _Frame:
    """Values -> places in the chart."""

    first: float
    last: float
    low: float
    high: float
    logarithmic: bool

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * _share(value, self.first, self.last)

    def y(self, value: float) -> float:
        ends = (value, self.low, self.high)
        share = _share(*map(math.log, ends)) if self.logarithmic else _share(*ends)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def _drawable(points: Sequence[tuple[float, float]], logarithmic: bool) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points if math.isfinite(y) and (y > 0 or not logarithmic)]


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most `MOST` points: the means of neighbours."""
    size = math.ceil(len(points) / MOST) or 1
    groups = [points[first : first + size] for first in range(0, len(points), size)]
    return [(sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group)) for group in groups]


def _span(values: list[float], logarithmic: bool) -> tuple[float, float]:
    """The ends of the upward axis, a little more than the values need."""
    low, high = min(values), max(values)
    if logarithmic:
        return low / 1.1, high * 1.1
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - margin, high + margin


def _axes(frame: _Frame, across: str, upward: str) -> list[str]:
    bottom = HEIGHT - BOTTOM
    marks = [
        f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="currentColor" stroke-opacity=".5"/>'
    ]
    for value in _upward_ticks(frame):
        y = frame.y(value)
        marks.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".12"/>')
        marks.append(_text(LEFT - 6, y + 4, f"{value:g}", "end"))
    marks += [_text(frame.x(value), bottom + 15, f"{value:,.0f}", "middle") for value in _across_ticks(frame)]
    marks.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across, "middle"))
    return [*marks, _text(LEFT, TOP - 5, upward, "start")]


def _upward_ticks(frame: _Frame) -> list[float]:
    if not frame.logarithmic or frame.high < 10 * frame.low:
        return ticks(frame.low, frame.high)
    powers = range(math.floor(math.log10(frame.low)), math.ceil(math.log10(frame.high)) + 1)
    round_numbers = (float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5))
    return [value for value in round_numbers if frame.low <= value <= frame.high]


def _across_ticks(frame: _Frame) -> list[float]:
    return [value for value in ticks(frame.first, frame.last) if value == int(value)]


def _curve(one: Curve, number: int, frame: _Frame) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    line = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in one.points)
    parts = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>']
    if len(one.points) == 1:
        parts.append(_ring(one.points[0], 2, colour, frame))
    if one.marked is not None:
        parts.append(_ring(one.marked, 5, colour, frame))
    return [*parts, _text(WIDTH - RIGHT, TOP + 12 + 16 * number, one.name, "end", colour)]


def _ring(point: tuple[float, float], radius: float, colour: str, frame: _Frame) -> str:
    place = f'cx="{frame.x(point[0]):.1f}" cy="{frame.y(point[1]):.1f}" r="{radius}"'
    return f'<circle {place} fill="none" stroke="{colour}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "currentColor") -> str:
    style = f'text-anchor="{anchor}" font-size="12" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
