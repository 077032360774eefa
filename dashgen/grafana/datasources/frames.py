"""SQL rows as the data frames that the datasources make of them.

Sources: Grafana 12.3 pkg/tsdb/grafana-postgresql-datasource/sqleng/sql_engine.go; sqlds 4.2 query.go with the
QuestDB plugin 0.1.8's pkg/converters; grafana-plugin-sdk-go 0.291 data/time_series.go (long to wide).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from dashgen.grafana.datasources.column_types import FieldType, field_of
from dashgen.grafana.datasources.fill import Fill, grid, resampled
from dashgen.grafana.datasources.intervals import TimeRange
from dashgen.grafana.datasources.macros import Plugin
from dashgen.grafana.datasources.values import Value
from dashgen.model.core.problems import DashgenError

Format = Literal["time_series", "table"]
Labels = tuple[tuple[str, str], ...]


class FrameError(DashgenError, ValueError):
    """Grafana's own text for rows that don't make a frame; `before` is that of older versions where it differs."""

    def __init__(self, text: str, before: str = "") -> None:
        super().__init__(text)
        self.before = before or text


@dataclass(frozen=True, slots=True)
class FrameField:
    """`values` of type time are aware datetimes."""

    name: str
    type: FieldType
    values: tuple[Value, ...]
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Frame:
    fields: tuple[FrameField, ...]

    @property
    def shape(self) -> Literal["wide", "long", "not"]:
        """`TimeSeriesSchema().Type`: strings and booleans make it long."""
        values = [f for f in self.fields if f.type not in ("string", "bool")]
        if not any(f.type == "time" for f in values) or len(values) < 2:
            return "not"
        return "wide" if len(values) == len(self.fields) else "long"


@dataclass(frozen=True, slots=True)
class WireColumn:
    name: str
    oid: int


def field_type(column: WireColumn, plugin: Plugin) -> FieldType:
    """What a column becomes in a frame."""
    return field_of(column.oid, plugin)


def _columns(columns: Sequence[WireColumn], rows: Sequence[Sequence[Value]], plugin: Plugin) -> Frame:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    types = [field_type(column, plugin) for column in columns]
    return Frame(
        tuple(
            FrameField(c.name, t, tuple(map(_text, v)) if t == "string" else tuple(v))
            for c, t, v in zip(columns, types, values, strict=True)
        )
    )


def _text(value: Value) -> Value:
    """The plugin knows no DECIMAL (recorded with 0.1.9 on Grafana 12.3 and 12.4)."""
    return value if value is None or isinstance(value, str) else str(value)


def postgres_frame(
    columns: Sequence[WireColumn],
    rows: Sequence[Sequence[Value]],
    format_: Format,
    fill: Fill | None = None,
    span: TimeRange | None = None,
    booleans: Literal["number", "refused"] = "number",
) -> Frame:
    """No rows: a frame without fields. A number in a column named time is one since 1970. A series is filled over its
    range where the query asks for that. A BOOLEAN in a series is 1 or 0 (recorded on 12.3 and 12.4); older versions
    refuse it (recorded on 9.4). Raises `FrameError`."""
    if not rows:
        return Frame(())
    frame = _columns(columns, rows, "postgres")
    fields = [replace(f, type="float64") if f.type == "float32" else f for f in frame.fields]
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
    fields[time] = replace(fields[time], name="Time")
    for i, field in enumerate(fields):
        if i == time or field.type == "string" or field.name == "metric":
            continue
        if field.type == "bool" and booleans == "refused":
            raise FrameError(f"convert value to float failed: metricIndex {i} type []*bool can't be converted to float")
        if field.type != "time":
            numbers = tuple(None if v is None else float(v) for v in field.values if not isinstance(v, str | datetime))
            fields[i] = replace(field, type="float64", values=numbers)
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
                replace(f, name=f.labels[0][1], labels=()) if len(f.labels) == 1 and f.labels[0][0] == "metric" else f
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
    return replace(field, type="time", values=tuple(None if v is None else _moment(v) for v in field.values))


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
    return Frame(tuple(replace(f, values=tuple(moments) if f is times else tuple(next(columns))) for f in frame.fields))


def questdb_frame(columns: Sequence[WireColumn], rows: Sequence[Sequence[Value]], format_: Format) -> Frame:
    """The first timestamp is the time, whatever its name. No rows: no fields for a series, all for a
    table.
    """
    if format_ == "time_series" and not rows:
        return Frame(())
    frame = _columns(columns, rows, "questdb")
    return long_to_wide(frame) if format_ == "time_series" and frame.shape == "long" else frame


def long_to_wide(frame: Frame, fill: Fill | None = None) -> Frame:
    """`data.LongToWide`: one field a value column and label set; NULL, or what fills it, where a set has no row at an
    instant.
    """
    if frame.shape != "long":
        raise FrameError(
            f"can not convert to wide series, expected long format series input but got {frame.shape} series"
        )
    time = next(i for i, f in enumerate(frame.fields) if f.type == "time")
    factors = [i for i, f in enumerate(frame.fields) if f.type in ("string", "bool")]
    numbers = [i for i in range(len(frame.fields)) if i != time and i not in factors]
    times: list[datetime] = []
    series: dict[tuple[int, tuple[str, ...]], dict[int, Value]] = {}
    for row, instant in enumerate(frame.fields[time].values):
        if not isinstance(instant, datetime):
            raise FrameError("can not convert to wide series, input has null time values")
        if not times or instant > times[-1]:
            times.append(instant)
        elif instant < times[-1]:
            raise FrameError("long series must be sorted ascending by time to be converted")
        key = tuple(_label(frame.fields[i].values[row], frame.fields[i].type) for i in factors)
        for i in numbers:
            series.setdefault((i, key), {})[len(times) - 1] = frame.fields[i].values[row]
    names = [frame.fields[i].name for i in factors]
    fields = [
        FrameField(
            frame.fields[i].name,
            frame.fields[i].type,
            _spread(found, len(times), fill),
            tuple(sorted(zip(names, key, strict=True))),
        )
        for (i, key), found in sorted(series.items(), key=lambda item: (frame.fields[item[0][0]].name, item[0][1]))
    ]
    return Frame((FrameField(frame.fields[time].name, "time", tuple(times)), *fields))


def _spread(found: dict[int, Value], length: int, fill: Fill | None) -> tuple[Value, ...]:
    if fill is None:
        return tuple(found.get(at) for at in range(length))
    values: list[Value] = []
    for at in range(length):
        values.append(found[at] if at in found else fill.missing(values[-1] if values else None))
    return tuple(values)


def _label(value: Value, type_: FieldType) -> str:
    """NULL is the empty string."""
    if type_ == "bool":
        return "true" if value else "false"
    return "" if value is None else str(value)
