"""The SQL of a tick: macros expanded for that tick's range by the datasource's own rules, run by the caller, its rows
made a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashgen.grafana.alerting.rule import RuleQuery
from dashgen.grafana.datasources.execution import format_of, frame_of, in_backend
from dashgen.grafana.datasources.frames import Booleans, Frame, FrameError, WireColumn
from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import PLUGINS, of_type
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.versions import Semantics
from dashgen.model.core.problems import DashgenError
from dashgen.model.environment import Plugin
from dashgen.sql.statements import NOT_SENT, no_query_once


class QueryFailed(DashgenError):
    """The datasource's own text, without the refId."""


class SqlFailed(DashgenError):
    """The server's own text."""


class Unreachable(SqlFailed):
    """No server answered. Grafana logs the reason and tells none, so that no address gets out (sql_engine.go)."""

    def __init__(self) -> None:
        super().__init__("failed to connect to server - please inspect Grafana server log for details")


@dataclass(frozen=True, slots=True)
class Answer:
    columns: tuple[WireColumn, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Queried:
    """`sql` as it reached the server."""

    sql: str
    frame: Frame


Fetch = Callable[[RuleQuery, int], Queried]
"""How a rule's query is answered at a tick (seconds since 1970). Raises QueryFailed."""


def time_range(query: RuleQuery, now: int) -> TimeRange:
    return TimeRange((now - query.range_from) * SECOND, (now - query.range_to) * SECOND)


def expanded(query: RuleQuery, now: int) -> str:
    """Raises QueryFailed with the datasource's text."""
    span = time_range(query, now)
    interval = int(query.model.get("intervalMs") or 1000) * MS
    plugin = plugin_of(query.model)
    interval = PLUGINS[plugin].alert_interval(span, int(query.model.get("maxDataPoints") or 43200), interval)
    try:
        return in_backend(query.sql, plugin, span, interval).text
    except MacroError as error:
        raise QueryFailed(f"interpolation failed: {error}") from error


def fetch(query: RuleQuery, now: int, run: Callable[[str], Answer], semantics: Semantics) -> Queried:
    """Raises QueryFailed with the datasource's text; what is no query is not sent."""
    sql = expanded(query, now)
    if acts := no_query_once(sql):
        raise QueryFailed(f"{acts.message}{NOT_SENT}")
    plugin = plugin_of(query.model)
    try:
        answer = run(sql)
    except Unreachable as error:
        raise QueryFailed(f"{PLUGINS[plugin].failure(semantics)}: {error}") from error
    except SqlFailed as error:
        raise QueryFailed(PLUGINS[plugin].refusal(str(error), semantics)) from error
    return queried(query, now, sql, answer, semantics)


def queried(query: RuleQuery, now: int, sql: str, answer: Answer, semantics: Semantics) -> Queried:
    """What the datasource makes of the server's answer. Raises QueryFailed with its text."""
    try:
        return Queried(sql, _frame(query, now, answer.columns, answer.rows, semantics))
    except FrameError as error:
        raise QueryFailed(str(error) if semantics.time_errors_advise else error.before) from error


def _frame(
    query: RuleQuery, now: int, columns: Sequence[WireColumn], rows: Sequence[Sequence[Value]], semantics: Semantics
) -> Frame:
    booleans: Booleans = "number" if semantics.booleans_are_numbers else "refused"
    plugin, format_ = plugin_of(query.model), format_of(query.model)
    return frame_of(query.sql, columns, rows, plugin, format_, time_range(query, now), booleans)


def plugin_of(model: Any) -> Plugin:
    return of_type((model.get("datasource") or {}).get("type"))
