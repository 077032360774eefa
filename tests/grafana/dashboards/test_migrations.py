"""Each step of the migration on a small document of its own, and any document at all."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.dashboards.migrations import DataSource, migrate, schema_version

Json = dict[str, Any]

PLACE = {"x": 0, "y": 0, "w": 12, "h": 8}


def panel_from(version: int, **members: Any) -> Json:
    """What becomes of the one panel of a dashboard of a version."""
    panel = {"id": 1, "type": "stat", "title": "One", "gridPos": dict(PLACE), **members}
    (migrated,) = migrate({"schemaVersion": version, "panels": [panel]})["panels"]
    assert isinstance(migrated, dict)
    return migrated


def variable_from(version: int, **members: Any) -> Json:
    (migrated,) = migrate({"schemaVersion": version, "templating": {"list": [members]}})["templating"]["list"]
    assert isinstance(migrated, dict)
    return migrated


def test_an_empty_dashboard_gets_what_grafana_fills_in() -> None:
    assert migrate({}) == {
        "annotations": {
            "list": [
                {
                    "builtIn": 1,
                    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
                    "enable": True,
                    "hide": True,
                    "iconColor": "rgba(0, 211, 255, 1)",
                    "name": "Annotations & Alerts",
                    "type": "dashboard",
                }
            ]
        },
        "editable": True,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 0,
        "links": [],
        "panels": [],
        "refresh": "",
        "schemaVersion": 42,
        "tags": [],
        "templating": {"list": []},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "",
        "title": "No Title",
        "weekStart": "",
    }


def test_members_of_files_and_of_the_frontend_are_not_served() -> None:
    kept = {"title": "T", "description": "d", "gnetId": 1860, "style": "light", "liveNow": False, "preload": False}
    gone = {
        "id": 7,
        "uid": "u",
        "version": 3,
        "iteration": 1,
        "style": "dark",
        "hideControls": False,
        "gnetId": None,
        "__inputs": [],
        "__requires": [],
        "__elements": {},
        "meta": {},
        "timeRangeUpdatedDuringEditOrView": False,
    }
    assert kept.items() <= migrate({"schemaVersion": 42, **kept}).items()
    assert not gone.keys() & migrate({"schemaVersion": 42, **gone}).keys()


@pytest.mark.parametrize(
    ("given_", "served"),
    [
        ("250ms", "5s"),
        ("4s", "5s"),
        ("5s", "5s"),
        ("1m30s", "1m30s"),
        ("", ""),
        (False, ""),
        (None, ""),
        ("auto", "auto"),
    ],
)
def test_a_refresh_is_a_text_and_not_below_the_least(given_: object, served: str) -> None:
    assert migrate({"schemaVersion": 39, "refresh": given_})["refresh"] == served


def test_the_least_refresh_is_the_servers() -> None:
    assert migrate({"refresh": "1s"}, least_refresh="1s")["refresh"] == "1s"


def test_panels_have_numbers_of_their_own() -> None:
    panels = [{"id": 3}, {"id": 3}, {}, {"type": "row", "id": 8, "panels": [{"id": 3}, {"id": 0}]}]
    migrated = migrate({"schemaVersion": 42, "panels": panels})["panels"]
    assert [panel["id"] for panel in migrated] == [3, 9, 10, 8]
    assert [panel["id"] for panel in migrated[3]["panels"]] == [11, 12]


def test_panels_are_in_the_order_of_their_places() -> None:
    places = [(8, 0), (0, 12), (0, 0)]
    panels = [{"id": n, "gridPos": {"x": x, "y": y, "w": 6, "h": 4}} for n, (y, x) in enumerate(places, 1)]
    assert [panel["id"] for panel in migrate({"panels": panels, "schemaVersion": 42})["panels"]] == [3, 2, 1]


def test_defaults_and_nulls_of_a_panel_are_left_out() -> None:
    members = {
        "transparent": False,
        "links": [],
        "options": {},
        "targets": [{"refId": "A"}],
        "transformations": [],
        "fieldConfig": {"defaults": {"max": None}, "overrides": []},
        "timeFrom": None,
        "isNew": True,
        "scopedVars": {},
    }
    assert panel_from(42, **members) == {"id": 1, "type": "stat", "title": "One", "gridPos": PLACE}


def test_a_threshold_that_is_null_has_no_value() -> None:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 80}]
    panel = panel_from(42, fieldConfig={"defaults": {"thresholds": {"mode": "absolute", "steps": steps}}})
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"] == [
        {"color": "green"},
        {"color": "red", "value": 80},
    ]


def test_targets_without_a_name_get_free_letters() -> None:
    panel = panel_from(42, targets=[{"expr": "a"}, {"expr": "b", "refId": "A"}, {"expr": "c"}])
    assert [target["refId"] for target in panel["targets"]] == ["B", "A", "C"]


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"type": "graph"}, "timeseries"),
        ({"type": "graph", "xaxis": {"mode": "histogram"}}, "histogram"),
        ({"type": "graph", "xaxis": {"mode": "series"}}, "barchart"),
        ({"type": "graph", "xaxis": {"mode": "series"}, "legend": {"values": True}}, "bargauge"),
        ({"type": "singlestat"}, "stat"),
        ({"type": "grafana-singlestat-panel"}, "stat"),
        ({"type": "table-old"}, "table"),
        ({"type": "grafana-piechart-panel"}, "piechart"),
        ({"type": "grafana-worldmap-panel"}, "geomap"),
        ({"type": "natel-discrete-panel"}, "state-timeline"),
    ],
)
def test_a_panel_of_angularjs_gets_its_successor(members: Json, kind: str) -> None:
    panel = panel_from(38, **members)
    assert (panel["type"], panel["autoMigrateFrom"]) == (kind, members["type"])
    row = {"id": 9, "type": "row", "collapsed": True, "panels": [{"id": 1, **members}]}
    (nested,) = migrate({"schemaVersion": 38, "panels": [row]})["panels"][0]["panels"]
    assert (nested["type"], nested["autoMigrateFrom"]) == (kind, members["type"])


def test_a_library_panel_is_only_a_reference() -> None:
    panel = panel_from(27, libraryPanel={"uid": "lib", "name": "Lib"}, targets=[{"refId": "A", "expr": "up"}])
    reference = {"id": 1, "title": "One", "gridPos": PLACE, "libraryPanel": {"uid": "lib", "name": "Lib"}}
    assert panel == reference


def test_v2_filters_and_graphite() -> None:
    old = {
        "schemaVersion": 1,
        "services": {"filter": {"time": {"from": "now-1h", "to": "now"}, "list": [{"name": "v", "type": "query"}]}},
        "panels": [{"id": 1, "type": "graphite", "legend": True, "grid": {"min": 1, "max": 5}, "y_format": "ms"}],
    }
    migrated = migrate(old)
    assert migrated["time"] == {"from": "now-1h", "to": "now"}
    assert [variable["name"] for variable in migrated["templating"]["list"]] == ["v"]
    (panel,) = migrated["panels"]
    assert panel["type"] == "timeseries"
    assert panel["legend"] == {"show": True}
    assert panel["grid"] == {"leftMin": 1, "leftMax": 5}
    assert panel["y_formats"] == ["ms", None]


def test_v6_annotations_and_variables() -> None:
    old = {
        "schemaVersion": 5,
        "pulldowns": [{"type": "filtering"}, {"type": "annotations", "annotations": [{"name": "deploys"}]}],
        "templating": {"list": [{"name": "host", "type": "filter"}]},
    }
    migrated = migrate(old)
    assert [query["name"] for query in migrated["annotations"]["list"]] == ["deploys"]
    assert migrated["templating"]["list"][0]["type"] == "query"


def test_v7_the_navigation_holds_the_timepicker() -> None:
    migrated = migrate({"schemaVersion": 6, "nav": [{"refresh_intervals": ["5s"], "time_options": ["1h"]}]})
    assert migrated["timepicker"] == {"refresh_intervals": ["5s"]}


def test_v8_fields_of_influxdb() -> None:
    target = {
        "refId": "A",
        "fields": [{"name": "value", "func": "mean", "mathExpr": "*2", "asExpr": "double"}],
        "tags": [],
        "groupBy": [{"type": "time", "interval": "1m"}, {"type": "tag", "key": "host"}],
        "fill": "null",
    }
    (migrated,) = panel_from(7, targets=[target])["targets"]
    assert migrated["select"] == [
        [
            {"type": "field", "params": ["value"]},
            {"type": "mean", "params": []},
            {"type": "math", "params": ["*2"]},
            {"type": "alias", "params": ["double"]},
        ]
    ]
    assert migrated["groupBy"] == [
        {"type": "time", "params": ["1m"]},
        {"type": "tag", "params": ["host"]},
        {"type": "fill", "params": ["null"]},
    ]
    assert not {"fields", "fill"} & migrated.keys()


def test_v9_and_v10_thresholds() -> None:
    assert panel_from(8, type="singlestat", thresholds="10,20,30")["thresholds"] == "20,30"
    assert panel_from(9, type="singlestat", thresholds="10,20,30")["thresholds"] == "10,20,30"
    styles = panel_from(9, type="table", styles=[{"thresholds": ["1", "2", "3"]}, {"thresholds": ["1", "2"]}])["styles"]
    assert [style["thresholds"] for style in styles] == [["2", "3"], ["1", "2"]]


def test_v12_variables_say_in_numbers_what_they_hide() -> None:
    assert variable_from(11, name="v", type="custom", refresh=True, hideVariable=True)["hide"] == 2
    assert variable_from(11, name="v", type="custom", hideLabel=True)["hide"] == 1
    assert variable_from(11, name="v", type="custom", refresh=True)["refresh"] == 1
    assert variable_from(11, name="v", type="custom", refresh=False)["refresh"] == 0


@pytest.mark.parametrize(("shared", "tooltip"), [(True, 1), (False, 0), (None, 0)])
def test_v14_the_crosshair(shared: bool | None, tooltip: int) -> None:
    migrated = migrate({"schemaVersion": 13, "sharedCrosshair": shared})
    assert migrated["graphTooltip"] == tooltip
    assert "sharedCrosshair" not in migrated


def test_v16_rows_become_a_grid() -> None:
    """Row heights are in pixels of 38 a unit; a span is a twelfth of the width."""
    rows = [
        {"height": "250px", "panels": [{"id": 1, "span": 8}, {"id": 2, "span": 4, "height": 100}, {"span": 4}]},
        {"height": 300, "panels": [{"id": 5, "span": 12, "minSpan": 4}]},
    ]
    migrated = migrate({"schemaVersion": 14, "rows": rows})
    assert "rows" not in migrated
    assert [(panel["id"], panel["gridPos"]) for panel in migrated["panels"]] == [
        (1, {"x": 0, "y": 0, "w": 16, "h": 7}),
        (2, {"x": 16, "y": 0, "w": 8, "h": 3}),
        (6, {"x": 16, "y": 3, "w": 8, "h": 7}),
        (5, {"x": 0, "y": 7, "w": 24, "h": 8}),
    ]
    assert migrated["panels"][3]["maxPerRow"] == 3


def test_v16_rows_with_titles_stay_rows() -> None:
    rows = [
        {"title": "Shown", "showTitle": True, "panels": [{"id": 1, "span": 12}]},
        {"title": "Folded", "collapse": True, "repeat": "host", "panels": [{"id": 2, "span": 6}, {"id": 3, "span": 6}]},
        {"title": "Copy", "repeatIteration": 15, "panels": [{"id": 4}]},
    ]
    shown, panel, folded = migrate({"schemaVersion": 15, "rows": rows})["panels"]
    assert (shown["type"], shown["title"], shown["id"], shown["gridPos"]["y"]) == ("row", "Shown", 5, 0)
    assert "collapsed" not in shown
    assert "repeat" not in shown
    assert panel["gridPos"] == {"x": 0, "y": 1, "w": 24, "h": 7}
    assert (folded["title"], folded["collapsed"], folded["repeat"]) == ("Folded", True, "host")
    assert folded["gridPos"] == {"x": 0, "y": 8, "w": 24, "h": 7}
    assert [inner["gridPos"] for inner in folded["panels"]] == [
        {"x": 0, "y": 9, "w": 12, "h": 7},
        {"x": 12, "y": 9, "w": 12, "h": 7},
    ]


def test_v16_a_place_that_it_gives_stays_though_it_is_the_default() -> None:
    rows = [{"height": 100, "panels": [{"id": 1, "span": 3}]}]
    (panel,) = migrate({"schemaVersion": 15, "rows": rows})["panels"]
    assert panel["gridPos"] == {"x": 0, "y": 0, "w": 6, "h": 3}
    (panel,) = migrate({"schemaVersion": 16, "panels": [panel]})["panels"]
    assert "gridPos" not in panel


@pytest.mark.parametrize(
    ("least", "most"), [(24, 1), (12, 2), (8, 3), (5, 4), (3, 8), (2, 12), (1, None), (0, None), ("x", None), (50, 1)]
)
def test_v17_the_least_width_becomes_a_number_of_panels(least: object, most: int | None) -> None:
    panel = panel_from(16, minSpan=least)
    assert panel.get("maxPerRow") == most
    assert "minSpan" not in panel


def test_v18_options_of_a_gauge() -> None:
    old = {"unit": "ms", "stat": "avg", "showThresholdLabels": False, "thresholds": [1, 2], "options": {"unit": "x"}}
    panel = panel_from(17, type="gauge", **{"options-gauge": old})
    assert panel["options"] == {
        "valueOptions": {"unit": "ms", "stat": "avg"},
        "showThresholdLabels": False,
        "thresholds": [2, 1],
    }
    assert "options-gauge" not in panel


@pytest.mark.parametrize(
    ("old", "url"),
    [
        ({"url": "https://a.test"}, "https://a.test"),
        ({"url": "https://a.test?x=1", "keepTime": True}, "https://a.test?x=1&$__url_time_range"),
        ({"dashboard": "My Board, 2!", "includeVars": True}, "dashboard/db/my-board-2?$__all_variables"),
        ({"dashUri": "db/b", "keepTime": True, "params": "a=b"}, "dashboard/db/b?$__url_time_range&a=b"),
        ({"type": "absolute"}, "/"),
    ],
)
def test_v19_a_link_gets_an_address(old: Json, url: str) -> None:
    (link,) = panel_from(18, links=[{"title": "L", **old, "targetBlank": True}])["links"]
    assert link == {"url": url, "title": "L", "targetBlank": True}


def test_v20_and_v21_variables_of_links() -> None:
    url = "/x?a=$__series_name&b=__value_time&c=${__series.labels.host}"
    defaults = {"title": "__field_name $__field_name", "links": [{"url": url}]}
    options = panel_from(19, options={"dataLinks": [{"url": url}], "fieldOptions": {"defaults": defaults}})["options"]
    expected = "/x?a=${__series.name}&b=__value.time&c=${__field.labels.host}"
    assert options["dataLinks"] == [{"url": expected}]
    assert options["fieldOptions"]["defaults"] == {
        "title": "__field.name ${__field.name}",
        "links": [{"url": expected}],
    }


def test_v22_to_v24_a_table_with_styles_is_the_old_one() -> None:
    panel = panel_from(21, type="table", styles=[{"pattern": "a", "align": "left"}], pageSize=10)
    assert panel["styles"] == [{"pattern": "a", "align": "auto"}]
    assert (panel["type"], panel["autoMigrateFrom"], panel["pageSize"]) == ("table", "table-old", 10)
    assert "autoMigrateFrom" not in panel_from(21, type="table")
    assert "pageSize" not in panel_from(24, type="table", pageSize=10)


def test_v23_a_choice_follows_multi() -> None:
    def current(multi: object, **choice: Any) -> Any:
        return variable_from(22, name="v", type="custom", multi=multi, current=choice)["current"]

    assert current(True, value="a", text="A") == {"value": ["a"], "text": ["A"]}
    assert current(True, value=["a"], text="A") == {"value": ["a"], "text": "A"}
    assert current(False, value=["a", "b"], text=[]) == {"value": "a", "text": ""}
    assert current("yes", value="a") == {"value": "a"}


def test_v26_text() -> None:
    panel = panel_from(25, type="text2", options={"angular": True, "content": "x"})
    assert (panel["type"], panel["options"]) == ("text", {"content": "x"})


def test_v27_copies_of_repeated_panels_go() -> None:
    row = {"id": 3, "type": "row", "panels": [{"id": 4, "repeatPanelId": 1}, {"id": 5}]}
    panels = [{"id": 1}, {"id": 2, "repeatPanelId": 1}, row]
    first, rest = migrate({"schemaVersion": 26, "panels": panels})["panels"]
    assert first["id"] == 1
    assert [inner["id"] for inner in rest["panels"]] == [5]


def test_v27_a_constant_that_is_shown_becomes_a_text_box() -> None:
    shown = variable_from(26, name="c", type="constant", query="1", hide=0)
    assert shown["type"] == "textbox"
    assert shown["current"] == {"selected": True, "text": "1", "value": "1"}
    assert shown["options"] == [shown["current"]]
    hidden = variable_from(26, name="c", type="constant", query="1", hide=2)
    assert hidden["type"] == "constant"
    assert "options" not in hidden
    assert variable_from(11, name="c", type="constant", query="1", hideLabel=True)["type"] == "constant"


def test_v28_tags_of_variables_go() -> None:
    variable = variable_from(27, name="v", type="custom", tags=[], tagsQuery="q", tagValuesQuery="", useTags=True)
    assert variable == {"name": "v", "type": "custom", "tagValuesQuery": ""}


def test_v29_a_query_is_refreshed_and_keeps_no_options() -> None:
    variable = variable_from(28, name="v", type="query", refresh=0, options=[{"text": "a"}])
    assert (variable["refresh"], variable["options"]) == (1, [])
    assert variable_from(28, name="v", type="query", refresh=2)["refresh"] == 2


def test_v30_mappings_have_kinds() -> None:
    thresholds = {"steps": [{"color": "green", "value": None}, {"color": "red", "value": 10}]}
    mappings = [
        {"type": 1, "value": "1", "text": "up"},
        {"type": 1, "value": "null", "text": "none"},
        {"type": 2, "from": "10", "to": "20", "text": "15"},
        {"type": 1, "value": "2", "text": "9"},
    ]
    defaults = {"mappings": mappings, "thresholds": thresholds}
    override = {"matcher": {"id": "byName", "options": "a"}, "properties": [{"id": "mappings", "value": mappings[:1]}]}
    config = panel_from(29, fieldConfig={"defaults": defaults, "overrides": [override]})["fieldConfig"]
    assert config["defaults"]["mappings"] == [
        {"type": "value", "options": {"1": {"text": "up"}, "2": {"text": "9", "color": "green"}}},
        {"type": "special", "options": {"match": "null", "result": {"text": "none"}}},
        {"type": "range", "options": {"from": 10, "to": 20, "result": {"text": "15", "color": "red"}}},
    ]
    assert config["overrides"][0]["properties"][0]["value"] == [{"type": "value", "options": {"1": {"text": "up"}}}]


def test_v30_mappings_of_the_new_form_stay() -> None:
    mappings = [{"type": "value", "options": {"a": {"text": "b"}}}, {"type": "value", "options": {"c": {"text": "d"}}}]
    assert panel_from(29, fieldConfig={"defaults": {"mappings": mappings}})["fieldConfig"]["defaults"] == {
        "mappings": mappings
    }


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("a", "a"),
        (1.0, "1"),
        (1.5, "1.5"),
        (True, "true"),
        (1e21, "1" + "0" * 21),
        (2**60, "1152921504606847000"),
        (None, ""),
    ],
)
def test_v30_keys_of_mappings_are_written_out(value: object, key: str) -> None:
    defaults = {"mappings": [{"id": 0, "type": 1, "value": value, "text": "t"}]}
    mappings = panel_from(29, fieldConfig={"defaults": defaults})["fieldConfig"]["defaults"]["mappings"]
    assert list(mappings[0]["options"]) == [key]


def test_v30_mappings_of_both_forms_become_one() -> None:
    mixed = [
        {"type": "value", "options": {"1": {"text": "a"}}},
        {"type": "regex", "options": {"pattern": "x", "result": {}}},
        {"type": 1, "value": "2", "text": "b"},
    ]
    mappings = panel_from(29, fieldConfig={"defaults": {"mappings": mixed}})["fieldConfig"]["defaults"]["mappings"]
    assert [one["type"] for one in mappings] == ["value", "regex"]
    assert {key: result["text"] for key, result in mappings[0]["options"].items()} == {"1": "a", "2": "b"}


def test_v30_the_tooltip_of_a_time_series() -> None:
    assert panel_from(29, type="timeseries", options={"tooltipOptions": {"mode": "multi"}})["options"] == {
        "tooltip": {"mode": "multi"}
    }
    assert "tooltipOptions" in panel_from(29, options={"tooltipOptions": {"mode": "multi"}})["options"]


def test_v31_labels_that_become_fields_are_merged() -> None:
    steps = panel_from(30, transformations=[{"id": "labelsToFields", "options": {}}, {"id": "organize"}])
    assert [step["id"] for step in steps["transformations"]] == ["labelsToFields", "merge", "organize"]


def test_v33_and_v36_names_of_data_sources_become_references() -> None:
    panel = panel_from(32, datasource="Prod", targets=[{"refId": "A"}, {"refId": "B", "datasource": "Other"}])
    assert panel["datasource"] == {"uid": "Prod"}
    assert [target["datasource"] for target in panel["targets"]] == [{"uid": "Prod"}, {"uid": "Other"}]


def test_v36_what_has_no_data_source_gets_none() -> None:
    panel = panel_from(35)
    assert panel["datasource"] is None
    assert panel["targets"] == [{"refId": "A", "datasource": {}}]
    mixed = panel_from(35, datasource="-- Mixed --", targets=[{"refId": "A", "datasource": {"uid": "a", "type": "b"}}])
    assert mixed["datasource"] == {"uid": "-- Mixed --"}
    assert mixed["targets"][0]["datasource"] == {"uid": "a", "type": "b"}


def test_v36_a_panel_without_a_data_source_takes_that_of_its_target() -> None:
    target = {"refId": "A", "datasource": {"uid": "a", "type": "b"}}
    assert panel_from(35, targets=[target])["datasource"] == {"uid": "a", "type": "b"}
    assert panel_from(35, targets=[{"refId": "A", "datasource": {"uid": "__expr__"}}])["datasource"] is None


def test_names_are_looked_up_among_the_servers_data_sources() -> None:
    sources = [
        DataSource(uid="p1", type="prometheus", name="Prod"),
        DataSource(uid="d1", type="questdb-questdb-datasource", name="Ticks", is_default=True, api_version="v1"),
    ]
    default = {"uid": "d1", "type": "questdb-questdb-datasource", "apiVersion": "v1"}
    old = {
        "schemaVersion": 32,
        "annotations": {"list": [{"builtIn": 1, "datasource": "-- Grafana --"}, {"name": "a"}]},
        "templating": {"list": [{"name": "v", "type": "query", "datasource": None}]},
        "panels": [
            {"id": 1, "datasource": "Prod", "targets": [{"refId": "A"}]},
            {"id": 2, "datasource": "default", "targets": [{"refId": "A", "datasource": "p1"}]},
            {"id": 3},
        ],
    }
    migrated = migrate(old, sources=sources)
    one, two, three = migrated["panels"]
    assert one["datasource"] == one["targets"][0]["datasource"] == {"uid": "p1", "type": "prometheus"}
    assert two["datasource"] == two["targets"][0]["datasource"] == {"uid": "p1", "type": "prometheus"}
    assert three["datasource"] == three["targets"][0]["datasource"] == default
    assert [query["datasource"] for query in migrated["annotations"]["list"]] == [{"uid": "-- Grafana --"}, default]
    assert migrated["templating"]["list"][0]["datasource"] == default


def test_v34_a_cloudwatch_query_for_each_statistic() -> None:
    query = {"dimensions": {}, "namespace": "AWS/EC2", "region": "r", "metricName": "CPU"}
    targets = [{"refId": "A", **query, "statistics": ["Max", "Min"]}, {"refId": "B", "expr": "up"}]
    migrated = panel_from(33, datasource={"uid": "cw"}, targets=targets)["targets"]
    assert [(target["refId"], target.get("statistic")) for target in migrated] == [
        ("A", "Max"),
        ("B", None),
        ("C", "Min"),
    ]
    assert migrated[0]["metricEditorMode"] == migrated[0]["metricQueryType"] == 0
    annotation = {"name": "Alarms", **query, "prefixMatching": False, "statistics": ["Max", "Min"]}
    listed = migrate({"schemaVersion": 33, "annotations": {"list": [annotation]}})["annotations"]["list"]
    assert [query["name"] for query in listed[1:]] == ["Alarms - Max", "Alarms - Min"]


def test_v35_hidden_axes_leave_the_one_of_time() -> None:
    config = {"defaults": {"custom": {"axisPlacement": "hidden"}}, "overrides": []}
    overrides = panel_from(34, type="timeseries", fieldConfig=config)["fieldConfig"]["overrides"]
    assert overrides == [
        {
            "matcher": {"id": "byType", "options": "time"},
            "properties": [{"id": "custom.axisPlacement", "value": "auto"}],
        }
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (True, {"displayMode": "list", "showLegend": True}),
        (False, {"displayMode": "list", "showLegend": False}),
        ({"displayMode": "hidden"}, {"displayMode": "list", "showLegend": False}),
        ({"displayMode": "table", "showLegend": False}, {"displayMode": "list", "showLegend": False}),
        ({"displayMode": "table"}, {"displayMode": "table", "showLegend": True}),
    ],
)
def test_v37_a_legend_says_whether_it_is_shown(old: object, new: Json) -> None:
    assert panel_from(36, options={"legend": old})["options"]["legend"] == new


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("auto", {"type": "auto"}),
        ("basic", {"type": "gauge", "mode": "basic"}),
        ("gradient-gauge", {"type": "gauge", "mode": "gradient"}),
        ("lcd-gauge", {"type": "gauge", "mode": "lcd"}),
        ("color-background", {"type": "color-background", "mode": "gradient"}),
        ("color-background-solid", {"type": "color-background", "mode": "basic"}),
    ],
)
def test_v38_how_a_cell_is_drawn(mode: str, options: Json) -> None:
    setting = {"id": "custom.displayMode", "value": mode}
    overrides = [{"matcher": {"id": "byName", "options": "a"}, "properties": [setting, {"id": "custom.displayMode"}]}]
    config = {"defaults": {"custom": {"displayMode": mode}}, "overrides": overrides}
    migrated = panel_from(37, type="table", fieldConfig=copy.deepcopy(config))["fieldConfig"]
    assert migrated["defaults"]["custom"] == {"cellOptions": options}
    assert migrated["overrides"][0]["properties"] == [
        {"id": "custom.cellOptions", "value": options},
        {"id": "custom.cellOptions", "value": {}},
    ]
    without_custom = panel_from(37, type="table", fieldConfig={"defaults": {}, "overrides": config["overrides"]})
    assert without_custom["fieldConfig"]["overrides"][0]["properties"][0]["id"] == "custom.cellOptions"


def test_v39_options_of_each_query() -> None:
    steps = panel_from(38, transformations=[{"id": "timeSeriesTable", "options": {"refIdToStat": {"A": "max"}}}])
    assert steps["transformations"] == [{"id": "timeSeriesTable", "options": {"A": {"stat": "max"}}}]


def test_v41_ranges_that_nothing_reads_go() -> None:
    old = {"schemaVersion": 40, "timepicker": {"time_options": ["1h"], "refresh_intervals": ["5s"]}}
    assert migrate(old)["timepicker"] == {"refresh_intervals": ["5s"]}


def test_v42_what_is_hidden_is_hidden_in_the_tooltip() -> None:
    hidden = {"id": "custom.hideFrom", "value": {"viz": True, "legend": True}}
    overrides = [{"matcher": {"id": "byName", "options": "a"}, "properties": [hidden]}]
    panel = panel_from(41, fieldConfig={"defaults": {}, "overrides": overrides})
    assert panel["fieldConfig"]["overrides"][0]["properties"][0]["value"]["tooltip"] is True


@pytest.mark.parametrize(
    ("value", "version"),
    [(None, 0), ("38", 38), ("x", 0), (38.9, 38), (True, 0), ([], 0), (-3, 0), (10**30, 10**30), ("9" * 30, 0)],
)
def test_the_schema_version(value: object, version: int) -> None:
    assert schema_version({"schemaVersion": value}) == version


def test_a_later_version_is_refused() -> None:
    with pytest.raises(DashboardError, match=r"\$\.schemaVersion: expected at most 42"):
        migrate({"schemaVersion": 10**30})


@pytest.mark.parametrize(
    "damaged",
    [
        {"panels": None},
        {"panels": "none"},
        {"panels": [None, 3, "x", [], {}]},
        {"panels": [{"targets": "up", "fieldConfig": [], "options": 3, "gridPos": "left", "links": {}, "id": "x"}]},
        {"rows": [None, {"panels": [None, {"span": "x", "height": []}]}, {"height": -1, "panels": "x"}]},
        {"rows": [{"height": 1e300, "panels": [{"span": 1e300}, {"span": -4}, {"span": 99}]}]},
        {"templating": [], "annotations": 3},
        {"templating": {"list": [None, {"current": [], "type": []}]}, "annotations": {"list": {"a": 1}}},
        {"timepicker": "x", "time": 3, "services": {"filter": {"list": "x"}}, "nav": [1], "pulldowns": [[]]},
    ],
)
@pytest.mark.parametrize("version", [0, 15, 29, 41])
def test_damage_passes_through(damaged: Json, version: int) -> None:
    assert migrate({"schemaVersion": version, **damaged})["schemaVersion"] == 42


def test_what_json_does_not_have_is_refused_with_its_place() -> None:
    with pytest.raises(DashboardError, match=r"^\$\.panels\[0\]\[\"a b\"\]: set is no type of JSON$"):
        migrate({"panels": [{"a b": set()}]})
    with pytest.raises(DashboardError, match=r"^\$\.time: nan is no number of JSON$"):
        migrate({"time": float("nan")})
    with pytest.raises(DashboardError, match="expected a dashboard, an object of JSON, got list"):
        migrate([])  # type: ignore[arg-type]  # what a file can hold


def test_nesting_has_a_bound() -> None:
    deep: Any = {}
    for _ in range(3000):
        deep = {"a": deep}
    with pytest.raises(DashboardError, match="nested deeper than 200 levels"):
        migrate({"panels": deep})


KNOWN_KEYS = sorted(
    {
        *("panels", "rows", "templating", "annotations", "list", "schemaVersion", "targets", "datasource", "options"),
        *("fieldConfig", "defaults", "overrides", "properties", "mappings", "thresholds", "steps", "value", "type"),
        *("id", "gridPos", "x", "y", "w", "h", "span", "minSpan", "height", "collapse", "repeat", "links", "legend"),
        *("transformations", "custom", "displayMode", "current", "multi", "query", "refresh", "styles", "uid", "text"),
        *("statistics", "dimensions", "namespace", "region", "metricName", "refId", "options-gauge", "libraryPanel"),
        *("fields", "tags", "groupBy", "services", "filter", "nav", "pulldowns", "timepicker", "xaxis", "mode"),
    }
)
KNOWN_TEXTS = ["row", "graph", "table", "query", "constant", "timeseries", "default", "-- Mixed --", "", "38", "250px"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**32), 10**32)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(KNOWN_TEXTS)
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(KNOWN_KEYS) | st.text(max_size=3), inside, max_size=6)
    ),
    max_leaves=30,
)
documents = st.dictionaries(st.sampled_from(KNOWN_KEYS), values, max_size=8)


@given(documents, st.integers(0, 42))
def test_any_document_migrates_or_says_why_not(document: Json, version: int) -> None:
    given_ = json.dumps(document | {"schemaVersion": version})
    document = json.loads(given_)
    migrated = migrate(document)
    assert json.dumps(document) == given_, "the document that was given is changed"
    assert migrated["schemaVersion"] == 42
    json.dumps(migrated, allow_nan=False)


@given(documents, st.integers(0, 42))
def test_a_migrated_document_settles(document: Json, version: int) -> None:
    """What Grafana serves it would serve again, but for nulls and defaults that a step left."""
    once = migrate(migrate(document | {"schemaVersion": version}))
    assert migrate(once) == once


@given(documents)
def test_any_schema_version_is_read(document: Json) -> None:
    if schema_version(document) <= 42:
        migrate(document)
    else:
        with pytest.raises(DashboardError, match=r"^\$\.schemaVersion: "):
            migrate(document)
