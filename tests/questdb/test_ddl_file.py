"""Files of CREATE statements: what the server makes of them, and what is refused where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.ddl_file import DdlFile, creates, run_ddl

pytestmark = pytest.mark.questdb


@pytest.fixture
def run(questdb: EmbeddedQuestDB) -> Iterator[Reader]:
    reader = Reader(questdb)
    yield reader
    reader.drop()


class Reader:
    def __init__(self, server: EmbeddedQuestDB) -> None:
        self.server = server
        self.made: list[DdlFile] = []

    def __call__(self, text: str) -> DdlFile:
        found = run_ddl({"schema.sql": text}, self.server)
        self.made.append(found)
        return found

    def drop(self) -> None:
        for found in self.made:
            for view in reversed(found.catalog.views):
                self.server.execute(f'DROP MATERIALIZED VIEW "{view.name}"')
            for table in found.catalog.tables:
                self.server.execute(f'DROP TABLE "{table.name}"')


def created(found: DdlFile) -> list[str]:
    both = [*(one.created for one in found.catalog.tables), *(one.created for one in found.catalog.views)]
    return [" ".join(statement.split()) for statement in both]


def told(found: DdlFile) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_statements_in_any_order_and_notation(run: Reader) -> None:
    found = run(
        """-- a view before its table; a ';' in a comment
create materialized view ddl_1h as (
    select ts, "S;1", count() n from "Ddl T" sample by 1h
) partition by day;;
/* and ; here */
CREATE TABLE IF NOT EXISTS "Ddl T" (ts timestamp, "S;1" symbol capacity 16) timestamp(ts)
    partition by month ttl 2 months wal dedup upsert keys(ts, "S;1");
