"""Checks for `first()` or `last()` over rows of several series.

## Why is this bad?

A bucket of `SAMPLE BY`, or a group of `GROUP BY`, that holds rows of five hosts has no last value: the result is that
of whichever host wrote last, and jumps between hosts.

## Example

```sql
SELECT timestamp AS time, last(uptime_seconds) AS value FROM daemon_metrics WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```

## Use instead

Add the missing key columns to the select list (and to GROUP BY), fix them to one value in WHERE, or aggregate the
series: `max(…)`, `sum(…)`, `avg(…)`.

```sql
SELECT timestamp AS time, host, env, last(uptime_seconds) AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.tables.column_types import MOMENTS
from dashgen.sql.conditions import columns
from dashgen.sql.functions import calls, is_aggregated
from dashgen.sql.lineage import origins, schema, series_keys
from dashgen.sql.reads import every_select

_ONE_OF = frozenset({"first", "last", "first_not_null", "last_not_null"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        picked = [call for item in select.items for call in calls(item.expression, _ONE_OF)]
        if not picked:
            continue
        single = [item.expression for item in select.items if not is_aggregated(item.expression)]
        grouped = {found for part in (*single, *select.group) for found in origins(select, part, known)}
        lacking = series_keys(select, known) - grouped
        for call in picked if lacking else ():
            of = [column for argument in call.arguments for column in columns(argument)]
            values = list(origins(select, call.arguments[0], known)) if call.arguments else []
            if not of or not values or any(value.type in {*MOMENTS, ""} for value in values):
                continue
            names = ", ".join(sorted(found.column for found in lacking))
            yield RuleMatch(
                f"{call.name}({of[0].name}) is that of an arbitrary {names}: the group holds rows of several",
                f"add {names} to the select list, or aggregate with max, sum or avg",
                call.span,
            )


RULE = Rule("DG304", "mixed-series", "warning", "text", check)
