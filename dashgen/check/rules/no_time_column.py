"""A chart over time, or an annotation, whose query returns no time.

Grafana's PostgreSQL datasource answers "db has no time column", the QuestDB plugin returns a frame that the chart
refuses with "Data is missing a time field". The server accepts the query all the same, so that only a look at the
columns finds it.

```sql
SELECT host AS metric, last(uptime_seconds) AS value FROM daemon_metrics …
```

Write `timestamp AS time` first; with `SAMPLE BY` it is the beginning of the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind, times
from dashgen.check.rule import Rule, RuleMatch, Subject


def check(subject: Subject) -> Iterator[RuleMatch]:
    needs = subject.format == "time_series" or panel_kind(subject).over_time or subject.role == "annotation"
    if needs and not times(subject):
        names = ", ".join(c.name for c in subject.columns or ())
        yield RuleMatch(f"expected a column of type timestamp, got {names}", "write timestamp AS time")


RULE = Rule("DG201", "no-time-column", "error", "columns", check)
