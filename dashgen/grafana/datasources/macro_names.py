"""The macros of each plugin by its name."""

from __future__ import annotations

from dashgen.grafana.datasources.macros import Macro
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.model.environment import Plugin


def find(plugin: Plugin, name: str) -> Macro | None:
    """`name` without `$__`."""
    return PLUGINS[plugin].macros.find(name)


def check(sql: str, plugin: Plugin) -> None:
    """Raises `MacroError` for the first macro that the datasource does not know, or that becomes what QuestDB
    refuses."""
    PLUGINS[plugin].macros.check(sql)
