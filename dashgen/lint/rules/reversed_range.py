"""A time range whose edges are swapped.

`timestamp >= $__toTime AND timestamp <= $__fromTime` holds for no row, and the panel is empty. A state that is read
up to `$__fromTime` is that of the beginning of the range: with "last 7 days" it shows what was a week ago as now.
`BETWEEN` of swapped edges works in QuestDB, which sorts them, and only there.

```sql
WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__fromTime LATEST ON timestamp PARTITION BY host, env
```

Write `$__timeFilter(timestamp)`, or the earlier edge first.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part
from dashgen.lint.conditions import comparison, conjuncts
from dashgen.lint.lineage import is_time, schema
from dashgen.lint.moments import DAY, moment
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token

_LENGTHS = (300.0, 90 * DAY)
_FROM, _TO = frozenset({"$__fromtime", "$__timefrom"}), frozenset({"$__totime", "$__timeto"})


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        lows: list[list[Token]] = []
        highs: list[list[Token]] = []
        for piece in conjuncts(select.where):
            left, operator, right = comparison(piece)
            on_left = any(is_time(select, ref, known) for ref in refs(left))
            on_right = any(is_time(select, ref, known) for ref in refs(right))
            if on_left == on_right or (left and left[-1].text.lower() == "not"):
                continue
            other = right if on_left else left
            if operator == "between":
                cut = next((i for i, t in enumerate(other) if t.text.lower() == "and"), len(other))
                lows.append(other[:cut])
                highs.append(other[cut + 1 :])
            elif operator in ("<", "<="):
                (highs if on_left else lows).append(other)
            elif operator in (">", ">="):
                (lows if on_left else highs).append(other)
        for low in lows:
            for high in highs:
                if _is_reversed(low, high):
                    yield _match(high)
        if not highs:
            yield from (_match(low) for low in lows if _at_the_end(low))


def _is_reversed(low: list[Token], high: list[Token]) -> bool:
    """Whether the first edge is after the last one, of a short range as of a long one."""
    for length in _LENGTHS:
        first, last = moment(low, length), moment(high, length)
        if first is None or last is None or first < last:
            return _edges(low) == {"to"} and _edges(high) == {"from"}
    return True


def _at_the_end(low: list[Token]) -> bool:
    return all((first := moment(low, length)) is not None and first >= length for length in _LENGTHS)


def _match(edge: list[Token]) -> Match:
    return Match(
        f"the range is reversed: {' '.join(token.text for token in edge)} is on the wrong side",
        "write $__timeFilter(timestamp), or $__fromTime first and $__toTime last",
        Part(edge).span,
    )


def _edges(tokens: list[Token]) -> set[str]:
    words = {token.text.lower() for token in tokens}
    return {name for name, macros in (("from", _FROM), ("to", _TO)) if words & macros}


RULE = Rule("DG405", "reversed-range", "error", "text", check)
