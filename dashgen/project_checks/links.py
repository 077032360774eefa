"""Checks that links lead to dashboards of the project, hand over variables that are there, and are to be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.deferred import variable_names
from dashgen.model.dashboards.field import DataLink
from dashgen.model.dashboards.link import Link
from dashgen.model.dashboards.panel import Panel
from dashgen.model.environment import Environment
from dashgen.model.project import AnyDashboard, Project
from dashgen.project_checks.findings import finding, known

_NO_LISTS_IN_MENU = (12, 3)
"""The version whose menu leaves out links by tags (grafana#115084; mended by grafana#115381 of December 2025, read)."""


def check(project: Project) -> Iterator[Problem]:
    by_uid = {d.uid: d for d in project.dashboards}
    leaves_out = [e for e in project.environments if e.version == _NO_LISTS_IN_MENU]
    for dashboard in project.executed_dashboards:
        if isinstance(dashboard, Dashboard):
            for link in links_of(dashboard):
                yield from _link(link, by_uid)
            for link in dashboard.links:
                if link.tags and link.placement == "menu":
                    yield from (_nowhere(link, environment) for environment in leaves_out)


def _nowhere(link: Link, environment: Environment) -> Problem:
    return finding(
        link,
        f"placement: Grafana {environment.grafana} of {environment.name!r} does not show links by tags in the menu",
        "leave placement out, or link to single dashboards; 12.4 shows them",
        field="placement",
    )


def links_of(dashboard: Dashboard) -> Iterator[Link | DataLink]:
    """The links of a dashboard and its panels."""
    for panel in dashboard.panels:
        if isinstance(panel, Panel):
            yield from panel.links
            yield from panel.data_links
            for override in panel.overrides:
                yield from override.data_links
    yield from dashboard.links


def _link(link: Link | DataLink, by_uid: Mapping[str, AnyDashboard]) -> Iterator[Problem]:
    if link.dashboard is None:
        return
    uid = link.dashboard if isinstance(link.dashboard, str) else link.dashboard.uid
    target = by_uid.get(uid)
    if target is None or (not isinstance(link.dashboard, str) and target is not link.dashboard):
        yield finding(link, f"links to {uid!r}, which PROJECT does not list", "add it to dashboards", field="dashboard")
    elif isinstance(link, DataLink) and isinstance(target, Dashboard):
        theirs = variable_names(target)
        for name in link.variables:
            if name not in theirs:
                yield finding(link, f"{uid!r} has no variable {name!r}", known(theirs), field=f"variables.{name}")
