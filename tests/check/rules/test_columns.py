"""The rules about the columns of a result, each against a real server."""
# ruff: noqa: E501 - a trial's SQL reads best in one line

from __future__ import annotations

from dataclasses import replace

import pytest

from dashgen import (
    Annotation,
    BarChart,
    DataLink,
    Environment,
    Override,
    Panel,
    Query,
    QueryVariable,
    SortBy,
    Stat,
    StateTimeline,
    Table,
    TimeSeries,
    Transformation,
    ValueMapping,
)
from dashgen.check.session import Session
from dashgen.model.dashboards.panel import JoinByField, Organize
from tests.check.helpers import subjects, texts
from tests.check.rules.trials import IN, NOW, Trial, check, found

pytestmark = pytest.mark.questdb

LATEST = f"WHERE {NOW} LATEST ON timestamp PARTITION BY host"
EXCHANGES = f"WHERE {NOW} LATEST ON timestamp PARTITION BY exchange, host"


def uptime(columns: str, tail: str = "SAMPLE BY 1m") -> str:
    return f"SELECT {columns} FROM daemon_metrics WHERE {IN} {tail}"


UTC = uptime("timestamp AS time, max(uptime_seconds) AS value")
LOCAL = uptime("dateadd('h', 1, to_timezone(timestamp, 'Europe/Rome')) AS time, max(uptime_seconds) AS value")
TRIALS = (
    Trial(
        "unreadable-column",
        Table("Counts", uptime("timestamp AS time, to_long128(error_count, fetch_count) AS counts", "LIMIT 100")),
        "expected a column that QuestDB can send, got the LONG128 'counts'",
        "to_long128(error_count, fetch_count)",
        Table("Counts", uptime("timestamp AS time, error_count, fetch_count", "LIMIT 100")),
    ),
    Trial(
        "no-time-column",
        TimeSeries("Uptime", uptime("host AS metric, max(uptime_seconds) AS value", "GROUP BY host")),
        "expected a column of type timestamp, got metric, value",
        "",
        TimeSeries("Uptime", uptime("timestamp AS time, host AS metric, max(uptime_seconds) AS value")),
    ),
    Trial(
        "time-column-name",
        TimeSeries("Uptime", uptime("timestamp AS moment, host AS metric, max(uptime_seconds) AS value")),
        "expected the time column to be named 'time', got 'moment'",
        "moment",
        TimeSeries("Uptime", uptime("timestamp AS time, host AS metric, max(uptime_seconds) AS value")),
        plugin="postgres",
    ),
    Trial(
        "no-number",
        TimeSeries("Uptime", uptime("timestamp AS time, sum(uptime_seconds)::DECIMAL(18,3) AS value")),
        "expected a number, got value: the QuestDB plugin sends DECIMAL as text",
        "sum(uptime_seconds)::DECIMAL(18,3)",
        TimeSeries("Uptime", uptime("timestamp AS time, sum(uptime_seconds)::DECIMAL(18,3)::double AS value")),
    ),
    Trial(
        "no-number",  # as a label, it would make a series of each value
        TimeSeries("Uptime", uptime("timestamp AS time, max(uptime_seconds) AS n, sum(uptime_seconds)::DECIMAL(18,3) AS value")),
        "expected a number, got value: the QuestDB plugin sends DECIMAL as text",
        "sum(uptime_seconds)::DECIMAL(18,3)",
        TimeSeries("Uptime", uptime("timestamp AS time, max(uptime_seconds) AS n, sum(uptime_seconds) AS value")),
    ),
    Trial(
        "no-number",
        Stat("Uptime", f"SELECT host, ARRAY[uptime_seconds::double, 1.0] AS both FROM daemon_metrics {LATEST}"),
        "expected a number, got both: Grafana's PostgreSQL datasource sends DOUBLE[] as text",
        "ARRAY[uptime_seconds::double, 1.0]",
        Stat("Uptime", f"SELECT host, uptime_seconds::DECIMAL(18,3) AS value FROM daemon_metrics {LATEST}"),
        plugin="postgres",
    ),
    Trial(
        "no-number",
        Stat("Running", f"SELECT host, running FROM daemon_metrics {LATEST}"),
        "expected a number for a stat, got host, running (boolean)",
        "",
        Stat("Running", f"SELECT host, running::int AS running FROM daemon_metrics {LATEST}"),
    ),
    Trial(
        "no-number",
        Panel("stat", "Host", f"SELECT host FROM daemon_metrics {LATEST}", options={"graphMode": "none"}),
        "expected a number for a stat, got host",
        "",
        Panel("stat", "Host", f"SELECT host FROM daemon_metrics {LATEST}", options={"reduceOptions": {"fields": "host"}}),
    ),
    Trial(
        "no-number",
        TimeSeries("Uptime", uptime("timestamp AS time, max(uptime_seconds)::varchar AS value")),
        "expected a number for a timeseries, got time, value",
        "",
        StateTimeline("Error", uptime("timestamp AS time, max(last_error) AS value")),
    ),
    Trial(
        "long-frame",
        TimeSeries("Uptime", Query(uptime("timestamp AS time, host, max(uptime_seconds) AS value"), format="table")),
        "got rows told apart by host",
        "",
        TimeSeries("Uptime", uptime("timestamp AS time, host, max(uptime_seconds) AS value")),
    ),
    Trial(
        "long-frame",
        TimeSeries("Uptime", uptime("timestamp AS time, host AS metric, env, max(uptime_seconds) AS value")),
        "expected 'metric' to be the only label, got metric, env",
        "",
        TimeSeries("Uptime", uptime("timestamp AS time, host || ' ' || env AS metric, max(uptime_seconds) AS value")),
        plugin="postgres",
    ),
    Trial(
        "shifted-time",
        TimeSeries("Uptime", uptime("to_timezone(timestamp, 'Europe/Rome') AS time, max(uptime_seconds) AS value")),
        "expected a time in UTC, got time in another time zone",
        "to_timezone(timestamp, 'Europe/Rome')",
        TimeSeries("Uptime", f"SELECT to_utc(timestamp_floor('1d', to_timezone(timestamp, 'Europe/Rome')), 'Europe/Rome') AS time, max(uptime_seconds) AS value FROM daemon_metrics WHERE {IN} GROUP BY time ORDER BY time"),
    ),
    Trial(
        "shifted-time",
        StateTimeline("Uptime", f"SELECT time, value FROM ({LOCAL})"),
        "expected a time in UTC, got time in another time zone",
        "time",
        StateTimeline("Uptime", f"SELECT dateadd('d', 7, time) AS time, value FROM ({UTC})"),
    ),
    Trial(
        "shifted-time",
        TimeSeries("Uptime", uptime("to_utc(timestamp, '-05:00') AS time, max(uptime_seconds) AS value")),
        "expected a time in UTC, got time moved away from UTC",
        "to_utc(timestamp, '-05:00')",
        TimeSeries("Uptime", uptime("to_timezone(to_timezone(timestamp, 'UTC'), '+00:00') AS time, max(uptime_seconds) AS value")),
    ),
    Trial(
        "variable-columns",
        QueryVariable("h", f"SELECT host, env, latency_ms FROM exchange_status {LATEST}"),
        "expected one column, or a value and its text, got host, env, latency_ms",
        "",
        QueryVariable("h", f"SELECT latency_ms, env AS __text, host AS __value FROM exchange_status {LATEST}"),
    ),
    Trial(
        "variable-columns",
        QueryVariable("h", f"SELECT * FROM (SELECT host, env FROM exchange_status {LATEST})"),
        "expected the columns __value and __text, got host, env",
        "",
        QueryVariable("h", f"SELECT host, env FROM exchange_status {LATEST}"),
        plugin="postgres",
    ),
    Trial(
        "variable-columns",
        QueryVariable("h", f"SELECT * FROM (SELECT host AS __text, env AS __value FROM exchange_status {LATEST})"),
        "expected the value first, got __text, __value",
        "",
        QueryVariable("h", f"SELECT host AS __text, env AS __value FROM exchange_status {LATEST}"),
    ),
    Trial(
        "unknown-field",
        Table("Now", f"SELECT host, uptime_seconds AS up FROM daemon_metrics {LATEST}", transformations=(Transformation("sortBy", {"sort": [{"field": "uptime"}]}),)),
        "sortBy: expected a field of the panel, got 'uptime'",
        "",
        Table("Now", f"SELECT host, uptime_seconds AS up FROM daemon_metrics {LATEST}", transformations=(Transformation("sortBy", {"sort": [{"field": "up"}]}),)),
    ),
    Trial(
        "unknown-field",
        Panel("trend", "Sizes", uptime("error_count AS size, avg(uptime_seconds) AS up", "GROUP BY size ORDER BY size"), options={"xField": "Size"}),
        "options.xField: expected a field of the panel, got 'Size'",
        "",
        Panel("trend", "Sizes", uptime("error_count AS size, avg(uptime_seconds) AS up", "GROUP BY size ORDER BY size"), options={"xField": "size"}),
    ),
    Trial(
        "unknown-field",
        Panel("candlestick", "Uptime", uptime("timestamp AS time, first(uptime_seconds) AS o, last(uptime_seconds) AS c"), options={"fields": {"open": "o", "close": "close"}}),
        "options.fields.close: expected a field of the panel, got 'close'",
        "",
        Panel("candlestick", "Uptime", uptime("timestamp AS time, first(uptime_seconds) AS o, last(uptime_seconds) AS c"), options={"fields": {"open": "o", "close": "c"}}),
    ),
    Trial(
        "unknown-field",
        Panel("geomap", "Hosts", f"SELECT host, uptime_seconds AS lat, error_count AS lon FROM daemon_metrics {LATEST}", options={"layers": [{"type": "markers", "location": {"mode": "coords", "latitude": "lat", "longitude": "long"}}]}),
        "options.location.longitude: expected a field of the panel, got 'long'",
        "",
        Panel("geomap", "Hosts", f"SELECT host, uptime_seconds AS lat, error_count AS lon FROM daemon_metrics {LATEST}", options={"layers": [{"type": "markers", "location": {"mode": "coords", "latitude": "lat", "longitude": "lon"}}]}),
    ),
    Trial(
        "no-number",  # sorting makes no numbers
        Stat("Host", f"SELECT host FROM daemon_metrics {LATEST}", transformations=(Transformation("sortBy", {"sort": [{"field": "host"}]}),)),
        "expected a number for a stat, got host",
        "",
        Stat("Host", f"SELECT host FROM daemon_metrics {LATEST}", transformations=(Transformation("convertFieldType", {"conversions": []}),)),
    ),
    Trial(
        "trend-x",
        Panel("trend", "By hour", uptime("hour(timestamp) AS x, count() AS y", "GROUP BY x"), options={"xField": "x"}),
        "expected x, the x of a trend, in ascending order, got no ORDER BY",
        "SELECT",
        Panel("trend", "By hour", uptime("hour(timestamp) AS x, count() AS y", "GROUP BY x ORDER BY x"), options={"xField": "x"}),
    ),
    Trial(
        "trend-x",
        Panel("trend", "By time", uptime("timestamp AS x, count() AS y"), options={"xField": "x"}),
        "expected a number as x of a trend, got x, a time",
        "",
        Panel("trend", "By hour", uptime("hour(timestamp) AS x, count() AS y", "GROUP BY 1 ORDER BY 1")),
    ),
    Trial(
        "trend-x",
        Panel("trend", "By hour", uptime("hour(timestamp) AS x", "GROUP BY x ORDER BY x")),
        "expected a second number besides x, the x of the trend, got none",
        "",
        Panel("trend", "By hour", uptime("count() AS y, hour(timestamp) AS x", "GROUP BY x ORDER BY x"), options={"xField": "x"}),
    ),
    Trial(
        "trend-x",
        Panel("trend", "Age", uptime("datediff('s', timestamp, '2026-01-01') AS x, uptime_seconds AS y", "ORDER BY timestamp"), options={"xField": "x"}),
        "expected x, the x of a trend, in ascending order, got ORDER BY timestamp",
        "timestamp",
        Panel("trend", "Age", uptime("datediff('s', '2026-01-01', timestamp) / 60.0 AS x, uptime_seconds AS y", "ORDER BY timestamp"), options={"xField": "x"}),
    ),
    Trial(
        "trend-x",
        Panel("trend", "Hour", uptime("hour(timestamp) AS x, uptime_seconds AS y", ""), options={"xField": "x"}),
        "expected x, the x of a trend, in ascending order, got no ORDER BY",
        "SELECT",
        Panel("trend", "Epoch", uptime("extract(epoch FROM timestamp) AS x, uptime_seconds AS y", ""), options={"xField": "x"}),
    ),
    Trial(
        "series-order",
        TimeSeries(
            "Uptime",
            uptime("timestamp_floor('1m', timestamp) AS time, host, max(uptime_seconds) AS value", "GROUP BY time, host"),
        ),
        "got no ORDER BY",
        "SELECT",
        TimeSeries(
            "Uptime",
            uptime(
                "timestamp_floor('1m', timestamp) AS time, host, max(uptime_seconds) AS value",
                "GROUP BY time, host ORDER BY time",
            ),
        ),
    ),
    Trial(
        "series-order",
        TimeSeries("Uptime", uptime("timestamp AS time, host, uptime_seconds AS value", "ORDER BY timestamp DESC")),
        "got ORDER BY timestamp DESC",
        "timestamp DESC",
        TimeSeries("Uptime", uptime("timestamp AS time, host, uptime_seconds AS value", "")),
    ),
    Trial(
        "unknown-field",
        Table("Now", f"SELECT host, uptime_seconds AS up FROM daemon_metrics {LATEST}", overrides=(Override("uptime", unit="s"),)),
        "override: expected a field of the panel, got 'uptime'",
        "",
        Table("Now", f"SELECT host, uptime_seconds AS up FROM daemon_metrics {LATEST}", overrides=(Override("up", unit="s"),)),
    ),
    Trial(
        "unit-mismatch",
        Table(
            "Now",
            f"SELECT host, uptime_seconds AS up FROM daemon_metrics {LATEST}",
            overrides=(Override("up", unit="ms"),),
        ),
        "'up' is shown in 'ms', and its column is declared in 's'",
        "uptime_seconds",
        Table(
            "Now",
            f"SELECT host, uptime_seconds * 1000 AS up FROM daemon_metrics {LATEST}",
            overrides=(Override("up", unit="ms"),),
        ),
    ),
    Trial(
        "unit-on-text",
        Table(
            "Now",
            f"SELECT host, uptime_seconds::varchar AS up FROM daemon_metrics {LATEST}",
            overrides=(Override("up", unit="s"),),
        ),
        "the override of 'up' has the unit 's', but the column is text",
        "",
        Table(
            "Now",
            f"SELECT host, last_error, uptime_seconds AS up FROM daemon_metrics {LATEST}",
            unit="short",
            overrides=(Override("up", unit="s"), Override("last_error", unit="string")),
        ),
    ),
    Trial(
        "unmapped-boolean",
        Stat("Connected", f"SELECT exchange, connected::int AS connected FROM exchange_status {EXCHANGES}"),
        "'connected' is the boolean connected as 0 and 1",
        "connected::int",
        Stat(
            "Connected",
            f"SELECT exchange, connected::int AS connected FROM exchange_status {EXCHANGES}",
            mappings=(ValueMapping(0, "down"), ValueMapping(1, "up")),
        ),
    ),
    Trial(
        "unmapped-boolean",
        StateTimeline(
            "Connected",
            "SELECT time, metric, v AS value FROM (SELECT timestamp AS time, exchange AS metric,"
            f" min(cast(connected AS INT)) AS v FROM exchange_status WHERE {IN} SAMPLE BY 1m)",
        ),
        "'value' is the boolean connected",
        "v",
        StateTimeline(
            "Connected",
            f"SELECT timestamp AS time, exchange AS metric, 100 * avg(connected::int) AS value FROM exchange_status"
            f" WHERE {IN} SAMPLE BY 1m",
        ),
    ),
    Trial(
        "annotation-columns",
        Annotation("Errors", uptime("timestamp AS time, last_error AS text, host AS tag", "ORDER BY time LIMIT 9")),
        "Grafana does not read the column 'tag' of an annotation",
        "tag",
        Annotation("Errors", uptime("timestamp AS time, last_error AS text, host AS tags", "ORDER BY time LIMIT 9")),
    ),
    Trial(
        "boolean-series",
        TimeSeries("Running", uptime("timestamp AS time, running, uptime_seconds AS value", "")),
        "the boolean 'running', which becomes a label there",
        "running",
        TimeSeries("Running", uptime("timestamp AS time, running::int AS running, uptime_seconds AS value", "")),
    ),
)  # fmt: skip


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_trial(trial: Trial, session: Session) -> None:
    check(trial, session)


