"""One minimal and one full panel of each typed kind, for each plugin: small snapshots, and valid by the schemas."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension

from dashgen import (
    AlertList,
    BarChart,
    BarGauge,
    ByQuery,
    ByRegex,
    ByType,
    ColorScheme,
    CustomUnit,
    DataLink,
    Environment,
    Gauge,
    Heatmap,
    Hex,
    JoinByField,
    Legend,
    Link,
    Organize,
    Override,
    Panel,
    Query,
    QuestDB,
    RangeMapping,
    SortBy,
    SpecError,
    SpecialMapping,
    Stat,
    StateTimeline,
    Table,
    Text,
    Thresholds,
    TimeSeries,
    Tooltip,
    Transformation,
    ValueMapping,
)
from dashgen.render.layout import GridPosition
from dashgen.render.panels import panel as render_panel
from dashgen.render.serialise import json_bytes
from dashgen.render.targets import Datasources
from dashgen.schema.validate import panel_violations

SERIES = "SELECT timestamp AS time, v AS value FROM t WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval"
ROWS = "SELECT host, v FROM t WHERE timestamp BETWEEN dateadd('h', -1, $__toTime) AND $__toTime LIMIT 10"
MAPPINGS = (
    ValueMapping(0, "down", color="red", icon="fa fa-x"),
    ValueMapping("x", "ex"),
    RangeMapping(1, 5, "some", color=Hex("#ff8800")),
    RangeMapping(None, 0, "less"),
    SpecialMapping("null+nan", "none"),
)
FIELD: dict[str, Any] = {
    "unit": CustomUnit("suffix: x"),
    "decimals": 2,
    "min": 0,
    "max": 100.5,
    "display_name": "shown",
    "no_value": "-",
    "color": ColorScheme("fixed", fixed="blue"),
    "thresholds": Thresholds("green", (1, "orange"), (2.5, Hex("#f00")), percentage=True),
    "mappings": MAPPINGS,
    "data_links": (DataLink("there", url="/d/x?var-host=${__field.labels.host}", new_tab=True),),
}
COMMON: dict[str, Any] = {
    **FIELD,
    "key": "a-key",
    "description": "What it means.",
    "width": 6,
    "height": 4,
    "links": (Link("docs", url="/docs", new_tab=True),),
    "transformations": (
        Organize(rename={"v": "V"}, order=("host", "v"), exclude=("time",)),
        JoinByField("host", mode="inner"),
        Transformation("sortBy", {"sort": [{"field": "v", "desc": True}]}),
    ),
    "repeat": "host",
    "repeat_direction": "v",
    "max_per_row": 4,
    "max_data_points": 500,
    "time_from": "now-1h",
    "time_shift": "1d",
    "transparent": True,
    "overrides": (
        Override("v", unit="ms", color="green"),
        Override(ByRegex("/^a/"), decimals=0, thresholds=Thresholds("red"), mappings=MAPPINGS[:1]),
        Override(ByType("number"), no_value="?", data_links=(DataLink("x", url="/x"),)),
        Override(ByQuery("second"), display_name="B"),
    ),
}
HIDDEN = {**COMMON, "overrides": (*COMMON["overrides"], Override("w", hidden=True))}
TWO = (Query(SERIES, name="first"), Query(ROWS, name="second", format="table", hide=True))
CHART: dict[str, Any] = {
    "legend": Legend("table", calcs=("mean", "max"), placement="right", width=200),
    "tooltip": Tooltip("single"),
}

PANELS: dict[str, tuple[Panel, Panel]] = {
    "timeseries": (
        TimeSeries("T", SERIES),
        TimeSeries(
            "T", TWO, **HIDDEN, **CHART, draw="bars", interpolation="smooth", line_width=2, fill_opacity=30,
            points="never", stack="normal", span_nulls=60000, axis_label="axis", soft_min=0, soft_max=10, log_base=10,
            threshold_style="dashed+area", custom={"gradientMode": "opacity"}, options={"orientation": "horizontal"},
        ),
    ),
    "stat": (
        Stat("T", ROWS),
        Stat("T", TWO, **COMMON, calc="max", all_values=True, fields="/.*/", color_mode="background", graph="area",
             text_mode="name", orientation="vertical"),
    ),
    "gauge": (
        Gauge("T", ROWS),
        Gauge("T", TWO, **COMMON, calc="mean", all_values=True, fields="v", show_threshold_labels=True,
              show_threshold_markers=False, orientation="horizontal"),
    ),
    "bargauge": (
        BarGauge("T", ROWS),
        BarGauge("T", TWO, **COMMON, calc="sum", all_values=True, fields="v", display="lcd", value_mode="text",
                 orientation="vertical"),
    ),
    "table": (
        Table("T", ROWS),
        Table("T", TWO, **HIDDEN, sort_by=(SortBy("v", descending=True),), cell_height="lg", filterable=True,
              show_header=False, custom={"align": "left"}),
    ),
    "state-timeline": (
        StateTimeline("T", SERIES),
        StateTimeline("T", TWO, **HIDDEN, **CHART, merge_values=False, show_value="never", align="center",
                      row_height=0.5, fill_opacity=100, line_width=1),
    ),
    "barchart": (
        BarChart("T", ROWS),
        BarChart("T", TWO, **HIDDEN, **CHART, x="host", orientation="horizontal", stack="percent", show_value="always",
                 fill_opacity=50),
    ),
    "heatmap": (
        Heatmap("T", SERIES),
        Heatmap("T", TWO, **HIDDEN, calculate=True, scheme="Blues", reverse=True, show_legend=False, cell_gap=0),
    ),
    "text": (Text("T", content="# Hello"), Text("T", content="<b>x</b>", mode="html", key="k", transparent=True)),
    "alertlist": (
        AlertList("T"),
        AlertList("T", states=("firing",), labels='{env="$env"}', alert_name="x", folder="f", max_items=5,
                  group_by=("env",), view="stat"),
    ),
    "piechart": (
        Panel("piechart", "T", ROWS),
        Panel("piechart", "T", TWO, **HIDDEN, options={"pieType": "donut", "legend": {"showLegend": True}}),
    ),
}  # fmt: skip


class Json(SingleFileSnapshotExtension):
    file_extension = "json"


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize("size", ["minimal", "full"])
@pytest.mark.parametrize("kind", sorted(PANELS))
def test_panel(kind: str, size: str, plugin: str, snapshot: SnapshotAssertion) -> None:
    environment = Environment(
        "test", datasources={"questdb": QuestDB(plugin="postgres" if plugin == "postgres" else "questdb")}
    )
    panel = PANELS[kind][size == "full"]
    data = json_bytes(render_panel(panel, GridPosition(0, 0, 6, 4), environment, Datasources.of(environment), "10s"))

    assert panel_violations(kind, orjson.loads(data)) == []
    assert data == snapshot(extension_class=Json)


@pytest.mark.parametrize("kind", [Stat, Gauge, BarGauge])
def test_a_kind_that_cannot_hide_fields_says_so(kind: type[Stat]) -> None:
    with pytest.raises(SpecError, match=r"can't hide single fields.*Organize"):
        kind("T", ROWS, overrides=(Override("v", hidden=True),))
