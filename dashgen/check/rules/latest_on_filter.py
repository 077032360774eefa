"""Checks for `LATEST ON` with a condition on a column whose value changes from row to row.

Conditions on the designated timestamp and on key columns belong inside the query with `LATEST ON`.

## Why is this bad?

QuestDB applies WHERE before LATEST ON: the result is the last row *that matches*, not the last row *if it matches*.
Measured: `WHERE connected = false … LATEST ON` returned 20 old disconnects while nothing was down.

## Example

```sql
SELECT exchange, host FROM exchange_status
WHERE $__timeFilter(timestamp) AND NOT connected LATEST ON timestamp PARTITION BY exchange, host, env
```

## Use instead

Take the last rows first, and filter outside.

```sql
SELECT exchange, host FROM (
    SELECT exchange, host, connected FROM exchange_status
    WHERE $__timeFilter(timestamp) LATEST ON timestamp PARTITION BY exchange, host, env
) WHERE NOT connected
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.conditions import columns, conjuncts
from dashgen.sql.lineage import origin, schema
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for piece in conjuncts(select.where) if select.latest else ():
            for column in columns(piece):
                found = origin(select, column, known)
                if found is None or found.column == found.relation.designated or found.column in found.relation.series:
                    continue
                if found.relation.has_events:
                    continue  # the latest trade above a price: a condition picks events out
                if not found.relation.series and found.type == "SYMBOL":
                    continue  # a table without dedup keys: any dimension may tell its series apart
                yield RuleMatch(
                    f"{column.name} changes from row to row: LATEST ON returns the last row that matches, "
                    "not the last one if it fits",
                    "filter outside: SELECT … FROM (… LATEST ON …) WHERE …",
                    piece.span,
                )
                break


RULE = Rule("DG302", "latest-on-filter", "error", "text", check)
