"""What tables and materialized views a QuestDB has, by its own catalog. It is asked with SELECT and SHOW alone.

Of QuestDB 9.3.4 neither interface holds a login to reading (`BEGIN READ ONLY` takes a CREATE TABLE, seen): what keeps
the server as it is, is that no other statement is sent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from dashgen.model.core.problems import Source
from dashgen.questdb.address import address, is_pg, pg_dsn, shown
from dashgen.questdb.errors import QueryError, QuestDBError, ServerError
from dashgen.questdb.extras import from_extra
from dashgen.questdb.http import Client
from dashgen.questdb.wire import Wire
from dashgen.sql.statements import no_query

_SYSTEM = re.compile(r"sys\..*|_query_trace|telemetry(?:_config)?", re.IGNORECASE)
_PRODUCT = re.compile(r"questdb", re.IGNORECASE)
_READS = re.compile(r"(?:SELECT|SHOW)\s")
_NAME = re.compile(r"[^'\"\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class CatalogColumn:
    """`type` is as the server names it; `capacity`, `cached` and `index` (the capacity of its blocks, 0 without one)
    are of a SYMBOL only."""

    name: str
    type: str
    capacity: int | None = None
    cached: bool = True
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogTable:
    """`designated` is empty for a table without a designated timestamp, `ttl` (`3 WEEKS`) for one that keeps its rows;
    `dedup` has the designated timestamp first. `created` is the server's own SHOW CREATE TABLE, `o3_max_lag` in
    microseconds. `source` is where the statement stands that made it, if it is known."""

    name: str
    columns: tuple[CatalogColumn, ...]
    designated: str
    partition_by: str
    ttl: str
    dedup: tuple[str, ...]
    wal: bool
    max_uncommitted_rows: int
    o3_max_lag: int
    suspended: bool
    created: str
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogView:
    """`sql` is the query as it was written, `refresh` what stands behind REFRESH (`EVERY 10m START '…'`), `status` what
    the server says of it (`valid`), with the `reason` of an invalid one. `refresh_limit` is `8 DAY` or empty."""

    name: str
    base: str
    sql: str
    refresh: str
    refresh_limit: str
    columns: tuple[CatalogColumn, ...]
    designated: str
    partition_by: str
    ttl: str
    status: str
    reason: str
    suspended: bool
    created: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class CatalogGap:
    """A table or view that is not described, and why."""

    name: str
    reason: str
    kind: Literal["system", "view", "refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All of a server, in the order of names; views stand behind the views that they are over."""

    tables: tuple[CatalogTable, ...]
    views: tuple[CatalogView, ...]
    gaps: tuple[CatalogGap, ...] = ()


class CatalogReader(Protocol):
    """A way to ask a server."""

    def records(self, sql: str) -> list[dict[str, Any]]:
        """Raises QueryError where the server refuses the query, ServerError where it is not there."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The names of what a query returns. Raises as `records` does."""


