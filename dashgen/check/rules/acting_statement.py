"""Checks for text that is not a single query: statements that write, drop, export or change the server, a second
statement after `;`, and functions that act on the server.

dashgen never sends such a text to a server: not to describe it, not with `--run`. Comments, parentheses, EXPLAIN, WITH
and DECLARE do not hide it.

## Why is this bad?

The statement would run each time that somebody opens the dashboard. The QuestDB plugin sends what it is given, and
`COPY … TO` exports a table even for a read-only login (QuestDB 9.3.4, seen).

## Example

```sql
COPY pipeline_metrics TO 'export' WITH FORMAT PARQUET
SELECT host FROM daemon_metrics; DROP TABLE daemon_metrics
SELECT reload_config()
```

## Use instead

Write one SELECT, and give Grafana a read-only login.

```sql
SELECT host FROM daemon_metrics
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.statements import no_query


def check(subject: Subject) -> Iterator[RuleMatch]:
    if found := no_query(subject.sql):
        yield RuleMatch(
            found.message, "a project may only have queries; dashgen never runs it", (found.start, found.end)
        )


RULE = Rule("DG104", "acting-statement", "error", "text", check)
