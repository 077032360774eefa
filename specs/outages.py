"""What is bad in the demo data, so that it can be proved that the alerts find it, in time, and find nothing else.

Each is found by what it is, and not by what its rule asks: a silence by the time between two rows, a stall by the time
between two records. The promise is what follows from the rule: the row that shows it (10 s), what the rule waits for,
and the evaluation (10 or 30 s). One cause may be several outages, each with its own alert: an exchange that all hosts
lose has lost connections, dry feeds, then gaps and reconnects. That is why none needs `also`.

`questdb-suspended`, `-behind` and `-view-invalid` read the server's own tables, which tell of now and not of then: past
rows can't hold their outages, and they must stay quiet.
"""

from dashgen import Outage
from specs.limits import (
    DRAWDOWN,
    ERRORS_MINUTES,
    FILL_MINUTES,
    GAP_MINUTES,
    LATENCY_MINUTES,
    RECONNECTS_MINUTES,
    RESTARTS_MINUTES,
    STALLED_AFTER,
)  # fmt: skip

SPAN = "timestamp BETWEEN {start} AND {end}"


def _spells(rows: str, by: str, seconds: int = 10) -> str:
    """Since when and until when rows (`timestamp`, `by`, `bad` as 0 or 1) are bad without a break. Each stands for so
    many seconds."""
    return f"""
    SELECT {by}, min(timestamp) AS since, dateadd('s', {seconds - 10}, max(timestamp)) AS until
    FROM (
        SELECT timestamp, {by}, bad, sum(CASE WHEN bad <> was THEN 1 ELSE 0 END)
               OVER (PARTITION BY {by} ORDER BY timestamp ROWS UNBOUNDED PRECEDING) AS spell
        FROM (
            SELECT timestamp, {by}, bad, lag(bad) OVER (PARTITION BY {by} ORDER BY timestamp) AS was
            FROM ({rows})
        )
    )
    WHERE bad = 1
    GROUP BY {by}, spell
    """


def pauses(rows: str, by: str, longer_than: int) -> str:
    """From the first moment without a row to the last, where two rows (`timestamp`, `by`) are more than so many seconds
    apart. A pause may have begun before the span, or go on at its end."""
    edges = "".join(
        f" UNION ALL SELECT cast({edge} AS timestamp) AS timestamp, {by} FROM (SELECT DISTINCT {by} FROM ({rows}))"
        for edge in ("{start}", "{end}")
    )
    return f"""
    SELECT {by}, dateadd('s', 10, was) AS since,
           CASE WHEN timestamp = cast({{end}} AS timestamp) THEN timestamp
                ELSE dateadd('s', -10, timestamp) END AS until
    FROM (
        SELECT timestamp, {by}, lag(timestamp) OVER (PARTITION BY {by} ORDER BY timestamp) AS was
        FROM ({rows}{edges})
    )
    WHERE datediff('s', was, timestamp) > {longer_than}
    """


def _repeated(events: str, by: str, times: int, within: int) -> str:
    """Events (`timestamp`, `by`), each at most `within` seconds after the one before: from the `times`th on."""
    return f"""
    SELECT {by}, min(timestamp) AS since, max(timestamp) AS until
    FROM (
        SELECT timestamp, {by}, spell, row_number() OVER (PARTITION BY {by}, spell ORDER BY timestamp) AS nth
        FROM (
            SELECT timestamp, {by}, sum(CASE WHEN datediff('s', was, timestamp) > {within} THEN 1 ELSE 0 END)
                   OVER (PARTITION BY {by} ORDER BY timestamp ROWS UNBOUNDED PRECEDING) AS spell
            FROM (
                SELECT timestamp, {by}, lag(timestamp) OVER (PARTITION BY {by} ORDER BY timestamp) AS was
                FROM ({events})
            )
        )
    )
    WHERE nth >= {times}
    GROUP BY {by}, spell
    """


