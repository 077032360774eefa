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

from dashgen.lint.lineage import schema
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.project.undeclared import advice


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql) if known else ():
        for source in select.sources:
            name = source.name.lower()
            if not name or source.query is not None or source.function or "$" in name or name in known:
                continue
            if name.startswith(("information_schema.", "pg_", "sys.")):
                continue
            hint = advice(source.name, subject.project, select.ctes)
            yield Match(f"expected a declared table or view, got {source.name!r}", hint, source.span)


RULE = Rule("DG601", "undeclared-table", "error", "text", check)
