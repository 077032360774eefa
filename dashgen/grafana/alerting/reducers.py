"""A series becomes a number, or a series on another grid.

Facts: grafana/grafana pkg/expr/mathexp/{reduce,resample}.go and pkg/expr/classic/reduce.go.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from dashgen.grafana.alerting.values import ExpressionError, Number, Series

Mode = Literal["", "dropNN", "replaceNN"]
Points = Sequence[float | None]


def _numbers(values: Points) -> list[float] | None:
    """None where one of them is NULL or NaN."""
    found = [v for v in values if v is not None and not math.isnan(v)]
    return found if len(found) == len(values) else None


def _sum(values: Points) -> float:
    numbers = _numbers(values)
    if numbers is None:
        return math.nan
    total = 0.0
    for number in numbers:
        total += number
    return total


def _mean(values: Points) -> float:
    return _sum(values) / len(values) if values else math.nan


def _of_numbers(function: Callable[[list[float]], float]) -> Callable[[Points], float]:
    return lambda values: function(numbers) if (numbers := _numbers(values)) else math.nan


def _last(values: Points) -> float | None:
    return values[-1] if values else math.nan


REDUCERS: dict[str, Callable[[Points], float | None]] = {
    "sum": _sum,
    "mean": _mean,
    "min": _of_numbers(min),
    "max": _of_numbers(max),
    "median": _of_numbers(statistics.median),
    "count": lambda values: float(len(values)),
    "last": _last,
}


def mapped(value: float | None, mode: Mode, replacement: float) -> float | None:
    """One value on its way in: NULL, NaN and infinities are no numbers."""
    if mode and (value is None or not math.isfinite(value)):
        return replacement if mode == "replaceNN" else None
    return value


def reduce_series(series: Series, reducer: str, mode: Mode = "", replacement: float = 0.0) -> Number:
    """Raises ExpressionError for a reducer that Grafana does not have."""
    if reducer not in REDUCERS:
        raise ExpressionError(f"reduction {reducer} not implemented")
    points: Points = [value for _, value in series.points]
    if mode:
        points = [kept for value in points if (kept := mapped(value, mode, replacement)) is not None]
    result = REDUCERS[reducer](points)
    if mode and result is not None and math.isnan(result):
        result = replacement if mode == "replaceNN" else None
    return Number(series.labels, result)


def resample_series(
    series: Series, window: timedelta, downsampler: str, upsampler: str, start: datetime, end: datetime
) -> Series:
    """A point every `window` from `start` on: the points since the last one reduced, or, without any, filled. Raises
    ExpressionError for a window that is longer than the range, and for an unknown reducer."""
    count = int((end - start) / window)
    if count <= 0:
        raise ExpressionError("the series cannot be sampled further; the time range is shorter than the interval")
    if downsampler not in REDUCERS or downsampler in ("median", "count"):
        raise ExpressionError(f"downsampling {downsampler} not implemented")
    points: list[tuple[datetime, float | None]] = []
    index, seen = 0, None
    for step in range(count + 1):
        at = start + step * window
        if at > end:
            break
        taken: list[float | None] = []
        while index < len(series.points) and series.points[index][0] <= at:
            seen = series.points[index][1]
            taken.append(seen)
            index += 1
        points.append((at, REDUCERS[downsampler](taken) if taken else _filled(series, upsampler, seen, index)))
    return Series(series.labels, tuple(points))


def _filled(series: Series, upsampler: str, seen: float | None, index: int) -> float | None:
    if upsampler == "pad":
        return seen
    if upsampler == "backfilling":
        return series.points[index][1] if index < len(series.points) else None
    if upsampler == "fillna":
        return None
    raise ExpressionError(f"upsampling {upsampler} not implemented")


def classic_reduce(series: Series, reducer: str) -> float | None:
    """Skips NULL and NaN; nothing left is None."""
    if not series.points:
        return None
    if reducer == "count":
        return float(len(series.points))
    numbers = [value for _, value in series.points if value is not None and not math.isnan(value)]
    if not numbers:
        return None
    if reducer in _DIFFERENCES:
        newest = max(i for i, (_, v) in enumerate(series.points) if v is not None and not math.isnan(v))
        # One number at the very beginning is compared with nothing.
        return _DIFFERENCES[reducer](numbers[-1], numbers[0]) if newest >= 1 else 0.0
    return _CLASSIC[reducer](numbers)


def _ratio(difference: float, base: float) -> float:
    if base == 0:
        return math.nan if difference == 0 else math.copysign(math.inf, difference)
    return difference / base


_CLASSIC: dict[str, Callable[[list[float]], float]] = {
    "avg": lambda numbers: _sum(numbers) / len(numbers),
    "sum": _sum,
    "min": min,
    "max": max,
    "last": lambda numbers: numbers[-1],
    "median": statistics.median,
    "count_non_null": lambda numbers: float(len(numbers)),
}
_DIFFERENCES: dict[str, Callable[[float, float], float]] = {
    "diff": lambda newest, oldest: newest - oldest,
    "diff_abs": lambda newest, oldest: abs(newest - oldest),
    "percent_diff": lambda newest, oldest: _ratio(newest - oldest, abs(oldest)) * 100,
    "percent_diff_abs": lambda newest, oldest: abs(_ratio(newest - oldest, oldest) * 100),
}
CLASSIC_REDUCERS = frozenset({*_CLASSIC, *_DIFFERENCES, "count"})
