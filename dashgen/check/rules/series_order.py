"""Checks for time series with labels whose rows are not ordered by time.

`SAMPLE BY` and a plain read of a table return rows in the order of time. `GROUP BY`, `LATEST ON`, `UNION` and joins
don't promise any order, and `ORDER BY time DESC` is the wrong one.

## Why is this bad?

The data sources convert rows to series only where the time ascends: Grafana answers "long series must be sorted
ascending by time to be converted", and an alert rule is in the state Error.

## Example

```sql
SELECT timestamp_floor('1m', timestamp) AS time, host AS metric, count() AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) GROUP BY time, metric
```

## Use instead

```sql
SELECT timestamp_floor('1m', timestamp) AS time, host AS metric, count() AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) GROUP BY time, metric ORDER BY time
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, numbers, times
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Column, Constant, Expression, Query, Select
from dashgen.sql.functions import is_aggregated
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.format != "time_series" or not times(subject) or not numbers(subject):
        return
    if not columns(subject, "string", "bool"):
        return
    time = next((c.name for c in times(subject) if c.name == "time"), times(subject)[0].name)
    query = understood(subject.sql)
    if query is None:
        return
    last = query.selects[-1]
    if last.order:
        key = last.order[0]
        if is_ordered_by(key.expression, time, query.selects[0]) and not key.descending:
            return
        yield RuleMatch(
            f"expected the rows in the order of {time}, got ORDER BY {subject.sql[slice(*key.span)]}",
            f"write ORDER BY {time}",
            (key.span[0], last.order[-1].span[1]),
        )
    elif not is_in_order_of_time(query):
        yield RuleMatch(
            f"expected the rows in the order of {time}, got no ORDER BY", f"end with ORDER BY {time}", last.keyword
        )


def is_ordered_by(key: Expression, time: str, select: Select) -> bool:
    """Whether a key of ORDER BY is the time column: by name, by its own name below the alias, or by position."""
    if isinstance(key, Constant):
        at = int(key.text) - 1 if key.text.isdigit() else -1
        return 0 <= at < len(select.items) and select.items[at].name == time
    if not isinstance(key, Column):
        return False
    below = (item.expression for item in select.items if item.name == time)
    named = {one.name.lower() for one in below if isinstance(one, Column)}
    return key.name.lower() in {time.lower(), *named}


def is_in_order_of_time(query: Query, depth: int = 0) -> bool:
    """Whether the server returns the rows in the order of time without being asked to."""
    if len(query.selects) != 1 or depth > 40:
        return False
    select = query.selects[0]
    if select.sample:
        return True
    grouped = select.group or select.distinct or select.latest
    if grouped or len(select.sources) != 1 or is_aggregated(select):
        return False
    inner = select.sources[0].rows
    if inner is None:
        return True
    order = inner.selects[-1].order
    if order:
        return not order[0].descending
    return is_in_order_of_time(inner, depth + 1)


RULE = Rule("DG206", "series-order", "error", "columns", check)
