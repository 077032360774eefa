"""A time series with labels whose rows don't come in the order of time.

The datasources turn rows into series only when they ascend: Grafana answers "long series must be sorted ascending
by time to be converted", an alert rule fails. `SAMPLE BY` and a plain read come in order; `GROUP BY`, `LATEST ON`,
`UNION` and joins promise none, and `ORDER BY time DESC` is the wrong one.

```sql
SELECT timestamp_floor('1m', timestamp) AS time, host AS metric, count() AS value FROM daemon_metrics …
GROUP BY time, metric
```

End with `ORDER BY time`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Query, Select, split, unquoted
from dashgen.lint.functions import AGGREGATES, called
from dashgen.lint.outline import outline
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.lint.shown import columns, numbers, times


def check(subject: Subject) -> Iterator[Match]:
    if subject.format != "time_series" or not times(subject) or not numbers(subject):
        return
    if not columns(subject, "string", "bool"):
        return
    time = next((c.name for c in times(subject) if c.name == "time"), times(subject)[0].name)
    query = outline(subject.sql)
    if not query.selects:
        return
    last = query.selects[-1]
    if last.order:
        key = next(split(last.order.tokens))
        if _is(key[0].text, time, query.selects[0]) and key[-1].text.lower() != "desc":
            return
        yield Match(
            f"expected the rows in the order of {time}, got ORDER BY {' '.join(t.text for t in key)}",
            f"write ORDER BY {time}",
            last.order.span,
        )
    elif not _ordered(query):
        yield Match(
            f"expected the rows in the order of {time}, got no ORDER BY", f"end with ORDER BY {time}", last.keyword
        )


def _is(word: str, time: str, select: Select) -> bool:
    """Whether a key of ORDER BY is the time column: by name, by its own name below the alias, or by position."""
    if word.isdigit():
        at = int(word) - 1
        return at < len(select.items) and select.items[at].name == time
    same = [item for item in select.items if item.name == time]
    return unquoted(word).lower() == time.lower() or any(i.part.words[-1:] == (word.lower(),) for i in same)


def _ordered(query: Query, depth: int = 0) -> bool:
    """Whether the server returns the rows in the order of time without being asked to."""
    if len(query.selects) != 1 or depth > 40:
        return False
    select = query.selects[0]
    if select.sample:
        return True
    grouped = select.group or select.distinct or select.latest
    if grouped or len(select.sources) != 1 or any(called(i.part, AGGREGATES) for i in select.items):
        return False
    inner = select.sources[0].query
    if inner is None:
        return True
    order = inner.selects[-1].order if inner.selects else None
    if order:
        return next(split(order.tokens))[-1].text.lower() != "desc"
    return _ordered(inner, depth + 1)


RULE = Rule("DG206", "series-order", "error", "columns", check)
