"""Checks for annotations whose columns don't have the names that Grafana reads: `time`, `timeend` (which draws a
region), `text`, `title`, `tags` and `id`.

## Why is this bad?

Grafana ignores every other column: the mark on the chart has no text, or a region becomes a line.

## Example

```sql
SELECT timestamp AS time, host || ' restarted' AS message, host AS labels FROM daemon_metrics
WHERE $__timeFilter(timestamp)
```

## Use instead

Several tags stand in one text, separated by commas.

```sql
SELECT timestamp AS time, host || ' restarted' AS text, host AS tags FROM daemon_metrics
WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, items
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.core.suggestions import did_you_mean

_READ = ("time", "timeend", "text", "title", "tags", "id")


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "annotation":
        return
    names = [column.name.lower() for column in subject.columns or ()]
    times = [column.name for column in columns(subject, "time")][:1]
    if not {"text", "title"} & set(names):
        yield RuleMatch(f"expected a column named 'text', got {', '.join(names)}", "write … AS text")
    for name in names:
        if name not in _READ and name not in times:
            item = items(subject).get(name)
            yield RuleMatch(
                f"Grafana does not read the column {name!r} of an annotation",
                did_you_mean(name, _READ) or f"it reads {', '.join(_READ)}",
                item.name_span if item else None,
            )


RULE = Rule("DG211", "annotation-columns", "warning", "columns", check)
