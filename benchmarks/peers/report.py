"""docs/benchmarks.md and its chart, from the figures of one run: nothing in them is typed by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.peers.measure import PEERS

Figures = dict[str, Any]
"""`machine`, `versions`, `runs`, and `results`: for each peer and count a list of runs (see `measure.Run`)."""

COLOURS = ("#1f60c4", "#e0752d", "#8f3bb8", "#37872d", "#c4162a", "#808080")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join(["---", *["--:"] * (len(head) - 1)]) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


class Results:
    """The figures by peer and count."""

    def __init__(self, figures: Figures) -> None:
        self.counts: list[int] = sorted({result["count"] for result in figures["results"]})
        self.names = [peer.name for peer in PEERS if any(r["peer"] == peer.name for r in figures["results"])]
        self._runs = {(r["peer"], r["count"]): r["runs"] for r in figures["results"]}

    def all(self, name: str, count: int, what: str) -> list[float]:
        return [float(run[what]) for run in self._runs.get((name, count), ())]

    def median(self, name: str, count: int, what: str) -> float:
        return median(self.all(name, count, what))

    def each(self, name: str, count: int) -> float:
        """Milliseconds of the processor a dashboard, without what one dashboard takes (the start)."""
        start = self.median(name, self.counts[0], "processor")
        return (self.median(name, count, "processor") - start) / (count - self.counts[0]) * 1000


def _milliseconds(values: Sequence[float], count: int) -> str:
    best, middle = min(values) / count * 1000, median(values) / count * 1000
    return f"{middle:,.2f} ({best:,.2f})" if len(values) > 1 else f"{middle:,.2f} (1 run)"


def page(figures: Figures) -> str:
    """The page: figures, the machine they are of, and how to make them again."""
    found = Results(figures)
    machine = figures["machine"]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; no figure here is typed by hand. All peers write the same dashboards of 20 SQL panels,",
        f"in turn, {figures['runs']} times each, as whole commands from Python's start to files on disk. The figure of",
        "dashgen has loading, checks, rendering and the validation against closed schemas in it; no peer validates.",
        "Milliseconds are the processor's (user and system), which others' work on the machine changes least.",
        "",
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory']}; {machine['system']};",
        f"Python {machine['python']}.",
        "",
        "![Milliseconds a dashboard, by the number of dashboards](benchmarks.svg)",
        "",
        "## Milliseconds a dashboard: median (best)",
        "",
        *_table(
            ("peer", *(f"{count:,}" for count in found.counts)),
            [
                (name, *(_milliseconds(found.all(name, count, "processor"), count) for count in found.counts))
                for name in found.names
            ],
        ),
        "",
        "## dashgen's share of a peer's time",
        "",
        "Medians of the processor's time; 0.33 means a third of what the peer takes.",
        "",
        *_table(
            ("peer", *(f"{count:,}" for count in found.counts)),
            [
                (
                    name,
                    *(
                        f"{found.median('dashgen', c, 'processor') / found.median(name, c, 'processor'):.2f}"
                        for c in found.counts
                    ),
                )
                for name in found.names
                if name != "dashgen"
            ],
        ),
        "",
        "## Start-up, memory, bytes",
        "",
        f"Start-up is one dashboard, of the wall; memory is the largest process's peak at {found.counts[-1]:,}.",
        "",
        *_table(
            ("peer", "start-up ms", "one more dashboard, ms", "peak MB", "KB a dashboard", "version"),
            [
                (
                    name,
                    f"{found.median(name, found.counts[0], 'wall') * 1000:,.0f}",
                    f"{found.each(name, found.counts[-1]):,.2f}" if len(found.counts) > 1 else "",
                    f"{found.median(name, found.counts[-1], 'memory') / 1e6:,.0f}",
                    f"{found.median(name, found.counts[-1], 'written') / found.counts[-1] / 1000:,.1f}",
                    figures["versions"][name],
                )
                for name in found.names
            ],
        ),
        "",
        "## Run one of them",
        "",
        *(f"    time python -m benchmarks.peers.{p.module} 1000 OUT" for p in PEERS if p.name in found.names),
    ]
    return "\n".join(lines) + "\n"


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 150, 30, 50


def chart(figures: Figures) -> str:
    """Milliseconds a dashboard over the number of dashboards, both axes logarithmic, as SVG."""
    found = Results(figures)
    cost = {
        name: [found.median(name, count, "processor") / count * 1000 for count in found.counts] for name in found.names
    }
    low = math.floor(math.log10(min(min(values) for values in cost.values())))
    high = math.ceil(math.log10(max(max(values) for values in cost.values())))
    steps = max(len(found.counts) - 1, 1)

    def x(index: int) -> float:
        return LEFT + index / steps * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(value) - low) / max(high - low, 1) * (HEIGHT - TOP - BOTTOM)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<style>text { font-size: 12px }</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="18" fill="#222222">milliseconds of the processor a dashboard</text>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        lines += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#dddddd"/>',
            f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#555555">{10**power:g}</text>',
        ]
    for index, count in enumerate(found.counts):
        lines.append(
            f'<text x="{x(index):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555555">{count:,}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    lines.append(f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle" fill="#222222">dashboards</text>')
    labels: list[float] = []
    for name, colour in sorted(zip(found.names, COLOURS, strict=False), key=lambda one: -cost[one[0]][-1]):
        points = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(cost[name]))
        at = max(y(cost[name][-1]) + 4, labels[-1] + 15 if labels else 0.0)
        labels.append(at)
        lines += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{WIDTH - RIGHT + 8}" y="{at:.1f}" fill="{colour}">{escape(name)}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"
