from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashgen.schema.derive import PANEL_KINDS
from dashgen.schema.validate import is_valid, is_valid_dashboard, option_violations, panel_violations, validate
from dashgen.schema.violation import Violation
from tests.schema.documents import dashboard, panel

SHIPPED = sorted((Path(__file__).parents[2] / "build/prod/dashboards").glob("*/*.json"))


def said(*violations: Violation) -> list[str]:
    return [str(violation) for violation in violations]


def test_a_dashboard_is_valid() -> None:
    row = {
        "id": 9,
        "type": "row",
        "title": "Now",
        "collapsed": True,
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0},
        "panels": [panel("stat", 3)],
    }
    assert said(*validate("dashboard", dashboard(panel(), row))) == []


@pytest.mark.parametrize("kind", PANEL_KINDS)
def test_every_kind_accepts_the_common_part(kind: str) -> None:
    assert said(*validate("dashboard", dashboard(panel(kind)))) == []


@pytest.mark.parametrize("kind", PANEL_KINDS)
def test_every_kind_refuses_an_unknown_option(kind: str) -> None:
    (violation,) = option_violations(kind, {"noSuchOption": 1}, {})
    assert violation.path == "/options/noSuchOption"
    assert violation.message == "unknown key"
    assert violation.hint


@pytest.mark.parametrize("kind", PANEL_KINDS)
def test_every_kind_refuses_unknown_custom_keys_and_override_ids(kind: str) -> None:
    wrong = {"matcher": {"id": "byName"}, "properties": [{"id": "custom.noSuch", "value": 1}]}
    found = panel_violations(kind, {"fieldConfig": {"defaults": {"custom": {"noSuch": 1}}, "overrides": [wrong]}})
    assert [v.path for v in found] == [
        "/fieldConfig/defaults/custom/noSuch",
        "/fieldConfig/overrides/0/properties/0/id",
    ]


# For each kind with options: one of a wrong type or value, and what is said about it.
WRONG_OPTION: dict[str, tuple[dict[str, Any], str]] = {
    "alertlist": ({"sortOrder": 6}, "/options/sortOrder: 6 is not allowed here; known values: 1, 2, 3, 4, 5"),
    "annolist": ({"limit": "10"}, "/options/limit: expected a whole number, got '10'; write it without quotes: 10"),
    "barchart": (
        {"showValue": "allways"},
        "/options/showValue: 'allways' is not allowed here; did you mean 'always'?",
    ),
    "bargauge": (
        {"displayMode": "led"},
        "/options/displayMode: 'led' is not allowed here; known values: basic, lcd, gradient",
    ),
    "candlestick": (
        {"colors": {"upp": "green"}},
        "/options/colors/upp: unknown key; did you mean 'up'?",
    ),
    "canvas": ({"root": {"elements": {}}}, "/options/root/elements: expected a list, got {}"),
    "dashlist": ({"tags": "a"}, "/options/tags: expected a list, got 'a'; write a list of one: [a]"),
    "datagrid": ({"selectedSeries": None}, "/options/selectedSeries: expected a whole number, got null"),
    "debug": ({"mode": "evnts"}, "/options/mode: 'evnts' is not allowed here; did you mean 'events'?"),
    "gauge": (
        {"showThresholdLabels": 1},
        "/options/showThresholdLabels: expected true or false, got 1",
    ),
    "geomap": (
        {"tooltip": {"mode": "detail"}},
        "/options/tooltip/mode: 'detail' is not allowed here; did you mean 'details'?",
    ),
    "heatmap": (
        {"yAxis": {"min": "0"}},
        "/options/yAxis/min: expected a number, got '0'; write it without quotes: 0",
    ),
    "histogram": ({"combine": "yes"}, "/options/combine: expected true or false, got 'yes'"),
    "logs": (
        {"sortOrder": "descending"},
        "/options/sortOrder: 'descending' is not allowed here; did you mean 'Descending'?",
    ),
    "news": ({"feedURL": "x"}, "/options/feedURL: unknown key; did you mean 'feedUrl'?"),
    "nodeGraph": (
        {"zoomMode": "greddy"},
        "/options/zoomMode: 'greddy' is not allowed here; did you mean 'greedy'?",
    ),
    "piechart": (
        {"legend": {"values": ["percents"]}},
        "/options/legend/values/0: 'percents' is not allowed here; did you mean 'percent'?",
    ),
    "stat": (
        {"reduceOptions": {"calcs": ["lastNonNull"]}},
        "/options/reduceOptions/calcs/0: 'lastNonNull' is not allowed here; did you mean 'lastNotNull'?",
    ),
    "state-timeline": (
        {"rowHeight": "0.9"},
        "/options/rowHeight: expected a number, got '0.9'; write it without quotes: 0.9",
    ),
    "status-history": ({"colWidth": "1"}, "/options/colWidth: expected a number, got '1'; write it without quotes: 1"),
    "table": (
        {"sortBy": [{"displayNam": "x"}]},
        "/options/sortBy/0/displayNam: unknown key; did you mean 'displayName'?",
    ),
    "text": ({"mode": "md"}, "/options/mode: 'md' is not allowed here; known values: html, markdown, code"),
    "timeseries": (
        {"legend": {"showLegnd": True}},
        "/options/legend/showLegnd: unknown key; did you mean 'showLegend'?",
    ),
    "trend": ({"xField": 1}, "/options/xField: expected a string, got 1; write it in quotes: '1'"),
    "xychart": (
        {"mapping": "automatic"},
        "/options/mapping: 'automatic' is not allowed here; known values: auto, manual",
    ),
}


