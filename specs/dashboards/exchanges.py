"""Exchanges: is each daemon connected to each exchange, and how well."""

from dashgen import (
    Annotation,
    BarGauge,
    Dashboard,
    Ignore,
    Legend,
    Override,
    Query,
    Row,
    SortBy,
    SpecialMapping,
    StateTimeline,
    Table,
    Thresholds,
    TimeSeries,
)
from specs.dashboards.shared import (
    AGE,
    COLORED_TEXT,
    LINKS,
    STATE_COLORS,
    STATE_COLUMN,
    STATES,
    TAGS,
    explained_by,
)
from specs.limits import LATENCY_P95, MESSAGE_AGE, RECONNECTS, RECONNECTS_MINUTES
from specs.sql import (
    BY_BUCKET,
    DOWN_EXCHANGE,
    IN_ENV,
    NOW,
    START,
    age,
    availability,
    connections,
    recent,
    rises,
    silences,
    state,
    timeline,
)
from specs.variables import ENV, EXCHANGE, HOST

ON_HOSTS = f"{IN_ENV} AND {HOST.matches('host')}"
CONNECTIONS = connections(HOST.matches("host"), EXCHANGE.matches("exchange"))
CHOSEN = f"{ON_HOSTS} AND {EXCHANGE.matches('exchange')}"
CONNECTION = "exchange || ' · ' || host"
IN_RANGE = f"timestamp BETWEEN {START} AND {NOW} AND {CHOSEN}"
LATENCY = f"connected AND latency_ms >= 0 AND {IN_RANGE}"
"""While disconnected, `latency_ms` repeats the last one known; one negative fails `approx_percentile`."""

THIS_EXCHANGE = explained_by("Its pipelines", "pipeline", exchange="${__data.fields.exchange}")
THIS_HOST = explained_by("The daemon", "daemon-health", host="${__data.fields.host}")
ONE_EXCHANGE = explained_by("This exchange only", "exchanges", exchange="${__field.displayName}")


LATENCY_MEAN = f"""
    SELECT timestamp AS time, exchange AS metric, avg(latency_ms) AS Value
    FROM exchange_status
    WHERE {LATENCY}
    {BY_BUCKET}
    ORDER BY time
"""
LATENCY_TAIL = f"""
    SELECT timestamp AS time, exchange AS metric, approx_percentile(latency_ms, 0.95, 2) AS Value
    FROM (SELECT timestamp, exchange, latency_ms FROM exchange_status WHERE {LATENCY})
    {BY_BUCKET}
    ORDER BY time
"""
"""A percentile is not found in parallel: over the rows of a subquery, bucket after bucket, it takes three quarters of
what it takes by GROUP BY, which SAMPLE BY over a table becomes (docs/facts/questdb.md)."""


OUTAGES = f"""
    SELECT exchange, host, coalesce(disconnected_at, min(timestamp)) AS since, max(timestamp) AS until
    FROM exchange_status
    WHERE NOT connected AND $__timeFilter(timestamp) AND {CHOSEN}
    GROUP BY exchange, host, disconnected_at
"""
"""One row an outage: `disconnected_at` is the same in all rows of one."""

RECONNECTED = rises(
    "exchange_1m", "reconnect_count", by="exchange, host", condition=CHOSEN, look_back=60 * (RECONNECTS_MINUTES + 2)
)

NOW_ROW = Row(
    "Now",
    (
        Table(
            "Exchange now",
            f"""
            SELECT exchange, host, {state()} AS state,
                   CASE WHEN at IS NULL THEN NULL WHEN message_at IS NULL THEN 604800 ELSE {age("message_at")} END
                       AS message_age,
                   latency, reconnects, {age("at")} AS age
            FROM {CONNECTIONS}
            ORDER BY state DESC, message_age DESC, exchange, host
            LIMIT 200
            """,
            key="now",
            description="The latest row of each connection, worst first. DOWN: disconnected; look at the exchange's "
            "status page, then at the daemon's log. STALE: connected without messages for over "
            f"{MESSAGE_AGE} s; restart the daemon. SILENT or MISSING: the daemon itself is gone; go to Daemon health. "
            "Reconnects are since the daemon's start; the last column is the age of the row.",
            width=17,
            height=10,
            unit="short",
            sort_by=(SortBy("state", descending=True),),
            overrides=(
                Override("exchange", data_links=(THIS_EXCHANGE,), custom={"minWidth": 90}),
                Override("host", data_links=(THIS_HOST,), custom={"minWidth": 125}),
                STATE_COLUMN,
                Override(
                    "message_age",
                    display_name="last message",
                    unit="s",
                    thresholds=AGE,
                    custom={**COLORED_TEXT, "width": 110},
                ),
                Override(
                    "latency",
                    unit="ms",
                    decimals=0,
                    thresholds=Thresholds("green", (LATENCY_P95, "red")),
                    custom={**COLORED_TEXT, "width": 85},
                ),
                Override(
                    "reconnects",
                    unit="short",
                    mappings=(SpecialMapping("null", "none"),),
                    custom={"width": 105},
                ),
                Override("age", display_name="row", unit="s", thresholds=AGE, custom={**COLORED_TEXT, "width": 85}),
            ),
        ),
        BarGauge(
            "Availability",
            f"""
            SELECT exchange, avg(availability) AS availability
            FROM ({availability("exchange_status", "connected", by="exchange, host", condition=CHOSEN)})
            GROUP BY exchange
            ORDER BY availability, exchange
            LIMIT 50
            """,
            key="availability",
            description="Share of the range in which rows said that the connection is up, the mean of the hosts, worst "
            "first; bars begin at 90 %. Time without rows counts as down. Of 6 hours, 1 % is 4 minutes. Look at the "
            "timeline for whether it was one outage or many.",
            width=7,
            height=10,
            all_values=True,
            display="basic",
            unit="percent",
            decimals=2,
            min=90,
            max=100,
            thresholds=Thresholds("red", (95, "orange"), (99, "yellow"), (99.9, "green")),
            data_links=(explained_by("This exchange only", "exchanges", exchange="${__data.fields.exchange}"),),
        ),
        StateTimeline(
            "State over time",
            timeline("exchange_status", DOWN_EXCHANGE, by="exchange, host", label=CONNECTION, condition=CHOSEN),
            key="state",
            description="The worst state in each bucket. SILENT is drawn where rows are missing for over 60 s, up to "
            "the right edge. One exchange red on all hosts: it is the exchange. All exchanges of one host: it is the "
            "host or its network.",
            width=24,
            height=10,
            unit="none",
            max_data_points=200,
            thresholds=STATE_COLORS,
            mappings=STATES,
        ),
    ),
)

