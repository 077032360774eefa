"""Checks for an alert folder whose title contains the title of the dashboards' folder, or the reverse.

Nothing is reported where dashboards have several folders with different titles, or with `allow_ui_updates=True`:
Grafana does not search then.

## Why is this bad?

At startup Grafana 12.4 looks for duplicates of the folder that all dashboards are provisioned into. It searches for the
title, and takes everything that the search returns for a duplicate. It deletes the provisioned dashboards there, and
the folders if they are otherwise empty (pkg/services/dashboards/service/provisioning_cleanup.go; seen on 12.4.0, where
"Alerts of X" was tried for "X"). dashgen renders a provider without a folder, with which Grafana does not search; a
title of its own keeps the folder safe where somebody removes that provider.

## Example

```python
Folder("daemons", "Market data daemons")
AlertGroup("Daemons", folder="Alerts of the market data daemons", …)
```

## Use instead

Titles of which neither contains the other. The rules move to the new folder; the old one stays in Grafana, empty, until
somebody deletes it.

```python
Folder("daemons", "Market data daemons")
AlertGroup("Daemons", folder="On-call alerts", …)
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.model.core.display_path import display_path
from dashgen.model.project import Project
from dashgen.render.provisioning import guarded

_WORD = re.compile(r"\w+")


def check(whole: Whole) -> Iterator[RuleMatch]:
    dashboards = _titles(whole.project)
    told: set[str] = set()
    for group in whole.project.alerts:
        if group.folder in told:
            continue
        told.add(group.folder)
        for title in sorted(dashboards):
            if group.folder != title and _contained(group.folder, title):
                yield RuleMatch(
                    f"folder {group.folder!r} and the dashboards' folder {title!r} contain one another: Grafana 12.4"
                    " can take one for the other",
                    "give the alert folder another title",
                    owner=group,
                    path=display_path("alerts", group.name),
                )


def _titles(project: Project) -> set[str]:
    """Of the folders in which environments have all of their dashboards: there Grafana would look for duplicates."""
    names = {dashboard.folder for dashboard in project.dashboards}
    return {
        folder.title
        for environment in project.environments
        if guarded(environment, names)
        for name in names
        if (folder := environment.folder(name))
    }


def _contained(one: str, other: str) -> bool:
    """Whether one title has all words of the other, in whatever case and order: what a search for it finds."""
    a, b = ({word.casefold() for word in _WORD.findall(title)} for title in (one, other))
    return bool(a and b) and (a <= b or b <= a)


RULE = Rule("DG605", "contained-title", "warning", "project", check)
