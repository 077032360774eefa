"""Checks for a missing comma between two columns.

## Why is this bad?

`SELECT exchange host` is valid SQL: the column `exchange` under the alias `host`. The panel has one column less, and
shows the values of one column under the name of another.

## Example

```sql
SELECT exchange host, latency_ms FROM exchange_status WHERE $__timeFilter(timestamp) LIMIT 9
```

## Use instead

Write the comma. Where the alias is meant, write `exchange AS host`.

```sql
SELECT exchange, host, latency_ms FROM exchange_status WHERE $__timeFilter(timestamp) LIMIT 9
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Column
from dashgen.sql.lexer import tokenize
from dashgen.sql.lineage import of_source, schema
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for item in select.items:
            expression = item.expression
            if item.alias_span is None or _has_as(subject.sql, expression.span[1], item.alias_span):
                continue
            if not isinstance(expression, Column) or expression.name.lower() == item.alias.lower():
                continue  # `max(price) price`: an expression that is called as what it is made of
            if any(True for source in select.sources for _ in of_source(source, item.alias, known)):
                yield RuleMatch(
                    f"{item.name} is a column, and names another one here: a comma is missing",
                    f"write a comma before it, or AS {item.name}",
                    item.span,
                )


def _has_as(sql: str, start: int, name: tuple[int, int]) -> bool:
    return any(token.text.lower() == "as" for token in tokenize(sql[start : name[0]]))


RULE = Rule("DG316", "missing-comma", "error", "text", check)
