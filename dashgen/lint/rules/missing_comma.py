"""A comma that is missing between two columns.

`SELECT exchange host` is no error: it is the column `exchange` under the name `host`. The panel then has one column
less, and shows the one under the other's name.

```sql
SELECT exchange host, latency_ms FROM exchange_status WHERE $__timeFilter(timestamp) LIMIT 9
```

Write the comma; or, where an alias was meant that is also a column's name, `exchange AS host`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Ref, Select
from dashgen.lint.lineage import definitions, schema
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import tokenize


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for item in select.items:
            if (
                not item.name
                or item.part.span == item.name_span
                or _has_as(subject.sql, item.part.span[1], item.name_span)
            ):
                continue
            others = Select(select.span, select.keyword, sources=select.sources)
            if any(True for _ in definitions(others, Ref("", item.name, item.name_span), known)):
                yield Match(
                    f"{item.name} is a column, and names another one here: a comma is missing",
                    f"write a comma before it, or AS {item.name}",
                    (item.part.span[0], item.name_span[1]),
                )


def _has_as(sql: str, start: int, name: tuple[int, int]) -> bool:
    return any(token.text.lower() == "as" for token in tokenize(sql[start : name[0]]))


RULE = Rule("DG316", "missing-comma", "error", "text", check)
