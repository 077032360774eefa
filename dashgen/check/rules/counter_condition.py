"""Checks for WHERE conditions that compare a counter with a number.

## Why is this bad?

`reconnect_count > 0` holds for every row after the first reconnect, until the process restarts: 334,416 rows of a day
with 484 reconnects (measured).

## Example

```sql
SELECT timestamp AS time, exchange, reconnect_count FROM exchange_status
WHERE reconnect_count > 0 AND $__timeFilter(timestamp) LIMIT 100
```

## Use instead

Compare each row with the one before, outside.

```sql
SELECT timestamp AS time, exchange, n FROM (
    SELECT timestamp, exchange, reconnect_count AS n,
           lag(reconnect_count) OVER (PARTITION BY exchange, host, env ORDER BY timestamp) AS previous
    FROM exchange_status WHERE $__timeFilter(timestamp)
) WHERE n <> previous LIMIT 100
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary
from dashgen.sql.conditions import conjuncts, is_number
from dashgen.sql.lineage import raw_counter, schema
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for piece in conjuncts(select.where):
            if not isinstance(piece, Binary) or piece.operator not in ("<", "<=", ">", ">=", "=", "!=", "<>"):
                continue
            if not is_number(piece.left) and not is_number(piece.right):
                continue
            counter = raw_counter(select, piece.right if is_number(piece.left) else piece.left, known)
            if counter is not None:
                yield RuleMatch(
                    f"{counter.column} of {counter.relation.name} counts since the start of the process: the "
                    "comparison stays true (or false) from the first event on",
                    "compare its increase: the difference to lag()",
                    piece.span,
                )


RULE = Rule("DG306", "counter-condition", "error", "text", check)
