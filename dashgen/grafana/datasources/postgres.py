"""Grafana's built-in PostgreSQL datasource.

Source: Grafana 12.3 pkg/tsdb/grafana-postgresql-datasource/{macros.go,sqleng/sql_engine.go}, TimescaleDB off;
packages/grafana-sql/src/datasource/SqlDatasource.ts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dashgen.grafana.datasources.column_types import FieldType, common_field
from dashgen.grafana.datasources.fill import Fill, grid, resampled
from dashgen.grafana.datasources.frames import (
    Booleans,
    Format,
    Frame,
    FrameError,
    FrameField,
    WireColumn,
    long_to_wide,
    read_columns,
)
from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange, backend_interval, backend_text, parse_duration
from dashgen.grafana.datasources.macros import Macro, MacroError, Macros
from dashgen.grafana.datasources.plugin import TEXT, VALUE, DatasourcePlugin, VariableColumns
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.times import rfc3339
from dashgen.grafana.datasources.translate import translate
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variables import ChosenVariable, quoted, several
from dashgen.grafana.versions import Semantics
from dashgen.model.environment import QuestDB

_GLOBAL = re.compile(r"\$__interval_ms|\$__interval|\$__unixEpochFrom\(\)|\$__unixEpochTo\(\)")
_CALL = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")


MACROS = Macros(
    "postgres",
    (
        Macro("interval", "backend", note="below 1 s it is nms, which SAMPLE BY reads as 1s"),
        Macro("interval_ms", "backend"),
        Macro("unixEpochFrom", "backend", (0, 0)),
        Macro("unixEpochTo", "backend", (0, 0)),
        Macro("time", "backend", (1, 1)),
        Macro("timeEpoch", "backend", (1, 1)),
        Macro("timeFilter", "backend", (1, 1)),
        Macro("timeFrom", "backend", (0, 0), note="a quoted literal"),
        Macro("timeTo", "backend", (0, 0), note="a quoted literal"),
        Macro("timeGroup", "backend", (2, 3)),
        Macro("timeGroupAlias", "backend", (2, 3)),
        Macro("unixEpochFilter", "backend", (1, 1), note="seconds against microseconds: no rows"),
        Macro("unixEpochNanoFilter", "backend", (1, 1), note="ns against microseconds: no rows"),
        Macro("unixEpochNanoFrom", "backend", (0, 0)),
        Macro("unixEpochNanoTo", "backend", (0, 0)),
        Macro("unixEpochGroup", "backend", (2, 3)),
        Macro("unixEpochGroupAlias", "backend", (2, 3)),
    ),
)


def expand(sql: str, time_range: TimeRange, interval_ns: int) -> Expanded:
    """The text that reaches QuestDB. Raises `MacroError` with Grafana's text for a macro that it does not
    know."""
    return _expand(sql, time_range, interval_ns)[0]


def fill_of(sql: str, time_range: TimeRange, interval_ns: int) -> Fill | None:
    """What the query's macros ask to be filled; the last one wins."""
    return _expand(sql, time_range, interval_ns)[1]


