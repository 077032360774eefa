"""Checks for titles of alert folders, groups and rules, and for names of contact points, that differ only by case or
blanks from another one in the same place.

Names of mute timings and notification templates, which a page does not show, are not checked.

## Why is this bad?

Readers can't tell them apart, and neither can a Grafana whose database is MySQL: its collation takes `Disk full` and
`disk full ` as equal. Two such rules in one folder are refused before Grafana 12.4 (a unique index), the rules of two
such groups are read and deleted together (read: grafana#88990, grafana#82008), and an alert folder is found by its
title. SQLite and PostgreSQL compare exactly.

Every Grafana compares names of contact points exactly, so that `on-call` and `On-call` are two. Whoever edits a policy
or a rule in Grafana chooses from a list in which they look the same, and the wrong one is notified.

## Example

```python
AlertGroup("Disks", folder="Storage", …)
AlertGroup("disks", folder="Storage", …)
```

## Use instead

```python
AlertGroup("Disks", folder="Storage", …)
AlertGroup("Disk latency", folder="Storage", …)
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dashgen.check.rule import Rule, RuleMatch, Whole
from dashgen.model.core.display_path import display_path
from dashgen.model.project import Project

_MYSQL = "which MySQL takes as equal"
_WHY = {"contact point": "which nobody tells apart in a list"}


class _Titled(NamedTuple):
    """What has a title, which others it must not be confused with, and where it is."""

    kind: str
    scope: str
    title: str
    owner: object
    path: str


def check(whole: Whole) -> Iterator[RuleMatch]:
    known: dict[tuple[str, str, str], str] = {}
    told: set[tuple[str, str]] = set()
    for one in _titled(whole.project):
        other = known.setdefault((one.kind, one.scope, " ".join(one.title.casefold().split())), one.title)
        if _is_same(one.kind, other, one.title) or (one.kind, one.title) in told:
            continue
        told.add((one.kind, one.title))
        yield RuleMatch(
            f"{one.kind}s {other!r} and {one.title!r} differ only by case or blanks, {_WHY.get(one.kind, _MYSQL)}",
            "give one of them another name" if one.kind in _WHY else "give one of them another title",
            owner=one.owner,
            path=one.path,
        )


def _is_same(kind: str, one: str, other: str) -> bool:
    """Whether it is no news: dashboards and folders are saved without blanks around, so that these are an error."""
    return one.strip() == other.strip() if kind in ("dashboard", "folder") else one == other


def _titled(project: Project) -> Iterator[_Titled]:
    for dashboard in project.dashboards:
        yield _Titled("dashboard", dashboard.folder, dashboard.title, dashboard, dashboard.uid)
    for group in project.alerts:
        at = display_path("alerts", group.name)
        yield _Titled("alert group", group.folder, group.name, group, at)
        for rule in group.rules:
            yield _Titled("alert rule", group.folder, rule.title, rule, display_path(at, rule.uid))
    for point in project.contact_points:
        yield _Titled("contact point", "", point.name, point, point.called())
    for environment in project.environments:
        for folder in environment.folders.values():
            yield _Titled("folder", environment.name, folder.title, environment, f"environment {environment.name}")
        for group in project.alerts:
            yield _Titled("folder", environment.name, group.folder, group, display_path("alerts", group.name))


RULE = Rule("DG606", "similar-title", "warning", "project", check)
