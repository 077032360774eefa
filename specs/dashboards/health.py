"""Daemon health: is each daemon alive, and does it do its work."""

from dashgen import (
    Annotation,
    CustomUnit,
    Dashboard,
    Ignore,
    Legend,
    Override,
    Query,
    Row,
    SortBy,
    SpecialMapping,
    Stat,
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
from specs.limits import ERROR_RATIO, RESTARTS, RESTARTS_MINUTES
from specs.sql import (
    DOWN_DAEMON,
    IN_ENV,
    WITH_RESTARTS,
    age,
    daemons,
    fleet,
    rate,
    ratio,
    recent,
    restarts,
    silences,
    state,
    timeline,
)
from specs.variables import ENV, HOST

HOSTS = HOST.matches("host")
CHOSEN = f"{IN_ENV} AND {HOSTS}"
DAEMONS = daemons(HOSTS)
BY_HOST = {"by": "host", "label": "host", "condition": CHOSEN}
UPTIME = "uptime_seconds"
PER_SECOND = CustomUnit("count:/s")
THIS_HOST = explained_by("This host only", "daemon-health", host="${__data.fields.host}")


def _rate(counter: str) -> Query:
    return Query(rate("daemon_metrics", counter, **BY_HOST, uptime=UPTIME), name="rate")


RESTARTED = f"""
SELECT timestamp AS time, host || ' restarted (was up ' || cast(was_up / 3600 AS INT) || ' h)' AS text,
       host || ',restart' AS tags
FROM (
    SELECT timestamp, host, uptime_seconds AS up,
           lag(uptime_seconds) OVER (PARTITION BY host, env ORDER BY timestamp) AS was_up
    FROM daemon_metrics
    WHERE $__timeFilter(timestamp) AND {CHOSEN}
)
WHERE up < was_up
ORDER BY time, host
LIMIT 200
"""

NOW_ROW = Row(
    "Now",
    (
        Stat(
            "State",
            f"SELECT host, {state()} AS state FROM {DAEMONS} ORDER BY state DESC, host LIMIT 100",
            key="state",
            description="SILENT: no row for over 60 s, the process or its host is gone. MISSING: a host of the fleet "
            "that wrote nothing for a week. DOWN: the daemon says that it does not run. For all of them, log in to "
            "the host and look at the service's log first.",
            width=9,
            height=7,
            all_values=True,
            color_mode="background",
            text_mode="value_and_name",
            unit="none",
            thresholds=STATE_COLORS,
            mappings=STATES,
            data_links=(
                THIS_HOST,
                explained_by("Its exchanges", "exchanges", host="${__data.fields.host}"),
            ),
        ),
        Table(
            "Last errors",
            f"""
            SELECT host, {state()} AS state, {age("at")} AS age, uptime, errors, last_error
            FROM {DAEMONS}
            ORDER BY state DESC, age DESC, host
            LIMIT 100
            """,
            key="last-errors",
            description="The latest row of each daemon, worst first. The text is the last error since the start; it "
            "may be old while the ratio below is 0. A young uptime is a restart: see the purple marks. A host without "
            "a value never wrote.",
            width=15,
            height=7,
            unit="short",
            sort_by=(SortBy("state", descending=True),),
            overrides=(
                Override("host", data_links=(THIS_HOST,), custom={"width": 125}),
                STATE_COLUMN,
                Override("age", unit="s", thresholds=AGE, custom={**COLORED_TEXT, "width": 90}),
                Override(
                    "uptime",
                    unit="s",
                    no_value="never",
                    thresholds=Thresholds("orange", (900, "green")),
                    custom={**COLORED_TEXT, "width": 100},
                ),
                Override("errors", unit="short", custom={"width": 75}),
                Override(
                    "last_error",
                    display_name="last error",
                    unit="string",
                    mappings=(SpecialMapping("null", "none"),),
                ),
            ),
        ),
        StateTimeline(
            "State over time",
            timeline("daemon_metrics", DOWN_DAEMON, **BY_HOST, missing=fleet(HOSTS)),
            key="state-timeline",
            description="The worst state in each bucket. SILENT is drawn where rows are missing for over 60 s, up to "
            "the right edge: a daemon that died stays orange. Look at what else changed at its first moment.",
            width=24,
            height=6,
            unit="none",
            max_data_points=200,
            thresholds=STATE_COLORS,
            mappings=STATES,
        ),
    ),
)

WORK_ROW = Row(
    "Work",
    (
        TimeSeries(
            "Error ratio",
            Query(ratio("daemon_metrics", "error_count", "fetch_count", **BY_HOST, uptime=UPTIME), name="ratio"),
            ignore=WITH_RESTARTS,
            key="error-ratio",
            description="Errors per fetch. Over 5 % for minutes: an exchange limits or blocks us; look at Exchanges "
            "for which one, then at the last errors.",
            unit="percentunit",
            min=0,
            soft_max=0.1,
            width=12,
            threshold_style="dashed",
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            thresholds=Thresholds("green", (ERROR_RATIO, "red")),
            data_links=(explained_by("Its exchanges", "exchanges", host="${__field.displayName}"),),
        ),
        TimeSeries(
            "Restarts",
            Query(
                recent(
                    restarts(
                        "daemon_metrics",
                        UPTIME,
                        by="host",
                        condition=CHOSEN,
                        look_back=60 * RESTARTS_MINUTES + 60,
                    ),
                    table="daemon_metrics",
                    condition=CHOSEN,
                    minutes=RESTARTS_MINUTES,
                    by="host",
                    label="host",
                ),
                name="restarts",
            ),
            key="restarts",
            description=f"Restarts in the {RESTARTS_MINUTES} minutes before each moment. {RESTARTS} or more: the "
            "daemon crashes in a loop. Read the end of its log, and roll back what was deployed last.",
            unit="short",
            decimals=0,
            min=0,
            soft_max=RESTARTS,
            max_data_points=300,
            width=12,
            interpolation="stepAfter",
            threshold_style="dashed",
            legend=Legend("table", calcs=("max",), placement="right"),
            thresholds=Thresholds("green", (RESTARTS, "red")),
        ),
        TimeSeries(
            "Fetches",
            _rate("fetch_count"),
            ignore=WITH_RESTARTS,
            key="fetch-rate",
            description="Open interest and funding fetches per second. At 0 while the state is UP, the scheduler is "
            "stuck: restart the daemon.",
            unit=PER_SECOND,
            min=0,
            fill_opacity=10,
            legend=Legend("table", calcs=("mean", "lastNotNull"), placement="right"),
            thresholds=Thresholds("red", (0.001, "green")),
            data_links=(explained_by("What was written", "pipeline", host="${__field.displayName}"),),
        ),
        TimeSeries(
            "Errors",
            _rate("error_count"),
            ignore=WITH_RESTARTS,
            key="error-rate",
            description="Errors per second. Compare with the fetches: see the ratio below, then the last errors for "
            "their text.",
            unit=PER_SECOND,
            min=0,
            fill_opacity=10,
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            thresholds=Thresholds("green", (0.1, "orange"), (1, "red")),
        ),
        TimeSeries(
            "Liquidations",
            _rate("liquidation_count"),
            ignore=WITH_RESTARTS,
            key="liquidation-rate",
            description="Liquidations streamed per second. Sparse by nature: quiet markets have none, so compare "
            "with another host before you act.",
            unit=PER_SECOND,
            min=0,
            width=24,
            height=6,
            fill_opacity=10,
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
        ),
    ),
)

HEALTH = Dashboard(
    uid="daemon-health",
    title="Daemon health",
    description="State and work of the daemons that stream market data.",
    tags=TAGS,
    refresh="5s",
    folder="daemons",
    links=LINKS,
    variables=(ENV, HOST),
    annotations=(
        Annotation("Restarts", RESTARTED, color="purple"),
        Annotation(
            "Silences",
            silences("daemon_metrics", **BY_HOST),
            color="orange",
            ignore=(Ignore("DG701", reason="empty while no daemon is silent"),),
        ),
    ),
    rows=(NOW_ROW, WORK_ROW),
)
