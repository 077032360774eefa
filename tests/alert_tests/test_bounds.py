"""A query that does not end, or that has more rows than Grafana reads, ends a test with what did."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from dashgen.alert_tests import suite
from dashgen.alert_tests.connection import BoundedConnection, BoundExceeded
from dashgen.alert_tests.suite import run_alert_tests
from dashgen.alert_tests.test_model import AlertTest, Event, Fires, Never, Rows
from dashgen.grafana.alerting.queries import SqlFailed
from dashgen.questdb import EmbeddedQuestDB
from tests.alert_tests.worlds import WORLD

ENDLESS = "SELECT count() AS value FROM long_sequence(100000000000) WHERE rnd_double() > 0.5"
RULE = next(uid for uid in WORLD.rules if uid == "errors")
ROW = Rows("daemon_metrics", {"host": "a", "env": "prod", "running": True, "uptime_seconds": "600+10"})


@pytest.fixture
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second, and 1,000 rows."""
    monkeypatch.setattr(suite, "BoundedConnection", lambda dsn: BoundedConnection(dsn, seconds=1, rows=1_000))


def broken(questdb: EmbeddedQuestDB, sql: str, *events: Event) -> list[str]:
    """What is said of a test of a rule with that SQL, and of one beside it that has its connection afterwards."""
    rule = WORLD.rules[RULE]
    query = rule.queries[0]
    changed = replace(rule, queries=(replace(query, model={**query.model, "rawSql": sql}), *rule.queries[1:]))
    tests = (
        AlertTest("bad", (ROW,), (Fires(RULE, 30, 60),), events=events, rules=(RULE,)),
        AlertTest("good", (ROW,), (Never("daemon-down"),), end=30),
    )
    world = replace(WORLD, rules={**WORLD.rules, RULE: changed})
    return [outcome.broken for outcome in run_alert_tests(tests, world, questdb, workers=1).outcomes]


@pytest.mark.usefixtures("bounds")
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (ENDLESS, "a query did not end within 1 s, after which Grafana ends an evaluation"),
        (
            "SELECT x AS value FROM long_sequence(1000000000)",
            "a query has more than 1,000 rows, which is what Grafana reads at most",
        ),
    ],
)
def test_a_query_over_the_bounds_breaks_its_test_and_no_other(questdb: EmbeddedQuestDB, sql: str, said: str) -> None:
    assert broken(questdb, sql) == [f"{RULE} at 0s: {said}", ""]


@pytest.mark.usefixtures("bounds")
def test_an_event_that_does_not_end_is_named(questdb: EmbeddedQuestDB) -> None:
    said = f"event at 20s: {ENDLESS} did not end within 1 s, after which Grafana ends an evaluation"
    assert broken(questdb, "SELECT 1 AS value", Event(20, ENDLESS)) == [said, ""]


def test_a_connection_is_whole_after_each_end(questdb: EmbeddedQuestDB) -> None:
    with BoundedConnection(questdb.readonly_dsn, seconds=1, rows=1_000) as connection:
        one = ((1,),)
        for sql, error in ((ENDLESS, BoundExceeded), ("SELECT x FROM nowhere", SqlFailed)):
            with pytest.raises(error):
                connection.run(sql)
            assert connection.run("SELECT 1").rows == one
        exact = connection.run("SELECT x FROM long_sequence(1000)")
        assert (len(exact.rows), exact.rows[-1], exact.columns[0].name) == (1_000, (1_000,), "x")
        assert connection.run("SELECT x FROM long_sequence(0)").columns[0].name == "x"


@pytest.mark.usefixtures("bounds")
def test_a_query_that_nothing_ends_is_named_and_no_other_is_accused() -> None:
    nothing = "SELECT cast(x AS SYMBOL) FROM long_sequence(100000000000) WHERE x < 0"
    sql = f"SELECT count() AS value FROM (SELECT x AS i FROM long_sequence(3)) WHERE cast(i AS SYMBOL) IN ({nothing})"
    with EmbeddedQuestDB(compiler="quick") as server:
        assert broken(server, sql) == [
            f"{RULE} at 0s: a query did not end within 1 s, after which Grafana ends an evaluation",
            "not run: a query of the test 'bad' blocks the server",
        ]
        os.kill(server.pid, signal.SIGKILL)  # it is busy, and would stop late
