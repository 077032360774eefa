"""The rules about alert queries, each against a real server."""
# ruff: noqa: E501 - a trial's SQL reads best in one line

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashgen import AlertGroup, Environment, Project
from dashgen.check.engine import judge_whole
from dashgen.check.rule import Whole
from dashgen.check.rules import rules
from dashgen.check.session import Session
from tests.alerting_project import project, rule
from tests.check.rules.trials import AlertTrial, alert, check_alert, found

pytestmark = pytest.mark.questdb

IN = "env = 'prod' AND $__timeFilter(timestamp)"
GAPS = "sum(CASE WHEN gap_detected THEN gap_duration_seconds ELSE 0 END)"

TRIALS = (
    AlertTrial(
        "alert-browser-macro",
        "SELECT host, max(uptime_seconds) AS value FROM daemon_metrics WHERE host = ${host:sqlstring} AND $__timeFilter(timestamp) GROUP BY host",
        "an alert rule has no dashboard, so nothing replaces $host",
        "${host:sqlstring}",
        f"SELECT host, max(uptime_seconds) AS value FROM daemon_metrics WHERE {IN} GROUP BY host",
        accepted=False,
    ),
    AlertTrial(
        "alert-browser-macro",
        "SELECT host, max(uptime_seconds) AS value FROM daemon_metrics WHERE timestamp > $__from GROUP BY host",
        "only the browser expands $__from",
        "$__from",
        f"SELECT host, max(uptime_seconds) AS value FROM daemon_metrics WHERE {IN} GROUP BY host",
        accepted=False,
    ),
    AlertTrial(
        "alert-empty-aggregate",
        f"SELECT avg(latency_ms) AS value FROM exchange_status WHERE {IN}",
        "a window without rows gives one row of NULL, which is neither above nor below a threshold",
        "avg(latency_ms)",
        f"SELECT exchange, avg(latency_ms) AS value FROM exchange_status WHERE {IN} GROUP BY exchange",
    ),
    AlertTrial(
        "alert-empty-aggregate",
        f"SELECT sum(records_count) / 5 AS value FROM pipeline_metrics WHERE {IN}",
        "a window without rows gives one row of NULL",
        "sum(records_count) / 5",
        f"SELECT coalesce(sum(records_count), 0) AS value FROM pipeline_metrics WHERE {IN}",
    ),
    AlertTrial(
        "alert-filter",
        f"SELECT exchange, sum(gap_duration_seconds) AS value FROM pipeline_metrics WHERE gap_detected AND {IN} GROUP BY exchange",
        "only rows where gap_detected is true are read: a healthy system returns no row",
        "gap_detected",
        f"SELECT exchange, {GAPS} AS value FROM pipeline_metrics WHERE {IN} GROUP BY exchange",
    ),
    AlertTrial(
        "alert-filter",
        f"SELECT host, count() AS value FROM daemon_metrics WHERE running = false AND {IN} GROUP BY host",
        "only rows where running is false are read",
        "running = false",
        f"SELECT exchange, datediff('s', max(last_message_at), $__toTime) AS value FROM exchange_status WHERE connected AND {IN} GROUP BY exchange",
    ),
    AlertTrial(
        "alert-filter",
        f"SELECT exchange, n AS value FROM (SELECT exchange, avg(latency_ms) AS n FROM exchange_status WHERE {IN} GROUP BY exchange) WHERE n > 500",
        "only rows where n > 500 are left",
        "n > 500",
        f"SELECT exchange, max(latency_ms) AS value FROM exchange_status WHERE latency_ms >= 0 AND {IN} GROUP BY exchange",
    ),
    AlertTrial(
        "now-in-query",
        "SELECT host, datediff('s', max(timestamp), least($__toTime, now())) AS value FROM daemon_metrics WHERE env = 'prod' AND timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime GROUP BY host",
        "now() is the server's clock",
        "now",
        "SELECT host, datediff('s', max(timestamp), $__toTime) AS value FROM daemon_metrics WHERE env = 'prod' AND timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime GROUP BY host",
    ),
    AlertTrial(
        "alert-interval",
        f"SELECT timestamp AS time, exchange, avg(latency_ms) AS value FROM exchange_status WHERE {IN} SAMPLE BY $__interval",
        "$__interval has no fixed value in an alert rule",
        "$__interval",
        f"SELECT timestamp AS time, exchange, avg(latency_ms) AS value FROM exchange_status WHERE {IN} SAMPLE BY 1m",
        format="time_series",
    ),
    AlertTrial(
        "alert-boolean",
        f"SELECT exchange, host, connected FROM exchange_status WHERE {IN} LATEST ON timestamp PARTITION BY exchange, host",
        "an alert rule with the BOOLEAN column 'connected' is always in the state Error",
        "connected",
        f"SELECT exchange, host, connected::int AS connected FROM exchange_status WHERE {IN} LATEST ON timestamp PARTITION BY exchange, host",
    ),
    AlertTrial(
        "alert-numbers",
        f"SELECT exchange, count() AS n, max(latency_ms) AS value FROM exchange_status WHERE {IN} GROUP BY exchange",
        "expected one number for an alert, got n, value",
        "",
        f"SELECT exchange, max(latency_ms) AS value FROM exchange_status WHERE {IN} GROUP BY exchange",
    ),
    AlertTrial(
        "row-per-write",
        f"SELECT exchange, host, latency_ms AS value FROM exchange_status WHERE {IN}",
        "got one per row of exchange_status",
        "exchange_status",
        f"SELECT exchange, host, latency_ms AS value FROM exchange_status WHERE {IN} LATEST ON timestamp PARTITION BY exchange, host",
    ),
    AlertTrial(
        "select-star",
        f"SELECT * FROM (SELECT exchange, max(latency_ms) AS value FROM exchange_status WHERE {IN} GROUP BY exchange)",
        "the panel draws each number",
        "*",
        f"SELECT exchange, value FROM (SELECT exchange, max(latency_ms) AS value FROM exchange_status WHERE {IN} GROUP BY exchange)",
    ),
    AlertTrial(
        "alert-time",
        f"SELECT timestamp, exchange, latency_ms AS value FROM exchange_status WHERE {IN} LATEST ON timestamp PARTITION BY exchange, host",
        "got the time 'timestamp', too",
        "timestamp",
        f"SELECT exchange, host, latency_ms AS value FROM exchange_status WHERE {IN} LATEST ON timestamp PARTITION BY exchange, host",
    ),
    AlertTrial(
        "no-number",
        f"SELECT exchange, host FROM exchange_status WHERE {IN} GROUP BY exchange, host",
        "expected a number for an alert, got exchange, host",
        "",
        f"SELECT exchange, count() AS value FROM exchange_status WHERE {IN} GROUP BY exchange",
    ),
    AlertTrial(
        "raw-counter",
        f"SELECT host, max(error_count) AS value FROM daemon_metrics WHERE {IN} GROUP BY host",
        "error_count of daemon_metrics counts since the start",
        "max(error_count)",
        f"SELECT host, max(uptime_seconds) AS value FROM daemon_metrics WHERE {IN} GROUP BY host",
    ),
    AlertTrial(
        "series-order",
        f"SELECT timestamp AS time, exchange, latency_ms AS value FROM exchange_status WHERE {IN} ORDER BY time DESC",
        "got ORDER BY time DESC",
        "time DESC",
        f"SELECT timestamp AS time, exchange, latency_ms AS value FROM exchange_status WHERE {IN} ORDER BY time",
        format="time_series",
    ),
    AlertTrial(
        "alert-label",
        f"SELECT exchange, count() AS value FROM exchange_status WHERE {IN} GROUP BY exchange",
        "summary names the label 'host', which the query does not return",
        "",
        f"SELECT host, count() AS value FROM exchange_status WHERE {IN} GROUP BY host",
        summary="{{ with $labels.host }}{{ . }}{{ end }} is gone",
    ),
    AlertTrial(
        "stale-window",
        f"SELECT host, datediff('m', max(timestamp), $__toTime) AS value FROM daemon_metrics WHERE {IN} GROUP BY host",
        "never fires: no row in the window of 5m is older than 1h for long enough",
        "datediff('m', max(timestamp), $__toTime)",
        f"SELECT host, datediff('s', max(timestamp), $__toTime) AS value FROM daemon_metrics WHERE {IN} GROUP BY host",
        threshold=60,
    ),
)  # fmt: skip


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_trial(trial: AlertTrial, session: Session) -> None:
    check_alert(trial, session)


