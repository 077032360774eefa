"""Checks that every `$variable` in a dashboard's SQL, titles, descriptions and links is one of its variables."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.loading.fstrings import doubled, substituted
from dashgen.model.core.node import Node
from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.dashboard import Annotation, Dashboard, RawAnnotation
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import Query
from dashgen.model.dashboards.variable import QueryVariable
from dashgen.model.project import Project
from dashgen.project_checks.findings import finding, known
from dashgen.sql.lexer import dashboard_names, variable_names


def check(project: Project) -> Iterator[Problem]:
    for dashboard in project.executed_dashboards:
        if isinstance(dashboard, Dashboard) and not dashboard.imported:
            yield from _dashboard(dashboard)


def _dashboard(dashboard: Dashboard) -> Iterator[Problem]:
    names = {v.name for v in dashboard.variables}
    for row in dashboard.rows:
        yield from _unknown(row, names, title=row.title)
        for panel in row.panels:
            if isinstance(panel, Panel):
                yield from _panel(panel, names)
    for annotation in dashboard.annotations:
        if isinstance(annotation, RawAnnotation):
            continue
        yield from _sql(annotation.query, annotation, names)
    for variable in dashboard.variables:
        if isinstance(variable, QueryVariable):
            yield from _sql(variable.query, variable, names - {variable.name})
    for link in dashboard.links:
        yield from _unknown(link, names, title=link.title, url=link.url)


def _panel(panel: Panel, names: set[str]) -> Iterator[Problem]:
    for query in panel.queries:
        yield from _sql(query, panel, names)
    own = {field: getattr(panel, field) for field in (*panel.TEXTS, *panel.ALERT_FILTERS)}
    yield from _unknown(panel, names, title=panel.title, description=panel.description, **own)
    for link in panel.links:
        yield from _unknown(link, names, title=link.title, url=link.url)
    for options in (panel, *panel.overrides):
        if options.display_name:
            yield from _unknown(options, names, display_name=options.display_name)
        for data_link in options.data_links:
            texts = " ".join(data_link.variables.values())
            yield from _unknown(data_link, names, title=data_link.title, url=data_link.url, variables=texts)


def _sql(query: Query, owner: Panel | Annotation | QueryVariable, names: set[str]) -> Iterator[Problem]:
    for name in sorted(dashboard_names(query.sql) - names):
        replaced = substituted(query.sql, query.source)
        yield Problem(
            owner.called(), f"the SQL uses ${name}, which is not a variable of this dashboard",
            doubled(replaced) if replaced else known(names),
            replaced.source if replaced else query.source or owner.source, owner, "" if replaced else "sql",
        )  # fmt: skip


def _unknown(owner: Node, names: set[str], **texts: str) -> Iterator[Problem]:
    """A number after the sign is money (`$5`), not a variable."""
    for field, text in texts.items():
        unknown = variable_names(text) - names
        for name in sorted(n for n in unknown if not n[0].isdigit()) if unknown else ():
            replaced = substituted(text, owner.source)
            hint = doubled(replaced) if replaced else known(names)
            yield finding(owner, f"{field}: ${name} is not a variable of this dashboard", hint, field=field)
