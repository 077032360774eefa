"""The datasource does not know the macro, or can't expand it.

Authors write the macros of the QuestDB plugin, whatever the SQL is rendered for; for Grafana's PostgreSQL datasource
they are translated. A macro that the plugin does not know reaches the server as it is; one that PostgreSQL's has no
counterpart for can't be rendered there.

```sql
SELECT host FROM daemon_metrics WHERE $__timeFiltr(timestamp)   -- no such macro
```

The QuestDB plugin expands `$__timeFilter(column)`, `$__fromTime`, `$__toTime` and `$__sampleByInterval`; Grafana's own
are `$__interval`, `$__interval_ms`, `$__from` and `$__to`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Refusal, Rule, RuleMatch


def check(refusal: Refusal) -> Iterator[RuleMatch]:
    if refusal.macro:
        yield RuleMatch(refusal.message, refusal.hint, refusal.at)


RULE = Rule("DG102", "unknown-macro", "error", "answer", check)
