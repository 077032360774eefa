"""Checks for tables and annotations that show rows of a table without a LIMIT.

A query that aggregates has as many rows as groups and needs no LIMIT.

## Why is this bad?

A day of rows that 5 hosts write every 10 seconds is 43,205 rows; one of raw reconnects was 334,416 rows: 90 ms on the
server, then megabytes to a browser that stops responding. With `LIMIT 100` the same read took 0.6 ms (measured).

## Example

```sql
SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics
WHERE gap_detected AND $__timeFilter(timestamp) ORDER BY timestamp DESC
```

## Use instead

```sql
SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics
WHERE gap_detected AND $__timeFilter(timestamp) ORDER BY timestamp DESC LIMIT 500
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Query
from dashgen.sql.functions import is_aggregated
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if not panel_kind(subject).rows and subject.role != "annotation":
        return
    query = understood(subject.sql)
    if query is not None and _open(query):
        yield RuleMatch("expected LIMIT where rows of a table are shown, got none", "end with LIMIT 500")


def _open(query: Query, depth: int = 0) -> bool:
    """Whether the result grows with the rows of a table."""
    if query.selects[-1].limit or depth > 40:
        return False
    for select in query.selects:
        if select.limit or select.group or select.sample or select.distinct or is_aggregated(select):
            continue
        for source in select.sources:
            if source.rows is None:
                if source.function is None:
                    return True
            elif _open(source.rows, depth + 1):
                return True
    return False


RULE = Rule("DG311", "no-limit", "warning", "text", check)
