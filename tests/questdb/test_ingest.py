from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import pytest
from annotated_types import Ge

from dashgen.model.row_constraints import Monotonic
from dashgen.model.table import Designated, Symbol, table, table_of, unchecked
from dashgen.questdb import QuestDB, QuestDBError, ServerError
from dashgen.questdb.ingest import Ingest, ingest, records
from dashgen.render.ddl import create_table

pytestmark = pytest.mark.questdb
START = datetime(2026, 1, 1, tzinfo=UTC)


@table(
    name="taken",
    dedup=("timestamp", "host"),
    write_interval="1s",
    rules=(Monotonic("count", resets_with="uptime"),),
)
class Taken:
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    count: Annotated[int, Ge(0)]
    uptime: float = 0.0
    note: str | None = None
    seen: datetime | None = None


def rows(count: int) -> Iterator[Taken]:
    for number in range(count):
        yield Taken(timestamp=START + timedelta(seconds=number), host="a", count=number)


@pytest.fixture
def empty(questdb: QuestDB) -> QuestDB:
    questdb.execute("DROP TABLE IF EXISTS taken")
    questdb.execute(create_table(table_of(Taken)))
    return questdb


def stored(db: QuestDB) -> object:
    db.settle()
    return db.query("SELECT count() FROM taken").value


def test_all_types_arrive(empty: QuestDB) -> None:
    row = Taken(timestamp=START, host="ä 'x',=", count=2**63 - 1, uptime=0.1, note='"\n😀', seen=START)
    assert ingest([row], empty.http_url).written == 1
    empty.settle()
    assert empty.query("SELECT * FROM taken").rows == ((START, row.host, row.count, 0.1, row.note, START),)


def test_bad_rows_are_named_and_the_others_written(empty: QuestDB) -> None:
    bad = unchecked(Taken, timestamp=START, host="b", count=-1)
    future = Taken(timestamp=datetime.now(UTC) + timedelta(hours=1), host="b", count=1)
    report = ingest([*rows(2), bad, future], empty.http_url)
    assert report.written == stored(empty) == 2
    assert [(f.row, f.field) for f in report.refused] == [(2, "count"), (3, "timestamp")]


def test_values_are_validated_too(empty: QuestDB) -> None:
    good = {"timestamp": START, "host": "a", "count": 1}
    report = records(Taken, empty.http_url, [good | {"count": "1"}, good, good | {"nope": 1}])
    assert [(f.row, f.field) for f in report.refused] == [(0, "count"), (2, "nope")]
    assert stored(empty) == 1


def test_contradictions_are_written_and_reported(empty: QuestDB) -> None:
    first = Taken(timestamp=START, host="a", count=5, uptime=1.0)
    second = Taken(timestamp=START + timedelta(seconds=1), host="a", count=4, uptime=2.0)
    third = Taken(timestamp=START + timedelta(seconds=2), host="a", count=5, uptime=3.0)
    report = ingest([first, second, third], empty.http_url)
    assert report.written == 3
    assert [(f.row, f.field) for f in report.contradictions] == [(1, "count")]


def test_the_same_rows_again_stay_once(empty: QuestDB) -> None:
    for _ in range(2):
        assert ingest(rows(1000), empty.http_url, batch_rows=300).written == 1000
    assert stored(empty) == 1000


def test_a_wrong_type_names_table_row_and_column(questdb: QuestDB) -> None:
    questdb.execute("DROP TABLE IF EXISTS taken")
    questdb.execute(create_table(table_of(Taken)).replace("note VARCHAR", "note BOOLEAN"))
    odd = Taken(timestamp=START + timedelta(days=1), host="a", count=9, note="text")
    report = ingest([*rows(3), odd, *rows(5)], questdb.http_url)
    (finding,) = report.refused
    assert (finding.table, finding.row, finding.field) == ("taken", 3, "note")
    assert "cast error" in finding.message
    assert report.written == 8
    assert stored(questdb) == 5


def test_a_table_that_is_not_deployed_is_said_soon(questdb: QuestDB) -> None:
    questdb.execute("DROP TABLE IF EXISTS taken")
    with pytest.raises(QuestDBError, match=r"rejects the batch: table: taken.*does not exist"):
        ingest(rows(100), questdb.http_url)


def test_gives_up_when_nobody_answers() -> None:
    with pytest.raises(ServerError, match=r"after 0\.3 s of trying"):
        ingest(rows(1), "http://127.0.0.1:9", retry_seconds=0.3)


def test_a_batch_that_was_not_written_is_kept(empty: QuestDB) -> None:
    """Its table is away while it leaves, and there again at the next flush."""
    empty.execute("RENAME TABLE taken TO elsewhere")
    with Ingest(empty.http_url, batch_rows=10) as going:
        with pytest.raises(QuestDBError, match=r"rejects the batch: table: taken.*does not exist"):
            deque(map(going.add, rows(25)), maxlen=0)
        with pytest.raises(QuestDBError, match="does not exist"):
            going.flush()
        empty.execute("RENAME TABLE elsewhere TO taken")
        going.flush()
        assert going.report.written == stored(empty) == 20
    assert going.report.refused == []


def test_an_interrupt_does_not_wait_for_a_server_that_is_away() -> None:
    began = time.monotonic()

    def interrupted() -> None:
        with Ingest("http://127.0.0.1:9", batch_rows=1) as going:
            going.add(next(rows(1)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - began < 10
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("dashgen-ingest")]


def test_a_table_without_keys_is_refused(questdb: QuestDB) -> None:
    @table(name="keyless")
    class Keyless:
        timestamp: Annotated[datetime, Designated()]
        n: int

    with pytest.raises(ValueError, match="expected dedup keys on keyless"):
        ingest([Keyless(timestamp=START, n=1)], questdb.http_url)


@pytest.mark.slow
def test_a_restart_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """A million rows; the server is killed after a hundred thousand and comes back on the same port."""
    count = 1_000_000
    with QuestDB(tmp_path / "db") as first:
        url, port = first.http_url, int(first.http_url.rpartition(":")[2])
        first.execute(create_table(table_of(Taken)))
        reached, going = threading.Event(), Ingest(url)

        def work() -> None:
            with going:
                for number, row in enumerate(rows(count)):
                    if number == 100_000:
                        reached.set()
                    going.add(row)

        worker = threading.Thread(target=work)
        worker.start()
        reached.wait()
        os.kill(first.pid, signal.SIGKILL)
    with QuestDB(tmp_path / "db", http_port=port) as second:
        worker.join()
        second.settle()
        assert going.report.retries > 0
        assert going.report.written == count
        (row,) = second.query("SELECT count(), count_distinct(timestamp), sum(count) FROM taken")
        assert row == (count, count, count * (count - 1) // 2)
