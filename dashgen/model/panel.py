"""Panels: the kinds that operators use most as classes, any other as `Panel(kind)`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeAlias, cast, get_args

from dashgen.model import checks
from dashgen.model.checks import NOTHING
from dashgen.model.field import FieldOptions, Override
from dashgen.model.ignore import Ignore, ignores
from dashgen.model.link import Link
from dashgen.model.node import Node, checked, field, node
from dashgen.model.query import AnyQuery, Format, Query, queries
from dashgen.model.reducers import REDUCERS, Reducer

Orientation = Literal["auto", "horizontal", "vertical"]
LegendMode = Literal["list", "table", "hidden"]
_columns, _grid_rows = checks.whole(1, 24), checks.whole(1, 100)
_reducer = checks.one_of(sorted(REDUCERS))


@node
class Legend(Node):
    """The legend of a chart. `calcs` are shown beside each name in table mode."""

    mode: LegendMode = checked(checks.one_of(get_args(LegendMode)), default="list", kw_only=False)
    calcs: tuple[Reducer, ...] = checked(checks.many(_reducer), default=())
    placement: Literal["bottom", "right"] = checked(checks.one_of(("bottom", "right")), default="bottom")
    width: int | None = checked(checks.maybe(checks.whole(50, 2000)), default=None)


@node
class Tooltip(Node):
    """What hovering shows: the series under the pointer, all of them, or nothing."""

    mode: Literal["single", "multi", "none"] = checked(
        checks.one_of(("single", "multi", "none")), default="multi", kw_only=False
    )
    sort: Literal["none", "asc", "desc"] = checked(checks.one_of(("none", "asc", "desc")), default="none")


@node
class Transformation(Node):
    """Any of Grafana's transformations by its id: `Transformation("sortBy", {...})`."""

    id: str = checked(checks.text, kw_only=False)
    options: Mapping[str, Any] = checked(checks.json_object, default=NOTHING, kw_only=False)
    disabled: bool = checked(checks.flag, default=False)


@node
class Organize(Node):
    """Renames, orders and hides columns by name."""

    rename: Mapping[str, str] = checked(checks.mapping(checks.any_text), default=NOTHING)
    order: tuple[str, ...] = checked(checks.many(checks.text), default=())
    exclude: tuple[str, ...] = checked(checks.many(checks.text), default=())


@node
class JoinByField(Node):
    """Joins the frames of several queries on one field."""

    field: str = checked(checks.text, default="time", kw_only=False)
    mode: Literal["outer", "inner", "outerTabular"] = checked(
        checks.one_of(("outer", "inner", "outerTabular")), default="outer"
    )


BUDGET_MS = 250
"""What a query may take unless its panel says otherwise."""
_CANNOT_HIDE = frozenset({"stat", "gauge", "bargauge"})
"""Kinds without field config of their own, so without "hide from" (Foundation SDK 0.0.21)."""

AnyTransformation: TypeAlias = Transformation | Organize | JoinByField


@node
class Panel(FieldOptions):
    """A panel of any kind: `Panel("piechart", "Share", SQL, options={…}, custom={…})`.

    `options` and `custom` are checked against the schema derived for the kind. For the typed kinds they may add
    what the class has no field for. `width` is in grid columns (24), `height` in grid rows (30 px each).
    """

    kind: str = checked(checks.text, kw_only=False)
    title: str = checked(checks.text, kw_only=False)
    query: AnyQuery | tuple[AnyQuery, ...] = checked(queries, default=(), kw_only=False)
    key: str = checked(checks.uid, default="")
    description: str = checked(checks.any_text, default="")
    width: int = checked(_columns, default=12)
    height: int = checked(_grid_rows, default=8)
    datasource: str = checked(checks.text, default="questdb")
    overrides: tuple[Override, ...] = checked(checks.many(checks.a(Override)), default=())
    links: tuple[Link, ...] = checked(checks.many(checks.a(Link)), default=())
    transformations: tuple[AnyTransformation, ...] = checked(
        checks.many(checks.a(Transformation, Organize, JoinByField)), default=()
    )
    repeat: str = checked(checks.name, default="")
    repeat_direction: Literal["h", "v"] = checked(checks.one_of(("h", "v")), default="h")
    max_per_row: int | None = checked(checks.maybe(checks.whole(1, 24)), default=None)
    min_interval: str | None = checked(checks.maybe(checks.duration), default=None)
    max_data_points: int | None = checked(checks.maybe(checks.whole(1, 100_000)), default=None)
    time_from: str | None = checked(checks.maybe(checks.time_override), default=None)
    time_shift: str | None = checked(checks.maybe(checks.time_shift), default=None)
    transparent: bool = checked(checks.flag, default=False)
    options: Mapping[str, Any] = checked(checks.json_object, default=NOTHING)
    ignore: tuple[Ignore, ...] = checked(ignores, default=())
    """For all of its queries; one of a single query is `Query(…, ignore=…)`."""
    budget_ms: int = checked(checks.whole(1, 600_000), default=BUDGET_MS)
    """How long each of its queries may take in `dashgen check --run`."""

    FORMAT: ClassVar[Format] = "table"
    NEEDS_QUERY: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.NEEDS_QUERY and not self.queries:
            self.problem("needs a query")
        if self.overrides and self.kind in _CANNOT_HIDE and any(o.hidden for o in self.overrides):
            self.problem(
                f"overrides: a {self.kind} can't hide single fields", "leave them out with Organize(exclude=…)"
            )
        if len(self.queries) > 1:
            self._alike([q.name for q in self.queries if q.name])

    def _alike(self, names: list[str]) -> None:
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.problem(
                f"two queries are named {name!r}", "overrides and conditions refer to queries by name", "query"
            )

    @property
    def queries(self) -> tuple[Query, ...]:
        """What was given as `query`, as its check keeps it."""
        return cast("tuple[Query, ...]", self.query)

    @property
    def slug(self) -> str:
        """The key, or the title as one."""
        return self.key or slug(self.title)


