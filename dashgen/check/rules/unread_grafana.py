"""Checks for environments whose Grafana is newer than the newest version that dashgen knows, or no release of Grafana.

## Why is this bad?

What a version accepts in provisioning files, and how it evaluates alert rules, was recorded or read up to the newest
version in `dashgen.grafana.versions`. A later version is rendered for and simulated as that one, without proof that it
behaves alike.

## Example

```python
Environment("prod", grafana="13.9")
```

## Use instead

Name the version that runs (`GET /api/health` returns it), or upgrade dashgen.

```python
Environment("prod", grafana="13.3")
```
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
                "name the version that is installed, or upgrade dashgen",
                owner=environment,
                path=f"environment {environment.name}",
            )


RULE = Rule("DG607", "unread-grafana", "warning", "project", check)
