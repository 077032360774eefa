"""What of a v2 dashboard has no place in a classic one, said for a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from dashgen.grafana.dashboards.document import Json, mapping, objects, text
from dashgen.grafana.dashboards.v2.layout import AUTO_GRID, GRID, ROWS, TABS

_SENTENCES = {
    "tabs": ("1 tab became an open row", "{} tabs became open rows"),
    "auto grid": ("panels of 1 auto grid got fixed places", "panels of {} auto grids got fixed places"),
    "nested": (
        "1 row that was within a row or tab stands beside it",
        "{} rows that were within a row or tab stand beside it",
    ),
    "line": (
        "panels of 1 row stand on the line of its header, as Grafana places them beside tabs",
        "panels of {} rows stand on the lines of their headers, as Grafana places them beside tabs",
    ),
    "condition": ("1 part is shown whatever its condition says", "{} parts are shown whatever their conditions say"),
    "screen": ("1 row no longer fills the screen", "{} rows no longer fill the screen"),
    "repeat": ("1 row of rows or tabs is not repeated", "{} rows of rows or tabs are not repeated"),
    "folded": ("1 folded row of rows or tabs is open", "{} folded rows of rows or tabs are open"),
    "variable": ("1 variable of a row or tab is left out", "{} variables of rows or tabs are left out"),
    "comparison": ("1 comparison with another time is left out", "{} comparisons with another time are left out"),
}


def losses(spec: Json) -> tuple[str, ...]:
    """A sentence for each kind of thing that changes. Expects a spec that to_classic accepts."""
    found: Counter[str] = Counter()
    is_flattened = flattens(spec)
    for layout, is_inside in _layouts(spec.get("layout")):
        _count(layout, found, is_inside=is_inside)
        found["line"] += sum(map(_is_on_line, _parts(layout))) if is_flattened else 0
    for element in mapping(spec.get("elements")).values():
        data = mapping(mapping(mapping(mapping(element).get("spec")).get("data")).get("spec"))
        found["comparison"] += _has(mapping(data.get("queryOptions")), "timeCompare")
    sentences = ((found[kind], *forms) for kind, forms in _SENTENCES.items())
    return tuple(one if count == 1 else more.format(count) for count, one, more in sentences if count)


def flattens(spec: Json) -> bool:
    """Whether there are tabs, auto grids, or rows within others, which the classic form has not."""
    return any(
        layout.get("kind") in (TABS, AUTO_GRID) or (is_inside and layout.get("kind") == ROWS)
        for layout, is_inside in _layouts(mapping(spec).get("layout"))
    )


def _count(layout: Json, found: Counter[str], *, is_inside: bool) -> None:
    kind = text(layout.get("kind"))
    parts = _parts(layout)
    found["tabs"] += len(parts) if kind == TABS else 0
    found["nested"] += len(parts) if kind == ROWS and is_inside else 0
    found["auto grid"] += kind == AUTO_GRID
    for part in parts:
        item = mapping(part.get("spec"))
        found["condition"] += _has(item, "conditionalRendering")
        found["screen"] += item.get("fillScreen") is True
        found["variable"] += len(list(objects(item.get("variables"))))
        if kind == ROWS and mapping(item.get("layout")).get("kind") in (ROWS, TABS):
            found["repeat"] += _has(item, "repeat")
            found["folded"] += item.get("collapse") is True


def _parts(layout: Json) -> list[Json]:
    inside = mapping(layout.get("spec"))
    return list(objects(inside.get({TABS: "tabs", ROWS: "rows"}.get(text(layout.get("kind")), "items"))))


def _is_on_line(part: Json) -> bool:
    """Whether panels of an open row or of one without header begin where their header is."""
    row = mapping(part.get("spec"))
    layout = mapping(row.get("layout"))
    shown = part.get("kind") == "RowsLayoutRow" and row.get("collapse") is not True
    return shown and layout.get("kind") == GRID and bool(mapping(layout.get("spec")).get("items"))


def _has(item: Json, key: str) -> bool:
    return item.get(key) is not None


def _layouts(layout: Any, *, is_inside: bool = False) -> Iterator[tuple[Json, bool]]:
    """Each layout, and whether it is within a row or tab."""
    if isinstance(layout, dict):
        yield layout, is_inside
        inside = mapping(layout.get("spec"))
        for part in (*objects(inside.get("tabs")), *objects(inside.get("rows"))):
            yield from _layouts(mapping(part.get("spec")).get("layout"), is_inside=True)
