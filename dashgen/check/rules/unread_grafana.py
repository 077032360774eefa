"""An environment's Grafana is newer than the newest one that dashgen knows, or no release of Grafana.

What a version takes in its provisioning files, and how it evaluates alert rules, was recorded or read up to the newest
one in `dashgen.grafana.versions`. A later one is rendered for and simulated as that one: nobody has looked whether it
is right there.

```python
Environment("prod", grafana="13.9")
```

Name the version that runs (`GET /api/health` tells it), or upgrade dashgen: `Environment("prod", grafana="13.3")`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.grafana.versions import unread


def check(whole: Whole) -> Iterator[RuleMatch]:
    for environment in whole.project.environments:
        if why := unread(environment.version):
            yield RuleMatch(
                f"Grafana {environment.grafana} is {why}",
                "name the version that runs, or upgrade dashgen",
                owner=environment,
                path=f"environment {environment.name}",
            )


RULE = Rule("DG607", "unread-grafana", "warning", "project", check)
