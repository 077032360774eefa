"""Checks for QuestDB's `$now`, `$today` and similar in a query that Grafana interpolates.

For queries of alert rules, which no browser interpolates, see DG406.

## Why is this bad?

QuestDB 9 reads `timestamp IN '$now - 24h..$now'`. Grafana looks for variables in the same text, within quotes, too: a
dashboard variable named `now` replaces it without a warning.

## Example

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status WHERE timestamp IN '$now - 24h..$now'
```

## Use instead

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE timestamp BETWEEN dateadd('h', -24, $__toTime) AND $__toTime
```
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
