"""Grid positions. Panels flow from left to right in lines of 24 columns; overlap is impossible by construction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

COLUMNS = 24
T = TypeVar("T")


class GridPosition(NamedTuple):
    """A position on the grid: columns from the left, grid rows from the top."""

    x: int
    y: int
    w: int
    h: int

    def as_json(self) -> dict[str, int]:
        return {"h": self.h, "w": self.w, "x": self.x, "y": self.y}


def flow(items: Iterable[tuple[T, int, int]], top: int) -> Iterator[tuple[T, GridPosition]]:
    """Places items of (value, width, height) from row `top` on. A line is as high as its highest panel. An item with a
    place of its own (`at`) begins a line there."""
    x = height = 0
    y = top
    for item, w, h in items:
        if at := getattr(item, "at", None):
            x, y, height = at[0], top + at[1], 0
        elif x + w > COLUMNS:
            y += height
            x = height = 0
        yield item, GridPosition(x, y, w, h)
        x += w
        height = max(height, h)


def overlapping(places: Iterable[GridPosition]) -> bool:
    """Whether two places share a cell of the grid, or one leaves it."""
    taken: set[tuple[int, int]] = set()
    for place in places:
        if place.x < 0 or place.y < 0 or place.w < 1 or place.h < 1 or place.x + place.w > COLUMNS:
            return True
        cells = {(x, y) for x in range(place.x, place.x + place.w) for y in range(place.y, place.y + place.h)}
        if not taken.isdisjoint(cells):
            return True
        taken |= cells
    return False


def reflowed(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The panels of a dashboard that another library made, each with a place that is possible: theirs if all of them
    are, else the ones that dashgen gives, in the same order and of the same size.

    The Foundation SDK's own layout leaves the grid with wide panels, and overlaps behind a collapsed row.
    """
    groups = [panels, *(p["panels"] for p in panels if p.get("type") == "row")]
    if all(_placed(group) for group in groups):
        return panels
    out: list[dict[str, Any]] = []
    y = 0
    line: list[dict[str, Any]] = []
    for panel in [*panels, {"type": "row"}]:
        if panel.get("type") != "row":
            line.append(panel)
            continue
        placed = _lines(line, y)
        y = max([y, *(p["gridPos"]["y"] + p["gridPos"]["h"] for p in placed)])
        out += placed
        line = []
        if "panels" in panel:
            nested = _lines(panel["panels"], y + 1)
            out.append({**panel, "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": y}, "panels": nested})
            y += 1
    return out


def _placed(panels: list[dict[str, Any]]) -> bool:
    places = [GridPosition(*(p["gridPos"].get(key, -1) for key in "xywh")) for p in panels]
    return not overlapping(places)


def _lines(panels: list[dict[str, Any]], top: int) -> list[dict[str, Any]]:
    sized = [(p, p["gridPos"].get("w") or 12, p["gridPos"].get("h") or 8) for p in panels]
    return [{**p, "gridPos": place._asdict()} for p, place in flow(sized, top)]
