"""Checks for two columns of the result with the same name. Upper and lower case do not make names different.

## Why is this bad?

QuestDB refuses two equal aliases ("Duplicate column"). Columns without an alias it renames: `SELECT d.host, e.host`
returns `host` and `host_2`. Overrides, links and joins then refer to another column than the author meant.

## Example

```sql
SELECT d.host, e.host, e.latency_ms FROM daemon_metrics d JOIN exchange_status e ON host
WHERE $__timeFilter(d.timestamp)
```

## Use instead

```sql
SELECT d.host, e.host AS seen_by, e.latency_ms FROM daemon_metrics d JOIN exchange_status e ON host
WHERE $__timeFilter(d.timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Item
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    for select in every_select(subject.sql):
        first: dict[str, Item] = {}
        for item in select.items:
            other = first.setdefault(item.name.lower(), item)
            if item.name and other is not item:
                yield RuleMatch(
                    f"two columns are named {item.name!r}", "give one of them another alias", item.name_span
                )


RULE = Rule("DG204", "duplicate-column", "error", "text", check)
