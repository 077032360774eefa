"""Checks for queries that read a table without a condition on its time.

## Why is this bad?

The query reads every partition: a sum over 62 million rows took 97 ms instead of 3 (measured), and it grows every day.
It also ignores the time picker: the viewer asks for the last hour, the panel shows 90 days, and `ORDER BY timestamp
DESC LIMIT 1` shows a daemon that died a month ago as running.

## Example

```sql
SELECT exchange, sum(records_count) AS total FROM pipeline_metrics GROUP BY exchange
```

## Use instead

For the current state, which must not follow the time picker, write `timestamp BETWEEN dateadd('d', -1, $__toTime) AND
$__toTime`.

```sql
SELECT exchange, sum(records_count) AS total FROM pipeline_metrics WHERE $__timeFilter(timestamp) GROUP BY exchange
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.ranges import reads
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary, Column, Expression, In, Source
from dashgen.sql.conditions import NONE, columns, conjuncts
from dashgen.sql.lineage import schema
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    for source, relation, found in reads(subject, schema(subject.project)):
        if not found.low:
            what = "a bound on" if found == NONE else "a lower bound on"
            yield RuleMatch(
                f"expected {what} {relation.designated} of {relation.name}, got none: {_cost(source, subject)}",
                f"write WHERE $__timeFilter({relation.designated})",
                source.span,
            )


def _cost(source: Source, subject: Subject) -> str:
    """What is read without a bound, by the plans of QuestDB 9.3.4 (measured, tests/cases/test_queries.py).

    `LATEST ON … PARTITION BY symbol` goes back from the newest partition until each value is found that `symbol = 'A'`
    or `symbol IN (…)` asks for. With any other condition, or a second column, it reads on while a value lacks."""
    select = next((one for one in every_select(subject.sql) if source in one.sources), None)
    if select is None or select.latest is None:
        return "every partition is read"
    keys = [key.name.lower() for key in select.latest.by if isinstance(key, Column)]
    asked = {column.name.lower() for piece in conjuncts(select.where) if _picks(piece) for column in columns(piece)}
    if len(select.latest.by) == 1 and set(keys) & asked:
        return (
            f"it is read back until a row of each {keys[0]} is found, and every partition where one has none; the row "
            "may be of any age"
        )
    return "it is read back as long as a key has no row, and the rows may be of any age"


def _picks(piece: Expression) -> bool:
    """Whether a condition lists the values that are wanted."""
    if isinstance(piece, In):
        return piece.listed and not piece.negated and piece.query is None
    return isinstance(piece, Binary) and piece.operator in ("=", "==")


RULE = Rule("DG401", "no-time-bound", "error", "text", check)
