"""A rule's `for_duration` is no multiple of its group's interval.

A rule is looked at once an interval, so it fires at the first look at which the time is over: with an interval of 10s,
15s behaves like 20s (recorded with Grafana 9.4). The number that is written says something that does not happen.

```python
AlertGroup("daemons", interval="10s", rules=(AlertRule(for_duration="15s", …),), …)
```

Write the multiple that is meant, or change the interval.
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
