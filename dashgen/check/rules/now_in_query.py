"""Checks for `now()` in a query of a dashboard or an alert rule, and `'$now'` in one of an alert rule.

In a panel, `least($__toTime, now())` is accepted: where the range ends in the future ("today"), it is the end of what
has happened. In an alert rule it is reported: the range ends at the evaluation, and tests and backtests evaluate the
rule at other moments.

## Why is this bad?

`now()` is the server's clock, not the end of the time range: a dashboard of last Tuesday shows today's ages and states,
a shared link shows something else to every reader, and a test or a preview can't choose the moment.

## Example

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status WHERE timestamp > dateadd('h', -1, now())
```

## Use instead

```sql
SELECT timestamp AS time, latency_ms AS value FROM exchange_status
WHERE timestamp BETWEEN dateadd('h', -1, $__toTime) AND $__toTime
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.clocks import clocks
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    query = understood(subject.sql)
    for clock in clocks(query) if query else ():
        in_panel = clock.is_bound or clock.text.startswith("$")  # a bound of the future, and what dollar-now says
        if subject.role == "alert" or not in_panel:
            yield RuleMatch(
                f"{clock.text} is the server's clock, not the end of the range", "write $__toTime", clock.span
            )


RULE = Rule("DG406", "now-in-query", "warning", "text", check)
