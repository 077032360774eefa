"""An alert whose query returns several numbers.

A rule compares one. With two number columns in a table Grafana answers an Error; in a time series each becomes a
series of its own, and the rule fires for whichever is over the threshold.

```sql
SELECT exchange, count() AS rows, max(latency_ms) AS value FROM exchange_status … GROUP BY exchange
```

Return the one that the threshold is about. What a notification should tell besides goes into labels: text columns.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import numbers
from dashgen.check.rule import Rule, RuleMatch, Subject


def check(subject: Subject) -> Iterator[RuleMatch]:
    found = numbers(subject) if subject.role == "alert" else ()
    if len(found) > 1:
        yield RuleMatch(
            f"expected one number for an alert, got {', '.join(c.name for c in found)}",
            "return the one that the threshold is about",
        )


RULE = Rule("DG506", "alert-numbers", "error", "columns", check)