SILENCE = Outage(
    name="daemon silent",
    rule="daemon-silent",
    query=pauses(f"SELECT timestamp, host FROM daemon_metrics WHERE {SPAN}", "host", 60),
    # a minute, half a minute, a row, an evaluation
    within="110s",
    at_least="110s",
)

STOPPED = Outage(
    name="daemon not running",
    rule="daemon-down",
    query=_spells(f"SELECT timestamp, host, (NOT running)::int AS bad FROM daemon_metrics WHERE {SPAN}", "host"),
    # a row, half a minute, an evaluation
    within="50s",
    at_least="50s",
)

_FAILING = f"""
    SELECT timestamp, host, CASE WHEN sum(errors) * 10 > sum(fetches) THEN 1 ELSE 0 END AS bad
    FROM (
        SELECT timestamp_floor('1m', timestamp) AS timestamp, host,
               CASE WHEN up > was_up THEN e - was_e ELSE 0 END AS errors,
               CASE WHEN up > was_up THEN f - was_f ELSE 0 END AS fetches
        FROM (
            SELECT timestamp, host, error_count AS e, fetch_count AS f, uptime_seconds AS up,
                   lag(error_count) OVER (PARTITION BY host ORDER BY timestamp) AS was_e,
                   lag(fetch_count) OVER (PARTITION BY host ORDER BY timestamp) AS was_f,
                   lag(uptime_seconds) OVER (PARTITION BY host ORDER BY timestamp) AS was_up
            FROM daemon_metrics
            WHERE {SPAN}
        )
    )
    GROUP BY timestamp, host
    """

ERRORS = Outage(
    name="fetches fail",
    rule="daemon-errors",
    # minutes of which more than a tenth of the fetches failed
    query=_spells(_FAILING, "host", 60),
    # a fifth fails, so that a quarter of the five minutes brings them over the limit; the minute in which it began may
    # have been good for half of it; a row, an evaluation
    within="130s",
    at_least="130s",
    echo=f"{ERRORS_MINUTES}m",
)

CRASHES = Outage(
    name="crash loop",
    rule="daemon-restarts",
    # of the process from before, one that lived less than five minutes, and another: the third restart
    query=_repeated(
        f"""
        SELECT timestamp, host
        FROM (
            SELECT timestamp, host, uptime_seconds AS up,
                   lag(uptime_seconds) OVER (PARTITION BY host ORDER BY timestamp) AS was_up
            FROM daemon_metrics
            WHERE {SPAN}
        )
        WHERE up < was_up AND was_up < 300
        """,
        "host", times=2, within=300,
    ),
    # a row, an evaluation
    within="20s",
    echo=f"{RESTARTS_MINUTES}m",
)  # fmt: skip

LOST = Outage(
    name="connection lost",
    rule="exchange-disconnected",
    query=f"""
    SELECT exchange, host, disconnected_at AS since, max(timestamp) AS until
    FROM exchange_status
    WHERE NOT connected AND {SPAN}
    GROUP BY exchange, host, disconnected_at
    """,
    # a row, two minutes, an evaluation
    within="140s",
    at_least="140s",
)

MUTE = Outage(
    name="no messages",
    rule="exchange-no-messages",
    query=f"""
    SELECT exchange, host, last_message_at AS since, max(timestamp) AS until
    FROM exchange_status
    WHERE connected AND last_message_at < dateadd('s', -10, timestamp) AND {SPAN}
    GROUP BY exchange, host, last_message_at
    """,
    # a minute, half a minute, a row, an evaluation
    within="110s",
    at_least="110s",
)

STORM = Outage(
    name="reconnects",
    rule="exchange-reconnects",
    # one after the other, over all hosts; five of them take less than ten minutes
    query=_repeated(
        f"""
        SELECT timestamp, exchange
        FROM (
            SELECT timestamp, exchange, reconnect_count AS n,
                   lag(reconnect_count) OVER (PARTITION BY exchange, host ORDER BY timestamp) AS was
            FROM exchange_status
            WHERE {SPAN}
        )
        WHERE n > was
        """,
        "exchange", times=5, within=120,
    ),
    # a row, an evaluation
    within="20s",
    echo=f"{RECONNECTS_MINUTES}m",
)  # fmt: skip

