"""`now()` in a query of a dashboard or an alert.

It is the server's clock, not the end of the range: a dashboard that looks at last Tuesday shows ages and states of
today, a shared link shows each reader something else, and a test or a preview at another moment can't run it.

```sql
WHERE timestamp > dateadd('h', -1, now())
```

Write `$__toTime`, or `$__timeFilter(timestamp)`. Where the range may end in the future ("today"), the end that has
happened is `least($__toTime, now())`: that is no finding in a panel. It is one in an alert, whose range ends when it is
evaluated: a test and a backtest evaluate it at moments of their own. So is `timestamp IN '$now - 1h..$now'` there.
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
