from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest

from dashgen.model.tables.demo import Demo
from dashgen.model.tables.rows import validate_rows
from dashgen.model.tables.table import Designated, table, table_of, unchecked
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.questdb.errors import DemoError
from dashgen.questdb.http import Response
from dashgen.render.ddl import create_statements
from specs.demo import DEMOS
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

pytestmark = pytest.mark.questdb
TABLES = (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics)
START = datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC)
END = START + timedelta(hours=11)
SMALL = {"hosts": 2, "symbols": 5, "strategies": 3}


@pytest.fixture(scope="module")
def seeded() -> Iterator[EmbeddedQuestDB]:
    with EmbeddedQuestDB() as server:
        for cls in TABLES:
            for text in create_statements(table_of(cls)):
                server.execute(text.replace(" TTL 90 DAYS", "").replace(" TTL 365 DAYS", ""))
        told: list[tuple[int, int]] = []
        count = seed_tables(
            server.client, DEMOS, SMALL, env="prod", start=START, end=END, seed=7,
            progress=lambda *now: told.append(now),
        )  # fmt: skip
        moments = 11 * 360
        assert told[-1] == (moments * (2 + 8 + 72 + 3),) * 2  # with a sixth symbol, so that hosts have equally many
        assert moments * (2 + 8 + 60 + 3) * 0.95 < count < moments * (2 + 8 + 60 + 3)  # hosts are silent at times
        yield server


def between(start: datetime, end: datetime) -> str:
    return f"timestamp BETWEEN '{start.isoformat()}' AND '{end.isoformat()}'"


def seed(server: EmbeddedQuestDB, start: datetime, end: datetime, number: int = 7) -> None:
    """Each test has days of its own: the order of tests is no matter."""
    seed_tables(server.client, DEMOS, SMALL, env="prod", start=start, end=end, seed=number)


@pytest.mark.parametrize("cls", TABLES)
def test_every_row_is_valid(seeded: EmbeddedQuestDB, cls: type) -> None:
    records = seeded.query(f"SELECT * FROM {table_of(cls).name} WHERE {between(START, END)}").records()
    assert len(records) > 1000
    rows: list[object] = [unchecked(cls, **record) for record in records]
    assert validate_rows(rows, now=END) == []


def test_the_same_seed_gives_the_same_rows(seeded: EmbeddedQuestDB) -> None:
    start = START + timedelta(days=5)
    end = start + timedelta(hours=2)
    sql = f"SELECT * FROM trading_metrics WHERE {between(start, end)} ORDER BY timestamp, strategy"
    seed(seeded, start, end)
    before = seeded.query(sql)
    assert len(before) > 1000
    seed(seeded, start, end)
    assert seeded.query(sql) == before
    seed(seeded, start, end, 8)
    assert seeded.query(sql) != before
    assert len(seeded.query(sql)) == len(before)


def test_the_same_rows_whatever_range_they_are_filled_in(seeded: EmbeddedQuestDB) -> None:
    def rows() -> list[Response]:
        order = {"daemon_metrics": "host", "exchange_status": "exchange, host"}
        order |= {"pipeline_metrics": "exchange, symbol, data_type, host", "trading_metrics": "strategy"}
        bounds = between(noon, noon + timedelta(minutes=20))
        return [seeded.query(f"SELECT * FROM {t} WHERE {bounds} ORDER BY timestamp, {by}") for t, by in order.items()]

    noon = START + timedelta(days=10)
    for first, last in ((0, 7), (7, 20)):
        seed(seeded, noon + timedelta(minutes=first), noon + timedelta(minutes=last))
    before = rows()
    seed(seeded, noon - timedelta(minutes=40), noon + timedelta(minutes=30))
    assert rows() == before
    assert all(len(answer) for answer in before)


@pytest.mark.parametrize(
    "seen",
    [
        "SELECT count() FROM exchange_status WHERE NOT connected",
        "SELECT max(reconnect_count) - min(reconnect_count) FROM exchange_status WHERE exchange = 'binance'",
        "SELECT count() FROM exchange_status WHERE latency_ms > 400",
        "SELECT count() FROM pipeline_metrics WHERE gap_detected",
        "SELECT count() FROM daemon_metrics WHERE NOT running",
        "SELECT count() FROM pipeline_metrics WHERE records_count = 0",
        "SELECT cast(max(drawdown) AS LONG) FROM trading_metrics WHERE true",
    ],
)
def test_there_is_something_to_see(seeded: EmbeddedQuestDB, seen: str) -> None:
    value = seeded.query(f"{seen} AND {between(START, END)}").value
    assert isinstance(value, int)
    assert value > 0


def test_parts_make_the_whole(seeded: EmbeddedQuestDB) -> None:
    """Filled in parts, newest first, with the origin of the whole: the same rows."""
    begin = START + timedelta(days=15)
    whole = begin, begin + timedelta(hours=11)
    sql = f"SELECT * FROM daemon_metrics WHERE {between(*whole)} ORDER BY timestamp, host"
    middle = begin + timedelta(hours=4, seconds=7)
    answers = []
    for parts in ([whole], [(middle, whole[1]), (begin, middle)]):
        for start, end in parts:
            seed_tables(seeded.client, DEMOS[:1], SMALL, env="prod", start=start, end=end, seed=7, origin=begin)
        answers.append(seeded.query(sql))
        seeded.execute(f"ALTER TABLE daemon_metrics DROP PARTITION LIST '{begin:%Y-%m-%d}'")
        seeded.settle()
    assert len(answers[0]) > 1000
    assert answers[1] == answers[0]


@table(name="endless_demo", write_interval="1s", dedup=("timestamp",))
class Endless:
    timestamp: Annotated[datetime, Designated()]
    price: float


def test_rows_that_are_not_made_in_time_are_given_up_with_their_demo() -> None:
    endless = "cast(i AS SYMBOL) IN (SELECT cast(x AS SYMBOL) FROM long_sequence(100000000000) WHERE x < 0)"
    demo = Demo(table=table_of(Endless), series=lambda given: 1, columns={"price": "1.0"}, exists=endless)
    with EmbeddedQuestDB(compiler="quick") as server:
        for text in create_statements(table_of(Endless)):
            server.execute(text)
        with pytest.raises(DemoError) as caught:
            seed_tables(server.client, (demo,), {}, env="prod", start=START, end=START + timedelta(hours=1), seconds=2)
        (problem,) = caught.value.problems
    assert problem.message == "its 3,600 rows are not made within 2 s"
    assert problem.source is not None
