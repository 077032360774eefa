"""What a query would return, without running it: PG wire's Parse and Describe, as Grafana's datasources see
it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dashgen.questdb.bounded import ends, ready
from dashgen.questdb.errors import QueryError, ServerError, text_index
from dashgen.questdb.extras import from_extra
from dashgen.questdb.wire import Wire

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

PgType = Literal["timestamp", "varchar", "bigint", "integer", "smallint", "double", "float", "boolean", "uuid", "other"]

_TYPES: dict[int, PgType] = {
    1114: "timestamp",
    1184: "timestamp",
    1043: "varchar",
    20: "bigint",
    23: "integer",
    21: "smallint",
    701: "double",
    700: "float",
    16: "boolean",
    2950: "uuid",
}


_SECONDS = 30.0
_BOOLEAN = 16


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """`oid` is the PG type that QuestDB announces; `type` names the ones that a table of it can have."""

    name: str
    type: PgType
    oid: int


class Describer(Wire):
    """Describes queries over one connection; not for several threads at once.

    Use it with a read-only login (`QuestDB.readonly_dsn`): a Parse runs nothing, yet nothing is worth the
    risk. Not seen by a Parse: `SAMPLE BY 500ms` (a second to QuestDB), comparisons that never hold, empty
    results.
    """

    PURPOSE = "describing queries"

    def describe(self, sql: str) -> tuple[ResultColumn, ...]:
        """The columns of the result.

        Raises QueryError with the server's message and the position in `sql`; also for a statement that
        returns no columns, as `DROP` and `INSERT` are accepted by a Parse, for one that is longer than the server's
        buffer, and for one that takes more than half a minute.
        """
        try:
            return described(self._connection.pgconn, sql)
        except NoAnswerError as error:
            self.close()
            self._connect()
            raise QueryError(f"{error} at this text of {len(sql.encode()):,} bytes", sql) from None

    def truth(self, sql: str) -> bool | None:
        """The one value of a query, if it is true or false. Raises QueryError where the server refuses it, and
        NoAnswerError where it does not end."""
        with from_extra("questdb"):
            import psycopg
            from psycopg.pq import ExecStatus

        pgconn, deadline = self._connection.pgconn, time.monotonic() + _SECONDS
        last: PGresult | None = None
        try:
            pgconn.send_query(sql.encode())
            while is_ready := ready(pgconn, deadline):
                result = pgconn.get_result()
                if result is None:
                    break
                last = result
        except psycopg.Error as error:
            raise QueryError(str(error).strip(), sql) from None
        if not is_ready:
            ends(self._connection)
            pgconn.finish()
            self._connect()
            raise NoAnswerError(f"no answer within {_SECONDS:g} s")
        if last is None or last.status != ExecStatus.TUPLES_OK:
            raise _error(last, sql) if last else QueryError("no answer", sql)
        if not last.ntuples or last.ftype(0) != _BOOLEAN:
            return None
        return last.get_value(0, 0) == b"t"


Described = tuple[ResultColumn, ...] | QueryError
"""The columns of a query, or why the server refuses it."""


class DescriberPool:
    """Describes several queries at once, over as many connections as the machine has processors: the server compiles
    each by one thread. For one thread at a time, as a `Describer`; `contextlib.closing` closes them."""

    _MOST = 8
    """What one query of a dashboard becomes for ranges and choices is seldom more."""

    def __init__(self, dsn: str) -> None:
        from concurrent.futures import ThreadPoolExecutor  # 15 ms, which a check that asks nothing is spared

        self._dsn = dsn
        self._describers = [Describer(dsn)]
        self._threads = ThreadPoolExecutor(self._MOST, "describe")

    def close(self) -> None:
        self._threads.shutdown(wait=False)
        for describer in self._describers:
            describer.close()

    def describe(self, texts: Sequence[str]) -> list[Described]:
        """What the server says of each, in their order; see `Describer.describe`. Raises ServerError where it went
        away."""
        answers: list[Described | None] = [None] * len(texts)
        waiting = deque(enumerate(texts))
        first, *others = self._connected(min(len(texts), self._MOST, os.cpu_count() or 1))
        running = [self._threads.submit(_describe_all, one, waiting, answers) for one in others]
        try:
            _describe_all(first, waiting, answers)
        except Exception:
            waiting.clear()
            for one in running:
                one.exception()  # waits for it
            raise
        for one in running:
            one.result()
        return [answer for answer in answers if answer is not None]

    def truth(self, sql: str) -> bool | None:
        """See `Describer.truth`."""
        return self._describers[0].truth(sql)

    def _connected(self, count: int) -> list[Describer]:
        """So many, and one at least."""
        while len(self._describers) < count:
            self._describers.append(Describer(self._dsn))
        return self._describers[: max(count, 1)]


def _describe_all(describer: Describer, waiting: deque[tuple[int, str]], answers: list[Described | None]) -> None:
    """Takes texts until none is left, and puts what is said of each at its number."""
    while True:
        try:
            number, text = waiting.popleft()
        except IndexError:
            return
        try:
            answers[number] = describer.describe(text)
        except QueryError as error:
            answers[number] = error


class NoAnswerError(ServerError):
    """Why nothing came; the connection is of no more use."""


def described(pgconn: PGconn, sql: str) -> tuple[ResultColumn, ...]:
    """See `Describer.describe`; on a connection that does nothing else meanwhile. Raises NoAnswerError too,
    and QueryError for a statement that the server refuses, or that returns no columns."""
    try:
        result = _asked(pgconn, sql)
    except QueryError:
        pgconn.close_prepared(b"")
        raise
    columns = []
    for index in range(result.nfields):
        name, oid = result.fname(index), result.ftype(index)
        columns.append(ResultColumn((name or b"").decode(), _TYPES.get(oid, "other"), oid))
    if not columns:
        raise QueryError("expected a query that returns columns, got a statement that returns none", sql)
    return tuple(columns)


def _asked(pgconn: PGconn, sql: str) -> PGresult:
    """The answer to the Describe: Parse, Describe and Close are sent at once, and answered at once."""
    with from_extra("questdb"):
        import psycopg
        from psycopg.pq import ConnStatus, ExecStatus

    answers: list[PGresult] = []
    try:
        pgconn.enter_pipeline_mode()
        pgconn.send_prepare(b"", sql.encode())
        pgconn.send_describe_prepared(b"")
        # QuestDB 9.3.4 caches the plan of a statement that the next Parse replaces under the text of that
        # next one, for all connections: a later `SELECT 2 AS two` answers `one`. A Close ends it.
        pgconn.send_close_prepared(b"")
        pgconn.pipeline_sync()
        ended = _until_sync(pgconn, answers)
        pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:
        ended = False
    if pgconn.status != ConnStatus.OK:
        raise NoAnswerError("the connection is closed")
    if not ended:
        raise NoAnswerError(f"no answer within {_SECONDS:g} s")
    if refused := [one for one in answers if one.status == ExecStatus.FATAL_ERROR]:
        raise _error(refused[0], sql)
    return answers[1]


def _until_sync(pgconn: PGconn, answers: list[PGresult]) -> bool:
    """Takes what is answered, and says whether all of it came in time."""
    with from_extra("questdb"):
        from psycopg.pq import ConnStatus, ExecStatus

    deadline = time.monotonic() + _SECONDS
    while ready(pgconn, deadline) and pgconn.status == ConnStatus.OK:
        result = pgconn.get_result()
        if result is None:  # the end of one command
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return True
        answers.append(result)
    return False


def _error(result: PGresult, sql: str) -> QueryError:
    with from_extra("questdb"):
        from psycopg.pq import DiagnosticField

    said = result.error_field(DiagnosticField.MESSAGE_PRIMARY)
    text = result.error_message if said is None else said or b"no reason is given"
    position = result.error_field(DiagnosticField.STATEMENT_POSITION)
    # 1-based; 1 is also what the server says when it knows no position
    units = int(position) - 1 if position else 0
    message = text.decode(errors="replace").strip()
    return QueryError(message, sql, text_index(sql, units) if units > 0 else None)
