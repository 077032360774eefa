"""The shipped alert rules: their tests in tests/alerts pass, and each rule has one that fires, one that keeps it quiet,
one of what it says without data, and one of what it says when the database does not answer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.alert_tests import report
from dashgen.alert_tests.fixture import fixture_of
from dashgen.alert_tests.suite import Fixture, SuiteReport, run_alert_tests
from dashgen.alert_tests.test_file import files, read
from dashgen.alert_tests.test_model import AlertTest, At
from dashgen.questdb import EmbeddedQuestDB
from dashgen.render import render
from specs import PROJECT

FOLDER = Path(__file__).parent.parent / "alerts"
SAYS_ITS_OWN = {
    "daemon-silent": "a host that never wrote is silent too",
    "questdb-view-invalid": "a view that is gone pages",
    "watchdog": "the heartbeat needs no rows, and no table",
}
"""Rules that are never NoData, and the test of what they make of missing data."""


@pytest.fixture(scope="module")
def world() -> Fixture:
    environment = PROJECT.environments[0]
    return fixture_of(PROJECT, environment, tuple(render(PROJECT, environment)))


@pytest.fixture(scope="module")
def suite(world: Fixture, questdb: EmbeddedQuestDB) -> SuiteReport:
    tests: list[AlertTest] = []
    for path in files([FOLDER]):
        file, problems = read(path)
        assert not problems
        assert file is not None
        tests += file.tests
    return run_alert_tests(tests, world, questdb)


def judged(suite: SuiteReport, outcome: str) -> set[str]:
    """The rules whose instances an expectation of a moment saw in a state, or in another one for that reason."""
    return {
        alert.rule
        for one in suite.outcomes
        for expectation in one.test.expect
        if isinstance(expectation, At)
        for alert in expectation.alerts
        if outcome in (alert.state, alert.reason)
    }


def test_all_pass(suite: SuiteReport) -> None:
    assert suite.passed, report.text(suite)


def test_every_rule_fires_in_one_and_is_quiet_in_another(suite: SuiteReport) -> None:
    assert suite.coverage.silent == ()
    assert suite.coverage.unquiet == ()


def test_every_rule_has_one_without_its_data(suite: SuiteReport, world: Fixture) -> None:
    assert set(world.rules) - judged(suite, "NoData") == set(SAYS_ITS_OWN)
    tested = {(uid, outcome.test.name) for outcome in suite.outcomes for uid in outcome.timelines}
    assert set(SAYS_ITS_OWN.items()) <= tested


def test_every_rule_has_one_of_a_database_that_does_not_answer(suite: SuiteReport, world: Fixture) -> None:
    """Those that keep their state then are seen with no alert in it, and one of them that goes on firing."""
    keep = {uid for uid, rule in world.rules.items() if rule.on_error == "KeepLast"}
    assert set(world.rules) - judged(suite, "Error") == keep
    assert judged(suite, "Error, KeepLast") <= keep
    assert judged(suite, "Error, KeepLast")
    away = [one for one in suite.outcomes if any(failing.start == 0 for failing in one.test.database)]
    assert keep <= {uid for outcome in away for uid in outcome.timelines}
