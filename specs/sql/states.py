"""What is alive. A row that is too old says nothing about now, and what never wrote must be declared to be missed."""

from specs.limits import MESSAGE_AGE, SILENT_AFTER
from specs.sql.times import IN_ENV, LAST_WEEK, NOW, START, WRITE_INTERVAL, bucket_end, buckets
from specs.variables import FLEET

EVERY = "true"
"""The condition that leaves nothing out."""


def fleet(hosts: str = EVERY) -> str:
    """`FROM …` the hosts of the environment that must be alive, for which `hosts` holds."""
    return f"FROM {FLEET} WHERE {IN_ENV} AND {hosts}"


def state(bad: str = "bad", at: str = "at") -> str:
    """The worse, the higher: 0 up, 1 stale, 2 down, 3 silent, 4 missing (without a row for a week). `bad`, what the
    latest row says, is 0, 1 or 2."""
    return f"CASE WHEN {at} IS NULL THEN 4 WHEN {at} < dateadd('s', -{SILENT_AFTER}, {NOW}) THEN 3 ELSE {bad} END"


DOWN_DAEMON = "CASE WHEN running THEN 0 ELSE 2 END"
DOWN_EXCHANGE = (
    f"CASE WHEN NOT connected THEN 2 WHEN last_message_at < dateadd('s', -{MESSAGE_AGE}, timestamp) THEN 1 ELSE 0 END"
)
"""Connected without messages is stale: a socket that died without a word."""


def daemons(hosts: str = EVERY) -> str:
    """The latest row of each daemon; all of it null where a host of the fleet wrote none."""
    return f"""(
        SELECT host, max(at) AS at, max(bad) AS bad, max(uptime) AS uptime, max(errors) AS errors,
               max(last_error) AS last_error
        FROM (
            SELECT host, timestamp AS at, {DOWN_DAEMON} AS bad, uptime_seconds AS uptime, error_count AS errors,
                   last_error
            FROM daemon_metrics
            WHERE {LAST_WEEK} AND {IN_ENV} AND {hosts}
            LATEST ON timestamp PARTITION BY host, env
            UNION ALL
            SELECT host, cast(NULL AS TIMESTAMP), cast(NULL AS INT), cast(NULL AS DOUBLE), cast(NULL AS LONG),
                   cast(NULL AS VARCHAR)
            {fleet(hosts)}
        )
    )"""


def connections(hosts: str = EVERY, exchanges: str = EVERY) -> str:
    """The latest row of each connection; a host of the fleet that wrote about none counts as one of exchange
    `none`."""
    return f"""(
        SELECT exchange, host, at, bad, latency, message_at, reconnects
        FROM (
            SELECT exchange, host, at, bad, latency, message_at, reconnects, count(at) OVER (PARTITION BY host) AS n
            FROM (
                SELECT exchange, host, timestamp AS at, {DOWN_EXCHANGE} AS bad, latency_ms AS latency,
                       last_message_at AS message_at, reconnect_count AS reconnects
                FROM exchange_status
                WHERE {LAST_WEEK} AND {IN_ENV} AND {hosts}
                LATEST ON timestamp PARTITION BY exchange, host, env
                UNION ALL
                SELECT 'none', host, cast(NULL AS TIMESTAMP), cast(NULL AS INT), cast(NULL AS DOUBLE),
                       cast(NULL AS TIMESTAMP), cast(NULL AS LONG)
                {fleet(hosts)}
            )
        )
        WHERE (at IS NOT NULL AND {exchanges}) OR n = 0
    )"""


def count_bad(relation: str, is_bad: str, name: str) -> str:
    """How many are not well. Of nothing at all the answer is -1, "no data": 0 would look well."""
    bad = f"sum(CASE WHEN {is_bad} THEN 1 ELSE 0 END)"
    return f"SELECT CASE WHEN count() = 0 THEN -1 ELSE {bad} END AS {name} FROM {relation}"


def _known(table: str, by: str, condition: str) -> str:
    return f"SELECT {by} FROM {table} WHERE {LAST_WEEK} AND {condition} LATEST ON timestamp PARTITION BY {by}, env"


def timeline(table: str, bad: str, *, by: str, label: str, condition: str, missing: str = "") -> str:
    """States by bucket, the worst in each, for every series known in the last week, in every bucket of the range.

    A state timeline draws a band up to the next row, so holes have to be rows: a bucket is silent where more than
    `SILENT_AFTER` seconds of it have no rows, or the latest row before its end is older than that. As all series have
    all moments, the frame has no NULLs, which would cut the bands.
    """
    keys = by.split(", ")
    series = _known(table, by, condition) + (f" UNION SELECT {by} {missing}" if missing else "")
    return f"""
    SELECT time, {label} AS metric,
           CASE WHEN seen IS NULL OR datediff('s', least(seen, ends), ends) > {SILENT_AFTER}
                  OR datediff('s', time, ends) - n * {WRITE_INTERVAL} > {SILENT_AFTER} THEN 3 ELSE bad END AS Value
    FROM (
        SELECT time, {by}, n, least({bucket_end("time")}, {NOW}) AS ends,
               last_value(seen) IGNORE NULLS OVER (PARTITION BY {by} ORDER BY time) AS seen,
               last_value(bad) IGNORE NULLS OVER (PARTITION BY {by} ORDER BY time) AS bad
        FROM (
            SELECT time, {by}, sum(n) AS n, max(seen) AS seen, max(bad) AS bad
            FROM (
                SELECT timestamp AS time, {by}, count() AS n, max(timestamp) AS seen, max({bad}) AS bad
                FROM {table}
                WHERE timestamp BETWEEN dateadd('s', -{SILENT_AFTER}, {START}) AND {NOW} AND {condition}
                SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR
                UNION ALL
                SELECT b.time, {", ".join(f"k.{key}" for key in keys)}, 0L, cast(NULL AS TIMESTAMP), cast(NULL AS INT)
                FROM {buckets()} b CROSS JOIN ({series}) k
            )
            GROUP BY time, {by}
            ORDER BY time
        )
    )
    WHERE time >= {START}
    ORDER BY time, metric
    """


def availability(table: str, up: str, *, by: str, condition: str) -> str:
    """Percent of the range in which rows said that it is up, for every series known in the last week. It divides by
    the time, not by the rows that came; a series without any has 0."""
    keys = by.split(", ")
    return f"""
    SELECT {by}, least(100.0, max(up) * 100.0 * {WRITE_INTERVAL} / datediff('s', $__fromTime, {NOW})) AS availability
    FROM (
        SELECT {by}, sum(CASE WHEN {up} THEN 1 ELSE 0 END) AS up
        FROM {table}
        WHERE $__timeFilter(timestamp) AND {condition}
        UNION ALL
        SELECT {", ".join(keys)}, 0L FROM ({_known(table, by, condition)})
    )
    ORDER BY availability, {by}
    LIMIT 200
    """


def silences(table: str, *, by: str, label: str, condition: str) -> str:
    """Times without rows, as regions, up to the one that lasts still."""
    return f"""
    SELECT at AS time, coalesce(next, {NOW}) AS timeend, {label} || ' was silent' AS text, {label} || ',silent' AS tags
    FROM (
        SELECT timestamp AS at, {by}, lead(timestamp) OVER (PARTITION BY {by} ORDER BY timestamp) AS next
        FROM {table}
        WHERE timestamp BETWEEN dateadd('s', -{SILENT_AFTER}, $__fromTime) AND {NOW} AND {condition}
    )
    WHERE datediff('s', at, coalesce(next, {NOW})) > {SILENT_AFTER}
    ORDER BY time, text
    LIMIT 200
    """