@lru_cache(maxsize=65536)
def slug(title: str) -> str:
    """A title as a key: lower case, runs of anything else than letters and digits as one '-'."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


@node
class TimeSeries(Panel):
    """Lines, bars or points over time. `span_nulls`: True, or a longest hole in milliseconds."""

    kind: str = field(default="timeseries", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    FORMAT: ClassVar[Format] = "time_series"
    legend: Legend = checked(checks.a(Legend), default=Legend())
    tooltip: Tooltip = checked(checks.a(Tooltip), default=Tooltip())
    draw: Literal["line", "bars", "points"] = checked(checks.one_of(("line", "bars", "points")), default="line")
    interpolation: Literal["linear", "smooth", "stepBefore", "stepAfter"] = checked(
        checks.one_of(("linear", "smooth", "stepBefore", "stepAfter")), default="linear"
    )
    line_width: int = checked(checks.whole(0, 10), default=1)
    fill_opacity: int = checked(checks.whole(0, 100), default=0)
    points: Literal["auto", "always", "never"] = checked(checks.one_of(("auto", "always", "never")), default="auto")
    stack: Literal["none", "normal", "percent"] = checked(checks.one_of(("none", "normal", "percent")), default="none")
    span_nulls: bool | int = checked(lambda v: v if isinstance(v, bool) else checks.whole(1, 10**10)(v), default=False)
    axis_label: str = checked(checks.any_text, default="")
    soft_min: float | None = checked(checks.maybe(checks.number), default=None)
    soft_max: float | None = checked(checks.maybe(checks.number), default=None)
    log_base: Literal[2, 10] | None = checked(checks.maybe(checks.one_of((2, 10))), default=None)
    threshold_style: Literal["off", "line", "dashed", "area", "line+area", "dashed+area"] = checked(
        checks.one_of(("off", "line", "dashed", "area", "line+area", "dashed+area")), default="off"
    )


@node
class Stat(Panel):
    """One big value a series, or, with `all_values`, one a row of the result."""

    kind: str = field(default="stat", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    width: int = checked(_columns, default=6)
    height: int = checked(_grid_rows, default=5)
    calc: Reducer = checked(_reducer, default="lastNotNull")
    all_values: bool = checked(checks.flag, default=False)
    fields: str = checked(checks.any_text, default="")
    """Which fields to show: a name, a regex between slashes; by default the numeric ones."""
    color_mode: Literal["value", "background", "background_solid", "none"] = checked(
        checks.one_of(("value", "background", "background_solid", "none")), default="value"
    )
    graph: Literal["none", "area"] = checked(checks.one_of(("none", "area")), default="none")
    text_mode: Literal["auto", "value", "value_and_name", "name", "none"] = checked(
        checks.one_of(("auto", "value", "value_and_name", "name", "none")), default="auto"
    )
    orientation: Orientation = checked(checks.one_of(get_args(Orientation)), default="auto")


@node
class Gauge(Panel):
    """A dial a series, or a row."""

    kind: str = field(default="gauge", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    width: int = checked(_columns, default=6)
    height: int = checked(_grid_rows, default=6)
    calc: Reducer = checked(_reducer, default="lastNotNull")
    all_values: bool = checked(checks.flag, default=False)
    fields: str = checked(checks.any_text, default="")
    show_threshold_labels: bool = checked(checks.flag, default=False)
    show_threshold_markers: bool = checked(checks.flag, default=True)
    orientation: Orientation = checked(checks.one_of(get_args(Orientation)), default="auto")


@node
class BarGauge(Panel):
    """A bar a series, or a row."""

    kind: str = field(default="bargauge", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    calc: Reducer = checked(_reducer, default="lastNotNull")
    all_values: bool = checked(checks.flag, default=False)
    fields: str = checked(checks.any_text, default="")
    display: Literal["basic", "lcd", "gradient"] = checked(
        checks.one_of(("basic", "lcd", "gradient")), default="gradient"
    )
    value_mode: Literal["color", "text", "hidden"] = checked(
        checks.one_of(("color", "text", "hidden")), default="color"
    )
    orientation: Orientation = checked(checks.one_of(get_args(Orientation)), default="horizontal")


@node
class SortBy(Node):
    """The column that a table is sorted by when it opens."""

    column: str = checked(checks.text, kw_only=False)
    descending: bool = checked(checks.flag, default=False)


@node
class Table(Panel):
    """Rows and columns."""

    kind: str = field(default="table", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    width: int = checked(_columns, default=24)
    sort_by: tuple[SortBy, ...] = checked(checks.many(checks.a(SortBy)), default=())
    cell_height: Literal["sm", "md", "lg"] = checked(checks.one_of(("sm", "md", "lg")), default="sm")
    filterable: bool = checked(checks.flag, default=False)
    show_header: bool = checked(checks.flag, default=True)


@node
class StateTimeline(Panel):
    """Bands of states over time, one a series."""

    kind: str = field(default="state-timeline", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    FORMAT: ClassVar[Format] = "time_series"
    legend: Legend = checked(checks.a(Legend), default=Legend())
    tooltip: Tooltip = checked(checks.a(Tooltip), default=Tooltip("single"))
    merge_values: bool = checked(checks.flag, default=True)
    show_value: Literal["auto", "always", "never"] = checked(checks.one_of(("auto", "always", "never")), default="auto")
    align: Literal["left", "center", "right"] = checked(checks.one_of(("left", "center", "right")), default="left")
    row_height: float = checked(checks.number, default=0.9)
    fill_opacity: int = checked(checks.whole(0, 100), default=70)
    line_width: int = checked(checks.whole(0, 10), default=0)


@node
class BarChart(Panel):
    """Bars by category: the first text column, unless `x` names another."""

    kind: str = field(default="barchart", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    legend: Legend = checked(checks.a(Legend), default=Legend())
    tooltip: Tooltip = checked(checks.a(Tooltip), default=Tooltip("single"))
    x: str = checked(checks.any_text, default="")
    orientation: Orientation = checked(checks.one_of(get_args(Orientation)), default="auto")
    stack: Literal["none", "normal", "percent"] = checked(checks.one_of(("none", "normal", "percent")), default="none")
    show_value: Literal["auto", "always", "never"] = checked(checks.one_of(("auto", "always", "never")), default="auto")
    fill_opacity: int = checked(checks.whole(0, 100), default=80)


@node
class Heatmap(Panel):
    """Density over time. `calculate` buckets raw values; without it the series are the buckets."""

    kind: str = field(default="heatmap", init=False)
    NEEDS_QUERY: ClassVar[bool] = True
    FORMAT: ClassVar[Format] = "time_series"
    calculate: bool = checked(checks.flag, default=False)
    scheme: str = checked(checks.text, default="Spectral")
    reverse: bool = checked(checks.flag, default=False)
    show_legend: bool = checked(checks.flag, default=True)
    cell_gap: int = checked(checks.whole(0, 25), default=1)


@node
class Text(Panel):
    """Markdown (or HTML, which Grafana sanitises)."""

    kind: str = field(default="text", init=False)
    content: str = checked(checks.text, default="")
    mode: Literal["markdown", "html"] = checked(checks.one_of(("markdown", "html")), default="markdown")


State = Literal["firing", "pending", "noData", "normal", "error", "recovering"]


@node
class AlertList(Panel):
    """Alert instances that Grafana's own alerting knows, by state and labels (`labels` is a matcher list, which may
    use variables: `{env="$env"}`)."""

    kind: str = field(default="alertlist", init=False)
    states: tuple[State, ...] = checked(
        checks.many(checks.one_of(get_args(State))), default=("firing", "pending", "noData", "error")
    )
    labels: str = checked(checks.any_text, default="")
    alert_name: str = checked(checks.any_text, default="")
    folder: str = checked(checks.any_text, default="")
    max_items: int = checked(checks.whole(1, 1000), default=20)
    group_by: tuple[str, ...] = checked(checks.many(checks.text), default=())
    view: Literal["list", "stat"] = checked(checks.one_of(("list", "stat")), default="list")
