"""What is the same to Grafana, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen.adopt.normalise import normalised

Json = dict[str, Any]


def named(given: object) -> str | None:
    uid = given.get("uid") if isinstance(given, dict) else given
    return "questdb" if uid == "q" else None


def form(**dashboard: Any) -> Json:
    return normalised(dashboard, named)


def panel(**fields: Any) -> Json:
    return form(panels=[{"type": "timeseries", **fields}])


def table(**options: Any) -> Json:
    return form(panels=[{"type": "table", "options": options}])


def custom(**fields: Any) -> Json:
    return {"fieldConfig": {"defaults": {"custom": fields}}}


def stat(pluginVersion: str | None = None, **values: Any) -> Json:  # noqa: N803  # Grafana's name
    config = {"defaults": {"unit": "percent", **values}}
    return form(panels=[{"type": "stat", "pluginVersion": pluginVersion, "fieldConfig": config}])


Q = {"type": "questdb-questdb-datasource", "uid": "q"}
P = {"type": "prometheus", "uid": "p"}
ROW: Json = {"type": "row", "collapsed": True}
SAME: list[tuple[Json, Json]] = [
    (table(footer={"show": False, "reducer": ["mean"], "fields": ["a"], "countRows": False}), table()),
    (table(footer={"show": True, "reducer": ["sum"], "fields": ""}), table(footer={"show": True, "reducer": ["sum"]})),
    (panel(id=1), panel(id=2)),
    (panel(pluginVersion="8.0.0"), panel()),
    (panel(transparent=False, links=[], description=""), panel(title=None)),
    (panel(**custom(lineWidth=1, stacking={"mode": "none", "group": "A"})), panel()),
    (panel(options={"legend": {"displayMode": "list", "showLegend": True}}), panel(options={})),
    (panel(options={"legend": {"showLegend": False}}), panel(options={"legend": {"displayMode": "hidden"}})),
    (panel(repeatDirection="h", maxPerRow=4), panel()),
    (panel(interval="1d"), panel(interval="24h")),
    (panel(interval="60m", height=300, minSpan=4, span=12), panel(interval="1h")),
    (panel(datasource=Q, targets=[]), panel()),
    (
        panel(datasource=P, targets=[{"refId": "A", "expr": "x", "datasource": {"type": "x", "uid": "o"}}]),
        panel(datasource=P, targets=[{"refId": "A", "expr": "x"}]),
    ),
    (
        panel(datasource=Q, targets=[{"refId": "A", "rawSql": "SELECT 1 \n  FROM t", "format": 1, "sql": {"x": 1}}]),
        panel(datasource={"uid": "q"}, targets=[{"refId": "A", "rawSql": "SELECT 1\nFROM t", "format": "table"}]),
    ),
    (
        panel(fieldConfig={"defaults": {"thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": 0}]}}}),
        panel(fieldConfig={"defaults": {"thresholds": {"steps": [{"color": "red", "value": None}]}}}),
    ),
    (form(version=3, id=9, schemaVersion=42, uid="a"), form()),
    (stat(pluginVersion="9.1.0", min=0, max=100), stat(min=0, max=100)),
    (stat(pluginVersion="7.5.0"), stat()),
    (
        form(templating={"list": [{"type": "interval", "name": "a", "query": "1m", "datasource": "x"}]}),
        form(templating={"list": [{"type": "interval", "name": "a", "query": "1m", "allValue": ""}]}),
    ),
    (
        panel(datasource="-- Mixed --", targets=[{"refId": "A", "datasource": P}]),
        panel(datasource={"uid": "-- Mixed --"}, targets=[{"refId": "A", "datasource": P}]),
    ),
    (form(timepicker={}, liveNow=False, weekStart=""), form()),
    (form(annotations={"list": [{"builtIn": 1, "enable": True, "hide": True, "type": "dashboard"}]}), form()),
    (
        form(templating={"list": [{"type": "query", "name": "a", "refresh": 1, "options": [1], "definition": "x"}]}),
        form(templating={"list": [{"type": "query", "name": "a", "refresh": 1, "hide": 0}]}),
    ),
    (
        form(panels=[ROW | {"gridPos": {"y": 3, "h": 9, "w": 5}, "panels": [{"gridPos": {"y": 44}}]}]),
        form(panels=[ROW | {"gridPos": {"y": 3}, "panels": [{"gridPos": {"y": 4}}]}]),
    ),
]  # fmt: skip
OTHER: list[tuple[Json, Json]] = [
    (table(footer={"show": True, "reducer": ["sum"]}), table(footer={"show": True})),
    (panel(title="a"), panel(title="b")),
    (panel(**custom(lineWidth=2)), panel()),
    (panel(options={"legend": {"showLegend": False}}), panel()),
    (panel(repeat="a", maxPerRow=4), panel(repeat="a", maxPerRow=3)),
    (panel(cacheTimeout="60"), panel()),
    (panel(gridPos={"x": 1, "y": 0, "w": 6, "h": 3}), panel(gridPos={"x": 0, "y": 0, "w": 6, "h": 3})),
    (panel(datasource=P, targets=[{"refId": "A", "e": 1}]), panel(datasource=P, targets=[{"refId": "B", "e": 1}])),
    (
        panel(datasource=Q, targets=[{"refId": "A", "rawSql": "SELECT 1", "format": 1}]),
        panel(datasource=Q, targets=[{"refId": "A", "rawSql": "SELECT 1", "format": 0}]),
    ),
    (
        panel(datasource={"uid": "-- Mixed --"}, targets=[{"refId": "A", "datasource": P}]),
        panel(datasource={"uid": "-- Mixed --"}, targets=[{"refId": "A", "datasource": Q}]),
    ),
    (form(editable=False), form()),
    (stat(pluginVersion="9.1.0"), stat()),
    (stat(pluginVersion="11.0.0", min=0), stat(min=0)),
    (form(panels=[{"type": "xychart", "pluginVersion": "11.1.0"}]), form(panels=[{"type": "xychart"}])),
    (form(liveNow=True), form()),
    (form(panels=[{"type": "row", "gridPos": {"y": 1}}]), form(panels=[{"type": "row", "gridPos": {"y": 2}}])),
    (
        form(annotations={"list": [{"builtIn": 1, "enable": False, "hide": True, "type": "dashboard"}]}),
        form(),
    ),
    (
        form(templating={"list": [{"type": "custom", "name": "a", "query": "1,2", "current": {"value": "2"}}]}),
        form(templating={"list": [{"type": "custom", "name": "a", "query": "1,2", "current": {"value": "1"}}]}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME, ids=range(len(SAME)))
def test_it_is_the_same(one: Json, other: Json) -> None:
    assert one == other


@pytest.mark.parametrize(("one", "other"), OTHER, ids=range(len(OTHER)))
def test_it_is_another(one: Json, other: Json) -> None:
    assert one != other


def test_what_refers_to_a_panel_refers_to_its_place() -> None:
    shared = {"uid": "-- Dashboard --"}

    def of(first: int, second: int) -> Json:
        target = {"refId": "A", "datasource": shared, "panelId": first}
        return form(panels=[{"id": first}, {"id": second, "datasource": shared, "targets": [target]}])

    assert of(1, 2) == of(8, 9)
