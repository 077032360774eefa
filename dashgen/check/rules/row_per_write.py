"""Checks for stats, gauges, bar charts, pie charts and alert rules whose query returns one row for each row of the
table.

## Why is this bad?

These panels show one value per series. With every written row (one each 10 seconds and host), a stat with `all_values`
draws thousands of tiles, of which Grafana shows 25. Without it, the stat reduces the rows of all hosts to one value,
that of whichever host wrote last. An alert rule with two rows of the same labels is in the state Error.

## Example

```sql
SELECT host, uptime_seconds FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

## Use instead

Take the last row of each series, aggregate (`GROUP BY host`), or return the values over time (`SAMPLE BY`) and let the
panel reduce them.

```sql
SELECT host, uptime_seconds FROM daemon_metrics
WHERE $__timeFilter(timestamp) LATEST ON timestamp PARTITION BY host, env
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import panel_kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Query, Select, Source
from dashgen.sql.conditions import is_number
from dashgen.sql.functions import is_aggregated
from dashgen.sql.lineage import MAX_STEPS, Relation, Schema, schema, series_keys
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if not (panel_kind(subject).one_a_series or subject.role == "alert") or subject.format != "table":
        return
    query = understood(subject.sql)
    for source, relation in _written(query, schema(subject.project)) if query else ():
        yield RuleMatch(
            f"expected one row per series, got one per row of {relation.name}",
            f"LATEST ON {relation.designated} PARTITION BY {', '.join(relation.series) or '…'}, or GROUP BY",
            source.span,
        )


def _written(query: Query, known: Schema, depth: int = 0) -> Iterator[tuple[Source, Relation]]:
    for select in query.selects if depth < MAX_STEPS else ():
        grouped = select.latest or select.sample or select.group or select.distinct or is_aggregated(select)
        if grouped or _one(select):
            continue
        for source in select.sources[:1]:
            if source.rows is not None:
                yield from _written(source.rows, known, depth + 1)
                continue
            relation = known.get(source.name.lower()) if source.is_relation else None
            if relation is not None and relation.designated and (relation.has_events or series_keys(select, known)):
                yield source, relation


def _one(select: Select) -> bool:
    """`LIMIT 1` and `LIMIT -1`."""
    limit = select.limit
    return limit is not None and limit.high is None and is_number(limit.low, 1)


RULE = Rule("DG318", "row-per-write", "error", "text", check)
