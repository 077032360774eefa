"""Checks for time series whose time column is not named `time`, where they are rendered for Grafana's PostgreSQL
data source.

## Why is this bad?

That data source looks for a column of exactly this name, in lower case, and otherwise fails with "db has no time
column: time column is missing". The QuestDB plugin takes the first timestamp, whatever its name: a query that was only
tried there fails in the other environment.

## Example

```sql
SELECT timestamp, exchange AS metric, latency_ms AS value FROM exchange_status WHERE $__timeFilter(timestamp)
```

## Use instead

```sql
SELECT timestamp AS time, exchange AS metric, latency_ms AS value FROM exchange_status WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import items, times
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.plugins import PLUGINS


def check(subject: Subject) -> Iterator[RuleMatch]:
    found = times(subject)
    wanted = PLUGINS[subject.plugin].time_column
    if subject.format != "time_series" or not wanted or not found:
        return
    if all(column.name != wanted for column in found):
        item = items(subject).get(found[0].name)
        yield RuleMatch(
            f"expected the time column to be named {wanted!r}, got {', '.join(repr(c.name) for c in found)}",
            f"write {found[0].name if item is None or item.alias_span is None else '…'} AS {wanted}",
            item.name_span if item else None,
        )


RULE = Rule("DG202", "time-column-name", "error", "columns", check)