def _expand(sql: str, time_range: TimeRange, interval_ns: int) -> tuple[Expanded, Fill | None]:
    texts = {
        "$__interval_ms": str(interval_ns // MS),
        "$__interval": backend_text(interval_ns),
        "$__unixEpochFrom()": str(time_range.from_ns // SECOND),
        "$__unixEpochTo()": str(time_range.to_ns // SECOND),
    }
    first = rewrite(sql, [(m.start(), m.end(), texts[m.group()]) for m in _GLOBAL.finditer(sql)])
    fill: Fill | None = None
    replaced: list[tuple[int, int, str]] = []
    for match in _CALL.finditer(first.text):
        name = match[1]
        first_call = first.text.index(match.group())
        if name == "__timeGroup" and first.text[first_call + len(match.group()) :].startswith(","):
            name = "__timeGroupAlias"
        args = [arg.strip(" ") for arg in match[2].split(",")]
        try:
            text, asked = _evaluate(name, args, time_range)
        except ValueError as error:
            raise MacroError(str(error), name.removeprefix("__"), first.source(match.start())) from error
        fill = asked or fill
        replaced.append((match.start(), match.end(), text))
    return first.then(rewrite(first.text, replaced)), fill


def _evaluate(name: str, args: list[str], time_range: TimeRange) -> tuple[str, Fill | None]:
    start, stop = time_range.from_ns, time_range.to_ns
    if name.endswith("GroupAlias"):
        text, fill = _evaluate(name.removesuffix("Alias"), args, time_range)
        return f'{text} AS "time"', fill
    if name in ("__timeGroup", "__unixEpochGroup"):
        if len(args) < 2:
            raise ValueError(f"macro {name} needs time column and interval and optional fill value")
        try:
            # Grafana adds months and years to the current day here; their mean length stands in for that.
            interval = parse_duration(args[1].strip("'"))
        except ValueError as error:
            raise ValueError(f"error parsing interval {args[1]}") from error
        seconds = interval / SECOND
        length = str(int(seconds)) if seconds.is_integer() else repr(seconds)
        column = f"extract(epoch from {args[0]})" if name == "__timeGroup" else f"({args[0]})"
        return f"floor({column}/{length})*{length}", _fill(interval, args[2]) if len(args) == 3 else None
    texts = {
        "__time": f'{args[0]} AS "time"',
        "__timeEpoch": f'extract(epoch from {args[0]}) as "time"',
        "__timeFilter": f"{args[0]} BETWEEN '{rfc3339(start)}' AND '{rfc3339(stop)}'",
        "__timeFrom": f"'{rfc3339(start)}'",
        "__timeTo": f"'{rfc3339(stop)}'",
        "__unixEpochFilter": f"{args[0]} >= {start // SECOND} AND {args[0]} <= {stop // SECOND}",
        "__unixEpochNanoFilter": f"{args[0]} >= {start} AND {args[0]} <= {stop}",
        "__unixEpochNanoFrom": str(start),
        "__unixEpochNanoTo": str(stop),
    }
    if name not in texts:
        raise ValueError(f'unknown macro "{name}"')
    return texts[name], None


def _fill(interval: int, mode: str) -> Fill:
    if mode == "NULL":
        return Fill(interval)
    if mode == "previous":
        return Fill(interval, previous=True)
    try:
        return Fill(interval, value=float(mode))
    except ValueError as error:
        raise ValueError(f"error parsing fill value {mode}") from error


CONVERTS: Mapping[int, FieldType] = {1700: "float64"}
"""NUMERIC is a number (sql_engine.go)."""


def _field(oid: int) -> FieldType:
    return CONVERTS.get(oid) or common_field(oid)


def postgres_frame(
    columns: Sequence[WireColumn],
    rows: Sequence[Sequence[Value]],
    format_: Format,
    fill: Fill | None = None,
    span: TimeRange | None = None,
    booleans: Booleans = "number",
) -> Frame:
    """No rows: a frame without fields. A number in a column named time is one since 1970. A series is filled over its
    range where the query asks for that. A BOOLEAN in a series is 1 or 0 (recorded on 12.3 and 12.4); older versions
    refuse it (recorded on 9.4). Raises `FrameError`."""
    if not rows:
        return Frame(())
    frame = read_columns(columns, rows, _field)
    fields = [f._replace(type="float64") if f.type == "float32" else f for f in frame.fields]
    time = max((i for i, f in enumerate(fields) if f.name == "time"), default=None)
    if time is not None and fields[time].type != "time":
        fields[time] = _as_time(fields[time])
    if format_ == "table":
        return Frame(tuple(fields))
    if time is None:
        raise FrameError(
            "db has no time column: time column is missing; make sure your data includes a time column "
            "for time series format or switch to a table format that doesn't require it",
            before="db has no time column: no time column found",
        )
    fields[time] = fields[time]._replace(name="Time")
    for i, field in enumerate(fields):
        if i == time or field.type == "string" or field.name == "metric":
            continue
        if field.type == "bool" and booleans == "refused":
            raise FrameError(f"convert value to float failed: metricIndex {i} type []*bool can't be converted to float")
        if field.type != "time":
            numbers = tuple(None if v is None else float(v) for v in field.values if not isinstance(v, str | datetime))
            fields[i] = field._replace(type="float64", values=numbers)
    frame = Frame(tuple(fields))
    if frame.shape != "long":
        return _filled(frame, fill, span)
    try:
        wide = long_to_wide(frame, fill)
    except FrameError as error:
        raise FrameError(f"failed to convert long to wide series when converting from dataframe: {error}") from error
    if len(frame.fields) == 3:
        wide = Frame(
            tuple(
                f._replace(name=f.labels[0][1], labels=()) if len(f.labels) == 1 and f.labels[0][0] == "metric" else f
                for f in wide.fields
            )
        )
    return _filled(wide, fill, span)


def _as_time(field: FrameField) -> FrameField:
    """Seconds, milliseconds or nanoseconds since 1970, by how large the number is (`epochPrecisionToMS`)."""
    if field.type in ("string", "bool"):
        raise FrameError(
            "converting time columns failed: failed to convert time column: unable to convert data to a time field",
            before="converting time columns failed: failed to convert time column: "
            f'column type "[]*{field.type}" is not convertible to time.Time',
        )
    return field._replace(type="time", values=tuple(None if v is None else _moment(v) for v in field.values))


def _moment(value: Value) -> Value:
    if not isinstance(value, int | float):
        return value
    exponent = f"{float(value):.16e}"[-4:]
    ms = value * 1e3 if exponent == "e+09" else value / 1e6 if exponent == "e+18" else value
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


def _filled(frame: Frame, fill: Fill | None, span: TimeRange | None) -> Frame:
    """A series over its whole range; as it is where it is none, or a moment is missing."""
    times = next((f for f in frame.fields if f.type == "time"), None)
    if fill is None or span is None or times is None or frame.shape == "not":
        return frame
    known = [value for value in times.values if isinstance(value, datetime)]
    if len(known) < len(times.values):
        return frame
    moments = grid(fill, span)
    others = [f for f in frame.fields if f is not times]
    columns = iter(resampled(known, [f.values for f in others], moments, fill))
    return Frame(tuple(f._replace(values=tuple(moments) if f is times else tuple(next(columns))) for f in frame.fields))


class PostgresPlugin(DatasourcePlugin):
    name = "postgres"
    id = "postgres"
    other_ids = ("grafana-postgresql-datasource",)  # what newer Grafanas call it
    title = "Grafana's PostgreSQL datasource"
    macros = MACROS
    lowest_interval = "1m"  # packages/grafana-sql SqlDatasource.ts
    converts = CONVERTS
    time_column = "time"
    metric_column = "metric"
    booleans_are_labels = False
    connection_fields = ("database",)

    def adapted(self, sql: str) -> Expanded:
        return translate(sql)

    def default_text(self, value: str | tuple[str, ...], variable: ChosenVariable) -> str:
        """Quoted if the variable allows several or All, even where one is chosen; else only its quotes are
        doubled."""
        if isinstance(value, tuple) or variable.multi or variable.include_all:
            return ",".join(quoted(one, "'", "''") for one in several(value))
        return value.replace("'", "''")

    def expand(self, sql: str, time_range: TimeRange, interval_ns: int) -> Expanded:
        return expand(sql, time_range, interval_ns)

    def alert_interval(self, span: TimeRange, points: int, interval_ns: int) -> int:
        return backend_interval(span, points, interval_ns)

    def frame(
        self,
        sql: str,
        columns: Sequence[WireColumn],
        rows: Sequence[Sequence[Value]],
        format_: Format,
        span: TimeRange,
        booleans: Booleans = "number",
    ) -> Frame:
        # Only the macro's own arguments count.
        fill = fill_of(sql, span, SECOND) if "Group" in sql else None
        return postgres_frame(columns, rows, format_, fill, span if fill else None, booleans)

    def failure(self, semantics: Semantics) -> str:
        return "db query error"

    def refusal(self, text: str, semantics: Semantics) -> str:
        said = f"ERROR: {text} (SQLSTATE 00000)" if semantics.pgx else f"pq: {text}"
        return f"{self.failure(semantics)}: {said}"

    def variable_columns(self, names: Sequence[str]) -> VariableColumns | None:
        """By name: `__value` and `__text`; other columns become one list of all their values
        (packages/grafana-sql/src/ResponseParser.ts of 12.3: from knowledge, not looked up)."""
        return VariableColumns(names.index(VALUE), names.index(TEXT)) if {VALUE, TEXT} <= set(names) else None

    def variable_columns_expected(self, value: str, text: str) -> tuple[str, str, str]:
        return (
            f"the columns {VALUE} and {TEXT}",
            "Grafana's PostgreSQL datasource makes one list of the values of both",
            f"write {value} AS {VALUE}, {text} AS {TEXT}",
        )

    def target(
        self, sql: str, ref_id: str, format_: Format, datasource: Mapping[str, str], *, hide: bool
    ) -> dict[str, object]:
        made: dict[str, object] = {
            "datasource": datasource,
            "editorMode": "code",
            "format": format_,
            "rawQuery": True,
            "rawSql": sql,
            "refId": ref_id,
        }
        return {**made, "hide": True} if hide else made

    def connection(self, datasource: QuestDB) -> dict[str, object]:
        """A fresh Grafana blanked the top-level `database` at its first start (docs/facts/grafana.md, Notifications and
        data sources)."""
        return {
            "url": f"{datasource.host}:{datasource.port}",
            "user": datasource.user,
            "jsonData": {"database": datasource.database, "sslmode": datasource.tls, "timescaledb": False},
        }
