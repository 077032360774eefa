from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashgen.alert_tests import report
from dashgen.alert_tests.fixture import base_fixture, fixture_of
from dashgen.alert_tests.suite import AlertTestOutcome, SuiteReport, rule_findings, run_alert_tests
from dashgen.alert_tests.test_model import (
    AlertTest,
    At,
    DatabaseFailure,
    Event,
    ExpectedAlert,
    Fires,
    Messages,
    NamedAlert,
    Never,
    Rows,
    SentMessage,
)
from dashgen.grafana.alerting.routing_result import NOBODY
from dashgen.questdb import EmbeddedQuestDB
from dashgen.render import render, rendered_tree
from tests.alert_tests.worlds import DOCUMENTS, WORLD
from tests.alerting_project import OWNED, project

SATURDAY = datetime(2026, 1, 10, 12, tzinfo=UTC)
FLEET = {"host": "a", "env": "prod", "uptime_seconds": "600+10"}


def daemon(**values: Any) -> Rows:
    return Rows("daemon_metrics", FLEET | {"running": True} | values)


STOPS = daemon(running="true x6, false x12, true x6", uptime_seconds="600+10x24")


def run(questdb: EmbeddedQuestDB, *tests: AlertTest) -> SuiteReport:
    return run_alert_tests(tests, WORLD, questdb)


def one(questdb: EmbeddedQuestDB, *expect: Any, rows: tuple[Rows, ...] = (STOPS,), **more: Any) -> AlertTestOutcome:
    (outcome,) = run(questdb, AlertTest("t", rows, expect, **more)).outcomes
    assert not outcome.broken
    return outcome


def said(outcome: AlertTestOutcome) -> list[str]:
    return [failure.message for failure in outcome.failures]


def test_what_happens_as_expected_passes(questdb: EmbeddedQuestDB) -> None:
    outcome = one(
        questdb,
        At(50, ()),
        At(60, (ExpectedAlert("daemon-down", "Pending", {"host": "a"}),)),
        At(
            90,
            (
                ExpectedAlert(
                    "daemon-down", "Alerting", {"host": "a", "severity": "critical"}, value=0, values={"A": 0, "C": 1},
                    notifies=("email", "oncall"), group={"env": "prod", "host": "a"},
                    annotations={"summary": "a is at 0"},
                ),
            ),
        ),
        Fires("daemon-down", within=30, after=60, recovered=180, resolves_within=10, notifies=("oncall", "email")),
        Never("daemon-down", {"host": "b"}),
        Never("errors"),
    )  # fmt: skip
    assert said(outcome) == []
    assert {uid: len(timeline.ticks) for uid, timeline in outcome.timelines.items()} == {
        "daemon-down": 20,
        "errors": 20,
    }


def test_mute_timings_silence_a_contact_point(questdb: EmbeddedQuestDB) -> None:
    expected = ExpectedAlert("daemon-down", "Alerting", notifies=("email", "oncall"))
    assert said(one(questdb, At(90, (expected,)), start=SATURDAY)) == [
        'at 1m30s: expected daemon-down{env="prod", host="a", severity="critical"} to notify email, oncall,'
        " got email (muted by weekend)"
    ]


def test_no_data_is_routed_by_its_own_name(questdb: EmbeddedQuestDB) -> None:
    rows = (daemon(running="true x3", uptime_seconds="600+10x3"),)
    expected = ExpectedAlert("errors", "NoData", {"ref_id": "A"}, notifies=("platform",))
    assert said(one(questdb, At(90, (expected,)), rows=rows)) == []


