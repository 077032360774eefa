from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from dashgen.questdb import EmbeddedQuestDB, QueryError
from dashgen.questdb.bounded import BoundedReader

pytestmark = pytest.mark.questdb
ENDLESS = "long_sequence(1000000000000)"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedQuestDB]:
    """One of its own, as a query that can't be ended starts it again."""
    with EmbeddedQuestDB(compiler="quick") as made:
        made.execute("CREATE TABLE kept (ts TIMESTAMP, v LONG) TIMESTAMP(ts) PARTITION BY DAY WAL")
        made.execute("INSERT INTO kept VALUES (0, 7)")
        made.settle()
        yield made


@pytest.fixture
def reader(server: EmbeddedQuestDB) -> Iterator[BoundedReader]:
    with closing(BoundedReader(server, seconds=0.5, rows=2_500)) as made:
        yield made


def running(server: EmbeddedQuestDB) -> list[object]:
    texts = [row["query"] for row in server.query("SELECT * FROM query_activity()").records()]
    return [text for text in texts if ENDLESS in str(text)]


def stopped_within(server: EmbeddedQuestDB, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while running(server):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_rows_within_the_bounds(reader: BoundedReader) -> None:
    found = reader.run("SELECT x, 'a' AS s, x > 1 AS b FROM long_sequence(2)")
    assert [name for name, _ in found.columns] == ["x", "s", "b"]
    assert (found.rows, found.count, found.stopped) == (((1, "a", False), (2, "a", True)), 2, "")
    assert reader.run("SELECT x FROM long_sequence(2500)", keep=False).rows == ()
    assert reader.run("SELECT ts FROM kept WHERE v = 1").columns[0][0] == "ts"


def test_a_refusal_has_the_words_of_the_server(reader: BoundedReader) -> None:
    with pytest.raises(QueryError, match="Invalid column: nope"):
        reader.run("SELECT nope FROM kept")
    assert reader.run("SELECT 1 AS one").rows == ((1,),)


@pytest.mark.parametrize(
    ("sql", "bound"),
    [
        (f"SELECT sum(x) FROM {ENDLESS}", "after 0.5 s"),
        (f"SELECT sum(a.x * b.x) FROM {ENDLESS} a CROSS JOIN {ENDLESS} b", "after 0.5 s"),
        (f"SELECT x FROM {ENDLESS}", "after 2,500 rows"),
        (f"SELECT a.x FROM {ENDLESS} a CROSS JOIN {ENDLESS} b", "after 2,500 rows"),
    ],
)
def test_what_does_not_end_is_ended_on_the_server(
    server: EmbeddedQuestDB, reader: BoundedReader, sql: str, bound: str
) -> None:
    began, process = time.monotonic(), server.pid
    assert reader.run(sql).stopped == bound
    assert time.monotonic() - began < 60
    assert stopped_within(server, 60)
    assert reader.run("SELECT 1 AS one").rows == ((1,),)
    assert server.pid == process


def test_what_the_server_can_not_end_starts_it_again(server: EmbeddedQuestDB, reader: BoundedReader) -> None:
    process = server.pid
    assert reader.run(f"SELECT x FROM {ENDLESS} WHERE x < 0").stopped == "after 0.5 s"
    assert server.pid != process
    assert running(server) == []
    assert reader.run("SELECT v FROM kept").rows == ((7,),)
