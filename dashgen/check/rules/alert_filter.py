"""Checks for alert queries that read only the rows of the fault.

## Why is this bad?

While the system is healthy there are no such rows: the rule is NoData, which either notifies or is silenced, and a
writer that stops looks like a healthy system. `WHERE gap_detected` has no data while healthy, and neither has a
threshold in SQL (`WHERE value > 5`).

## Example

```sql
SELECT exchange, sum(gap_duration_seconds) AS value FROM pipeline_metrics
WHERE gap_detected AND $__timeFilter(timestamp) GROUP BY exchange
```

## Use instead

Put the condition into the value, so that a healthy system returns a row with 0, and the threshold into the rule.

```sql
SELECT exchange, sum(CASE WHEN gap_detected THEN gap_duration_seconds ELSE 0 END) AS value FROM pipeline_metrics
WHERE $__timeFilter(timestamp) GROUP BY exchange
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.tables.row_constraints import OnlyWhile, ReconnectCounter, SetExactlyWhileNot
from dashgen.sql.ast import Binary, Column, Constant, Expression, Select, Unary
from dashgen.sql.conditions import conjuncts, is_number
from dashgen.sql.functions import is_aggregated
from dashgen.sql.lineage import Origin, Schema, definitions, origin, schema
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "alert":
        return
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for piece in conjuncts(select.where):
            what = _fault(select, piece, known) or _threshold(subject.sql, select, piece, known)
            if what:
                yield RuleMatch(
                    f"{what}: a healthy system returns no row, and the rule is NoData",
                    "put the condition into the value (CASE WHEN … THEN … ELSE 0 END), and the threshold into the rule",
                    piece.span,
                )


def _fault(select: Select, piece: Expression, known: Schema) -> str:
    """`gap_detected`, `NOT connected`, `running = false`: whether the rows of the fault alone are read."""
    flag, negated = piece, False
    while True:
        if isinstance(flag, Unary) and flag.operator == "not":
            flag, negated = flag.operand, not negated
        elif isinstance(flag, Binary) and flag.operator in ("=", "==", "!=", "<>", "is", "is not"):
            if not isinstance(flag.right, Constant) or flag.right.kind != "boolean":
                return ""
            negated ^= (flag.right.value == "false") == (flag.operator in ("=", "==", "is"))
            flag = flag.left
        else:
            break
    found = origin(select, flag, known) if isinstance(flag, Column) else None
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
        if isinstance(rule, ReconnectCounter) and rule.connected == flag.column:
            return False
    return False


def _threshold(sql: str, select: Select, piece: Expression, known: Schema) -> str:
    """Whether what was aggregated or computed below is compared with a number."""
    if not isinstance(piece, Binary) or piece.operator not in ("<", "<=", ">", ">="):
        return ""
    if not isinstance(piece.left, Column) or not is_number(piece.right):
        return ""
    for definition in definitions(select, piece.left, known):
        if isinstance(definition, Origin):
            return ""
        inner, item = definition
        if is_aggregated(item.expression) and inner is not select:
            return f"only rows where {piece.left.name} {piece.operator} {sql[slice(*piece.right.span)]} are left"
    return ""


RULE = Rule("DG503", "alert-filter", "warning", "text", check)
