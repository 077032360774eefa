"""Checks that every environment has the datasources that the dashboards name, and defaults that exist."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Annotation, Dashboard, RawAnnotation
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.variable import DatasourceVariable, EnvironmentVariable, QueryVariable
from dashgen.model.project import Project
from dashgen.project_checks.findings import finding
from dashgen.project_checks.missing_names import DATASOURCE, NameUse, lacking

Reader = Panel | Annotation | QueryVariable | DatasourceVariable


def check(project: Project) -> Iterator[Problem]:
    dashboards = [dashboard for dashboard in project.executed_dashboards if isinstance(dashboard, Dashboard)]
    read = [use for dashboard in dashboards for use in _uses(dashboard)]
    read += [
        NameUse(rule, (query.datasource or rule.datasource,))
        for rule in project.rules
        for query in rule.queries
        if "datasource" not in rule.refused
    ]
    yield from lacking(DATASOURCE, project.environments, read)
    for dashboard in dashboards:
        yield from _defaults(dashboard, project)


def _uses(dashboard: Dashboard) -> Iterator[NameUse]:
    for owner, names in _named(dashboard):
        if "datasource" in owner.refused:
            continue
        for name in names:
            if name is not None:
                logical = dashboard.logical(name)
                yield NameUse(owner, (name,) if logical == name else (name, logical))


def _named(dashboard: Dashboard) -> Iterator[tuple[Reader, tuple[str | None, ...]]]:
    """Whatever reads from a datasource, with the logical names that it gives."""
    for panel in dashboard.panels:
        if isinstance(panel, Panel) and (queries := panel.queries):
            named = [q.datasource for q in queries]
            yield panel, (panel.datasource, *named) if None in named else tuple(named)
    for annotation in dashboard.annotations:
        if isinstance(annotation, RawAnnotation):
            continue
        yield annotation, (annotation.datasource, annotation.query.datasource)
    for variable in dashboard.variables:
        if isinstance(variable, QueryVariable):
            yield variable, (variable.datasource, variable.query.datasource)
        elif isinstance(variable, DatasourceVariable):
            yield variable, (variable.datasource,)


def _defaults(dashboard: Dashboard, project: Project) -> Iterator[Problem]:
    """Grafana silently takes the first value for a default that is none (docs/facts/grafana.md, Dashboards)."""
    for variable in dashboard.variables:
        if not isinstance(variable, EnvironmentVariable):
            continue
        offered = variable.offered(project.env_values)
        if variable.default is None:
            lacking = [e for e in project.environments if e.env not in offered]
            wanted = tuple(dict.fromkeys(e.env for e in lacking))
            who = ", ".join(repr(e.name) for e in lacking)
            field = "values"
            message = f"values: {', '.join(map(repr, wanted))}, its default in {who} is not among them"
            hint = f"write values={(*offered, *wanted)}, or leave values out: it then has those of the environments"
        else:
            wanted = () if variable.default in offered else (variable.default,)
            field = "default"
            message = f"default: {variable.default!r} is not among its values: {', '.join(offered)}"
            hint = f"write values={(*offered, *wanted)}"
        if wanted:
            yield finding(variable, message, hint, field=field)
