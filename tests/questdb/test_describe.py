from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from dashgen.questdb import EmbeddedQuestDB, QueryError, ServerError
from dashgen.questdb.describe import Describer, DescriberPool
from dashgen.questdb.errors import text_index

pytestmark = pytest.mark.questdb


@pytest.fixture(scope="module")
def describer(questdb: EmbeddedQuestDB) -> Iterator[Describer]:
    questdb.execute(
        "CREATE TABLE IF NOT EXISTS described (ts TIMESTAMP,"
        " s SYMBOL, n LONG, d DOUBLE, b BOOLEAN, v VARCHAR)"
        " TIMESTAMP(ts) PARTITION BY DAY"
    )
    with Describer(questdb.readonly_dsn) as made:
        yield made


def test_columns_and_types(describer: Describer) -> None:
    columns = describer.describe("SELECT ts AS time, s, n, d, b, v, count() AS count FROM described")
    assert [(c.name, c.type) for c in columns] == [
        ("time", "timestamp"),
        ("s", "varchar"),
        ("n", "bigint"),
        ("d", "double"),
        ("b", "boolean"),
        ("v", "varchar"),
        ("count", "bigint"),
    ]


@pytest.mark.parametrize("before", ["", "'ä' AS a, ", "'😀😀' AS a, "])
def test_an_error_has_its_place(describer: Describer, before: str) -> None:
    sql = f"SELECT {before}nope FROM described"
    with pytest.raises(QueryError) as caught:
        describer.describe(sql)
    assert caught.value.message == "Invalid column: nope"
    assert caught.value.position == sql.index("nope")


def test_describing_leaves_no_wrong_plan_behind(questdb: EmbeddedQuestDB, describer: Describer) -> None:
    """A server bug that an unclosed statement wakes: the text of one query then runs the plan of another."""
    texts = [f"SELECT n AS c{number} FROM described" for number in range(4)]
    for _ in range(2):
        for number, text in enumerate(texts):
            assert [c.name for c in describer.describe(text)] == [f"c{number}"]
    with psycopg.connect(questdb.pg_dsn, autocommit=True) as other:
        for number, text in enumerate(texts):
            description = other.execute(text).description
            assert description is not None
            assert description[0].name == f"c{number}"


def test_goes_on_after_an_error(describer: Describer) -> None:
    with pytest.raises(QueryError):
        describer.describe("SELEC 1")
    assert [c.name for c in describer.describe("SELECT 1 AS one")] == ["one"]


@pytest.mark.parametrize("sql", ["DROP TABLE described", "INSERT INTO described (ts) VALUES (now())", ""])
def test_statements_without_columns(questdb: EmbeddedQuestDB, describer: Describer, sql: str) -> None:
    with pytest.raises(QueryError):
        describer.describe(sql)
    assert questdb.query("SELECT count() FROM described").value == 0


def test_the_login_can_not_write(questdb: EmbeddedQuestDB, describer: Describer) -> None:
    assert questdb.query("SELECT count() FROM described").value == 0
    with (
        psycopg.connect(questdb.readonly_dsn, autocommit=True) as connection,
        pytest.raises(psycopg.Error, match="permission denied"),
    ):
        connection.execute("DROP TABLE described")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ServerError, match="no connection"):
        Describer("postgresql://a:b@127.0.0.1:9/qdb")


def test_positions_count_utf16_units() -> None:
    assert text_index("a😀b", 3) == 2
    assert text_index("a😀b", 0) == 0
    assert text_index("ab", 9) == 2


TEXTS = [
    *(f"SELECT ts, n AS c{number} FROM described" for number in range(20)),
    "SELECT nope FROM described",
    "DROP TABLE described",
    "SELECT s, count() FROM described",
    *(f"SELECT s, nope{number}, d FROM described" for number in range(20)),
]


def test_a_pool_says_what_one_connection_says_in_the_order_of_the_texts(
    questdb: EmbeddedQuestDB, describer: Describer
) -> None:
    def alone(text: str) -> object:
        try:
            return describer.describe(text)
        except QueryError as error:
            return error.message, error.position

    with closing(DescriberPool(questdb.readonly_dsn)) as pool:
        for texts in (TEXTS, TEXTS[:1], TEXTS[::-1]):
            found = [
                (one.message, one.position) if isinstance(one, QueryError) else one for one in pool.describe(texts)
            ]
            assert found == list(map(alone, texts))
        assert pool.describe([]) == []


def test_a_pool_of_a_server_that_is_gone() -> None:
    with EmbeddedQuestDB(compiler="quick") as db, closing(DescriberPool(db.readonly_dsn)) as pool:
        assert len(pool.describe(["SELECT 1 AS a", "SELECT 2 AS b"])) == 2
        db.stop()
        with pytest.raises(ServerError, match="no connection for describing queries"):
            pool.describe(["SELECT 3 AS a", "SELECT 4 AS b", "SELECT 5 AS c"])
