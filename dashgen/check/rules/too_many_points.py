"""Checks for queries that return more points per series than the panel can show.

With `--run`. The limit is the number of points that the panel requests, its width in pixels or its `max_data_points`,
or the number that follows from the interval that Grafana rounds; 20 % more are accepted.

## Why is this bad?

A chart of 900 pixels can't show 50,000 rows per series: the server reads them, the network transfers them, and the
browser discards them.

## Example

```sql
SELECT timestamp AS time, latency_ms FROM exchange_status WHERE $__timeFilter(timestamp)
```

## Use instead

For a table, add a LIMIT.

```sql
SELECT timestamp AS time, avg(latency_ms) AS latency_ms FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch
from dashgen.model.core.counts import counted


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if measured.series_rows > measured.points * 1.2:
        yield RuleMatch(
            f"{counted(measured.series_rows, 'point')} per series for {counted(measured.points, 'pixel')}"
            f" ({measured.case})",
            "write SAMPLE BY $__sampleByInterval with an aggregate",
        )


RULE = Rule("DG702", "too-many-points", "warning", "run", check)
