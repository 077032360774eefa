"""What Grafana leaves out when it has migrated: what the frontend doesn't save, nulls, the defaults that it filled in.

Read in apps/dashboard/pkg/migration/frontend_defaults.go, which follows the frontend's getSaveModel; that nested panels
change their kind too, and which members of the dashboard go, was seen in what a 12.4.0 served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashgen.grafana.dashboards.document import Json, mapping, objects
from dashgen.grafana.dashboards.migrations.grid_layout import Placed
from dashgen.grafana.dashboards.migrations.model_defaults import PANEL_DEFAULTS, is_default_of_panel
from dashgen.grafana.dashboards.migrations.panels import all_panels, top_panels

DASHBOARD_STATE = (
    "appEventsSubscription",
    "events",
    "formatDate",
    "getVariablesFromState",
    "iteration",
    "lastRefresh",
    "meta",
    "originalDashboard",
    "originalLibraryPanels",
    "originalTemplating",
    "originalTime",
    "panelInEdit",
    "panelInView",
    "panelsAffectedByVariableChange",
    "timeRangeUpdatedDuringEditOrView",
    "variables",
)
METADATA = ("__elements", "__inputs", "__requires", "id", "uid", "version")
"""Members of a file or of the old API that a served spec does not have (seen)."""

PANEL_STATE = (
    "cachedPluginOptions",
    "configRev",
    "dataSupport",
    "events",
    "getDisplayTitle",
    "hasRefreshed",
    "hasSavedPanelEditChange",
    "isEditing",
    "isInView",
    "isNew",
    "isViewing",
    "key",
    "plugin",
    "queryRunner",
    "refreshWhenInView",
    "replaceVariables",
    "scopedVars",
)
OLD_TABLE = ("pageSize", "scroll", "fontSize", "showHeader", "sort")
"""Options of the old table at its top level."""

REPLACED_KINDS = {
    "grafana-piechart-panel": "piechart",
    "grafana-singlestat-panel": "stat",
    "grafana-worldmap-panel": "geomap",
    "natel-discrete-panel": "state-timeline",
    "singlestat": "stat",
    "table-old": "table",
}
"""Panel plugins of AngularJS and what the frontend opens in their place. The graph: graph_becomes."""


@dataclass(frozen=True)
class Before:
    """What panels had before they were migrated. Holds the panels, so that their identities stay theirs."""

    panels: list[Json]
    with_transformations: set[int]
    with_custom: set[int]

    @classmethod
    def of(cls, dashboard: Json) -> Before:
        panels = list(all_panels(dashboard))
        return cls(
            panels,
            {id(panel) for panel in panels if "transformations" in panel},
            {id(panel) for panel in panels if "custom" in _field_defaults(panel)},
        )


def _field_defaults(panel: Json) -> Json:
    return mapping(mapping(panel.get("fieldConfig")).get("defaults"))


def clean(dashboard: Json, before: Before) -> None:
    for key in (*DASHBOARD_STATE, *METADATA):
        dashboard.pop(key, None)
    if dashboard.get("gnetId") is None:
        dashboard.pop("gnetId", None)
    if dashboard.get("style") == "dark":
        del dashboard["style"]
    if dashboard.get("hideControls") is False:
        del dashboard["hideControls"]
    templating = dashboard.get("templating")
    if isinstance(templating, dict):
        drop_nulls(templating)
        for variable in objects(templating.get("list")):
            _clean_variable(variable)
    panels = [panel for panel in top_panels(dashboard) if "repeatPanelId" not in panel and "repeatedByRow" not in panel]
    for panel in panels:
        _clean_panel(panel, before)
        for inner in objects(panel.get("panels")):
            _clean_panel(inner, before, is_nested=True)
    dashboard["panels"] = sorted(panels, key=_place)


def drop_nulls(value: object) -> None:
    """Members that are null, at any depth. An item of a list stays."""
    if isinstance(value, dict):
        for key in [key for key, member in value.items() if member is None]:
            del value[key]
        for member in value.values():
            drop_nulls(member)
    elif isinstance(value, list):
        for item in value:
            drop_nulls(item)


def _clean_variable(variable: Json) -> None:
    variable.pop("index", None)
    kind = variable.get("type")
    if kind == "query":
        variable.setdefault("options", [])
    elif kind == "constant":
        variable.pop("options", None)
    elif kind == "datasource":
        variable["options"] = []


def _clean_panel(panel: Json, before: Before, *, is_nested: bool = False) -> None:
    _replace_kind(panel)
    if panel.get("libraryPanel") is not None:
        kept = {key: panel[key] for key in ("id", "title", "gridPos", "libraryPanel") if panel.get(key) is not None}
        panel.clear()
        panel.update(kept)
        return
    if panel.get("type") == "row" and panel.get("repeat") == "":
        del panel["repeat"]
    for key in PANEL_STATE:
        panel.pop(key, None)
    for key in PANEL_DEFAULTS:
        if key in panel and is_default_of_panel(key, panel[key]) and not isinstance(panel[key], Placed):
            del panel[key]
    if panel.get("transformations") == [] and not (is_nested and id(panel) in before.with_transformations):
        del panel["transformations"]
    drop_nulls(panel)
    if panel.get("type") == "table" and panel.get("autoMigrateFrom") != "table-old":
        for key in OLD_TABLE:
            panel.pop(key, None)
    if id(panel) in before.with_custom:
        _field_defaults(panel).setdefault("custom", {})
    if is_default_of_panel("fieldConfig", panel.get("fieldConfig")):
        del panel["fieldConfig"]
    if panel.get("targets") == []:
        del panel["targets"]


def _replace_kind(panel: Json) -> None:
    replacement = becomes(panel)
    if replacement:
        panel["autoMigrateFrom"] = panel["type"]
        panel["type"] = replacement


def becomes(panel: Json) -> str | None:
    """The plugin that took the place of the panel's own, one of AngularJS."""
    kind = panel.get("type")
    if kind == "graph":
        return graph_becomes(panel)
    return REPLACED_KINDS.get(kind) if isinstance(kind, str) else None


def graph_becomes(panel: Json) -> str:
    mode = mapping(panel.get("xaxis")).get("mode")
    if mode == "series":
        return "bargauge" if mapping(panel.get("legend")).get("values") is True else "barchart"
    return "histogram" if mode == "histogram" else "timeseries"


def _place(panel: Json) -> tuple[float, float]:
    position: Any = mapping(panel.get("gridPos"))
    return _coordinate(position.get("y")), _coordinate(position.get("x"))


def _coordinate(value: object) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
