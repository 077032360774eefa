"""Checks for queries that name a column which none of the declared tables in the query has.

## Why is this bad?

The query fails on every server that is created from the declarations.

## Example

```sql
SELECT host, fetches FROM daemon_metrics WHERE $__timeFilter(timestamp)
```

## Use instead

Correct the name, or add the column to the table's declaration: `dashgen db migrate` then adds it to the server.

```sql
SELECT host, fetch_count FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.column_advice import advice
from dashgen.check.panel_columns import known_sources
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.sql.ast import Column, Select, within
from dashgen.sql.lineage import definitions, inputs, schema
from dashgen.sql.reads import every_select


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    seen: set[str] = set()
    for select in every_select(subject.sql) if known else ():
        if not known_sources(select, known) or select.pivot is not None:
            continue
        made_up = any(not item.name for item in select.items)
        for column in _named(select, made_up):
            if column.name.lower() in seen or any(True for _ in definitions(select, column, known)):
                continue
            seen.add(column.name.lower())
            names = sorted(inputs(select, known))
            hint = advice(select, column.name, column.qualifier, known) or nearest_or_all(column.name, names)
            yield RuleMatch(f"expected a declared column, got {column.name!r}", hint, column.span)


def _named(select: Select, made_up: bool) -> Iterator[Column]:
    """The names in a SELECT that must be columns. ORDER BY may name a column of the result by the text that the server
    makes up; a bare `count` is `count()` to QuestDB (9.3.4); what another name qualifies is no source's column."""
    skipped = {id(one) for key in select.order for one in within(key)} if made_up else set()
    sources = {name.lower() for source in select.sources for name in (source.alias, source.name)}
    for one in within(select):
        if (
            not isinstance(one, Column)
            or id(one) in skipped
            or (one.qualifier and one.qualifier.lower() not in sources)
        ):
            continue
        if one.qualifier or one.name.lower() != "count":
            yield one


RULE = Rule("DG602", "undeclared-column", "error", "text", check, refused_too=True)