QUALITY_ROW = Row(
    "Quality",
    (
        TimeSeries(
            "Latency, mean",
            Query(LATENCY_MEAN, name="latency"),
            key="latency-mean",
            description="Mean round trip while connected. Rising on all exchanges: our network. On one: theirs.",
            unit="ms",
            min=0,
            legend=Legend("table", calcs=("mean", "lastNotNull"), placement="right"),
            thresholds=Thresholds("green", (LATENCY_P95, "red")),
            data_links=(ONE_EXCHANGE,),
        ),
        TimeSeries(
            "Latency, p95",
            Query(LATENCY_TAIL, name="latency"),
            key="latency-p95",
            description=f"95 of 100 round trips are faster. Over {LATENCY_P95} ms for 10 minutes: quotes are late; "
            "tell the traders, and compare hosts to find out whether it is our network.",
            unit="ms",
            min=0,
            min_interval="1m",
            max_data_points=150,
            threshold_style="dashed",
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            thresholds=Thresholds("green", (LATENCY_P95, "red")),
            data_links=(ONE_EXCHANGE,),
        ),
        TimeSeries(
            "Age of the last message",
            Query(
                f"""
                SELECT timestamp AS time, exchange AS metric, max(datediff('s', last_message_at, timestamp)) AS Value
                FROM exchange_status
                WHERE {IN_RANGE}
                {BY_BUCKET}
                ORDER BY time
                """,
                name="age",
            ),
            key="message-age",
            description=f"Seconds since the last message, of the worst host, as the daemon wrote it. Over "
            f"{MESSAGE_AGE} s while connected: a zombie; restart the daemon. A line that ends: the daemon is silent.",
            unit="s",
            min=0,
            threshold_style="dashed",
            legend=Legend("table", calcs=("max", "lastNotNull"), placement="right"),
            thresholds=Thresholds("green", (MESSAGE_AGE, "red")),
            data_links=(ONE_EXCHANGE,),
        ),
        TimeSeries(
            "Reconnects",
            Query(
                recent(
                    RECONNECTED,
                    table="exchange_1m",
                    condition=CHOSEN,
                    minutes=RECONNECTS_MINUTES - 1,
                    by="exchange",
                    label="exchange",
                ),
                name="reconnects",
            ),
            key="reconnects",
            description=f"Reconnects of all hosts in the {RECONNECTS_MINUTES} minutes before each moment. "
            f"{RECONNECTS} or more: an exchange throws us out; look for a limit that we hit or their maintenance.",
            unit="short",
            decimals=0,
            min=0,
            soft_max=RECONNECTS,
            min_interval="1m",
            max_data_points=300,
            interpolation="stepAfter",
            threshold_style="dashed",
            legend=Legend("table", calcs=("max",), placement="right"),
            thresholds=Thresholds("green", (RECONNECTS, "red")),
            data_links=(ONE_EXCHANGE,),
        ),
        Table(
            "Outages",
            f"""
            SELECT since, datediff('s', since, until) + 10 AS lasted, exchange, host
            FROM ({OUTAGES})
            ORDER BY since DESC, exchange, host
            LIMIT 50
            """,
            key="outages",
            description="Disconnects of the range, the latest first. Many at one moment: one cause; look at what "
            "happened then.",
            width=24,
            height=7,
            unit="short",
            no_value="none in this range",
            overrides=(
                Override("since", unit="dateTimeAsIso"),
                Override(
                    "lasted",
                    unit="s",
                    thresholds=Thresholds("green", (60, "yellow"), (120, "red")),
                    custom=COLORED_TEXT,
                ),
                Override("exchange", data_links=(THIS_EXCHANGE,)),
                Override("host", data_links=(THIS_HOST,)),
            ),
        ),
    ),
)

EXCHANGES = Dashboard(
    uid="exchanges",
    title="Exchanges",
    description="Connections of the daemons to the exchanges: state, availability, latency, reconnects.",
    tags=TAGS,
    refresh="30s",
    folder="daemons",
    links=LINKS,
    variables=(ENV, EXCHANGE, HOST),
    annotations=(
        Annotation(
            "Outages",
            f"""
            SELECT since AS time, until AS timeend, exchange || ' down on ' || host AS text,
                   exchange || ',outage' AS tags
            FROM ({OUTAGES})
            ORDER BY time, text
            LIMIT 200
            """,
            color="red",
        ),
        Annotation(
            "Silences",
            silences("daemon_metrics", by="host", label="host", condition=ON_HOSTS),
            color="orange",
            ignore=(Ignore("DG701", reason="empty while no daemon is silent"),),
        ),
    ),
    rows=(NOW_ROW, QUALITY_ROW),
)
