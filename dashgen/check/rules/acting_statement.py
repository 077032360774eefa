"""The text is no query: it would write, drop, export or change the server each time that the dashboard is opened.

`COPY … TO` exports a table, also for a login that may only read (QuestDB 9.3.4, seen); the QuestDB plugin sends what it
is given. What is no query, a second statement behind `;`, and functions that act on the server are never sent by
dashgen: not to describe them, not with `--run`. Comments, brackets, EXPLAIN, WITH and DECLARE hide none of them.

```sql
COPY pipeline_metrics TO 'export' WITH FORMAT PARQUET
SELECT host FROM daemon_metrics; DROP TABLE daemon_metrics
SELECT reload_config()
```

Write one SELECT. Give Grafana a login that may only read.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.statements import no_query


def check(subject: Subject) -> Iterator[RuleMatch]:
    if found := no_query(subject.sql):
        yield RuleMatch(found.message, "only queries belong in a project; it is never run", (found.start, found.end))


RULE = Rule("DG104", "acting-statement", "error", "text", check)
