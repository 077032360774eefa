"""Checks for counters that are drawn, or alerted on, without taking their increase.

Which columns are counters follows from the tables' row constraints (`Monotonic`, `ReconnectCounter`). A table panel may
show a counter.

## Why is this bad?

A counter since the start of a process only grows: its line shows the age of the process, and a threshold on it fires
from the first event until the next restart. Measured: `reconnect_count > 0` returned 334,416 rows of a day with 484
reconnects.

## Example

```sql
SELECT timestamp AS time, host AS metric, last(error_count) AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```

## Use instead

Its increase, with restarts taken into account.

```sql
SELECT timestamp AS time, host AS metric, sum(CASE WHEN c >= p THEN c - p ELSE c END) AS value FROM (
    SELECT timestamp, host, error_count AS c, lag(error_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS p
    FROM daemon_metrics WHERE $__timeFilter(timestamp)
) WHERE p IS NOT NULL SAMPLE BY 1m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lineage import raw_counter, schema
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role not in ("panel", "alert") or panel_kind(subject).rows:
        return
    known = schema(subject.project)
    query = understood(subject.sql)
    for select in query.selects if query else ():
        for item in select.items:
            counter = raw_counter(select, item.expression, known)
            if counter is not None:
                yield RuleMatch(
                    f"{counter.column} of {counter.relation.name} counts since the start of the process, "
                    f"and {item.name or 'the result'} shows the raw count",
                    "show its increase: CASE WHEN c >= prev THEN c - prev ELSE c END, where prev is its lag()",
                    item.expression.span,
                )


RULE = Rule("DG305", "raw-counter", "error", "text", check)
