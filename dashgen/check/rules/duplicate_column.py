"""Two columns of the result have one name.

QuestDB refuses two equal aliases ("Duplicate column"), and renames without a word what has none: `SELECT d.host,
e.host` returns `host` and `host_2`. Overrides, links and joins then mean another column than the author did.

```sql
SELECT d.host, e.host, e.latency_ms FROM daemon_metrics d JOIN exchange_status e ON host …
```

Give one of them an alias: `e.host AS seen_by`. Names differ by more than upper and lower case.
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
