"""Overview: what is not well, where, and what to do first."""

from dashgen import (
    AlertList,
    AnyQuery,
    BarGauge,
    Dashboard,
    DataLink,
    Ignore,
    Override,
    Query,
    Row,
    SpecialMapping,
    Stat,
    StateTimeline,
    Table,
    ValueMapping,
)
from specs.dashboards.shared import (
    AGE,
    BACKGROUND,
    COLORED_TEXT,
    COUNT_BAD,
    LINKS,
    NO_DATA,
    STATE_COLORS,
    STATES,
    TAGS,
    explained_by,
)
from specs.limits import DRAWDOWN, PENDING_ROWS
from specs.sql import (
    DOWN_DAEMON,
    FEED_STATE,
    FRESHNESS,
    IN_ENV,
    LAST_RECORD,
    WAL,
    age,
    connections,
    count_bad,
    daemons,
    feeds,
    fleet,
    positions,
    state,
    timeline,
)
from specs.variables import ENV

STALLED, DRAWN_DOWN, SUSPENDED, BEHIND, INVALID = range(5, 10)
TROUBLES = (
    *STATES,
    ValueMapping(STALLED, "STALLED", color="red"),
    ValueMapping(DRAWN_DOWN, "DRAWDOWN", color="red"),
    ValueMapping(SUSPENDED, "SUSPENDED", color="red"),
    ValueMapping(BEHIND, "BEHIND", color="orange"),
    ValueMapping(INVALID, "INVALID", color="red"),
)
"""What else may be wrong, numbered after the states of `specs.sql.state`."""

DATABASE = f"""(
    SELECT 'table ' || name AS what, {age("written_at")} AS age,
           CASE WHEN suspended = 1 THEN {SUSPENDED} WHEN pending >= {PENDING_ROWS} THEN {BEHIND} ELSE 0 END AS state
    FROM {WAL}
    UNION ALL
    SELECT 'view ' || view_name, {age("last_refresh_finish_timestamp")},
           CASE WHEN view_status = 'invalid' THEN {INVALID} ELSE 0 END
    FROM materialized_views()
)"""
"""Tables and views, of which 0 are well."""


def _count(title: str, query: AnyQuery, *, key: str, description: str, link: DataLink) -> Stat:
    return Stat(
        title,
        query,
        key=key,
        description=f"{description} NO DATA: there is nothing to count, which is worse than a number.",
        width=4,
        height=4,
        color_mode="background",
        unit="none",
        thresholds=COUNT_BAD,
        mappings=(NO_DATA,),
        data_links=(link,),
    )


COUNTS_ROW = Row(
    "",
    (
        _count(
            "Database",
            count_bad(DATABASE, "state > 0", "bad"),
            key="bad-database",
            description="Tables that are suspended or far behind, and views that stopped: what every other number here "
            "is read from is then old. Look here first.",
            link=explained_by("QuestDB", "questdb"),
        ),
        _count(
            "Daemons",
            count_bad(f"(SELECT {state()} AS state FROM {daemons()})", "state > 0", "bad"),
            key="bad-daemons",
            description="Daemons of the fleet, and others seen in the last week, that are down, silent or missing. "
            "Below is which; follow the link for since when.",
            link=explained_by("Daemon health", "daemon-health"),
        ),
        _count(
            "Connections",
            count_bad(f"(SELECT {state()} AS state FROM {connections()})", "state > 0", "bad"),
            key="bad-connections",
            description="Connections to exchanges that are down, without messages, or silent. Many at once are usually "
            "one daemon or one exchange; below is which.",
            link=explained_by("Exchanges", "exchanges"),
        ),
        _count(
            "Feeds stalled",
            Query(
                count_bad(f"(SELECT {FEED_STATE} AS state FROM {feeds(IN_ENV)})", "state > 0", "bad"),
                ignore=LAST_RECORD,
            ),
            key="stalled-feeds",
            description="Data types of exchanges without a record for longer than they may be. Below is which; follow "
            "the link for their throughput.",
            link=explained_by("Pipeline", "pipeline"),
        ),
        _count(
            "Strategies",
            count_bad(
                f"(SELECT {state('0')} AS state, drawdown FROM {positions(IN_ENV)})",
                f"state > 0 OR drawdown >= {DRAWDOWN}",
                "bad",
            ),
            key="bad-strategies",
            description=f"Strategies that are silent or {DRAWDOWN} % and more below their highest equity. Follow the "
            "link; halt first, ask later.",
            link=explained_by("Trading", "trading"),
        ),
        AlertList(
            "Rules in error",
            key="alert-errors",
            description="Rules that could not be evaluated, of every environment of this Grafana. All of them at once: "
            "the database is down or refuses Grafana's login; look at the server before anything else.",
            width=4,
            height=4,
            view="stat",
            states=("error", "noData"),
            max_items=50,
        ),
    ),
    key="counts",
)

