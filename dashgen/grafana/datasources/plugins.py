"""The datasource plugins that dashgen knows: where one is registered."""

from __future__ import annotations

from collections.abc import Mapping

from dashgen.grafana.datasources.plugin import DatasourcePlugin, Release
from dashgen.grafana.datasources.postgres import PostgresPlugin
from dashgen.grafana.datasources.questdb_plugin import QuestDBPlugin
from dashgen.model.environment import DEFAULT_PLUGIN, Plugin

_ALL: tuple[DatasourcePlugin, ...] = (QuestDBPlugin(), PostgresPlugin())
PLUGINS: Mapping[Plugin, DatasourcePlugin] = {plugin.name: plugin for plugin in _ALL}
AUTHORS = PLUGINS[DEFAULT_PLUGIN]
"""The one whose macros authors write, whatever their queries are rendered for."""
BY_ID: Mapping[str, Plugin] = {one: plugin.name for plugin in _ALL for one in (plugin.id, *plugin.other_ids)}
"""By the ids that dashboards have."""
RELEASES: Mapping[str, Release] = {plugin.id: plugin.release for plugin in _ALL if plugin.release is not None}
"""By their ids, those that are not part of Grafana."""


def id_of(plugin: Plugin) -> str:
    """The plugin's id in Grafana."""
    return PLUGINS[plugin].id


def of_type(kind: object) -> Plugin:
    """Of a datasource's type in a rendered file. What is not known is asked as PostgreSQL is, whose wire protocol
    QuestDB speaks."""
    return BY_ID.get(str(kind), PostgresPlugin.name)
