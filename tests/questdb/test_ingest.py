from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from annotated_types import Ge

from dashgen.model.tables.row_constraints import Monotonic
from dashgen.model.tables.table import Designated, Symbol, table, table_of, unchecked
from dashgen.questdb import EmbeddedQuestDB, QuestDBError, ServerError
from dashgen.questdb.ingest import Ingest, ingest, records
from dashgen.render.ddl import create_table

pytestmark = [
    pytest.mark.questdb,
    # each test has an Ingest of its own, and a program has one
    pytest.mark.filterwarnings("ignore:questdb.Sender. Detected a burst of reconnections"),
]
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
def empty(questdb: EmbeddedQuestDB) -> EmbeddedQuestDB:
    questdb.execute("DROP TABLE IF EXISTS taken")
    questdb.execute(create_table(table_of(Taken)))
    return questdb


def stored(db: EmbeddedQuestDB) -> object:
    db.settle()
    return db.query("SELECT count() FROM taken").value


def test_all_types_arrive(empty: EmbeddedQuestDB) -> None:
    row = Taken(timestamp=START, host="ä 'x',=", count=2**63 - 1, uptime=0.1, note='"\n😀', seen=START)
    assert ingest([row], empty.http_url).written == 1
    empty.settle()
    assert empty.query("SELECT * FROM taken").rows == ((START, row.host, row.count, 0.1, row.note, START),)


def test_bad_rows_are_named_and_the_others_written(empty: EmbeddedQuestDB) -> None:
    bad = unchecked(Taken, timestamp=START, host="b", count=-1)
    future = Taken(timestamp=datetime.now(UTC) + timedelta(hours=1), host="b", count=1)
    report = ingest([*rows(2), bad, future], empty.http_url)
    assert report.written == stored(empty) == 2
    assert [(f.row, f.field) for f in report.refused] == [(2, "count"), (3, "timestamp")]


def test_values_are_validated_too(empty: EmbeddedQuestDB) -> None:
    good = {"timestamp": START, "host": "a", "count": 1}
    report = records(Taken, empty.http_url, [good | {"count": "1"}, good, good | {"nope": 1}])
    assert [(f.row, f.field) for f in report.refused] == [(0, "count"), (2, "nope")]
    assert stored(empty) == 1


def test_contradictions_are_written_and_reported(empty: EmbeddedQuestDB) -> None:
    first = Taken(timestamp=START, host="a", count=5, uptime=1.0)
    second = Taken(timestamp=START + timedelta(seconds=1), host="a", count=4, uptime=2.0)
    third = Taken(timestamp=START + timedelta(seconds=2), host="a", count=5, uptime=3.0)
    report = ingest([first, second, third], empty.http_url)
    assert report.written == 3
    assert [(f.row, f.field) for f in report.contradictions] == [(1, "count")]


def test_the_same_rows_again_stay_once(empty: EmbeddedQuestDB) -> None:
    for _ in range(2):
        assert ingest(rows(1000), empty.http_url, batch_rows=300).written == 1000
    assert stored(empty) == 1000


def test_a_wrong_type_names_table_row_and_column(questdb: EmbeddedQuestDB) -> None:
    questdb.execute("DROP TABLE IF EXISTS taken")
    questdb.execute(create_table(table_of(Taken)).replace("note VARCHAR", "note BOOLEAN"))
    odd = Taken(timestamp=START + timedelta(days=1), host="a", count=9, note="text")
    report = ingest([*rows(3), odd, *rows(5)], questdb.http_url)
    (finding,) = report.refused
    assert (finding.table, finding.row, finding.field) == ("taken", 3, "note")
    assert "cast error" in finding.message
    assert report.written == 8
    assert stored(questdb) == 5


def test_a_table_that_is_not_deployed_is_said_soon(questdb: EmbeddedQuestDB) -> None:
    questdb.execute("DROP TABLE IF EXISTS taken")
    with pytest.raises(QuestDBError, match=r"rejects the batch: table: taken.*does not exist"):
        ingest(rows(100), questdb.http_url)


def test_gives_up_when_nobody_answers() -> None:
    with pytest.raises(ServerError, match=r"after 0\.3 s of trying"):
        ingest(rows(1), "http://127.0.0.1:9", retry_seconds=0.3)


def test_a_batch_that_was_not_written_is_kept(empty: EmbeddedQuestDB) -> None:
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
    assert time.monotonic() - began < 60
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("dashgen-ingest")]


def test_a_table_without_keys_is_refused(questdb: EmbeddedQuestDB) -> None:
    @table(name="keyless")
    class Keyless:
        timestamp: Annotated[datetime, Designated()]
        n: int

    with pytest.raises(ValueError, match="expected dedup keys on keyless"):
        ingest([Keyless(timestamp=START, n=1)], questdb.http_url)


