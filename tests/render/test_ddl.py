from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashgen.model.core.problems import SpecError
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.model.tables.table import Partition, TableSchema, table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.render import questdb
from dashgen.render.ddl import (
    create_statements,
    create_table,
    create_view,
    schema_document,
    tables_sql,
    views_sql,
)
from dashgen.schema.validate import validate
from specs.demo import DAEMONS
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

TABLES = [table_of(cls) for cls in (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics)]
EXCHANGE = table_of(ExchangeStatus)


@pytest.fixture(scope="module")
def shipped() -> Iterator[EmbeddedQuestDB]:
    """A server of its own: the shipped names belong to whoever needs them."""
    with EmbeddedQuestDB() as server:
        for table in TABLES:
            for statement in create_statements(table) * 2:
                server.execute(statement)
        yield server


def test_a_table_as_text() -> None:
    assert (
        create_table(EXCHANGE)
        == """\
CREATE TABLE IF NOT EXISTS exchange_status (
    timestamp TIMESTAMP,
    exchange SYMBOL CAPACITY 256,
    host SYMBOL CAPACITY 1024,
    env SYMBOL CAPACITY 16,
    connected BOOLEAN,
    latency_ms DOUBLE,
    reconnect_count LONG,
    last_message_at TIMESTAMP,
    disconnected_at TIMESTAMP
) TIMESTAMP(timestamp) PARTITION BY DAY TTL 90 DAYS WAL
DEDUP UPSERT KEYS(timestamp, exchange, host, env);
"""
    )


def test_a_view_as_text() -> None:
    text = create_view(table_of(PipelineMetrics).views[0])
    assert text.startswith(
        "CREATE MATERIALIZED VIEW IF NOT EXISTS pipeline_1m WITH BASE pipeline_metrics AS (\n    SELECT"
    )
    assert text.endswith("\n    SAMPLE BY 1m\n) PARTITION BY DAY TTL 90 DAYS;\n")


def test_the_files_hold_every_statement() -> None:
    assert tables_sql(TABLES).count("CREATE TABLE IF NOT EXISTS") == 4
    assert views_sql(TABLES).count("CREATE MATERIALIZED VIEW IF NOT EXISTS") == 2


def test_the_same_as_data() -> None:
    document = schema_document(TABLES)
    assert json.loads(json.dumps(document)) == document
    assert validate("tables", document) == []
    exchange = document["tables"]["exchange_status"]
    assert exchange["columns"][5] == {
        "name": "latency_ms",
        "type": "DOUBLE",
        "doc": "Round trip; while disconnected the last one known.",
        "unit": "ms",
        "minimum": 0,
        "maximum": 10_000,
    }
    assert exchange["writeIntervalSeconds"] == 10
    assert list(document["tables"]["pipeline_metrics"]["views"]) == ["pipeline_1m"]


def test_the_rendered_files_are_for_projects_with_tables() -> None:
    assert list(questdb(Project(environments=(Environment("prod"),)))) == []
    plain = Project(environments=(Environment("prod"),), tables=(DaemonMetrics,))
    assert [d.path for d in questdb(plain)] == ["questdb/tables.sql", "questdb/schema.json"]
    both = Project(environments=(Environment("prod"),), tables=(DaemonMetrics, PipelineMetrics))
    assert [d.path for d in questdb(both)] == ["questdb/tables.sql", "questdb/views.sql", "questdb/schema.json"]


def test_names_are_taken_once() -> None:
    with pytest.raises(SpecError, match="two tables or views are named 'daemon_metrics'"):
        Project(environments=(Environment("prod"),), tables=(DaemonMetrics, DaemonMetrics))
    with pytest.raises(SpecError, match="'daemon_metrics' is not a table of this project"):
        Project(environments=(Environment("prod"),), demos=(DAEMONS,))