def test_the_declared_fleet_joined_to_its_rows_is_a_good_alert(session: Session) -> None:
    sql = f"""
        SELECT i.host, CASE WHEN d.timestamp IS NULL THEN 86400 ELSE datediff('s', d.timestamp, $__toTime) END AS value
        FROM (SELECT 'prod-server-01' AS host UNION ALL SELECT 'prod-server-02') i
        LEFT JOIN (SELECT timestamp, host FROM daemon_metrics WHERE {IN} LATEST ON timestamp PARTITION BY host) d
        ON i.host = d.host
    """
    subject = session.described(alert(sql))
    assert [m for one in rules() if one.stage != "project" for m in found(one.name, subject, session)] == []


AGE = f"SELECT host, datediff('s', $__toTime, timestamp) AS value FROM daemon_metrics WHERE {IN} LATEST ON timestamp PARTITION BY host"


@pytest.mark.parametrize(
    ("threshold", "window", "said"),
    [
        (240, "5m", "resolves 30s after it fires, when the last row leaves the window of 5m"),
        (240, "4m", "never fires: no row in the window of 4m is older than 4m for long enough"),
        (240, "9m", ""),
        (60, "3m", ""),
    ],
)
def test_how_long_a_dead_writer_is_seen(threshold: float, window: str, said: str, session: Session) -> None:
    matches = found("stale-window", alert(AGE, threshold=threshold, window=window, for_duration="30s"), session)
    assert [match.message for match in matches] == ([said] if said else [])


