"""Queries of a v2 dashboard and their data sources, for panels, variables and annotations.

In v2beta1 and v2 a query has the plugin as `group` and the data source within; in v2alpha1 the plugin is its `kind` and
the data source is beside it (read in apps/dashboard/pkg/migration/conversion/v2beta1_to_v2alpha1.go).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashgen.grafana.dashboards.document import Json
from dashgen.grafana.dashboards.migrations.datasource_references import MIXED
from dashgen.grafana.dashboards.v2.json_object import JsonObject

DATA_QUERY = "DataQuery"
DASHBOARD = "-- Dashboard --"
EXPORT_LABEL = "grafana.app/export-label"
"""Read in dashboard-scene's exporters.ts; seen in published exports of 13."""
TEXT_OF_QUERY = "__legacyStringValue"
"""The member of a query that was only a text in the classic form."""


@dataclass(frozen=True, slots=True)
class DataQuery:
    plugin: str
    uid: str
    model: Json

    @property
    def datasource(self) -> Json | None:
        """As the classic form refers to it: by uid and plugin, or by plugin alone."""
        reference = {"type": self.plugin} if self.plugin else {}
        if self.uid:
            reference["uid"] = self.uid
        return reference or None


def query_of(owner: JsonObject) -> DataQuery:
    """The query of a panel query, a variable or an annotation, given its spec."""
    query = owner.node("query")
    if query.kind == DATA_QUERY or query.has("group"):
        plugin, uid = query.text("group"), query.node("datasource").text("name")
        uid = uid or placeholder(query, plugin)
    else:
        beside = owner.node("datasource")
        uid = beside.text("uid")
        plugin = (beside.text("type") if uid else "") or query.kind
    return DataQuery(plugin, uid, query.object("spec"))


def placeholder(owner: JsonObject, plugin: str) -> str:
    """What an export for sharing leaves of a data source: a label, such as `${prometheus-1}`."""
    label = owner.node("labels").text(EXPORT_LABEL)
    if label and plugin == "grafana":
        return "-- Grafana --"
    return "${" + label + "}" if label else ""


def target(panel_query: JsonObject) -> Json:
    spec = panel_query.spec
    query = query_of(spec)
    found = dict(query.model)
    if TEXT_OF_QUERY in found:
        value = found.pop(TEXT_OF_QUERY)
        if isinstance(value, str):
            found["query"] = value
    found["refId"] = spec.text("refId")
    if spec.flag("hidden"):
        found["hide"] = True
    if query.datasource:
        found["datasource"] = query.datasource
    return found


def datasource_of_panel(panel_queries: list[JsonObject]) -> Json | None:
    """That of its queries where it is one and the same; queries of other panels count as different ones."""
    queries = [query_of(node.spec) for node in panel_queries]
    sources = {(query.uid, query.plugin) for query in queries}
    if len(sources) > 1 or sum(query.uid == DASHBOARD for query in queries) > 1:
        return {"type": "mixed", "uid": MIXED}
    if not queries:
        return None
    if queries[0].uid == DASHBOARD:
        return {"type": "datasource", "uid": DASHBOARD}
    return queries[0].datasource