def test_a_database_that_is_away_or_refuses_is_an_error_of_the_rule(questdb: EmbeddedQuestDB) -> None:
    outcome = one(
        questdb,
        At(30, ()),
        At(40, (ExpectedAlert("errors", "Error", {"ref_id": "A"}, notifies=("platform",)),)),
        At(60, ()),
        At(70, (ExpectedAlert("errors", "Error"),)),
        database=(DatabaseFailure(40, 60), DatabaseFailure(70, refusal="table busy")),
    )
    assert said(outcome) == []
    ticks = outcome.timelines["errors"].ticks
    assert [tick.possible_errors for tick in ticks[3:8]] == [
        set(),
        {
            "[sse.dataQueryError] failed to execute query [A]: error querying the database: failed to connect to server"
            " - please inspect Grafana server log for details"
        },
        {
            "[sse.dataQueryError] failed to execute query [A]: error querying the database: failed to connect to server"
            " - please inspect Grafana server log for details"
        },
        set(),
        {"[sse.dataQueryError] failed to execute query [A]: error querying the database: pq: table busy"},
    ]


def test_messages_are_grouped_and_resolved(questdb: EmbeddedQuestDB) -> None:
    """The root has Alertmanager's defaults: 30 s, 5 m, 4 h."""
    both = tuple(daemon(running="true x6, false x12, true", host=host) for host in ("a", "b"))
    down = NamedAlert("daemon-down", {"host": "a"})
    sent = (
        SentMessage(110, (down,), group={"env": "prod", "host": "a"}),
        SentMessage(110, 1, group={"env": "prod", "host": "b"}),
        SentMessage(410, resolved=(down,)), SentMessage(410, resolved=1),
    )  # fmt: skip
    outcome = one(questdb, Messages("oncall", sent), Messages("platform", ()), rows=both, end=600)
    assert said(outcome) == []
    wrong = Messages("oncall", (SentMessage(110, (down, NamedAlert("errors"))),))
    assert said(one(questdb, wrong, rows=both[:1], end=600)) == [
        'expected oncall to get\n    at 1m50s, firing daemon-down{host="a"} and errors\n  got\n'
        '    at 1m50s, firing daemon-down{env="prod", host="a", severity="critical"}, in the group'
        ' {env="prod", host="a"}\n'
        '    at 6m50s, resolved daemon-down{env="prod", host="a", severity="critical"}, in the group'
        ' {env="prod", host="a"}',
    ]


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        (
            At(90, ()),
            "at 1m30s: daemon-down{env=\"prod\", host=\"a\", severity=\"critical\"} is Alerting, which no alert of this"
            " moment lists",
        ),
        (
            At(50, (ExpectedAlert("daemon-down", "Alerting", {"host": "a"}),)),
            'at 50s: expected daemon-down{env="prod", host="a", severity="critical"} Alerting, got Normal'
            " (A = 1, B = 1, C = 0)",
        ),
        (
            At(90, (ExpectedAlert("daemon-down", value=1),)),
            'at 1m30s: expected daemon-down{env="prod", host="a", severity="critical"} with the value 1, got 0 (B)',
        ),
        (
            At(90, (ExpectedAlert("daemon-down", labels={"host": "z"}), ExpectedAlert("daemon-down"))),
            'at 1m30s: expected daemon-down{host="z"} Alerting, there is no such instance',
        ),
        (
            Never("daemon-down"),
            'expected daemon-down{env="prod", host="a", severity="critical"} never to fire, got Alerting at 1m20s'
            " (A = 0, B = 0, C = 1)",
        ),
        (Fires("errors", within=60), "expected errors Alerting by 1m, it never was"),
        (
            Fires("daemon-down", within=10, after=60),
            "expected daemon-down Alerting within 10s, it took 20s after 1m",
        ),
        (
            Fires("daemon-down", within=60, after=120),
            "expected daemon-down quiet until 2m, it was Alerting at 1m20s",
        ),
        (
            Fires("daemon-down", within=30, after=60, recovered=120, resolves_within=30),
            "expected daemon-down resolved by 2m30s, it is still Alerting",
        ),
    ],
)  # fmt: skip
def test_what_differs_is_told(questdb: EmbeddedQuestDB, expectation: Any, message: str) -> None:
    found = said(one(questdb, expectation, rules=("daemon-down",), end=180))
    assert found == [message]


