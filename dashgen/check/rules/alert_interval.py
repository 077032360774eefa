"""Checks for buckets of Grafana's interval macros in the SQL of an alert rule.

## Why is this bad?

An alert rule has no panel width. Grafana derives the interval from the query's `maxDataPoints`, and `$__interval` and
`$__interval_ms` can disagree (recorded: `1m` beside 90000). What the rule measures then changes with its window.

## Example

```sql
SELECT timestamp AS time, exchange, avg(latency_ms) AS value FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY $__interval
```

## Use instead

Write a fixed bucket, or aggregate the whole window with GROUP BY.

```sql
SELECT timestamp AS time, exchange, avg(latency_ms) AS value FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lexer import macros

_INTERVALS = frozenset({"interval", "interval_ms", "sampleByInterval"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    for macro in macros(subject.sql) if subject.role == "alert" else ():
        if macro.name in _INTERVALS:
            yield RuleMatch(
                f"$__{macro.name} has no fixed value in an alert rule",
                "write a fixed bucket, or aggregate the whole window",
                (macro.start, macro.end),
            )


RULE = Rule("DG504", "alert-interval", "error", "text", check)
