"""Checks for queries that return no rows on the demo data.

With `--run`, the tables are filled with the project's demo data, and each query runs over the default time range of its
dashboard.

## Why is this bad?

A panel that is empty there is most often empty in production, too: a condition never holds, a value is never written,
or seconds are compared with microseconds.

## Example

```sql
SELECT host FROM daemon_metrics WHERE timestamp < 1795448010       -- seconds; QuestDB counts microseconds
SELECT host FROM daemon_metrics WHERE env = 'production'           -- the writers write 'prod'
```

## Use instead

Correct the condition. Where a healthy system has no rows (a list of what is broken), ignore the finding with that
reason.

```sql
SELECT host FROM daemon_metrics WHERE env = 'prod'
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if not measured.rows and not measured.stopped:
        yield RuleMatch(
            f"no rows on demo data ({measured.case})", "if a healthy system has no rows, ignore this finding"
        )


RULE = Rule("DG701", "no-rows", "warning", "run", check)
