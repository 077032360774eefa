"""A table or an annotation that shows rows as they are, without LIMIT.

A table over a day of 10-second rows of five hosts has 43,205 rows, one of raw reconnects had 334,416: 90 ms on the
server, then megabytes to the browser, which stops responding. With `LIMIT 100` the same read took 0.6 ms.

```sql
SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics
WHERE gap_detected AND $__timeFilter(timestamp) ORDER BY timestamp DESC
```

Add `LIMIT 500`. What is aggregated has as many rows as groups, and needs none.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Query
from dashgen.sql.functions import is_aggregated
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if not panel_kind(subject).rows and subject.role != "annotation":
        return
    query = understood(subject.sql)
    if query is not None and _open(query):
        yield RuleMatch("expected LIMIT where rows are shown as they are, got none", "end with LIMIT 500")


def _open(query: Query, depth: int = 0) -> bool:
    """Whether the result grows with the rows of a table."""
    if query.selects[-1].limit or depth > 40:
        return False
    for select in query.selects:
        if select.limit or select.group or select.sample or select.distinct or is_aggregated(select):
            continue
        for source in select.sources:
            if source.rows is None:
                if source.function is None:
                    return True
            elif _open(source.rows, depth + 1):
                return True
    return False


RULE = Rule("DG311", "no-limit", "warning", "text", check)