def test_an_age_that_is_no_rows_own_is_not_judged(session: Session) -> None:
    other = "SELECT exchange, datediff('s', max(last_message_at), $__toTime) AS value FROM exchange_status WHERE {} GROUP BY exchange"
    assert found("stale-window", alert(other.format(IN), threshold=290), session) == []
    below = alert(AGE, threshold=290, fires="below")
    assert found("stale-window", below, session) == []


def test_a_pending_time_between_two_evaluations_is_found() -> None:
    given = (rule(for_duration="45s"), rule(uid="b", title="B", for_duration="1m"))
    slow = AlertGroup("Daemons", folder="Alerts", interval="30s", rules=given)
    (only,) = [r for r in rules() if r.name == "alert-for"]
    found = [match for _, match in judge_whole(Whole(project(alerts=(slow,)), ()), (only,))]
    assert [(m.path, m.message, m.hint) for m in found] == [
        (
            "alerts › Daemons › silent",
            "for_duration='45s' behaves like '1m': evaluated every 30 s",
            "for_duration='1m'",
        )
    ]


HOLE = "{{ $labels.host }} is silent"
ASKED = "{{ if $labels.host }}{{ $labels.host }} is silent{{ else }}Nobody sees who is silent{{ end }}"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"summary": HOLE}, "summary: an error or no data (on_error='Error' and no_data='NoData') has no $labels.host"),
        (
            {"summary": HOLE, "command": "ssh {{ $labels.host }}", "on_error": "Alerting"},
            "summary, command: an error or no data (on_error='Alerting' and no_data='NoData') has no $labels.host",
        ),
        (
            {"summary": HOLE, "annotations": {"team": "{{ $labels.team }}"}, "no_data": "OK"},
            "summary, annotations.team: an error or no data (on_error='Error') has no $labels.host and no $labels.team",
        ),
        (
            {"summary": ASKED, "labels": {"at": "{{ $labels.at }}"}, "on_error": "KeepLast"},
            "labels.at: an error or no data (no_data='NoData')",
        ),
        (
            {"summary": "{{ $values.B }} s", "no_data": "KeepLast", "on_error": "Alerting"},
            "summary: an error or no data (on_error='Alerting') has no $values.B",
        ),
        ({"summary": HOLE, "paused": True}, "summary: an error or no data"),
        ({"summary": HOLE, "no_data": "OK", "on_error": "OK"}, ""),
        ({"summary": HOLE, "no_data": "KeepLast", "on_error": "OK"}, ""),
        ({"summary": ASKED}, ""),
        ({"summary": "It is silent", "labels": {"team": "a"}}, ""),
        ({"summary": "{{ with $labels.host }}{{ . }}{{ else }}?{{ end }}", "command": "{{ $labels.alertname }}"}, ""),
    ],
)
def test_texts_with_a_hole_where_the_query_fails(fields: dict[str, Any], said: str) -> None:
    (only,) = [r for r in rules() if r.name == "unguarded-label"]
    whole = Whole(project(rule(**fields)), ())
    messages = [(match.path, match.message) for _, match in judge_whole(whole, (only,))]
    if not said:
        assert messages == []
        return
    ((path, message),) = messages
    assert path == "alerts › Daemons › silent"
    assert message.startswith(said)


