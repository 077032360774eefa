"""A query that has a first moment and no last one.

Over a range that ended yesterday it also reads what came after: sums and states are not those of the range. Before
`LATEST ON` it is worse: one row from the future (a host with a wrong clock) is the latest from then on, and as
`datediff` has no sign, its age looks small for ever.

```sql
SELECT host, datediff('s', timestamp, $__toTime) AS age FROM daemon_metrics
WHERE timestamp > dateadd('d', -1, $__toTime) LATEST ON timestamp PARTITION BY host, env
```

Bound it above, too: `timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime`, or `$__timeFilter(timestamp)`.
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
                "count, and one from the future is always the latest",
                f"add {relation.designated} <= $__toTime",
                source.span,
            )


RULE = Rule("DG402", "no-upper-bound", "warning", "text", check)
