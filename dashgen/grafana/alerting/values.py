"""What expressions compute with (Grafana's pkg/expr/mathexp): numbers and series with labels, scalars, no data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashgen.grafana.datasources.frames import Frame, FrameField, Labels
from dashgen.model.core.problems import DashgenError


@dataclass(frozen=True, slots=True)
class ConditionMatch:
    """What made a classic condition fire; `value` None where it had no data."""

    value: float | None
    labels: Labels = ()
    metric: str = "NoData"


@dataclass(frozen=True, slots=True)
class Number:
    """`matches` are set by classic conditions only; `name` is the column's, empty for what an expression made."""

    labels: Labels
    value: float | None
    matches: tuple[ConditionMatch, ...] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order in which the rows came."""

    labels: Labels
    points: tuple[tuple[datetime, float | None], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    value: float | None


@dataclass(frozen=True, slots=True)
class NoData:
    """A query that returned a frame without fields."""


Value = Number | Series | Scalar | NoData
Values = tuple[Value, ...]


class ExpressionError(DashgenError, ValueError):
    """Grafana's own text for what an expression cannot do."""


def labels_of(value: Value) -> Labels:
    return value.labels if isinstance(value, Number | Series) else ()


def with_each_number(value: Value, function: Callable[[float], float], null: float | None) -> Value:
    """The value with what the function makes of each of its numbers, and `null` where it has none."""

    def made(number: float | None) -> float | None:
        return null if number is None else function(number)

    match value:
        case Number(labels, number):
            return Number(labels, made(number))
        case Scalar(number):
            return Scalar(made(number))
        case Series(labels, points):
            return Series(labels, tuple((at, made(number)) for at, number in points))
        case NoData():
            return value


def contains(outer: Labels, inner: Labels) -> bool:
    """Whether every label of `inner` is in `outer`."""
    return len(inner) <= len(outer) and set(inner) <= set(outer)


def has_no_data(values: Values) -> bool:
    """Grafana's `IsNoData` of a response: no frame, or one without fields."""
    return not values or (len(values) == 1 and isinstance(values[0], NoData))


_NUMERIC = ("int16", "int32", "int64", "float32", "float64")


def from_frame(frame: Frame) -> Values:
    """What a query's frame becomes. Raises ExpressionError for a shape that alerts can't use.

    A table with one number column, the others strings, is a set of numbers; NULL is NaN there. Anything else must
    be a wide series.
    """
    if not frame.fields:
        return (NoData(),)
    numeric = [f for f in frame.fields if f.type in _NUMERIC]
    strings = [f for f in frame.fields if f.type == "string"]
    if len(numeric) == 1 and len(numeric) + len(strings) == len(frame.fields):
        return _numbers(numeric[0], strings)
    if frame.shape != "wide":
        raise ExpressionError(f"input data must be a wide series but got type {frame.shape} (input refid)")
    times = next(f for f in frame.fields if f.type == "time").values
    series = []
    for field in frame.fields:
        if field.type == "time":
            continue
        points = tuple(
            (at, _float(value)) for at, value in zip(times, field.values, strict=True) if isinstance(at, datetime)
        )
        series.append(Series(field.labels, points, field.name))
    return tuple(series)


def _numbers(number: FrameField, strings: Sequence[FrameField]) -> Values:
    names = [field.name for field in strings]
    rows = zip(*(field.values for field in strings), strict=True) if strings else iter([()] * len(number.values))
    found: list[Value] = []
    for value, texts in zip(number.values, rows, strict=True):
        labels = {name: "" if text is None else str(text) for name, text in zip(names, texts, strict=True)}
        plain = _float(value)
        found.append(Number(tuple(sorted(labels.items())), float("nan") if plain is None else plain, name=number.name))
    return tuple(found)


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