@pytest.mark.questdb
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_reads_back_as_declared(shipped: EmbeddedQuestDB, table: TableSchema) -> None:
    columns = shipped.query(
        f"SELECT \"column\", type, symbolCapacity, designated, upsertKey FROM table_columns('{table.name}')"
    )
    assert list(columns) == [
        (c.name, c.type, c.capacity or 0, c.name == table.designated, c.name in table.dedup) for c in table.columns
    ]
    (facts,) = shipped.query(
        "SELECT partitionBy, ttlValue, ttlUnit, walEnabled, dedup, designatedTimestamp"
        f" FROM tables() WHERE table_name = '{table.name}'"
    )
    days = int(table.ttl.removesuffix(" DAYS"))
    assert facts == ("DAY", days, "DAY", True, True, "timestamp")


@pytest.mark.questdb
def test_the_views_read_back_as_declared(shipped: EmbeddedQuestDB) -> None:
    shipped.settle()  # a view that was just made is "refreshing" for a moment
    facts = shipped.query(
        "SELECT view_name, base_table_name, view_status, refresh_type FROM materialized_views() ORDER BY view_name"
    )
    assert list(facts) == [
        ("exchange_1m", "exchange_status", "valid", "immediate"),
        ("pipeline_1m", "pipeline_metrics", "valid", "immediate"),
    ]


def insert(db: EmbeddedQuestDB, env: str, connected: str) -> None:
    db.execute(
        "INSERT INTO exchange_status (timestamp, exchange, host, env, connected)"
        f" VALUES ('2026-01-01T00:00:00Z', 'okx', 'a', '{env}', {connected})"
    )


@pytest.mark.questdb
def test_a_key_stays_one_row_and_staging_leaves_prod_alone(shipped: EmbeddedQuestDB) -> None:
    insert(shipped, "prod", "true")
    insert(shipped, "prod", "false")
    insert(shipped, "staging", "true")
    shipped.settle()
    rows = shipped.query("SELECT env, connected FROM exchange_status ORDER BY env")
    assert list(rows) == [("prod", False), ("staging", True)]


@pytest.mark.questdb
def test_the_view_sums_by_the_minute(shipped: EmbeddedQuestDB) -> None:
    for second, count, gap in (("05", 1, 30), ("15", 2, 90), ("15", 2, 90), ("49", 4, 60), ("59", 0, 0)):
        shipped.execute(
            "INSERT INTO pipeline_metrics"
            " (timestamp, exchange, symbol, data_type, host, env, records_count, latency_ms, gap_detected,"
            " gap_duration_seconds)"
            f" VALUES ('2026-01-01T00:00:{second}Z', 'okx', 'BTC', 'oi', 'a', 'prod', {count}, 2.5, {gap > 0}, {gap})"
        )
    shipped.settle()
    (row,) = shipped.query("SELECT records, latency_sum, latency_n, latency_max FROM pipeline_1m")
    assert row == (7, 10.0, 4, 2.5)
    (row,) = shipped.query("SELECT gap_seconds, gap_max, record_at FROM pipeline_1m")
    assert row == (180.0, 90.0, datetime(2026, 1, 1, 0, 0, 49, tzinfo=UTC))


@pytest.mark.questdb
@pytest.mark.parametrize(
    ("partition", "ttl"),
    [("HOUR", "36 HOURS"), ("DAY", "2 WEEKS"), ("WEEK", "1 MONTH"), ("MONTH", "1 YEAR"), ("YEAR", "2 YEARS")],
)
def test_what_the_model_accepts_the_server_does(questdb: EmbeddedQuestDB, partition: Partition, ttl: str) -> None:
    name = f"ttl_{partition.lower()}"
    plain = replace(EXCHANGE, name=name, partition_by=partition, ttl=ttl, dedup=(), wal=partition != "HOUR")
    questdb.execute(create_table(plain))
    assert questdb.query(f"SELECT walEnabled FROM tables() WHERE table_name = '{name}'").value is plain.wal
