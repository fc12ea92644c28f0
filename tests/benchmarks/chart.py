"""What a decision costs, over the number of policies: an SVG with two logarithmic axes."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.sax.saxutils import escape

from tests.benchmarks.table import Row

__all__ = ["chart"]

WIDTH, HEIGHT = 820, 440
LEFT, RIGHT, TOP, BOTTOM = 76, 230, 56, 52
GAP = 17
"""Between two labels, from one to the next."""

LINES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "hit": ("policy_engine, answer reused", "ours"),
        "miss": ("policy_engine, new question", "ours dashed"),
        "bare cedarpy": ("cedarpy, all parsed", "bare"),
        "cedarpy from text": ("cedarpy, from text", "text"),
        "Cedarling": ("Cedarling", "other"),
    }
)
"""By name: what stands beside a line, and its class."""

STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 16px; font-weight: 600; }
    .grid { stroke: #d0d7de; }
    .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
    .dashed { stroke-dasharray: 7 4; }
    .ours { stroke: #0969da; } circle.ours { fill: #0969da; stroke-dasharray: none; }
    .bare { stroke: #57606a; } circle.bare { fill: #57606a; }
    .text { stroke: #9a6700; } circle.text { fill: #9a6700; }
    .other { stroke: #cf222e; } circle.other { fill: #cf222e; }
    .back { fill: #ffffff; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .grid { stroke: #30363d; } .back { fill: #0d1117; }
      .ours { stroke: #58a6ff; } circle.ours { fill: #58a6ff; }
      .bare { stroke: #9198a1; } circle.bare { fill: #9198a1; }
      .text { stroke: #d29922; } circle.text { fill: #d29922; }
      .other { stroke: #ff7b72; } circle.other { fill: #ff7b72; }
    }"""


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a figure is drawn."""

    policies: tuple[float, float]
    costs: tuple[float, float]

    def x(self, policies: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * _part(policies, *self.policies)

    def y(self, cost: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * _part(cost, *self.costs)


def chart(rows: Iterable[Row]) -> str:
    """Draw the rows that are points of a line."""
    lines: dict[str, dict[int, float]] = {name: {} for name in LINES}
    for row in rows:
        if row.line is not None and row.policies is not None:
            lines[row.line][row.policies] = row.value
    lines = {name: points for name, points in lines.items() if points}
    counts = [count for points in lines.values() for count in points]
    costs = [cost for points in lines.values() for cost in points.values()]
    powers = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs)))
    axes = _Axes((min(counts), max(counts)), (10.0 ** powers[0], 10.0 ** powers[1]))
    said = "; ".join(_said(name, points) for name, points in lines.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="title description">',
        '  <title id="title">What a decision costs, by the number of policies</title>',
        f'  <desc id="description">Medians, in microseconds. {escape(said)}.</desc>',
        f"  <style>{STYLE}\n  </style>",
        f'  <rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'  <text class="title" x="{LEFT}" y="28">Time of a decision, by the number of policies</text>',
        *_grid(axes, sorted(set(counts)), range(powers[0], powers[1] + 1)),
        *_drawn(axes, lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(axes: _Axes, counts: list[int], powers: range) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for power in powers:
        y = axes.y(10.0**power)
        yield f'  <line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        yield f'  <text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_cost(10.0**power)}</text>'
    for count in counts:
        x = axes.x(count)
        yield f'  <line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>'
        yield f'  <text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{count:,}</text>'
    middle = (LEFT + right) / 2
    yield f'  <text x="{middle:.1f}" y="{HEIGHT - 10}" text-anchor="middle">policies</text>'


def _drawn(axes: _Axes, lines: Mapping[str, Mapping[int, float]]) -> Iterator[str]:
    ends = {name: axes.y(points[max(points)]) for name, points in lines.items()}
    lowest = -math.inf
    for name in sorted(ends, key=ends.__getitem__):
        label, kind = LINES[name]
        points = [(axes.x(count), axes.y(cost)) for count, cost in sorted(lines[name].items())]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lowest = max(ends[name], lowest + GAP)
        yield f'  <polyline class="line {kind}" points="{path}"/>'
        yield from (f'  <circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points)
        yield f'  <text x="{points[-1][0] + 10:.1f}" y="{lowest + 4:.1f}">{label}</text>'


def _part(value: float, least: float, most: float) -> float:
    return math.log(value / least) / math.log(most / least) if most > least else 0.5


def _cost(microseconds: float) -> str:
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:g} {unit}"
    return f"{microseconds:g} µs"


def _said(name: str, points: Mapping[int, float]) -> str:
    told = ", ".join(f"{cost:.0f} at {count:,}" for count, cost in sorted(points.items()))
    return f"{LINES[name][0]}: {told}"
