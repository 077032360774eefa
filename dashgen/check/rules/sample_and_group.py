"""Checks for `GROUP BY` together with `SAMPLE BY`.

## Why is this bad?

QuestDB refuses the query. SAMPLE BY groups by its bucket and by every column of the select list that is not aggregated,
so that GROUP BY adds nothing.

## Example

```sql
SELECT timestamp AS time, host, avg(latency_ms) FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY 1m GROUP BY host
```

## Use instead

```sql
SELECT timestamp AS time, host, avg(latency_ms) FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    for select in every_select(subject.sql):
        if select.sample and select.group:
            yield RuleMatch(
                "expected either SAMPLE BY or GROUP BY, got both",
                "remove GROUP BY: SAMPLE BY groups by the columns that are not aggregated",
                (select.group[0].span[0], select.group[-1].span[1]),
            )


RULE = Rule("DG308", "sample-and-group", "error", "text", check, refused_too=True)
