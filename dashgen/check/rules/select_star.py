"""Checks for `SELECT *` as the result of a panel, an annotation or an alert rule.

A table panel may select all columns of a subquery that names them, any panel those that PIVOT makes.

## Why is this bad?

A column that is added to the table appears in the panel without a change of the spec; in an alert rule a second number
is an error. The server reads every column of the rows, and a chart draws every number.

## Example

```sql
SELECT * FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 100
```

## Use instead

```sql
SELECT timestamp, host, uptime_seconds, last_error FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 100
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import kind, panel_kind
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Query, Select, Source
from dashgen.sql.lineage import schema
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    query = understood(subject.sql)
    if query is None:
        return
    first = _in_parentheses(query.selects[0])
    charted = subject.role == "alert" or (bool(kind(subject)) and not panel_kind(subject).rows)
    if charted and first.star and first.sources and first.pivot is None:
        yield RuleMatch(
            "expected named columns, got all of them: the panel draws each number",
            "name the time, the label and the number",
            _span(first, first.sources[0]),
        )
        return

    def open_(query: Query) -> Iterator[tuple[Select, Source]]:
        for select in query.selects:
            for source in select.sources if select.star and select.pivot is None else ():
                if source.rows is not None:
                    yield from open_(source.rows)
                else:
                    yield select, source

    for select, source in open_(query):
        relation = known.get(source.name.lower())
        names = list(relation.columns)[:4] if relation else []
        called = f"{source.function.name}()" if source.function else source.name or "a table"
        yield RuleMatch(
            f"expected named columns, got all of {called}",
            "name the columns that the panel shows" + (f": {', '.join(names)}, …" if names else ""),
            _span(select, source),
        )


def _in_parentheses(select: Select) -> Select:
    """The query of `(SELECT …) ORDER BY time`, where nobody wrote a star."""
    while not select.keyword and len(select.sources) == 1 and (rows := select.sources[0].rows) is not None:
        select = rows.selects[0]
    return select


def _span(select: Select, source: Source) -> tuple[int, int]:
    """That of the star; of a bare table its name."""
    return next(item for item in select.items if item.star).span if select.keyword else source.span


RULE = Rule("DG301", "select-star", "warning", "text", check)
