"""Checks that every `$variable` in the SQL of a dashboard is one of its variables."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.dashboard import Annotation, Dashboard
from dashgen.model.panel import Panel
from dashgen.model.problems import Problem
from dashgen.model.project import Project
from dashgen.model.query import Query
from dashgen.model.sql import variables
from dashgen.model.variable import QueryVariable
from dashgen.project.findings import known


def check(project: Project) -> Iterator[Problem]:
    for dashboard in project.dashboards:
        if isinstance(dashboard, Dashboard):
            yield from _dashboard(dashboard)


def _dashboard(dashboard: Dashboard) -> Iterator[Problem]:
    names = {v.name for v in dashboard.variables}
    for panel in dashboard.panels:
        if isinstance(panel, Panel):
            for query in panel.queries:
                yield from _unknown(query, panel, names)
    for annotation in dashboard.annotations:
        yield from _unknown(annotation.query, annotation, names)
    for variable in dashboard.variables:
        if isinstance(variable, QueryVariable):
            yield from _unknown(variable.query, variable, names - {variable.name})


def _unknown(query: Query, owner: Panel | Annotation | QueryVariable, names: set[str]) -> Iterator[Problem]:
    for name in sorted({v.name for v in variables(query.sql)} - names):
        yield Problem(
            owner.called(), f"the SQL uses ${name}, which is no variable of this dashboard", known(names),
            query.source or owner.source, owner,
        )  # fmt: skip
