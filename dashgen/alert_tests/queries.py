"""The SQL of a tick: macros expanded for that tick's range by the datasource's own rules, run over PG wire as
Grafana runs it, its rows made a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dashgen.alert_tests.rule import RuleQuery
from dashgen.grafana.datasources import postgres, questdb_plugin
from dashgen.grafana.datasources.frames import Column, Format, Frame, FrameError, postgres_frame, questdb_frame
from dashgen.grafana.datasources.intervals import MS, SECOND, TimeRange, backend_interval
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.versions import Semantics
from dashgen.questdb.errors import ServerError
from dashgen.questdb.extras import from_extra
from dashgen.questdb.wire import Wire


class QueryFailed(Exception):
    """The datasource's own text, without the refId."""


class SqlFailed(Exception):
    """The server's own text."""


class Unreachable(SqlFailed):
    """No server answered. Grafana logs the reason and tells none, so that no address gets out (sql_engine.go)."""

    def __init__(self) -> None:
        super().__init__("failed to connect to server - please inspect Grafana server log for details")


@dataclass(frozen=True, slots=True)
class Answer:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Queried:
    """`sql` as it reached the server."""

    sql: str
    frame: Frame


class Connection(Wire):
    """One PG connection with simple queries; not for several threads at once."""

    PURPOSE = "running alert queries"

    def run(self, sql: str) -> Answer:
        """Raises SqlFailed with the server's message."""
        with from_extra("questdb"):
            from psycopg.pq import DiagnosticField, ExecStatus

        result = self._connection.pgconn.exec_(sql.encode())
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY):
            if self._connection.broken:
                raise ServerError(f"the connection for {self.PURPOSE} was lost")
            text = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message
            raise SqlFailed(text.decode(errors="replace").strip())
        width = range(result.nfields)
        columns = tuple(Column((result.fname(i) or b"").decode(), result.ftype(i)) for i in width)
        readers = [_READERS.get(column.oid, bytes.decode) for column in columns]
        get = result.get_value
        rows = tuple(
            tuple(None if (raw := get(row, i)) is None else readers[i](raw) for i in width)
            for row in range(result.ntuples)
        )
        return Answer(columns, rows)


def _timestamp(raw: bytes) -> datetime:
    return datetime.fromisoformat(raw.decode()).replace(tzinfo=UTC)


_READERS: dict[int, Callable[[bytes], Value]] = {
    16: lambda raw: raw == b"t",
    20: int,
    21: int,
    23: int,
    700: float,
    701: float,
    1700: float,
    1082: _timestamp,
    1114: _timestamp,
    1184: _timestamp,
}


def time_range(query: RuleQuery, now: int) -> TimeRange:
    return TimeRange((now - query.range_from) * SECOND, (now - query.range_to) * SECOND)


def expanded(query: RuleQuery, now: int) -> str:
    """Raises QueryFailed with the datasource's text."""
    span = time_range(query, now)
    interval = int(query.model.get("intervalMs") or 1000) * MS
    try:
        if plugin_of(query.model) == "questdb":
            return questdb_plugin.expand(query.sql, span, interval).text
        points = int(query.model.get("maxDataPoints") or 43200)
        return postgres.expand(query.sql, span, backend_interval(span, points, interval)).text
    except MacroError as error:
        raise QueryFailed(f"interpolation failed: {error}") from error


def fetch(query: RuleQuery, now: int, run: Callable[[str], Answer], semantics: Semantics) -> Queried:
    """Raises QueryFailed with the datasource's text."""
    sql = expanded(query, now)
    is_plugin = plugin_of(query.model) == "questdb"
    # The plugin's words are recorded (0.1.9) where the server refuses a query; where there is none they are a guess.
    failed = "error querying the database" if is_plugin and semantics.wrapped_errors else "db query error"
    try:
        answer = run(sql)
    except Unreachable as error:
        raise QueryFailed(f"{failed}: {error}") from error
    except SqlFailed as error:
        text = f"ERROR: {error} (SQLSTATE 00000)" if semantics.pgx and not is_plugin else f"pq: {error}"
        raise QueryFailed(f"{failed}: {text}") from error
    try:
        return Queried(sql, _frame(query, now, answer.columns, answer.rows, semantics))
    except FrameError as error:
        raise QueryFailed(str(error) if semantics.time_errors_advise else error.before) from error


def _frame(
    query: RuleQuery, now: int, columns: Sequence[Column], rows: Sequence[Sequence[Value]], semantics: Semantics
) -> Frame:
    if plugin_of(query.model) == "questdb":
        return questdb_frame(columns, rows, format_of(query.model))
    booleans: Literal["number", "refused"] = "number" if semantics.booleans_are_numbers else "refused"
    if "Group" not in query.sql:
        return postgres_frame(columns, rows, format_of(query.model), booleans=booleans)
    span = time_range(query, now)
    # Only the macro's own arguments count.
    fill = postgres.fill_of(query.sql, span, SECOND)
    return postgres_frame(columns, rows, format_of(query.model), fill, span, booleans)


def plugin_of(model: Any) -> str:
    kind = str((model.get("datasource") or {}).get("type", ""))
    return "questdb" if kind.startswith("questdb") else "postgres"


def format_of(model: Any) -> Format:
    """The QuestDB plugin numbers its formats: 0 is a series, 1 a table."""
    return "time_series" if model.get("format") in ("time_series", 0) else "table"
