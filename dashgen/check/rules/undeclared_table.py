"""A query reads a table or view that the project declares nowhere.

The server on which the query was tried may have it, the one that is set up from the declarations does not.
Functions (`tables()`), common table expressions and names that a variable is part of are not meant, nor is a
project that declares no tables.

```sql
SELECT host FROM daemon_metric WHERE $__timeFilter(timestamp)
```

Correct the name, or list the table in `Project(tables=…)`.
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