def test_a_series_of_booleans_is_numbers_for_a_newer_postgresql_datasource(session: Session) -> None:
    panel = TimeSeries("Running", uptime("timestamp AS time, running, uptime_seconds AS value", ""))
    (subject,) = subjects(panel, plugin="postgres")
    assert found("boolean-series", subject, session) == []
    (match,) = found("boolean-series", replace(subject, environment=Environment("old", grafana="11.6")), session)
    assert "the boolean 'running', which fails there" in match.message


NOW_TABLE = f"SELECT host, uptime_seconds AS up FROM daemon_metrics {LATEST}"
SERIES = uptime("timestamp AS time, host, max(uptime_seconds) AS value")


@pytest.mark.parametrize(
    ("panel", "says"),
    [
        (Table("a", NOW_TABLE, sort_by=(SortBy("uptime"),)), ["sort_by: expected a field of the panel, got 'uptime'"]),
        (Table("a", NOW_TABLE, sort_by=(SortBy("Host"),), transformations=(Organize(rename={"host": "Host"}),)), []),
        (
            Table("a", NOW_TABLE, transformations=(Organize(exclude=("hots",)),)),
            ["organize: expected a field of the panel, got 'hots'"],
        ),
        (
            Table("a", NOW_TABLE, sort_by=(SortBy("up"),), transformations=(Organize(exclude=("up",)),)),
            ["sort_by: expected a field of the panel, got 'up'"],
        ),
        (
            Table("a", NOW_TABLE, data_links=(DataLink("one", url="/d/x?var-host=${__data.fields.hst}"),)),
            ["link 'one': expected a field of the panel, got 'hst'"],
        ),
        (
            Table("a", NOW_TABLE, data_links=(DataLink("one", url="/d/x?var-host=${__field.labels.host}"),)),
            ["link 'one': 'host' is a field here, not a label"],
        ),
        (Table("a", NOW_TABLE, data_links=(DataLink("one", url='/d/x?h=${__data.fields["host"]}'),)), []),
        (TimeSeries("a", SERIES, data_links=(DataLink("one", url="/d/x?var-host=${__field.labels.host}"),)), []),
        (
            TimeSeries("a", SERIES, data_links=(DataLink("one", url="/d/x?var-host=${__data.fields.host}"),)),
            ["link 'one': 'host' is a label here, not a field"],
        ),
        (
            TimeSeries("a", SERIES, overrides=(Override("host", unit="s"),)),
            ["override: 'host' is a label of the series, not a field"],
        ),
        (TimeSeries("a", SERIES, overrides=(Override("prod-server-01", unit="s"),)), []),
        (BarChart("a", NOW_TABLE, x="hosts"), ["x: expected a field of the panel, got 'hosts'"]),
        (Stat("a", NOW_TABLE, fields="/^up$/"), []),
        (Stat("a", NOW_TABLE, fields="uptime"), ["fields: expected a field of the panel, got 'uptime'"]),
        (
            Table("a", (NOW_TABLE, f"SELECT host, running FROM daemon_metrics {LATEST}"),
                  overrides=(Override("running", unit="bool"),), transformations=(JoinByField("host"),)),
            [],
        ),
        (
            Table("a", (NOW_TABLE, f"SELECT env, running FROM daemon_metrics {LATEST}"),
                  transformations=(JoinByField("host"),)),
            ["expected 'host', by which the panel joins, in each query; not in tried › a › B"],
        ),
    ],
)  # fmt: skip
def test_names_of_fields(panel: Table | TimeSeries, says: list[str], session: Session) -> None:
    assert texts("unknown-field", panel, session=session) == says


@pytest.mark.parametrize(
    "columns",
    [
        "timestamp AS time, max(uptime_seconds) AS value",
        "timestamp AS time, host, max(uptime_seconds) AS value",
        "timestamp AS time, host AS metric, max(uptime_seconds) AS value",
    ],
)
@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_nothing_is_said_about_a_good_series(columns: str, plugin: str, session: Session) -> None:
    panel = TimeSeries("Uptime", uptime(columns), unit="s")
    for rule in ("no-time-column", "time-column-name", "no-number", "long-frame", "series-order", "unknown-field"):
        assert texts(rule, panel, plugin="postgres" if plugin == "postgres" else "questdb", session=session) == []
