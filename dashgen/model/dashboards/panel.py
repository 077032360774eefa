"""Panels: the kinds that operators use most as classes, any other as `Panel(kind)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from dashgen.model.core import validators
from dashgen.model.core.fields import checked, field
from dashgen.model.core.ids import slug
from dashgen.model.core.ignore import Ignore, ignores
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.field import FieldOptions, Override
from dashgen.model.dashboards.link import Link
from dashgen.model.dashboards.panel_kinds import of
from dashgen.model.dashboards.query import REF_IDS, Format, PanelQuery, PanelTarget, Query, panel_queries
from dashgen.model.generated.reducers import REDUCERS, Reducer

Orientation = Literal["auto", "horizontal", "vertical"]
Visibility = Literal["auto", "always", "never"]
Stacking = Literal["none", "normal", "percent"]
LegendMode = Literal["list", "table", "hidden"]
_columns, _grid_rows = validators.whole(1, 24), validators.whole(1, 1000)


def place(value: object) -> object:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        column, row = value
        if all(type(n) is int for n in value) and 0 <= column < 24 and -100_000 < row < 100_000:
            return column, row
    raise Wrong("a column from 0 to 23 and a grid row, like (12, 0)")


_reducer = validators.one_of(sorted(REDUCERS))


@node
class Legend(Node):
    """The legend of a chart: `Legend("table", calcs=("max",), placement="right")`."""

    mode: LegendMode = checked(validators.literal(), default="list", kw_only=False)
    """Display mode: a list of names, a table with a column for each of `calcs`, or no legend
    (`options.legend.displayMode`)."""
    calcs: tuple[Reducer, ...] = checked(validators.many(_reducer), default=())
    """Calculations of each series over the displayed time range: `calcs=("lastNotNull", "max")`. In list mode they
    follow the name (`options.legend.calcs`)."""
    placement: Literal["bottom", "right"] = checked(validators.literal(), default="bottom")
    """Position of the legend: below the chart or on its right (`options.legend.placement`)."""
    width: int | None = checked(validators.maybe(validators.whole(50, 2000)), default=None)
    """Width in pixels of a legend on the right: `width=240`. None lets Grafana choose (`options.legend.width`)."""


@node
class Tooltip(Node):
    """Tooltip of a chart: the series under the pointer, all series, or nothing."""

    mode: Literal["single", "multi", "none"] = checked(validators.literal(), default="multi", kw_only=False)
    """Content of the tooltip: the series under the pointer, all series, or no tooltip (`options.tooltip.mode`)."""
    sort: Literal["none", "asc", "desc"] = checked(validators.literal(), default="none")
    """Order of the series by value, if all series are shown (`options.tooltip.sort`)."""


@node
class Transformation(Node):
    """Any transformation of Grafana, by its id: `Transformation("sortBy", {"sort": [{"field": "age"}]})`."""

    id: str = checked(validators.text, kw_only=False)
    """Grafana's id of the transformation, as panel JSON has it: `id="sortBy"` (`transformations.id`)."""
    options: Mapping[str, Any] = checked(validators.json_object, default=NOTHING, kw_only=False)
    """Options under Grafana's names, validated against the known options of the transformation
    (`transformations.options`)."""
    disabled: bool = checked(validators.flag, default=False)
    """True keeps the transformation in the panel without applying it (`transformations.disabled`)."""


@node
class Organize(Node):
    """Renames, orders and hides columns by name: `Organize(rename={"host": "Host"}, exclude=("env",))`."""

    rename: Mapping[str, str] = checked(validators.mapping(validators.any_text), default=NOTHING)
    """New names of columns by their old ones: `rename={"host": "Host"}`."""
    order: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Order of the columns from left to right, by the names that the query returns: `order=("host", "env")`. Other
    columns follow."""
    exclude: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Columns to hide, by the names that the query returns: `exclude=("env",)`."""


