"""What a server's catalog tells, over both of its interfaces; and what is said where it can't be read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from dashgen.model.tables.table import Column, MaterializedView, TableSchema
from dashgen.questdb import EmbeddedQuestDB, QueryError, QuestDBError, ServerError
from dashgen.questdb.catalog import (
    Catalog,
    CatalogColumn,
    CatalogGap,
    CatalogTable,
    CatalogView,
    HttpReader,
    catalog_reader,
    read_catalog,
)
from dashgen.questdb.http import Client
from dashgen.render.ddl import create_table, create_view

pytestmark = pytest.mark.questdb

TABLES = {
    "Ticks 1": """CREATE TABLE "Ticks 1" ("Ts" TIMESTAMP_NS, "a b" SYMBOL CAPACITY 1024 NOCACHE INDEX CAPACITY 64,
        "select" DECIMAL(18,4), v DOUBLE) TIMESTAMP("Ts") PARTITION BY HOUR TTL 48 HOURS WAL
        DEDUP UPSERT KEYS("a b", "Ts")""",
    "all_types": """CREATE TABLE all_types (b BYTE, s SHORT, i INT, l LONG, f FLOAT, d DOUBLE, de DECIMAL(5,2), c CHAR,
        st STRING, v VARCHAR, sy SYMBOL, bo BOOLEAN, da DATE, t TIMESTAMP, tn TIMESTAMP_NS, u UUID, ip IPv4, l1 LONG128,
        l2 LONG256, g GEOHASH(5c), g2 GEOHASH(31b), bi BINARY, ar DOUBLE[], ar2 DOUBLE[][])""",
    "no_wal": "CREATE TABLE no_wal (n LONG, at TIMESTAMP) TIMESTAMP(at) PARTITION BY NONE BYPASS WAL",
    "wide": """CREATE TABLE wide (at TIMESTAMP, n LONG) TIMESTAMP(at) PARTITION BY DAY BYPASS WAL
        WITH maxUncommittedRows=1000, o3MaxLag=30s""",
}
VIEWS = {
    "M hour": """CREATE MATERIALIZED VIEW "M hour" WITH BASE "Ticks 1" AS (
        SELECT "Ts", "a b", sum(v) AS s FROM "Ticks 1" SAMPLE BY 1h) PARTITION BY DAY TTL 14 DAYS""",
    "A day": """CREATE MATERIALIZED VIEW "A day" WITH BASE "M hour" REFRESH EVERY 10m DEFERRED
        START '2026-01-01T00:00:00.000000Z' TIME ZONE 'Europe/Berlin' AS (
        SELECT "Ts", sum(s) AS s FROM "M hour" SAMPLE BY 1d) PARTITION BY MONTH""",
    "by_hand": """CREATE MATERIALIZED VIEW by_hand WITH BASE "Ticks 1" REFRESH MANUAL AS (
        SELECT "Ts", max(v) AS s FROM "Ticks 1" SAMPLE BY 1h) PARTITION BY WEEK""",
    "periods": """CREATE MATERIALIZED VIEW periods WITH BASE "Ticks 1"
        REFRESH EVERY 1h PERIOD (LENGTH 1d TIME ZONE 'UTC' DELAY 1h) AS (
        SELECT "Ts", max(v) AS s FROM "Ticks 1" SAMPLE BY 1h) PARTITION BY YEAR""",
    "deferred": """CREATE MATERIALIZED VIEW deferred WITH BASE "Ticks 1" REFRESH IMMEDIATE DEFERRED AS (
        SELECT "Ts", max(v) AS s FROM "Ticks 1" SAMPLE BY 1h) PARTITION BY MONTH""",
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedQuestDB]:
    with EmbeddedQuestDB(compiler="quick") as db:
        for statement in (*TABLES.values(), *VIEWS.values()):
            db.execute(statement)
        db.execute("ALTER MATERIALIZED VIEW by_hand SET REFRESH LIMIT 8 DAYS")
        db.execute("CREATE VIEW plain_view AS (SELECT * FROM no_wal)")
        db.execute("CREATE TABLE telemetry_of_ours (at TIMESTAMP) TIMESTAMP(at) PARTITION BY DAY")
        db.execute("ALTER TABLE telemetry_of_ours SUSPEND WAL")
        yield db


@pytest.fixture(scope="module")
def catalog(server: EmbeddedQuestDB) -> Catalog:
    with catalog_reader(server.http_url) as reader:
        return read_catalog(reader)


def table(catalog: Catalog, name: str) -> CatalogTable:
    return next(one for one in catalog.tables if one.name == name)


def view(catalog: Catalog, name: str) -> CatalogView:
    return next(one for one in catalog.views if one.name == name)


def test_a_table_with_all_options(catalog: Catalog) -> None:
    ticks = table(catalog, "Ticks 1")
    assert ticks.columns == (
        CatalogColumn("Ts", "TIMESTAMP_NS"),
        CatalogColumn("a b", "SYMBOL", 1024, cached=False, index=64),
        CatalogColumn("select", "DECIMAL(18,4)"),
        CatalogColumn("v", "DOUBLE"),
    )
    assert (ticks.designated, ticks.partition_by, ticks.ttl, ticks.wal) == ("Ts", "HOUR", "2 DAYS", True)
    assert ticks.dedup == ("Ts", "a b")
    assert not ticks.suspended
    assert ticks.created.startswith("CREATE TABLE 'Ticks 1' (")
    wide = table(catalog, "wide")
    assert (wide.wal, wide.max_uncommitted_rows, wide.o3_max_lag) == (False, 1000, 30_000_000)


def test_every_type(catalog: Catalog) -> None:
    types = [column.type for column in table(catalog, "all_types").columns]
    assert types == [
        "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL(5,2)", "CHAR", "STRING", "VARCHAR", "SYMBOL",
        "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NS", "UUID", "IPv4", "LONG128", "LONG256", "GEOHASH(5c)",
        "GEOHASH(31b)", "BINARY", "DOUBLE[]", "DOUBLE[][]",
    ]  # fmt: skip
    assert (table(catalog, "all_types").designated, table(catalog, "all_types").wal) == ("", False)


def test_views_stand_behind_what_they_are_over(catalog: Catalog) -> None:
    names = [one.name for one in catalog.views]
    assert names.index("A day") > names.index("M hour")
    day = view(catalog, "A day")
    assert (day.base, day.partition_by, day.ttl, day.designated) == ("M hour", "MONTH", "", "Ts")
    assert day.refresh == "EVERY 10m DEFERRED START '2026-01-01T00:00:00.000000Z' TIME ZONE 'Europe/Berlin'"
    assert day.sql == 'SELECT "Ts", sum(s) AS s FROM "M hour" SAMPLE BY 1d'
    assert [(c.name, c.type) for c in day.columns] == [("Ts", "TIMESTAMP_NS"), ("s", "DOUBLE")]
    assert view(catalog, "M hour").ttl == "2 WEEKS"
    assert {name: view(catalog, name).refresh for name in ("M hour", "by_hand", "periods", "deferred")} == {
        "M hour": "IMMEDIATE",
        "by_hand": "MANUAL",
        "periods": "EVERY 1h PERIOD (LENGTH 1d TIME ZONE 'UTC' DELAY 1h)",
        "deferred": "IMMEDIATE DEFERRED",
    }
    assert view(catalog, "by_hand").refresh_limit == "8 DAY"
    assert view(catalog, "M hour").refresh_limit == ""


def test_what_is_left_out_says_why(catalog: Catalog) -> None:
    assert catalog.gaps == (
        CatalogGap("plain_view", "it is a view that is not materialized, which can't be declared", "view"),
    )
    assert table(catalog, "telemetry_of_ours").suspended


def test_both_interfaces_tell_the_same(server: EmbeddedQuestDB, catalog: Catalog) -> None:
    user, password = server.reader
    address = f"postgresql://{server.pg_address}/qdb"
    with catalog_reader(address, user=user, password=password) as reader:
        read = read_catalog(reader)
    assert read.tables == catalog.tables
    assert [replace(one, status="") for one in read.views] == [replace(one, status="") for one in catalog.views]
    assert read.gaps == catalog.gaps


def test_only_what_is_wanted(server: EmbeddedQuestDB) -> None:
    read = read_catalog(HttpReader(server.client), wanted=lambda name: name == "wide")
    assert [one.name for one in read.tables] == ["wide"]
    assert (read.views, read.gaps) == ((), ())


def declared(found: CatalogTable) -> TableSchema:
    columns = tuple(Column(c.name, c.type, c.capacity, cached=c.cached, index=c.index) for c in found.columns)
    return TableSchema(
        name=found.name, columns=columns, designated=found.designated, partition_by=found.partition_by,  # type: ignore[arg-type]  # as the server says
        ttl=found.ttl, dedup=found.dedup, write_interval_seconds=None, views=(), rules=(), doc="", wal=found.wal,
        written_by_others=True,
    )  # fmt: skip


def test_a_declaration_of_what_was_read_makes_the_same_again(catalog: Catalog) -> None:
    """Up to what SHOW CREATE does not print: capacities of symbols (which the catalog has, as compared here), limits of
    refreshes, and the options behind WITH."""
    with EmbeddedQuestDB(compiler="quick") as other:
        for found in catalog.tables:
            other.execute(create_table(declared(found)))
        for one in catalog.views:
            made = MaterializedView(
                name=one.name, base=one.base, refresh=one.refresh, sql=one.sql, ttl=one.ttl,
                partition_by=one.partition_by,  # type: ignore[arg-type]  # as the server says
            )  # fmt: skip
            other.execute(create_view(made))
        again = read_catalog(HttpReader(other.client))
    settings: dict[str, Any] = {"suspended": False, "max_uncommitted_rows": 0, "o3_max_lag": 0}
    assert [replace(one, **settings) for one in again.tables] == [replace(one, **settings) for one in catalog.tables]
    assert list(map(lasting, again.views)) == list(map(lasting, catalog.views))


def lasting(one: CatalogView) -> CatalogView:
    """Without what the server says of the moment, and blanks of its own."""
    return replace(one, status="", reason="", refresh_limit="", created=" ".join(one.created.split()))


@pytest.mark.parametrize(
    "sql",
    ["DROP TABLE wide", "SELECT 1; DROP TABLE wide", "INSERT INTO wide VALUES (now(), 1)", "SELECT reload_config()",
     "SELECTED", "/* SELECT */ DROP TABLE wide", "WITH x AS (SELECT 1) INSERT INTO wide SELECT * FROM x"],
)  # fmt: skip
def test_nothing_but_reading_is_sent(server: EmbeddedQuestDB, sql: str) -> None:
    for url in (server.http_url, server.pg_dsn):
        with (
            catalog_reader(url) as reader,
            pytest.raises(QuestDBError, match="not sent, as it is not a read-only query"),
        ):
            reader.records(sql)
    assert server.query("SELECT count() FROM tables() WHERE table_name = 'wide'").value == 1


class Refusing:
    """A server whose login may not see one table."""

    def __init__(self, server: EmbeddedQuestDB, name: str) -> None:
        self.reader, self.name = HttpReader(server.client), name
        self.columns = self.reader.columns

    def records(self, sql: str) -> list[dict[str, Any]]:
        if self.name in sql:
            raise QueryError(f"Access denied for reader [SELECT on {self.name}]", sql)
        return self.reader.records(sql)


def test_a_table_without_rights_is_a_gap(server: EmbeddedQuestDB, catalog: Catalog) -> None:
    read = read_catalog(Refusing(server, "no_wal"))
    reason = "the server refuses to describe it: Access denied for reader [SELECT on no_wal]"
    assert read.gaps == tuple(sorted((*catalog.gaps, CatalogGap("no_wal", reason)), key=lambda gap: gap.name))
    assert [one.name for one in read.tables] == [one.name for one in catalog.tables if one.name != "no_wal"]


@contextmanager
def answering(answer: Callable[[str], tuple[int, bytes]]) -> Iterator[str]:
    """An HTTP server that is no QuestDB."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = answer(self.path)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


