"""docs/queries.md, from the figures of one run: nothing in it is typed by hand."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median
from typing import Any

from benchmarks.markdown import load_line, machine_line, middle, p95, paragraph, table
from benchmarks.queries.draft import DRAFT
from benchmarks.queries.measure import HOURS, LOAD_TARGET, REFRESH, TARGETS, VIEWERS, Figures

OWN_LOAD = 4.0
"""Two cores, and what waits for them."""
LATE = 0.1
"""Seconds by which a refresh may begin late, and is not said to have queued."""


def page(figures: Figures) -> str:
    lines = [
        "# Queries at scale",
        "",
        *paragraph(
            "Made by `make queries`; no figure here is typed by hand. Every query of the shipped dashboards, expanded "
            "as the QuestDB plugin does it with All chosen in each variable, over PG wire, from sending to the last "
            f"row received. Milliseconds: the median of {figures['runs']} runs, and in brackets what 95 of 100 stay "
            "below; the first run, which reads cold pages, is left out. The processor's milliseconds are the server's "
            "on all cores, its background work included; others on the machine change them little."
        ),
        "",
        machine_line(figures),
        load_line(figures["loads"], OWN_LOAD),
        "",
        f"`SELECT 1` over the same wire takes {middle(figures['floor']['ms'], 2)} ms.",
        "",
        "## Rows",
        "",
        f"{figures['days']} days of the shipped fleet.",
        "",
        *table(
            ("table or view", "rows", "MB"),
            [(f"`{one['name']}`", f"{one['rows']:,}", f"{one['bytes'] / 1e6:,.0f}") for one in figures["tables"]],
        ),
        "",
        "## Targets",
        "",
        *_targets(figures),
        "",
        *_viewers(figures),
        *_dashboards(figures),
        "",
        "## Beside the first draft's queries",
        "",
        *paragraph(
            "What the data model's examples take, changed no more than it takes to run, and below each the panel that "
            "answers the same question. As written, the server refuses most of them."
        ),
        "",
        *table(("query", "panel", *map(_range, HOURS), "as written"), [*_draft(figures)], left=2),
        "",
        *_plans(figures),
        "## Measure again",
        "",
        "    make queries",
        "    python -m benchmarks.queries --only 'Longest gap' --seconds 0",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _range(hours: int) -> str:
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def _missed(figures: Figures, hours: int) -> list[dict[str, Any]]:
    """Refused ones too."""
    found = [(one, one["found"][str(hours)]) for one in figures["shipped"]]
    return [one for one, at in found if "refusal" in at or median(at["ms"]) > TARGETS[hours]]


def _targets(figures: Figures) -> Iterator[str]:
    count = len(figures["shipped"])
    for hours, most in TARGETS.items():
        missed = _missed(figures, hours)
        said = f"- At {_range(hours)} a median of at most {most:g} ms: {count - len(missed)} of {count} queries."
        names = "; ".join(f"{one['query']} ({_one(one['found'][str(hours)])})" for one in missed)
        yield f"{said} **Missed**: {names}." if missed else f"{said} Met."
    for one in figures["viewers"]:
        seconds = [load["seconds"] for load in one["loads"]]
        if p95(seconds) > LOAD_TARGET:
            yield f"- A whole load of {one['dashboard']} within {LOAD_TARGET:g} s, of 95 in 100: **missed**."


def _one(found: dict[str, Any]) -> str:
    """With the best run, which others on the machine disturb least."""
    return f"{_cell(found)} ms, best {min(found['ms']):,.1f}" if "ms" in found else _cell(found)


def _viewers(figures: Figures) -> Iterator[str]:
    if not figures["viewers"]:
        return
    yield "## Five viewers"
    yield ""
    yield from paragraph(
        f"{VIEWERS} viewers of one dashboard, a refresh each {REFRESH:g} s, over its own range. Each asks the "
        "variables, then the panels and annotations, six requests at a time, as a browser does over "
        f"HTTP/1.1. Seconds are those of a whole load; the target is {LOAD_TARGET:g} s for 95 of 100. A "
        "refresh queued where the one before still ran."
    )
    yield ""
    rows = []
    for one in figures["viewers"]:
        seconds = [load["seconds"] for load in one["loads"]]
        queued = sum(load["waited"] > LATE for load in one["loads"])
        failed = sum(bool(load["failures"]) for load in one["loads"])
        rows.append(
            (one["dashboard"], f"{one['queries']}", f"{len(seconds):,}", f"{median(seconds):.2f}",
             f"{p95(seconds):.2f}", f"{max(seconds):.2f}", f"{queued}", f"{failed}")
        )  # fmt: skip
    yield from table(("dashboard", "queries", "loads", "median s", "p95 s", "longest s", "queued", "failed"), rows)
    yield ""


def _dashboards(figures: Figures) -> Iterator[str]:
    yield "## Every query"
    for uid, queries in groupby(figures["shipped"], key=lambda one: str(one["dashboard"])):
        yield ""
        yield f"### {uid}"
        yield ""
        rows = [
            (one["name"], one["kind"], *(_cell(one["found"][str(hours)]) for hours in HOURS), *_longest(one["found"]))
            for one in queries
        ]
        last = _range(HOURS[-1])
        yield from table(
            ("query", "kind", *map(_range, HOURS), f"processor ms at {last}", f"rows at {last}"), rows, left=2
        )


def _cell(found: dict[str, Any]) -> str:
    return middle(found["ms"]) if "ms" in found else f"refused: {found['refusal']}"


def _longest(found: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """The processor's time and the rows of the longest range."""
    one = found[str(HOURS[-1])]
    return (f"{one['processor']:,.0f}" if "processor" in one else "–", f"{one.get('rows', 0):,}")


def _draft(figures: Figures) -> Iterator[Sequence[str]]:
    shipped = {(one["dashboard"], one["name"]): one["found"] for one in figures["shipped"]}
    for one, declared in zip(figures["draft"], DRAFT, strict=False):
        refused = one["as_written"].get("refusal")
        cells = [_cell(one["found"][str(hours)]) for hours in HOURS]
        yield (one["name"], "mended", *cells, f"refused: {refused}" if refused else "runs")
        panel = shipped.get((declared.dashboard, declared.panel))
        if panel:
            yield ("", f"{declared.dashboard} › {declared.panel}", *(_cell(panel[str(h)]) for h in HOURS), "")


def _plans(figures: Figures) -> Iterator[str]:
    if not figures["plans"]:
        return
    yield "## Plans of what missed"
    yield ""
    for name, plan in figures["plans"].items():
        yield f"{name}:"
        yield ""
        yield textwrap.indent(plan, "    ")
        yield ""
