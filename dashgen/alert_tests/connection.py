"""SQL over PG wire, as Grafana's datasources run it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashgen.grafana.alerting.queries import Answer, SqlFailed
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.values import Value
from dashgen.model.core.problems import DashgenError
from dashgen.questdb.bounded import ROWS, ends, ready
from dashgen.questdb.errors import ServerError
from dashgen.questdb.extras import from_extra
from dashgen.questdb.wire import Wire

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

SECONDS = 30.0
"""How long Grafana evaluates a rule at most, unless `[unified_alerting] evaluation_timeout` says otherwise
(conf/defaults.ini, read)."""
_CHUNK = 10_000


class QueryConnection(Wire):
    """One PG connection with simple queries; not for several threads at once."""

    PURPOSE = "running alert queries"

    def run(self, sql: str) -> Answer:
        """Raises SqlFailed with the server's message."""
        result = self._connection.pgconn.exec_(sql.encode())
        self._refused(result)
        return Answer(_columns(result), _rows(result))

    def prepare(self, name: str, sql: str, oids: Sequence[int]) -> None:
        """Compiles a statement with parameters of those PostgreSQL types. Raises SqlFailed."""
        self._refused(self._connection.pgconn.prepare(name.encode(), sql.encode(), oids))

    def run_prepared(self, name: str, values: Sequence[str]) -> Answer:
        """What the statement answers with those values. Raises SqlFailed with the server's message."""
        result = self._connection.pgconn.exec_prepared(name.encode(), [value.encode() for value in values])
        self._refused(result)
        return Answer(_columns(result), _rows(result))

    def close_prepared(self, name: str) -> None:
        self._connection.pgconn.close_prepared(name.encode())

    def _refused(self, result: PGresult) -> None:
        with from_extra("questdb"):
            from psycopg.pq import DiagnosticField, ExecStatus

        if result.status not in (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR):
            return
        if self._connection.broken:
            raise ServerError(f"the connection for {self.PURPOSE} was lost")
        text = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message
        raise SqlFailed(text.decode(errors="replace").strip())


class BoundExceeded(DashgenError):
    """Which bound a statement went over."""


class NotEnded(BoundExceeded):
    """The server goes on with the statement, which keeps a thread of it busy, until the server stops."""


class BoundedConnection(QueryConnection):
    """Ends what takes longer than Grafana lets a rule take, or has more rows than Grafana reads."""

    def __init__(self, dsn: str, *, seconds: float = SECONDS, rows: int = ROWS) -> None:
        super().__init__(dsn)
        self._seconds = seconds
        self._most = rows

    def run(self, sql: str) -> Answer:
        """Raises SqlFailed with the server's message, and BoundExceeded."""
        if self._connection.closed:
            self._connect()
        pgconn = self._connection.pgconn
        deadline = time.monotonic() + self._seconds
        columns: tuple[WireColumn, ...] = ()
        rows: list[tuple[Value, ...]] = []
        refused: PGresult | None = None
        pgconn.send_query(sql.encode())
        pgconn.set_chunked_rows_mode(_CHUNK)
        while ready(pgconn, deadline):
            result = pgconn.get_result()
            if result is None:
                if refused is not None:
                    self._refused(refused)
                return Answer(columns, tuple(rows))
            if result.error_message:
                refused = result
                continue
            columns = columns or _columns(result)
            rows += _rows(result)
            if len(rows) > self._most:
                pgconn.finish()  # the next statement connects again
                raise BoundExceeded(f"has more than {self._most:,} rows, which is what Grafana reads at most")
        ended = ends(self._connection)
        pgconn.finish()
        said = f"did not end within {self._seconds:g} s, after which Grafana ends an evaluation"
        raise BoundExceeded(said) if ended else NotEnded(said)


def _columns(result: PGresult) -> tuple[WireColumn, ...]:
    return tuple(WireColumn((result.fname(i) or b"").decode(), result.ftype(i)) for i in range(result.nfields))


def _rows(result: PGresult) -> tuple[tuple[Value, ...], ...]:
    width = range(result.nfields)
    readers = [_READERS.get(result.ftype(i), bytes.decode) for i in width]
    get = result.get_value
    return tuple(
        tuple(None if (raw := get(row, i)) is None else readers[i](raw) for i in width) for row in range(result.ntuples)
    )


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
