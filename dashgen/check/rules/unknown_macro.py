"""Checks for macros that the data source does not know or can't expand.

Queries are written with the macros of the QuestDB plugin: `$__timeFilter(column)`, `$__fromTime`, `$__toTime`,
`$__sampleByInterval`, and Grafana's own `$__interval`, `$__interval_ms`, `$__from` and `$__to`. For Grafana's
PostgreSQL data source they are translated.

## Why is this bad?

A macro that the plugin does not know reaches the server unchanged, and the server refuses the query. A macro without a
counterpart in the PostgreSQL data source can't be rendered for it.

## Example

```sql
SELECT host FROM daemon_metrics WHERE $__timeFiltr(timestamp)   -- no such macro
```

## Use instead

```sql
SELECT host FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Refusal, Rule, RuleMatch


def check(refusal: Refusal) -> Iterator[RuleMatch]:
    if refusal.macro:
        yield RuleMatch(refusal.message, refusal.hint, refusal.at)


RULE = Rule("DG102", "unknown-macro", "error", "answer", check)
