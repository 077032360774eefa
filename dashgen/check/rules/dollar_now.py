"""QuestDB's `$now`, `$today` and their like, in a query that Grafana sees first.

QuestDB 9 reads `timestamp IN '$now - 24h..$now'`. Grafana looks for variables in the same text, also within quotes:
a dashboard variable called `now` would silently take its place, and a check of unknown variables can't tell the two
apart.

```sql
WHERE timestamp IN '$now - 24h..$now'
```

Write `timestamp BETWEEN dateadd('h', -24, $__toTime) AND $__toTime`. In an alert's query, which no browser looks at,
`now-in-query` says why not.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lexer import moments, tokenize


def check(subject: Subject) -> Iterator[RuleMatch]:
    found = moments(subject.sql) if subject.role != "alert" else ()
    for token in tokenize(subject.sql) if found else ():
        end = token.start + len(token.text)
        inside = [ref for ref in found if token.start <= ref.start < end]
        if inside:
            yield RuleMatch(
                f"${inside[0].name} is QuestDB's, but Grafana reads it as a dashboard variable",
                "write BETWEEN dateadd('h', -24, $__toTime) AND $__toTime",
                (token.start, end),
            )


RULE = Rule("DG310", "dollar-now", "warning", "text", check)
