"""Checks for `LIMIT` without `ORDER BY`, or with one that leaves ties.

Ties are known for groups, LATEST ON, DISTINCT, and tables with dedup keys. For other rows, for joins, and for a SAMPLE
BY with one row a bucket, which is in the order of time, nothing is reported.

## Why is this bad?

Which rows remain is then arbitrary: of groups, those that the server reached first; of a table's rows, the oldest of
the range. A table of the 20 worst shows 20 of 800, and not the worst. Rows that are equal in every ORDER BY column may
come in any order, so that another one is cut off at each refresh.

## Example

```sql
SELECT exchange, host, count() AS reconnects FROM exchange_status
WHERE $__timeFilter(timestamp) GROUP BY exchange, host ORDER BY reconnects DESC LIMIT 20
```

## Use instead

End with the columns that identify a row.

```sql
SELECT exchange, host, count() AS reconnects FROM exchange_status
WHERE $__timeFilter(timestamp) GROUP BY exchange, host ORDER BY reconnects DESC, exchange, host LIMIT 20
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Query, Select, Source, Unary, selects
from dashgen.sql.conditions import columns
from dashgen.sql.functions import is_aggregated
from dashgen.sql.lineage import Schema, is_time, schema
from dashgen.sql.parser import understood
from dashgen.sql.row_keys import lone_selects, undetermined


def check(subject: Subject) -> Iterator[RuleMatch]:
    query = understood(subject.sql)
    if query is None:
        return
    known = schema(subject.project)
    yield from _ties(subject.sql, query, known)
    for select in selects(query):
        # LIMIT -5 takes the last rows of a table, which are in order; a query with one row has no order.
        if select.limit is None or select.order or isinstance(select.limit.low, Unary) or _within(select):
            continue
        if any(_grows(source, known) for source in select.sources) and not _one_row_a_bucket(select, known):
            yield RuleMatch(
                "without ORDER BY, which rows LIMIT returns is arbitrary",
                "write ORDER BY before it",
                (select.limit.low.span[0], select.limit.span[1]),
            )


def _ties(sql: str, query: Query, known: Schema) -> Iterator[RuleMatch]:
    for select in lone_selects(query):
        if select.limit is None or not any(_grows(source, known) for source in select.sources):
            continue
        ordered = select if select.order else _within(select)
        names = undetermined(ordered, known) if ordered else ()
        if ordered and names:
            span = (ordered.order[0].span[0], ordered.order[-1].span[1])
            yield RuleMatch(
                "rows that are equal in this order come by chance, and LIMIT cuts among them: they differ in"
                f" {', '.join(names)}",
                f"ORDER BY {' '.join(sql[slice(*span)].split())}, {', '.join(names)}",
                span,
            )


def _one_row_a_bucket(select: Select, known: Schema) -> bool:
    """QuestDB sorts buckets by their time, and nothing else (plans of 9.3.4, tests/cases/test_queries.py)."""
    if select.sample is None or select.star:
        return False
    keys = [
        column for item in select.items if not is_aggregated(item.expression) for column in columns(item.expression)
    ]
    return all(is_time(select, column, known) for column in keys)


def _grows(source: Source, known: Schema) -> bool:
    """Whether a declared table is read; lists of the server's own (`wal_tables()`) are short."""
    if source.rows is None:
        return source.is_relation and source.name.lower() in known
    return any(_grows(inner, known) for select in source.rows.selects for inner in select.sources)


def _within(select: Select) -> Select | None:
    """The query within, where that is in order and is read as it is."""
    rows = select.sources[0].rows if len(select.sources) == 1 else None
    return rows.selects[-1] if rows and rows.selects[-1].order else None


RULE = Rule("DG317", "limit-without-order", "warning", "text", check)