def test_a_view_is_seen_as_far_as_it_was_then(questdb: EmbeddedQuestDB) -> None:
    """The bucket of a minute view that is still filling: at 30 s it holds what came by then."""
    values = {"exchange": "okx", "symbol": "BTC", "data_type": "oi", "host": "a", "env": "prod", "records_count": 10}
    rows = (Rows("pipeline_metrics", values, every=10),)
    outcome = one(
        questdb,
        At(30, (ExpectedAlert("records", "Alerting", value=40),)),
        At(40, (ExpectedAlert("records", "Normal", value=50),)),
        rows=rows,
    )
    assert said(outcome) == []


def test_events_change_tables_on_the_way(questdb: EmbeddedQuestDB) -> None:
    event = Event(25, "ALTER TABLE daemon_metrics RENAME COLUMN running TO was_running")
    expected = ExpectedAlert(
        "daemon-down", "Error", {"ref_id": "A", "datasource_uid": "questdb"}, notifies=("email", "oncall")
    )
    rows = (daemon(running="true x2", uptime_seconds="600+10x2"),)
    outcome = one(questdb, At(20, ()), At(30, (expected,)), rows=rows, events=(event,))
    assert "t1" not in str(outcome.failures)
    (error,) = {i.error for i in outcome.timelines["daemon-down"].ticks[-1].instances if i.error}
    assert "Invalid column: running" in error


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (Rows("nope", {}), "no table 'nope' is declared; there are daemon_metrics, pipeline_metrics"),
        (daemon(hots="a"), "daemon_metrics has no column 'hots' to set; did you mean 'host'?"),
        (daemon(running="yes"), "daemon_metrics.running: expected true or false, got 'yes'"),
        (
            daemon(running="true x2", fetch_count="1+1x3"),
            "daemon_metrics: expected as many values in each column, but running has 2, fetch_count has 3",
        ),
        (
            daemon(fetch_count="10 x2, 5 x2"),
            "daemon_metrics, row 2 (12:00:20): fetch_count: expected at least 10 (the row before) as uptime_seconds did"
            " not fall, got 5; say unchecked where the row is meant to be wrong",
        ),
        (Rows("daemon_metrics", {"running": True}), "daemon_metrics, row 0 (12:00:00): host: Input should be a valid"),
    ],
)
def test_rows_that_the_table_refuses_are_told(questdb: EmbeddedQuestDB, rows: Rows, message: str) -> None:
    (outcome,) = run(questdb, AlertTest("t", (rows,), (Never("errors"),), end=30)).outcomes
    assert outcome.broken.startswith(message)


def test_unchecked_rows_may_be_wrong(questdb: EmbeddedQuestDB) -> None:
    rows = replace(daemon(fetch_count="10 x2, 5 x2"), unchecked=True)
    assert said(one(questdb, Never("errors"), rows=(rows,), end=30)) == []


def test_a_rule_that_is_not_there_is_told(questdb: EmbeddedQuestDB) -> None:
    (outcome,) = run(questdb, AlertTest("t", (), (Never("nope"),), end=30)).outcomes
    assert outcome.broken == "no rule 'nope'; there are daemon-down, errors, records"


def test_tests_do_not_see_each_other_and_leave_nothing(questdb: EmbeddedQuestDB) -> None:
    tests = [
        AlertTest(
            f"t{i}",
            (replace(STOPS, values={**STOPS.values, "host": f"h{i}"}),),
            (Fires("daemon-down", 30, 60, {"host": f"h{i}"}),),
        )
        for i in range(6)
    ]
    suite = run(questdb, *tests)
    assert suite.passed
    assert [set(timeline.keys()) for o in suite.outcomes for timeline in o.timelines.values()] == [
        {(("env", "prod"), ("host", f"h{i}"), ("severity", "critical"))} for i in range(6)
    ]
    assert [row for row in questdb.query("SELECT table_name FROM tables()") if re.match(r"t\d+x", str(row[0]))] == []


