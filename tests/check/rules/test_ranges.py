"""The rules about time ranges and buckets, each against a real server."""
# ruff: noqa: E501 - a trial's SQL reads best in one line

from __future__ import annotations

import pytest

from dashgen import IntervalVariable, Table, TimeSeries
from dashgen.check.session import Session
from tests.check.helpers import texts
from tests.check.rules.trials import IN, NOW, Trial, check

pytestmark = pytest.mark.questdb


def table(sql: str) -> Table:
    return Table("Rows", sql)


def series(bucket: str, source: str = "daemon_metrics", column: str = "uptime_seconds") -> TimeSeries:
    return TimeSeries(
        "Line", f"SELECT timestamp AS time, max({column}) AS value FROM {source} WHERE {IN} SAMPLE BY {bucket}"
    )


TRIALS = (
    Trial(
        "no-time-bound",
        table("SELECT exchange, sum(records_count) AS n FROM pipeline_metrics WHERE env = ${env:sqlstring} GROUP BY exchange"),
        "expected a bound on timestamp of pipeline_metrics",
        "pipeline_metrics",
        table(f"SELECT exchange, sum(records_count) AS n FROM pipeline_metrics WHERE {IN} GROUP BY exchange"),
    ),
    Trial(
        "no-time-bound",
        table("SELECT exchange, connected FROM exchange_status WHERE exchange IN ('a', 'b') LATEST ON timestamp PARTITION BY exchange LIMIT 9"),
        "it is read back until a row of each exchange is found, and every partition where one has none",
        "exchange_status",
        table(f"SELECT exchange, connected FROM exchange_status WHERE {NOW} LATEST ON timestamp PARTITION BY exchange LIMIT 9"),
    ),
    Trial(
        "no-time-bound",
        table("SELECT exchange, connected FROM exchange_status WHERE exchange = 'a' LATEST ON timestamp PARTITION BY exchange, host LIMIT 9"),
        "it is read back as long as a key has no row",
        "exchange_status",
        table(f"SELECT exchange, connected FROM exchange_status WHERE {NOW} LATEST ON timestamp PARTITION BY exchange LIMIT 9"),
    ),
    Trial(
        "no-time-bound",
        table("SELECT host FROM daemon_metrics WHERE timestamp <= $__toTime LIMIT 9"),
        "expected a lower bound on timestamp of daemon_metrics",
        "daemon_metrics",
        table("SELECT host FROM (SELECT timestamp AS t, host FROM daemon_metrics) WHERE $__timeFilter(t) LIMIT 9"),
    ),
    Trial(
        "no-time-bound",
        table("SELECT host FROM (SELECT timestamp, host FROM daemon_metrics LIMIT 9) WHERE $__timeFilter(timestamp)"),
        "expected a bound on timestamp of daemon_metrics",
        "daemon_metrics",
        table("SELECT host FROM daemon_metrics WHERE timestamp IN '2026-01-05' LIMIT 9"),
    ),
    Trial(
        "no-upper-bound",
        table("SELECT host FROM daemon_metrics WHERE timestamp > dateadd('d', -1, $__toTime) LATEST ON timestamp PARTITION BY host, env LIMIT 9"),
        "a row from the future is always the latest",
        "daemon_metrics",
        table(f"SELECT host FROM daemon_metrics WHERE {NOW} LATEST ON timestamp PARTITION BY host LIMIT 9"),
    ),
    Trial("sample-unit", series("500ms"), "QuestDB reads SAMPLE BY 500ms as 1s", "500ms", series("90m")),
    Trial("sample-unit", series("3min"), "QuestDB reads SAMPLE BY 3min as 1n", "3min", series("3m")),
    Trial("sample-unit", series("1.5s"), "QuestDB reads SAMPLE BY 1.5s as 1s", "1.5s", series("1500T")),
    Trial("sample-unit", series("2000ms"), "QuestDB reads SAMPLE BY 2000ms as 1s", "2000ms", series("2000T")),
    Trial("sample-unit", series("1m0s"), "QuestDB reads SAMPLE BY 1m0s as 1s", "1m0s", series("1M")),
    Trial("sample-unit", series("1h30m"), "QuestDB reads SAMPLE BY 1h30m as 1m", "1h30m", series("1y")),
    Trial(
        "sample-unit",
        series("$bucket"),
        "QuestDB reads SAMPLE BY 500ms as 1s",
        "$bucket",
        series("$__sampleByInterval"),
        beside=(IntervalVariable("bucket", ("500ms", "1m")),),
    ),
    Trial(
        "short-bucket",
        series("5s"),
        "daemon_metrics is written every 10s, and the bucket is 5s",
        "5s",
        series("10s"),
    ),
    Trial(
        "short-bucket",
        series("10s", "pipeline_1m", "latency_max"),
        "pipeline_1m is written every 60s, and the bucket is 10s",
        "10s",
        series("$__sampleByInterval", "pipeline_1m", "latency_max"),
    ),
    Trial(
        "short-bucket",
        series("${bucket}"),
        "the bucket is 1s",
        "${bucket}",
        series("1m"),
        beside=(IntervalVariable("bucket", ("1s", "1m")),),
    ),
    Trial(
        "reversed-range",
        table("SELECT host FROM daemon_metrics WHERE timestamp >= $__toTime AND timestamp <= $__fromTime LIMIT 9"),
        "$__fromTime is on the wrong side",
        "$__fromTime",
        table("SELECT host FROM daemon_metrics WHERE timestamp >= dateadd('d', -7, $__fromTime) AND timestamp <= $__fromTime LIMIT 9"),
    ),
    Trial(
        "reversed-range",
        table("SELECT host FROM daemon_metrics WHERE timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__fromTime LATEST ON timestamp PARTITION BY host, env LIMIT 9"),
        "the range is reversed",
        "$__fromTime",
        table(f"SELECT host FROM daemon_metrics WHERE {NOW} LATEST ON timestamp PARTITION BY host LIMIT 9"),
    ),
    Trial(
        "reversed-range",
        table("SELECT host FROM daemon_metrics WHERE timestamp >= least($__toTime, now()) AND timestamp <= dateadd('d', -7, $__toTime) LIMIT 9"),
        "the range is reversed",
        "dateadd('d', -7, $__toTime)",
        table("SELECT host FROM daemon_metrics WHERE timestamp >= dateadd('d', -7, $__toTime) AND timestamp < least($__toTime, now()) LIMIT 9"),
    ),
    Trial(
        "no-time-bound",
        table("SELECT host, n FROM (SELECT timestamp AS t, host, lead(timestamp) OVER (PARTITION BY host ORDER BY timestamp) AS n FROM daemon_metrics WHERE env = ${env:sqlstring}) WHERE datediff('s', t, n) > 60 AND $__timeFilter(t) LIMIT 9"),
        "expected a bound on timestamp of daemon_metrics",
        "daemon_metrics",
        table(f"SELECT host, n FROM (SELECT timestamp AS t, host, lead(timestamp) OVER (PARTITION BY host ORDER BY timestamp) AS n FROM daemon_metrics WHERE {IN}) WHERE datediff('s', t, n) > 60 LIMIT 9"),
    ),
    Trial(
        "now-in-query",
        table("SELECT host FROM daemon_metrics WHERE timestamp > dateadd('h', -1, now()) LIMIT 9"),
        "now() is the server's clock",
        "now",
        table("SELECT host AS now FROM daemon_metrics WHERE timestamp BETWEEN $__fromTime AND least($__toTime, now()) LIMIT 9 -- now()"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_trial(trial: Trial, session: Session) -> None:
    check(trial, session)


@pytest.mark.parametrize(
    "condition",
    [
        "$__timeFilter(timestamp)",
        "timestamp >= $__fromTime AND $__toTime >= timestamp",
        "timestamp = $__toTime",
        "(timestamp > $__fromTime AND (timestamp < $__toTime))",
        "datediff('s', timestamp, $__toTime) < 60",
        "(timestamp IN '2026-01-05' OR $__timeFilter(timestamp))",
        "$__conditionalAll($__timeFilter(timestamp), $env)",
    ],
)
def test_what_bounds(condition: str) -> None:
    panel = Table("Rows", f"SELECT d.host FROM daemon_metrics d WHERE {condition} LIMIT 9")
    assert texts("no-time-bound", panel) == texts("no-upper-bound", panel) == []


@pytest.mark.parametrize(
    "condition",
    [
        "timestamp <> $__fromTime",
        "host = 'timestamp'",
        "(timestamp > $__fromTime OR host = 'a')",
        "NOT timestamp IN '2026'",
    ],
)
def test_what_bounds_nothing(condition: str) -> None:
    assert texts("no-time-bound", Table("Rows", f"SELECT host FROM daemon_metrics WHERE {condition} LIMIT 9"))


def test_the_buckets_of_a_typed_panel_are_never_too_short() -> None:
    panel = TimeSeries("Line", "SELECT timestamp AS time, max(latency_max) AS v FROM pipeline_1m WHERE $__timeFilter(timestamp)"
                       " SAMPLE BY $__sampleByInterval", min_interval="1s")  # fmt: skip
    assert texts("short-bucket", panel) == []