class HttpReader:
    """Asks over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def records(self, sql: str) -> list[dict[str, Any]]:
        return self._client.query(_reading(sql)).records()

    def columns(self, sql: str) -> tuple[str, ...]:
        return self._client.query(_reading(sql)).names


class WireReader(Wire):
    """Asks over PG wire."""

    PURPOSE = "reading the catalog"

    def records(self, sql: str) -> list[dict[str, Any]]:
        names, rows = self._asked(sql)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def columns(self, sql: str) -> tuple[str, ...]:
        return self._asked(sql)[0]

    def _asked(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        with from_extra("questdb"):
            import psycopg

        text = _reading(sql)
        try:
            answer = self._connection.execute(text.encode(), prepare=False)
            return tuple(column.name for column in answer.description or ()), answer.fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise ServerError(f"the connection for {self.PURPOSE} broke: {str(error).strip()}") from None
        except psycopg.Error as error:
            raise QueryError(str(error).strip().partition("\n")[0], sql) from None


def _reading(sql: str) -> str:
    """The text, if it reads and does nothing else."""
    if not _READS.match(sql) or no_query(sql):
        raise QuestDBError(f"not sent, as it is not a read-only query: {sql[:80]!r}")
    return sql


@contextmanager
def catalog_reader(url: str, *, user: str | None = None, password: str | None = None) -> Iterator[CatalogReader]:
    """A way to ask the server at `http://localhost:9000` or `postgresql://localhost:8812/qdb`; a login stands in the
    URL or is given beside it.

    Raises AddressError for what is no such URL, ServerError where nothing answers, where the login is refused, and
    where it is no QuestDB.
    """
    if is_pg(url):
        with WireReader(pg_dsn(url, user=user, password=password)) as wire:
            _known(wire, shown(url))
            yield wire
        return
    client = Client(address(url, user=user, password=password))
    http = HttpReader(client)
    _known(http, client.url)
    yield http


def _known(reader: CatalogReader, where: str) -> None:
    """Raises ServerError for another database."""
    try:
        says = str(next(iter(reader.records("SELECT version() AS version")), {}).get("version", ""))
    except QueryError as error:
        raise ServerError(f"{where} is not a QuestDB that can be read: {error.message}") from None
    if not _PRODUCT.search(says):
        raise ServerError(f"expected a QuestDB at {where}, got {says[:60] or 'no version'!r}")


def is_system(name: str) -> bool:
    """Whether the server keeps a table of that name for itself; `tables()` hides it then (9.3.4, default settings)."""
    return _SYSTEM.fullmatch(name) is not None


def read_catalog(reader: CatalogReader, *, wanted: Callable[[str], bool] = lambda name: True) -> Catalog:
    """The tables and materialized views whose names are wanted, but those that the server keeps for itself. What can't
    be read (no rights, a plain view) is a gap. Raises ServerError where the server goes away, QueryError where it has
    no such catalog."""
    rows = _relations(reader)
    suspended = _suspended(reader)
    views = {str(row["view_name"]): row for row in view_records(reader, rows)}
    tables, made, gaps = [], [], []
    for row in sorted(rows, key=lambda row: str(row["table_name"])):
        name = str(row["table_name"])
        if not wanted(name):
            continue
        if gap := _gap(name, row):
            gaps.append(gap)
            continue
        try:
            if row.get("matView"):
                made.append(_view(reader, row, views[name], name in suspended))
            else:
                tables.append(_table(reader, row, name in suspended))
        except QueryError as error:
            gaps.append(CatalogGap(name, f"the server refuses to describe it: {error.message}"))
        except KeyError:
            gaps.append(CatalogGap(name, "the server does not list it among its materialized views"))
    return Catalog(tuple(tables), tuple(_ordered(made)), tuple(gaps))


_OF_TABLES = (
    "table_name", "designatedTimestamp", "partitionBy", "walEnabled", "ttlValue", "ttlUnit", "matView", "table_type",
    "maxUncommittedRows", "o3MaxLag",
)  # fmt: skip
_OF_VIEWS = (
    "view_name", "base_table_name", "view_sql", "view_status", "invalidation_reason", "refresh_type", "refresh_limit",
    "refresh_limit_unit",
)  # fmt: skip
_LISTED_SECONDS = 2.0
"""So long a view may be missing among the materialized ones before it counts as not there."""


def _rows(reader: CatalogReader, function: str, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """What is wanted and there: versions differ, and moments beyond Python's calendar (the year 294247 of an empty
    view, 9.3.4) are not to be read."""
    known = reader.columns(f"SELECT * FROM {function} LIMIT 0")  # noqa: S608  # our own names
    found = ", ".join(name for name in wanted if name in known)
    return reader.records(f"SELECT {found} FROM {function}")  # noqa: S608  # our own names


def view_records(reader: CatalogReader, relations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What `materialized_views()` says of each, once it lists those among `relations`, the rows of `tables()`: it
    leaves out a view whose state the server is writing for the first time (docs/facts/questdb.md). One that is still
    missing after two seconds is left out here, too. Raises as `records` of the reader does."""
    expected = {str(row["table_name"]) for row in relations if row.get("matView")}
    deadline = time.monotonic() + _LISTED_SECONDS
    while True:
        rows = _rows(reader, "materialized_views()", _OF_VIEWS)
        if expected <= {str(row["view_name"]) for row in rows} or time.monotonic() > deadline:
            return rows
        time.sleep(0.01)