@pytest.mark.parametrize("kind", PANEL_KINDS)
def test_every_kind_explains_a_wrong_option(kind: str) -> None:
    options, message = WRONG_OPTION[kind]
    assert said(*option_violations(kind, options, {})) == [message]


def spoil(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *parents, last = path.split("/")
    at: Any = document
    for part in parents:
        at = at[int(part) if isinstance(at, list) else part]
    at[int(last) if isinstance(at, list) else last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("id", 7, ": expected null, got 7; Grafana gives the number; write null"),
        (
            "uid",
            "daemon health",
            ": 'daemon health' does not have the form that is needed; 1 to 40 letters, digits, - or _",
        ),
        ("schemaVersion", 39, ": expected 42, got 39"),
        ("panels/0/id", 0, ": expected at least 1, got 0"),
        ("panels/0/gridPos/w", 25, ": expected at most 24, got 25"),
        ("panels/0/type", "timeserie", ": 'timeserie' is not allowed here; did you mean 'timeseries'?"),
        ("panels/0/datasource", "qdb", ": expected an object or null, got 'qdb'"),
        ("panels/0/targets/0/format", "table", ": 'table' is not allowed here; 0: time series, 1: table"),
        ("panels/0/targets/0/rawSQL", "x", ": unknown key; did you mean 'rawSql'?"),
        (
            "panels/0/fieldConfig/defaults/color",
            {"mode": "palete-classic"},
            "/mode: 'palete-classic' is not allowed here; did you mean 'palette-classic'?",
        ),
        (
            "panels/0/fieldConfig/defaults/mappings",
            [{"type": "value", "options": {"1": {"txt": "up"}}}],
            "/0/options/1/txt: unknown key; did you mean 'text'?",
        ),
        (
            "panels/0/fieldConfig/defaults/custom",
            {"spanNulls": "no"},
            "/spanNulls: expected true or false or a number, got 'no'",
        ),
        (
            "panels/0/fieldConfig/overrides/0/properties",
            [{"id": "custom.linewidth", "value": 2}],
            "/0/id: 'custom.linewidth' is not allowed here; did you mean 'custom.lineWidth'?",
        ),
        (
            "panels/0/fieldConfig/overrides/0/properties",
            [{"id": "custom.lineWidth", "value": "2"}],
            "/0/value: expected a number, got '2'; write it without quotes: 2",
        ),
        (
            "panels/0/transformations",
            [{"id": "organise", "options": {}}],
            "/0/id: 'organise' is not allowed here; did you mean 'organize'?",
        ),
        ("templating/list/0/multi", "yes", ": expected true or false, got 'yes'"),
        ("templating/list/1/current/value", 3, ": expected a string or a list, got 3; write a list of one: [3]"),
    ],
)
def test_a_mistake_is_told_once_and_where_it_is(path: str, value: object, what: str) -> None:
    assert said(*validate("dashboard", spoil(dashboard(), path, value))) == [f"/{path}{what}"]


def test_an_unknown_kind_of_panel_is_answered_with_the_known_ones() -> None:
    (violation,) = panel_violations("polystat", {})
    assert violation.pointer == ("type",)
    assert (
        violation.hint
        == f"known values: stat, annolist, alertlist, dashlist, histogram and {len(PANEL_KINDS) - 5} more"
    )