def test_coverage_and_findings(questdb: EmbeddedQuestDB) -> None:
    late = DOCUMENTS["provisioning/alerting/rules-daemons.yaml"]["groups"][0]["rules"][0]
    assert "now()" not in str(late)
    rules = dict(WORLD.rules)
    query = rules["errors"].queries[0]
    sql = query.sql.replace("$__timeFilter(timestamp)", "timestamp > dateadd('m', -1, now ())")
    rules["errors"] = replace(rules["errors"], queries=(replace(query, model={**query.model, "rawSql": sql}),))
    suite = run_alert_tests(
        (AlertTest("t", (STOPS,), (Fires("daemon-down", 30, 60),)),), replace(WORLD, rules=rules), questdb
    )
    assert not suite.passed
    assert suite.findings == ("errors, query A: now() is the server's clock; write $__toTime",)
    assert suite.coverage.silent == ("errors", "records")
    assert suite.coverage.untested == ("errors", "records")
    assert "no test at all: errors, records\nno test that keeps it quiet: daemon-down\n" in report.text(suite)


def test_a_failure_is_drawn(questdb: EmbeddedQuestDB) -> None:
    test = AlertTest("pages", (STOPS,), (Fires("daemon-down", 10, 60, {"host": "a"}),), end=120, place="x.yaml:3")
    text = report.text(run(questdb, test))
    assert text.splitlines()[:7] == [
        "FAIL x.yaml:3: pages",
        '  expected daemon-down{host="a"} Alerting within 10s, it took 20s after 1m',
        "           0s    1m    2m",
        '  daemon-down{env="prod", host="a", severity="critical"}',
        "  expected        A",
        "  got      ······PPAAAAA",
        "  · Normal   P Pending   A Alerting   R Recovering   ? NoData   ! Error   (blank: no such instance)",
    ]


@pytest.mark.parametrize("end", ["$__toTime", "$__timeTo()"])
def test_the_servers_clock_is_one_finding_in_an_alert_also_beside_the_end_of_the_range(end: str) -> None:
    """As DG406 says it of the rule's SQL, for both plugins."""
    rule = next(iter(WORLD.rules.values()))
    query = rule.queries[0]
    sql = f"SELECT 1 AS value WHERE least(cast({end} AS timestamp), now()) > 0"
    changed = replace(rule, queries=(replace(query, model={**query.model, "rawSql": sql}),))
    (said,) = rule_findings(changed)
    assert said == f"{rule.uid}, query {query.ref_id}: now() is the server's clock; write $__toTime"


def test_the_servers_clock_in_an_interval_string_is_a_finding_too() -> None:
    rule = next(iter(WORLD.rules.values()))
    query = rule.queries[0]
    sql = "SELECT count() AS value FROM daemon_metrics WHERE timestamp IN '$now - 1m..$now'"
    changed = replace(rule, queries=(replace(query, model={**query.model, "rawSql": sql}),))
    assert list(rule_findings(changed)) == [
        f"{rule.uid}, query {query.ref_id}: $now is the server's clock; write $__toTime"
    ]


@pytest.mark.parametrize("org", [1, 2, 7])
def test_the_tree_of_a_base_is_read_with_its_own_org(org: int) -> None:
    """Also where the environment has another org since: a tree has but one."""
    environment = replace(OWNED, org_id=org)
    made = project(environments=(environment,))
    documents = tuple(render(made, environment))
    now = fixture_of(made, environment, documents)
    tree = rendered_tree(environment, documents)
    for world in (now, replace(now, org_id=3, notifications=NOBODY)):
        before = base_fixture(tree, world)
        assert (before.rules, before.notifications, before.org_id) == (now.rules, now.notifications, org)
    assert now.notifications.root is not None