@node
class JoinByField(Node):
    """Joins the results of several queries on one field: `JoinByField("time")`."""

    field: str = checked(validators.text, default="time", kw_only=False)
    """Name of the field that all frames have (`transformations.options.byField`)."""
    mode: Literal["outer", "inner", "outerTabular"] = checked(validators.literal(), default="outer")
    """`outer` keeps rows without a match, `inner` drops them; `outerTabular` is for tables in which the field's values
    repeat (`transformations.options.mode`)."""


BUDGET_MS = 250
"""What a query may take unless its panel says otherwise."""

AnyTransformation: TypeAlias = Transformation | Organize | JoinByField


@node
class Panel(FieldOptions):
    """A panel of any kind: `Panel("piechart", "Share", SQL, options={"pieType": "donut"})`.

    The classes of specific kinds have all of these fields except `kind`.
    """

    kind: str = checked(validators.text, kw_only=False)
    """Grafana's plugin id of the panel: `kind="piechart"` (`type`)."""
    title: str = checked(validators.any_text, kw_only=False)
    """The panel's header. It may use variables: `title="Latency of $exchange"`. Empty: no header; such a panel needs a
    `key` (`title`)."""
    query: PanelQuery | tuple[PanelQuery, ...] = checked(panel_queries, default=(), kw_only=False)
    """SQL, a `Query`, or a tuple of up to 26 of either, which become the refIds A to Z (`targets`)."""
    key: str = checked(validators.uid, default="")
    """Key of the panel, which alert rules and links refer to and from which the panel's id is derived:
    `key="fetch-rate"`. Default: the title as a slug, to which nothing can refer. A changed key changes the id."""
    description: str = checked(validators.any_text, default="")
    """What the values mean, and what to do when they are bad. Markdown, shown by the icon in the panel's header
    (`description`)."""
    width: int = checked(_columns, default=12)
    """Columns of the grid, which has 24."""
    height: int = checked(_grid_rows, default=8)
    """Rows of the grid, of 30 pixels each."""
    at: tuple[int, int] | None = checked(validators.maybe(place), default=None)
    """Position of the upper left corner: the column, and the grid row below the row's header, `at=(12, 0)`. The panels
    after it continue from there. None: to the right of the previous panel, or on the next line (`gridPos`)."""
    datasource: str = checked(validators.text, default="questdb")
    """Name of a data source of the environment, or `$name` of a `DatasourceVariable`. It applies to all queries that
    name none."""
    overrides: tuple[Override, ...] = checked(validators.many(validators.a(Override)), default=())
    """Options for some of the fields; later overrides take precedence: `overrides=(Override("latency_ms", unit="ms"),)`
    (`fieldConfig.overrides`)."""
    links: tuple[Link, ...] = checked(validators.many(validators.a(Link)), default=())
    """Links in the panel's header (`links`)."""
    transformations: tuple[AnyTransformation, ...] = checked(
        validators.many(validators.a(Transformation, Organize, JoinByField)), default=()
    )
    """Transformations of the query results, in the order in which Grafana applies them:
    `transformations=(JoinByField("time"),)` (`transformations`)."""
    repeat: str = checked(validators.name, default="")
    """Name of a variable: the panel is drawn once for each of its chosen values. `repeat="host"` (`repeat`)."""
    repeat_direction: Literal["h", "v"] = checked(validators.literal(), default="h")
    """Direction of repeated panels: side by side (`h`) or one below the other (`v`) (`repeatDirection`)."""
    max_per_row: int | None = checked(validators.maybe(validators.whole(1, 24)), default=None)
    """Maximum number of repeated panels side by side: `max_per_row=4`. None: Grafana decides (`maxPerRow`)."""
    min_interval: str | None = checked(validators.maybe(validators.duration), default=None)
    """Minimum bucket width of `$__sampleByInterval`: `min_interval="30s"`. None: the longest write interval or bucket
    of the tables and views that the queries read; a value can only increase it (`interval`)."""
    max_data_points: int | None = checked(validators.maybe(validators.whole(1, 100_000)), default=None)
    """Maximum number of buckets into which `$__sampleByInterval` divides the time range: `max_data_points=300`. None:
    one for each pixel of the panel's width (`maxDataPoints`)."""
    time_from: str | None = checked(validators.maybe(validators.time_override), default=None)
    """Time range of this panel only, relative to now: `time_from="1h"`, `time_from="now/d"`. None: the dashboard's time
    range (`timeFrom`)."""
    time_shift: str | None = checked(validators.maybe(validators.time_shift), default=None)
    """Shift of the panel's time range into the past: `time_shift="1d"`. None: no shift (`timeShift`)."""
    transparent: bool = checked(validators.flag, default=False)
    """True draws the panel without a background (`transparent`)."""
    options: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """Options of the panel's kind that have no attribute here, under Grafana's names and validated against the kind's
    schema: `options={"legend": {"showLegend": False}}` (`options`)."""
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """Findings of `dashgen check` to suppress for all queries of the panel; for a single query use `Query(…,
    ignore=…)`."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """JSON that is merged into the rendered panel, without validation, for keys that have no field and belong neither
    to `options` nor to `custom`: `raw={"cacheTimeout": "60"}`. None removes a key, as in JSON Merge Patch (RFC 7396);
    an object that is not rendered is added as it is, nulls included."""
    budget_ms: int = checked(validators.whole(1, 600_000), default=BUDGET_MS)
    """Maximum duration of each query in `dashgen check --run`, in milliseconds."""

    FORMAT: ClassVar[Format] = "table"
    NEEDS_QUERY: ClassVar[bool] = False
    TEXTS: ClassVar[tuple[str, ...]] = ()
    """Fields of the class that a viewer reads, with variables in them."""
    ALERT_FILTERS: ClassVar[tuple[str, ...]] = ()
    """Fields of the class that choose alerts, with variables in them."""
    COLUMNS: ClassVar[tuple[str, ...]] = ()
    """Fields of the class that name columns of the result."""

    def __post_init__(self) -> None:
        if not self.title and not self.key and "title" not in self.refused:
            self.problem("needs a title or a key", "a panel without a header is identified by its key", "title")
        if self.NEEDS_QUERY and not self.query and "query" not in self.refused:
            self.problem("needs a query", "give its SQL as the second value, or a tuple of queries")
        if self.overrides and not of(self.kind).hides_by and any(o.hidden for o in self.overrides):
            self.problem(
                f"overrides: a {self.kind} can't hide single fields",
                "leave them out with Organize(exclude=…)",
                field="overrides",
            )
        for link in self.links:
            if alone := link.of_dashboards_only:
                link.problem(
                    f"is a link of the panel {self.title!r}, which shows a title and no {', '.join(alone)}",
                    "leave out what only a dashboard's links have, or add the link to the dashboard",
                    alone[0],
                )
        if self.at is not None and self.at[0] + self.width > 24:
            self.problem(f"at: {self.width} columns from column {self.at[0]} on leave the grid of 24", field="at")
        if len(self.targets) > 1:
            self._alike([q.name for q in self.targets if q.name])

    def _alike(self, names: list[str]) -> None:
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.problem(
                f"two queries are named {name!r}", "overrides and conditions refer to queries by name", "query"
            )

    @property
    def targets(self) -> tuple[PanelTarget, ...]:
        """What was given as `query`, as its check keeps it."""
        return self.query  # type: ignore[return-value]  # `panel_queries` made it so; asked too often for a cast

    @property
    def queries(self) -> tuple[Query, ...]:
        """Those of the environment's data sources."""
        for target in self.targets:
            if not isinstance(target, Query):
                return tuple([q for q in self.targets if isinstance(q, Query)])
        return self.query  # type: ignore[return-value]  # as in `targets`

    @property
    def ref_ids(self) -> tuple[str, ...]:
        """The refId of each target."""
        return tuple([q.ref_id or letter for q, letter in zip(self.targets, REF_IDS, strict=False)])

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """The columns that the class's own fields name: each field with a column. Regular expressions name none."""
        for name in self.COLUMNS:
            value = getattr(self, name)
            for one in value if isinstance(value, tuple) else (value,):
                column = str(one.column) if isinstance(one, SortBy) else str(one)
                if column and not column.startswith("/"):
                    yield name, column

    @property
    def slug(self) -> str:
        """The key, or the title as one."""
        return self.key or slug(self.title)


