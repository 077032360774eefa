"""Checks for differences of a counter that don't take restarts into account.

## Why is this bad?

A restarted process counts from 0 again. `c - previous` is then minus everything that was counted before: a spike
downwards that dwarfs the rest of the chart. `last(c) - first(c)` of a bucket with a restart is negative, too.

## Example

```sql
SELECT timestamp AS time, error_count - lag(error_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS value
FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

## Use instead

After a restart, the counter itself is the increase.

```sql
SELECT time, CASE WHEN c >= previous THEN c - previous ELSE c END AS value FROM (
    SELECT timestamp AS time, error_count AS c,
           lag(error_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS previous
    FROM daemon_metrics WHERE $__timeFilter(timestamp)
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary, Call, Case, within
from dashgen.sql.lineage import raw_counter, schema
from dashgen.sql.reads import every_select

_GUARDS = frozenset({"greatest", "abs"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for item in select.items:
            inside = list(within(item.expression))
            if any(isinstance(one, Case) or (isinstance(one, Call) and one.name in _GUARDS) for one in inside):
                continue
            for one in inside:
                if not isinstance(one, Binary) or one.operator != "-":
                    continue
                counter = raw_counter(select, one.left, known)
                other = raw_counter(select, one.right, known)
                if counter is not None and other is not None and counter.key == other.key:
                    yield RuleMatch(
                        f"the difference of {counter.column} falls below zero when the process restarts",
                        "write CASE WHEN c >= prev THEN c - prev ELSE c END",
                        one.span,
                    )


RULE = Rule("DG307", "counter-restart", "error", "text", check)
