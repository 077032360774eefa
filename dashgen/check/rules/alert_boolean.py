"""Checks for alert queries that return a BOOLEAN.

## Why is this bad?

Grafana Alerting accepts numbers only: with a BOOLEAN column the rule is always in the state Error (recorded with
Grafana 9.4, 12.3 and 12.4). Only in a time series of the PostgreSQL data source is it 1 or 0 (12.3 and newer).

## Example

```sql
SELECT exchange, connected FROM exchange_status WHERE $__timeFilter(timestamp)
```

## Use instead

```sql
SELECT exchange, connected::int AS value FROM exchange_status WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.check.rules.boolean_series import is_number


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "alert" or is_number(subject):
        return
    for column in columns(subject, "bool"):
        item = items(subject).get(column.name)
        yield RuleMatch(
            f"an alert rule with the BOOLEAN column {column.name!r} is always in the state Error",
            f"write {column.name}::int AS {column.name}",
            item.expression.span if item else None,
        )


RULE = Rule("DG505", "alert-boolean", "error", "columns", check)
