"""`PARTITION BY` that leaves out a key column of the table, after `LATEST ON` or in a window.

Then rows of several series are mixed. `LATEST ON timestamp PARTITION BY exchange` returns one arbitrary host of
five; `lag(fetch_count) OVER (ORDER BY timestamp)` subtracts the counter of one host from that of another (measured:
a rate of -108597).

```sql
SELECT timestamp, fetch_count - lag(fetch_count) OVER (PARTITION BY host ORDER BY timestamp) AS d FROM daemon_metrics …
```

Name all columns of the table's dedup key but the timestamp: `PARTITION BY host, env`. What WHERE holds to one value
(`env = ${env:sqlstring}`) can be left out. Ranks and shares over a result, which don't go along time, are not meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part, Select, Span, Window
from dashgen.lint.lineage import Schema, is_time, keys, origins, schema
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject

_BESIDE = frozenset({"lag", "lead", "first_value", "last_value", "nth_value"})


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        if select.latest:
            yield from _missing(select, select.latest_by, select.latest.span, "LATEST ON", known)
        for window in select.windows:
            if window.function in _BESIDE or _along_time(select, window, known):
                yield from _missing(select, window.partition, window.span, f"{window.function}() OVER", known)


def _along_time(select: Select, window: Window, known: Schema) -> bool:
    return any(is_time(select, ref, known) for ref in refs(window.order))


def _missing(select: Select, partition: Part, span: Span, what: str, known: Schema) -> Iterator[Match]:
    needed = keys(select, known)
    lacking = needed - set(origins(select, partition, known))
    if lacking:
        names = sorted(found.column for found in lacking)
        (table,) = {found.relation.name for found in lacking}
        given = " ".join(token.text for token in partition.tokens).replace(" ,", ",")
        whole = ", ".join(filter(None, (given, *names)))
        yield Match(
            f"{what} mixes the rows of several {', '.join(names)}: {'they are' if len(names) > 1 else 'it is'} in the "
            f"key of {table}, and PARTITION BY {'has ' + given if given else 'is missing'}",
            f"write PARTITION BY {whole}, or hold {names[0]} to one value in WHERE",
            partition.span if partition else span,
        )


RULE = Rule("DG303", "partition-keys", "error", "text", check)
