"""Checks for alert queries that aggregate all rows into one.

## Why is this bad?

Without GROUP BY, a window without rows still gives one row, of NULL, which Grafana reads as NaN. NaN is neither above
nor below a threshold: the rule is Normal for a table that nothing writes to, and not NoData (recorded with Grafana 12.3
and 12.4). Up to 10.4 the rule fires (recorded with 9.4), and so does a condition without a threshold.

## Example

```sql
SELECT avg(latency_ms) AS value FROM exchange_status WHERE env = 'prod' AND $__timeFilter(timestamp)
```

## Use instead

Group by what the alert is about, or give the value for no rows: `coalesce(avg(latency_ms), 0)`. `count()` is 0 without
rows.

```sql
SELECT exchange, avg(latency_ms) AS value FROM exchange_status
WHERE env = 'prod' AND $__timeFilter(timestamp) GROUP BY exchange
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.versions import DIFFERENCES
from dashgen.sql.ast import Call, within
from dashgen.sql.conditions import columns
from dashgen.sql.functions import is_aggregated
from dashgen.sql.parser import understood

_NEVER_NULL = frozenset({"coalesce", "count", "count_distinct"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    query = understood(subject.sql) if subject.role == "alert" else None
    for select in query.selects if query else ():
        if select.group or select.sample:
            continue
        single = [item for item in select.items if not is_aggregated(item.expression)]
        if any(item.star or list(columns(item.expression)) for item in single):
            continue
        for item in select.items:
            named = {one.name for one in within(item.expression) if isinstance(one, Call)}
            if item not in single and not _NEVER_NULL & named:
                newer = subject.environment.version >= DIFFERENCES["direct_threshold"].since
                what = "which is neither above nor below a threshold" if newer else "which fires"
                yield RuleMatch(
                    f"a window without rows gives one row of NULL, {what}, instead of NoData",
                    "add GROUP BY, or coalesce(…, 0)",
                    item.expression.span,
                )


RULE = Rule("DG502", "alert-empty-aggregate", "error", "text", check)
