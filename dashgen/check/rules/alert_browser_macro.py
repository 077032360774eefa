"""Checks for dashboard variables, and macros that only the browser expands, in the SQL of an alert rule.

## Why is this bad?

Grafana's backend evaluates alert rules without a dashboard: `$host`, `$__from` and `$__conditionalAll` reach QuestDB
unchanged, which refuses them, and the rule is in the state Error.

## Example

```sql
SELECT host, uptime_seconds FROM daemon_metrics WHERE host IN (${host:sqlstring}) AND $__timeFilter(timestamp)
```

## Use instead

Write the value, or one that the build inserts from the environment: `${env:sqlstring}`, `${hosts:sqlstring}` and
`${hosts:rows}`. `$__timeFilter`, `$__fromTime` and `$__toTime` work in alert rules.

```sql
SELECT host, uptime_seconds FROM daemon_metrics WHERE host IN (${hosts:sqlstring}) AND $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.alert_binding import FORMS, unbound
from dashgen.grafana.datasources.macro_names import find
from dashgen.sql.lexer import macros


def check(subject: Subject) -> Iterator[RuleMatch]:
    if subject.role != "alert":
        return
    for ref in unbound(subject.sql):
        forms = " or ".join(f"${{{ref.name}:{form}}}" for form in FORMS.get(ref.name, ()))
        yield RuleMatch(
            f"an alert rule has no dashboard, so nothing replaces ${ref.name}",
            f"write {forms}, which the build replaces" if forms else "write the value itself",
            (ref.start, ref.end),
        )
    for macro in macros(subject.sql):
        known = find(subject.dialect, macro.name)
        if known is not None and known.side == "browser":
            yield RuleMatch(
                f"only the browser expands $__{macro.name}, and alert rules run in the backend",
                "$__fromTime, $__toTime and $__timeFilter(timestamp) work there",
                (macro.start, macro.end),
            )


RULE = Rule("DG501", "alert-browser-macro", "error", "text", check)
