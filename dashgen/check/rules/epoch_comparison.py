"""Checks for a timestamp that is compared with seconds, milliseconds or nanoseconds since 1970.

## Why is this bad?

QuestDB's timestamps count microseconds: `timestamp >= 1795448010` compares with a moment of 1970, so that the condition
always holds, or never. The server accepts it; the result is empty or far too large. PostgreSQL's macros
`$__unixEpochFilter` and `$__unixEpochNanoFilter` expand to such a comparison, and `$__from` and `$__to` are
milliseconds.

## Example

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE timestamp >= 1795448010 AND timestamp <= $__to
```

## Use instead

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE timestamp >= $__fromTime AND timestamp <= $__toTime
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Between, Binary, Column, Constant, Expression, In, Macro, Select, Unary, within
from dashgen.sql.lineage import Schema, origin, schema
from dashgen.sql.reads import every_select

_FILTERS = frozenset({"unixepochfilter", "unixepochnanofilter"})
_MICROSECONDS = range(10**14, 10**17)
"""From 1973 to 5138."""


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for condition in (select.where, *(source.join.on for source in select.sources if source.join)):
            for one in within(condition) if condition else ():
                yield from _found(subject.sql, select, one, known)


def _found(sql: str, select: Select, node: object, known: Schema) -> Iterator[RuleMatch]:
    if isinstance(node, Macro) and node.name.lower() in _FILTERS:
        if any(_is_timestamp(select, argument, known) for argument in node.arguments or ()):
            text = f"$__{node.name}"
            yield RuleMatch(f"{text} does not compare with microseconds", "write $__timeFilter(…)", node.span)
        return
    sides: tuple[Expression, ...] = ()
    if isinstance(node, Binary):
        sides = (node.left, node.right)
    elif isinstance(node, Between):
        sides = (node.operand, node.low, node.high)
    elif isinstance(node, In):
        sides = (node.operand, *node.items)
    if not isinstance(node, Binary | Between | In) or not any(_is_timestamp(select, side, known) for side in sides):
        return
    if isinstance(node, Binary) and node.operator in ("+", "-", "*", "/", "%"):
        return  # a shift of so many microseconds
    for side in sides:
        number = side.operand if isinstance(side, Unary) else side
        text = sql[slice(*number.span)]
        digits = text.rstrip("lL").replace("_", "")
        if isinstance(number, Constant) and digits.isdigit():
            if int(digits) >= 10**8 and int(digits) not in _MICROSECONDS:
                yield RuleMatch(
                    f"{text} is not a time in microseconds: the condition always holds, or never",
                    "write $__fromTime, $__toTime or a literal like '2026-01-31T12:00:00Z'",
                    node.span,
                )
        elif isinstance(side, Macro) and side.name in ("from", "to") and ":date" not in text:
            yield RuleMatch(
                f"{text} is in milliseconds, the column in microseconds", "write $__timeFilter(…)", node.span
            )


def _is_timestamp(select: Select, side: Expression, known: Schema) -> bool:
    found = origin(select, side, known) if isinstance(side, Column) else None
    return found is not None and found.type == "TIMESTAMP"


RULE = Rule("DG315", "epoch-comparison", "error", "text", check)
