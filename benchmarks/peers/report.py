"""docs/benchmarks.md and its chart, from the figures of one run: nothing in them is typed by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import median
from xml.sax.saxutils import escape

from benchmarks.markdown import load_line, table
from benchmarks.peers.measure import PEERS
from benchmarks.peers.results import Figures, Results, at_most, peer_targets, targets

BUSY = 2.0
"""The load average that the measurement makes itself: a peer, and the system that writes its files."""
COLOURS = ("#1f60c4", "#e0752d", "#8f3bb8", "#37872d", "#c4162a", "#808080")


def _times(found: Results, what: str) -> Iterator[str]:
    """Milliseconds a dashboard by peer and count: the median, and the least and most."""

    def cell(name: str, count: int) -> str:
        values = [value / count * 1000 for value in found.all(name, count, what)]
        if len(values) == 1:
            return f"{values[0]:,.2f} (1 run)"
        fewer = f"; {len(values)} runs" if len(values) < found.runs else ""
        return f"{median(values):,.2f} ({min(values):,.2f}–{max(values):,.2f}{fewer})"

    return _by_count(found, cell)


def _by_count(found: Results, cell: Callable[[str, int], str]) -> Iterator[str]:
    head = ("peer", *(f"{count:,}" for count in found.counts))
    return table(head, [(name, *(cell(name, count) for count in found.counts)) for name in found.names])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def _targets(found: Results) -> Iterator[str]:
    return table(
        ("target", "at most", "measured", "", ""),
        [
            (
                one.what,
                f"{_number(one.most)} {one.unit}".rstrip(),
                f"{_number(one.measured)} {one.unit}".rstrip(),
                f"{one.measured / one.most:.0%}",
                "met" if one.is_met else "**missed**",
            )
            for one in targets(found)
        ],
    )


def _commands(found: Results) -> Iterator[str]:
    def cell(name: str, what: str) -> str:
        values = found.command(name, what)
        return f"{median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"

    return table(
        ("command", "processor ms", "wall ms"),
        [(name, cell(name, "processor"), cell(name, "wall")) for name in found.commands],
    )


def _stages(found: Results) -> Iterator[str]:
    """Of the first stage, which each build has once, the milliseconds; of the others those of a dashboard."""
    head = [f"{profile['count']:,}" for profile in found.profiles]
    rows = []
    for number, first in enumerate(found.profiles[0]["stages"]):
        stages = [(profile["count"], profile["stages"][number]) for profile in found.profiles]
        once = number == 0
        rows.append(
            (
                f"{first['name']}{', once' if once else ''}",
                *(f"{one['processor'] * 1000 / (1 if once else count):,.2f}" for count, one in stages),
                *(f"{one['peak'] / 1e6:,.0f}" for _, one in stages),
            )
        )
    return table(("stage", *(f"ms, {one}" for one in head), *(f"peak MB, {one}" for one in head)), rows)


def _functions(figures: Figures) -> Iterator[str]:
    profile = figures["functions"]
    whole = sum(stage["processor"] for stage in profile["stages"])
    return table(
        ("function", "calls a dashboard", "share of the time"),
        [
            (f"`{name}`", f"{calls / profile['count']:,.1f}", f"{seconds / whole:.1%}")
            for name, calls, seconds in profile["functions"]
        ],
    )


def _bounds(found: Results) -> Iterator[str]:
    """What of a target no trimming can take away: the start, the objects of the specs, and the floor."""
    floor = next(peer.name for peer in PEERS if peer.module == "floor")
    count = at_most(found, 1000)
    profile = next((one for one in found.profiles if one["count"] == count), None)
    if profile is None or floor not in found.names:
        return

    def each(peer: str) -> float:
        return found.median(peer, count, "processor") * 1000 / count

    took = {stage["name"]: stage["processor"] * 1000 / count for stage in profile["stages"]}
    least = took["start"] + took["load"] + each(floor)
    for target in peer_targets(found):
        if not target.is_met:
            allowed = target.share * each(target.peer)
            yield (
                f"- {target.share:.2f} of what {target.peer} takes is {allowed:.2f} ms a dashboard. The start takes"
                f" {took['start']:.2f}, the objects of the specs, each checked when it is made, {took['load']:.2f}, and"
                f" {floor}, the floor, {each(floor):.2f}: together {least:.2f}, {least / allowed:.1f} times as much."
            )


def page(figures: Figures) -> str:
    """The page: figures, the machine they are of, and how to make them again."""
    found = Results(figures)
    machine = figures["machine"]
    first, last = found.counts[0], found.counts[-1]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; no figure here is typed by hand. All peers write the same dashboards of 20 SQL panels,",
        f"in turn, {figures['runs']} times each (fewer where all runs of a peer and count would take more than",
        f"{figures['budget']:g} s), as whole commands from Python's start to files on disk. The figure of dashgen has",
        "loading, checks, rendering and the validation against closed schemas in it; no peer validates. The time of",
        "the processor is that of user and system, which others' work on the machine changes least. A cell is the",
        "median, with the least and the most in parentheses.",
        "",
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory']}; {machine['system']};",
        f"Python {machine['python']}. {load_line(figures['loads'], BUSY)}",
        "",
        "![Milliseconds a dashboard, by the number of dashboards](benchmarks.svg)",
        "",
        "## Targets",
        "",
        "Of medians. One more dashboard is what a count takes beyond the fewest, so without the start. Memory beyond",
        "the specs is what the peak of a build grows by a dashboard, without the objects that the specs make: a build",
        "that held all documents would have 1 or more.",
        "",
        *_targets(found),
        "",
        "## Milliseconds of the processor a dashboard",
        "",
        *_times(found, "processor"),
        "",
        "## Milliseconds of the wall a dashboard",
        "",
        *_times(found, "wall"),
        "",
        "## dashgen's share of a peer's time",
        "",
        "Medians of the processor's time; 0.33 means a third of what the peer takes.",
        "",
        *table(
            ("peer", *(f"{count:,}" for count in found.counts)),
            [
                (name, *(f"{found.share(name, count):.2f}" for count in found.counts))
                for name in found.names
                if "dashgen" in found.names and name != "dashgen"
            ],
        ),
        "",
        "## Peak memory",
        "",
        "Megabytes of the largest process.",
        "",
        *_by_count(found, lambda name, count: f"{found.median(name, count, 'memory') / 1e6:,.0f}"),
        "",
        "## Start-up and size",
        "",
        f"Start-up is {first:,} dashboard{'s' if first > 1 else ''}, of the wall; one more dashboard is at {last:,}.",
        "",
        *table(
            ("peer", "start-up ms", "one more dashboard, ms", "KB a dashboard", "version"),
            [
                (
                    name,
                    f"{found.median(name, first, 'wall') * 1000:,.0f}",
                    f"{found.each(name, last) * 1000:,.2f}" if last > first else "",
                    f"{found.median(name, last, 'written') / last / 1000:,.1f}",
                    figures["versions"][name],
                )
                for name in found.names
            ],
        ),
        "",
        "Commands of dashgen, by `python -m benchmarks.startup`; `check` is on the shipped specs, with the answers of",
        "the run before in its cache.",
        "",
        *_commands(found),
        "",
        "## Where dashgen's time and memory go",
        "",
        "Milliseconds of the processor a dashboard, and the peak at the end of each stage, by the number of dashboards",
        "(`python -m benchmarks.peers.stages 1000 OUT`). Rendering, validation and writing take turns, dashboard by",
        "dashboard.",
        "",
        *_stages(found),
    ]
    if any(not one.is_met for one in targets(found)):
        lines += [
            "",
            "## Why a target is missed",
            "",
            f"The functions that take most of a build of {figures['functions']['count']:,} dashboards, under Python's",
            "profiler, which slows small functions down most: the share of each alone, without what it calls.",
            "",
            *_functions(figures),
        ]
        if bounds := [*_bounds(found)]:
            lines += ["", *bounds]
    lines += [
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
