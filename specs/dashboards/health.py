"""Daemon health: is each daemon alive, and does it do its work."""

from dashgen import (
    Annotation,
    Dashboard,
    DataLink,
    Legend,
    Override,
    Query,
    Row,
    SortBy,
    Stat,
    Table,
    Thresholds,
    TimeSeries,
    ValueMapping,
)
from specs.dashboards.shared import AGE, STATE_COLORS, STATES
from specs.sql import IN_ENV, LAST_WEEK, counter_rate, state
from specs.variables import ENV, HOST

CHOSEN = f"{IN_ENV} AND {HOST.matches('host')}"
LATEST = f"WHERE {LAST_WEEK} AND {CHOSEN} LATEST ON timestamp PARTITION BY host, env"


def _rate(counter: str) -> str:
    return counter_rate("daemon_metrics", counter, by="host", label="host", condition=CHOSEN)


HEALTH = Dashboard(
    uid="daemon-health",
    title="Daemon health",
    description="State and work of the daemons that stream market data.",
    tags=("daemons",),
    folder="daemons",
    variables=(ENV, HOST),
    annotations=(
        Annotation(
            "Restarts",
            f"""
            SELECT timestamp AS time, host || ' restarted (was up ' || cast(pu / 3600 AS INT) || ' h)' AS text,
                   host || ',restart' AS tags
            FROM (
                SELECT timestamp, host, uptime_seconds AS u,
                       lag(uptime_seconds) OVER (PARTITION BY host, env ORDER BY timestamp) AS pu
                FROM daemon_metrics
                WHERE $__timeFilter(timestamp) AND {CHOSEN}
            )
            WHERE u < pu
            ORDER BY time
            LIMIT 200
            """,
            color="purple",
        ),
    ),
    rows=(
        Row(
            "Now",
            (
                Stat(
                    "State",
                    f"""
                    SELECT host, {state("running")} AS state
                    FROM (SELECT timestamp, host, running FROM daemon_metrics {LATEST})
                    ORDER BY state DESC, host
                    LIMIT 100
                    """,
                    key="state",
                    description="SILENT: no row for over 60 s, the process or its host is gone. DOWN: it says that it "
                    "does not run. For both, log in to the host and look at the service's log first.",
                    width=12,
                    all_values=True,
                    color_mode="background",
                    text_mode="value_and_name",
                    unit="none",
                    thresholds=STATE_COLORS,
                    mappings=STATES,
                    data_links=(DataLink("This host only", url="/d/daemon-health?var-host=${__data.fields.host}"),),
                ),
                Stat(
                    "Uptime",
                    f"""
                    SELECT host, uptime_seconds AS uptime
                    FROM (SELECT timestamp, host, uptime_seconds FROM daemon_metrics {LATEST})
                    ORDER BY uptime
                    LIMIT 100
                    """,
                    key="uptime",
                    description="Time since the start, by the last row. Young ones restarted: see the purple marks and "
                    "the last error for why.",
                    width=12,
                    all_values=True,
                    text_mode="value_and_name",
                    unit="s",
                    thresholds=Thresholds("orange", (900, "green")),
                ),
            ),
        ),
        Row(
            "Work",
            (
                TimeSeries(
                    "Fetches",
                    Query(_rate("fetch_count"), name="rate"),
                    key="fetch-rate",
                    description="Open interest and funding fetches per second. At 0 while the state is UP, the "
                    "scheduler is stuck: restart the daemon.",
                    unit="ops",
                    min=0,
                    width=8,
                    fill_opacity=10,
                    legend=Legend("table", calcs=("mean", "lastNotNull")),
                    thresholds=Thresholds("red", (0.001, "green")),
                ),
                TimeSeries(
                    "Errors",
                    Query(_rate("error_count"), name="rate"),
                    key="error-rate",
                    description="Errors per second. Compare with the fetches: see the ratio below, then the last "
                    "errors for their text.",
                    unit="ops",
                    min=0,
                    width=8,
                    fill_opacity=10,
                    legend=Legend("table", calcs=("mean", "max")),
                    thresholds=Thresholds("green", (0.1, "orange"), (1, "red")),
                ),
                TimeSeries(
                    "Liquidations",
                    Query(_rate("liquidation_count"), name="rate"),
                    key="liquidation-rate",
                    description="Liquidations streamed per second. Sparse by nature: quiet markets have none, so "
                    "compare with another host before you act.",
                    unit="ops",
                    min=0,
                    width=8,
                    fill_opacity=10,
                    legend=Legend("table", calcs=("mean", "max")),
                ),
                TimeSeries(
                    "Error ratio",
                    Query(
                        f"""
                        SELECT timestamp AS time, host AS metric,
                               CASE WHEN sum(df) > 0 THEN 1.0 * sum(de) / sum(df) ELSE NULL END AS value
                        FROM (
                            SELECT timestamp, host,
                                   CASE WHEN f >= pf THEN f - pf ELSE f END AS df,
                                   CASE WHEN e >= pe THEN e - pe ELSE e END AS de
                            FROM (
                                SELECT timestamp, host, fetch_count AS f, error_count AS e,
                                       lag(fetch_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS pf,
                                       lag(error_count) OVER (PARTITION BY host, env ORDER BY timestamp) AS pe
                                FROM daemon_metrics
                                WHERE $__timeFilter(timestamp) AND {CHOSEN}
                            )
                            WHERE pf IS NOT NULL
                        )
                        SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR
                        ORDER BY time
                        """,
                        name="ratio",
                    ),
                    key="error-ratio",
                    description="Errors per fetch. Over 5 % for minutes: an exchange limits or blocks us; look at "
                    "Exchanges for which one.",
                    unit="percentunit",
                    min=0,
                    soft_max=0.1,
                    width=24,
                    threshold_style="dashed",
                    legend=Legend("table", calcs=("mean", "max")),
                    thresholds=Thresholds("green", (0.05, "red")),
                ),
            ),
        ),
        Row(
            "Details",
            (
                Table(
                    "Last errors",
                    f"""
                    SELECT host, {state("running")} AS state, datediff('s', timestamp, $__toTime) AS age,
                           uptime_seconds AS uptime, error_count AS errors, last_error
                    FROM (
                        SELECT timestamp, host, running, uptime_seconds, error_count, last_error
                        FROM daemon_metrics {LATEST}
                    )
                    ORDER BY state DESC, age DESC
                    LIMIT 100
                    """,
                    key="last-errors",
                    description="The latest row of each daemon, worst first. The text is the last error since the "
                    "start; it may be old while the ratio above is 0.",
                    unit="short",
                    sort_by=(SortBy("state", descending=True),),
                    overrides=(
                        Override("state", unit="none", mappings=STATES, thresholds=STATE_COLORS,
                                 custom={"cellOptions": {"type": "color-background"}, "width": 100}),
                        Override("age", unit="s", thresholds=AGE, custom={"cellOptions": {"type": "color-text"}}),
                        Override("uptime", unit="s"),
                        Override("last_error", unit="string", mappings=(ValueMapping("", "none"),)),
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip
