"""A query that reads a table without a bound on its time.

It reads every partition that there is: a sum over 62 million rows took 97 ms instead of 3, and grows with each day.
Worse, it does not answer what the viewer asked: the picker says "last hour", the panel shows 90 days, and `ORDER BY
timestamp DESC LIMIT 1` shows a daemon that died a month ago as running.

```sql
SELECT exchange, sum(records_count) AS total FROM pipeline_metrics GROUP BY exchange
```

Write `WHERE $__timeFilter(timestamp)`; for the current state of things, which must not depend on the picker,
`timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.ranges import reads
from dashgen.check.rule import Match, Rule, Subject
from dashgen.sql.conditions import NONE
from dashgen.sql.lineage import schema


def check(subject: Subject) -> Iterator[Match]:
    for source, relation, found in reads(subject, schema(subject.project)):
        if not found.low:
            what = "a bound on" if found == NONE else "a lower bound on"
            yield Match(
                f"expected {what} {relation.designated} of {relation.name}, got none: every partition is read",
                f"write WHERE $__timeFilter({relation.designated})",
                source.span,
            )


RULE = Rule("DG401", "no-time-bound", "error", "text", check)
