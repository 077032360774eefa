"""A text with the values of a dashboard's variables."""

from __future__ import annotations

from collections.abc import Iterable

from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.grafana.datasources.variables import ChosenVariable, replacements
from dashgen.model.environment import Plugin


def interpolate(sql: str, variables: Iterable[ChosenVariable], plugin: Plugin) -> Expanded:
    """Replaces what is known; an unknown variable stays as it is written, as in Grafana."""
    return rewrite(sql, replacements(sql, variables, PLUGINS[plugin].default_text))
