"""Schema versions 2 to 15, of Grafana 1 to 4. The panels of that time are in rows, which these steps don't enter:
they see what a dashboard has under `panels`.

Read in apps/dashboard/pkg/migration/schemaversion/v2.go to v15.go. Steps 3, 4, 5, 11, 13 and 15 only count.
"""

from __future__ import annotations

from typing import Any

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects, text
from dashgen.grafana.dashboards.migrations.panels import top_panels


def v2(dashboard: Json) -> None:
    """`services.filter` becomes time and variables; a `graphite` panel becomes a graph."""
    filters = mapping(dashboard.get("services")).get("filter")
    if isinstance(filters, dict):
        if "time" in filters:
            dashboard["time"] = filters["time"]
        if "list" in filters and isinstance(dashboard.setdefault("templating", {}), dict):
            dashboard["templating"]["list"] = filters["list"]
        del dashboard["services"]
    for panel in top_panels(dashboard):
        if panel.get("type") == "graphite":
            panel["type"] = "graph"
            _upgrade_graphite(panel)


def _upgrade_graphite(panel: Json) -> None:
    if isinstance(panel.get("legend"), bool):
        panel["legend"] = {"show": panel["legend"]}
    grid = panel.get("grid")
    if isinstance(grid, dict):
        if is_number(grid.get("min")) and grid["min"]:
            grid["leftMin"] = grid.pop("min")
        if "max" in grid:
            grid["leftMax"] = grid.pop("max")
    if "y_format" in panel or "y2_format" in panel:
        panel["y_formats"] = [panel.pop("y_format", None), panel.pop("y2_format", None)]


def v6(dashboard: Json) -> None:
    """Annotations leave the pulldowns; a variable is a query unless it says otherwise."""
    for pulldown in objects(dashboard.get("pulldowns")):
        if pulldown.get("type") == "annotations":
            dashboard["annotations"] = {"list": pulldown.get("annotations", [])}
            break
    for variable in _variables(dashboard):
        variable.setdefault("datasource", None)
        if variable.setdefault("type", "query") == "filter":
            variable["type"] = "query"
        if variable.get("allFormat", "") is None:
            del variable["allFormat"]


def v7(dashboard: Json) -> None:
    navigation = dashboard.get("nav")
    if isinstance(navigation, list) and navigation and isinstance(navigation[0], dict):
        dashboard["timepicker"] = navigation[0]


def v8(dashboard: Json) -> None:
    """InfluxDB's `fields` become its `select`."""
    for panel in top_panels(dashboard):
        for target in objects(panel.get("targets")):
            if "fields" in target and "tags" in target and "groupBy" in target:
                _upgrade_influx(target)


def _upgrade_influx(target: Json) -> None:
    fields = target.pop("fields")
    if target.get("rawQuery") is True:
        target.pop("fill", None)
        return
    if isinstance(fields, list):
        selects = [_select(field) for field in objects(fields)]
        target["select"] = [select for select in selects if select]
    grouping = target["groupBy"]
    if not isinstance(grouping, list):
        return
    for part in objects(grouping):
        key = {"time": "interval", "tag": "key"}.get(text(part.get("type")))
        if key and isinstance(part.get(key), str):
            part["params"] = [part.pop(key)]
    if "fill" in target:
        target["groupBy"] = [*grouping, {"type": "fill", "params": [target.pop("fill")]}]


def _select(field: Json) -> list[Json]:
    parts: list[Json] = []
    for key, kind in (("name", "field"), ("func", None), ("mathExpr", "math"), ("asExpr", "alias")):
        value = field.get(key)
        if isinstance(value, str):
            parts.append({"type": kind or value, "params": [value] if kind else []})
    return parts


def v9(dashboard: Json) -> None:
    """Of three and more thresholds of a singlestat the first was never used."""
    for panel in top_panels(dashboard):
        if panel.get("type") == "singlestat" and text(panel.get("thresholds")).count(",") >= 2:
            panel["thresholds"] = panel["thresholds"].split(",", 1)[1]


def v10(dashboard: Json) -> None:
    """Of three and more thresholds of a table's style the first was never used."""
    for panel in top_panels(dashboard):
        if panel.get("type") == "table":
            for style in objects(panel.get("styles")):
                thresholds = style.get("thresholds")
                if isinstance(thresholds, list) and len(thresholds) >= 3:
                    style["thresholds"] = thresholds[1:]


class Converted(int):
    """A number that a step wrote. Grafana's step 27 takes it for no number of the document."""


def v12(dashboard: Json) -> None:
    """What a variable hides, and when it is refreshed, become numbers."""
    for variable in _variables(dashboard):
        if "refresh" in variable:
            variable["refresh"] = 1 if variable["refresh"] is True else 0
        if variable.get("hideVariable") is True:
            variable["hide"] = Converted(2)
        elif variable.get("hideLabel") is True:
            variable["hide"] = Converted(1)


def v14(dashboard: Json) -> None:
    dashboard["graphTooltip"] = 1 if dashboard.pop("sharedCrosshair", None) is True else 0


def _variables(dashboard: Json) -> Any:
    return objects(mapping(dashboard.get("templating")).get("list"))
