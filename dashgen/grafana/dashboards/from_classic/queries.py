"""Queries and the plugins of their data sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from dashgen.grafana.dashboards.document import Json, mapping, objects, text
from dashgen.grafana.dashboards.from_classic.members import flag
from dashgen.grafana.dashboards.migrations.datasource_references import MIXED, DataSource
from dashgen.grafana.dashboards.v2.queries import DATA_QUERY, TEXT_OF_QUERY, DataQuery

NO_PLUGIN = "grafana"
"""What Grafana takes for the plugin of the default data source where it has none."""


class Plugins:
    """Plugins of data sources by uid."""

    def __init__(self, sources: Iterable[DataSource] = ()) -> None:
        known = tuple(sources)
        self._by_uid = {source.uid: source.type for source in known}
        self.of_default = next((source.type for source in reversed(known) if source.is_default), NO_PLUGIN)

    def reference(self, value: object) -> tuple[str, str]:
        """The plugin and the uid; a variable has no plugin to be found."""
        reference = mapping(value)
        plugin, uid = text(reference.get("type")), text(reference.get("uid"))
        if uid and not plugin and not uid.startswith("$"):
            plugin = self._by_uid.get(uid, self.of_default)
        if plugin == "datasource" and not uid:
            uid = "grafana"
        return plugin, uid


def data_query(query: DataQuery) -> Json:
    found: Json = {"kind": DATA_QUERY, "group": query.plugin, "version": "v0", "spec": query.model}
    return {**found, "datasource": {"name": query.uid}} if query.uid else found


def model_of(query: object) -> Json:
    """A query that is a text gets a member for it."""
    if isinstance(query, str) and query:
        return {TEXT_OF_QUERY: query}
    return mapping(query)


def panel_queries(panel: Json, plugins: Plugins) -> list[Json]:
    """Targets without a data source have that of the panel, unless it is that for several."""
    targets = list(objects(panel.get("targets")))
    names = _free_names(targets)
    of_panel = plugins.reference(panel.get("datasource"))
    if of_panel[1] == MIXED:
        of_panel = ("", "")
    queries = []
    for target in targets:
        plugin, uid = plugins.reference(target.get("datasource"))
        if not plugin and not uid:
            plugin, uid = of_panel
        model = {key: value for key, value in target.items() if key not in ("refId", "hide", "datasource")}
        spec = {
            "refId": text(target.get("refId")) or next(names),
            "hidden": flag(target.get("hide")),
            "query": data_query(DataQuery(plugin, uid, model)),
        }
        queries.append({"kind": "PanelQuery", "spec": spec})
    return queries


def _free_names(targets: list[Json]) -> Iterator[str]:
    taken = {target["refId"] for target in targets if isinstance(target.get("refId"), str)}
    return (name for name in map(_letters, count()) if name not in taken)


def _letters(number: int) -> str:
    """A to Z, then AA and so on."""
    letter = chr(ord("A") + number % 26)
    return letter if number < 26 else _letters(number // 26 - 1) + letter
