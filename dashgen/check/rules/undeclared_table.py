"""Checks for queries that read a table or view which the project does not declare.

Functions (`tables()`), common table expressions and names that contain a variable are not checked, and neither is a
project that declares no tables.

## Why is this bad?

The server on which the query was tried may have the table; a server that is created from the declarations does not.

## Example

```sql
SELECT host FROM daemon_metric WHERE $__timeFilter(timestamp)
```

## Use instead

Correct the name, or declare the table and list it in `Project(tables=…)`.

```sql
SELECT host FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.project_checks.undeclared_tables import advice
from dashgen.sql.lineage import schema
from dashgen.sql.parser import understood
from dashgen.sql.reads import common_tables, reads


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    query = understood(subject.sql) if known else None
    if query is None:
        return
    for read in reads(query):
        name = read.name.lower()
        if "$" in name or name in known or name.startswith(("information_schema.", "pg_", "sys.")):
            continue
        hint = advice(read.name, subject.project, common_tables(query))
        yield RuleMatch(f"expected a declared table or view, got {read.name!r}", hint, read.source.name_span)


RULE = Rule("DG601", "undeclared-table", "error", "text", check, refused_too=True)