SLOW = Outage(
    name="slow exchange",
    rule="exchange-latency",
    # moments at which no host had its answer within half a second
    query=_spells(
        f"""
        SELECT timestamp, exchange, CASE WHEN min(latency_ms) > 500 THEN 1 ELSE 0 END AS bad
        FROM exchange_status
        WHERE connected AND {SPAN}
        GROUP BY timestamp, exchange
        """,
        "exchange",
    ),
    # a twentieth of ten minutes, a row, an evaluation
    within="50s",
    at_least="50s",
    echo=f"{LATENCY_MINUTES}m",
)


def _dry(kind: str, longer_than: int) -> Outage:
    """A feed pauses for longer than it does by its nature. An alert may see a record up to a minute before it comes, as
    the view's minute is whole in past data; hence the minute in `at_least`."""
    seconds = STALLED_AFTER[kind] + 10 + 30
    return Outage(
        name=f"no {kind}",
        rule=f"pipeline-stalled-{kind}",
        query=pauses(
            f"SELECT timestamp, exchange, data_type FROM pipeline_metrics"
            f" WHERE data_type = '{kind}' AND records_count > 0 AND {SPAN}",
            "exchange, data_type",
            longer_than,
        ),
        within=f"{seconds}s",
        at_least=f"{seconds + 60}s",
    )


GAP = Outage(
    name="gap",
    rule="pipeline-gaps",
    # what is told at once, and is more than a minute in all
    query=f"""
    SELECT exchange, timestamp AS since, timestamp AS until
    FROM (
        SELECT timestamp, exchange, sum(gap_duration_seconds) AS missing
        FROM pipeline_metrics
        WHERE gap_detected AND {SPAN}
        GROUP BY timestamp, exchange
    )
    WHERE missing > 60
    """,
    # a row, an evaluation
    within="40s",
    echo=f"{GAP_MINUTES}m",
)

LOSS = Outage(
    name="drawdown",
    rule="trading-drawdown",
    query=_spells(
        f"SELECT timestamp, strategy, (drawdown > {DRAWDOWN})::int AS bad FROM trading_metrics WHERE {SPAN}",
        "strategy",
    ),
    # a row, an evaluation
    within="40s",
    at_least="40s",
    echo="5m",
)

UNFILLED = Outage(
    name="orders not filled",
    rule="trading-fill-rate",
    # five minutes of which less than half of the orders were filled, and the next ones
    query=_spells(
        f"""
        SELECT timestamp, strategy, CASE WHEN sum(orders_filled) * 2 < sum(orders_placed) THEN 1 ELSE 0 END AS bad
        FROM (
            SELECT timestamp_floor('5m', timestamp) AS timestamp, strategy, orders_filled, orders_placed
            FROM trading_metrics
            WHERE {SPAN}
        )
        GROUP BY timestamp, strategy
        """,
        "strategy",
        300,
    ),
    # at the latest when the half hour has nothing else in it; five minutes; a row, an evaluation
    within=f"{60 * (FILL_MINUTES + 5) + 40}s",
    at_least=f"{60 * (FILL_MINUTES + 5) + 40}s",
    echo=f"{FILL_MINUTES}m",
)

HEARTBEAT = Outage(
    name="heartbeat",
    rule="watchdog",
    query="SELECT cast({start} AS timestamp) AS since, cast({end} AS timestamp) AS until",
    within="1m",
)

OUTAGES = (
    SILENCE, STOPPED, ERRORS, CRASHES, LOST, MUTE, STORM, SLOW,
    _dry("oi", 60), _dry("funding", 300), _dry("liquidation", 1800), GAP, LOSS, UNFILLED, HEARTBEAT,
)  # fmt: skip
