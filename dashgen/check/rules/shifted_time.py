"""Checks for times that the query converts to another time zone and a panel draws as UTC.

## Why is this bad?

Grafana reads every time as UTC and shows it in the dashboard's time zone. A time that went through `to_timezone` is
drawn with an offset: compared with other panels, annotations and the time range it is one hour off in winter and two in
summer (Europe/Rome).

## Example

```sql
SELECT to_timezone(timestamp, 'Europe/Rome') AS time, max(uptime_seconds) AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) SAMPLE BY 1h
```

## Use instead

Return the timestamp itself. For days of a time zone, align the buckets to it, or convert back with `to_utc(…,
'Europe/Rome')`.

```sql
SELECT timestamp AS time, max(uptime_seconds) AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) SAMPLE BY 1d ALIGN TO CALENDAR TIME ZONE 'Europe/Rome'
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.check.panel_columns import items, outer, panel_kind, times
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary, Call, Case, Cast, Column, Constant, Expression, Select
from dashgen.sql.lineage import MAX_STEPS, Origin, Schema, definitions, schema

_SHIFTS = {"to_timezone": 1, "to_utc": -1}
_UTC = re.compile(r"(etc/)?(utc|uct|gmt|zulu|universal|greenwich)|z|[+-]?00(:?00)?", re.IGNORECASE)
"""Time zones that move no time, and offsets of none."""


def check(subject: Subject) -> Iterator[RuleMatch]:
    drawn = subject.role == "annotation" or subject.format == "time_series" or panel_kind(subject).over_time
    select = outer(subject)
    if not drawn or subject.role == "alert" or select is None:
        return
    known, written = schema(subject.project), items(subject)
    for column in times(subject):
        item = written.get(column.name)
        shift = _shift(select, item.expression, known) if item else 0
        if item and shift:
            yield RuleMatch(
                f"expected a time in UTC, got {column.name} "
                + ("in another time zone: it is drawn with an offset" if shift > 0 else "moved away from UTC"),
                "return the timestamp itself: Grafana shows it in the dashboard's time zone",
                item.expression.span,
            )


def _shift(select: Select, node: Expression, known: Schema, depth: int = 0) -> int:
    """How often a time was brought to a time zone and not back."""
    if depth > MAX_STEPS:
        return 0
    if isinstance(node, Call):
        own = _SHIFTS.get(node.name, 0)
        moved = own if own and not _is_utc(node.arguments[1:]) else 0
        return moved + _strongest(select, node.arguments[:1] if own else node.arguments, known, depth)
    if isinstance(node, Cast):
        return _shift(select, node.operand, known, depth + 1)
    if isinstance(node, Binary) and node.operator in ("+", "-"):
        return _shift(select, node.left, known, depth + 1)
    if isinstance(node, Case):
        results = (*(branch.result for branch in node.branches), *((node.default,) if node.default else ()))
        return _strongest(select, results, known, depth)
    for definition in definitions(select, node, known) if isinstance(node, Column) else ():
        if not isinstance(definition, Origin) and definition[1].expression is not node:
            return _shift(definition[0], definition[1].expression, known, depth + 1)
    return 0


def _is_utc(zone: tuple[Expression, ...]) -> bool:
    return len(zone) == 1 and isinstance(zone[0], Constant) and _UTC.fullmatch(zone[0].value) is not None


def _strongest(select: Select, nodes: tuple[Expression, ...], known: Schema, depth: int) -> int:
    return max((_shift(select, node, known, depth + 1) for node in nodes), key=abs, default=0)


RULE = Rule("DG212", "shifted-time", "error", "columns", check)
