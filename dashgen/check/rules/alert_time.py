"""Checks for alert queries that return a table with a time and labels.

## Why is this bad?

From a table Grafana takes numbers and text. With a time beside labels it answers "input data must be a wide series but
got type long", and the rule is in the state Error (recorded with Grafana 9.4).

## Example

```sql
SELECT timestamp, exchange, latency_ms AS value FROM exchange_status
WHERE $__timeFilter(timestamp) LATEST ON timestamp PARTITION BY exchange, host, env
```

## Use instead

Leave the time out, or give the query the format `time_series` and reduce it.

```sql
SELECT exchange, latency_ms AS value FROM exchange_status
WHERE $__timeFilter(timestamp) LATEST ON timestamp PARTITION BY exchange, host, env
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Rule, RuleMatch, Subject


def check(subject: Subject) -> Iterator[RuleMatch]:
    times = columns(subject, "time")
    if subject.role != "alert" or subject.format != "table" or not times or not columns(subject, "string"):
        return
    item = items(subject).get(times[0].name)
    yield RuleMatch(
        f"expected numbers and labels in an alert's table, got the time {times[0].name!r}, too",
        "leave the time out, or use the format time_series",
        item.expression.span if item else None,
    )


RULE = Rule("DG507", "alert-time", "error", "columns", check)
