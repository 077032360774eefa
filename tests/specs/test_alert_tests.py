"""The shipped alert rules: their tests in tests/alerts pass, and each rule has one that fires, one that keeps it quiet
and one of what it says without data.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dashgen.questdb import QuestDB
from dashgen.render import render
from dashgen.simulate import report
from dashgen.simulate.cases import AlertTest
from dashgen.simulate.suite import SuiteReport, World, run_suite
from dashgen.simulate.testfile import files, read
from dashgen.simulate.world import world_of
from specs import PROJECT

FOLDER = Path(__file__).parent.parent / "alerts"
ALWAYS = "watchdog"
"""Fires by design, and says nothing of data."""


@pytest.fixture(scope="module")
def world() -> World:
    environment = PROJECT.environments[0]
    return world_of(PROJECT, environment, tuple(render(PROJECT, environment)))


@pytest.fixture(scope="module")
def suite(world: World, questdb: QuestDB) -> SuiteReport:
    tests: list[AlertTest] = []
    for path in files([FOLDER]):
        file, problems = read(path)
        assert not problems
        assert file is not None
        tests += file.tests
    return run_suite(tests, world, questdb)


def test_all_pass(suite: SuiteReport) -> None:
    assert suite.passed, report.text(suite)


def test_every_rule_fires_in_one_and_is_quiet_in_another(suite: SuiteReport) -> None:
    assert suite.coverage.silent == ()
    assert suite.coverage.unquiet == (ALWAYS,)


def test_every_rule_has_one_without_its_data(suite: SuiteReport, world: World) -> None:
    """NoData, or what the rule makes of it: a host that never wrote, a view that is gone."""
    lacking = {
        uid
        for outcome in suite.outcomes
        for uid, timeline in outcome.timelines.items()
        if any(instance.state in ("NoData", "Error") for tick in timeline.ticks for instance in tick.instances)
        or "never wrote" in outcome.test.name
        or "is gone" in outcome.test.name
    }
    assert set(world.rules) - lacking == {ALWAYS}
