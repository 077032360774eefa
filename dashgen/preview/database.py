"""The QuestDB that a preview asks: a pool of connections, each query with an end."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.values import Value
from dashgen.model.core.problems import DashgenError
from dashgen.preview.errors import PreviewError
from dashgen.questdb.address import without_credentials
from dashgen.questdb.describe import described
from dashgen.questdb.errors import QueryError
from dashgen.questdb.extras import from_extra
from dashgen.sql.statements import NOT_SENT, no_query_once

with from_extra("questdb"):
    import psycopg
    from psycopg import AsyncConnection, OperationalError
    from psycopg.adapt import Loader
with from_extra("preview"):
    from psycopg_pool import AsyncConnectionPool, PoolTimeout

MOST_ROWS = 1_000_000
"""As Grafana's SQL datasources bound them (conf/defaults.ini, [dataproxy] row_limit)."""
_CHUNK = 1000
CONNECTIONS = 8
_CANCEL_SECONDS = 2.0
_NO_COLUMNS = "expected a query that returns columns, got a statement that returns none"


class QueryRefused(DashgenError):
    """The server's text."""


class QueryNotRun(QueryRefused):
    """Why the server was not asked, or its answer not waited for."""


@dataclass(frozen=True, slots=True)
class QueryRows:
    """`is_cut` is whether the server had more."""

    columns: tuple[WireColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    is_cut: bool = False


class Database:
    """Queries over PG wire, several at once. A query whose task is cancelled, or that takes longer than `timeout`
    seconds, is cancelled on the server.

    Use it within `async with`, which raises PreviewError where no server answers, or one that is no QuestDB."""

    def __init__(self, dsn: str, *, timeout: float = 30.0, most_rows: int = MOST_ROWS) -> None:
        self._dsn = dsn
        self.timeout = timeout
        self.most_rows = most_rows
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] | None = None

    async def __aenter__(self) -> Self:
        # a cancelled query ends its connection, which psycopg warns of
        for name in ("psycopg", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            async with await AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=10) as first:
                await _must_be_questdb(first)
            pool = AsyncConnectionPool(
                self._dsn, min_size=1, max_size=CONNECTIONS, open=False, configure=_configure,
                kwargs={"autocommit": True, "connect_timeout": 10},
            )  # fmt: skip
            await pool.open(wait=True, timeout=20)
        except (OperationalError, PoolTimeout) as error:
            message = without_credentials(str(error).strip(), self._dsn)
        else:
            self._pool = pool
            return self
        raise PreviewError(f"no connection to QuestDB: {message}")

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            await self._pool.close(timeout=2)
            self._pool = None

    async def run(self, sql: str) -> QueryRows:
        """Raises QueryRefused."""
        if acts := no_query_once(sql):
            raise QueryNotRun(f"{acts.message}{NOT_SENT}")
        try:
            async with self._connection() as connection:
                return await self._in_time(connection, sql)
        except TimeoutError:
            raise QueryNotRun(f"cancelled, as it took more than {self.timeout:g} s") from None
        except PoolTimeout:
            raise QueryNotRun("the server has no connection left, or does not answer") from None
        except psycopg.Error as error:
            said = error.diag.message_primary or str(error).strip() or type(error).__name__
            raise QueryRefused(without_credentials(said, self._dsn)) from None

    async def _in_time(self, connection: AsyncConnection[tuple[Any, ...]], sql: str) -> QueryRows:
        """The server goes on with a query whose connection is closed (seen, QuestDB 9.3.4), so it is told."""
        work = asyncio.ensure_future(self._fetch(connection, sql))
        try:
            return await asyncio.wait_for(asyncio.shield(work), self.timeout)
        except (TimeoutError, asyncio.CancelledError):
            await asyncio.shield(_ended(connection, work))
            raise

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[tuple[Any, ...]]]:
        assert self._pool is not None  # noqa: S101  # within `async with`
        async with self._pool.connection() as connection:
            yield connection

    async def _fetch(self, connection: AsyncConnection[tuple[Any, ...]], sql: str) -> QueryRows:
        """Row by row, so that what is too much is never in memory; the server is told to stop by the end of the
        connection, as the rest of a stream would have to be read otherwise."""
        rows: list[tuple[Value, ...]] = []
        cursor = connection.cursor()
        columns: tuple[WireColumn, ...] = ()
        try:
            async for row in cursor.stream(sql.encode(), size=_CHUNK):
                if not rows:
                    columns = tuple(WireColumn(one.name, one.type_code) for one in cursor.description or ())
                if len(rows) == self.most_rows:
                    await connection.close()
                    return QueryRows(columns, tuple(rows), is_cut=True)
                rows.append(row)
        except psycopg.ProgrammingError as error:
            if error.diag.message_primary is None:
                raise QueryNotRun(_NO_COLUMNS) from None
            raise
        if not rows:  # a stream without rows has no description
            try:
                found = await asyncio.to_thread(described, connection.pgconn, sql)
            except QueryError as error:
                raise QueryRefused(error.message) from None
            columns = tuple(WireColumn(one.name, one.oid) for one in found)
        return QueryRows(columns, tuple(rows))

    async def can_write(self) -> bool:
        """Whether the login could: a table that is not there is written to (QuestDB 9.3.4 says first that a login may
        only read, and then that there is no such table)."""
        async with self._connection() as connection:
            try:
                await connection.execute(f"INSERT INTO dashgen_{secrets.token_hex(8)} VALUES (1)".encode())  # noqa: S608
            except psycopg.Error as error:
                return "denied" not in str(error).lower()
        return True


async def _ended(connection: AsyncConnection[tuple[Any, ...]], work: asyncio.Future[QueryRows]) -> None:
    """Cancels the query on the server, and leaves the connection where that doesn't end it."""
    with suppress(psycopg.Error, TimeoutError):
        async with asyncio.timeout(_CANCEL_SECONDS):
            await connection.cancel_safe(timeout=_CANCEL_SECONDS)
    await asyncio.wait((work,), timeout=_CANCEL_SECONDS)
    if not work.done():
        connection.pgconn.finish()
        work.cancel()
        await asyncio.wait((work,), timeout=_CANCEL_SECONDS)
    if work.done() and not work.cancelled():
        work.exception()  # that it was cancelled, which is no news


async def _must_be_questdb(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    try:
        row = await (await connection.execute("SELECT version()")).fetchone()
    except psycopg.Error:
        row = None
    if row is None or "QuestDB" not in str(row[0]):
        raise PreviewError("the server that answers is not a QuestDB", "give the address of its PostgreSQL wire")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


_READERS: dict[int, Callable[[str], Value]] = {
    1022: str,
    1082: _moment,
    1114: _moment,
    1184: _moment,
    1700: float,
    2950: str,
}


async def _configure(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    """Values as the frames of `dashgen.grafana.datasources` take them."""

    def loader(read: Callable[[str], Value]) -> type[Loader]:
        class Reader(Loader):
            def load(self, data: Any) -> Value:
                return read(bytes(data).decode())

        return Reader

    for oid, read in _READERS.items():
        connection.adapters.register_loader(oid, loader(read))
