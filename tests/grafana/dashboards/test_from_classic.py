"""Classic dashboards brought to v2beta1, on small documents of their own, and any document at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from dashgen.grafana.dashboards.from_classic import DataSource, from_classic
from dashgen.grafana.dashboards.migrations import migrate
from dashgen.grafana.dashboards.v2 import ShownLayout, to_classic
from tests.grafana.dashboards.test_migrations import documents

Json = dict[str, Any]

DOCUMENTS = Path(__file__).parent / "documents"


def load(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def panel(number: int, y: int = 0, **members: Any) -> Json:
    place = {"x": 0, "y": y, "w": 12, "h": 8}
    return {"id": number, "type": "timeseries", "title": f"Panel {number}", "gridPos": place, **members}


def element_of(**members: Any) -> Json:
    spec: Json = from_classic({"panels": [panel(1, **members)]})["elements"]["panel-1"]["spec"]
    return spec


def fields_of(**defaults: Any) -> Json:
    found: Json = element_of(fieldConfig={"defaults": defaults})["vizConfig"]["spec"]["fieldConfig"]["defaults"]
    return found


def variable_of(**members: Any) -> Json:
    (found,) = from_classic({"templating": {"list": [{"name": "v", **members}]}})["variables"]
    assert found["spec"].pop("name") == "v"
    return dict(found)


def annotation_of(**members: Any) -> Json:
    (found,) = from_classic({"annotations": {"list": [{"name": "a", "iconColor": "red", **members}]}})["annotations"]
    return dict(found["spec"])


def test_an_empty_dashboard_gets_what_grafana_fills_in() -> None:
    assert from_classic({}) == {
        "title": "",
        "tags": [],
        "cursorSync": "Off",
        "preload": False,
        "editable": True,
        "liveNow": False,
        "timeSettings": {
            "from": "now-6h",
            "to": "now",
            "timezone": "browser",
            "autoRefresh": "",
            "autoRefreshIntervals": ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"],
            "fiscalYearStartMonth": 0,
            "hideTimepicker": False,
        },
        "links": [],
        "elements": {},
        "layout": {"kind": "GridLayout", "spec": {"items": []}},
        "variables": [],
        "annotations": [],
    }


def test_settings() -> None:
    spec = from_classic(
        {
            "title": "T",
            "description": "D",
            "tags": ["a", 3],
            "graphTooltip": 1,
            "editable": False,
            "revision": 2,
            "time": {"from": "now-1h", "to": "now-1m"},
            "timezone": "utc",
            "refresh": "1m",
            "weekStart": "monday",
            "fiscalYearStartMonth": "3",
            "timepicker": {
                "refresh_intervals": ["1m"],
                "hidden": True,
                "nowDelay": "1m",
                "quick_ranges": [{"display": "d", "from": "now-1d", "to": "now"}],
            },
            "links": [{"title": "L", "url": "https://example.org", "placement": "inControlsMenu", "keepTime": True}],
        }
    )
    assert (spec["title"], spec["description"], spec["tags"], spec["cursorSync"]) == ("T", "D", ["a"], "Crosshair")
    assert (spec["editable"], spec["revision"]) == (False, 2)
    assert spec["timeSettings"] == {
        "from": "now-1h",
        "to": "now-1m",
        "timezone": "utc",
        "autoRefresh": "1m",
        "autoRefreshIntervals": ["1m"],
        "fiscalYearStartMonth": 3,
        "hideTimepicker": True,
        "weekStart": "monday",
        "nowDelay": "1m",
        "quickRanges": [{"display": "d", "from": "now-1d", "to": "now"}],
    }
    assert spec["links"] == [
        {
            "title": "L",
            "type": "link",
            "icon": "",
            "tooltip": "",
            "tags": [],
            "asDropdown": False,
            "targetBlank": False,
            "includeVars": False,
            "keepTime": True,
            "url": "https://example.org",
            "placement": "inControlsMenu",
        }
    ]


def test_panels_without_rows_stand_in_a_grid() -> None:
    repeated = panel(2, y=8, repeat="v", repeatDirection="h", maxPerRow=3)
    placeless = {"id": 3, "type": "text"}
    items = from_classic({"panels": [panel(1), repeated, placeless]})["layout"]["spec"]["items"]
    assert [item["spec"] for item in items] == [
        {"x": 0, "y": 0, "width": 12, "height": 8, "element": {"kind": "ElementReference", "name": "panel-1"}},
        {
            "x": 0,
            "y": 8,
            "width": 12,
            "height": 8,
            "element": {"kind": "ElementReference", "name": "panel-2"},
            "repeat": {"mode": "variable", "value": "v", "direction": "h", "maxPerRow": 3},
        },
        {"x": 0, "y": 0, "width": 6, "height": 3, "element": {"kind": "ElementReference", "name": "panel-3"}},
    ]


def test_places_in_a_row_count_from_below_its_header() -> None:
    panels = [
        panel(1, y=4),
        panel(2, y=12),
        {"id": 3, "type": "row", "title": "R", "gridPos": {"y": 20}, "repeat": "v"},
        panel(4, y=21),
        {"id": 5, "type": "row", "title": "S", "gridPos": {"y": 30}, "collapsed": True, "panels": [panel(6, y=31)]},
        panel(7, y=39),
    ]
    spec = from_classic({"panels": panels})
    rows = [row["spec"] for row in spec["layout"]["spec"]["rows"]]
    assert [{key: row[key] for key in row if key != "layout"} for row in rows] == [
        {"collapse": False, "title": "", "hideHeader": True},
        {"collapse": False, "title": "R", "repeat": {"mode": "variable", "value": "v"}},
        {"collapse": True, "title": "S"},
    ]
    items = [
        [(item["spec"]["element"]["name"], item["spec"]["y"]) for item in row["layout"]["spec"]["items"]]
        for row in rows
    ]
    assert items == [[("panel-1", 0), ("panel-2", 12)], [("panel-4", 0)], [("panel-6", 0), ("panel-7", 8)]]
    assert sorted(spec["elements"]) == ["panel-1", "panel-2", "panel-4", "panel-6", "panel-7"]


def test_a_panel() -> None:
    spec = element_of(
        description="D",
        transparent=True,
        pluginVersion="12.4.0",
        links=[{"title": "L", "url": "/d/a"}, {"title": "M", "targetBlank": True}],
        options={"legend": {"calcs": []}},
        interval="1m",
        timeFrom="1h",
        maxDataPoints="100",
        hideTimeOverride=True,
        queryCachingTTL="60000",
        transformations=[{"id": "sortBy", "options": {"sort": []}, "disabled": True, "topic": "annotations"}],
    )
    assert spec == {
        "id": 1,
        "title": "Panel 1",
        "description": "D",
        "transparent": True,
        "links": [{"title": "L", "url": "/d/a"}, {"title": "M", "url": "", "targetBlank": True}],
        "data": {
            "kind": "QueryGroup",
            "spec": {
                "queries": [],
                "transformations": [
                    {
                        "kind": "sortBy",
                        "spec": {"id": "sortBy", "options": {"sort": []}, "disabled": True, "topic": "annotations"},
                    }
                ],
                "queryOptions": {
                    "interval": "1m",
                    "timeFrom": "1h",
                    "maxDataPoints": 100,
                    "hideTimeOverride": True,
                    "queryCachingTTL": 60000,
                },
            },
        },
        "vizConfig": {
            "kind": "VizConfig",
            "group": "timeseries",
            "version": "12.4.0",
            "spec": {"options": {"legend": {"calcs": []}}, "fieldConfig": {"defaults": {}, "overrides": []}},
        },
    }


def test_a_library_panel() -> None:
    library = {"id": 4, "title": "T", "libraryPanel": {"uid": "u", "name": "N"}}
    assert from_classic({"panels": [library]})["elements"] == {
        "panel-4": {
            "kind": "LibraryPanel",
            "spec": {"id": 4, "title": "T", "libraryPanel": {"uid": "u", "name": "N"}},
        }
    }


@pytest.mark.parametrize(
    ("members", "kind", "left"),
    [
        ({"type": "graph", "yaxes": []}, "timeseries", {"autoMigrateFrom": "graph", "originalOptions": {"yaxes": []}}),
        (
            {"type": "stat", "autoMigrateFrom": "singlestat", "format": "s"},
            "stat",
            {"autoMigrateFrom": "singlestat", "originalOptions": {"format": "s"}},
        ),
        ({"type": "news", "feed": "f"}, "news", {"autoMigrateFrom": "news", "originalOptions": {"feed": "f"}}),
        ({"type": "news"}, "news", None),
    ],
)
def test_what_a_plugin_of_angularjs_left_is_kept_for_the_frontend(members: Json, kind: str, left: Json | None) -> None:
    visualization = element_of(**members)["vizConfig"]
    assert visualization["group"] == kind
    assert visualization["spec"]["options"].get("__angularMigration") == left


@pytest.mark.parametrize(
    ("of_target", "of_panel", "plugin", "name"),
    [
        ({"type": "loki", "uid": "l1"}, {"type": "prometheus", "uid": "p1"}, "loki", "l1"),
        ({}, {"type": "prometheus", "uid": "p1"}, "prometheus", "p1"),
        (None, {"type": "prometheus", "uid": "p1"}, "prometheus", "p1"),
        (None, {"type": "datasource", "uid": "-- Mixed --"}, "", None),
        (None, "Prometheus", "", None),
        ({"uid": "known"}, None, "mysql", "known"),
        ({"uid": "unknown"}, None, "tempo", "unknown"),
        ({"uid": "${DS}"}, None, "", "${DS}"),
        ({"type": "datasource"}, None, "datasource", "grafana"),
    ],
)
def test_a_query_names_its_plugin(of_target: Json | None, of_panel: object, plugin: str, name: str | None) -> None:
    target = {"refId": "A", "hide": True, "expr": "up", "datasource": of_target}
    sources = (DataSource("known", "mysql", "K"), DataSource("other", "tempo", "O", is_default=True))
    spec = from_classic({"panels": [panel(1, targets=[target], datasource=of_panel)]}, sources=sources)
    (query,) = spec["elements"]["panel-1"]["spec"]["data"]["spec"]["queries"]
    source = {} if name is None else {"datasource": {"name": name}}
    assert query == {
        "kind": "PanelQuery",
        "spec": {
            "refId": "A",
            "hidden": True,
            "query": {"kind": "DataQuery", "group": plugin, "version": "v0", "spec": {"expr": "up"}, **source},
        },
    }


def test_a_plugin_that_no_data_source_tells_is_grafana() -> None:
    queries = element_of(targets=[{"datasource": {"uid": "p1"}}])["data"]["spec"]["queries"]
    assert queries[0]["spec"]["query"]["group"] == "grafana"


def test_targets_without_a_name_get_free_letters() -> None:
    targets = [{"refId": "B"}, *({} for _ in range(27))]
    queries = element_of(targets=targets)["data"]["spec"]["queries"]
    names = [query["spec"]["refId"] for query in queries]
    assert (names[:4], names[-3:]) == (["B", "A", "C", "D"], ["Z", "AA", "AB"])


def test_settings_of_fields() -> None:
    result = {"text": "on", "color": "green", "index": 0}
    assert fields_of(
        unit="s",
        decimals=1,
        min="0",
        filterable=False,
        custom={},
        links=[],
        color={"mode": "fixed", "fixedColor": "red"},
        thresholds={"mode": "absolute", "steps": [{"color": "green"}, {"color": "red", "value": 80, "index": 1}]},
        mappings=[
            {"type": "value", "options": {"1": result, "2": None}},
            {"type": "range", "options": {"from": 1, "to": None, "result": result}},
            {"type": "range", "options": {"result": result}},
            {"type": "regex", "options": {"pattern": "a"}},
            {"type": "special", "options": {"match": "null", "result": {"icon": "bolt", "index": "1"}}},
            {"type": "other", "options": {}},
        ],
    ) == {
        "unit": "s",
        "decimals": 1,
        "filterable": False,
        "color": {"mode": "fixed", "fixedColor": "red"},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
        },
        "mappings": [
            {"type": "value", "options": {"1": result}},
            {"type": "range", "options": {"from": 1, "to": None, "result": result}},
            {"type": "regex", "options": {"pattern": "a", "result": {}}},
            {"type": "special", "options": {"match": "null", "result": {"icon": "bolt"}}},
        ],
    }


def test_overrides() -> None:
    overrides = [
        {
            "__systemRef": "hideSeriesFrom",
            "matcher": {"id": "byName", "options": "a", "scope": "series"},
            "properties": [{"id": "unit", "value": "s"}, {"id": "links", "value": None}],
        },
        {},
    ]
    config = element_of(fieldConfig={"overrides": overrides})["vizConfig"]["spec"]["fieldConfig"]
    assert config["overrides"] == [
        {**overrides[0], "properties": [{"id": "unit", "value": "s"}, {"id": "links"}]},
        {"matcher": {"id": ""}, "properties": []},
    ]


CURRENT = {"text": "a", "value": ["a", 1]}
CHOSEN = {
    "hide": "dontHide",
    "skipUrlSync": False,
    "current": {"text": "a", "value": ["a"]},
    "options": [{"text": "a", "value": "a", "selected": False}],
    "multi": True,
    "includeAll": False,
    "allowCustomValue": True,
}
OFFERED = {"current": CURRENT, "options": [{"text": "a", "value": "a", "isNone": True}], "multi": True}


@pytest.mark.parametrize(
    ("members", "kind", "spec"),
    [
        (
            {"type": "query", **OFFERED, "query": "up", "refresh": 2, "sort": 3, "definition": "", "label": "L"},
            "QueryVariable",
            {
                **CHOSEN,
                "label": "L",
                "refresh": "onTimeRangeChanged",
                "sort": "numericalAsc",
                "regex": "",
                "definition": "",
                "query": {
                    "kind": "DataQuery",
                    "group": "grafana",
                    "version": "v0",
                    "spec": {"__legacyStringValue": "up"},
                },
            },
        ),
        (
            {"type": "datasource", **OFFERED, "query": "loki", "allValue": "x", "hide": 2},
            "DatasourceVariable",
            {**CHOSEN, "hide": "hideVariable", "pluginId": "loki", "refresh": "never", "regex": "", "allValue": "x"},
        ),
        (
            {"type": "custom", **OFFERED, "query": "a,b", "valuesFormat": "csv", "allowCustomValue": False},
            "CustomVariable",
            {**CHOSEN, "query": "a,b", "valuesFormat": "csv", "allowCustomValue": False},
        ),
        (
            {"type": "constant", "query": "c", "description": "D"},
            "ConstantVariable",
            {
                "hide": "dontHide",
                "skipUrlSync": False,
                "description": "D",
                "query": "c",
                "current": {"text": "c", "value": "c"},
            },
        ),
        (
            {"type": "interval", "options": [{"value": "1m"}, {"text": "5m"}, {"value": ""}], "auto_count": "30"},
            "IntervalVariable",
            {
                "hide": "dontHide",
                "skipUrlSync": False,
                "query": "1m,5m",
                "current": {"text": "", "value": ""},
                "options": [
                    {"text": "", "value": "1m", "selected": False},
                    {"text": "5m", "value": "", "selected": False},
                    {"text": "", "value": "", "selected": False},
                ],
                "refresh": "onTimeRangeChanged",
                "auto": False,
                "auto_min": "",
                "auto_count": 30,
            },
        ),
        (
            {"type": "textbox", "query": "q", "current": {"text": "a", "value": "a"}},
            "TextVariable",
            {"hide": "dontHide", "skipUrlSync": False, "query": "q", "current": {"text": "a", "value": "a"}},
        ),
        (
            {"type": "switch", "options": [{"value": "on"}], "current": {"text": "on"}},
            "SwitchVariable",
            {
                "hide": "dontHide",
                "skipUrlSync": False,
                "current": "on",
                "enabledValue": "on",
                "disabledValue": "false",
            },
        ),
    ],
)
def test_variables_of_each_kind(members: Json, kind: str, spec: Json) -> None:
    assert variable_of(**members) == {"kind": kind, "spec": spec}


def test_filters_and_groups_have_their_data_source_beside_the_spec() -> None:
    filters = [
        {"key": "a", "value": "b", "values": ["b", "c"], "keyLabel": "A"},
        {"key": "x", "operator": "=", "value": "y", "origin": "scope"},
    ]
    source = {"type": "loki", "uid": "l1"}
    ad_hoc = variable_of(type="adhoc", datasource=source, filters=filters, defaultKeys=["k", {"text": "t"}, {}])
    assert (ad_hoc["group"], ad_hoc["datasource"]) == ("loki", {"name": "l1"})
    assert ad_hoc["spec"]["filters"] == [
        {"key": "a", "operator": "=", "value": "b", "keyLabel": "A", "values": ["b", "c"]}
    ]
    assert ad_hoc["spec"]["defaultKeys"] == [{"text": "k", "value": "k"}, {"text": "t", "value": "t"}]
    group = variable_of(type="groupby", current=CURRENT)
    assert (group["kind"], group["group"], group["datasource"]) == ("GroupByVariable", "", {})


def test_options_that_are_written_into_a_query_variable_stay() -> None:
    static = [{"text": "All", "value": "*", "selected": False}]
    spec = variable_of(type="query", hide="hideLabel", staticOptions=static, staticOptionsOrder="before")["spec"]
    assert (spec["hide"], spec["staticOptions"], spec["staticOptionsOrder"]) == ("hideLabel", static, "before")


def test_the_choice_of_a_constant_stays() -> None:
    spec = variable_of(type="constant", query="c", current={"text": "a", "value": {"__legacyStringValue": "b"}})["spec"]
    assert spec["current"] == {"text": "a", "value": "b"}


def test_a_variable_of_no_kind_is_left_out() -> None:
    assert from_classic({"templating": {"list": [{"type": "system"}, 3]}})["variables"] == []


@pytest.mark.parametrize(
    ("number", "name"), [(0, "disabled"), (4, "numericalDesc"), (7, "disabled"), ("x", "disabled")]
)
def test_orders_that_grafana_12_does_not_take_to_v2(number: object, name: str) -> None:
    assert variable_of(type="query", sort=number)["spec"]["sort"] == name


def test_annotations() -> None:
    assert annotation_of(builtIn=1, type="dashboard", enable=True, datasource="-- Grafana --") == {
        "name": "a",
        "enable": True,
        "hide": False,
        "iconColor": "red",
        "builtIn": True,
        "query": {"kind": "DataQuery", "group": "", "version": "v0", "spec": {}},
        "legacyOptions": {"type": "dashboard"},
    }
    annotation = annotation_of(
        datasource={"type": "prometheus", "uid": "p1"},
        target={"expr": "up"},
        filter={"exclude": True, "ids": [1, "2", -3]},
        mappings={"title": "name", "text": {"value": "msg", "regex": ""}, "x": 3},
        step="1m",
    )
    assert annotation["query"] == {
        "kind": "DataQuery",
        "group": "prometheus",
        "version": "v0",
        "spec": {"expr": "up"},
        "datasource": {"name": "p1"},
    }
    assert annotation["filter"] == {"ids": [1], "exclude": True}
    assert annotation["mappings"] == {
        "title": {"source": "field", "value": "name"},
        "text": {"source": "field", "value": "msg"},
    }
    assert annotation["legacyOptions"] == {"step": "1m"}


def test_the_data_source_of_an_annotation_counts_only_with_a_plugin() -> None:
    assert "datasource" not in annotation_of(datasource={"uid": "p1"})["query"]


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*_of_version_*.json")), ids=lambda path: path.stem)
def test_the_way_to_v2_and_back_settles(path: Path) -> None:
    """What v2 can hold of a dashboard stays from there on."""
    once = to_classic(from_classic(migrate(load(path)["given"])), layout=ShownLayout)
    assert to_classic(from_classic(once), layout=ShownLayout) == once


@given(documents)
def test_any_document_is_brought_to_v2(document: Json) -> None:
    before = json.dumps(document)
    spec = from_classic(document)
    assert json.dumps(document) == before, "the document that was given is changed"
    json.dumps(spec, allow_nan=False)