def said(url: str, **login: str) -> str:
    with pytest.raises(QuestDBError) as error, catalog_reader(url, **login):
        pass
    return str(error.value)


@pytest.mark.parametrize(
    ("code", "body", "message"),
    [
        (200, b"<html>Grafana</html>", "does not answer with JSON of a QuestDB"),
        (200, b"[]", "does not answer with JSON of a QuestDB"),
        (404, b"not found", "answered 404: not found"),
        (401, b"Unauthorized", "refuses the user or password (401)"),
        (403, b"Forbidden", "refuses the user or password (403)"),
        (400, json.dumps({"error": "unknown function name: version()"}).encode(), "is not a QuestDB that can be read"),
        (
            200,
            json.dumps({"columns": [{"name": "version", "type": "STRING"}], "dataset": [["CrateDB 5"]]}).encode(),
            "got 'CrateDB 5'",
        ),
    ],
)
def test_a_server_that_is_no_questdb(code: int, body: bytes, message: str) -> None:
    with answering(lambda path: (code, body)) as at:
        told = said(f"http://admin:hunter2@{at}")
    assert message in told
    assert at in told
    assert "hunter2" not in told


def test_no_message_shows_a_password(server: EmbeddedQuestDB) -> None:
    for url in (
        "http://admin:hunter2@127.0.0.1:1",
        "postgresql://admin:hunter2@127.0.0.1:1/qdb",
        f"postgresql://admin:hunter2@{server.pg_address}/qdb",
        "ftp://admin:hunter2@questdb",
        "postgresql://admin:hunter2@[half",
        f"postgresql://admin@{server.pg_address}/qdb?password=hunter2",
    ):
        assert "hunter2" not in said(url)
    assert "hunter2" not in said("http://127.0.0.1:1", user="admin", password="hunter2")


def test_a_server_that_goes_away_is_an_error() -> None:
    with EmbeddedQuestDB(compiler="quick") as short:
        reader = HttpReader(Client(short.http_url, timeout=5))
    with pytest.raises(ServerError, match="does not answer"):
        read_catalog(reader)
