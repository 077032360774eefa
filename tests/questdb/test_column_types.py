"""Declared columns of every type on a real server: what it makes of the DDL, and which names it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashgen.model.tables import table as tables
from dashgen.model.tables.column_types import column_type
from dashgen.model.tables.demo import Demo
from dashgen.model.tables.table import Column, MaterializedView, TableSchema
from dashgen.questdb import EmbeddedQuestDB, QueryError
from dashgen.questdb.demo import seed_tables
from dashgen.questdb.migrate import plan
from dashgen.render.ddl import RESERVED, create_statements, create_table, sql_name

pytestmark = pytest.mark.questdb

TYPES = (
    "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL(18,4)", "DECIMAL(76,76)", "CHAR", "STRING", "VARCHAR",
    "SYMBOL", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NS", "UUID", "IPv4", "LONG128", "LONG256", "GEOHASH(1b)",
    "GEOHASH(5c)", "GEOHASH(12c)", "GEOHASH(31b)", "BINARY", "DOUBLE[]", "DOUBLE[][]", f"DOUBLE{'[]' * 32}",
)  # fmt: skip
OTHERS = TableSchema(
    name="Of Others", columns=(), designated="", partition_by="NONE", ttl="", dedup=(), write_interval_seconds=None,
    views=(), rules=(), doc="", wal=False, written_by_others=True,
)  # fmt: skip


@pytest.fixture
def drop(questdb: EmbeddedQuestDB) -> Iterator[None]:
    yield
    for view in ("Day", "Hour"):
        questdb.execute(f'DROP MATERIALIZED VIEW IF EXISTS "{view}"')
    questdb.execute('DROP TABLE IF EXISTS "Of Others"')


@pytest.mark.usefixtures("drop")
@pytest.mark.parametrize("kind", TYPES)
def test_a_column_of_each_type_is_made_as_it_is_named(questdb: EmbeddedQuestDB, kind: str) -> None:
    assert column_type(kind.lower()).name == kind
    made = replace(OTHERS, columns=(Column("a b", kind),))
    questdb.execute(create_table(made))
    assert questdb.query("SELECT \"column\", type FROM table_columns('Of Others')").rows == (("a b", kind),)
    assert plan(questdb.client, [made]).is_empty


@pytest.mark.usefixtures("drop")
def test_every_option_is_made_as_it_is_declared(questdb: EmbeddedQuestDB) -> None:
    columns = (
        Column("Ts", "TIMESTAMP_NS"),
        Column("select", "SYMBOL", 1024, cached=False, index=64),
        Column("Größe $1", "DECIMAL(18,4)"),
    )
    hour = MaterializedView(
        name="Hour", base="Of Others", refresh="EVERY 10m DEFERRED START '2026-01-01T00:00:00.000000Z'",
        sql='SELECT "Ts", "select", count() n FROM "Of Others" SAMPLE BY 1h', ttl="14 DAYS",
    )  # fmt: skip
    day = MaterializedView(
        name="Day", base="Hour", sql='SELECT "Ts", sum(n) n FROM "Hour" SAMPLE BY 1d', partition_by="MONTH"
    )
    made = replace(
        OTHERS, columns=columns, designated="Ts", partition_by="WEEK", ttl="3 WEEKS", dedup=("Ts", "select"), wal=True,
        views=(hour, day),
    )  # fmt: skip
    for statement in create_statements(made):
        questdb.execute(statement)
    assert str(questdb.query('SHOW CREATE TABLE "Of Others"').value) == (
        "CREATE TABLE 'Of Others' ( \n\tTs TIMESTAMP_NS,\n\tselect SYMBOL NOCACHE INDEX CAPACITY 64,\n"
        "\tGröße $1 DECIMAL(18,4)\n) timestamp(Ts) PARTITION BY WEEK TTL 3 WEEKS\nDEDUP UPSERT KEYS(Ts,select);"
    )
    shown = str(questdb.query('SHOW CREATE MATERIALIZED VIEW "Hour"').value)
    assert shown.startswith(f"CREATE MATERIALIZED VIEW 'Hour' WITH BASE 'Of Others' REFRESH {hour.refresh} AS (")
    assert shown.endswith("PARTITION BY DAY TTL 2 WEEKS;")
    assert "WITH BASE 'Hour' REFRESH IMMEDIATE AS" in str(questdb.query('SHOW CREATE MATERIALIZED VIEW "Day"').value)
    assert plan(questdb.client, [made]).is_empty


def takes(server: EmbeddedQuestDB, name: str, statement: str) -> bool:
    """Whether the server makes that; it is dropped again."""
    try:
        server.execute(statement)
    except QueryError:
        return False
    server.execute(f'DROP TABLE "{name}"')
    return True


def test_names_are_those_that_the_server_takes(questdb: EmbeddedQuestDB) -> None:
    letters = [chr(code) for code in (*range(1, 128), 0xA0, 0xE9, 0x3A9, 0x4E2D, 0xFEFF, 0x1F600)]
    names = [*(f"a{letter}b" for letter in letters), " a", "a ", ".a", "a.", "a..b", "1a", "$a", "a" * 127, "a" * 128]
    for name in (name for name in names if '"' not in name):
        known = tables._COLUMN_NAME.fullmatch(name) is not None
        assert takes(questdb, "named", f'CREATE TABLE named ("{name}" INT)') is known, f"column {name!r}"
        known = tables._TABLE_NAME.fullmatch(name) is not None
        assert takes(questdb, name, f'CREATE TABLE "{name}" (x INT)') is known, f"table {name!r}"


def test_words_of_sql_are_quoted(questdb: EmbeddedQuestDB) -> None:
    known = {str(word) for (word,) in questdb.query("SELECT keyword FROM keywords()")}
    assert known >= RESERVED
    for word in sorted(known):
        bare = takes(questdb, "named", f"CREATE TABLE named ({word} INT)") and takes(
            questdb, word, f"CREATE TABLE {word} (x INT)"
        )
        assert bare is (sql_name(word) == word), word
        assert takes(questdb, "named", f"CREATE TABLE named ({sql_name(word)} INT)")


def test_what_others_have_otherwise_is_told_and_not_touched(questdb: EmbeddedQuestDB) -> None:
    made = replace(
        OTHERS, name="theirs", columns=(Column("ts", "TIMESTAMP"), Column("n", "INT"), Column("gone", "UUID")),
        designated="ts", partition_by="DAY", wal=True, dedup=("ts",), ttl="1 DAY",
        views=(MaterializedView(name="theirs_1h", base="theirs", sql="SELECT ts FROM theirs SAMPLE BY 1h"),),
    )  # fmt: skip
    planned = plan(questdb.client, [made])
    assert [(d.path, d.message) for d in planned.differing] == [
        ("theirs", "expected a table that others create, got none")
    ]
    questdb.execute("CREATE TABLE theirs (ts TIMESTAMP, t2 TIMESTAMP, n LONG, more INT) TIMESTAMP(t2) PARTITION BY DAY")
    try:
        questdb.execute("ALTER TABLE theirs SUSPEND WAL")
        planned = plan(questdb.client, [made])
        assert (planned.steps, planned.refusals, planned.left, planned.is_empty) == ((), (), ("theirs",), False)
        assert [(d.path, d.message) for d in planned.differing] == [
            ("theirs › n", "expected INT, got LONG"),
            ("theirs › gone", "expected UUID, got no such column"),
            ("theirs", "expected ts as designated timestamp, got t2"),
            ("theirs", "expected the dedup keys ts, got none"),
            ("theirs", "expected a table that takes rows, got one that is suspended"),
            ("theirs_1h", "expected a materialized view of others, got none"),
        ]
    finally:
        with suppress(QueryError):
            questdb.execute("ALTER TABLE theirs RESUME WAL")
        questdb.execute("DROP TABLE theirs")


def test_a_demo_fills_every_type(questdb: EmbeddedQuestDB) -> None:
    formulas = {
        "Byte": ("BYTE", "cast(i % 100 AS BYTE)"), "Int": ("INT", "i"), "Id": ("UUID", "rnd_uuid4()"),
        "Price": ("DECIMAL(18,4)", "cast(i AS DECIMAL(18,4))"), "Peer": ("IPv4", "'10.0.0.1'"),
        "Cell": ("GEOHASH(5c)", "rnd_geohash(25)"), "Depth": ("DOUBLE[]", "ARRAY[1.0, t]"), "Day": ("DATE", "at"),
        "Sign": ("CHAR", "'x'"), "Float": ("FLOAT", "1.5"),
    }  # fmt: skip
    columns = (Column("Ts", "TIMESTAMP_NS"), *(Column(name, kind) for name, (kind, _) in formulas.items()))
    made = replace(OTHERS, columns=columns, designated="Ts", partition_by="DAY", wal=True)
    demo = Demo(table=made, every="1m", series=lambda given: 2, columns={k: sql for k, (_, sql) in formulas.items()})
    questdb.execute(create_table(made))
    try:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        end = start + timedelta(minutes=5)
        assert seed_tables(questdb.client, [demo], {}, env="prod", start=start, end=end) == 10
        assert questdb.query('SELECT sum("Int"), count("Id"), count("Price") FROM "Of Others"').rows == ((5, 10, 10),)
    finally:
        questdb.execute('DROP TABLE "Of Others"')
