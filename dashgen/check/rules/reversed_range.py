"""Checks for time ranges whose edges are swapped.

## Why is this bad?

`timestamp >= $__toTime AND timestamp <= $__fromTime` holds for no row, and the panel is empty. A state that is read up
to `$__fromTime` is that of the start of the range: with "last 7 days" the panel shows the state of a week ago as the
current one. `BETWEEN` with swapped edges works in QuestDB, which sorts them, but in no other database.

## Example

```sql
SELECT host, uptime_seconds FROM daemon_metrics
WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__fromTime LATEST ON timestamp PARTITION BY host, env
```

## Use instead

```sql
SELECT host, uptime_seconds FROM daemon_metrics
WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime LATEST ON timestamp PARTITION BY host, env
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.range_arithmetic import DAY, moment
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Between, Binary, Expression, Macro, within
from dashgen.sql.conditions import columns, conjuncts
from dashgen.sql.lineage import is_time, schema
from dashgen.sql.reads import every_select

_LENGTHS = (300.0, 90 * DAY)
_EDGES = {"fromtime": "from", "timefrom": "from", "totime": "to", "timeto": "to"}


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        lows: list[Expression] = []
        highs: list[Expression] = []

        def timed(expression: Expression) -> bool:
            return any(is_time(select, column, known) for column in columns(expression))  # noqa: B023  # used at once

        for piece in conjuncts(select.where):
            if isinstance(piece, Between) and not piece.negated and timed(piece.operand):
                lows.append(piece.low)
                highs.append(piece.high)
            elif isinstance(piece, Binary) and piece.operator in ("<", "<=", ">", ">="):
                on_left = timed(piece.left)
                if on_left == timed(piece.right):
                    continue
                upper = (piece.operator in ("<", "<=")) == on_left
                (highs if upper else lows).append(piece.right if on_left else piece.left)
        for low in lows:
            for high in highs:
                if _is_reversed(low, high):
                    yield _match(subject.sql, high)
        if not highs:
            yield from (_match(subject.sql, low) for low in lows if _at_the_end(low))


def _is_reversed(low: Expression, high: Expression) -> bool:
    """Whether the first edge is after the last one, of a short range as of a long one."""
    for length in _LENGTHS:
        first, last = moment(low, length), moment(high, length)
        if first is None or last is None or first < last:
            return _edges(low) == {"to"} and _edges(high) == {"from"}
    return True


def _at_the_end(low: Expression) -> bool:
    return all((first := moment(low, length)) is not None and first >= length for length in _LENGTHS)


def _match(sql: str, edge: Expression) -> RuleMatch:
    return RuleMatch(
        f"the range is reversed: {sql[slice(*edge.span)]} is on the wrong side",
        "write $__timeFilter(timestamp), or $__fromTime first and $__toTime last",
        edge.span,
    )


def _edges(edge: Expression) -> set[str]:
    names = (one.name.lower() for one in within(edge) if isinstance(one, Macro))
    return {_EDGES[name] for name in names if name in _EDGES}


RULE = Rule("DG405", "reversed-range", "error", "text", check)
