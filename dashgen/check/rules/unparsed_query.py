"""The query is not understood by dashgen's parser, so that rules which read its parts say nothing of it.

The server takes it, its columns are known and held against the panel. Whether it bounds the time, reads declared tables
only, samples or joins as it should, is not judged: rules guess nothing. SHOW and what is newer than QuestDB 9.3.4 are
such texts, and so is text nested a hundred deep.

```sql
SHOW PARTITIONS FROM daemon_metrics
```

Nothing need be done; a SELECT of the same, such as `table_partitions('daemon_metrics')`, is judged.
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
            f"not understood: {error}; the rules DG3xx to DG6xx that read a query's parts keep quiet",
            span=(error.at, error.at + 1),
        )


RULE = Rule("DG105", "unparsed-query", "note", "text", check)
