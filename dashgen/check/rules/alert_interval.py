"""A bucket that follows the screen, in the SQL of an alert.

An alert has no screen: Grafana works the interval out of the query's `maxDataPoints`, and `$__interval` and
`$__interval_ms` can disagree (recorded: `1m` beside 90000). What the alert measures then changes with its window.

```sql
SELECT timestamp AS time, exchange, avg(latency_ms) AS value FROM exchange_status … SAMPLE BY $__interval
```

Write the bucket down (`SAMPLE BY 1m`), or aggregate the whole window with GROUP BY.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.lexer import macros

_INTERVALS = frozenset({"interval", "interval_ms", "sampleByInterval"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    for macro in macros(subject.sql) if subject.role == "alert" else ():
        if macro.name in _INTERVALS:
            yield RuleMatch(
                f"$__{macro.name} has no fixed meaning in an alert",
                "write the bucket down, or aggregate the whole window",
                (macro.start, macro.end),
            )


RULE = Rule("DG504", "alert-interval", "error", "text", check)
