"""Checks for `PARTITION BY`, after `LATEST ON` or in a window, that leaves out a key column of the table.

The keys are the columns of the table's dedup key without the timestamp. A key that WHERE fixes to one value (`env =
${env:sqlstring}`) may be left out. `LATEST ON` that shows only its partition columns and the time is accepted with any
of them: it tells when each one last had a row. Ranks and shares over a result, which don't follow the time, are
accepted, too.

## Why is this bad?

Rows of several series are mixed. `LATEST ON timestamp PARTITION BY exchange` returns one arbitrary host of five;
`lag(fetch_count) OVER (ORDER BY timestamp)` subtracts the counter of one host from that of another (measured: a rate of
-108597).

## Example

```sql
SELECT timestamp, fetch_count - lag(fetch_count) OVER (PARTITION BY host ORDER BY timestamp) AS d
FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

## Use instead

```sql
SELECT timestamp, fetch_count - lag(fetch_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS d
FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Expression, Select, Span, Window
from dashgen.sql.conditions import columns
from dashgen.sql.functions import windowed
from dashgen.sql.lineage import Schema, is_time, origins, schema, series_keys
from dashgen.sql.reads import every_select

_BESIDE = frozenset({"lag", "lead", "first_value", "last_value", "nth_value"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        latest = select.latest
        if latest is not None and not _shows_keys_only(select, known):
            span = (latest.span[0], latest.by_span[0])
            yield from _missing(subject.sql, select, latest.by, span, "LATEST ON", known)
        for call, window in windowed(select):
            if call.name in _BESIDE or _along_time(select, window, known):
                yield from _missing(subject.sql, select, window.partition, call.span, f"{call.name}() OVER", known)


def _shows_keys_only(select: Select, known: Schema) -> bool:
    """Whether LATEST ON says no more than when a row of each partition came last: right for any partition."""
    latest = select.latest
    if latest is None or select.star:
        return False
    partition = {found for key in latest.by for found in origins(select, key, known)}
    shown = [found for item in select.items for found in origins(select, item.expression, known)]
    return bool(shown) and all(found in partition or found.column == found.relation.designated for found in shown)


def _along_time(select: Select, window: Window, known: Schema) -> bool:
    return any(is_time(select, column, known) for key in window.order for column in columns(key))


def _missing(
    sql: str, select: Select, partition: tuple[Expression, ...], span: Span, what: str, known: Schema
) -> Iterator[RuleMatch]:
    needed = series_keys(select, known)
    lacking = needed - {found for key in partition for found in origins(select, key, known)}
    if lacking:
        names = sorted(found.column for found in lacking)
        (table,) = {found.relation.name for found in lacking}
        given = ", ".join(sql[slice(*key.span)] for key in partition)
        whole = ", ".join(filter(None, (given, *names)))
        yield RuleMatch(
            f"{what} mixes the rows of several {', '.join(names)}: {'they are' if len(names) > 1 else 'it is'} in the "
            f"key of {table}, and PARTITION BY {'has ' + given if given else 'is missing'}",
            f"write PARTITION BY {whole}, or fix {names[0]} to one value in WHERE",
            (partition[0].span[0], partition[-1].span[1]) if partition else span,
        )


RULE = Rule("DG303", "partition-keys", "error", "text", check)
