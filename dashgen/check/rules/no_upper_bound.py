"""Checks for queries that bound the time below but not above.

## Why is this bad?

For a range that ended yesterday the query also reads what came later: sums and states are not those of the range. With
`LATEST ON`, one row from the future (a host with a wrong clock) remains the latest row; as `datediff` has no sign, its
age looks small.

## Example

```sql
SELECT host, datediff('s', timestamp, $__toTime) AS age FROM daemon_metrics
WHERE timestamp > dateadd('d', -1, $__toTime) LATEST ON timestamp PARTITION BY host, env
```

## Use instead

```sql
SELECT host, datediff('s', timestamp, $__toTime) AS age FROM daemon_metrics
WHERE timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime LATEST ON timestamp PARTITION BY host, env
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.ranges import reads
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lineage import schema


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role == "variable":
        return
    for source, relation, found in reads(subject, schema(subject.project)):
        if found.low and not found.high:
            yield RuleMatch(
                f"expected an upper bound on {relation.designated} of {relation.name}, got none: rows after the range "
                "count, and a row from the future is always the latest",
                f"add {relation.designated} <= $__toTime",
                source.span,
            )


RULE = Rule("DG402", "no-upper-bound", "warning", "text", check)