@node
class TimeSeries(Panel):
    """Lines, bars or points over time."""

    kind: str = field(default="timeseries", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    FORMAT: ClassVar[Format] = "time_series"
    legend: Legend = checked(validators.a(Legend), default=Legend())
    """Legend below or next to the chart: `legend=Legend("table", calcs=("max",))`."""
    tooltip: Tooltip = checked(validators.a(Tooltip), default=Tooltip())
    """Tooltip that the chart shows at the pointer: `tooltip=Tooltip("multi", sort="desc")`."""
    draw: Literal["line", "bars", "points"] = checked(validators.literal(), default="line")
    """How a series is drawn: as a line, as bars, or as points (`fieldConfig.defaults.custom.drawStyle`)."""
    interpolation: Literal["linear", "smooth", "stepBefore", "stepAfter"] = checked(
        validators.literal(), default="linear"
    )
    """How a line connects two points: straight, as a curve, or in steps that change at the next point (`stepAfter`) or
    at the previous one (`stepBefore`) (`fieldConfig.defaults.custom.lineInterpolation`)."""
    line_width: int = checked(validators.whole(0, 10), default=1)
    """Width of the lines in pixels, 0 to 10 (`fieldConfig.defaults.custom.lineWidth`)."""
    fill_opacity: int = checked(validators.whole(0, 100), default=0)
    """Opacity of the area below the lines in percent: `fill_opacity=20` (`fieldConfig.defaults.custom.fillOpacity`)."""
    points: Visibility = checked(validators.literal(), default="auto")
    """Whether points are marked on lines; `auto` marks them where they are far apart
    (`fieldConfig.defaults.custom.showPoints`)."""
    stack: Stacking = checked(validators.literal(), default="none")
    """Stacks the series by value, or as percent of their sum (`fieldConfig.defaults.custom.stacking.mode`)."""
    span_nulls: bool | int = checked(
        lambda v: v if isinstance(v, bool) else validators.whole(1, 10**10)(v), default=False
    )
    """Whether a line connects points across missing values: always, never, or across gaps of at most this many
    milliseconds: `span_nulls=60000` (`fieldConfig.defaults.custom.spanNulls`)."""
    axis_label: str = checked(validators.any_text, default="")
    """Label of the value axis: `axis_label="fetches"` (`fieldConfig.defaults.custom.axisLabel`)."""
    soft_min: float | None = checked(validators.maybe(validators.number), default=None)
    """Soft minimum of the axis, which a lower value extends: `soft_min=0`. None: from the data. `min` is a fixed
    minimum (`fieldConfig.defaults.custom.axisSoftMin`)."""
    soft_max: float | None = checked(validators.maybe(validators.number), default=None)
    """Soft maximum of the axis, which a higher value extends: `soft_max=100`. None: from the data. `max` is a fixed
    maximum (`fieldConfig.defaults.custom.axisSoftMax`)."""
    log_base: Literal[2, 10] | None = checked(validators.literal(), default=None)
    """Base of a logarithmic axis. None: a linear one (`fieldConfig.defaults.custom.scaleDistribution.log`)."""
    threshold_style: Literal["off", "line", "dashed", "area", "line+area", "dashed+area"] = checked(
        validators.literal(), default="off"
    )
    """How `thresholds` are drawn: as lines, as filled areas, or not at all
    (`fieldConfig.defaults.custom.thresholdsStyle.mode`)."""


@node
class Stat(Panel):
    """One big value for each series or, with `all_values`, for each row of the result."""

    kind: str = field(default="stat", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    COLUMNS: ClassVar[tuple[str, ...]] = ("fields",)
    width: int = checked(_columns, default=6)
    height: int = checked(_grid_rows, default=5)
    calc: Reducer = checked(_reducer, default="lastNotNull")
    """Calculation that reduces each series to the value shown; it has no effect with `all_values`
    (`options.reduceOptions.calcs`)."""
    all_values: bool = checked(validators.flag, default=False)
    """True shows a value for each row of the result instead of one for each series (`options.reduceOptions.values`)."""
    fields: str = checked(validators.any_text, default="")
    """Which fields are shown: a name, or a regular expression between slashes, `fields="/_ms$/"`. Empty: the numeric
    ones (`options.reduceOptions.fields`)."""
    color_mode: Literal["value", "background", "background_solid", "none"] = checked(
        validators.literal(), default="value"
    )
    """Where the value's colour is applied: to the text, the background with or without a gradient, or nothing
    (`options.colorMode`)."""
    graph: Literal["none", "area"] = checked(validators.literal(), default="none")
    """Whether a sparkline is drawn behind the value; it needs a time field (`options.graphMode`)."""
    text_mode: Literal["auto", "value", "value_and_name", "name", "none"] = checked(
        validators.literal(), default="auto"
    )
    """Which texts are shown; `auto` hides the name if there is only one value (`options.textMode`)."""
    orientation: Orientation = checked(validators.literal(), default="auto")
    """Layout of several values: side by side (`vertical`) or one below the other (`horizontal`); `auto` depends on the
    panel's shape (`options.orientation`)."""


@node
class Gauge(Panel):
    """A gauge for each series or, with `all_values`, for each row of the result."""

    kind: str = field(default="gauge", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    COLUMNS: ClassVar[tuple[str, ...]] = ("fields",)
    width: int = checked(_columns, default=6)
    height: int = checked(_grid_rows, default=6)
    calc: Reducer = checked(_reducer, default="lastNotNull")
    """Calculation that reduces each series to the value shown; it has no effect with `all_values`
    (`options.reduceOptions.calcs`)."""
    all_values: bool = checked(validators.flag, default=False)
    """True shows a value for each row of the result instead of one for each series (`options.reduceOptions.values`)."""
    fields: str = checked(validators.any_text, default="")
    """Which fields are shown: a name, or a regular expression between slashes, `fields="/_ms$/"`. Empty: the numeric
    ones (`options.reduceOptions.fields`)."""
    show_threshold_labels: bool = checked(validators.flag, default=False)
    """Shows the values of the thresholds next to the gauge (`options.showThresholdLabels`)."""
    show_threshold_markers: bool = checked(validators.flag, default=True)
    """Shows the thresholds as a coloured ring around the gauge (`options.showThresholdMarkers`)."""
    orientation: Orientation = checked(validators.literal(), default="auto")
    """Layout of several gauges: side by side (`vertical`) or one below the other (`horizontal`); `auto` depends on the
    panel's shape (`options.orientation`)."""


@node
class BarGauge(Panel):
    """A bar for each series or, with `all_values`, for each row of the result."""

    kind: str = field(default="bargauge", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    COLUMNS: ClassVar[tuple[str, ...]] = ("fields",)
    calc: Reducer = checked(_reducer, default="lastNotNull")
    """Calculation that reduces each series to the value shown; it has no effect with `all_values`
    (`options.reduceOptions.calcs`)."""
    all_values: bool = checked(validators.flag, default=False)
    """True shows a value for each row of the result instead of one for each series (`options.reduceOptions.values`)."""
    fields: str = checked(validators.any_text, default="")
    """Which fields are shown: a name, or a regular expression between slashes, `fields="/_ms$/"`. Empty: the numeric
    ones (`options.reduceOptions.fields`)."""
    display: Literal["basic", "lcd", "gradient"] = checked(validators.literal(), default="gradient")
    """Appearance of the bar: one colour, cells as on an LCD, or a gradient over the thresholds (`options.displayMode`).
    """
    value_mode: Literal["color", "text", "hidden"] = checked(validators.literal(), default="color")
    """Whether the value is shown in its colour, in the text colour, or not at all (`options.valueMode`)."""
    orientation: Orientation = checked(validators.literal(), default="horizontal")
    """Orientation of the bars; `auto` depends on the panel's shape (`options.orientation`)."""


@node
class SortBy(Node):
    """A column that a table is sorted by when it opens: `SortBy("age", descending=True)`."""

    column: str = checked(validators.text, kw_only=False)
    """Name of the column as displayed, after renames (`options.sortBy.displayName`)."""
    descending: bool = checked(validators.flag, default=False)
    """True sorts in descending order (`options.sortBy.desc`)."""


@node
class Table(Panel):
    """Rows and columns."""

    kind: str = field(default="table", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    COLUMNS: ClassVar[tuple[str, ...]] = ("sort_by",)
    width: int = checked(_columns, default=24)
    sort_by: tuple[SortBy, ...] = checked(validators.many(validators.a(SortBy)), default=())
    """The columns that the rows are sorted by when the table opens: `sort_by=(SortBy("age", descending=True),)`
    (`options.sortBy`)."""
    cell_height: Literal["sm", "md", "lg"] = checked(validators.literal(), default="sm")
    """Height of the rows: small, medium or large (`options.cellHeight`)."""
    filterable: bool = checked(validators.flag, default=False)
    """True lets viewers filter by each column (`fieldConfig.defaults.custom.filterable`)."""
    show_header: bool = checked(validators.flag, default=True)
    """False hides the header with the column names (`options.showHeader`)."""


@node
class StateTimeline(Panel):
    """States over time as coloured bands, a row for each series."""

    kind: str = field(default="state-timeline", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    FORMAT: ClassVar[Format] = "time_series"
    legend: Legend = checked(validators.a(Legend), default=Legend())
    """Legend below or next to the chart: `legend=Legend("hidden")`."""
    tooltip: Tooltip = checked(validators.a(Tooltip), default=Tooltip("single"))
    """Tooltip that the chart shows at the pointer: `tooltip=Tooltip("multi")`."""
    merge_values: bool = checked(validators.flag, default=True)
    """Merges equal consecutive values into one band (`options.mergeValues`)."""
    show_value: Visibility = checked(validators.literal(), default="auto")
    """Whether the value is shown in its band; `auto`: if there is room (`options.showValue`)."""
    align: Literal["left", "center", "right"] = checked(validators.literal(), default="left")
    """Alignment of the value in its band (`options.alignValue`)."""
    row_height: float = checked(validators.number, default=0.9)
    """Height of a band as a share of its row, from 0 to 1 (`options.rowHeight`)."""
    fill_opacity: int = checked(validators.whole(0, 100), default=70)
    """Opacity of the bands in percent (`fieldConfig.defaults.custom.fillOpacity`)."""
    line_width: int = checked(validators.whole(0, 10), default=0)
    """Width in pixels of the line around a band, 0 to 10 (`fieldConfig.defaults.custom.lineWidth`)."""


@node
class BarChart(Panel):
    """Bars by category, one for each numeric field of a row."""

    kind: str = field(default="barchart", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    COLUMNS: ClassVar[tuple[str, ...]] = ("x",)
    legend: Legend = checked(validators.a(Legend), default=Legend())
    """Legend below or next to the chart: `legend=Legend("hidden")`."""
    tooltip: Tooltip = checked(validators.a(Tooltip), default=Tooltip("single"))
    """Tooltip that the chart shows at the pointer: `tooltip=Tooltip("multi")`."""
    x: str = checked(validators.any_text, default="")
    """Name of the field whose values are the categories: `x="exchange"`. Empty: the first text or time field
    (`options.xField`)."""
    orientation: Orientation = checked(validators.literal(), default="auto")
    """Orientation of the bars; `auto` depends on the panel's shape (`options.orientation`)."""
    stack: Stacking = checked(validators.literal(), default="none")
    """Stacks the bars of a category by value, or as percent of their sum (`options.stacking`)."""
    show_value: Visibility = checked(validators.literal(), default="auto")
    """Whether the value is shown on its bar; `auto`: if there is room (`options.showValue`)."""
    fill_opacity: int = checked(validators.whole(0, 100), default=80)
    """Opacity of the bars in percent (`fieldConfig.defaults.custom.fillOpacity`)."""


@node
class Heatmap(Panel):
    """The number of values in each bucket over time, as colours."""

    kind: str = field(default="heatmap", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    FORMAT: ClassVar[Format] = "time_series"
    calculate: bool = checked(validators.flag, default=False)
    """True: Grafana counts raw values in buckets. False: each series is a bucket (`options.calculate`)."""
    scheme: str = checked(validators.text, default="Oranges")
    """Name of Grafana's colour scheme: `scheme="Spectral"` (`options.color.scheme`)."""
    reverse: bool = checked(validators.flag, default=False)
    """True reverses the colours of the scheme (`options.color.reverse`)."""
    show_legend: bool = checked(validators.flag, default=True)
    """Whether the colour scale is shown below the chart (`options.legend.show`)."""
    cell_gap: int = checked(validators.whole(0, 25), default=1)
    """Pixels between two cells, 0 to 25 (`options.cellGap`)."""


@node
class Text(Panel):
    """Markdown (or HTML, which Grafana sanitises)."""

    kind: str = field(default="text", init=False)
    TEXTS: ClassVar[tuple[str, ...]] = ("content",)
    content: str = checked(validators.text, default="")
    """Text of the panel. It may use variables: `content="# Hosts of $env"` (`options.content`)."""
    mode: Literal["markdown", "html"] = checked(validators.literal(), default="markdown")
    """Format of the content (`options.mode`)."""


State = Literal["firing", "pending", "noData", "normal", "error", "recovering"]


@node
class AlertList(Panel):
    """A list of Grafana-managed alerts, filtered by state, name and labels."""

    kind: str = field(default="alertlist", init=False)
    ALERT_FILTERS: ClassVar[tuple[str, ...]] = ("labels", "alert_name")
    states: tuple[State, ...] = checked(
        validators.many(validators.one_of(get_args(State))), default=("firing", "pending", "noData", "error")
    )
    """States of the listed alerts: `states=("firing",)` (`options.stateFilter`)."""
    labels: str = checked(validators.any_text, default="")
    """Label matchers that a listed alert must match; they may use variables: `labels='{env="$env"}'`. Empty: all alerts
    (`options.alertInstanceLabelFilter`)."""
    alert_name: str = checked(validators.any_text, default="")
    """Part of the name of the listed rules: `alert_name="daemon"`. Empty: all rules (`options.alertName`).
    """
    folder: str = checked(validators.any_text, default="")
    """Title of the folder whose alerts are listed: `folder="Alerts of the daemons"`. Empty: all folders
    (`options.folder.title`)."""
    max_items: int = checked(validators.whole(1, 1000), default=20)
    """Maximum number of listed alerts (`options.maxItems`)."""
    group_by: tuple[str, ...] = checked(validators.many(validators.text), default=())
    """Labels that alerts are grouped by: `group_by=("host",)`. Empty: Grafana's default grouping
    (`options.groupBy`)."""
    view: Literal["list", "stat"] = checked(validators.literal(), default="list")
    """A list of the alerts, or only their number (`options.viewMode`)."""
