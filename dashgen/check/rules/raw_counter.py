"""A counter that is drawn, or alerted on, as it is.

A counter since the start of a process only grows: its line says how old the process is, a threshold on it fires for
ever after the first event. Measured: `reconnect_count > 0` returned 334,416 rows of a day with 484 reconnects. Which
columns are counters is read from the tables' rules (`Monotonic`, `Connection`). A table may show them as text.

```sql
SELECT timestamp AS time, host AS metric, last(error_count) AS value FROM daemon_metrics … SAMPLE BY 1m
```

Show what it grew by, with the restart in mind:

```sql
SELECT timestamp AS time, host AS metric, sum(CASE WHEN c >= p THEN c - p ELSE c END) AS value FROM (
    SELECT timestamp, host, error_count AS c, lag(error_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS p
    FROM daemon_metrics WHERE …
) WHERE p IS NOT NULL SAMPLE BY 1m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lineage import raw_counter, schema
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role not in ("panel", "alert") or panel_kind(subject).rows:
        return
    known = schema(subject.project)
    query = understood(subject.sql)
    for select in query.selects if query else ():
        for item in select.items:
            counter = raw_counter(select, item.expression, known)
            if counter is not None:
                yield RuleMatch(
                    f"{counter.column} of {counter.relation.name} counts since the start of the process, "
                    f"and {item.name or 'the result'} shows it as it is",
                    "show what it grew by: CASE WHEN c >= prev THEN c - prev ELSE c END, prev being its lag()",
                    item.expression.span,
                )


RULE = Rule("DG305", "raw-counter", "error", "text", check)
