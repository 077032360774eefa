"""SQL rows as the data frames that the datasources make of them.

Sources: Grafana 12.3 pkg/tsdb/grafana-postgresql-datasource/sqleng/sql_engine.go; sqlds 4.2 query.go with the
QuestDB plugin 0.1.8's pkg/converters; grafana-plugin-sdk-go 0.291 data/time_series.go (long to wide).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from dashgen.grafana.datasources.column_types import FieldType
from dashgen.grafana.datasources.fill import Fill
from dashgen.grafana.datasources.values import Value
from dashgen.model.core.problems import DashgenError
from dashgen.model.dashboards.query import Format as Format

Booleans = Literal["number", "refused"]
"""What becomes of a BOOLEAN in an alert rule."""
Labels = tuple[tuple[str, str], ...]


class FrameError(DashgenError, ValueError):
    """Grafana's own text for rows that don't make a frame; `before` is that of older versions where it differs."""

    def __init__(self, text: str, before: str = "") -> None:
        super().__init__(text)
        self.before = before or text


class FrameField(NamedTuple):
    """`values` of type time are aware datetimes."""

    name: str
    type: FieldType
    values: tuple[Value, ...]
    labels: Labels = ()


class Frame(NamedTuple):
    fields: tuple[FrameField, ...]

    @property
    def shape(self) -> Literal["wide", "long", "not"]:
        """`TimeSeriesSchema().Type`: strings and booleans make it long."""
        values = [f for f in self.fields if f.type not in ("string", "bool")]
        if not any(f.type == "time" for f in values) or len(values) < 2:
            return "not"
        return "wide" if len(values) == len(self.fields) else "long"


class WireColumn(NamedTuple):
    name: str
    oid: int


def read_columns(
    columns: Sequence[WireColumn], rows: Sequence[Sequence[Value]], field: Callable[[int], FieldType]
) -> Frame:
    """A frame of the rows as they came; `field` says what becomes of a column, by its OID."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    types = [field(column.oid) for column in columns]
    return Frame(
        tuple(
            FrameField(c.name, t, tuple(map(_text, v)) if t == "string" else tuple(v))
            for c, t, v in zip(columns, types, values, strict=True)
        )
    )


def _text(value: Value) -> Value:
    """The plugin knows no DECIMAL (recorded with 0.1.9 on Grafana 12.3 and 12.4)."""
    return value if value is None or isinstance(value, str) else str(value)


def long_to_wide(frame: Frame, fill: Fill | None = None) -> Frame:
    """`data.LongToWide`: one field a value column and label set; NULL, or what fills it, where a set has no row at an
    instant. Raises FrameError for rows that Grafana refuses."""
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
