"""The layout of a v2 dashboard as places in the classic grid. What nests is flattened: a tab becomes an open row.

Read in apps/dashboard/pkg/migration/conversion/v2alpha1_to_v1.go; seen in what a 12.4.0 made of five v2 dashboards.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashgen.grafana.dashboards.document import DashboardError, Json, at
from dashgen.grafana.dashboards.v2.json_object import JsonObject
from dashgen.grafana.dashboards.v2.panels import classic_panel

COLUMNS = 24
ROW_UNIT = 38
"""Pixels of a unit of height."""
ROW_HEIGHTS = {"short": 5, "standard": 9, "tall": 14}
COLUMN_COUNT = 3
GRID, AUTO_GRID, ROWS, TABS = "GridLayout", "AutoGridLayout", "RowsLayout", "TabsLayout"


@dataclass
class Layout:
    """Places the elements. Numbers of row panels follow the largest number of an element."""

    elements: JsonObject
    next_row: int = 0

    def __post_init__(self) -> None:
        numbers = [self.elements.node(name).spec.integer("id") for name in self.elements.value]
        self.next_row = max([0, *numbers]) + 1

    def panels(self, layout: JsonObject) -> list[Json]:
        if layout.kind == GRID:
            return [self._panel(item.spec, _place(item.spec)) for item in layout.spec.nodes("items")]
        if layout.kind == AUTO_GRID:
            return self._auto_grid(layout.spec, 0)
        if layout.kind in (ROWS, TABS):
            return self._sections(layout, 0)
        if not layout.kind:
            return []
        raise _unknown(layout)

    def _panel(self, item: JsonObject, place: Json, repeat: Json | None = None) -> Json:
        name = item.node("element").text("name")
        if name not in self.elements.value:
            raise item.error(f"no element is named {name!r}", "element", "name")
        return {**classic_panel(self.elements.node(name)), "gridPos": place, **(repeat or _repeat(item))}

    def _auto_grid(self, spec: JsonObject, y: int) -> list[Json]:
        """Panels of one size, from left to right, wrapped where the last column is passed."""
        columns = spec.number("maxColumnCount")
        columns = max(columns, 1) if columns > 0 else COLUMN_COUNT
        width = max(int(COLUMNS / columns), 1)
        height = ROW_HEIGHTS.get(spec.text("rowHeightMode"), ROW_HEIGHTS["standard"])
        if spec.text("rowHeightMode") == "custom" and spec.number("rowHeight") > 0:
            height = int((spec.number("rowHeight") + ROW_UNIT - 1) / ROW_UNIT)
        panels = []
        x = 0
        for item in spec.nodes("items"):
            repeat: Json = {}
            if item.spec.has("repeat"):
                value = item.spec.node("repeat").text("value")
                repeat = {"repeat": value, "repeatDirection": "h", "maxPerRow": int(columns)}
            panels.append(self._panel(item.spec, _position(x, y, width, height), repeat))
            x += width
            if x >= COLUMNS:
                x, y = 0, y + height
        return panels

    def _sections(self, layout: JsonObject, y: int) -> list[Json]:
        panels: list[Json] = []
        is_rows = layout.kind == ROWS
        for section in layout.spec.nodes("rows" if is_rows else "tabs"):
            placed, y = self._row(section.spec, y) if is_rows else self._tab(section.spec, y)
            panels += placed
        return panels

    def _header(self, section: JsonObject) -> Json:
        header: Json = {"id": self.next_row, "type": "row"}
        self.next_row += 1
        if section.has("title"):
            header["title"] = section.text("title")
        repeated_by = section.node("repeat").text("value")
        if repeated_by:
            header["repeat"] = repeated_by
        return header

    def _tab(self, tab: JsonObject, y: int) -> tuple[list[Json], int]:
        header = {**self._header(tab), "collapsed": False, "panels": [], "gridPos": _position(0, y, COLUMNS, 1)}
        inside = self._inside(tab.node("layout"), y + 1)
        return [header, *inside], _end(inside, y + 1)

    def _inside(self, layout: JsonObject, y: int) -> list[Json]:
        if layout.kind in (ROWS, TABS):
            return self._sections(layout, y)
        if layout.kind == GRID:
            return [self._panel(item.spec, _place(item.spec, y)) for item in layout.spec.nodes("items")]
        if layout.kind == AUTO_GRID:
            return self._auto_grid(layout.spec, y)
        if not layout.kind:
            return []
        raise _unknown(layout)

    def _row(self, row: JsonObject, y: int) -> tuple[list[Json], int]:
        layout = row.node("layout")
        is_hidden = row.flag("hideHeader")
        if layout.kind in (ROWS, TABS):
            return self._row_of_sections(row, layout, y, is_hidden=is_hidden)
        if layout.kind not in (GRID, AUTO_GRID, ""):
            raise _unknown(layout)
        if is_hidden:
            return self._without_header(layout, y)
        header = {**self._header(row), **row.copied("collapse")}
        if "collapse" in header:
            header["collapsed"] = header.pop("collapse")
        is_collapsed = row.flag("collapse")
        if is_collapsed or layout.kind == AUTO_GRID or layout.spec.items("items"):
            header["gridPos"] = _position(0, y, COLUMNS, 1)
        if is_collapsed:
            inside = self._inside(layout, y + 1)
            if inside:
                header["panels"] = inside
            return [header], y + 1
        panels, end = self._below_header(layout, y)
        return [header, *panels], end

    def _without_header(self, layout: JsonObject, y: int) -> tuple[list[Json], int]:
        """12.4 does not move a grid that has no header below what stands before it (read)."""
        panels = self._inside(layout, 0 if layout.kind == GRID else y)
        return panels, _end(panels, 0 if layout.kind == GRID else y)

    def _below_header(self, layout: JsonObject, y: int) -> tuple[list[Json], int]:
        """12.4 places the panels of an open row on the line of its header (seen)."""
        panels = self._inside(layout, y)
        return panels, _end(panels, 0 if layout.kind == GRID and panels else y)

    def _row_of_sections(
        self, row: JsonObject, layout: JsonObject, y: int, *, is_hidden: bool
    ) -> tuple[list[Json], int]:
        headers: list[Json] = []
        if not is_hidden:
            header = self._header(row)
            header.pop("repeat", None)
            headers.append({**header, "gridPos": _position(0, y, COLUMNS, 1), "collapsed": False, "panels": []})
            y += 1
        inside = self._sections(layout, y)
        return [*headers, *inside], _end(inside, y)


class ShownLayout(Layout):
    """Without overlaps: rows stand below each other and panels below their header, as a browser shows the v2 form."""

    def _without_header(self, layout: JsonObject, y: int) -> tuple[list[Json], int]:
        panels = self._inside(layout, y)
        return panels, _end(panels, y)

    def _below_header(self, layout: JsonObject, y: int) -> tuple[list[Json], int]:
        return self._without_header(layout, y + 1)


def _unknown(layout: JsonObject) -> DashboardError:
    problem = f"expected a layout {GRID}, {ROWS}, {AUTO_GRID} or {TABS}, got {layout.kind!r}"
    return DashboardError(problem, at(layout.pointer, "kind"))


def _position(x: int, y: int, width: int, height: int) -> Json:
    return {"x": x, "y": y, "w": width, "h": height}


def _place(item: JsonObject, y: int = 0) -> Json:
    return _position(item.integer("x"), item.integer("y") + y, item.integer("width"), item.integer("height"))


def _repeat(item: JsonObject) -> Json:
    if not item.has("repeat"):
        return {}
    repeat = item.node("repeat")
    found: Json = {"repeat": repeat.text("value"), **repeat.copied("maxPerRow")}
    if repeat.text("direction") in ("h", "v"):
        found["repeatDirection"] = repeat.text("direction")
    return found


def _end(panels: list[Json], y: int) -> int:
    """The first free line below the panels, at least `y`."""
    places = [panel["gridPos"] for panel in panels if "gridPos" in panel]
    ends: list[int] = [place["y"] + place["h"] for place in places]
    return max([y, *ends])
