"""Dashboards of the v2 form (v2alpha1, v2beta1, v2), brought to the classic one as Grafana 12.4 does it.

Read in apps/dashboard/pkg/migration/conversion/v2alpha1_to_v1.go, v2beta1_to_v2alpha1.go and v2_to_v2beta1.go; seen in
what a 12.4.0 made of five dashboards that were written in v2beta1.
"""

from __future__ import annotations

from dashgen.grafana.dashboards.document import DashboardError, Json, copied
from dashgen.grafana.dashboards.migrations import LATEST
from dashgen.grafana.dashboards.v2.annotations import classic_annotation
from dashgen.grafana.dashboards.v2.json_object import JsonObject
from dashgen.grafana.dashboards.v2.layout import Layout, ShownLayout
from dashgen.grafana.dashboards.v2.variables import classic_variable

TOOLTIPS = {"Off": 0, "Crosshair": 1, "Tooltip": 2}


def to_classic(spec: Json, *, pointer: str = "$", layout: type[Layout] = Layout) -> Json:
    """The classic dashboard, of schema version 42, that Grafana serves for a v2 spec.

    `pointer` is the place of the spec in its document, for errors. `layout` is ShownLayout for panels that don't
    overlap. Raises DashboardError for values of another type than the v2 form has, and for places that name no element.
    """
    if not isinstance(spec, dict):
        raise DashboardError(f"expected the spec of a dashboard, an object of JSON, got {type(spec).__name__}", pointer)
    node = JsonObject(copied(spec, pointer), pointer)
    dashboard: Json = {
        "title": node.text("title"),
        "graphTooltip": TOOLTIPS.get(node.text("cursorSync"), 0),
        "schemaVersion": LATEST,
        "preload": node.flag("preload"),
        "editable": node.flag("editable", otherwise=True),
        **node.copied("description", "liveNow", "revision"),
        **_time_settings(node.node("timeSettings")),
        "annotations": {"list": [classic_annotation(query) for query in node.nodes("annotations")]},
    }
    if node.texts("tags"):
        dashboard["tags"] = node.texts("tags")
    links = [_link(link) for link in node.nodes("links")]
    if links:
        dashboard["links"] = links
    panels = layout(node.node("elements")).panels(node.node("layout"))
    if panels:
        dashboard["panels"] = panels
    variables = [classic_variable(variable) for variable in node.nodes("variables")]
    if variables:
        dashboard["templating"] = {"list": variables}
    return dashboard


def _time_settings(settings: JsonObject) -> Json:
    found: Json = {
        "time": {"from": settings.text("from") or "now-6h", "to": settings.text("to") or "now"},
        "refresh": settings.text("autoRefresh"),
        "fiscalYearStartMonth": settings.integer("fiscalYearStartMonth"),
        **settings.copied("timezone", "weekStart"),
    }
    timepicker: Json = settings.copied("nowDelay")
    if settings.texts("autoRefreshIntervals"):
        timepicker["refresh_intervals"] = settings.texts("autoRefreshIntervals")
    if settings.flag("hideTimepicker"):
        timepicker["hidden"] = True
    if settings.items("quickRanges"):
        timepicker["quick_ranges"] = [
            {key: one.text(key) for key in ("display", "from", "to")} for one in settings.nodes("quickRanges")
        ]
    return {**found, "timepicker": timepicker} if timepicker else found


def _link(link: JsonObject) -> Json:
    return {
        **{key: link.text(key) for key in ("title", "type", "icon", "tooltip")},
        "tags": link.texts("tags"),
        **{key: link.flag(key) for key in ("asDropdown", "targetBlank", "includeVars", "keepTime")},
        **link.copied("url", "placement"),
    }


__all__ = ["Layout", "ShownLayout", "to_classic"]
