"""WHERE compares a counter with a number.

`reconnect_count > 0` is true for every row after the first reconnect, until the process restarts: 334,416 rows of a
day with 484 reconnects.

```sql
SELECT timestamp AS time, exchange, reconnect_count FROM exchange_status
WHERE reconnect_count > 0 AND $__timeFilter(timestamp) LIMIT 100
```

Compare what it grew by, outside: `… FROM (SELECT …, lag(reconnect_count) OVER (…) AS prev …) WHERE n <> prev`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part
from dashgen.lint.conditions import comparison, conjuncts
from dashgen.lint.lineage import raw_counter, schema
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for piece in conjuncts(select.where):
            left, operator, right = comparison(piece)
            if operator not in ("<", "<=", ">", ">=", "=", "!=", "<>") or not (_number(left) or _number(right)):
                continue
            counter = raw_counter(select, Part(right if _number(left) else left), known)
            if counter is not None:
                yield Match(
                    f"{counter.column} of {counter.relation.name} counts since the start of the process: the "
                    "comparison stays true (or false) from the first event on",
                    "compare what it grew by: its difference to lag()",
                    Part(piece).span,
                )


def _number(tokens: list[Token]) -> bool:
    return bool(tokens) and all(token.kind == "number" or token.text == "-" for token in tokens)


RULE = Rule("DG306", "counter-condition", "error", "text", check)
