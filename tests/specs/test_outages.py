"""The shipped rules on hours of demo data that hold an outage of each: it is found in time, and nothing else fires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.fixture import fixture_of
from dashgen.alert_tests.suite import Fixture
from dashgen.backtest.outages import Happened, happened, score
from dashgen.backtest.replay import backtest
from dashgen.grafana.durations import seconds
from dashgen.model.environment import Environment
from dashgen.model.tables.demo import Outage
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render import render
from dashgen.render.ddl import create_statements
from specs import PROJECT
from specs.outages import OUTAGES
from tests.backtest.test_tick_answers import Counted, differing

pytestmark = [pytest.mark.questdb, pytest.mark.slow]

START = datetime(2026, 1, 6, 7, tzinfo=UTC)
END = START + timedelta(hours=10)
HISTORY = timedelta(hours=2)
OF_THE_SERVER = {"questdb-suspended", "questdb-behind", "questdb-view-invalid"}
"""What they read tells of now: past rows can't hold an outage of theirs."""
RULES = sorted(rule.uid for group in PROJECT.alerts for rule in group.rules)


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedQuestDB]:
    with EmbeddedQuestDB() as server:
        for cls in PROJECT.tables:
            for statement in create_statements(table_of(cls)):
                server.execute(statement)
        parameters = {**PROJECT.demo_parameters, **PROJECT.replay_parameters, "symbols": 2}
        seed_tables(server.client, PROJECT.demos, parameters, env="prod", start=START - HISTORY, end=END)
        yield server


@pytest.fixture(scope="module")
def world() -> Fixture:
    return fixture_of(PROJECT, PROJECT.environments[0], tuple(render(PROJECT, PROJECT.environments[0])))


@pytest.fixture(scope="module")
def known(demo: EmbeddedQuestDB) -> tuple[Happened, ...]:
    with closing(QueryConnection(demo.readonly_dsn)) as connection:
        return happened(OUTAGES, connection.run, int((START - HISTORY).timestamp()), int(END.timestamp()))


def windows(outages: list[Happened]) -> Iterator[tuple[int, int]]:
    """Around an outage that must raise the alert, and around one that is too short to."""
    for promised in (True, False):
        for one in outages:
            begin = int(one.since) - 120
            due = one.since + seconds(one.outage.within)
            end = int(max(due, min(one.until, one.since + 7200))) + 300
            if one.is_promised is promised and begin >= START.timestamp() and end <= END.timestamp():
                yield begin, end
                break


def test_every_rule_that_reads_rows_has_an_outage() -> None:
    assert {outage.rule for outage in OUTAGES} == set(RULES) - OF_THE_SERVER


@pytest.mark.parametrize("uid", RULES)
def test_outages_raise_their_alert_and_nothing_else_does(
    uid: str, demo: EmbeddedQuestDB, world: Fixture, known: tuple[Happened, ...]
) -> None:
    outages = [one for one in known if one.outage.rule == uid]
    zero = int(START.timestamp())
    promised = 0
    for begin, end in [*windows(outages)] or [(zero, zero + 300)]:
        found = backtest(
            [world.rules[uid]], begin, end, lambda: QueryConnection(demo.readonly_dsn), world.notifications,
            world.semantics, workers=1,
        )  # fmt: skip
        result = score(outages, found.incidents, begin, end)
        assert (result.recall, result.precision) == (1.0, 1.0), str(result)
        promised += result.promised
    assert promised or uid in {*OF_THE_SERVER, "watchdog"}


@pytest.mark.parametrize("environment", PROJECT.environments, ids=[one.name for one in PROJECT.environments])
@pytest.mark.parametrize("uid", RULES)
def test_one_statement_answers_as_the_texts_of_all_evaluations_do(
    uid: str, environment: Environment, demo: EmbeddedQuestDB
) -> None:
    """By both plugins."""
    rules = fixture_of(PROJECT, environment, tuple(render(PROJECT, environment))).rules
    ticks = range(int(START.timestamp()), int(END.timestamp()), 7190)
    with Counted(demo.readonly_dsn) as connection:
        for query in rules[uid].queries:
            if query.is_expression:
                continue
            sql = query.sql.replace(f"env = '{environment.env}'", "env = 'prod'")
            asked = replace(query, model={**query.model, "rawSql": sql})
            connection.texts = 0
            assert differing(connection, asked, ticks) == []
            assert connection.texts == len(ticks) + 2  # those to compare with, and EXPLAIN of two


PAUSES = [one for one in OUTAGES if "stalled" in one.rule or one.rule == "daemon-silent"]


@pytest.mark.parametrize("outage", PAUSES, ids=[one.rule for one in PAUSES])
def test_a_pause_goes_on_at_the_end_of_the_span(
    outage: Outage, demo: EmbeddedQuestDB, known: tuple[Happened, ...]
) -> None:
    """An alert of the very last evaluation has its outage."""
    long = next(one for one in known if one.outage is outage and one.is_promised and one.until < END.timestamp())
    end = int(long.since + seconds(outage.at_least)) - 20
    with closing(QueryConnection(demo.readonly_dsn)) as connection:
        found = happened([outage], connection.run, int((START - HISTORY).timestamp()), end)
    assert (long.labels, long.since, end) in {(one.labels, one.since, one.until) for one in found}
