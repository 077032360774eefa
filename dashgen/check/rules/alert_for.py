"""Checks for a pending period (`for_duration`) that is not a multiple of the group's evaluation interval.

## Why is this bad?

Grafana evaluates a rule once per interval, so that it fires at the first evaluation after the pending period: with an
interval of 10s, 15s behaves like 20s (recorded with Grafana 9.4). The number in the spec is not what happens.

## Example

```python
AlertGroup("daemons", interval="10s", rules=(AlertRule(for_duration="15s", …),), …)
```

## Use instead

```python
AlertGroup("daemons", interval="10s", rules=(AlertRule(for_duration="20s", …),), …)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.grafana.durations import duration
from dashgen.model.core.display_path import display_path
from dashgen.model.core.durations import Duration


def check(whole: Whole) -> Iterator[RuleMatch]:
    for group in whole.project.alerts:
        every = Duration.parse(group.interval).seconds
        for rule in group.rules:
            held = Duration.parse(rule.for_duration).seconds
            if held % every:
                real = duration((held // every + 1) * every)
                yield RuleMatch(
                    f"for_duration={rule.for_duration!r} behaves like {real!r}: evaluated every {every:g} s",
                    f"for_duration={real!r}",
                    owner=rule,
                    path=display_path("alerts", group.name, rule.uid),
                )


RULE = Rule("DG509", "alert-for", "warning", "project", check)
