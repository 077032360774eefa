"""Checks that links lead to dashboards of the project, and hand over variables that are there."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.dashboard import Dashboard
from dashgen.model.field import DataLink
from dashgen.model.link import Link
from dashgen.model.panel import Panel
from dashgen.model.problems import Problem
from dashgen.model.project import Project
from dashgen.project.findings import finding, known


def check(project: Project) -> Iterator[Problem]:
    listed = {id(d) for d in project.dashboards}
    for dashboard in project.dashboards:
        if isinstance(dashboard, Dashboard):
            for link in _links(dashboard):
                yield from _link(link, listed)


def _links(dashboard: Dashboard) -> Iterator[Link | DataLink]:
    for panel in dashboard.panels:
        if isinstance(panel, Panel):
            yield from panel.links
            yield from panel.data_links
            for override in panel.overrides:
                yield from override.data_links
    yield from dashboard.links


def _link(link: Link | DataLink, listed: set[int]) -> Iterator[Problem]:
    if link.dashboard is not None and id(link.dashboard) not in listed:
        yield finding(link, f"links to {link.dashboard.uid!r}, which PROJECT does not list", "add it to dashboards")
    if isinstance(link, DataLink) and link.dashboard is not None:
        theirs = {v.name for v in link.dashboard.variables}
        for name in link.variables:
            if name not in theirs:
                yield finding(link, f"{link.dashboard.uid!r} has no variable {name!r}", known(theirs))
