"""A time series with a column of booleans.

Grafana's PostgreSQL datasource fails: "convert value to float failed: unsupported field type []*bool". The QuestDB
plugin makes a label of it, so that one line becomes two, `true` and `false`, each with holes where the other is.

```sql
SELECT timestamp AS time, connected FROM exchange_status …
```

Cast it: `connected::int AS connected`; over buckets `min(connected::int)`, which shows the worst of each.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Match, Rule, Subject


def check(subject: Subject) -> Iterator[Match]:
    if subject.format != "time_series" or subject.role == "alert":
        return
    for column in columns(subject, "bool"):
        item = items(subject).get(column.name)
        what = "which fails there" if subject.plugin == "postgres" else "which becomes a label there"
        yield Match(
            f"expected numbers and labels in a time series, got the boolean {column.name!r}, {what}",
            f"write {column.name}::int AS {column.name}",
            item.expression.span if item else None,
        )


RULE = Rule("DG210", "boolean-series", "error", "columns", check)