WRONG_ROW = Row(
    "",
    (
        Table(
            "Not well now",
            Query(
                f"""
                SELECT what, exchange, host, state, age, step AS first_step
                FROM (
                    SELECT 0 AS rank, what, '' AS exchange, '' AS host, state, age,
                           CASE WHEN state = {INVALID} THEN 'refresh it in full'
                                ELSE 'server: log, disk, CPU' END AS step
                    FROM {DATABASE}
                    UNION ALL
                    SELECT 1, 'daemon', '', host, {state()}, {age("at")},
                           CASE WHEN at IS NULL THEN 'was it ever deployed?'
                                WHEN {state()} = 2 THEN 'read its log, start it'
                                ELSE 'does the host answer?' END
                    FROM {daemons()}
                    UNION ALL
                    SELECT 2, 'connection', exchange, host, {state()}, {age("coalesce(message_at, at)")},
                           CASE WHEN {state()} = 2 THEN 'exchange status page'
                                WHEN {state()} = 1 THEN 'restart the daemon'
                                ELSE 'see its daemon' END
                    FROM {connections()}
                    UNION ALL
                    SELECT 3, 'feed ' || data_type, exchange, '', {STALLED} * {FEED_STATE}, age, 'is it connected?'
                    FROM {feeds(IN_ENV)}
                    UNION ALL
                    SELECT 4, 'strategy ' || strategy, venue, '',
                           CASE WHEN {state("0")} > 0 THEN {state("0")}
                                WHEN drawdown >= {DRAWDOWN} THEN {DRAWN_DOWN} ELSE 0 END,
                           {age("at")},
                           CASE WHEN {state("0")} > 0 THEN 'open orders at the venue' ELSE 'halt it' END
                    FROM {positions(IN_ENV)}
                )
                WHERE state > 0
                ORDER BY rank, state DESC, age DESC, what, exchange, host
                LIMIT 100
                """,
                ignore=(*LAST_RECORD, Ignore("DG701", reason="empty while all are well")),
            ),
            key="not-well",
            description="All that is down, silent or stalled, causes before what follows from them: the database, "
            "daemons, their connections, feeds, strategies. Begin with the first line; the links lead to the host's "
            "and the exchange's dashboards. A host with all its connections: that daemon; one exchange on every host: "
            "that exchange. The age is that of the last row, message or record.",
            width=15,
            height=9,
            unit="none",
            no_value="nothing is down, silent or stalled",
            overrides=(
                Override("what", custom={"minWidth": 110}),
                Override(
                    "exchange",
                    no_value="–",
                    custom={"width": 85},
                    data_links=(explained_by("The exchange", "exchanges", exchange="${__data.fields.exchange}"),),
                ),
                Override(
                    "host",
                    no_value="–",
                    custom={"width": 125},
                    data_links=(explained_by("The daemon", "daemon-health", host="${__data.fields.host}"),),
                ),
                Override("state", mappings=TROUBLES, thresholds=STATE_COLORS, custom={**BACKGROUND, "width": 100}),
                # what no_value says of the whole table would stand in an empty cell, too
                Override(
                    "age",
                    unit="s",
                    mappings=(SpecialMapping("null", "never", color="purple"),),
                    thresholds=AGE,
                    custom={**COLORED_TEXT, "width": 90},
                ),
                Override("first_step", display_name="first step", custom={"width": 175}),
            ),
        ),
        AlertList(
            "Alerts",
            key="alerts",
            description="Alerts that fire or are about to, by their label env, without the watchdog. Open one for its "
            "summary, the first command, its runbook and its panel.",
            width=9,
            height=9,
            states=("firing", "pending"),
            labels='{env="$env", severity!="info"}',
            max_items=50,
        ),
    ),
    key="wrong",
)

TIME_ROW = Row(
    "",
    (
        StateTimeline(
            "Daemons over time",
            timeline("daemon_metrics", DOWN_DAEMON, by="host", label="host", condition=IN_ENV, missing=fleet()),
            key="daemons",
            description="The worst state of each daemon in each bucket, up to the right edge: since when one is not "
            "well, and whether it was alone. Follow a band's link to the daemon.",
            width=15,
            height=7,
            unit="none",
            max_data_points=200,
            thresholds=STATE_COLORS,
            mappings=STATES,
            data_links=(explained_by("The daemon", "daemon-health", host="${__field.displayName}"),),
        ),
        BarGauge(
            "Age of the newest row",
            f"SELECT name, age FROM {FRESHNESS} ORDER BY age DESC",
            key="freshness",
            description="Seconds since the newest row of each table in this environment, of pipeline_1m since its last "
            "minute. All old: the daemons can't write, or the database does not apply.",
            width=9,
            height=7,
            all_values=True,
            display="basic",
            unit="s",
            min=0,
            thresholds=AGE,
            mappings=(ValueMapping(604800, "none for a week", color="red"),),
            data_links=(explained_by("QuestDB", "questdb"),),
            options={"text": {"titleSize": 12, "valueSize": 18}},
        ),
    ),
    key="time",
)

OVERVIEW = Dashboard(
    uid="overview",
    title="Overview",
    description="What is not well, where, and what to do first.",
    tags=TAGS,
    refresh="5s",
    folder="daemons",
    links=LINKS,
    variables=(ENV,),
    rows=(COUNTS_ROW, WRONG_ROW, TIME_ROW),
)
