"""Runs queries within bounds of time and rows, as nobody knows beforehand what a query costs.

QuestDB 9.3.4, seen: a cancel request ends aggregations, joins and sorts within a tenth of a second. It does not end
rows that are being sent; closing the connection does. It does not end a filter that no row passes
(`long_sequence(…) WHERE x < 0`), and neither does the server's own timeout: the server is started again then.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from dashgen.questdb.errors import QueryError, ServerError
from dashgen.questdb.extras import from_extra

if TYPE_CHECKING:
    import psycopg

    from dashgen.questdb.server import EmbeddedQuestDB

SECONDS = 10.0
ROWS = 1_000_000
"""What Grafana reads of a result at most, unless `[dataproxy] row_limit` says otherwise (conf/defaults.ini, read)."""
_CHUNK = 1_000
_GRACE = 2.0
"""Seconds that a server has for ending what was cancelled."""


@dataclass(frozen=True, slots=True)
class BoundedResult:
    """What a query answered within its bounds. `columns` have their PG type."""

    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[Any, ...], ...]
    count: int
    seconds: float
    stopped: str = ""
    """The bound that ended it, as "after 10 s"; empty where it came to its end."""


class BoundedReader:
    """Runs queries of an embedded server's read-only login; not for several threads at once."""

    def __init__(self, server: EmbeddedQuestDB, *, seconds: float = SECONDS, rows: int = ROWS) -> None:
        self._server = server
        self._seconds = seconds
        self._rows = rows
        self._connection: psycopg.Connection[Any] | None = None
        self._stopped: dict[str, BoundedResult] = {}
        """By their text: what did not end is not run again."""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def run(self, sql: str, *, keep: bool = True) -> BoundedResult:
        """The rows of a query, only counted unless they are kept. Raises QueryError where the server refuses it,
        ServerError where there is none."""
        with from_extra("questdb"):
            import psycopg
            from psycopg.adapt import Transformer
            from psycopg.pq import ExecStatus

        if sql in self._stopped:
            return self._stopped[sql]
        connection = self._connected()
        pgconn = connection.pgconn
        load = Transformer(connection)
        columns: tuple[tuple[str, int], ...] = ()
        rows: list[tuple[Any, ...]] = []
        count, stopped, refused = 0, "", ""
        began = time.monotonic()
        try:
            pgconn.send_query(sql.encode())
            pgconn.set_chunked_rows_mode(_CHUNK)
            while not stopped:
                if not ready(pgconn, began + self._seconds):
                    stopped = f"after {self._seconds:g} s"
                    break
                result = pgconn.get_result()
                if result is None:
                    break
                if result.status == ExecStatus.FATAL_ERROR:
                    refused = (result.error_message or b"").decode(errors="replace")
                    continue
                if result.nfields and not columns:
                    load.set_pgresult(result, set_loaders=True)
                    width = range(result.nfields)
                    columns = tuple(((result.fname(i) or b"").decode(), result.ftype(i)) for i in width)
                if result.ntuples and keep:
                    load.set_pgresult(result, set_loaders=False)
                    rows += load.load_rows(0, result.ntuples, tuple)
                count += result.ntuples
                if count > self._rows:
                    stopped = f"after {self._rows:,} rows"
        except psycopg.Error as error:
            self.close()
            raise QueryError(str(error).strip(), sql) from None
        seconds = time.monotonic() - began
        if stopped:
            self._end(connection, is_computing=count == 0)
            self._stopped[sql] = BoundedResult(columns, (), count, seconds, stopped)
        if refused and not stopped:
            raise QueryError(refused.strip().removeprefix("ERROR:").strip().splitlines()[0], sql)
        return BoundedResult(columns, tuple(rows), count, seconds, stopped)

    def _connected(self) -> psycopg.Connection[Any]:
        with from_extra("questdb"):
            import psycopg

        if self._connection is None or self._connection.closed:
            try:
                self._connection = psycopg.connect(self._server.readonly_dsn, autocommit=True, connect_timeout=10)
            except psycopg.OperationalError as error:
                raise ServerError(f"no connection for running queries: {error}") from error
        return self._connection

    def _end(self, connection: psycopg.Connection[Any], *, is_computing: bool) -> None:
        """Ends the query on the server: by a cancel request, else by closing the connection, else with the server."""
        ended = ends(connection) if is_computing else True
        self._connection = None
        connection.pgconn.finish()
        if not ended:
            self._server.restart()


def ends(connection: psycopg.Connection[Any]) -> bool:
    """Whether the query that a connection waits for ends by a cancel request."""
    cancel = Thread(target=_cancel, args=(connection,), daemon=True)
    cancel.start()
    ended = _drained(connection.pgconn, time.monotonic() + _GRACE)
    cancel.join(_GRACE)
    return ended


def _cancel(connection: psycopg.Connection[Any]) -> None:
    with from_extra("questdb"):
        import psycopg

    try:
        connection.cancel_safe(timeout=_GRACE)
    except psycopg.Error:  # it is ended otherwise
        return


def ready(pgconn: Any, deadline: float) -> bool:
    """Whether a result is there before the deadline."""
    while pgconn.is_busy():
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pgconn.socket], [], [], left)[0]:
            return False
        pgconn.consume_input()
    return time.monotonic() < deadline


def _drained(pgconn: Any, deadline: float) -> bool:
    """Whether everything that is left of a query came before the deadline."""
    while ready(pgconn, deadline):
        if pgconn.get_result() is None:
            return True
    return False
