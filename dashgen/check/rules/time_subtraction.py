"""Checks for a timestamp that is subtracted from an edge of the time range, or from now.

The difference of two columns is accepted; it is in microseconds.

## Why is this bad?

The result has the unit of the operands: microseconds with the QuestDB plugin, and 1,000 times as much where a caller of
Grafana's API sends an edge with nanoseconds, which `$__timeTo()` then holds (measured: an age that was wrong by a
factor of 10^9 when read as seconds). It is never an interval as in PostgreSQL.

## Example

```sql
SELECT host, ($__toTime - max(timestamp)) / 1000000 AS age FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

## Use instead

`datediff` has no sign: bound the rows by `timestamp <= $__toTime`, as `$__timeFilter` does.

```sql
SELECT host, datediff('s', max(timestamp), $__toTime) AS age FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary, Call, Cast, Expression, Macro, within
from dashgen.sql.conditions import columns
from dashgen.sql.reads import every_select

_EDGES = frozenset({"totime", "fromtime", "timeto", "timefrom"})
_CLOCKS = frozenset({"now", "systimestamp", "sysdate"})
_SHIFTS = frozenset({"timestamp_floor", "timestamp_ceil", "dateadd", "date_trunc", "least", "greatest", "coalesce"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    for select in every_select(subject.sql):
        for one in within(select):
            if not isinstance(one, Binary) or one.operator != "-":
                continue
            for edge, other in ((one.left, one.right), (one.right, one.left)):
                if _is_edge(edge) and list(columns(other)) and not _is_edge(other):
                    yield RuleMatch(
                        f"{subject.sql[slice(*edge.span)]} minus a column is in microseconds or in nanoseconds",
                        "write datediff('s', column, $__toTime)",
                        one.span,
                    )
                    break


def _is_edge(expression: Expression) -> bool:
    """A macro or `now()`, at most moved by a function of times."""
    if isinstance(expression, Macro):
        return expression.name.lower() in _EDGES
    if isinstance(expression, Call) and expression.name in _CLOCKS:
        return True
    moved = isinstance(expression, Cast) or (isinstance(expression, Call) and expression.name in _SHIFTS)
    return moved and any(
        _is_edge(one) for one in within(expression) if one is not expression and isinstance(one, Macro | Call)
    )


RULE = Rule("DG314", "time-subtraction", "warning", "text", check)
