"""A query on its way: from the dashboard's text to the server's, and from the server's rows to a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashgen.grafana.datasources.browser import Viewing, browse
from dashgen.grafana.datasources.frames import Booleans, Format, Frame, WireColumn
from dashgen.grafana.datasources.intervals import SECOND, TimeRange
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.positions import Expanded
from dashgen.grafana.datasources.values import Value
from dashgen.model.environment import Plugin

UNSENT_INTERVAL_NS = SECOND
"""Variables and alert rules send no computed interval; Grafana's backend takes 1000 ms (pkg/services/query)."""


def in_backend(sql: str, plugin: Plugin, time_range: TimeRange, interval_ns: int) -> Expanded:
    """The text that reaches QuestDB of what the browser sent. Raises `MacroError` with its start in `sql`."""
    return PLUGINS[plugin].expand(sql, time_range, interval_ns)


def sent(sql: str, plugin: Plugin, viewing: Viewing, interval_ns: int) -> Expanded:
    """The text that reaches QuestDB of a dashboard's query. Raises `MacroError` with its start in `sql`."""
    text = browse(sql, plugin, viewing)
    try:
        return text.then(in_backend(text.text, plugin, viewing.time_range, interval_ns))
    except MacroError as error:
        raise MacroError(str(error), error.name, text.source(error.start), error.hint) from None


def frame_of(
    sql: str,
    columns: Sequence[WireColumn],
    rows: Sequence[Sequence[Value]],
    plugin: Plugin,
    format_: Format,
    span: TimeRange,
    booleans: Booleans = "number",
) -> Frame:
    """What the plugin makes of the rows of a query; `sql` has its macros still, as they say what is filled. Raises
    `FrameError`."""
    return PLUGINS[plugin].frame(sql, columns, rows, format_, span, booleans)


def format_of(target: Mapping[str, Any], unsaid: Format = "table") -> Format:
    """The QuestDB plugin numbers its formats: 0 is a series, 1 a table. `unsaid` is it where the target says none."""
    return "time_series" if target.get("format", unsaid) in ("time_series", 0) else "table"