def test_a_missing_id_and_place_are_told_for_dashboards_only() -> None:
    bare = {"type": "text", "options": {"content": "x"}}
    assert said(*panel_violations("text", bare)) == []
    assert said(*validate("dashboard", dashboard(bare))) == [
        "/panels/0: missing key 'gridPos'",
        "/panels/0: missing key 'id'",
    ]


def test_all_mistakes_are_told_ordered_by_place() -> None:
    document = dashboard(panel("stat", 1), panel("gauge", 2))
    document["panels"][1]["option"] = {}
    document["panels"][0]["options"] = {"colorMode": "blue", "graphmode": "none"}
    document["titel"] = "x"
    assert [v.path for v in validate("dashboard", document)] == [
        "/panels/0/options/colorMode",
        "/panels/0/options/graphmode",
        "/panels/1/option",
        "/titel",
    ]


@pytest.mark.parametrize("datasource", ["prometheus", "datasource", "grafana"])
def test_targets_of_other_datasources_are_open(datasource: str) -> None:
    target = {"refId": "A", "expr": "up", "datasource": {"type": datasource, "uid": "other"}}
    assert said(*panel_violations("timeseries", {"targets": [target]})) == []
    del target["refId"]
    assert said(*panel_violations("timeseries", {"targets": [target]})) == ["/targets/0: missing key 'refId'"]


@pytest.mark.parametrize("plugin", ["grafana-postgresql-datasource", "postgres"])
def test_postgresql_targets_are_closed(plugin: str) -> None:
    target = {
        "refId": "A",
        "rawQuery": True,
        "rawSql": "SELECT 1",
        "format": "table",
        "editorMode": "code",
        "datasource": {"type": plugin, "uid": "pg"},
    }
    assert said(*panel_violations("table", {"targets": [target]})) == []
    target["format"] = 1
    assert said(*panel_violations("table", {"targets": [target]})) == [
        "/targets/0/format: 1 is not allowed here; known values: time_series, table"
    ]


def test_a_pointer_is_escaped() -> None:
    assert Violation(("a/b", 1, "c~d"), "x").path == "/a~1b/1/c~0d"


@pytest.mark.parametrize("instance", [object(), {"panels": {1, 2}}, {1: 2}, {"uid": b"x"}])
def test_what_is_not_json_is_told_and_not_raised(instance: object) -> None:
    assert validate("dashboard", instance)


def test_what_only_one_of_the_two_libraries_refuses_is_refused() -> None:
    # Python's `$` matches before a final line break, Rust's does not.
    (violation,) = validate("dashboard", dashboard() | {"uid": "abc\n"})
    assert violation.pointer == ("uid",)
    assert violation.message


def test_data_of_other_types_than_jsons_are_not_judged() -> None:
    class Text(str):
        __slots__ = ()

    dashboard = {"panels": [], "title": "A"}
    assert is_valid("dashboard", dashboard) == (validate("dashboard", dashboard) == [])
    assert not is_valid("dashboard", {**dashboard, "title": Text("A")})
    assert not is_valid("dashboard", {**dashboard, "unknown": 1})
    assert not is_valid("dashboard", None)


KINDS = ("stat", "timeseries", "table", "text", "row", "acme-panel")


@pytest.mark.parametrize("kinds", [(), ("stat",), ("stat", "timeseries"), KINDS])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["", "options", "fieldConfig", "gridPos", "title"])
def test_a_schema_of_some_kinds_says_what_the_whole_one_says(kinds: tuple[str, ...], kind: str, fault: str) -> None:
    """Of panels of these kinds; of others it says no, and the whole one is asked."""
    panel = {"id": 1, "type": kind, "title": "A", "gridPos": {"h": 1, "w": 1, "x": 0, "y": 0}}
    if kind == "row":
        panel |= {"collapsed": True, "panels": [{**panel, "id": 2, "type": "stat"}]}
    if fault:
        panel[fault] = {"unknown": 1}
    made = {**dashboard(), "panels": [panel]}
    is_known = kind in kinds or kind == "row"
    inner = kind != "row" or "stat" in kinds
    assert is_valid_dashboard(made, frozenset(kinds)) == (is_known and inner and is_valid("dashboard", made))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_dashboards_are_valid_by_the_schema_of_their_kinds(path: Path) -> None:
    made = json.loads(path.read_text())
    kinds = {panel["type"] for panel in made["panels"]}
    assert is_valid_dashboard(made, frozenset(kinds))
    for kind in kinds - {"row"}:
        assert not is_valid_dashboard(made, frozenset(kinds - {kind}))
    assert not is_valid_dashboard({**made, "unknown": 1}, frozenset(kinds))
