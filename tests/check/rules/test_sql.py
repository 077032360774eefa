"""The rules about SQL that misleads, each against a real server."""
# ruff: noqa: E501 - a trial's SQL reads best in one line

from __future__ import annotations

import pytest

from dashgen import Annotation, CustomVariable, IntervalVariable, QueryVariable, Stat, Table, TimeSeries
from dashgen.check.session import Session
from tests.check.helpers import texts
from tests.check.rules.trials import IN, NOW, Trial, check

pytestmark = pytest.mark.questdb

HOST = QueryVariable("host", f"SELECT DISTINCT host FROM daemon_metrics WHERE {NOW}", multi=True, include_all=True)
DELTAS = f"""(
    SELECT timestamp, host, fetch_count AS c, lag(fetch_count) OVER (PARTITION BY host ORDER BY timestamp) AS p,
           timestamp - lag(timestamp) OVER (PARTITION BY host ORDER BY timestamp) AS dt
    FROM daemon_metrics WHERE {IN}
)"""
GROWTH = "CASE WHEN c >= p THEN c - p ELSE c END"


def table(sql: str) -> Table:
    return Table("Rows", sql)


def series(sql: str) -> TimeSeries:
    return TimeSeries("Line", sql)


TRIALS = (
    Trial(
        "acting-statement",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} LIMIT 9; DROP TABLE daemon_metrics"),
        "expected a query that reads rows, got a second statement behind ';'",
        "DROP",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} LIMIT 9;"),
        accepted=False,
    ),
    Trial(
        "unparsed-query",
        table("SHOW PARTITIONS FROM daemon_metrics"),
        "not understood: expected a query, got 'SHOW'; the rules DG3xx to DG6xx that read a query's parts skip it",
        "S",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} LIMIT 9"),
    ),
    Trial(
        "duplicate-column",
        table(f"SELECT host AS name, env AS name FROM daemon_metrics WHERE {IN} LIMIT 9"),
        "two columns are named 'name'",
        "name",
        table(f"SELECT host, env FROM daemon_metrics WHERE {IN} LIMIT 9"),
        accepted=False,
    ),
    Trial(
        "duplicate-column",
        table(
            "SELECT d.host, e.host FROM daemon_metrics d JOIN exchange_status e ON host"
            f" WHERE {IN.replace('env', 'd.env', 1).replace('(timestamp)', '(d.timestamp)')} LIMIT 9"
        ),
        "two columns are named 'host'",
        "e.host",
        table(
            "SELECT d.host, e.exchange FROM daemon_metrics d JOIN exchange_status e ON host"
            f" WHERE {IN.replace('env', 'd.env', 1).replace('(timestamp)', '(d.timestamp)')} LIMIT 9"
        ),
    ),
    Trial(
        "all-without-guard",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} AND host IN (${{host:sqlstring}}) LIMIT 9"),
        "with All chosen in $host, this compares with the text '__all', which no row has: no row is left",
        "${host:sqlstring}",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} AND {HOST.matches('host')} LIMIT 9"),
        beside=(HOST,),
    ),
    Trial(
        "select-star",
        table(f"SELECT * FROM (SELECT * FROM daemon_metrics WHERE {IN}) LIMIT 9"),
        "got all of daemon_metrics",
        "*",
        table(f"SELECT host, running FROM (SELECT * FROM daemon_metrics WHERE {IN}) LIMIT 9"),
    ),
    Trial(
        "latest-on-filter",
        table(
            f"SELECT exchange FROM exchange_status WHERE {NOW} AND NOT connected"
            " LATEST ON timestamp PARTITION BY exchange, host LIMIT 9"
        ),
        "connected changes from row to row",
        "NOT connected",
        table(
            "SELECT exchange FROM (SELECT exchange, connected FROM exchange_status"
            f" WHERE {NOW} AND exchange IN ('okx', 'bybit') LATEST ON timestamp PARTITION BY exchange, host)"
            " WHERE NOT connected LIMIT 9"
        ),
    ),
    Trial(
        "partition-keys",
        table(
            "SELECT exchange, latency_ms FROM exchange_status"
            f" WHERE {NOW} LATEST ON timestamp PARTITION BY exchange LIMIT 9"
        ),
        "LATEST ON mixes the rows of several host: it is in the key of exchange_status, and PARTITION BY has exchange",
        "exchange",
        table(
            "SELECT exchange, latency_ms FROM exchange_status"
            f" WHERE {NOW} LATEST ON timestamp PARTITION BY exchange, host LIMIT 9"
        ),
    ),
    Trial(
        "partition-keys",
        table(f"SELECT timestamp, lag(uptime_seconds) OVER (ORDER BY timestamp) AS p FROM daemon_metrics WHERE {IN} LIMIT 9"),
        "lag() OVER mixes the rows of several host: it is in the key of daemon_metrics, and PARTITION BY is missing",
        "lag(uptime_seconds) OVER (ORDER BY timestamp)",
        table(
            "SELECT host, total, row_number() OVER (ORDER BY total) AS rank FROM"
            f" (SELECT host, sum(uptime_seconds) AS total FROM daemon_metrics WHERE {IN} GROUP BY host) LIMIT 9"
        ),
    ),
    Trial(
        "partition-keys",
        table(
            "SELECT timestamp, lag(v) OVER (PARTITION BY kind ORDER BY timestamp) AS p FROM (SELECT timestamp, host,"
            f" exchange AS kind, max(latency_ms) AS v FROM exchange_status WHERE {IN} SAMPLE BY 1m) LIMIT 9"
        ),
        "lag() OVER mixes the rows of several host",
        "kind",
        table(
            "SELECT timestamp, lag(v) OVER (PARTITION BY kind ORDER BY timestamp) AS p FROM (SELECT timestamp,"
            f" exchange || ' ' || host AS kind, max(latency_ms) AS v FROM exchange_status WHERE {IN} SAMPLE BY 1m) LIMIT 9"
        ),
    ),
    Trial(
        "mixed-series",
        series(f"SELECT timestamp AS time, last(uptime_seconds) AS value FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"),
        "last(uptime_seconds) is that of an arbitrary host",
        "last(uptime_seconds)",
        series(
            "SELECT timestamp AS time, host AS metric, last(uptime_seconds) AS value FROM daemon_metrics"
            f" WHERE {IN} SAMPLE BY 1m"
        ),
    ),
    Trial(
        "raw-counter",
        series(
            "SELECT timestamp AS time, host AS metric, last(error_count) AS value FROM daemon_metrics"
            f" WHERE {IN} SAMPLE BY 1m"
        ),
        "error_count of daemon_metrics counts since the start of the process, and value shows the raw count",
        "last(error_count)",
        series(f"SELECT timestamp AS time, host AS metric, sum({GROWTH}) AS value FROM {DELTAS} SAMPLE BY 1m"),
    ),
    Trial(
        "raw-counter",
        series(f"SELECT timestamp AS time, host AS metric, 1.0 * sum(c) / sum(dt) AS value FROM {DELTAS} SAMPLE BY 1m"),
        "fetch_count of daemon_metrics counts",
        "1.0 * sum(c) / sum(dt)",
        table(f"SELECT host, error_count AS errors FROM daemon_metrics WHERE {NOW} LATEST ON timestamp PARTITION BY host LIMIT 9"),
    ),
    Trial(
        "counter-condition",
        table(f"SELECT timestamp, exchange FROM exchange_status WHERE {IN} AND reconnect_count > 0 LIMIT 9"),
        "reconnect_count of exchange_status counts since the start of the process",
        "reconnect_count > 0",
        table(f"SELECT timestamp, host FROM {DELTAS} WHERE c <> p LIMIT 9"),
    ),
    Trial(
        "counter-restart",
        series(f"SELECT timestamp AS time, host AS metric, sum(c - p) AS value FROM {DELTAS} SAMPLE BY 1m"),
        "the difference of fetch_count falls below zero when the process restarts",
        "c - p",
        series(f"SELECT timestamp AS time, host AS metric, sum({GROWTH}) AS value FROM {DELTAS} SAMPLE BY 1m"),
    ),
    Trial(
        "counter-restart",
        series(
            "SELECT timestamp AS time, host AS metric, last(error_count) - first(error_count) AS value"
            f" FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"
        ),
        "the difference of error_count",
        "last(error_count) - first(error_count)",
        series(
            "SELECT timestamp AS time, host AS metric, max(uptime_seconds) - min(uptime_seconds) AS value"
            f" FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"
        ),
    ),
    Trial(
        "sample-and-group",
        series(f"SELECT timestamp AS time, host, avg(uptime_seconds) FROM daemon_metrics WHERE {IN} SAMPLE BY 1m GROUP BY host"),
        "got both",
        "host",
        series(f"SELECT timestamp AS time, host, avg(uptime_seconds) FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"),
        accepted=False,
    ),
    Trial(
        "interval-literal",
        table("SELECT host FROM daemon_metrics WHERE timestamp > $__toTime - interval '24h' LIMIT 9"),
        "QuestDB has no interval literals",
        "interval '24h'",
        table("SELECT 'interval 24' AS interval FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 9 -- interval '1h'"),
        accepted=False,
    ),
    Trial(
        "dollar-now",
        table("SELECT host FROM daemon_metrics WHERE timestamp IN '$now - 24h..$now' LIMIT 9"),
        "$now is QuestDB's, but Grafana reads it as a dashboard variable",
        "'$now - 24h..$now'",
        table("SELECT host FROM daemon_metrics WHERE timestamp IN '2026-01-05' LIMIT 9"),
    ),
    Trial(
        "dollar-now",
        table("SELECT host FROM daemon_metrics WHERE timestamp IN '[$Today - 5bd..$now]T09:00' LIMIT 9"),
        "$Today is QuestDB's",
        "'[$Today - 5bd..$now]T09:00'",
        table("SELECT host FROM daemon_metrics WHERE $__timeFilter(timestamp) LIMIT 9 -- not '$now'"),
    ),
    Trial(
        "no-limit",
        table(f"SELECT host, running FROM daemon_metrics WHERE {IN}"),
        "expected LIMIT where rows of a table are shown",
        "",
        table(f"SELECT host, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} GROUP BY host"),
    ),
    Trial(
        "no-limit",
        Annotation("Errors", f"SELECT timestamp AS time, last_error AS text FROM daemon_metrics WHERE {IN}"),
        "expected LIMIT",
        "",
        Annotation("Errors", f"SELECT timestamp AS time, last_error AS text FROM daemon_metrics WHERE {IN} LIMIT 200"),
    ),
    Trial(
        "variable-quoting",
        table("SELECT host FROM daemon_metrics WHERE env = '$env' AND $__timeFilter(timestamp) LIMIT 9"),
        "'$env' in quotes breaks at a value with a quote",
        "$env",
        table("SELECT host FROM daemon_metrics WHERE env = ${env:sqlstring} AND $__timeFilter(timestamp) LIMIT 9"),
    ),
    Trial(
        "variable-quoting",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} AND host IN ($host) LIMIT 9"),
        "$host is quoted by some datasources and not by others",
        "$host",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} AND ('__all' IN (${{host:sqlstring}}) OR host IN (${{host:sqlstring}})) LIMIT 9"),
        beside=(HOST,),
    ),
    Trial(
        "variable-quoting",
        table(f"SELECT host FROM daemon_metrics WHERE {IN} AND host IN (${{host:singlequote}}) LIMIT 9"),
        "escapes with a backslash",
        "${host:singlequote}",
        table(f"SELECT timestamp, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} AND uptime_seconds > $low SAMPLE BY $bucket"),
        beside=(HOST, IntervalVariable("bucket", ("1m", "5m")), CustomVariable("low", ("0", "60"))),
    ),
    Trial(
        "nominal-bucket",
        series(f"SELECT timestamp AS time, sum(records) * 1000.0 / $__interval_ms AS value FROM pipeline_1m WHERE {IN} SAMPLE BY $__sampleByInterval"),
        "$__interval_ms is the nominal width of a bucket",
        "$__interval_ms",
        series(
            "SELECT time, r * 1.0 / datediff('s', time, least(time + $__interval_ms * 1000L, $__toTime)) AS value FROM"
            f" (SELECT timestamp AS time, sum(records) AS r FROM pipeline_1m WHERE {IN} SAMPLE BY $__sampleByInterval)"
        ),
    ),
    Trial(
        "nominal-bucket",
        series(f"SELECT timestamp AS time, sum(records) / 300.0 AS value FROM pipeline_1m WHERE {IN} SAMPLE BY 5m"),
        "300.0 is the nominal width",
        "300.0",
        series(f"SELECT timestamp AS time, sum(latency_sum) / sum(latency_n) AS value FROM pipeline_1m WHERE {IN} SAMPLE BY 5m"),
    ),
    Trial(
        "time-subtraction",
        table(f"SELECT host, ($__toTime - max(timestamp)) / 1000000 AS age FROM daemon_metrics WHERE {IN} GROUP BY host"),
        "$__toTime minus a column",
        "$__toTime - max(timestamp)",
        table(f"SELECT host, datediff('s', max(timestamp), $__toTime) AS age FROM daemon_metrics WHERE {IN} GROUP BY host"),
    ),
    Trial(
        "time-subtraction",
        table(f"SELECT host, timestamp_floor('1m', $__toTime) - timestamp AS age FROM daemon_metrics WHERE {IN} LIMIT 9"),
        "minus a column",
        "timestamp_floor('1m', $__toTime) - timestamp",
        table(f"SELECT max(last_message_at) - min(last_message_at) AS age FROM exchange_status WHERE {IN}"),
    ),
    Trial(
        "select-star",
        series(f"SELECT * FROM (SELECT timestamp AS time, host, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} SAMPLE BY 1m)"),
        "the panel draws each number",
        "*",
        series(f"SELECT time, host, up FROM (SELECT timestamp AS time, host, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} SAMPLE BY 1m)"),
    ),
    Trial(
        "missing-comma",
        table(f"SELECT exchange host, latency_ms FROM exchange_status WHERE {IN} LIMIT 9"),
        "host is a column, and names another one here: a comma is missing",
        "exchange host",
        table(f"SELECT exchange AS host, latency_ms latency FROM exchange_status WHERE {IN} LIMIT 9"),
    ),
    Trial(
        "limit-without-order",
        table(f"SELECT host, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} GROUP BY host LIMIT 20"),
        "which rows LIMIT returns is arbitrary",
        "20",
        table(f"SELECT host FROM (SELECT host, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} GROUP BY host ORDER BY up, host) LIMIT 20"),
    ),
    Trial(
        "row-per-write",
        Stat("Uptime", f"SELECT host, up FROM (SELECT host, uptime_seconds AS up FROM daemon_metrics WHERE {IN})"),
        "expected one row per series, got one per row of daemon_metrics",
        "daemon_metrics",
        Stat("Uptime", f"SELECT host, uptime_seconds AS up FROM daemon_metrics WHERE {NOW} LATEST ON timestamp PARTITION BY host"),
    ),
    Trial(
        "state-without-latest",
        table(
            "SELECT host, max(bad) AS state FROM (SELECT host, running::int AS bad FROM daemon_metrics"
            f" WHERE {NOW}) GROUP BY host"
        ),
        "reads a fixed time before the end of daemon_metrics, which is a state, but not its latest rows",
        "daemon_metrics",
        table(
            "SELECT host, max(bad) AS state FROM (SELECT host, running::int AS bad FROM daemon_metrics"
            f" WHERE {NOW} LATEST ON timestamp PARTITION BY host) GROUP BY host"
        ),
    ),
    Trial(
        "state-without-latest",
        Stat("PnL", f"SELECT sum(pnl) AS pnl FROM (SELECT pnl FROM trading_metrics WHERE {NOW})"),
        "trading_metrics, which is a state",
        "trading_metrics",
        table(f"SELECT timestamp, exchange, gap_duration_seconds FROM pipeline_metrics WHERE {NOW} AND gap_detected LIMIT 9"),
    ),
    Trial(
        "partition-keys",
        table(f"SELECT timestamp, exchange, connected FROM exchange_status WHERE {NOW} LATEST ON timestamp PARTITION BY exchange LIMIT 9"),
        "LATEST ON mixes the rows of several host",
        "exchange",
        table(f"SELECT timestamp, exchange, datediff('s', timestamp, $__toTime) AS age FROM exchange_status WHERE {NOW} LATEST ON timestamp PARTITION BY exchange LIMIT 9"),
    ),
    Trial(
        "ignored-bucket",
        TimeSeries("Up", "SELECT dateadd('d', 1, t.timestamp) AS time, max(t.uptime_seconds) AS up FROM daemon_metrics t WHERE env = ${env:sqlstring} AND $__timeFilter(t.timestamp) SAMPLE BY 1m"),
        "with the prefix, QuestDB reads t.timestamp of each row",
        "dateadd('d', 1, t.timestamp)",
        TimeSeries("Up", f"SELECT dateadd('d', 1, timestamp) AS time, max(uptime_seconds) AS up FROM daemon_metrics t WHERE {IN} SAMPLE BY 1m"),
    ),
    Trial(
        "ignored-bucket",
        TimeSeries("Up", f"SELECT timestamp AS time, t.timestamp AS until, max(uptime_seconds) AS up FROM daemon_metrics t WHERE {IN} SAMPLE BY 1m"),
        "with the prefix, QuestDB reads t.timestamp of each row",
        "t.timestamp",
        TimeSeries("Up", f"SELECT t.timestamp AS time, t.timestamp AS until, max(uptime_seconds) AS up FROM daemon_metrics t WHERE {IN} SAMPLE BY 1m"),
    ),
    Trial(
        "ignored-bucket",
        TimeSeries("Age", f"SELECT timestamp AS time, datediff('s', max(timestamp), t.timestamp) AS age FROM daemon_metrics t WHERE {IN} SAMPLE BY 1m"),
        "with the prefix, QuestDB reads t.timestamp of each row",
        "datediff('s', max(timestamp), t.timestamp)",
        TimeSeries("Age", f"SELECT timestamp AS time, hour(t.timestamp) AS h, max(uptime_seconds) AS up FROM daemon_metrics t WHERE {IN} SAMPLE BY 1m"),
    ),
    Trial(
        "ignored-bucket",
        TimeSeries("Up", "SELECT e.timestamp AS time, max(t.uptime_seconds) AS up FROM daemon_metrics t ASOF JOIN exchange_status e ON host WHERE $__timeFilter(t.timestamp) SAMPLE BY 1m"),
        "SAMPLE BY groups by each timestamp of exchange_status here",
        "e.timestamp",
        TimeSeries("Up", f"WITH x AS (SELECT timestamp, uptime_seconds FROM daemon_metrics WHERE {IN}) SELECT dateadd('d', 1, x.timestamp) AS time, max(uptime_seconds) AS up FROM x SAMPLE BY 1m"),
    ),
    Trial(
        "ignored-bucket",
        TimeSeries("Rate", f"SELECT timestamp AS time, sum(error_count) / uptime_seconds AS rate FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"),
        "SAMPLE BY groups by each uptime_seconds as well: it stands beside an aggregate",
        "sum(error_count) / uptime_seconds",
        TimeSeries("Rate", f"SELECT timestamp AS time, sum(error_count) / max(uptime_seconds) AS rate FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"),
    ),
    Trial(
        "ignored-bucket",
        TimeSeries("Up", f"SELECT CASE WHEN error_count > 0 THEN timestamp END AS time, max(uptime_seconds) AS up FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"),
        "SAMPLE BY groups by each error_count as well: it stands beside the time",
        "CASE WHEN error_count > 0 THEN timestamp END",
        TimeSeries("Up", f"SELECT timestamp AS time, CASE WHEN error_count > 0 THEN 'bad' ELSE 'good' END AS state, CASE WHEN env = 'prod' THEN max(uptime_seconds) END AS up FROM daemon_metrics WHERE {IN} SAMPLE BY 1m"),
    ),
    Trial(
        "row-per-write",
        Stat("Rows", f"SELECT running::int AS up FROM daemon_metrics WHERE {IN}"),
        "got one per row of",
        "daemon_metrics",
        Stat("Rows", f"SELECT uptime_seconds AS up FROM daemon_metrics WHERE {IN} ORDER BY timestamp DESC LIMIT 1"),
    ),
    Trial(
        "epoch-comparison",
        table("SELECT host FROM daemon_metrics WHERE timestamp >= 1795448010 AND timestamp <= $__toTime LIMIT 9"),
        "1795448010 is not a time in microseconds",
        "timestamp >= 1795448010",
        table("SELECT host FROM daemon_metrics WHERE timestamp >= 1795448010000000 AND uptime_seconds > 1795448010 LIMIT 9"),
    ),
    Trial(
        "epoch-comparison",
        table("SELECT host FROM daemon_metrics WHERE timestamp BETWEEN $__fromTime AND 1795448010000 LIMIT 9"),
        "1795448010000 is not a time",
        "timestamp BETWEEN $__fromTime AND 1795448010000",
        table("SELECT host FROM daemon_metrics WHERE timestamp BETWEEN $__fromTime AND 1795448010000 * 1000L LIMIT 9"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_trial(trial: Trial, session: Session) -> None:
    check(trial, session)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        # a variable in a comment, in a function's argument, in an interval: none of them is compared
        (f"SELECT host FROM daemon_metrics WHERE {IN} LIMIT 9 -- $env", 0),
        ("SELECT timestamp_floor('$env', timestamp) FROM daemon_metrics", 0),
        ("SELECT host FROM daemon_metrics WHERE env IN ('a', '${env}', 'b')", 1),
        ("SELECT host FROM daemon_metrics WHERE '$env' = env", 1),
        ("SELECT host FROM daemon_metrics WHERE env = ${env:csv}", 1),
        ("SELECT host FROM daemon_metrics WHERE env <> ${env:sqlstring}", 0),
    ],
)
def test_variables_in_comparisons(sql: str, says: int) -> None:
    assert len(texts("variable-quoting", Table("Rows", sql))) == says


def test_a_counter_in_a_stat_is_raw_through_any_depth() -> None:
    sql = f"""
        WITH newest AS (SELECT * FROM exchange_status WHERE {NOW} LATEST ON timestamp PARTITION BY exchange, host),
             renamed AS (SELECT exchange, reconnect_count AS n FROM newest)
        SELECT exchange, n AS reconnects FROM renamed
    """
    (said,) = texts("raw-counter", Stat("Reconnects", sql))
    assert said.startswith("reconnect_count of exchange_status counts since the start of the process, and reconnects")
