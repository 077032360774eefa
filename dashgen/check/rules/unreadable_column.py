"""Checks for columns that QuestDB cannot send to Grafana.

QuestDB has no form of a LONG128 for its PG wire protocol, which both data source plugins speak, and no cast from it.

## Why is this bad?

QuestDB describes the query and accepts it, and then breaks off its answer: the panel shows an error, a variable has no
values, and an alert rule is in the state Error.

## Example

```sql
SELECT timestamp, host, to_long128(error_count, fetch_count) AS counts FROM daemon_metrics
WHERE $__timeFilter(timestamp) LIMIT 100
```

## Use instead

Leave the column out, or return the numbers that it is made of. A UUID has as many bits, and is sent as text.

```sql
SELECT timestamp, host, error_count, fetch_count FROM daemon_metrics
WHERE $__timeFilter(timestamp) LIMIT 100
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import items
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.column_types import COLUMN_TYPES, UNREADABLE


def check(subject: Subject) -> Iterator[RuleMatch]:
    written = items(subject)
    for column in subject.columns or ():
        if column.oid == UNREADABLE:
            item = written.get(column.name)
            yield RuleMatch(
                f"expected a column that QuestDB can send, got the {COLUMN_TYPES[UNREADABLE].of[0]} {column.name!r}",
                "leave it out; QuestDB casts it to no other type",
                item.expression.span if item else None,
            )


RULE = Rule("DG216", "unreadable-column", "error", "columns", check)
