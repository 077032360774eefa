"""Queries as datasource plugins take them. The SDK has no SQL query type, so they are ours."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, cast

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

from dashgen.grafana.datasources.plugins import AUTHORS, PLUGINS, id_of
from dashgen.model.core.ids import panel_id
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.query import Format, PanelTarget, Query, RawQuery, SharedQuery
from dashgen.model.dashboards.variable import DatasourceVariable
from dashgen.model.environment import Environment, QuestDB
from dashgen.render.query import render_query
from dashgen.render.raw import merged

Reference: TypeAlias = dict[str, str]
"""A datasource's type and uid, as plain data: that is what it becomes at every panel and target anyway."""


class Target(Dataquery):
    """A query as its datasource's plugin has it."""

    __slots__ = ("data",)

    def __init__(self, data: dict[str, object]) -> None:
        self.data = data

    def to_json(self) -> dict[str, object]:
        return self.data


def reference(kind: str, uid: str) -> Reference:
    return {"type": kind, "uid": uid}


def sdk(reference: Reference) -> DataSourceRef:
    """As the SDK's models have it typed; they hand it on as it is."""
    return cast("DataSourceRef", reference)


def _target(ds: QuestDB, sql: str, ref_id: str, fmt: Format, ref: Reference, *, hide: bool = False) -> Target:
    return Target(PLUGINS[ds.plugin].target(sql, ref_id, fmt, ref, hide=hide))


class Datasources(NamedTuple):
    """The environment's datasources by their logical names, ready to be referred to."""

    by_name: dict[str, tuple[QuestDB, Reference]]

    @classmethod
    def of(cls, environment: Environment) -> Datasources:
        return cls(
            {
                name: (ds, reference(id_of(ds.plugin), environment.uid_prefix + ds.uid))
                for name, ds in environment.datasources.items()
            }
        )

    def chosen(self, dashboard: Dashboard) -> Datasources:
        """With the ones that the dashboard's viewer chooses: their references are variables."""
        more = {}
        for variable in dashboard.variables:
            if isinstance(variable, DatasourceVariable):
                datasource, _ = self.named(variable.datasource)
                ref = reference(id_of(datasource.plugin), f"${{{variable.name}}}")
                more[f"${variable.name}"] = more[f"${{{variable.name}}}"] = (datasource, ref)
        return Datasources({**self.by_name, **more}) if more else self

    def ref(self, name: str) -> Reference:
        return self.named(name)[1]

    def target(self, query: PanelTarget, name: str, ref_id: str, fmt: Format) -> Target:
        """A query of the named datasource, unless the query names one of its own."""
        if not isinstance(query, Query):
            return Target(raw_target(query, ref_id))
        datasource, ref = self.named(query.datasource or name)
        made = render_query(query.sql, datasource.plugin)
        target = _target(datasource, made.text.text, ref_id, query.format or fmt, ref, hide=query.hide)
        return Target(merged(target.data, query.raw)) if query.raw else target

    def alert_target(self, query: Query, name: str, ref_id: str, environment: Environment) -> Target:
        """A query of an alert rule: the environment's values are put in, as nobody chooses variables for it."""
        datasource, ref = self.named(query.datasource or name)
        made = render_query(query.sql, datasource.plugin, alert_of=environment)
        return _target(datasource, made.text.text, ref_id, query.format or "table", ref)

    def variable_sql(self, query: Query, name: str) -> str:
        """The text of a variable's query, with the value and its text where the plugin looks for them."""
        return render_query(query.sql, self.named(query.datasource or name)[0].plugin, is_variable=True).text.text

    def named(self, name: str) -> tuple[QuestDB, Reference]:
        """A name that the environment lacks renders as itself: `project.check` reports it, nothing is written, and
        the other errors of the run are still found."""
        known = self.by_name.get(name)
        return known or (QuestDB(name=name or "?"), reference(AUTHORS.id, name))


def raw_target(query: RawQuery | SharedQuery, ref_id: str) -> dict[str, object]:
    """A query of another datasource, as its author has it, or of another panel."""
    out: dict[str, object] = {**thaw(query.json), "refId": ref_id}
    if query.hide:
        out["hide"] = True
    if isinstance(query, SharedQuery):
        return out | {"datasource": reference("datasource", "-- Dashboard --"), "panelId": panel_id(query.panel)}
    if query.datasource is not None:
        given = {"type": query.datasource.type, "uid": query.datasource.uid}
        out["datasource"] = merged({key: text for key, text in given.items() if text}, query.datasource.raw)
    return out