@pytest.mark.parametrize(
    ("rules_given", "said"),
    [
        (
            [{"on_error": "Error"}],
            ["on_error='Error': two evaluations after its query fails, firing alerts are resolved"],
        ),
        ([{"on_error": "OK"}], ["on_error='OK': a failing query resolves firing alerts, and the rule is critical"]),
        ([{"on_error": "Alerting"}], []),
        ([{"on_error": "KeepLast"}], ["on_error='KeepLast', and no rule notifies of failing queries"]),
        ([{"on_error": "KeepLast"}, {"severity": "warning", "uid": "b", "title": "B"}], []),
        ([{"on_error": "KeepLast"}, {"on_error": "Alerting", "uid": "b", "title": "B"}], []),
        ([{"on_error": "Error", "paused": True}], []),
        ([{"on_error": "Error", "severity": "warning"}], []),
    ],
)
def test_pages_that_an_outage_of_the_database_resolves(rules_given: list[dict[str, Any]], said: list[str]) -> None:
    (only,) = [r for r in rules() if r.name == "resolved-page"]
    for version, expected in (("12.3", said), ("10.2", [])):
        whole = Whole(
            Project(
                environments=(Environment("prod", grafana=version),),
                alerts=(
                    AlertGroup(
                        "Daemons", folder="Alerts",
                        rules=tuple(rule(**{"severity": "critical", **fields}) for fields in rules_given),
                    ),
                ),
            ),
            (),
        )  # fmt: skip
        messages = [match.message for _, match in judge_whole(whole, (only,))]
        assert len(messages) == len(expected)
        assert all(message.startswith(start) for message, start in zip(messages, expected, strict=True))


def test_what_older_grafanas_make_of_null_and_of_booleans(session: Session) -> None:
    old = Environment("old", grafana="9.4")
    empty = replace(alert(f"SELECT avg(latency_ms) AS value FROM exchange_status WHERE {IN}"), environment=old)
    (match,) = found("alert-empty-aggregate", empty, session)
    assert "which fires" in match.message
    sql = f"SELECT timestamp AS time, connected AS value FROM exchange_status WHERE {IN}"
    series = replace(alert(sql, "time_series"), plugin="postgres")
    assert found("alert-boolean", series, session) == []
    assert len(found("alert-boolean", replace(series, environment=old), session)) == 1
    assert len(found("alert-boolean", alert(sql, "time_series"), session)) == 1


def test_what_the_environment_gives_is_no_browsers_variable(session: Session) -> None:
    bound = "SELECT host, 1 AS value FROM (${hosts:rows}) WHERE '' <> ${env:sqlstring}"
    assert found("alert-browser-macro", alert(bound), session) == []
