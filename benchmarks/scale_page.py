"""docs/scale.md: scale.template.md with the figures of `benchmarks.scale`; none of a measurement is typed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.markdown import table
from dashgen.model.environment import Environment

Figures = dict[str, Any]
"""`machine`, and `results`: for each count its `commands` (seconds of the wall and of the processor, bytes of the
largest process) and its `size` (bytes of the tree, and of what git keeps of it)."""

TEMPLATE = Path(__file__).with_name("scale.template.md")
ROWS = {
    "build": "`dashgen build`",
    "build again": "`dashgen build`, nothing changed",
    "scan": "read, hash and parse each file once",
    "git add": "`git add`",
    "git commit": "`git commit`",
    "git status": "`git status`",
    "git commit of one change": "`git commit -a` of one change",
    "git clone": "`git clone` from the same disk",
}


def _seconds(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _table(results: list[dict[str, Any]]) -> Iterator[str]:
    heads = [f"{what}, {one['count']:,}" for what in ("processor s", "wall s", "peak MB") for one in results]
    rows = []
    for key, name in ROWS.items():
        runs = [one["commands"][key] for one in results]
        cells = [
            *(_seconds(processor) for _, processor, _ in runs),
            *(_seconds(wall) for wall, _, _ in runs),
            *(f"{memory / 1e6:,.0f}" for _, _, memory in runs),
        ]
        rows.append((name, *cells))
    return table(("command", *heads), rows)


def page(figures: Figures) -> str:
    """The page."""
    results = figures["results"]
    last, interval = results[-1], Environment("any").update_seconds
    runs, (tree, kept) = last["commands"], last["size"]
    processor = {name: run[1] for name, run in runs.items()}
    _, build, peak = runs["build"]
    scan = processor["scan"]
    return TEMPLATE.read_text(encoding="utf-8").format(
        counts=" and ".join(f"{one['count']:,}" for one in results),
        processor=figures["machine"]["processor"],
        cores=figures["machine"]["cores"],
        memory=figures["machine"]["memory"],
        table="\n".join(_table(results)),
        interval=interval,
        count=f"{last['count']:,}",
        scan=_seconds(scan),
        load="more than one core has" if scan > interval else f"{scan / interval:.0%} of a core, always",
        each=f"{build / last['count'] * 1000:.1f}",
        each_memory=f"{peak / last['count'] / 1000:,.0f}",
        peak=f"{peak / 1e9:,.1f}",
        add=_seconds(processor["git add"]),
        status=_seconds(processor["git status"]),
        clone=_seconds(processor["git clone"]),
        kept=f"{kept / 1e6:,.0f}",
        tree=f"{tree / 1e6:,.0f}",
    )