def _relations(reader: CatalogReader) -> list[dict[str, Any]]:
    return _rows(reader, "tables()", _OF_TABLES)


def _suspended(reader: CatalogReader) -> frozenset[str]:
    return frozenset(str(row["name"]) for row in reader.records("SELECT name FROM wal_tables() WHERE suspended"))


def _gap(name: str, row: Mapping[str, Any]) -> CatalogGap | None:
    if is_system(name):
        return CatalogGap(name, "the server manages it internally", "system")
    if row.get("table_type") == "V":
        return CatalogGap(name, "it is a view that is not materialized, which can't be declared", "view")
    if not _NAME.fullmatch(name):
        return CatalogGap(name, "its name has characters that QuestDB does not allow")
    return None


def _table(reader: CatalogReader, row: Mapping[str, Any], suspended: bool) -> CatalogTable:
    name = str(row["table_name"])
    columns, keys = _columns(reader, name)
    designated = str(row.get("designatedTimestamp") or "")
    return CatalogTable(
        name=name,
        columns=columns,
        designated=designated,
        partition_by=str(row["partitionBy"]),
        ttl=_ttl(row),
        dedup=(designated, *(key for key in keys if key != designated)) if keys else (),
        wal=bool(row["walEnabled"]),
        max_uncommitted_rows=int(row.get("maxUncommittedRows") or 0),
        o3_max_lag=int(row.get("o3MaxLag") or 0),
        suspended=suspended,
        created=_created(reader, f'SHOW CREATE TABLE "{name}"'),
    )


def _view(reader: CatalogReader, row: Mapping[str, Any], view: Mapping[str, Any], suspended: bool) -> CatalogView:
    name, base = str(row["table_name"]), str(view["base_table_name"])
    created = _created(reader, f'SHOW CREATE MATERIALIZED VIEW "{name}"')
    limit = int(view.get("refresh_limit") or 0)
    return CatalogView(
        name=name,
        base=base,
        sql=str(view["view_sql"]).strip(),
        refresh=_refresh(created, name, base),
        refresh_limit=f"{limit} {view['refresh_limit_unit']}" if limit else "",
        columns=_columns(reader, name)[0],
        designated=str(row.get("designatedTimestamp") or ""),
        partition_by=str(row["partitionBy"]),
        ttl=_ttl(row),
        status=str(view.get("view_status") or ""),
        reason=str(view.get("invalidation_reason") or ""),
        suspended=suspended,
        created=created,
    )


def _created(reader: CatalogReader, show: str) -> str:
    rows = reader.records(show)
    return str(next(iter(rows[0].values()))).strip() if rows else ""


def _refresh(created: str, name: str, base: str) -> str:
    """What the server prints between the base and the query; empty where it prints another form."""
    start = f"CREATE MATERIALIZED VIEW '{name}' WITH BASE '{base}' REFRESH "
    return created.removeprefix(start).partition(" AS (")[0] if created.startswith(start) else ""


def _columns(reader: CatalogReader, name: str) -> tuple[tuple[CatalogColumn, ...], list[str]]:
    """The columns, and the names of the upsert keys in their order."""
    rows = reader.records(f"SELECT * FROM table_columns('{name}')")  # noqa: S608  # `_NAME` has no quotes
    columns = []
    for row in rows:
        column = CatalogColumn(str(row["column"]), str(row["type"]))
        if column.type == "SYMBOL":
            index = int(row["indexBlockCapacity"]) if row["indexed"] else 0
            column = replace(column, capacity=int(row["symbolCapacity"]), cached=bool(row["symbolCached"]), index=index)
        columns.append(column)
    return tuple(columns), [str(row["column"]) for row in rows if row["upsertKey"]]


def _ttl(row: Mapping[str, Any]) -> str:
    value = int(row.get("ttlValue") or 0)
    return f"{value} {row['ttlUnit']}{'' if value == 1 else 'S'}" if value else ""


def _ordered(views: list[CatalogView]) -> Iterator[CatalogView]:
    """Each behind the view that it is over."""
    waiting = {view.name: view for view in views}
    while waiting:
        ready = [view for view in waiting.values() if view.base not in waiting] or list(waiting.values())
        for view in ready:
            yield waiting.pop(view.name)
