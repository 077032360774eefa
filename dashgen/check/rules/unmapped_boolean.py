"""Checks for booleans that are shown as 0 and 1 without value mappings.

## Why is this bad?

Grafana draws no booleans, so queries cast them to numbers. A viewer then reads "1" and has to know whether that is
good.

## Example

```python
Stat("Connected", "SELECT exchange, connected::int AS connected FROM …")
```

## Use instead

Add value mappings, or a unit such as `bool_on_off`.

```python
Stat(
    "Connected",
    "SELECT exchange, connected::int AS connected FROM …",
    mappings=(ValueMapping(0, "down", color="red"), ValueMapping(1, "up", color="green")),
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import items, numbers, outer, panel_kind, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.dashboards.panel import Panel
from dashgen.sql.ast import Call, Cast, Column, Expression, Select
from dashgen.sql.lineage import MAX_STEPS, Origin, Schema, definitions, origin, schema

_KEEPING = frozenset({"min", "max", "first", "last"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    panel = subject.owner
    select = outer(subject)
    if not isinstance(panel, Panel) or not panel_kind(subject).states or transformed(subject) or select is None:
        return
    if panel.mappings or (panel.unit or "").startswith("bool"):
        return
    mapped = [o for o in panel.overrides if o.mappings or (o.unit or "").startswith("bool")]
    if any(not isinstance(o.match, str) for o in mapped):
        return
    known = schema(subject.project)
    shown = {c.name for c in numbers(subject)} - {o.match for o in mapped}
    for name, item in items(subject).items():
        if name in shown and (flag := _flag(select, item.expression, known)):
            yield RuleMatch(
                f"{name!r} is the boolean {flag.column} as 0 and 1, without a mapping",
                'mappings=(ValueMapping(0, "…"), ValueMapping(1, "…"))',
                item.expression.span,
            )


def _flag(select: Select, expression: Expression, known: Schema, depth: int = 0) -> Origin | None:
    """The boolean that an expression casts to a number, and does nothing more with."""
    if depth > MAX_STEPS:
        return None
    if isinstance(expression, Call) and expression.name in _KEEPING and len(expression.arguments) == 1:
        return _flag(select, expression.arguments[0], known, depth + 1)
    if isinstance(expression, Cast) and isinstance(expression.operand, Column):
        found = origin(select, expression.operand, known)
        return found if found and found.type == "BOOLEAN" else None
    for definition in definitions(select, expression, known) if isinstance(expression, Column) else ():
        if not isinstance(definition, Origin) and definition[1].expression is not expression:
            return _flag(definition[0], definition[1].expression, known, depth + 1)
    return None


RULE = Rule("DG209", "unmapped-boolean", "warning", "columns", check)
