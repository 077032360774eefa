"""An alert that reads only the rows of the fault that it looks for.

While all is well there are none: the rule is NoData, pages as such or is muted for it, and the day the writer dies
looks the same as a good one. `WHERE gap_detected` is NoData while healthy, and so is a threshold in SQL (`WHERE
value > 5`).

```sql
SELECT exchange, sum(gap_duration_seconds) AS value FROM pipeline_metrics
WHERE gap_detected AND $__timeFilter(timestamp) GROUP BY exchange
```

Put the condition into the value, so that a healthy system has a row with 0, and the threshold into the rule:
`sum(CASE WHEN gap_detected THEN gap_duration_seconds ELSE 0 END)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part, Select
from dashgen.lint.conditions import comparison, conjuncts
from dashgen.lint.functions import AGGREGATES, called
from dashgen.lint.lineage import Origin, Schema, definitions, origin, schema
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.rules import Connection, OnlyWhile, SetExactlyWhileNot
from dashgen.model.sql import Token


def check(subject: Subject) -> Iterator[Match]:
    if subject.role != "alert":
        return
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for piece in conjuncts(select.where):
            what = _fault(select, piece, known) or _threshold(select, piece, known)
            if what:
                yield Match(
                    f"{what}: while all is well the alert has no row, and is NoData",
                    "put it into the value (CASE WHEN … THEN … ELSE 0 END), and the limit into the rule",
                    Part(piece).span,
                )


def _fault(select: Select, piece: list[Token], known: Schema) -> str:
    """`gap_detected`, `NOT connected`, `running = false`: whether the rows of the fault alone are read."""
    left, operator, right = comparison(piece)
    words = [token.text.lower() for token in left]
    negated = words[:1] == ["not"]
    if operator in ("=", "!=", "<>") and len(right) == 1 and right[0].text.lower() in ("true", "false"):
        negated ^= (right[0].text.lower() == "false") == (operator == "=")
    elif operator:
        return ""
    named = list(refs(left))
    if len(named) != 1 or len(left) - (words[:1] == ["not"]) not in (1, 3):
        return ""
    found = origin(select, named[0], known)
    if found is None or found.type != "BOOLEAN":
        return ""
    bad = _bad(found)
    # Of a flag that the rules of its table say nothing about only the negation is told.
    if negated == (bad is False) and (negated or bad is True):
        return f"only rows where {found.column} is {'false' if negated else 'true'} are read"
    return ""


def _bad(flag: Origin) -> bool | None:
    """The value of a flag that is no good, as the table's rules tell: False where none do."""
    for rule in flag.relation.table.rules:
        if isinstance(rule, OnlyWhile) and rule.flag == flag.column:
            return True
        if isinstance(rule, SetExactlyWhileNot) and rule.flag == flag.column:
            return False
        if isinstance(rule, Connection) and rule.connected == flag.column:
            return False
    return False


def _threshold(select: Select, piece: list[Token], known: Schema) -> str:
    """Whether what was aggregated or computed below is compared with a number."""
    left, operator, right = comparison(piece)
    if operator not in ("<", "<=", ">", ">=") or not right:
        return ""
    side = left if all(t.kind == "number" or t.text == "-" for t in right) else None
    named = list(refs(side)) if side else []
    if len(named) != 1 or side is None or len(side) != 1:
        return ""
    for definition in definitions(select, named[0], known):
        if isinstance(definition, Origin):
            return ""
        inner, item = definition
        if called(item.part, AGGREGATES) and inner is not select:
            return f"only rows where {named[0].name} {operator} {' '.join(t.text for t in right)} are left"
    return ""


RULE = Rule("DG503", "alert-filter", "warning", "text", check)
