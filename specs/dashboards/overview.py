"""Overview: what is not well, and where to look."""

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
    SortBy,
    Stat,
    Table,
    ValueMapping,
)
from specs.dashboards.shared import (
    AGE,
    BACKGROUND,
    COLORED_TEXT,
    COUNT_BAD,
    FLOW_COLORS,
    FLOWS,
    LINKS,
    NO_DATA,
    STATE_COLUMN,
    TAGS,
    explained_by,
)
from specs.limits import DRAWDOWN, PENDING_ROWS
from specs.sql import (
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
    positions,
    state,
)
from specs.variables import ENV


def _count(title: str, query: AnyQuery, *, key: str, description: str, link: DataLink) -> Stat:
    return Stat(
        title,
        query,
        key=key,
        description=f"{description} NO DATA: there is nothing to count, which is worse than a number.",
        width=4,
        height=5,
        color_mode="background",
        unit="none",
        thresholds=COUNT_BAD,
        mappings=(NO_DATA,),
        data_links=(link,),
    )


BAD_ROW = Row(
    "Not well now",
    (
        _count(
            "Daemons",
            count_bad(f"(SELECT {state()} AS state FROM {daemons()})", "state > 0", "bad"),
            key="bad-daemons",
            description="Daemons of the fleet, and others seen in the last week, that are down, silent or missing. "
            "Follow the link for which.",
            link=explained_by("Daemon health", "daemon-health"),
        ),
        _count(
            "Exchange connections",
            count_bad(f"(SELECT {state()} AS state FROM {connections()})", "state > 0", "bad"),
            key="bad-connections",
            description="Connections that are down, without messages, or silent. Many at once are usually one daemon "
            "or one exchange; follow the link for which.",
            link=explained_by("Exchanges", "exchanges"),
        ),
        _count(
            "Feeds stalled",
            Query(
                count_bad(f"(SELECT {FEED_STATE} AS state FROM {feeds(IN_ENV)})", "state > 0", "bad"),
                ignore=LAST_RECORD,
            ),
            key="stalled-feeds",
            description="Data types of exchanges without a record for longer than they may be. Follow the link for "
            "which, and since when.",
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
        _count(
            "Database tables",
            count_bad(WAL, f"suspended = 1 OR pending >= {PENDING_ROWS}", "bad"),
            key="bad-tables",
            description="Tables that are suspended or far behind: what every other number here is read from is then "
            "old. Look here first.",
            link=explained_by("QuestDB", "questdb"),
        ),
        _count(
            "Database views",
            count_bad("materialized_views()", "view_status = 'invalid'", "bad"),
            key="bad-views",
            description="Views that stopped. Throughput and latency in Pipeline end where one did.",
            link=explained_by("QuestDB", "questdb"),
        ),
    ),
)

ALERTS_ROW = Row(
    "Alerts",
    (
        AlertList(
            "Firing in this environment",
            key="alerts",
            description="Alerts that fire or are about to, by their label env. Follow an alert's link to its panel, "
            "and its runbook for the first command.",
            width=12,
            height=9,
            states=("firing", "pending"),
            labels='{env="$env"}',
            max_items=50,
        ),
        AlertList(
            "Errors and missing data, everywhere",
            key="alert-errors",
            description="Rules that could not be evaluated: not filtered, as such alerts have no labels of their "
            "query. All of them at once: the database is down; look at the server before anything else.",
            width=12,
            height=9,
            states=("error", "noData"),
            max_items=50,
        ),
    ),
)

DETAILS_ROW = Row(
    "Details",
    (
        BarGauge(
            "Age of the newest row",
            f"SELECT name, age FROM {FRESHNESS} ORDER BY age DESC",
            key="freshness",
            description="Seconds since the newest row of each table in this environment; pipeline_1m is up to a "
            "minute behind by nature. All old: the daemons can't write, or the database does not apply.",
            width=8,
            height=9,
            all_values=True,
            display="basic",
            unit="s",
            min=0,
            thresholds=AGE,
            mappings=(ValueMapping(604800, "none for a week", color="red"),),
            data_links=(explained_by("QuestDB", "questdb"),),
        ),
        Table(
            "Daemons and connections not well",
            f"""
            SELECT host, what, state, age
            FROM (
                SELECT host, 'daemon' AS what, {state()} AS state, {age("at")} AS age FROM {daemons()}
                UNION ALL
                SELECT host, exchange AS what, {state()} AS state, {age("at")} AS age FROM {connections()}
            )
            WHERE state > 0
            ORDER BY state DESC, host, what
            LIMIT 100
            """,
            key="not-well",
            description="Each of them, worst first. Empty is good if the counts above are 0. A host with all its "
            "connections: that daemon; one exchange on every host: that exchange.",
            width=8,
            height=9,
            unit="none",
            no_value="all are well",
            ignore=(Ignore("DG701", reason="empty while all are well"),),
            sort_by=(SortBy("state", descending=True),),
            overrides=(
                STATE_COLUMN,
                Override(
                    "host",
                    data_links=(explained_by("The daemon", "daemon-health", host="${__data.fields.host}"),),
                ),
                Override("age", unit="s", thresholds=AGE, custom=COLORED_TEXT),
            ),
        ),
        Table(
            "Feeds, stalest first",
            f"""
            SELECT exchange, data_type, {FEED_STATE} AS state, age
            FROM {feeds(IN_ENV)}
            ORDER BY state DESC, age DESC, exchange, data_type
            LIMIT 20
            """,
            key="feeds",
            ignore=LAST_RECORD,
            description="Seconds since the last record. Stalled: follow the exchange's link to see whether it is its "
            "connection or the fetcher.",
            width=8,
            height=9,
            unit="none",
            no_value="no feed wrote a record in the last week",
            sort_by=(SortBy("state", descending=True),),
            overrides=(
                Override(
                    "exchange",
                    data_links=(explained_by("Its pipelines", "pipeline", exchange="${__data.fields.exchange}"),),
                ),
                Override(
                    "state", unit="none", mappings=FLOWS, thresholds=FLOW_COLORS, custom={**BACKGROUND, "width": 110}
                ),
                Override("age", unit="s"),
            ),
        ),
    ),
)

OVERVIEW = Dashboard(
    uid="overview",
    title="Overview",
    description="What is not well, and where to look.",
    tags=TAGS,
    refresh="5s",
    folder="daemons",
    links=LINKS,
    variables=(ENV,),
    rows=(BAD_ROW, ALERTS_ROW, DETAILS_ROW),
)
