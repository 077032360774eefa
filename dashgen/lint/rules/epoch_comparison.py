"""A timestamp that is compared with seconds, milliseconds or nanoseconds since 1970.

QuestDB's timestamps are microseconds: `timestamp >= 1795448010` is a moment of 1970, so that the comparison is always
true, or never. The server accepts it, the result is empty or far too big. PostgreSQL's macros `$__unixEpochFilter` and
`$__unixEpochNanoFilter` become just that, and `$__from` and `$__to` are milliseconds.

```sql
WHERE timestamp >= 1795448010 AND timestamp <= $__to
```

Write `$__timeFilter(timestamp)`, or `$__fromTime` and `$__toTime`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part, Select
from dashgen.lint.conditions import alternatives, comparison, conjuncts
from dashgen.lint.lineage import Schema, origin, schema
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token

_FILTERS = frozenset({"$__unixepochfilter", "$__unixepochnanofilter"})
_BROWSER = ("$__from", "$__to", "${__from", "${__to")
_MICROSECONDS = range(10**14, 10**17)
"""From 1973 to 5138."""


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for part in (select.where, *select.on):
            for whole in conjuncts(part):
                for either in alternatives(whole):
                    for piece in conjuncts(either):
                        yield from _found(select, piece, known)


def _found(select: Select, piece: list[Token], known: Schema) -> Iterator[Match]:
    if not any(_is_timestamp(select, ref.name, known) for ref in refs(piece)):
        return
    span = Part(piece).span
    if piece[0].text.lower() in _FILTERS:
        yield Match(f"{piece[0].text} compares with another unit than microseconds", "write $__timeFilter(…)", span)
        return
    left, _, right = comparison(piece)
    sides = [left, *_bounds(right)]
    for side in sides:
        text = side[0].text if len(side) == 1 else ""
        if (
            text.rstrip("lL").isdigit()
            and int(text.rstrip("lL")) >= 10**8
            and int(text.rstrip("lL")) not in _MICROSECONDS
        ):
            yield Match(
                f"{text} is no moment in microseconds: the comparison is always true, or never",
                "write $__fromTime, $__toTime or a literal like '2026-01-31T12:00:00Z'",
                span,
            )
        elif side and side[0].kind == "macro" and side[0].text.startswith(_BROWSER) and _plain(side):
            yield Match(
                f"{side[0].text} is in milliseconds, the column in microseconds", "write $__timeFilter(…)", span
            )


def _plain(side: list[Token]) -> bool:
    name = side[0].text.strip("${}").split(":")[0]
    return len(side) == 1 and name in ("__from", "__to") and "date" not in side[0].text


def _bounds(right: list[Token]) -> list[list[Token]]:
    """Both ends of a BETWEEN, else the one side."""
    for at, token in enumerate(right):
        if token.text.lower() == "and":
            return [right[:at], right[at + 1 :]]
    return [right]


def _is_timestamp(select: Select, name: str, known: Schema) -> bool:
    for ref in refs(select.where):
        if ref.name == name:
            found = origin(select, ref, known)
            return found is not None and found.type == "TIMESTAMP"
    return False


RULE = Rule("DG315", "epoch-comparison", "error", "text", check)
