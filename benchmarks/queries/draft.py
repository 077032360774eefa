"""The first draft's queries: what the shipped panels took the place of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DraftQuery:
    """`written` is as the draft has it; `mended` is changed no more than it takes to run (interval arithmetic,
    SAMPLE BY's aggregate, the order of LATEST ON). In braces: `{hours}` is the range, `{now}` the data's end.
    `panel` is the title of the shipped panel that answers the question, on `dashboard`."""

    name: str
    dashboard: str
    panel: str
    written: str
    mended: str


DRAFT = (
    DraftQuery(
        "daemon status, one host",
        "daemon-health",
        "State",
        "SELECT * FROM daemon_metrics WHERE host = 'prod-server-01' ORDER BY timestamp DESC LIMIT 1",
        "SELECT * FROM daemon_metrics WHERE host = 'prod-server-01' ORDER BY timestamp DESC LIMIT 1",
    ),
    DraftQuery(
        "fetch rate",
        "daemon-health",
        "Fetches",
        "SELECT timestamp, fetch_count - lag(fetch_count) OVER (ORDER BY timestamp) AS fetches_per_interval"
        " FROM daemon_metrics WHERE timestamp > now() - interval '24h' SAMPLE BY 1h",
        "SELECT timestamp, fetch_count - lag(fetch_count) OVER (ORDER BY timestamp) AS fetches_per_interval"
        " FROM daemon_metrics WHERE timestamp > dateadd('h', -{hours}, {now})",
    ),
    DraftQuery(
        "error rate trend",
        "daemon-health",
        "Errors",
        "SELECT timestamp, error_count FROM daemon_metrics WHERE timestamp > now() - interval '7d' SAMPLE BY 1h",
        "SELECT timestamp, last(error_count) FROM daemon_metrics WHERE timestamp > dateadd('h', -{hours}, {now})"
        " SAMPLE BY 1h",
    ),
    DraftQuery(
        "current exchange status",
        "exchanges",
        "Exchange now",
        "SELECT exchange, connected, latency_ms, last_message_at FROM exchange_status"
        " WHERE timestamp > now() - interval '1m' LATEST BY exchange",
        "SELECT exchange, connected, latency_ms, last_message_at FROM exchange_status"
        " WHERE timestamp > dateadd('h', -{hours}, {now}) LATEST ON timestamp PARTITION BY exchange",
    ),
    DraftQuery(
        "reconnection events",
        "exchanges",
        "Reconnects",
        "SELECT timestamp, exchange, reconnect_count FROM exchange_status WHERE reconnect_count > 0"
        " AND timestamp > now() - interval '24h' ORDER BY timestamp DESC",
        "SELECT timestamp, exchange, reconnect_count FROM exchange_status WHERE reconnect_count > 0"
        " AND timestamp > dateadd('h', -{hours}, {now}) ORDER BY timestamp DESC",
    ),
    DraftQuery(
        "data throughput by exchange",
        "pipeline",
        "Records by exchange",
        "SELECT exchange, sum(records_count) AS total_records, sum(bytes_written) AS total_bytes FROM pipeline_metrics"
        " WHERE timestamp > now() - interval '1h' GROUP BY exchange",
        "SELECT exchange, sum(records_count) AS total_records, sum(bytes_written) AS total_bytes FROM pipeline_metrics"
        " WHERE timestamp > dateadd('h', -{hours}, {now}) GROUP BY exchange",
    ),
    DraftQuery(
        "data gaps",
        "pipeline",
        "Longest gap",
        "SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics"
        " WHERE gap_detected = true AND timestamp > now() - interval '24h' ORDER BY timestamp DESC",
        "SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics"
        " WHERE gap_detected = true AND timestamp > dateadd('h', -{hours}, {now}) ORDER BY timestamp DESC",
    ),
)
