"""Checks each dashboard by itself: its uid, its panels' ids, what they repeat by, what they say."""

from __future__ import annotations

from collections.abc import Iterator, Set

from dashgen.model.core.ids import panel_id
from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.deferred import panel_keys, variable_names
from dashgen.model.dashboards.field import ByQuery
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import SharedQuery
from dashgen.model.project import Project
from dashgen.project_checks.findings import finding, known


def check(project: Project) -> Iterator[Problem]:
    for dashboard in project.executed_dashboards:
        if isinstance(dashboard, Dashboard):
            yield from _ids(dashboard)
            yield from _rows(dashboard)
        elif not dashboard.uid:
            yield finding(dashboard, "needs a uid", "set the dashboard's uid")


def _ids(dashboard: Dashboard) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for row in dashboard.rows:
        for thing in (*([row] if row.title else ()), *row.panels):
            other = seen.setdefault(panel_id(thing.slug), thing.slug)
            if other != thing.slug:
                yield finding(
                    thing,
                    f"its key {thing.slug!r} gives the panel id that {other!r} has",
                    "give it another key",
                    field="key" if thing.key else "title",
                )


def _rows(dashboard: Dashboard) -> Iterator[Problem]:
    names = variable_names(dashboard)
    for row in dashboard.rows:
        if row.repeat and row.repeat not in names and not dashboard.imported:
            yield finding(row, f"repeat: the dashboard has no variable {row.repeat!r}", known(names), field="repeat")
        for panel in row.panels:
            if isinstance(panel, Panel):
                yield from _panel(panel, names, dashboard)


def _panel(panel: Panel, names: Set[str], dashboard: Dashboard) -> Iterator[Problem]:
    if panel.repeat and panel.repeat not in names and not dashboard.imported:
        yield finding(panel, f"repeat: the dashboard has no variable {panel.repeat!r}", known(names), field="repeat")
    described = panel.description or "description" in panel.refused
    if panel.NEEDS_QUERY and not described and not dashboard.imported:
        yield finding(panel, "has no description", "describe what it shows and what to do when it is bad")
    for query in panel.targets:
        if isinstance(query, SharedQuery) and not _has(dashboard, query.panel):
            said = f"panel: the dashboard has no panel of key {query.panel!r}"
            yield finding(query, said, known(panel_keys(dashboard), "keys"))
    for override in panel.overrides:
        queries = {q.name for q in panel.targets}
        if isinstance(override.match, ByQuery) and override.match.query not in queries:
            yield finding(
                override, f"names the query {override.match.query!r}", known(queries, "queries"), field="match"
            )


def _has(dashboard: Dashboard, key: str) -> bool:
    return any(panel.key == key for panel in dashboard.panels)
