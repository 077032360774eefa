"""What fires otherwise after an upgrade: a database that is away is told later since 12.4, or not at all."""

from dataclasses import replace

from dashgen.alert_tests.suite import SuiteReport, run_alert_tests
from dashgen.alert_tests.test_model import AlertTest, At, DatabaseFailure, ExpectedAlert, Rows
from dashgen.backtest import upgrade
from dashgen.grafana.versions import semantics
from dashgen.questdb import EmbeddedQuestDB
from tests.alert_tests.worlds import WORLD

NEWER = replace(WORLD, semantics=semantics((12, 4)))
UP = (Rows("daemon_metrics", {"host": "a", "env": "prod", "running": "true"}),)


def suites(questdb: EmbeddedQuestDB, *tests: AlertTest) -> tuple[SuiteReport, SuiteReport]:
    return run_alert_tests(tests, WORLD, questdb, workers=1), run_alert_tests(tests, NEWER, questdb, workers=1)


def test_a_short_outage_is_no_alert_of_a_rule_that_waits(questdb: EmbeddedQuestDB) -> None:
    quiet = AlertTest("up", UP, rules=("daemon-down",), end=60)
    away = AlertTest("away", UP, rules=("daemon-down",), database=(DatabaseFailure(30, 50),), end=60, place="a.yaml:1")
    (found,) = upgrade.compare_tests(*suites(questdb, quiet, away), WORLD.notifications)
    assert found.place == "a.yaml:1: away"
    (pair,) = found.pairs
    assert pair.after is None
    assert pair.before is not None
    assert pair.before.states == ("Error",)
    assert pair.before.error == ""
    assert found.fails == ()


def test_a_test_that_would_fail_is_told(questdb: EmbeddedQuestDB) -> None:
    expected = At(30, (ExpectedAlert("daemon-down", "Error", {"ref_id": "A"}),))
    away = AlertTest("away", UP, (expected,), database=(DatabaseFailure(30),), end=100)
    before, after = suites(questdb, away)
    (found,) = upgrade.compare_tests(before, after, WORLD.notifications)
    assert len(found.fails) == 1
    assert "Error, got Pending (Error)" in found.fails[0]
    (pair,) = found.pairs
    assert pair.before is not None
    assert pair.after is not None
    assert pair.after.since - pair.before.since == 20
    text = upgrade.text((found,), 1, before.grafana, after.grafana)
    assert text.startswith(
        "from Grafana 12.3 (recorded)\nto   Grafana 12.4 (recorded)\n  12.4: NoData and Error honour"
    )
    assert text.endswith("rules fire differently in 1 of 1 test; 1 test passes now and would fail\n")
    data = upgrade.data((found,), 1, before.grafana, after.grafana)
    assert [one["since"] for one in data["differences"]] == ["12.4"] * 4
    assert data["changed"][0]["incidents"][0]["after"]["states"] == ["Error"]


def test_without_a_fault_versions_agree(questdb: EmbeddedQuestDB) -> None:
    down = (Rows("daemon_metrics", {"host": "a", "env": "prod", "running": "true x3, false x6"}),)
    before, after = suites(questdb, AlertTest("down", down, rules=("daemon-down",), end=90))
    assert upgrade.compare_tests(before, after, WORLD.notifications) == ()
    assert upgrade.text((), 1, before.grafana, after.grafana).endswith("every rule fires as before in 1 test\n")
    assert len(before.outcomes[0].timelines["daemon-down"].ticks) == 10
