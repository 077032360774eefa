"""What a browser makes of a graph panel of AngularJS."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen.grafana.dashboards.migrations import migrate
from dashgen.grafana.dashboards.migrations.graph_panel import is_converted, to_time_series

Json = dict[str, Any]

GRAPH: Json = {
    "aliasColors": {},
    "autoMigrateFrom": "graph",
    "bars": False,
    "dashLength": 10,
    "dashes": False,
    "fill": 1,
    "legend": {"show": True, "values": False},
    "lines": True,
    "linewidth": 1,
    "nullPointMode": "null",
    "points": False,
    "pointradius": 2,
    "spaceLength": 10,
    "tooltip": {"shared": True, "sort": 0},
    "type": "timeseries",
    "xaxis": {"mode": "time", "show": True},
    "yaxes": [
        {"format": "short", "logBase": 1, "min": None, "show": True},
        {"format": "bytes", "label": "size", "logBase": 10, "min": "0", "show": True},
    ],
}


def converted(**members: Any) -> Json:
    return to_time_series(GRAPH | members)


def custom(**members: Any) -> Json:
    found: Json = converted(**members)["fieldConfig"]["defaults"]["custom"]
    return found


def properties(**series: Any) -> Json:
    """Of the override that one series had, by the names of the options."""
    (override,) = converted(seriesOverrides=[{"alias": "a", **series}])["fieldConfig"]["overrides"]
    assert override["matcher"] == {"id": "byName", "options": "a"}
    return {one["id"]: one["value"] for one in override["properties"]}


def test_a_graph_becomes_lines() -> None:
    assert converted(title="Load", targets=[{"refId": "A"}], options={"dataLinks": []}) == {
        "fieldConfig": {
            "defaults": {
                "custom": {
                    "axisPlacement": "auto",
                    "drawStyle": "line",
                    "fillOpacity": 10,
                    "lineWidth": 1,
                    "showPoints": "never",
                    "spanNulls": False,
                },
                "unit": "short",
            },
            "overrides": [],
        },
        "options": {
            "dataLinks": [],
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "none"},
        },
        "targets": [{"refId": "A"}],
        "title": "Load",
        "type": "timeseries",
    }


def test_the_argument_stays_as_it_is() -> None:
    panel = GRAPH | {"fieldConfig": {"defaults": {"custom": {"x": 1}}}, "thresholds": [{"value": 1, "op": "gt"}]}
    before = copy.deepcopy(panel)
    to_time_series(panel)
    assert panel == before


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"bars": True, "fill": 3}, {"drawStyle": "bars", "fillOpacity": 100}),
        ({"lines": False}, {"drawStyle": "points"}),
        ({"points": True, "pointradius": 3}, {"showPoints": "always", "pointSize": 8}),
        ({"fillGradient": 4}, {"fillOpacity": 40, "gradientMode": "opacity"}),
        ({"seriesOverrides": [{"alias": "a", "fillBelowTo": "b"}]}, {"fillOpacity": 35}),
        ({"dashes": True, "spaceLength": 4}, {"lineStyle": {"dash": [10, 4], "fill": "dash"}}),
        ({"nullPointMode": "connected"}, {"spanNulls": True}),
        ({"steppedLine": True}, {"lineInterpolation": "stepAfter"}),
        ({"stack": True}, {"stacking": {"group": "A", "mode": "normal"}}),
        ({"stack": True, "percentage": True}, {"stacking": {"group": "A", "mode": "percent"}}),
        ({"yaxes": [{"show": False, "label": "l"}]}, {"axisPlacement": "hidden", "axisLabel": "l"}),
        ({"yaxes": [{"show": True, "logBase": 2}]}, {"scaleDistribution": {"log": 2, "type": "log"}}),
    ],
)
def test_what_is_drawn(members: Json, expected: Json) -> None:
    found = custom(**members)
    assert {key: found.get(key) for key in expected} == expected
    assert "lineStyle" in found or "dashes" not in members


@pytest.mark.parametrize(
    ("given", "expected"), [(0, 0), ("1.5", 1.5), ("", 0), ("auto", None), ("$most", None), (None, None), (True, None)]
)
def test_the_ends_of_an_axis(given: object, expected: object) -> None:
    found = converted(yaxes=[{"format": "ms", "max": given, "show": True}])["fieldConfig"]["defaults"]
    assert (found["unit"], found.get("max")) == ("ms", expected)


def test_a_percentage_of_a_stack_has_no_ends() -> None:
    axis = {"decimals": 0, "max": "9", "min": "1", "show": True}
    found = converted(yaxes=[axis], yaxis={"align": False}, stack=True, percentage=True)["fieldConfig"]["defaults"]
    assert found.keys() == {"custom"}


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ({"fill": 3, "linewidth": 2}, {"custom.fillOpacity": 30, "custom.lineWidth": 2}),
        ({"bars": True}, {"custom.drawStyle": "bars", "custom.fillOpacity": 100}),
        ({"bars": False, "lines": True}, {"custom.drawStyle": "line"}),
        ({"lines": False, "points": True, "pointradius": 1},
         {"custom.lineWidth": 0, "custom.pointSize": 4, "custom.showPoints": "always"}),
        ({"stack": False}, {"custom.stacking": {"group": "A", "mode": "none"}}),
        ({"stack": "B"}, {"custom.stacking": {"group": "B", "mode": "normal"}}),
        ({"color": "#fff"}, {"color": {"fixedColor": "#fff", "mode": "fixed"}}),
        ({"transform": "negative-Y"}, {"custom.transform": "negative-Y"}),
        ({"dashes": True, "dashLength": 2}, {"custom.lineStyle": {"dash": [2, 10], "fill": "dash"}}),
        ({"fillBelowTo": "b", "$$hashKey": "x"}, {"custom.fillBelowTo": "b"}),
        ({"yaxis": 2},
         {"unit": "bytes", "min": 0, "custom.axisPlacement": "right", "custom.axisLabel": "size",
          "custom.scaleDistribution": {"log": 10, "type": "log"}}),
    ],
)  # fmt: skip
def test_one_series(series: Json, expected: Json) -> None:
    assert properties(**series) == expected


def test_what_says_nothing_of_a_series_is_no_override() -> None:
    series = [{"alias": "a", "yaxis": 1}, {"fill": 1}, {"alias": "b", "zindex": 3}]
    assert converted(seriesOverrides=series)["fieldConfig"]["overrides"] == []


@pytest.mark.parametrize(
    ("alias", "matcher"), [("/a.*/", "byRegexp"), ("/a/gi", "byRegexp"), ("~x~", "byRegexp"), ("/a", "byName"),
                           ("a/b/", "byName"), ("/a/b", "byName"), ("/", "byName")]
)  # fmt: skip
def test_an_alias_between_slashes_is_a_pattern(alias: str, matcher: str) -> None:
    (override,) = converted(seriesOverrides=[{"alias": alias, "fill": 0}])["fieldConfig"]["overrides"]
    assert override["matcher"] == {"id": matcher, "options": alias}


def test_colours_overrides_and_hidden_series_keep_their_order() -> None:
    own = {"matcher": {"id": "byName", "options": "own"}, "properties": []}
    found = converted(
        fieldConfig={"defaults": {"links": [{"title": "t", "url": "u"}], "custom": {"x": 1}}, "overrides": [own]},
        aliasColors={"b": "red", "a": "blue", "c": ""},
        legend={"show": True, "hideZero": True, "hideEmpty": True},
        xaxis={"mode": "time", "show": False},
    )["fieldConfig"]
    assert [one["matcher"]["options"] for one in found["overrides"]] == [
        "own",
        "a",
        "b",
        {"op": "gte", "reducer": "allIsZero", "value": 0},
        {"op": "gte", "reducer": "allIsNull", "value": 0},
        "time",
    ]
    assert found["defaults"]["links"] == [{"title": "t", "url": "u"}]
    assert "x" not in found["defaults"]["custom"]


def test_the_legend_and_the_tooltip() -> None:
    legend = {"alignAsTable": True, "avg": True, "current": True, "rightSide": True, "show": True, "sideWidth": 200}
    options = converted(legend=legend | {"values": True, "max": False}, tooltip={"shared": True, "sort": 2})["options"]
    assert options == {
        "legend": {
            "calcs": ["mean", "lastNotNull"],
            "displayMode": "table",
            "placement": "right",
            "showLegend": True,
            "width": 200,
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    assert converted(legend={"show": False})["options"]["legend"]["showLegend"] is False
    assert converted(tooltip={"shared": False, "sort": 2})["options"]["tooltip"] == {"mode": "single", "sort": "none"}


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        ([("gt", 80, "critical")], [(None, "transparent"), (80, "red")]),
        ([("gt", 90, "critical"), ("gt", 80, "warning")], [(None, "transparent"), (80, "orange"), (90, "red")]),
        ([("lt", 10, "critical")], [(None, "red"), (10, "transparent")]),
        ([("lt", 10, "critical"), ("gt", 80, "warning")], [(None, "red"), (10, "transparent"), (80, "orange")]),
        ([("lt", 10, "critical"), ("lt", 20, "warning")], [(None, "red"), (10, "orange"), (20, "transparent")]),
    ],
)
def test_thresholds(given: list[tuple[str, int, str]], steps: list[tuple[float | None, str]]) -> None:
    old = [{"op": op, "value": value, "colorMode": mode, "fill": True} for op, value, mode in given]
    found = converted(thresholds=old)["fieldConfig"]["defaults"]
    assert [(one["value"], one["color"]) for one in found["thresholds"]["steps"]] == steps
    assert found["custom"]["thresholdsStyle"] == {"mode": "area"}


def test_the_colour_of_a_threshold_of_ones_own() -> None:
    old = {"op": "gt", "value": 1, "colorMode": "custom", "fillColor": "#abc", "line": True, "fill": True}
    found = converted(thresholds=[old])["fieldConfig"]["defaults"]
    assert found["thresholds"]["steps"][1] == {"color": "#abc", "value": 1}
    assert found["custom"]["thresholdsStyle"] == {"mode": "line+area"}


def test_which_panels_are_converted() -> None:
    (graph, bars, regions) = migrate(
        {
            "schemaVersion": 20,
            "panels": [
                {"type": "graph", "id": 1},
                {"type": "graph", "id": 2, "xaxis": {"mode": "series"}},
                {"type": "graph", "id": 3, "timeRegions": [{"fill": True}]},
            ],
        }
    )["panels"]
    assert [is_converted(one) for one in (graph, bars, regions, {"type": "timeseries"})] == [True, False, False, False]


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GRAPH, "alias", "op", "sort", "value"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from([*GRAPH, "seriesOverrides", "thresholds", "fieldConfig"]), anything))
def test_values_that_no_grafana_wrote_are_read_too(members: Json) -> None:
    found = to_time_series(members)
    assert found.keys() >= {"fieldConfig", "options"}
    assert found.keys().isdisjoint({"lines", "yaxes", "seriesOverrides"})
