"""A stat, gauge, bar, pie or alert whose query returns a row for each write.

These show one value a series. Fed with the rows as they were written (one each 10 seconds and host) a stat with
`all_values` draws thousands of tiles, of which Grafana cuts off all but 25; without it, it reduces the rows of all
hosts to one value, which is that of whichever host wrote last. An alert with two rows of the same labels is in the
state Error.

```sql
SELECT host, uptime_seconds FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

Take the last row of each series (`LATEST ON timestamp PARTITION BY host, env`), aggregate (`GROUP BY host`), or
draw the course of time (`SAMPLE BY`) and let the panel reduce it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Query, Select, Source
from dashgen.lint.lineage import Relation, Schema, aggregates, keys, schema
from dashgen.lint.outline import outline
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.lint.shown import kind

_ONE_A_SERIES = frozenset({"stat", "gauge", "bargauge", "piechart", "barchart"})


def check(subject: Subject) -> Iterator[Match]:
    if (kind(subject) not in _ONE_A_SERIES and subject.role != "alert") or subject.format != "table":
        return
    for source, relation in _written(outline(subject.sql), schema(subject.project)):
        yield Match(
            f"expected a row a series, got one for each write of {relation.name}",
            f"LATEST ON {relation.designated} PARTITION BY {', '.join(relation.series) or '…'}, or GROUP BY",
            source.span,
        )


def _written(query: Query, known: Schema, depth: int = 0) -> Iterator[tuple[Source, Relation]]:
    for select in query.selects if depth < 40 else ():
        if select.latest or select.sample or select.group or select.distinct or aggregates(select) or _one(select):
            continue
        for source in select.sources[:1]:
            if source.query is not None:
                yield from _written(source.query, known, depth + 1)
            elif not source.function and (relation := known.get(source.name.lower())) and keys(select, known):
                yield source, relation


def _one(select: Select) -> bool:
    return select.limit.words in (("1",), ("-", "1"))


RULE = Rule("DG318", "row-per-write", "error", "text", check)
