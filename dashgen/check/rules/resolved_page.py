"""An alert that pages is resolved by a query that fails, or no rule tells that queries fail.

With `on_error="Error"` (the default) a failed query is an alert of its own, `DatasourceError`, and the rule's instances
are missing meanwhile: two evaluations later those that fire are resolved. With `"OK"` they are at the first evaluation.
Whoever was paged reads RESOLVED while the fault goes on and nobody sees it; when the database is back the page comes
anew, after `for_duration` (recorded on Grafana 12.3 and 12.4).

```python
AlertRule(uid="daemon-down", for_duration="1m", severity="critical", …)
```

`on_error="KeepLast"` (Grafana 10.4 and newer) keeps what fires firing and lets what is pending fire in its time. It
tells nothing of the database: leave `Error` to rules that don't page, at best to some without `for_duration`, which
delays errors too since 12.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.grafana.versions import KEEP_LAST
from dashgen.model.core.display_path import display_path

_RESOLVED = {
    "Error": "two evaluations after a query that fails what fires is resolved, as its series is missing",
    "OK": "a query that fails resolves what fires",
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
                f"on_error={rule.on_error!r}: {_RESOLVED[rule.on_error]}, and it pages",
                "on_error='KeepLast'; a rule that does not page tells of the database",
                owner=rule,
                path=path,
            )
    kept = [(group, rule) for group, rule in rules if rule.on_error == "KeepLast"]
    if kept and all(rule.on_error in ("KeepLast", "OK") for _, rule in rules):
        group, rule = kept[0]
        yield RuleMatch(
            "on_error='KeepLast', and no rule tells that queries fail: all are KeepLast or OK",
            "on_error='Error' in a rule that does not page",
            owner=rule,
            path=display_path("alerts", group.name, rule.uid),
        )


RULE = Rule("DG513", "resolved-page", "warning", "project", check)
