"""`materialized_views()` leaves out a view whose state file can't be read, as while it is written for the first time:
whoever asks for views waits for it. Here the file is emptied and filled again, as no write is slow enough to be met."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.sandbox import Stage
from dashgen.model.tables.table import Column, table_of
from dashgen.questdb import EmbeddedQuestDB, ServerError
from dashgen.questdb import catalog as catalog_module
from dashgen.questdb.catalog import CatalogGap, catalog_reader, read_catalog
from dashgen.questdb.migrate import plan
from dashgen.questdb.retention import retention
from dashgen.render.ddl import create_statements
from specs.tables import DaemonMetrics, PipelineMetrics

pytestmark = pytest.mark.questdb
VIEW = replace(
    table_of(PipelineMetrics).views[0],
    name="state_1m",
    base="state",
    sql="SELECT timestamp, count() AS n FROM state SAMPLE BY 1m",
)
TABLE = replace(
    table_of(DaemonMetrics),
    name="state",
    columns=(Column("timestamp", "TIMESTAMP"), Column("n", "LONG")),
    dedup=(),
    views=(VIEW,),
)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedQuestDB]:
    with EmbeddedQuestDB(compiler="quick") as db:
        for statement in create_statements(TABLE):
            db.execute(statement)
        db.settle()
        yield db


def listed(server: EmbeddedQuestDB) -> list[object]:
    return [name for (name,) in server.query("SELECT view_name FROM materialized_views()")]


@contextmanager
def unreadable(server: EmbeddedQuestDB, view: str = "state_1m", *, seconds: float = 0.3) -> Iterator[None]:
    """For so long, while the block goes on."""
    folder = server.query(f"SELECT directoryName FROM tables() WHERE table_name = '{view}'").value
    file = server.folder / "db" / str(folder) / "_mv.s"
    content = file.read_bytes()
    file.write_bytes(b"")
    again = threading.Timer(seconds, file.write_bytes, (content,))
    try:
        assert view not in listed(server)
        again.start()
        yield
    finally:
        again.cancel()
        file.write_bytes(content)


@pytest.mark.parametrize("way", ["http", "pg"])
def test_the_catalog_has_the_view(server: EmbeddedQuestDB, way: str) -> None:
    with (
        catalog_reader(server.http_url if way == "http" else server.pg_dsn) as reader,
        unreadable(server),
    ):
        found = read_catalog(reader)
    assert ([one.name for one in found.views], found.gaps) == (["state_1m"], ())


def test_a_comparison_does_not_take_it_for_a_table(server: EmbeddedQuestDB) -> None:
    with unreadable(server):
        assert plan(server.client, [TABLE]).is_empty


def test_retention_names_it(server: EmbeddedQuestDB) -> None:
    with unreadable(server):
        assert retention(server.client, [TABLE])[0].views == ("state_1m",)


def test_it_is_not_settled(server: EmbeddedQuestDB) -> None:
    with unreadable(server, seconds=60), pytest.raises(ServerError, match=r"not settled within 0\.1 s: state_1m"):
        server.client.settle(timeout=0.1)
    with unreadable(server):
        server.settle()
        assert listed(server) == ["state_1m"]


def test_an_alert_test_waits_for_it(server: EmbeddedQuestDB) -> None:
    with QueryConnection(server.pg_dsn) as connection:
        stage = Stage("t1x", [TABLE], connection)
        stage.build(frozenset({"state_1m"}))
        try:
            with unreadable(server, "t1xstate_1m"):
                stage.settle()
                assert "t1xstate_1m" in listed(server)
            with unreadable(server, "t1xstate_1m", seconds=60), pytest.raises(ServerError, match="could not be read"):
                stage.settle(timeout=0.1)
        finally:
            stage.drop()


def test_one_that_stays_unreadable_is_a_gap(server: EmbeddedQuestDB, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_module, "_LISTED_SECONDS", 0.1)
    with catalog_reader(server.http_url) as reader, unreadable(server, seconds=60):
        found = read_catalog(reader)
    assert found.views == ()
    assert found.gaps == (CatalogGap("state_1m", "the server does not list it among its materialized views"),)
