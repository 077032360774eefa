"""Tables of QuestDB as declarations: what is written of them makes the same tables again."""

from __future__ import annotations

import ast
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashgen.adopt.source.table import class_name, source
from dashgen.adopt.table_source import TableSource, of_catalog
from dashgen.model.core.problems import SpecError
from dashgen.model.tables.table import TableSchema, table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.catalog import (
    Catalog,
    CatalogColumn,
    CatalogGap,
    CatalogTable,
    CatalogView,
    HttpReader,
    read_catalog,
)
from dashgen.render.ddl import create_statements, sql_name

pytestmark = pytest.mark.questdb

TYPES = (
    "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL(18,4)", "DECIMAL(18,3)", "CHAR", "STRING", "VARCHAR",
    "SYMBOL", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NS", "UUID", "IPv4", "LONG128", "LONG256", "GEOHASH(5c)",
    "GEOHASH(31b)", "BINARY", "DOUBLE[]", "DOUBLE[][]",
)  # fmt: skip
PLAIN = CatalogTable(
    name="t", columns=(CatalogColumn("ts", "TIMESTAMP"),), designated="ts", partition_by="DAY", ttl="", dedup=(),
    wal=True, max_uncommitted_rows=0, o3_max_lag=0, suspended=False, created="",
)  # fmt: skip


def declared(text: str, name: str) -> TableSchema:
    """What a module of that source declares."""
    module = ModuleType("imported_table")
    sys.modules[module.__name__] = module  # where annotations are looked up
    try:
        exec(compile(text, "imported_table.py", "exec"), module.__dict__)
        return table_of(vars(module)[name])
    finally:
        del sys.modules[module.__name__]


@contextmanager
def made(server: EmbeddedQuestDB, table: TableSchema) -> Iterator[Catalog]:
    try:
        for statement in create_statements(table):
            server.execute(statement)
        own = {table.name, *(view.name for view in table.views)}
        yield read_catalog(HttpReader(server.client), wanted=own.__contains__)
    finally:
        for view in reversed(table.views):
            server.execute(f"DROP MATERIALIZED VIEW IF EXISTS {sql_name(view.name)}")
        server.execute(f"DROP TABLE IF EXISTS {sql_name(table.name)}")


def again(one: TableSource) -> TableSchema:
    name = class_name(one.table.name)
    return declared(source(one.table, one.views, name), name)


LETTERS = string.ascii_letters + string.digits + " _-$#{}[]<>=|&^;!@`äΩ中ﬁ\u202e\x85"
NAMES = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12).filter(
    lambda name: name[0] not in " -" and not name.endswith(" ")
)
COLUMN_NAMES = st.one_of(
    NAMES.map(lambda name: name.replace("-", "\x1b")),
    st.sampled_from(["class", "None", "datetime", "int", "select", "a b", "__x", "_y", "Stored", "l", "self", "type"]),
)
SPANS = [("DAY", ""), ("HOUR", "2 DAYS"), ("WEEK", "3 WEEKS"), ("MONTH", "1 MONTH"), ("YEAR", "2 YEARS")]


@st.composite
def tables(draw: st.DrawFn) -> CatalogTable:
    names = draw(st.lists(COLUMN_NAMES, min_size=1, max_size=8, unique_by=str.lower))
    columns = []
    for name in names:
        column = CatalogColumn(name, draw(st.sampled_from(TYPES)))
        if column.type == "SYMBOL":
            index = draw(st.sampled_from([0, 64]))
            column = replace(column, capacity=draw(st.sampled_from([16, 256])), cached=draw(st.booleans()), index=index)
        columns.append(column)
    designated = next((c.name for c in columns if c.type in ("TIMESTAMP", "TIMESTAMP_NS")), "")
    if not designated:
        return replace(PLAIN, columns=tuple(columns), designated="", partition_by="NONE", wal=False)
    partition, ttl = draw(st.sampled_from(SPANS))
    wal = draw(st.booleans())
    keys = [c.name for c in columns if c.type in ("SYMBOL", "INT", "UUID", "VARCHAR") and c.name != designated]
    dedup = (designated, *keys) if wal and draw(st.booleans()) else ()
    return replace(
        PLAIN, columns=tuple(columns), designated=designated, partition_by=partition, ttl=ttl, dedup=dedup, wal=wal
    )  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(), name=NAMES)
def test_a_table_that_is_read_and_written_is_the_same(questdb: EmbeddedQuestDB, table: CatalogTable, name: str) -> None:
    first = again(TableSource("", replace(table, name=f"rt {name}"), ()))
    with made(questdb, first) as catalog:
        (read,), left = of_catalog(catalog, "the server")
    assert left == ()
    second = again(read)
    assert replace(second, source=None) == replace(first, source=None)
    with made(questdb, second) as catalog:
        assert catalog.tables == (read.table,)
    for own, theirs in zip(table.columns, read.table.columns, strict=True):
        assert own == theirs
    expected = (table.designated, table.partition_by, table.ttl, set(table.dedup), table.wal)
    got = read.table
    assert (got.designated, got.partition_by, got.ttl, set(got.dedup), got.wal) == expected


