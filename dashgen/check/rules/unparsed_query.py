"""Checks for queries that dashgen's SQL parser does not understand, though the server accepts them.

SHOW, syntax newer than QuestDB 9.3.4, and text nested a hundred levels deep are such queries.

## Why is this bad?

Its columns are known and compared with the panel, but rules that read the SQL skip it: whether it bounds the time,
reads declared tables, samples or joins correctly is not checked.

## Example

```sql
SHOW PARTITIONS FROM daemon_metrics
```

## Use instead

A SELECT that returns the same rows, if there is one.

```sql
SELECT name, numRows FROM table_partitions('daemon_metrics')
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.parser import NotUnderstood, parse


def check(subject: Subject) -> Iterator[RuleMatch]:
    try:
        parse(subject.sql)
    except NotUnderstood as error:
        yield RuleMatch(
            f"not understood: {error}; the rules DG3xx to DG6xx that read a query's parts skip it",
            span=(error.at, error.at + 1),
        )


RULE = Rule("DG105", "unparsed-query", "note", "text", check)
