"""What the page draws of frames, in a real Chromium: texts, units, colours, counts of series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashgen.preview.chromium import Chromium, Page
from tests.preview.drawn import PALETTE, Drawn, opened
from tests.preview.pages import FROM, NOW, Gallery, Json, answer, dashboard, data, frame, minutes, panel, series

GREEN, YELLOW, RED = PALETTE["green"], PALETTE["yellow"], PALETTE["red"]


def config(*overrides: Json, **defaults: object) -> Json:
    return {"defaults": defaults, "overrides": list(overrides)}


def override(name: str, **properties: object) -> Json:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()],
    }


def steps(*pairs: tuple[float | None, str]) -> Json:
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in pairs]}


RED_FROM_3 = steps((None, "green"), (3, "red"))
NULLS = [1.0] * 20 + [None] * 20 + [1.0] * 20
DOWN = [{"type": "value", "options": {"0": {"text": "DOWN", "color": "red", "index": 0}}}]

ALL = Gallery()
TWO = ALL.add("timeseries", series(2))
FIGURES = ALL.add(
    "timeseries",
    series(3),
    options={"legend": {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": ["max"]}},
    fieldConfig=config(unit="ms"),
)
FIFTY = ALL.add("timeseries", series(50), height=20)
POINTS = ALL.add("timeseries", series(2, points=50_000))
ONE_POINT = ALL.add("timeseries", series(1, points=1))
GAP = ALL.add("timeseries", frame({"time": minutes(), "value": NULLS}))
EMPTY = ALL.add("timeseries", frame({"time": [], "value": []}))
NO_TIME = ALL.add("timeseries", frame({"name": ["a"], "value": [1.0]}))
LINES = ALL.add(
    "timeseries", series(1), fieldConfig=config(thresholds=RED_FROM_3, custom={"thresholdsStyle": {"mode": "line"}})
)
OVERRIDDEN = ALL.add(
    "timeseries", series(2), fieldConfig=config(override("load host-01", color={"mode": "fixed", "fixedColor": "red"}))
)
BOOLEAN = ALL.add("timeseries", frame({"time": minutes(), "up": [True, False] * 30}))
PERCENT = ALL.add("stat", frame({"value": [85.5]}), fieldConfig=config(unit="percent"))
MAPPED = ALL.add("stat", frame({"value": [0]}), fieldConfig=config(mappings=DOWN))
NO_VALUE = ALL.add("stat", frame({"value": [None]}), fieldConfig=config(noValue="nothing"))
AGO = ALL.add("stat", frame({"value": [float(NOW - 3 * 3_600_000)]}), fieldConfig=config(unit="dateTimeFromNow"))
LAST = ALL.add("stat", series(3), width=24)
GAUGE = ALL.add(
    "gauge", frame({"value": [40.0]}), fieldConfig=config(unit="percent", min=0, max=100, thresholds=RED_FROM_3)
)
BARS = ALL.add(
    "bargauge",
    frame({"name": ["a", "b"], "value": [10.0, 90.0]}),
    options={"reduceOptions": {"values": True, "calcs": [], "fields": ""}, "orientation": "horizontal"},
    fieldConfig=config(unit="celsius"),
)
LINKED_BARS = ALL.add(
    "bargauge",
    frame({"name": ["a", "b"], "value": [10.0, 90.0]}),
    options={"reduceOptions": {"values": True, "calcs": [], "fields": ""}, "orientation": "horizontal"},
    fieldConfig=config(min=0, max=100, links=[{"title": "More", "url": "/d/other"}]),
)
CELLS = ALL.add("table", frame({"host": ["a", "b"], "age": [90.0, 2.0]}), fieldConfig=config(override("age", unit="s")))
SORTED = ALL.add(
    "table",
    frame({"host": ["a", "b"], "age": [1, 2]}),
    options={"sortBy": [{"displayName": "age", "desc": True}]},
)
REDUCED = ALL.add(
    "table",
    frame({"host": ["a", "b"], "age": [1, 2]}),
    fieldConfig=config(override("age", custom__footer={"reducers": ["sum"]})),
)
OLD_FOOTER = ALL.add(
    "table",
    frame({"host": ["a", "b"], "age": [1, 2], "secret": [5, 6]}),
    options={"footer": {"show": True, "fields": "", "countRows": False}},
    fieldConfig=config(override("secret", custom__hidden=True)),
)
VALUES = ALL.add(
    "barchart",
    frame({"name": ["a", "b", "c"], "value": [40.0, 35.0, 25.0]}),
    fieldConfig=config(custom={"fillOpacity": 100, "lineWidth": 0}),
    height=5,
)
FAILED = ALL.add("timeseries", error="Invalid column: latncy")
PLACEHOLDER = ALL.add("geomap", frame({"host": ["a"], "lat": [1.5]}), width=24, height=10)
ORGANIZED = ALL.add(
    "table",
    frame({"host": ["a"], "age": [1]}),
    transformations=[{"id": "organize", "options": {"renameByName": {"host": "Host"}, "excludeByName": {"age": True}}}],
)
STATES = frame({"time": minutes(), "a": [0] * 30 + [1] * 30, "b": [1] * 60}, {"a": {"host": "h1"}, "b": {"host": "h2"}})
UP_AND_DOWN = [
    {"type": "value", "options": {"0": {"text": "UP", "color": "green"}, "1": {"text": "DOWN", "color": "red"}}}
]
BANDS = ALL.add(
    "state-timeline",
    STATES,
    fieldConfig=config(mappings=UP_AND_DOWN, color={"mode": "fixed"}, custom={"fillOpacity": 100}),
)
GRID = ALL.add(
    "status-history", STATES, fieldConfig=config(thresholds=steps((None, "green"), (1, "red")), unit="short")
)
MANY_STATES = ALL.add("state-timeline", series(50), fieldConfig=config(mappings=UP_AND_DOWN), height=20)
BY_NAME = frame({"name": ["a", "b", "c"], "first": [3.0, None, 1.0], "second": [1.0, 2.0, -1.0]})
UPRIGHT = ALL.add("barchart", BY_NAME, fieldConfig=config(custom={"fillOpacity": 100}))
LYING = ALL.add(
    "barchart",
    BY_NAME,
    options={"orientation": "horizontal", "stacking": "normal"},
    fieldConfig=config(unit="s", custom={"fillOpacity": 100}),
)
NO_CATEGORY = ALL.add("barchart", frame({"value": [1.0]}))
COUNTS = ALL.add(
    "histogram",
    frame({"value": [1.0] * 5 + [2.0] * 9}),
    options={"bucketSize": 1},
    fieldConfig=config(custom={"fillOpacity": 100}),
)
BUCKETS = ALL.add(
    "heatmap", frame({"time": minutes(), "1#a": [1] * 60, "10#b": [5] * 60, "2#c": [9] * 60}), options={"cellGap": 0}
)
COUNTED = ALL.add("heatmap", series(5), options={"calculate": True})
ROWS = {"values": True, "calcs": [], "fields": ""}
SHARES = frame({"name": ["a", "b", "c"], "value": [50.0, 30.0, 20.0]})
PIE = ALL.add("piechart", SHARES, options={"reduceOptions": ROWS, "displayLabels": ["percent", "name"]})
DONUT = ALL.add(
    "piechart",
    SHARES,
    options={
        "reduceOptions": ROWS,
        "pieType": "donut",
        "legend": {"showLegend": True, "displayMode": "table", "placement": "right", "values": ["value", "percent"]},
    },
    fieldConfig=config(unit="bytes"),
)
FIRING = {
    "uid": "r",
    "name": "Daemon is down",
    "state": "firing",
    "since": NOW - 180_000,
    "annotations": {"summary": "it is"},
}
PENDING = FIRING | {"uid": "q", "name": "A latency", "state": "pending", "labels": {}}
GROUPS: Json = {
    "groups": [{"name": "g", "rules": [FIRING | {"labels": {"host": n}} for n in ("h1", "h2")] + [PENDING]}]
}
ALERTS = ALL.add("alertlist", alerts=GROUPS)
GROUPED = ALL.add("alertlist", alerts=GROUPS, options={"groupMode": "custom", "groupBy": ["host"], "sortOrder": 1})
ALERT_COUNT = ALL.add("alertlist", alerts=GROUPS, options={"viewMode": "stat"})
NO_ALERTS = ALL.add("alertlist", alerts={"groups": []})
LOGS = ALL.add("logs", frame({"time": minutes(2), "level": ["info", "error"], "message": ["started", "failed"]}))
TREND = ALL.add("trend", frame({"depth": [3.0, 1.0, 2.0], "load": [1.0, 2.0, 3.0]}))
POINTS_ONLY = ALL.add("xychart", frame({"x": [3.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0]}))
CANDLES = ALL.add(
    "candlestick",
    frame({"time": minutes(2), "open": [1.0, 3.0], "high": [4.0, 4.0], "low": [0.0, 0.0], "close": [3.0, 1.0]}),
)
SPARSE = {
    kind: ALL.add(kind, frame({"time": [], "value": []}))
    for kind in ("barchart", "piechart", "state-timeline", "status-history", "histogram", "heatmap", "stat", "gauge",
                 "bargauge", "candlestick", "logs", "trend", "xychart")
}  # fmt: skip
ALL_NULL = {
    kind: ALL.add(kind, frame({"time": minutes(2), "name": ["a", "b"], "value": [None, None]}))
    for kind in ("timeseries", "barchart", "piechart", "state-timeline", "histogram", "heatmap", "gauge", "bargauge",
                 "table")
}  # fmt: skip
ONE_ROW = {
    kind: ALL.add(kind, frame({"time": [NOW - 60_000], "name": ["a"], "value": [1.0]}))
    for kind in ("barchart", "piechart", "state-timeline", "status-history", "histogram", "heatmap", "gauge",
                 "bargauge")
}  # fmt: skip


def transformed(kind: str, rows: Json, step: str, **options: object) -> str:
    return ALL.add(kind, rows, transformations=[{"id": step, "options": options}])


KEYED = frame({"name": ["a", "b"], "value": [1.5, 2.5], "Unit": ["ms", "s"]})
FROM_ROWS = transformed("table", KEYED, "rowsToFields")
PARTS = transformed(
    "timeseries",
    frame({"time": minutes(4), "host": ["h1", "h2"] * 2, "value": [1.0, 2.0, 3.0, 4.0]}),
    "partitionByValues",
    fields=["host"],
)
SPREAD = transformed(
    "timeseries",
    frame({"time": minutes(4), "host": ["h1", "h2"] * 2, "value": [1.0, 2.0, 3.0, 4.0]}),
    "prepareTimeSeries",
    format="multi",
)
TAKEN_OUT = transformed(
    "table", frame({"body": ['{"a": 1, "b": {"c": "x"}}']}), "extractFields", source="body", format="json",
    replace=True, jsonPaths=[{"path": "a"}, {"path": "b.c", "alias": "c"}],
)  # fmt: skip
TRENDS = transformed("table", series(2), "timeSeriesTable")
REDUCED_TO_ROWS = transformed("table", series(2), "reduce", reducers=["max"], mode="seriesToRows")
UNKNOWN_STEP = transformed("table", frame({"host": ["a"]}), "regression")
MARKDOWN = ALL.add("text", options={"mode": "markdown", "content": "# A *title*"})


@pytest.fixture(scope="module")
def gallery(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with opened(chromium, tmp_path_factory.mktemp("gallery"), ALL.data) as page:
        yield page


class TestTimeSeries:
    def test_each_series_has_a_colour_of_the_palette_though_the_panel_says_nothing(self, gallery: Page) -> None:
        assert {GREEN, YELLOW} <= Drawn(gallery, TWO).colors()

    def test_the_legend_has_the_series_and_their_figures(self, gallery: Page) -> None:
        drawn = Drawn(gallery, FIGURES)
        assert "Max" in drawn.text
        assert drawn.texts("tbody tr") == ["load host-00\n4 ms", "load host-01\n5 ms", "load host-02\n6 ms"]

    def test_fifty_series(self, gallery: Page) -> None:
        assert len(Drawn(gallery, FIFTY).legend) == 50

    def test_a_hundred_thousand_points(self, gallery: Page) -> None:
        assert {GREEN, YELLOW} <= Drawn(gallery, POINTS).colors()

    def test_one_point(self, gallery: Page) -> None:
        assert GREEN in Drawn(gallery, ONE_POINT).colors(least=5)

    def test_nulls_leave_a_gap(self, gallery: Page) -> None:
        drawn = Drawn(gallery, GAP)
        thirds = ((0.15, 0.3), (0.45, 0.6), (0.75, 0.95))
        assert [drawn.has_color_at(GREEN, *third) for third in thirds] == [True, False, True]

    def test_no_rows(self, gallery: Page) -> None:
        assert "No data" in Drawn(gallery, EMPTY).text

    def test_rows_without_time_say_so(self, gallery: Page) -> None:
        assert "missing a time field" in Drawn(gallery, NO_TIME).text

    def test_thresholds_are_lines(self, gallery: Page) -> None:
        assert Drawn(gallery, LINES).has_color_near(RED)

    def test_an_override_by_name_colours_its_series(self, gallery: Page) -> None:
        drawn = Drawn(gallery, OVERRIDDEN).colors()
        assert {GREEN, RED} <= drawn
        assert YELLOW not in drawn

    def test_booleans_are_drawn_as_numbers(self, gallery: Page) -> None:
        assert GREEN in Drawn(gallery, BOOLEAN).colors()


class TestSingleValues:
    def test_value_unit_and_colour_of_a_stat(self, gallery: Page) -> None:
        drawn = Drawn(gallery, PERCENT)
        assert "85.5%" in drawn.text
        assert (
            drawn.evaluate(
                "[...root.querySelectorAll('span')].find((e) => e.innerText === '85.5')"
                ".closest('[style*=color]').style.color"
            )
            == "rgb(242, 73, 92)"
        )

    def test_a_mapping_gives_text(self, gallery: Page) -> None:
        assert "DOWN" in Drawn(gallery, MAPPED).text

    def test_null_has_the_text_for_no_value(self, gallery: Page) -> None:
        assert "nothing" in Drawn(gallery, NO_VALUE).text

    def test_ages_are_those_at_the_pages_moment(self, gallery: Page) -> None:
        assert "3 hours ago" in Drawn(gallery, AGO).text

    def test_the_last_value_of_each_series(self, gallery: Page) -> None:
        said = Drawn(gallery, LAST).text
        assert [name for name in ("host-00", "host-01", "host-02") if name not in said] == []

    def test_a_gauge_has_its_value_and_an_arc_in_its_colour(self, gallery: Page) -> None:
        drawn = Drawn(gallery, GAUGE)
        assert drawn.texts("[data-testid=gauge-value]") == ["40%"]
        assert drawn.evaluate("root.querySelector('[data-testid=gauge-bar]').getAttribute('stroke')") == RED.upper()
        assert drawn.count("[data-testid=gauge-threshold]") == 2

    def test_a_bar_gauge_has_a_bar_for_each_row(self, gallery: Page) -> None:
        said = Drawn(gallery, BARS).text
        assert [word for word in ("a", "10", "b", "90", "°C") if word not in said] == []

    def test_a_bar_with_a_link_is_as_long_as_one_without(self, gallery: Page) -> None:
        drawn = Drawn(gallery, LINKED_BARS)
        assert drawn.evaluate("[...root.querySelectorAll('a')].map((a) => a.pathname)") == ["/d/other"] * 2
        of_panel = drawn.evaluate(
            "[...root.querySelectorAll('a')].map((a) => a.getBoundingClientRect().width / root.clientWidth)"
        )
        assert min(of_panel) > 0.9


class TestTable:
    def test_headers_cells_and_units(self, gallery: Page) -> None:
        drawn = Drawn(gallery, CELLS)
        assert drawn.texts("[role=columnheader]") == ["host", "age"]
        assert drawn.texts("[role=gridcell]") == ["a", "1.50 mins", "b", "2 s"]

    def test_sorted_as_it_says(self, gallery: Page) -> None:
        assert Drawn(gallery, SORTED).texts("[role=gridcell]") == ["b", "2", "a", "1"]

    def test_the_footer_has_the_sum(self, gallery: Page) -> None:
        said = Drawn(gallery, REDUCED).text
        assert "TOTAL" in said
        assert said.rstrip().endswith("3")

    def test_a_footer_and_a_hidden_column_of_earlier_versions(self, gallery: Page) -> None:
        drawn = Drawn(gallery, OLD_FOOTER)
        assert drawn.texts("[role=columnheader]") == ["host", "age"]
        assert drawn.text.rstrip().endswith("3")

    def test_a_transformation_renames_and_leaves_out(self, gallery: Page) -> None:
        assert Drawn(gallery, ORGANIZED).texts("[role=columnheader]") == ["Host"]


class TestTimelines:
    def test_bands_have_the_colours_and_texts_of_mappings(self, gallery: Page) -> None:
        drawn = Drawn(gallery, BANDS)
        assert drawn.legend == ["UP", "DOWN"]
        assert drawn.has_color_at(GREEN, 0.2, 0.45)
        assert not drawn.has_color_at(GREEN, 0.6, 0.95)
        assert drawn.has_color_at(RED, 0.6, 0.95)

    def test_the_legend_of_thresholds_has_their_steps(self, gallery: Page) -> None:
        assert Drawn(gallery, GRID).legend == ["< 1", "1+"]

    def test_more_rows_than_a_page_has(self, gallery: Page) -> None:
        assert "3" in Drawn(gallery, MANY_STATES).texts("li button")


class TestBars:
    def test_each_field_has_a_colour_and_an_entry(self, gallery: Page) -> None:
        drawn = Drawn(gallery, UPRIGHT)
        assert drawn.legend == ["first", "second"]
        assert {GREEN, YELLOW} <= drawn.colors(least=200)

    def test_lying_and_on_top_of_each_other(self, gallery: Page) -> None:
        assert {GREEN, YELLOW} <= Drawn(gallery, LYING).colors(least=200)

    def test_the_value_of_the_longest_bar_has_room(self, gallery: Page) -> None:
        red, green, blue = (int(GREEN[at : at + 2], 16) for at in (1, 3, 5))
        top = Drawn(gallery, VALUES).evaluate(
            f"""(() => {{ const c = root.querySelector('canvas');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            for (let i = 0; i < d.length; i += 4)
              if (d[i] === {red} && d[i + 1] === {green} && d[i + 2] === {blue})
                return Math.floor(i / 4 / c.width) / devicePixelRatio; }})()"""
        )
        assert top >= 15, top

    def test_without_a_category_it_says_what_is_missing(self, gallery: Page) -> None:
        assert "require a string or time field" in Drawn(gallery, NO_CATEGORY).text

    def test_a_histogram_counts(self, gallery: Page) -> None:
        drawn = Drawn(gallery, COUNTS)
        assert GREEN in drawn.colors(least=500)
        assert drawn.legend == ["value"]


class TestHeatmaps:
    def test_buckets_have_the_colours_of_the_scheme(self, gallery: Page) -> None:
        drawn = Drawn(gallery, BUCKETS)
        # Oranges on dark: many is light, few is dark
        assert {"#fff5eb", "#7f2704"} <= drawn.colors(least=1000)
        assert drawn.texts("[data-testid=color-scale] span") == ["1", "9"]

    def test_raw_values_are_counted(self, gallery: Page) -> None:
        assert len(Drawn(gallery, COUNTED).colors(least=100)) >= 2


class TestPies:
    def test_slices_with_labels(self, gallery: Page) -> None:
        drawn = Drawn(gallery, PIE)
        assert drawn.count("[data-testid=pie-slice]") == 3
        assert drawn.texts("[data-testid=pie-label]") == ["a", "50%", "b", "30%", "c", "20%"]

    def test_the_legend_has_values_and_shares(self, gallery: Page) -> None:
        assert [row.split("\n") for row in Drawn(gallery, DONUT).texts("tbody tr")] == [
            ["a", "50 B", "50%"],
            ["b", "30 B", "30%"],
            ["c", "20 B", "20%"],
        ]


class TestAlertLists:
    def test_instances_stand_behind_how_many_their_rule_has(self, gallery: Page) -> None:
        drawn = Drawn(gallery, ALERTS)
        first, second = drawn.texts("[data-testid=alert-rule]")
        assert "A latency" in first
        assert "Pending" in first
        assert [word for word in ("Daemon is down", "Firing", "3m", "2 instances") if word not in second] == []
        assert "host=h1" not in second
        gallery.click(f"{ALERTS} [data-testid=alert-rule]:last-child button")
        assert [n for n in ("host=h1", "host=h2") if n not in drawn.text] == []

    def test_grouped_by_a_label(self, gallery: Page) -> None:
        drawn = Drawn(gallery, GROUPED)
        assert drawn.count("[data-testid=alert-rule]") == 3
        assert "host=h2" in drawn.text

    def test_how_many_rules(self, gallery: Page) -> None:
        assert Drawn(gallery, ALERT_COUNT).text.split() == ["Panel", ALERT_COUNT.split('"')[1], "2"]

    def test_none(self, gallery: Page) -> None:
        assert "No alerts" in Drawn(gallery, NO_ALERTS).text


class TestTransformations:
    def test_rows_become_fields(self, gallery: Page) -> None:
        drawn = Drawn(gallery, FROM_ROWS)
        assert drawn.texts("[role=columnheader]") == ["a", "b"]
        assert drawn.texts("[role=gridcell]") == ["1.50 ms", "2.50 s"]

    @pytest.mark.parametrize("selector", [PARTS, SPREAD])
    def test_a_series_for_each_value(self, gallery: Page, selector: str) -> None:
        assert Drawn(gallery, selector).legend == ["value h1", "value h2"]

    def test_fields_out_of_json(self, gallery: Page) -> None:
        drawn = Drawn(gallery, TAKEN_OUT)
        assert drawn.texts("[role=columnheader]") == ["a", "c"]
        assert drawn.texts("[role=gridcell]") == ["1", "x"]

    def test_a_row_for_each_series(self, gallery: Page) -> None:
        drawn = Drawn(gallery, TRENDS)
        assert drawn.texts("[role=columnheader]") == ["host", "Trend"]
        assert drawn.count("[role=gridcell] canvas") == 2

    def test_reduced(self, gallery: Page) -> None:
        assert Drawn(gallery, REDUCED_TO_ROWS).texts("[role=gridcell]") == ["load host-00", "4", "load host-01", "5"]

    def test_one_that_is_not_known_shows_the_data_as_they_came(self, gallery: Page) -> None:
        drawn = Drawn(gallery, UNKNOWN_STEP)
        assert drawn.texts("[role=gridcell]") == ["a"]
        assert drawn.count("[data-testid='data-testid Panel status error']") == 1


class TestEveryKind:
    @pytest.mark.parametrize("kind", SPARSE)
    def test_no_rows(self, gallery: Page, kind: str) -> None:
        assert "No data" in Drawn(gallery, SPARSE[kind]).text

    @pytest.mark.parametrize("kind", ALL_NULL)
    def test_nothing_but_null(self, gallery: Page, kind: str) -> None:
        said = Drawn(gallery, ALL_NULL[kind]).text
        assert "could not draw" not in said

    @pytest.mark.parametrize("kind", ONE_ROW)
    def test_one_row(self, gallery: Page, kind: str) -> None:
        drawn = Drawn(gallery, ONE_ROW[kind])
        assert "No data" not in drawn.text
        assert "could not draw" not in drawn.text
        assert drawn.count("canvas, svg path, [data-testid^='data-testid Bar gauge']") > 0


class TestOtherKinds:
    def test_the_newest_line_of_a_log_is_the_first(self, gallery: Page) -> None:
        first, second = Drawn(gallery, LOGS).texts("[data-testid=log-line]")
        assert first.endswith("failed")
        assert second.endswith("started")

    def test_numbers_over_a_number(self, gallery: Page) -> None:
        assert Drawn(gallery, TREND).legend == ["load"]
        assert GREEN in Drawn(gallery, TREND).colors()
        assert GREEN in Drawn(gallery, POINTS_ONLY).colors(least=3)

    def test_candles_rise_and_fall(self, gallery: Page) -> None:
        assert {GREEN, RED} <= Drawn(gallery, CANDLES).colors()

    def test_markdown(self, gallery: Page) -> None:
        assert Drawn(gallery, MARKDOWN).texts("h1 em") == ["title"]

    def test_one_that_is_not_drawn_says_so_and_shows_its_data(self, gallery: Page) -> None:
        said = Drawn(gallery, PLACEHOLDER).text
        assert 'Panels of kind "geomap" are not drawn' in said
        assert "1.50" in said

    def test_the_servers_words_stand_in_a_panel_that_failed(self, gallery: Page) -> None:
        assert "Invalid column: latncy" in Drawn(gallery, FAILED).text
        assert gallery.evaluate("document.documentElement.dataset.failed") == "2"
        assert gallery.evaluate("document.documentElement.dataset.panels") == str(len(ALL.panels))


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>[link](javascript:alert(3))\"'>"


def test_a_hostile_dashboard_runs_nothing(chromium: Chromium, tmp_path: Path) -> None:
    link = {"title": HOSTILE, "url": "javascript:alert(4)"}
    said: Json = {"title": HOSTILE, "description": HOSTILE, "links": [link]}
    words = [
        panel("text", n, **said, options={"mode": mode, "content": HOSTILE})
        for n, mode in enumerate(("markdown", "html", "code"), 1)
    ]
    others = [
        panel(kind, n, **said, fieldConfig=config(links=[link], displayName=HOSTILE))
        for n, kind in enumerate(("table", "stat", "timeseries", "bargauge", "gauge", "nodeGraph"), 11)
    ]
    for n, each in enumerate((*words, *others)):
        each["gridPos"] = {"x": 0, "y": n * 6, "w": 12, "h": 6}
    rows = frame({"time": [FROM + 60_000], HOSTILE: [HOSTILE], "value": [1.0]}, {"value": {HOSTILE: HOSTILE}})
    leads = [{"type": "link", "title": HOSTILE, "tooltip": HOSTILE, "url": "javascript:alert(5)"}]
    event = {"time": FROM + 60_000, "text": HOSTILE, "title": HOSTILE, "tags": [HOSTILE]}
    given = data(
        dashboard(*words, *others, title=HOSTILE, links=leads),
        {str(each["id"]): answer(rows) for each in others},
        annotations=[{"name": HOSTILE, "color": "red", "events": [event]}],
    )
    with opened(chromium, tmp_path, given) as page:
        assert page.dialogs == []
        assert page.evaluate("document.querySelectorAll('#root script, [onerror]').length") == 0
        assert (
            page.evaluate("[...document.querySelectorAll('a')].filter((a) => a.protocol === 'javascript:').length") == 0
        )


def test_very_long_names_on_a_narrow_screen(chromium: Chromium, tmp_path: Path) -> None:
    long = "host-" + "x" * 300
    frames = frame({"time": minutes(), "load": [1.0] * 60}, {"load": {"host": long}})
    given = data(dashboard(panel("timeseries", title=long)), {"1": answer(frames)}, theme="light")
    with opened(chromium, tmp_path, given, width=380) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
        assert page.evaluate("document.querySelector('[data-panel-id]').clientWidth") > 330
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(251, 251, 251)"
