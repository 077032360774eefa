"""Checks for time series that return a BOOLEAN column.

## Why is this bad?

Up to Grafana 12.2 the PostgreSQL data source fails: "convert value to float failed: unsupported field type []*bool"
(9.4). Newer versions draw 1 and 0 (recorded with alert rules of 12.3; which version was the first is not known). The
QuestDB plugin makes a label of the column: one line becomes two, `true` and `false`, each with gaps where the other has
points.

## Example

```sql
SELECT timestamp AS time, connected FROM exchange_status WHERE $__timeFilter(timestamp)
```

## Use instead

Cast it to a number. Over buckets, `min(connected::int)` shows the worst value of each.

```sql
SELECT timestamp AS time, connected::int AS connected FROM exchange_status WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.versions import DIFFERENCES


def is_number(subject: Subject) -> bool:
    """Whether the datasource makes 1 and 0 of a boolean."""
    newer = subject.environment.version >= DIFFERENCES["booleans_are_numbers"].since
    return newer and not PLUGINS[subject.plugin].booleans_are_labels and subject.format == "time_series"


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.format != "time_series" or subject.role == "alert" or is_number(subject):
        return
    for column in columns(subject, "bool"):
        item = items(subject).get(column.name)
        what = "which becomes a label there" if PLUGINS[subject.plugin].booleans_are_labels else "which fails there"
        yield RuleMatch(
            f"expected numbers and labels in a time series, got the boolean {column.name!r}, {what}",
            f"write {column.name}::int AS {column.name}",
            item.expression.span if item else None,
        )


RULE = Rule("DG210", "boolean-series", "error", "columns", check)
