"""What `$__timeGroup(…, fill)` asks for: the PostgreSQL datasource fills a series in its backend, for alerts too.

Source: Grafana 12.3 pkg/tsdb/grafana-postgresql-datasource/sqleng/sql_engine.go; grafana-plugin-sdk-go 0.291
data/sqlutil/resample.go and data/time_series.go (GetMissing).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from dashgen.grafana.datasources.intervals import SECOND, TimeRange
from dashgen.grafana.datasources.values import Value


class Fill(NamedTuple):
    """What the third argument of `$__timeGroup` asks for. `value` is None for NULL."""

    interval_ns: int
    previous: bool = False
    value: float | None = None

    def missing(self, before: Value) -> Value:
        """For a value that is not there; `before` is the one of the row before."""
        return before if self.previous else self.value


def grid(fill: Fill, span: TimeRange) -> list[datetime]:
    """The moments that there is a row for: multiples of whole seconds of the interval, from before the range on."""
    step = max(1, fill.interval_ns // SECOND)
    moment = datetime.fromtimestamp(span.from_ns // SECOND // step * step, UTC)
    end = datetime.fromtimestamp(span.to_ns / SECOND, UTC)
    found = []
    while moment <= end:
        found.append(moment)
        moment += timedelta(microseconds=fill.interval_ns / 1000)
    return found


def resampled(
    times: Sequence[datetime], columns: Sequence[Sequence[Value]], moments: Sequence[datetime], fill: Fill
) -> list[list[Value]]:
    """Of each column the last value of the interval that ends with each moment, filled where there is none. A NULL
    is a value."""
    found: list[list[Value]] = [[] for _ in columns]
    length = timedelta(microseconds=fill.interval_ns / 1000)
    row = -1
    for moment in moments:
        while row + 1 < len(times) and times[row + 1] <= moment:
            row += 1
        here = row >= 0 and times[row] > moment - length
        for column, values in zip(columns, found, strict=True):
            before = column[row] if row >= 0 else None
            values.append(before if here else fill.missing(before))
    return found
