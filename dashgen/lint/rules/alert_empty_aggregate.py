"""An alert that aggregates everything into one row.

Without GROUP BY an empty window is still one row, of NULL. Grafana reads it as NaN, and NaN fires: the rule pages
for a table that nothing was written to, instead of being NoData. Recorded with Grafana 9.4.

```sql
SELECT avg(latency_ms) AS value FROM exchange_status WHERE env = 'prod' AND $__timeFilter(timestamp)
```

Group by what the alert is about (`GROUP BY exchange`), or say what nothing means: `coalesce(avg(latency_ms), 0)`.
`count()` is 0 by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.functions import AGGREGATES, called
from dashgen.lint.names import refs
from dashgen.lint.outline import outline
from dashgen.lint.rule import Match, Rule, Subject

_NEVER_NULL = frozenset({"coalesce", "count", "count_distinct"})


def check(subject: Subject) -> Iterator[Match]:
    for select in outline(subject.sql).selects if subject.role == "alert" else ():
        if select.group or select.sample:
            continue
        single = [item for item in select.items if not called(item.part, AGGREGATES)]
        if any(item.star or list(refs(item.part)) for item in single):
            continue
        for item in select.items:
            if item not in single and not _NEVER_NULL & set(item.part.words):
                yield Match(
                    "an empty window gives one row of NULL here, which fires, instead of NoData",
                    "add GROUP BY, or coalesce(…, 0)",
                    item.part.span,
                )


RULE = Rule("DG502", "alert-empty-aggregate", "error", "text", check)
