from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.ttl import drop_moment, length


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("oldest", "partition", "ttl", "moment"),
    [
        ("2025-01-01T10:30", "HOUR", "2 HOURS", "2025-01-01T13:00"),
        ("2025-01-01T10:30", "DAY", "90 DAYS", "2025-04-02"),
        ("2025-01-01T10:30", "DAY", "1 MONTH", "2025-02-02"),
        ("2025-01-30T10:30", "DAY", "1 MONTH", "2025-02-28"),
        ("2025-01-01T10:30", "WEEK", "1 WEEK", "2025-01-13"),
        ("2025-12-31T10:30", "MONTH", "1 MONTH", "2026-02-01"),
        ("2025-06-01T10:30", "YEAR", "2 YEARS", "2028-01-01"),
    ],
)
def test_when_a_partition_goes(oldest: str, partition: str, ttl: str, moment: str) -> None:
    assert drop_moment(at(oldest), partition, ttl) == at(moment)


def test_without_a_ttl_nothing_goes() -> None:
    assert drop_moment(at("2025-01-01"), "DAY", "") is None
    assert drop_moment(at("2025-01-01"), "NONE", "1 DAY") is None
    assert length("14 DAY") == length("2 WEEKS")


@pytest.mark.questdb
@pytest.mark.parametrize(
    ("partition", "ttl"), [("DAY", "30 DAYS"), ("DAY", "1 MONTH"), ("WEEK", "2 WEEKS"), ("MONTH", "1 MONTH")]
)
def test_the_server_drops_at_that_moment_and_not_before(questdb: EmbeddedQuestDB, partition: str, ttl: str) -> None:
    oldest = at("2025-01-15T10:30")
    moment = drop_moment(oldest, partition, ttl)
    assert moment is not None
    left = []
    for newest in (moment - timedelta(seconds=1), moment):
        questdb.execute("DROP TABLE IF EXISTS aged")
        questdb.execute(f"CREATE TABLE aged (at TIMESTAMP) TIMESTAMP(at) PARTITION BY {partition} TTL {ttl} WAL")
        questdb.execute(f"INSERT INTO aged VALUES ('{oldest.isoformat()}')")
        questdb.execute(f"INSERT INTO aged VALUES ('{newest.isoformat()}')")
        questdb.settle()
        left.append(questdb.query("SELECT count() FROM aged").value)
    questdb.execute("DROP TABLE aged")
    assert left == [2, 1]
