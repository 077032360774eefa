"""`LIMIT` without `ORDER BY`.

Which rows are left is then chance: of groups those that the server came to first, of a table's rows the oldest of the
range. A table "worst first" of 20 rows shows 20 of 800, and not the worst.

```sql
SELECT timestamp, exchange, gap_duration_seconds FROM pipeline_metrics WHERE gap_detected AND … LIMIT 500
```

Say which: `ORDER BY timestamp DESC LIMIT 500`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Source
from dashgen.lint.lineage import Schema, schema
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        # LIMIT -5 takes the last rows of a table, which are in order; a query with one row has no order.
        if not select.limit or select.order or select.limit.words[0] == "-" or _inner_order(select.sources):
            continue
        if any(_grows(source, known) for source in select.sources):
            yield Match(
                "which rows LIMIT leaves is chance without ORDER BY",
                "write ORDER BY before it",
                select.limit.span,
            )


def _grows(source: Source, known: Schema) -> bool:
    """Whether a declared table is read; lists of the server's own (`wal_tables()`) are short."""
    if source.query is None:
        return not source.function and source.name.lower() in known
    return any(_grows(inner, known) for select in source.query.selects for inner in select.sources)


def _inner_order(sources: list[Source]) -> bool:
    """Whether the query within is in order, and is read as it is."""
    return (
        len(sources) == 1
        and sources[0].query is not None
        and bool(sources[0].query.selects[-1:])
        and bool(sources[0].query.selects[-1].order)
    )


RULE = Rule("DG317", "limit-without-order", "warning", "text", check)
