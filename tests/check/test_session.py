from __future__ import annotations

import time
from dataclasses import replace

import pytest

from dashgen import Query, TimeSeries
from dashgen.check.session import Session, check_session
from dashgen.questdb import EmbeddedQuestDB
from tests.check.helpers import TABLES, project, subjects

pytestmark = pytest.mark.questdb
SQL = """SELECT timestamp AS time, host AS metric, avg(uptime_seconds) AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval"""


def test_columns_of_a_query_and_of_those_beside_it(session: Session) -> None:
    (first, _) = subjects(TimeSeries("Two", (Query(SQL, name="a"), Query("SELECT 1 AS one", name="b"))))
    described = session.described(first)
    assert [(c.name, c.oid) for c in described.columns or ()] == [("time", 1114), ("metric", 1043), ("value", 701)]
    (other,) = described.beside
    assert [c.name for c in other.columns or ()] == ["one"]


def test_a_variant_of_a_query_costs_milliseconds(session: Session) -> None:
    (subject,) = subjects(TimeSeries("Uptime", SQL))
    session.described(subject)
    begin = time.process_time()
    for number in range(20):
        variant = replace(subject, query=Query(SQL.replace("value", f"value_{number}")))
        assert session.described(variant).columns
    assert (time.process_time() - begin) / 20 < 0.1


def test_a_refused_query_has_no_columns(session: Session) -> None:
    (subject,) = subjects(TimeSeries("Uptime", SQL.replace("uptime_seconds", "uptime")))
    assert session.described(subject).columns is None


def test_a_truth_is_run_once(questdb: EmbeddedQuestDB) -> None:
    with check_session(questdb, project()) as asked:
        assert [asked.value(f"SELECT ({text})") for text in ("1 = 1", "1 = 2", "'a'", "nope", "1 =")] == [
            True, False, None, None, None,
        ]  # fmt: skip
        before = asked.asked
        assert asked.value("SELECT (1 = 1)") is True
        assert asked.asked == before


def test_a_server_that_goes_on_keeps_the_tables_that_did_not_change() -> None:
    """And has no others than those that are declared now."""
    first, fewer = project(), project(tables=TABLES[:1])

    def names(server: EmbeddedQuestDB) -> set[str]:
        return {str(row["table_name"]) for row in server.query("SELECT table_name FROM tables()").records()}

    with EmbeddedQuestDB(compiler="quick") as server:
        with Session(first, server=server, is_reused=True) as session:
            session.start()
        before = names(server)
        server.execute("CREATE TABLE beside (x INT)")
        with Session(first, server=server, is_reused=True) as session:
            session.start()
            assert not session.not_created
        assert names(server) == before | {"beside"}
        with Session(fewer, server=server, is_reused=True) as session:
            session.start()
        assert names(server) < before
        with Session(first, server=server, is_reused=True) as session:
            session.start()
        assert names(server) == before
