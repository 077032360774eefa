"""What Grafana fills in before it migrates: the defaults of a dashboard and of its top-level panels.

Read in apps/dashboard/pkg/migration/frontend_defaults.go and migrate.go, which follow the constructors of the
frontend's DashboardModel and PanelModel; seen in what a 12.4.0 served.
"""

from __future__ import annotations

from typing import Any

from dashgen.grafana.dashboards.document import Json, is_number, objects, same
from dashgen.grafana.dashboards.migrations.panels import all_panels, top_panels

DASHBOARD_DEFAULTS: Json = {
    "title": "No Title",
    "tags": [],
    "timezone": "",
    "weekStart": "",
    "editable": True,
    "graphTooltip": 0,
    "time": {"from": "now-6h", "to": "now"},
    "timepicker": {},
    "fiscalYearStartMonth": 0,
    "links": [],
}

PANEL_DEFAULTS: Json = {
    "gridPos": {"x": 0, "y": 0, "h": 3, "w": 6},
    "targets": [{"refId": "A"}],
    "cachedPluginOptions": {},
    "transparent": False,
    "options": {},
    "links": [],
    "fieldConfig": {"defaults": {}, "overrides": []},
    "title": "",
}
"""Filled in before the migration, and taken out again after it (save_model.py)."""

REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def fill_in(dashboard: Json) -> None:
    for key, value in DASHBOARD_DEFAULTS.items():
        if dashboard.get(key) is None:
            dashboard[key] = _fresh(value)
    for key in ("templating", "annotations"):
        if not isinstance(dashboard.get(key), dict):
            dashboard[key] = {}
        if dashboard[key].get("list") is None:
            dashboard[key]["list"] = []
    _add_built_in_annotation(dashboard["annotations"])
    for variable in objects(dashboard["templating"]["list"]):
        _drop_null_values(variable)
    for panel in top_panels(dashboard):
        _fill_in_panel(panel)
    _number_panels(dashboard)


def default_of_panel(key: str) -> Any:
    return _fresh(PANEL_DEFAULTS[key])


def is_default_of_panel(key: str, value: object) -> bool:
    return same(value, PANEL_DEFAULTS[key])


def _fresh(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    return [_fresh(item) for item in value] if isinstance(value, list) else value


def _add_built_in_annotation(annotations: Json) -> None:
    listed = annotations["list"]
    if not isinstance(listed, list) or any(same(query.get("builtIn"), 1) for query in objects(listed)):
        return
    built_in = {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }
    annotations["list"] = [built_in, *listed]


def _drop_null_values(variable: Json) -> None:
    """A choice that is null, or has null among its values, is forgotten."""
    current = variable.get("current")
    if isinstance(current, dict) and "value" in current:
        value = current["value"]
        if value is None or (isinstance(value, list) and None in value):
            del current["value"]


def _fill_in_panel(panel: Json) -> None:
    for key in PANEL_DEFAULTS:
        if key == "fieldConfig":
            field_config = panel.setdefault(key, {})
            if isinstance(field_config, dict):
                field_config.setdefault("defaults", {})
                field_config.setdefault("overrides", [])
        elif panel.get(key) is None:
            panel[key] = default_of_panel(key)
    name_targets(panel.get("targets"))


def name_targets(targets: object) -> None:
    """Give each target without a refId the next free letter; none is left after Z."""
    if not isinstance(targets, list):
        return
    taken = {target["refId"] for target in objects(targets) if isinstance(target.get("refId"), str)}
    free = (letter for letter in REF_IDS if letter not in taken)
    for target in objects(targets):
        if target.get("refId") is None:
            letter = next(free, None)
            if letter is None:
                return
            target["refId"] = letter


def _number_panels(dashboard: Json) -> None:
    """Give each panel a number of its own; of two with one number, the later gets a new one."""
    panels = list(all_panels(dashboard))
    numbers = [number for number in (panel.get("id") for panel in panels) if is_number(number) and number > 0]
    following = max((int(number) for number in numbers), default=0) + 1
    taken: set[float] = set()
    for panel in panels:
        number = panel.get("id")
        if is_number(number) and number > 0 and number not in taken:
            taken.add(number)
        else:
            panel["id"] = following
            following += 1
