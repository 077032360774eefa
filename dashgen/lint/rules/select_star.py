"""`SELECT *` as the result of a panel, an annotation or an alert.

A column that is added to the table appears in the panel by itself, in an alert as a second number, which is an error
there; and the server reads every column of the rows. In a query within the query that names what it takes, `*` does no
harm.

```sql
SELECT * FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 100
```

Name the columns that the panel shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.lineage import schema
from dashgen.lint.outline import Query, Select, Source, outline
from dashgen.lint.rule import Match, Rule, Subject


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)

    def open_(query: Query) -> Iterator[tuple[Select, Source]]:
        for select in query.selects:
            for source in select.sources if select.star else ():
                if source.query is not None:
                    yield from open_(source.query)
                elif source.name.lower() in known:
                    yield select, source

    for select, source in open_(outline(subject.sql)):
        star = next(item for item in select.items if item.star)
        yield Match(
            f"expected named columns, got all of {source.name}",
            "name those that are shown: " + ", ".join(list(known[source.name.lower()].columns)[:4]) + ", …",
            star.part.span if star.part else source.span,
        )


RULE = Rule("DG301", "select-star", "warning", "text", check)
