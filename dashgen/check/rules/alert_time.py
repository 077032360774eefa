"""An alert whose query returns a table with a time and labels.

As a table, Grafana takes number and text columns: with a time beside labels it answers "input data must be a wide
series but got type long", and the rule is in the state Error (recorded with Grafana 9.4).

```sql
SELECT timestamp, exchange, latency_ms AS value FROM exchange_status … LATEST ON …
```

Leave the time away, or give the query the format `time_series` and reduce it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Rule, RuleMatch, Subject


def check(subject: Subject) -> Iterator[RuleMatch]:
    times = columns(subject, "time")
    if subject.role != "alert" or subject.format != "table" or not times or not columns(subject, "string"):
        return
    item = items(subject).get(times[0].name)
    yield RuleMatch(
        f"expected numbers and labels in an alert's table, got the time {times[0].name!r} beside them",
        "leave it away, or use the format time_series",
        item.expression.span if item else None,
    )


RULE = Rule("DG507", "alert-time", "error", "columns", check)