def view(name: str, base: str, query: str, **given: str) -> CatalogView:
    said: dict[str, Any] = {
        "refresh": "IMMEDIATE",
        "refresh_limit": "",
        "partition_by": "DAY",
        "ttl": "",
        "status": "valid",
    } | given
    return CatalogView(
        name=name, base=base, sql=query, columns=(), designated="", reason="", suspended=False, created="", **said
    )  # fmt: skip


def test_views_and_views_over_them(questdb: EmbeddedQuestDB) -> None:
    table = replace(PLAIN, name="Of views", columns=(CatalogColumn("ts", "TIMESTAMP"), CatalogColumn("n", "LONG")))
    hour = view("V hour", "Of views", "SELECT ts, sum(n) n\n  FROM 'Of views' -- all\nSAMPLE BY 1h", ttl="2 WEEKS")
    day = view(
        "V day", "V hour", 'SELECT ts, sum(n) n FROM "V hour" SAMPLE BY 1d', refresh="MANUAL", partition_by="MONTH"
    )
    first = again(TableSource("", table, (hour, day)))
    assert [(v.name, v.base, v.bucket) for v in first.views] == [
        ("V hour", "Of views", "1h"),
        ("V day", "V hour", "1d"),
    ]
    with made(questdb, first) as catalog:
        ((read,), _) = of_catalog(catalog, "the server")
    assert [(v.name, v.base, v.refresh, v.partition_by, v.ttl) for v in read.views] == [
        ("V hour", "Of views", "IMMEDIATE", "DAY", "2 WEEKS"),
        ("V day", "V hour", "MANUAL", "MONTH", ""),
    ]
    assert again(read) == replace(first, views=again(read).views)
    assert [" ".join(v.sql.split()) for v in again(read).views] == [" ".join(v.sql.split()) for v in first.views]


def test_a_view_of_what_can_not_be_declared_is_told() -> None:
    catalog = Catalog((PLAIN,), (view("v", "plain", "SELECT 1"),), (CatalogGap("plain", "it is a view", "view"),))
    found, left = of_catalog(catalog, "the server")
    assert [one.table for one in found] == [PLAIN]
    assert [(one.name, one.reason) for one in left] == [
        ("plain", "it is a view"), ("v", "what it is over, plain, can't be declared")
    ]  # fmt: skip


def test_a_declaration_reads_as_one_writes_it() -> None:
    columns = (
        CatalogColumn("timestamp", "TIMESTAMP"),
        CatalogColumn("host", "SYMBOL", 256),
        CatalogColumn("jobs", "INT"),
        CatalogColumn("a rather long name of a column, with blanks in it", "GEOHASH(31b)"),
        CatalogColumn("up", "BOOLEAN"),
    )
    table = replace(PLAIN, name="worker_metrics", columns=columns, designated="timestamp", dedup=("timestamp", "host"))
    assert source(table, (), class_name("worker_metrics")) == (
        '"""The table worker metrics, which others write."""\n'
        "\n"
        "from datetime import datetime\n"
        "from typing import Annotated\n"
        "\n"
        "from dashgen import Designated, Stored, Symbol, table\n"
        "\n\n"
        '@table(name="worker_metrics", dedup=("timestamp", "host"), written_by_others=True)\n'
        "class WorkerMetrics:\n"
        "    timestamp: Annotated[datetime, Designated()]\n"
        "    host: Annotated[str, Symbol()]\n"
        '    jobs: Annotated[int | None, Stored("INT")]\n'
        "    a_rather_long_name_of_a_column_with_blanks_in_it: Annotated[\n"
        "        str | None,\n"
        '        Stored("GEOHASH(31b)", name="a rather long name of a column, with blanks in it"),\n'
        "    ]\n"
        "    up: bool\n"
    )


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("order_book", "OrderBook"), ("AAPL ticks", "AAPLTicks"), ("1m", "Table1m"), ("symbol", "SymbolTable"),
        ("none", "NoneTable"), ("中", "Table"), ("größe", "GroE"), ("datetime", "Datetime"), ("table", "Table"),
    ],
)  # fmt: skip
def test_a_class_is_named_by_its_table(table: str, name: str) -> None:
    assert class_name(table) == name


def test_no_name_becomes_code() -> None:
    name = "rt {__import__('os').abort()}"
    columns = (*PLAIN.columns, CatalogColumn('x"]\nimport os', "INT"))
    text = source(replace(PLAIN, name=name, columns=columns), (), "Evil")
    statements = ast.parse(text).body
    assert [type(one).__name__ for one in statements] == ["Expr", "ImportFrom", "ImportFrom", "ImportFrom", "ClassDef"]
    with pytest.raises(SpecError, match="expected a name that QuestDB can have"):
        declared(text, "Evil")
