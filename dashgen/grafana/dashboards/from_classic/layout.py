"""Places of panels: a grid, or rows of grids where the dashboard has row panels."""

from __future__ import annotations

from dashgen.grafana.dashboards.document import Json, mapping, objects, text
from dashgen.grafana.dashboards.from_classic.members import flag, whole
from dashgen.grafana.dashboards.from_classic.panels import element
from dashgen.grafana.dashboards.from_classic.queries import Plugins

ABOVE_THE_GRID = -1
HEIGHT_OF_HEADER = 1


class Placement:
    """Panels as elements by name, and where they stand.

    An element is named after its panel's id. Of panels with one id, the last one stands in all their places.
    """

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self.elements: Json = {}

    def layout(self, panels: list[Json]) -> Json:
        if any(panel.get("type") == "row" for panel in panels):
            return {"kind": "RowsLayout", "spec": {"rows": self._rows(panels)}}
        return _grid([self._item(panel, _line(panel)) for panel in panels])

    def _rows(self, panels: list[Json]) -> list[Json]:
        """Each with the panels in it and those that follow. Panels before the first row get one without a header."""
        rows: list[Json] = []
        items: list[Json] = []
        header = 0
        for panel in panels:
            if panel.get("type") == "row":
                header = _line(panel) if "gridPos" in panel else header
                items = [self._item(inner, _line(inner, header)) for inner in objects(panel.get("panels"))]
                rows.append(_row(panel, items))
            elif rows:
                items.append(self._item(panel, _line(panel, header)))
            else:
                header = ABOVE_THE_GRID
                items = [self._item(panel, 0)]
                rows.append(_row_without_header(items))
        return rows

    def _item(self, panel: Json, line: int) -> Json:
        name = f"panel-{whole(panel.get('id'))}"
        self.elements[name] = element(panel, self._plugins)
        place = mapping(panel.get("gridPos"))
        spec: Json = {
            "x": whole(place.get("x")),
            "y": line,
            "width": whole(place.get("w"), 6),
            "height": whole(place.get("h"), 3),
            "element": {"kind": "ElementReference", "name": name},
        }
        repeat = _repeat(panel)
        return {"kind": "GridLayoutItem", "spec": {**spec, "repeat": repeat} if repeat else spec}


def _line(panel: Json, header: int = -HEIGHT_OF_HEADER) -> int:
    """Counted from below the header of a row."""
    place = panel.get("gridPos")
    return whole(place.get("y")) - header - HEIGHT_OF_HEADER if isinstance(place, dict) else 0


def _grid(items: list[Json]) -> Json:
    return {"kind": "GridLayout", "spec": {"items": items}}


def _row(panel: Json, items: list[Json]) -> Json:
    spec: Json = {
        "collapse": flag(panel.get("collapsed")),
        "title": text(panel.get("title")),
        "layout": _grid(items),
    }
    if text(panel.get("repeat")):
        spec["repeat"] = {"mode": "variable", "value": panel["repeat"]}
    return {"kind": "RowsLayoutRow", "spec": spec}


def _row_without_header(items: list[Json]) -> Json:
    return {
        "kind": "RowsLayoutRow",
        "spec": {"collapse": False, "title": "", "hideHeader": True, "layout": _grid(items)},
    }


def _repeat(panel: Json) -> Json:
    if not text(panel.get("repeat")):
        return {}
    repeat: Json = {"mode": "variable", "value": panel["repeat"]}
    if panel.get("repeatDirection") in ("h", "v"):
        repeat["direction"] = panel["repeatDirection"]
    if whole(panel.get("maxPerRow")) > 0:
        repeat["maxPerRow"] = whole(panel["maxPerRow"])
    return repeat
