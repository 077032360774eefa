"""Checks for critical alert rules whose firing alerts are resolved when their query fails, and projects in which no
rule notifies of failing queries.

## Why is this bad?

With `on_error="Error"` (the default) a failing query is an alert of its own, `DatasourceError`. The rule's own series
are missing meanwhile, and two evaluations later its firing alerts are resolved; with `"OK"` they are resolved at the
first evaluation. The on-call engineer reads RESOLVED while the fault continues. When the database is back, the alert
fires again after `for_duration` (recorded on Grafana 12.3 and 12.4).

## Example

```python
AlertRule(uid="daemon-down", for_duration="1m", severity="critical", …)
```

## Use instead

`on_error="KeepLast"` (Grafana 10.4 and newer) keeps firing alerts firing and lets pending ones fire in time. It does
not notify of the database: leave `Error` to a rule that is not critical, best without `for_duration`, which also delays
errors since 12.4.

```python
AlertRule(uid="daemon-down", for_duration="1m", severity="critical", on_error="KeepLast", …)
AlertRule(uid="daemon-errors", severity="warning", …)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.grafana.versions import KEEP_LAST
from dashgen.model.core.display_path import display_path

_RESOLVED = {
    "Error": "two evaluations after its query fails, firing alerts are resolved, as their series are missing",
    "OK": "a failing query resolves firing alerts",
}


def check(whole: Whole) -> Iterator[RuleMatch]:
    environments = whole.project.environments
    if not environments or not all(KEEP_LAST.holds(environment.version) for environment in environments):
        return
    rules = [(group, rule) for group in whole.project.alerts for rule in group.rules if not rule.paused]
    for group, rule in rules:
        path = display_path("alerts", group.name, rule.uid)
        if rule.severity == "critical" and rule.on_error in _RESOLVED:
            yield RuleMatch(
                f"on_error={rule.on_error!r}: {_RESOLVED[rule.on_error]}, and the rule is critical",
                "on_error='KeepLast'; leave on_error='Error' to a rule that is not critical",
                owner=rule,
                path=path,
            )
    kept = [(group, rule) for group, rule in rules if rule.on_error == "KeepLast"]
    if kept and all(rule.on_error in ("KeepLast", "OK") for _, rule in rules):
        group, rule = kept[0]
        yield RuleMatch(
            "on_error='KeepLast', and no rule notifies of failing queries: all are KeepLast or OK",
            "on_error='Error' in a rule that is not critical",
            owner=rule,
            path=display_path("alerts", group.name, rule.uid),
        )


RULE = Rule("DG513", "resolved-page", "warning", "project", check)
