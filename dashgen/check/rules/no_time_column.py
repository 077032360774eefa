"""Checks for time series and annotations whose query returns no time column.

## Why is this bad?

Grafana's PostgreSQL data source answers "db has no time column"; the QuestDB plugin returns a frame for which the panel
shows "Data is missing a time field". The server accepts the query, so that only its columns show the mistake.

## Example

```sql
SELECT host AS metric, uptime_seconds AS value FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

## Use instead

With `SAMPLE BY`, the time is the start of the bucket.

```sql
SELECT timestamp AS time, host AS metric, uptime_seconds AS value FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind, times
from dashgen.check.rule import Rule, RuleMatch, Subject


def check(subject: Subject) -> Iterator[RuleMatch]:
    needs = subject.format == "time_series" or panel_kind(subject).over_time or subject.role == "annotation"
    if needs and not times(subject):
        names = ", ".join(c.name for c in subject.columns or ())
        yield RuleMatch(f"expected a column of type timestamp, got {names}", "write timestamp AS time")


RULE = Rule("DG201", "no-time-column", "error", "columns", check)
