"""The title of an alert folder holds that of the dashboards' folder, or the other way round.

At its start Grafana 12.4 looks for duplicates of the folder that all dashboards are provisioned into, by a search for
its title, and takes what else the search finds for one. It then deletes the provisioned dashboards, and the folders,
if nothing else is in them (pkg/services/dashboards/service/provisioning_cleanup.go; seen on 12.4.0: "Alerts of X"
was tried for "X"). The provider without a folder that dashgen renders keeps Grafana from looking at all; a title of
its own keeps the folder safe where somebody takes that provider away. Where dashboards have several folders with
different titles, or `allow_ui_updates=True`, Grafana doesn't look either, and nothing is said.

```python
Folder("daemons", "Market data daemons")
AlertGroup("Daemons", folder="Alerts of the market data daemons", …)
```

Write titles of which none holds the other's words: `folder="On-call alerts"`. The rules move to the new folder; the
old one stays in Grafana, empty, until somebody deletes it.
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
                    f"folder {group.folder!r} and the dashboards' folder {title!r} have the same words: Grafana 12.4"
                    " can take one for the other",
                    "give the alerts' folder a title of other words",
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
