"""What is wrong with the SQL of a document, found by rendering its queries."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.model.alerting.alert import AlertGroup
from dashgen.model.core.problems import Problem
from dashgen.model.core.source_map.position import Spot
from dashgen.model.dashboards.dashboard import Dashboard, RawAnnotation
from dashgen.model.dashboards.foreign import ForeignPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import Query
from dashgen.model.dashboards.variable import QueryVariable
from dashgen.model.environment import Environment
from dashgen.render.foreign import foreign_panel
from dashgen.render.query import RenderedQuery, render_query
from dashgen.render.targets import Datasources


def of_dashboard(value: Dashboard, environment: Environment, datasources: Datasources) -> Iterator[Problem]:
    """Of its panels, variables and annotations, in this order."""
    known = datasources.chosen(value)

    def made(query: Query, name: str, *, is_variable: bool = False) -> RenderedQuery:
        plugin = known.named(query.datasource or name)[0].plugin
        return render_query(query.sql, plugin, is_variable=is_variable)

    for panel in value.panels:
        if isinstance(panel, ForeignPanel):
            yield from foreign_panel(panel, environment).problems
            continue
        if isinstance(panel, Panel):
            for query in panel.queries:
                if (rendered := made(query, panel.datasource)).error:
                    yield from _problem(query, rendered)
    for variable in value.variables:
        if isinstance(variable, QueryVariable):
            yield from _problem(variable.query, made(variable.query, variable.datasource, is_variable=True))
    for annotation in value.annotations:
        if isinstance(annotation, RawAnnotation):
            continue
        yield from _problem(annotation.query, made(annotation.query, annotation.datasource))


def of_alerts(group: AlertGroup, environment: Environment, datasources: Datasources) -> Iterator[Problem]:
    for rule in group.rules:
        for query in rule.queries:
            plugin = datasources.named(query.datasource or rule.datasource)[0].plugin
            yield from _problem(query, render_query(query.sql, plugin, alert_of=environment))


def _problem(query: Query, made: RenderedQuery) -> Iterator[Problem]:
    if error := made.error:
        spot = Spot(query.sql, error.start)
        yield Problem(query.called(), error.message, error.hint, query.source, query, "sql", spot)
