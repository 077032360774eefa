"""Queries as the two datasource plugins take them. The SDK has no SQL query type, so both are ours."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TypeAlias, cast

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

from dashgen.grafana.datasources.macros import Plugin
from dashgen.model.dashboards.dashboard import Dashboard
from dashgen.model.dashboards.query import Format, Query
from dashgen.model.dashboards.variable import DatasourceVariable
from dashgen.model.environment import Environment, QuestDB
from dashgen.render.query import render_query

Reference: TypeAlias = dict[str, str]
"""A datasource's type and uid, as plain data: that is what it becomes at every panel and target anyway."""


class QuestDBTarget(Dataquery):
    """`questdb-questdb-datasource` (its src/types.ts): format 0 is time series, 1 table."""

    __slots__ = ("datasource", "format", "hide", "ref_id", "sql")

    def __init__(self, sql: str, ref_id: str, fmt: Format, datasource: Reference, hide: bool) -> None:
        self.sql, self.ref_id, self.format = sql, ref_id, 0 if fmt == "time_series" else 1
        self.datasource, self.hide = datasource, hide

    def to_json(self) -> dict[str, object]:
        out: dict[str, object] = {
            "datasource": self.datasource,
            "format": self.format,
            "queryType": "sql",
            "rawSql": self.sql,
            "refId": self.ref_id,
            "selectedFormat": self.format,
        }
        if self.hide:
            out["hide"] = True
        return out


class PostgresTarget(Dataquery):
    """Grafana's built-in PostgreSQL datasource; its SQL has that one's macros."""

    __slots__ = ("datasource", "format", "hide", "ref_id", "sql")

    def __init__(self, sql: str, ref_id: str, fmt: Format, datasource: Reference, hide: bool) -> None:
        self.sql, self.ref_id, self.format = sql, ref_id, fmt
        self.datasource, self.hide = datasource, hide

    def to_json(self) -> dict[str, object]:
        out: dict[str, object] = {
            "datasource": self.datasource,
            "editorMode": "code",
            "format": self.format,
            "rawQuery": True,
            "rawSql": self.sql,
            "refId": self.ref_id,
        }
        if self.hide:
            out["hide"] = True
        return out


TARGETS: dict[Plugin, type[QuestDBTarget | PostgresTarget]] = {"questdb": QuestDBTarget, "postgres": PostgresTarget}
REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def reference(kind: str, uid: str) -> Reference:
    return {"type": kind, "uid": uid}


def sdk(reference: Reference) -> DataSourceRef:
    """As the SDK's models have it typed; they hand it on as it is."""
    return cast("DataSourceRef", reference)


class Datasources(NamedTuple):
    """The environment's datasources by their logical names, ready to be referred to; each has its name in Grafana."""

    by_name: dict[str, tuple[QuestDB, Reference]]

    @classmethod
    def of(cls, environment: Environment) -> Datasources:
        return cls(
            {
                name: (
                    replace(ds, name=environment.datasource_name(ds)),
                    reference(ds.type, environment.uid_prefix + ds.uid),
                )
                for name, ds in environment.datasources.items()
            }
        )

    def chosen(self, dashboard: Dashboard) -> Datasources:
        """With the ones that the dashboard's viewer chooses: their references are variables."""
        more = {}
        for variable in dashboard.variables:
            if isinstance(variable, DatasourceVariable):
                datasource, _ = self.named(variable.datasource)
                ref = reference(datasource.type, f"${{{variable.name}}}")
                more[f"${variable.name}"] = more[f"${{{variable.name}}}"] = (datasource, ref)
        return Datasources({**self.by_name, **more}) if more else self

    def ref(self, name: str) -> Reference:
        return self.named(name)[1]

    def target(self, query: Query, name: str, ref_id: str, fmt: Format) -> QuestDBTarget | PostgresTarget:
        """A query of the named datasource, unless the query names one of its own."""
        datasource, ref = self.named(query.datasource or name)
        made = render_query(query.sql, datasource.plugin)
        return TARGETS[datasource.plugin](made.text.text, ref_id, query.format or fmt, ref, query.hide)

    def alert_target(
        self, query: Query, name: str, ref_id: str, environment: Environment
    ) -> QuestDBTarget | PostgresTarget:
        """A query of an alert rule: the environment's values are put in, as nobody chooses variables for it."""
        datasource, ref = self.named(query.datasource or name)
        made = render_query(query.sql, datasource.plugin, alert_of=environment)
        return TARGETS[datasource.plugin](made.text.text, ref_id, query.format or "table", ref, False)

    def variable_sql(self, query: Query, name: str) -> str:
        """The text of a variable's query, with the value and its text where the plugin looks for them."""
        return render_query(query.sql, self.named(query.datasource or name)[0].plugin, is_variable=True).text.text

    def named(self, name: str) -> tuple[QuestDB, Reference]:
        """A name that the environment lacks renders as itself: `project.check` reports it, nothing is written, and
        the other errors of the run are still found."""
        known = self.by_name.get(name)
        return known or (QuestDB(name=name or "?"), reference(QuestDB().type, name))
