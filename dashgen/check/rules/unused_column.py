"""Checks for declared tables and columns that no panel, variable, annotation, alert rule or view reads. The designated
timestamp, key columns and tables that others write are not checked.

## Why is this bad?

Every writer writes the column, and the server keeps it for the table's TTL. Either its panel is missing, or nobody
needs it.

## Example

```python
disconnected_at: datetime | None  # and no query names it
```

## Use instead

Show the column, alert on it, or stop writing it.

```python
Table("Disconnected", "SELECT exchange, disconnected_at FROM …")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.model.core.display_path import display_path
from dashgen.sql.lineage import columns_read, schema
from dashgen.sql.parser import understood


def check(whole: Whole) -> Iterator[RuleMatch]:
    known = schema(whole.project)
    used: set[tuple[str, str]] = set()
    for sql in dict.fromkeys(subject.sql for subject in whole.subjects):
        query = understood(sql)
        used |= set(columns_read(query, known)) if query else set()
    for relation in known.values():
        if relation.query is not None:
            used |= set(columns_read(relation.query, known))
    for relation in known.values():
        if relation.table.written_by_others:
            continue
        if not any(name == relation.name for name, _ in used):
            yield RuleMatch(
                f"{relation.name}: nothing reads it",
                "show it, or stop writing it",
                owner=relation.table,
                path=relation.name,
            )
            continue
        for column in relation.columns:
            kept = {relation.designated, *relation.series, *relation.identity}
            if column in kept or (relation.name, column) in used:
                continue
            yield RuleMatch(
                f"{relation.name}.{column}: nothing reads it",
                "show it, alert on it, or stop writing it",
                owner=relation.table,
                path=display_path(relation.name, column),
            )


RULE = Rule("DG603", "unused-column", "note", "project", check)
