"""SQL that several panels share. Everything here was measured on QuestDB 9.3.4.

Four flaws must be impossible in what ships: a dead system that looks green, a rate that changes with the zoom, an
availability that counts only the rows that came, a false drop at the edges of a chart.
"""

from specs.variables import ENV

IN_ENV = ENV.matches("env")

SILENT_AFTER = 60
"""Seconds without a row after which a writer of one row each 10 s counts as silent."""

LAST_WEEK = "timestamp BETWEEN dateadd('d', -7, $__toTime) AND $__toTime"
"""A fixed look back, so that a state does not depend on the range picked: a dead host stays in sight. The upper
bound is needed: `datediff` is absolute, and a row from the future would be the latest."""

_INTERVAL = "'$__sampleByInterval'"
BUCKET_SECONDS = (
    f"(cast(left({_INTERVAL}, length({_INTERVAL}) - 1) AS LONG)"
    f" * CASE right({_INTERVAL}, 1) WHEN 'm' THEN 60.0 WHEN 'h' THEN 3600.0 WHEN 'd' THEN 86400.0"
    f" WHEN 'w' THEN 604800.0 WHEN 'T' THEN 0.001 ELSE 1.0 END)"
)
"""Width of a bucket. `$__interval_ms` can't say it: the plugin rounds the interval down, 90m to 1h."""


def state(flag: str, age: str = "timestamp") -> str:
    """0 down, 1 up, 2 silent: a row that is too old says nothing about now."""
    return f"CASE WHEN {age} < dateadd('s', -{SILENT_AFTER}, $__toTime) THEN 2 WHEN {flag} THEN 1 ELSE 0 END"


def counter_rate(table: str, counter: str, *, by: str, label: str, condition: str) -> str:
    """Increase of a counter per second, exact at every zoom: the sum of the increases over the sum of the times
    between rows. A counter that fell was restarted and counts from 0. The first bucket gets the row before it, so
    that it is no drop."""
    start = "timestamp_floor('$__sampleByInterval', $__fromTime)"
    return f"""
    SELECT timestamp AS time, {label} AS metric, sum(d) * 1000000.0 / sum(dt) AS value
    FROM (
        SELECT timestamp, {by}, CASE WHEN c >= pc THEN c - pc ELSE c END AS d, timestamp - pt AS dt
        FROM (
            SELECT timestamp, {by}, {counter} AS c,
                   lag({counter}) OVER (PARTITION BY {by}, env ORDER BY timestamp) AS pc,
                   lag(timestamp) OVER (PARTITION BY {by}, env ORDER BY timestamp) AS pt
            FROM {table}
            WHERE timestamp BETWEEN dateadd('s', -60, {start}) AND $__toTime
              AND {condition}
        )
        WHERE pt IS NOT NULL AND timestamp >= {start}
    )
    SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR
    ORDER BY time
    """
