"""Rules over past rows of a real QuestDB, and over its HTTP interface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.sandbox import Stage, expand_rows
from dashgen.alert_tests.test_model import Rows
from dashgen.backtest.outages import happened, score
from dashgen.backtest.replay import HttpSource, Incident, backtest, paired, side_by_side, table
from dashgen.model.tables.demo import Outage
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.render.ddl import create_table
from specs.tables import DaemonMetrics
from tests.alert_tests.worlds import WORLD

START = datetime(2025, 3, 3, 12, tzinfo=UTC)
ZERO = int(START.timestamp())
DOWN = WORLD.rules["daemon-down"]


@pytest.fixture(scope="module")
def past(questdb: EmbeddedQuestDB) -> Iterator[EmbeddedQuestDB]:
    """Two hosts; a is down for 90 s and for 30 s, b all is well until it is down to the end."""
    questdb.execute("DROP TABLE IF EXISTS daemon_metrics")
    questdb.execute(create_table(table_of(DaemonMetrics)))
    with QueryConnection(questdb.pg_dsn) as connection:
        stage = Stage("", [table_of(DaemonMetrics)], connection)
        for host, running in (("a", "true x6, false x9, true x9, false x3, true x9"), ("b", "true x30, false x6")):
            values: dict[str, Any] = {"host": host, "env": "prod", "running": running, "uptime_seconds": "60+10x36"}
            stage.insert(expand_rows(Rows("daemon_metrics", values), WORLD.classes, START, 0))
    questdb.settle()
    yield questdb
    questdb.execute("DROP TABLE daemon_metrics")


def incidents(past: EmbeddedQuestDB, rule: Any = DOWN, end: int = 350) -> tuple[Incident, ...]:
    found = backtest(
        [rule], ZERO, ZERO + end, lambda: QueryConnection(past.readonly_dsn), WORLD.notifications, WORLD.semantics
    )
    assert found.ticks == end // 10 + 1
    return found.incidents


def labels(host: str) -> tuple[tuple[str, str], ...]:
    return (("env", "prod"), ("host", host), ("severity", "critical"))


def test_what_would_have_fired_is_listed(past: EmbeddedQuestDB) -> None:
    """The short one is over before its group has waited for 30 s: nobody hears of it."""
    told = ("email", "oncall")
    assert incidents(past) == (
        Incident("daemon-down", labels("a"), ZERO + 80, ZERO + 150, ("Alerting",), told),
        Incident("daemon-down", labels("a"), ZERO + 260, ZERO + 270, ("Alerting",), ()),
        Incident("daemon-down", labels("b"), ZERO + 320, None, ("Alerting",), told),
    )
    assert table(incidents(past), ZERO + 350) == (
        "since (UTC)          lasted  instance                                                state     reached\n"
        '2025-03-03 12:01:20  1m10s   daemon-down{env="prod", host="a", severity="critical"}  Alerting  email, oncall\n'
        '2025-03-03 12:04:20  10s     daemon-down{env="prod", host="a", severity="critical"}  Alerting  nobody\n'
        '2025-03-03 12:05:20  30s+    daemon-down{env="prod", host="b", severity="critical"}  Alerting  email, oncall\n'
    )


def test_http_gives_the_same(past: EmbeddedQuestDB) -> None:
    rule = replace(DOWN, paused=True)
    found = backtest(
        [rule], ZERO, ZERO + 350, lambda: HttpSource(past.client), WORLD.notifications, WORLD.semantics
    ).incidents
    assert found == incidents(past)


def test_before_and_after_stand_side_by_side(past: EmbeddedQuestDB) -> None:
    slower = incidents(past, replace(DOWN, pending=30))
    pairs = paired(incidents(past), slower)
    assert [(p.before is not None, p.after is not None, p.is_equal) for p in pairs] == [
        (True, True, False), (True, False, False), (True, True, False),
    ]  # fmt: skip
    lines = [re.sub(r"  +", " | ", line) for line in side_by_side(pairs, ZERO + 350, "main").splitlines()]
    instance = 'daemon-down{env="prod", host="a", severity="critical"}'
    assert lines[1:3] == [
        f"~ | {instance} | 2025-03-03 12:01:20, 1m10s | 2025-03-03 12:01:30, 1m | email, oncall",
        f"- | {instance} | 2025-03-03 12:04:20, 10s | – | nobody",
    ]
    assert all(p.is_equal for p in paired(slower, slower))
    assert "neither by main nor now" in side_by_side((), 0, "main")


DOWN_SQL = """SELECT host, min(timestamp) AS since, max(timestamp) AS until FROM (
    SELECT timestamp, host, running, sum(CASE WHEN running <> before THEN 1 ELSE 0 END)
        OVER (PARTITION BY host ORDER BY timestamp ROWS UNBOUNDED PRECEDING) AS spell
    FROM (SELECT timestamp, host, running, lag(running::int) OVER (PARTITION BY host ORDER BY timestamp) = 1 AS before
        FROM daemon_metrics WHERE timestamp BETWEEN {start} AND {end}))
    WHERE NOT running GROUP BY host, spell"""


@pytest.mark.parametrize(
    ("change", "recall", "precision", "promised"),
    [
        ({}, 1.0, 1.0, 2),
        ({"within": "10s"}, 0.0, 1.0, 3),
        ({"rule": "errors", "within": "30s"}, 0.0, 0.0, 3),
        ({"rule": "errors", "also": ("daemon-down",), "within": "30s"}, 0.0, 1.0, 3),
        ({"at_least": "60s"}, 1.0, 1.0, 1),
    ],
)
def test_outages_are_held_against_alerts(
    past: EmbeddedQuestDB, change: dict[str, Any], recall: float, precision: float, promised: int
) -> None:
    outage = Outage(**{"name": "down", "rule": "daemon-down", "query": DOWN_SQL, "within": "60s", **change})
    with QueryConnection(past.readonly_dsn) as connection:
        found = happened([outage], connection.run, ZERO, ZERO + 350)
    first = found[0]
    assert [dict(one.labels)["host"] for one in found] == ["a", "a", "b"]
    assert (first.since, first.until) == (ZERO + 60, ZERO + 140)
    result = score(found, incidents(past), ZERO, ZERO + 350)
    assert (result.recall, result.precision, result.promised) == (recall, precision, promised)
    assert f"recall {recall:.3f}" in str(result)


def test_an_outage_before_the_start_is_no_promise(past: EmbeddedQuestDB) -> None:
    outage = Outage(name="down", rule="daemon-down", query=DOWN_SQL, within="60s")
    with QueryConnection(past.readonly_dsn) as connection:
        found = happened([outage], connection.run, ZERO, ZERO + 350)
    late = START + timedelta(seconds=100)
    assert score(found, incidents(past), int(late.timestamp()), ZERO + 350).promised == 1