@pytest.mark.slow
def test_a_restart_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Three hundred thousand rows; the server is killed after a hundred thousand and comes back on the same port."""
    count = 300_000
    with EmbeddedQuestDB(tmp_path / "db") as first:
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
    with EmbeddedQuestDB(tmp_path / "db", http_port=port) as second:
        worker.join()
        second.settle()
        assert going.report.retries > 0
        assert going.report.written == count
        (row,) = second.query("SELECT count(), count_distinct(timestamp), sum(count) FROM taken")
        assert row == (count, count, count * (count - 1) // 2)


class SmallRequests(EmbeddedQuestDB):
    """Refuses what is over 64 KiB, without naming a row."""

    def _environment(self) -> dict[str, str]:
        small = {"QDB_LINE_HTTP_MAX_RECV_BUFFER_SIZE": "64k", "QDB_HTTP_RECV_BUFFER_SIZE": "32k"}
        return super()._environment() | small


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "NUL in a SYMBOL": ({"host": "a\0b"}, "host", "expected a SYMBOL without NUL characters"),
    "a lone surrogate in a SYMBOL": ({"host": "a\ud800"}, "host", "expected text without lone surrogates"),
    "a lone surrogate in a VARCHAR": ({"note": "\udfff"}, "note", "expected text without lone surrogates"),
    "a moment before 1970": ({"timestamp": datetime(1969, 12, 31, tzinfo=UTC)}, "timestamp", "not before 1970"),
    "the first moment of datetime": ({"timestamp": datetime(1, 1, 1, tzinfo=UTC)}, "timestamp", "not before 1970"),
}


@pytest.mark.parametrize("batch_rows", [1, 3, 20_000])
def test_a_value_that_cannot_be_sent_is_refused_and_the_others_written(empty: EmbeddedQuestDB, batch_rows: int) -> None:
    taken: list[Taken] = []
    for row, (values, _, _) in zip(rows(len(BAD)), BAD.values(), strict=True):
        taken += [row, Taken(**{"timestamp": START, "host": "b", "count": 1, **values})]
    report = ingest(taken, empty.http_url, batch_rows=batch_rows)
    expected = {2 * at + 1: (field, message) for at, (_, field, message) in enumerate(BAD.values())}
    assert {f.row: f.field for f in report.refused} == {row: field for row, (field, _) in expected.items()}
    assert all(expected[f.row][1] in f.message for f in report.refused)
    assert report.written == stored(empty) == len(BAD)


def test_more_rows_that_cannot_be_sent_than_a_server_may_reject(empty: EmbeddedQuestDB) -> None:
    """They are found at the first refusal: none costs a request of its own."""
    bad = [Taken(timestamp=START + timedelta(seconds=n), host=f"\0{n}", count=1) for n in range(500)]
    report = ingest([*bad, *rows(5)], empty.http_url)
    assert len(report.refused) == 500
    assert report.written == stored(empty) == 5


def test_an_ingest_goes_on_after_a_refused_row(empty: EmbeddedQuestDB) -> None:
    with Ingest(empty.http_url, batch_rows=2) as going:
        for row in rows(4):
            going.add(Taken(timestamp=row.timestamp, host="\0", count=0))
            going.add(row)
            going.flush()
    assert going.report.written == stored(empty) == 4


def test_a_refused_row_is_not_the_one_before_the_next(empty: EmbeddedQuestDB) -> None:
    """Its counter says nothing of the next row's, and it contradicts nothing itself."""
    after = Taken(timestamp=START + timedelta(seconds=2), host="a", count=5, uptime=2.0)
    bad = Taken(timestamp=START + timedelta(seconds=1), host="a", count=50, uptime=1.0, note="\ud800")
    report = ingest([bad, after], empty.http_url)
    assert report.contradictions == []
    assert report.written == stored(empty) == 1


def test_a_nul_in_a_varchar_is_stored_and_read(empty: EmbeddedQuestDB) -> None:
    texts = [chr(code) for code in (*range(32), 127, 0x85, 0x2028, 0xFFFF)]
    made = [
        Taken(timestamp=START + timedelta(seconds=n), host="a", count=n, note=f"x{t}y") for n, t in enumerate(texts)
    ]
    assert ingest(made, empty.http_url).written == len(texts)
    empty.settle()
    assert [row[0] for row in empty.query("SELECT note FROM taken")] == [f"x{text}y" for text in texts]


def test_a_refusal_that_names_no_row_is_narrowed_down() -> None:
    """ "transaction is too large": one row is, and so are the others together."""
    with SmallRequests(compiler="quick") as server:
        server.execute(create_table(table_of(Taken)))
        sound = [Taken(timestamp=row.timestamp, host="a", count=row.count, note="n" * 9_000) for row in rows(30)]
        large = Taken(timestamp=START, host="large", count=1, note="n" * 200_000)
        report = ingest([*sound[:11], large, *sound[11:], large], server.http_url)
        assert [(f.row, f.field) for f in report.refused] == [(11, ""), (31, "")]
        assert all("transaction is too large" in f.message for f in report.refused)
        assert report.written == stored(server) == 30


def test_more_than_the_client_sends_at_once_goes_in_parts(empty: EmbeddedQuestDB) -> None:
    """100 MiB, above which it refuses its own buffer."""
    large = [Taken(timestamp=row.timestamp, host="a", count=row.count, note="n" * 11_000_000) for row in rows(10)]
    assert ingest(large, empty.http_url).written == stored(empty) == 10