CREATE TABLE 'ddl_like' (LIKE "Ddl T")"""
    )
    assert told(found) == []
    assert [(one.name, one.source and one.source.line) for one in found.catalog.tables] == [
        ("Ddl T", 6),
        ("ddl_like", 8),
    ]
    ((view, source),) = [(one, one.source) for one in found.catalog.views]
    assert (view.name, view.base, str(source)) == ("ddl_1h", "Ddl T", "schema.sql:2:1")
    assert found.catalog.tables[0].dedup == ("ts", "S;1")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE sessions", "got DROP TABLE"),
        ("ALTER TABLE t ADD COLUMN x INT", "got ALTER TABLE"),
        ("INSERT INTO t VALUES (1)", "got INSERT"),
        ("SELECT 1", "got SELECT"),
        ("COPY t TO 'x'", "got COPY"),
        ("CREATE VIEW v AS (SELECT 1)", "got CREATE VIEW"),
        ("CREATE USER joe", "got CREATE USER"),
        ("CREATE BATCH 5 TABLE t AS (SELECT 1)", "got CREATE BATCH"),
    ],
)
def test_other_statements_are_refused_and_not_run(run: Reader, statement: str, said: str) -> None:
    run.server.execute("CREATE TABLE IF NOT EXISTS sessions (x INT)")
    tables = run.server.query("SELECT count() FROM tables()").value
    (line,) = told(found := run(f"\n  {statement};\n"))
    assert line.startswith("schema.sql:2:3: ")
    assert f"expected CREATE TABLE or CREATE MATERIALIZED VIEW, {said}: it is not run" in line
    assert found.catalog.tables == ()
    assert run.server.query("SELECT count() FROM tables()").value == tables
    run.server.execute("DROP TABLE sessions")


def test_a_query_is_not_run_to_make_a_table(run: Reader) -> None:
    found = run("CREATE TABLE ddl_as AS (SELECT x FROM long_sequence(1000000000))")
    assert told(found) == [
        "schema.sql:1:1: ddl_as: expected the columns of the table, got AS with a query: it is not run"
        " (give what SHOW CREATE TABLE prints of it)"
    ]


def test_a_view_that_acts_is_not_run(run: Reader) -> None:
    (line,) = told(run("CREATE MATERIALIZED VIEW v AS (SELECT reload_config() FROM t SAMPLE BY 1h)"))
    assert "expected a statement that only declares, got reload_config(), which acts on the server: it is not" in line


def test_what_the_server_refuses_is_told_at_its_place_all_at_once(run: Reader) -> None:
    found = run(
        "CREATE TABLE ddl_ok (x INT);\n"
        "CREATE TABLE ddl_bad (\n  x INT,\n  y NUMBER\n);\n"
        "CREATE TABLE IF NOT EXISTS Ddl_OK (y INT);\n"
        "CREATE TABLE ddl_ok (z INT);\n"
        "CREATE MATERIALIZED VIEW ddl_v AS (\n  SELECT ts, count() n FROM ddl_none SAMPLE BY 1h\n);\n"
        "CREATE TABLE\n"
    )
    assert [one.name for one in found.catalog.tables] == ["ddl_ok"]
    twice = "QuestDB refuses it: table already exists (it is made at schema.sql:1: leave one of the statements out)"
    assert told(found)[:5] == [
        "schema.sql:4:5: ddl_bad: QuestDB refuses it: unsupported column type: NUMBER",
        f"schema.sql:6:1: Ddl_OK: {twice}",
        f"schema.sql:7:14: ddl_ok: {twice}",
        "schema.sql:9:29: ddl_v: QuestDB refuses it: table does not exist [table=ddl_none]"
        " (give its CREATE TABLE, too)",
        told(found)[4],
    ]
    assert told(found)[4].startswith("schema.sql:11:")
    assert len(found.problems) == 5


def test_what_show_create_prints_is_read_again(run: Reader) -> None:
    first = run(
        'CREATE TABLE "Ddl 1" (Ts TIMESTAMP, s SYMBOL NOCACHE INDEX CAPACITY 64, d DOUBLE[]) TIMESTAMP(Ts)'
        " PARTITION BY DAY TTL 7 DAYS;"
        ' CREATE MATERIALIZED VIEW "Ddl v" WITH BASE "Ddl 1" REFRESH MANUAL AS'
        ' (SELECT Ts, count() n FROM "Ddl 1" SAMPLE BY 1h) PARTITION BY WEEK'
    )
    printed = created(first)
    run.drop()
    run.made.clear()
    again = run("\n".join(printed))
    assert told(again) == []
    assert created(again) == printed


def test_statements_of_several_files(questdb: EmbeddedQuestDB, run: Reader) -> None:
    view = "CREATE MATERIALIZED VIEW ddl_two AS (SELECT ts, count() n FROM ddl_one SAMPLE BY 1h) PARTITION BY DAY;\n"
    table = "CREATE TABLE ddl_one (ts TIMESTAMP) TIMESTAMP(ts) PARTITION BY DAY WAL;\nDROP TABLE x;\n"
    found = run_ddl({"views.sql": view, "tables.sql": table + table}, questdb)
    run.made.append(found)
    assert [(one.name, str(one.source)) for one in found.catalog.tables] == [("ddl_one", "tables.sql:1:1")]
    assert [(one.name, str(one.source)) for one in found.catalog.views] == [("ddl_two", "views.sql:1:1")]
    assert [line.partition(": ")[0] for line in told(found)] == ["tables.sql:2:1", "tables.sql:3:14", "tables.sql:4:1"]
    assert "(it is made at tables.sql:1: leave one of the statements out)" in told(found)[1]


def test_where_and_whose_is_left_out(run: Reader) -> None:
    found = run(
        """CREATE TABLE ddl_clauses (ts TIMESTAMP, volume SYMBOL CAPACITY 16 INDEX CAPACITY 32) TIMESTAMP(ts)
        PARTITION BY DAY WAL WITH maxUncommittedLag=30s, maxUncommittedRows=1000 IN VOLUME 'fast disk'
        DEDUP UPSERT KEYS(ts) OWNED BY "the team";
        CREATE MATERIALIZED VIEW ddl_owned WITH BASE ddl_clauses REFRESH MANUAL AS
        (SELECT ts, count() n FROM ddl_clauses SAMPLE BY 1h) PARTITION BY DAY IN VOLUME fast OWNED BY joe;"""
    )
    assert told(found) == []
    (table,) = found.catalog.tables
    assert (table.dedup, table.columns[1].index) == (("ts",), 32)
    assert [one.refresh for one in found.catalog.views] == ["MANUAL"]


def test_printed_columns_that_need_quotes(run: Reader) -> None:
    first = run(
        """CREATE TABLE "Ddl odd"
        ("select" SYMBOL CAPACITY 16 NOCACHE INDEX CAPACITY 64, "a b" DECIMAL(18,4), "Ts x" TIMESTAMP)
        TIMESTAMP("Ts x") PARTITION BY DAY TTL 3 DAYS WAL DEDUP UPSERT KEYS("Ts x", "select")"""
    )
    (printed,) = [one.created for one in first.catalog.tables]
    assert "\tselect SYMBOL" in printed
    run.drop()
    run.made.clear()
    again = run(printed)
    assert told(again) == []
    assert [one.created for one in again.catalog.tables] == [printed]


@pytest.mark.parametrize(
    ("text", "makes"),
    [
        ("-- CREATE TABLE t (x INT)\nSELECT 1", False),
        ("SELECT 'CREATE TABLE t'", False),
        ("select 1; Create  Table t (x int)", True),
        ("create materialized view v as (select 1)", True),
        ("", False),
        ("CREATE VIEW v AS (SELECT 1)", False),
    ],
)
def test_what_makes_a_table(text: str, makes: bool) -> None:
    assert creates(text) is makes
