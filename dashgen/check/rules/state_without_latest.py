"""Checks for queries of the current state that don't take the latest rows.

A bound such as "the last 7 days before the end of the range", which does not follow the time picker, is taken for a
query of the current state. Events, which a condition on a column or a LIMIT selects, are accepted.

## Why is this bad?

Without `LATEST ON` every row of those days counts: the worst state of the week is shown as the current one, and a sum
of levels is too high by a factor of the number of rows.

## Example

```sql
SELECT sum(pnl) AS pnl FROM (
    SELECT strategy, pnl FROM trading_metrics WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime
)
```

## Use instead

To sum what was written within the time range, bound it by `$__timeFilter(timestamp)`.

```sql
SELECT sum(pnl) AS pnl FROM (
    SELECT strategy, pnl FROM trading_metrics WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime
    LATEST ON timestamp PARTITION BY strategy, symbol, venue, env
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Macro, Select, within
from dashgen.sql.conditions import columns, conjuncts
from dashgen.sql.functions import is_aggregated, windowed
from dashgen.sql.lineage import Relation, Schema, is_time, origins, schema
from dashgen.sql.reads import every_select

_BEGINS = frozenset({"fromtime", "timefrom", "timefilter"})
_ENDS = frozenset({"totime", "timeto"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "alert" and not kind(subject):
        return
    known = schema(subject.project)
    for select in every_select(subject.sql):
        source = select.sources[0] if len(select.sources) == 1 else None
        relation = known.get(source.name.lower()) if source and source.is_relation else None
        if (
            source is None
            or relation is None
            or not relation.designated
            or not relation.series
            or relation.has_events
            or _reduced(select)
        ):
            continue
        if _looks_back(select, known) and _shows_values(select, relation, known):
            yield RuleMatch(
                f"reads a fixed time before the end of {relation.name}, which is a state, but not its latest rows",
                f"add LATEST ON {relation.designated} PARTITION BY {', '.join(relation.series)}",
                source.span,
            )


def _reduced(select: Select) -> bool:
    windows = any(True for _ in windowed(select))
    return bool(select.latest or select.limit or select.distinct or select.sample or windows) or (
        bool(select.group) or is_aggregated(select)
    )


def _looks_back(select: Select, known: Schema) -> bool:
    """Whether the time is bound by the end of the range alone, and no other condition picks rows out."""
    bound = False
    for piece in conjuncts(select.where):
        if any(is_time(select, column, known) for column in columns(piece)):
            macros = {one.name.lower() for one in within(piece) if isinstance(one, Macro)}
            if macros & _BEGINS:
                return False
            bound = bound or bool(macros & _ENDS)
        elif any(found.column not in found.relation.series for found in origins(select, piece, known)):
            return False
    return bound


def _shows_values(select: Select, relation: Relation, known: Schema) -> bool:
    """Whether more is read than which series there are, and when."""
    ignored = {relation.designated, *relation.series}
    return any(
        found.column not in ignored for item in select.items for found in origins(select, item.expression, known)
    )


RULE = Rule("DG319", "state-without-latest", "warning", "text", check)
