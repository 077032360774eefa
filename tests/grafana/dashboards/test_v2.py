"""Dashboards of the v2 form on small documents of their own, and any document at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.dashboards.migrations import migrate
from dashgen.grafana.dashboards.v2 import Layout, ShownLayout, to_classic
from dashgen.grafana.dashboards.v2.losses import losses

Json = dict[str, Any]


def query(plugin: str = "prometheus", uid: str = "p1", **model: Any) -> Json:
    source = {"datasource": {"name": uid}} if uid else {}
    return {"kind": "DataQuery", "group": plugin, "version": "v0", **source, "spec": model}


def element(number: int, *queries: Json, **members: Any) -> Json:
    listed = [
        {"kind": "PanelQuery", "spec": {"refId": "ABC"[i], "hidden": False, "query": one}}
        for i, one in enumerate(queries)
    ]
    data = {"queries": listed, "transformations": [], "queryOptions": {}, **members.pop("data", {})}
    settings = {"options": {}, "fieldConfig": {"defaults": {}, "overrides": []}, **members.pop("viz", {})}
    spec = {
        "id": number,
        "title": f"Panel {number}",
        "description": "",
        "links": [],
        "data": {"kind": "QueryGroup", "spec": data},
        "vizConfig": {"kind": "VizConfig", "group": "timeseries", "version": "12.4.0", "spec": settings},
        **members,
    }
    return {"kind": "Panel", "spec": spec}


def item(name: str, x: int = 0, y: int = 0, width: int = 12, height: int = 8, **members: Any) -> Json:
    spec = {"x": x, "y": y, "width": width, "height": height, **members}
    return {"kind": "GridLayoutItem", "spec": {**spec, "element": {"kind": "ElementReference", "name": name}}}


def grid(*items: Json) -> Json:
    return {"kind": "GridLayout", "spec": {"items": list(items)}}


def auto_grid(*names: str, **settings: Any) -> Json:
    items = [
        {"kind": "AutoGridLayoutItem", "spec": {"element": {"kind": "ElementReference", "name": name}}}
        for name in names
    ]
    return {"kind": "AutoGridLayout", "spec": {"items": items, **settings}}


def rows(*sections: Json) -> Json:
    return {"kind": "RowsLayout", "spec": {"rows": [{"kind": "RowsLayoutRow", "spec": one} for one in sections]}}


def tabs(*sections: Json) -> Json:
    return {"kind": "TabsLayout", "spec": {"tabs": [{"kind": "TabsLayoutTab", "spec": one} for one in sections]}}


def spec_with(layout: Json, count: int = 4, **members: Any) -> Json:
    return {
        "title": "T",
        "elements": {f"p{number}": element(number, query(expr="up")) for number in range(1, count + 1)},
        "layout": layout,
        **members,
    }


def places(layout: Json, kind: type[Layout] = Layout) -> list[tuple[object, ...]]:
    """Number or title, and the place of each panel."""
    found = to_classic(spec_with(layout), layout=kind).get("panels", [])
    return [
        (panel["title"] if panel["type"] == "row" else panel["id"], *panel.get("gridPos", {}).values())
        for panel in found
    ]


def test_settings() -> None:
    spec = {
        "title": "T",
        "description": "d",
        "tags": ["a"],
        "cursorSync": "Crosshair",
        "editable": False,
        "liveNow": True,
        "timeSettings": {
            "from": "now-1h",
            "to": "now",
            "timezone": "utc",
            "weekStart": "monday",
            "autoRefresh": "10s",
            "autoRefreshIntervals": ["10s"],
            "hideTimepicker": True,
            "nowDelay": "1m",
            "fiscalYearStartMonth": 3,
            "quickRanges": [{"display": "Day", "from": "now-1d", "to": "now"}],
        },
        "links": [{"title": "L", "type": "link", "url": "/x", "tags": [], "targetBlank": True}],
        "elements": {},
        "layout": grid(),
    }
    assert to_classic(spec) == {
        "title": "T",
        "description": "d",
        "tags": ["a"],
        "graphTooltip": 1,
        "editable": False,
        "liveNow": True,
        "preload": False,
        "schemaVersion": 42,
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "utc",
        "weekStart": "monday",
        "refresh": "10s",
        "fiscalYearStartMonth": 3,
        "timepicker": {
            "refresh_intervals": ["10s"],
            "hidden": True,
            "nowDelay": "1m",
            "quick_ranges": [{"display": "Day", "from": "now-1d", "to": "now"}],
        },
        "links": [
            {
                "title": "L",
                "type": "link",
                "icon": "",
                "tooltip": "",
                "tags": [],
                "asDropdown": False,
                "targetBlank": True,
                "includeVars": False,
                "keepTime": False,
                "url": "/x",
            }
        ],
        "annotations": {"list": []},
    }


def test_a_panel() -> None:
    thresholds = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}
    mappings = [
        {"type": "value", "options": {"1": {"text": "up", "index": 0}}},
        {"type": "range", "options": {"from": None, "to": 5, "result": {"color": "red"}}},
        {"type": "regex", "options": {"pattern": "a", "result": {}}},
        {"type": "special", "options": {"match": "null", "result": {"text": "-"}}},
    ]
    override = {
        "__systemRef": "hideSeriesFrom",
        "matcher": {"id": "byName", "options": "a"},
        "properties": [{"id": "unit", "value": "s"}, {"id": "links"}],
    }
    defaults = {"unit": "ms", "min": 0, "thresholds": thresholds, "mappings": mappings, "fieldMinMax": True}
    defaults |= {"color": {"mode": "fixed", "fixedColor": "red"}, "links": [{"url": "/x"}], "custom": {"a": 1}}
    one = element(
        7,
        query(expr="up"),
        query(expr="down"),
        description="d",
        transparent=True,
        links=[{"title": "L", "url": "/l", "targetBlank": True}],
        viz={"options": {"legend": {}}, "fieldConfig": {"defaults": defaults, "overrides": [override]}},
        data={
            "queryOptions": {"maxDataPoints": 100, "interval": "1m", "timeFrom": "1h"},
            "transformations": [
                {"kind": "limit", "spec": {"id": "limit", "options": {"limitField": 3}, "disabled": True}}
            ],
        },
    )
    (panel,) = to_classic({"elements": {"a": one}, "layout": grid(item("a"))})["panels"]
    reference = {"type": "prometheus", "uid": "p1"}
    assert panel == {
        "id": 7,
        "title": "Panel 7",
        "type": "timeseries",
        "pluginVersion": "12.4.0",
        "description": "d",
        "transparent": True,
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "datasource": reference,
        "targets": [
            {"refId": "A", "expr": "up", "datasource": reference},
            {"refId": "B", "expr": "down", "datasource": reference},
        ],
        "links": [{"title": "L", "url": "/l", "targetBlank": True}],
        "options": {"legend": {}},
        "fieldConfig": {
            "defaults": {
                **defaults,
                "mappings": [
                    mappings[0],
                    {"type": "range", "options": {"to": 5, "result": {"color": "red"}}},
                    *mappings[2:],
                ],
            },
            "overrides": [{**override, "properties": [{"id": "unit", "value": "s"}, {"id": "links", "value": None}]}],
        },
        "transformations": [{"id": "limit", "options": {"limitField": 3}, "disabled": True}],
        "maxDataPoints": 100,
        "interval": "1m",
        "timeFrom": "1h",
    }


def test_a_transformation_of_v2_has_its_id_in_its_group() -> None:
    step = {"kind": "Transformation", "group": "limit", "spec": {"options": {}}}
    one = element(1, data={"transformations": [step]})
    (panel,) = to_classic({"elements": {"a": one}, "layout": grid(item("a"))})["panels"]
    assert panel["transformations"] == [{"id": "limit", "options": {}}]


def test_v2alpha1_has_plugins_as_kinds_and_data_sources_beside_queries() -> None:
    one = element(1)
    one["spec"]["vizConfig"] = {"kind": "stat", "spec": {"pluginVersion": "12.0.0", "options": {}}}
    one["spec"]["data"]["spec"]["queries"] = [
        {
            "kind": "PanelQuery",
            "spec": {
                "refId": "A",
                "hidden": True,
                "datasource": {"type": "prometheus", "uid": "p1"},
                "query": {"kind": "prometheus", "spec": {"expr": "up"}},
            },
        }
    ]
    (panel,) = to_classic({"elements": {"a": one}, "layout": grid(item("a"))})["panels"]
    assert (panel["type"], panel["pluginVersion"]) == ("stat", "12.0.0")
    assert panel["targets"] == [
        {"refId": "A", "hide": True, "expr": "up", "datasource": {"type": "prometheus", "uid": "p1"}}
    ]


@pytest.mark.parametrize(
    ("queries", "datasource"),
    [
        ([query()], {"type": "prometheus", "uid": "p1"}),
        ([query(), query(uid="p2")], {"type": "mixed", "uid": "-- Mixed --"}),
        ([query(), query("loki")], {"type": "mixed", "uid": "-- Mixed --"}),
        ([query(uid="")], {"type": "prometheus"}),
        ([query("", "")], None),
        ([], None),
        ([query("datasource", "-- Dashboard --")], {"type": "datasource", "uid": "-- Dashboard --"}),
        ([query("datasource", "-- Dashboard --")] * 2, {"type": "mixed", "uid": "-- Mixed --"}),
    ],
)
def test_the_data_source_of_a_panel_is_that_of_its_queries(queries: list[Json], datasource: Json | None) -> None:
    (panel,) = to_classic({"elements": {"a": element(1, *queries)}, "layout": grid(item("a"))})["panels"]
    assert panel.get("datasource") == datasource


def test_what_a_panel_of_angularjs_left_is_put_back() -> None:
    old = {"autoMigrateFrom": "graph", "originalOptions": {"lines": True, "yaxes": []}}
    one = element(1, viz={"options": {"legend": {}, "__angularMigration": old}})
    (panel,) = to_classic({"elements": {"a": one}, "layout": grid(item("a"))})["panels"]
    assert (panel["autoMigrateFrom"], panel["lines"], panel["yaxes"]) == ("graph", True, [])
    assert panel["options"] == {"legend": {}}


def test_a_library_panel() -> None:
    library = {"kind": "LibraryPanel", "spec": {"id": 3, "title": "L", "libraryPanel": {"name": "n", "uid": "u"}}}
    (panel,) = to_classic({"elements": {"a": library}, "layout": grid(item("a"))})["panels"]
    assert panel["libraryPanel"] == {"name": "n", "uid": "u"}
    assert panel["type"] == "library-panel-ref"
    assert migrate({"panels": [panel], "schemaVersion": 42})["panels"] == [
        {
            "id": 3,
            "title": "L",
            "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
            "libraryPanel": {"name": "n", "uid": "u"},
        }
    ]


def test_a_grid_keeps_places_and_repeats() -> None:
    repeat = {"mode": "variable", "value": "host", "direction": "v", "maxPerRow": 3}
    (panel,) = to_classic(spec_with(grid(item("p1", 4, 2, 6, 5, repeat=repeat))))["panels"]
    assert panel["gridPos"] == {"x": 4, "y": 2, "w": 6, "h": 5}
    assert (panel["repeat"], panel["repeatDirection"], panel["maxPerRow"]) == ("host", "v", 3)


@pytest.mark.parametrize(
    ("settings", "size", "second", "last"),
    [
        ({}, (8, 9), (8, 0), (0, 9)),
        ({"maxColumnCount": 2, "rowHeightMode": "short"}, (12, 5), (12, 0), (12, 5)),
        ({"maxColumnCount": 1, "rowHeightMode": "tall"}, (24, 14), (0, 14), (0, 42)),
        ({"rowHeightMode": "custom", "rowHeight": 100}, (8, 3), (8, 0), (0, 3)),
        ({"rowHeightMode": "custom"}, (8, 9), (8, 0), (0, 9)),
        ({"maxColumnCount": 5}, (4, 9), (4, 0), (12, 0)),
        ({"maxColumnCount": 1e-300}, (24, 9), (0, 9), (0, 27)),
    ],
)
def test_an_auto_grid_gets_places(
    settings: Json, size: tuple[int, int], second: tuple[int, int], last: tuple[int, int]
) -> None:
    found = places(auto_grid("p1", "p2", "p3", "p4", **settings))
    assert found[0] == (1, 0, 0, *size)
    assert found[1] == (2, *second, *size)
    assert found[3] == (4, *last, *size)


SECTIONS = rows(
    {"title": "Open", "layout": grid(item("p1"), item("p2", 12, 0))},
    {"title": "Folded", "collapse": True, "layout": grid(item("p3"))},
    {"title": "Auto", "collapse": False, "layout": auto_grid("p4")},
)


def test_panels_of_an_open_row_are_on_the_line_of_its_header() -> None:
    """As 12.4 places them."""
    assert places(SECTIONS) == [
        ("Open", 0, 0, 24, 1),
        (1, 0, 0, 12, 8),
        (2, 12, 0, 12, 8),
        ("Folded", 0, 8, 24, 1),
        ("Auto", 0, 9, 24, 1),
        (4, 0, 9, 8, 9),
    ]
    folded = to_classic(spec_with(SECTIONS))["panels"][3]
    assert [inner["gridPos"]["y"] for inner in folded["panels"]] == [9]
    assert folded["id"] == 6


def test_a_shown_layout_has_no_overlaps() -> None:
    assert places(SECTIONS, ShownLayout) == [
        ("Open", 0, 0, 24, 1),
        (1, 0, 1, 12, 8),
        (2, 12, 1, 12, 8),
        ("Folded", 0, 9, 24, 1),
        ("Auto", 0, 10, 24, 1),
        (4, 0, 11, 8, 9),
    ]
    hidden = rows(
        {"title": "First", "layout": grid(item("p1"))}, {"hideHeader": True, "layout": grid(item("p2", 0, 0))}
    )
    assert places(hidden)[2] == (2, 0, 0, 12, 8)
    assert places(hidden, ShownLayout)[2] == (2, 0, 9, 12, 8)


def test_tabs_become_open_rows() -> None:
    layout = tabs(
        {"title": "One", "layout": grid(item("p1"))},
        {
            "title": "Two",
            "repeat": {"mode": "variable", "value": "host"},
            "layout": rows({"title": "In", "collapse": True, "layout": grid(item("p2"))}),
        },
        {"title": "Three", "layout": auto_grid("p3")},
    )
    assert places(layout) == [
        ("One", 0, 0, 24, 1),
        (1, 0, 1, 12, 8),
        ("Two", 0, 9, 24, 1),
        ("In", 0, 10, 24, 1),
        ("Three", 0, 11, 24, 1),
        (3, 0, 12, 8, 9),
    ]
    two = to_classic(spec_with(layout))["panels"][2]
    assert (two["repeat"], two["collapsed"], two["panels"]) == ("host", False, [])


def test_what_is_lost_is_said() -> None:
    layout = tabs(
        {"title": "One", "layout": auto_grid("p1")},
        {
            "title": "Two",
            "conditionalRendering": {"kind": "ConditionalRenderingGroup"},
            "layout": rows({"title": "In", "repeat": {"value": "v"}, "layout": rows({"layout": grid(item("p2"))})}),
        },
    )
    spec = spec_with(layout)
    spec["elements"]["p2"] = element(2, data={"queryOptions": {"timeCompare": "1d"}})
    to_classic(spec)
    assert losses(spec) == (
        "2 tabs became open rows",
        "panels of 1 auto grid got fixed places",
        "2 rows that were within a row or tab stand beside it",
        "panels of 1 row stand on the line of its header, as Grafana places them beside tabs",
        "1 part is shown whatever its condition says",
        "1 row of rows or tabs is not repeated",
        "1 comparison with another time is left out",
    )
    assert losses(spec_with(grid(item("p1")))) == ()


def variable(kind: str, **spec: Any) -> Json:
    beside: Json = {key: spec.pop(key) for key in ("group", "datasource") if key in spec}
    made = {"kind": kind, **beside, "spec": {"name": "v", "hide": "dontHide", "skipUrlSync": False, **spec}}
    listed: list[Json] = to_classic({"variables": [made]})["templating"]["list"]
    return listed[0]


def test_a_query_variable() -> None:
    found = variable(
        "QueryVariable",
        label="L",
        hide="hideLabel",
        refresh="onTimeRangeChanged",
        sort="numericalDesc",
        regex="/a/",
        multi=True,
        includeAll=True,
        allValue=".*",
        current={"text": ["a"], "value": ["a"]},
        options=[],
        definition="d",
        query=query("questdb-questdb-datasource", "q1", __legacyStringValue="SELECT 1"),
    )
    assert found == {
        "name": "v",
        "type": "query",
        "label": "L",
        "hide": 1,
        "skipUrlSync": False,
        "refresh": 2,
        "sort": 4,
        "regex": "/a/",
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["a"], "value": ["a"]},
        "options": [],
        "definition": "d",
        "allowCustomValue": True,
        "query": "SELECT 1",
        "datasource": {"type": "questdb-questdb-datasource", "uid": "q1"},
    }
    assert variable("QueryVariable", query=query(query="up", refId="x"))["query"] == {"query": "up", "refId": "x"}


@pytest.mark.parametrize(
    ("kind", "spec", "members"),
    [
        ("CustomVariable", {"query": "a,b"}, {"type": "custom", "query": "a,b", "options": []}),
        ("ConstantVariable", {"query": "7"}, {"type": "constant", "query": "7", "hide": 2}),
        (
            "IntervalVariable",
            {"query": "1m", "auto": True, "auto_min": "10s", "auto_count": 30},
            {"type": "interval", "auto": True, "auto_min": "10s", "auto_count": 30},
        ),
        ("TextVariable", {"query": "x"}, {"type": "textbox", "query": "x"}),
        ("DatasourceVariable", {"pluginId": "loki"}, {"type": "datasource", "query": "loki"}),
        (
            "GroupByVariable",
            {"group": "loki", "datasource": {"name": "l1"}, "defaultValue": {"text": "a", "value": "a"}},
            {
                "type": "groupby",
                "datasource": {"type": "loki", "uid": "l1"},
                "defaultValue": {"text": "a", "value": "a"},
            },
        ),
        (
            "AdhocVariable",
            {
                "group": "loki",
                "datasource": {"name": "l1"},
                "filters": [{"key": "k", "operator": "=", "value": "v", "values": ["v"]}],
                "defaultKeys": [{"text": "t", "value": 1}],
            },
            {
                "type": "adhoc",
                "datasource": {"type": "loki", "uid": "l1"},
                "filters": [{"key": "k", "operator": "=", "value": "v", "values": ["v"]}],
                "defaultKeys": [{"text": "t", "value": 1}],
            },
        ),
        (
            "SwitchVariable",
            {"current": "on", "enabledValue": "on", "disabledValue": "off"},
            {
                "type": "switch",
                "current": {"text": "on", "value": "on"},
                "options": [
                    {"text": "on", "value": "on", "selected": True},
                    {"text": "off", "value": "off", "selected": False},
                ],
            },
        ),
    ],
)
def test_variables_of_each_kind(kind: str, spec: Json, members: Json) -> None:
    assert members.items() <= variable(kind, **spec).items()


def test_annotations() -> None:
    (built_in, own) = to_classic(
        {
            "annotations": [
                {
                    "kind": "AnnotationQuery",
                    "spec": {"builtIn": True, "name": "A", "query": query("grafana", "-- Grafana --")},
                },
                {
                    "kind": "AnnotationQuery",
                    "spec": {
                        "name": "B",
                        "enable": True,
                        "iconColor": "red",
                        "query": query(expr="up"),
                        "filter": {"exclude": False, "ids": [1]},
                        "mappings": {"text": {"value": "msg"}, "time": {"source": "skip"}, "title": {}},
                        "legacyOptions": {"step": "1m", "name": "no"},
                    },
                },
            ]
        }
    )["annotations"]["list"]
    assert built_in["builtIn"] == 1
    assert built_in["type"] == "dashboard"
    assert built_in["datasource"] == {"type": "grafana", "uid": "-- Grafana --"}
    assert own == {
        "name": "B",
        "enable": True,
        "hide": False,
        "iconColor": "red",
        "datasource": {"type": "prometheus", "uid": "p1"},
        "target": {"expr": "up"},
        "filter": {"exclude": False, "ids": [1]},
        "mappings": {"text": {"source": "field", "value": "msg"}, "time": {"source": "skip"}},
        "step": "1m",
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"title": 3}, r"$.title: expected a text, got a number"),
        ({"tags": ["a", 1]}, r"$.tags[1]: expected a text, got a number"),
        ({"elements": []}, r"$.elements: expected an object, got a list"),
        ({"layout": {"kind": "Grid"}}, r"$.layout.kind: expected a layout GridLayout"),
        ({"layout": grid(item("x y"))}, r"$.layout.spec.items[0].spec.element.name: no element is named 'x y'"),
        ({"layout": {"kind": "GridLayout", "spec": {"items": [3]}}}, r"$.layout.spec.items[0]: expected an object"),
        ({"variables": [{"kind": "X"}]}, r"$.variables[0].kind: expected a kind of variable"),
        (
            {"elements": {"a b": {"kind": "Row"}}, "layout": grid(item("a b"))},
            r'$.elements["a b"].kind: expected an element Panel or LibraryPanel',
        ),
        (spec_with(grid(item("p1", x=1.5))), r"$.layout.spec.items[0].spec.x: expected a whole number, got 1.5"),  # type: ignore[arg-type]  # what a file can hold
        (spec_with(auto_grid("p1", maxColumnCount=10**400)), r"$.layout.spec.maxColumnCount: expected a number of at"),
        ({"timeSettings": {"from": None, "fiscalYearStartMonth": True}}, r"$.timeSettings.fiscalYearStartMonth"),
    ],
)
def test_damage_is_said_with_its_place(spec: Json, message: str) -> None:
    with pytest.raises(DashboardError) as raised:
        to_classic(spec)
    assert str(raised.value).startswith(message)


def test_a_mapping_of_no_kind_is_refused() -> None:
    one = element(1, viz={"fieldConfig": {"defaults": {"mappings": [{"type": "x"}]}}})
    with pytest.raises(DashboardError, match="a mapping of type value, range, regex or special, got 'x'"):
        to_classic({"elements": {"a": one}, "layout": grid(item("a"))})


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**320), 10**320)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "p1", "GridLayout", "custom", "variable", "value", "h"])
)
junk = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars, max_size=2)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, member in inside for found in paths(member, (*path, key)))]


WHOLE: Json = spec_with(
    tabs(
        {"title": "a", "layout": SECTIONS},
        {"title": "b", "layout": auto_grid("p1", maxColumnCount=2, rowHeightMode="custom", rowHeight=99)},
    ),
    tags=["a"],
    timeSettings={"from": "now-1h", "to": "now", "autoRefreshIntervals": ["5s"], "fiscalYearStartMonth": 0},
    variables=[{"kind": "QueryVariable", "spec": {"name": "v", "query": query(query="up"), "current": {"text": "a"}}}],
    annotations=[{"kind": "AnnotationQuery", "spec": {"name": "a", "query": query(), "mappings": {"a": {}}}}],
    links=[{"title": "l", "type": "link", "tags": []}],
)


@given(st.data())
def test_any_damage_is_either_read_or_said(data: st.DataObject) -> None:
    spec = json.loads(json.dumps(WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(paths(spec)[1:]))
        owner = spec
        for step in way:
            owner = owner[step]
        owner[last] = data.draw(junk)
    before = json.dumps(spec)
    try:
        migrate(to_classic(spec, layout=ShownLayout))
        losses(spec)
    except DashboardError as error:
        assert error.pointer.startswith("$")  # noqa: PT017  # both ways are right
    assert json.dumps(spec) == before
