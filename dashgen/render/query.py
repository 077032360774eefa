"""A query's text as a dashboard or rule file has it, with the way back to what the author wrote: the build takes the
text, `dashgen check` both."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from dashgen.grafana.datasources.alert_binding import bind
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import AUTHORS, PLUGINS
from dashgen.grafana.datasources.positions import Expanded
from dashgen.grafana.datasources.variable_columns import for_plugin
from dashgen.model.environment import Environment, Plugin


class RenderedQuery(NamedTuple):
    """`error` is what is wrong with its macros, with its place in the author's text; `text` is then without them
    translated."""

    text: Expanded
    error: MacroError | None = None


def render_query(
    sql: str, plugin: Plugin, *, alert_of: Environment | None = None, is_variable: bool = False
) -> RenderedQuery:
    """An author's query, which has the QuestDB plugin's macros, for a datasource of that plugin. In an alert the
    environment's values are put in, as nobody chooses variables for it; a variable's gets the columns that the plugin
    looks for."""
    if alert_of is None and not is_variable:
        return _for_plugin(sql, plugin)
    text = bind(sql, alert_of) if alert_of is not None else for_plugin(sql, plugin)
    made = _for_plugin(text.text, plugin)
    return RenderedQuery(text.then(made.text), made.error and placed(made.error, text))


@lru_cache(maxsize=4096)
def _for_plugin(sql: str, plugin: Plugin) -> RenderedQuery:
    """Kept, as a query is asked for by the panel and by its check, for several environments, and in many variants. Of a
    project with more queries than that each environment renders its own: 9 µs a query, and less than a kilobyte."""
    text = cleaned(sql)
    try:
        AUTHORS.macros.check(text.text)
        return RenderedQuery(text.then(PLUGINS[plugin].adapted(text.text)))
    except MacroError as error:
        return RenderedQuery(text, placed(error, text))


def placed(error: MacroError, text: Expanded) -> MacroError:
    """An error in a text that was made, at its place in the author's."""
    return MacroError(error.message, error.name, text.source(error.start), error.hint)
