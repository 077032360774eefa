"""Checks for alert queries that return several numbers.

## Why is this bad?

A rule compares one number. With two number columns in a table, the rule is in the state Error; in a time series, each
becomes a series, and the rule fires for whichever is above the threshold.

## Example

```sql
SELECT exchange, count() AS n, max(latency_ms) AS value FROM exchange_status
WHERE $__timeFilter(timestamp) GROUP BY exchange
```

## Use instead

Return the number that the threshold is about. What a notification should also show goes into text columns, which become
labels.

```sql
SELECT exchange, max(latency_ms) AS value FROM exchange_status WHERE $__timeFilter(timestamp) GROUP BY exchange
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import numbers
from dashgen.check.rule import Rule, RuleMatch, Subject


def check(subject: Subject) -> Iterator[RuleMatch]:
    found = numbers(subject) if subject.role == "alert" else ()
    if len(found) > 1:
        yield RuleMatch(
            f"expected one number for an alert, got {', '.join(c.name for c in found)}",
            "return the one that the threshold compares",
        )


RULE = Rule("DG506", "alert-numbers", "error", "columns", check)
