"""QuestDB: does the database take what is written, and does it have room."""

from dashgen import (
    BarGauge,
    Dashboard,
    Legend,
    Override,
    Query,
    Row,
    SortBy,
    SpecialMapping,
    Stat,
    Table,
    Thresholds,
    TimeSeries,
    ValueMapping,
)
from specs.dashboards.shared import AGE, BACKGROUND, COLORED_TEXT, LINKS, TAGS, explained_by
from specs.limits import PENDING_ROWS
from specs.sql import FRESHNESS, IN_ENV, WAL, Grain, age, per_second
from specs.variables import ENV

BAD = Thresholds("green", (1, "red"))
PENDING = Thresholds("green", (PENDING_ROWS / 10, "yellow"), (PENDING_ROWS, "red"))
BEHIND = Thresholds("green", (100, "orange"))
YES_NO = (ValueMapping(0, "no"), ValueMapping(1, "YES", color="red"))
VIEW_STATES = (
    ValueMapping("valid", "valid", color="green"),
    ValueMapping("refreshing", "refreshing", color="blue"),
    ValueMapping("invalid", "INVALID", color="red"),
)
PIPELINE_LINK = explained_by("Pipeline", "pipeline")


def _rows(table: str, value: str, name: str) -> Query:
    grain: Grain = "1m" if table == "pipeline_1m" else "10s"
    label = f"'{name}'"
    return Query(per_second(table, value, grain=grain, label=label, condition=IN_ENV), name=name)


NOW_ROW = Row(
    "Now",
    (
        Stat(
            "Suspended tables",
            f"SELECT sum(suspended) AS suspended FROM {WAL}",
            key="suspended",
            description="Tables whose write-ahead log is no longer applied: rows are accepted and not seen. Read the "
            "server's log for the cause (a full disk, most often), then ALTER TABLE … RESUME WAL.",
            width=6,
            height=4,
            color_mode="background",
            unit="none",
            thresholds=BAD,
        ),
        Stat(
            "Rows behind",
            f"SELECT sum(pending) AS pending FROM {WAL}",
            key="rows-behind",
            description="Rows written and not yet to be seen, over all tables. Grows for minutes: the server can't "
            "keep up; look at its CPU and disk, and at which table below.",
            width=6,
            height=4,
            color_mode="background",
            unit="short",
            thresholds=PENDING,
        ),
        Stat(
            "Views that are not valid",
            "SELECT sum(CASE WHEN view_status = 'invalid' THEN 1 ELSE 0 END) AS invalid FROM materialized_views()",
            key="views-invalid",
            description="An invalid view silently stops: throughput and latency in Pipeline then end. See Views for "
            "why, then REFRESH MATERIALIZED VIEW … FULL, which also drops what is older than its table.",
            width=6,
            height=4,
            color_mode="background",
            unit="none",
            no_value="no views",
            thresholds=BAD,
            data_links=(PIPELINE_LINK,),
        ),
        Stat(
            "Disk used",
            "SELECT sum(diskSize) AS disk FROM table_storage()",
            key="disk",
            description="Bytes of all tables. TTLs keep it level; growth that does not level off after 90 days means "
            "more symbols or a table without TTL.",
            width=6,
            height=4,
            unit="bytes",
            thresholds=Thresholds("text"),
        ),
    ),
)

TABLES_ROW = Row(
    "Tables and views",
    (
        Table(
            "Tables",
            f"""
            SELECT name, suspended, pending, behind, error, {age("written_at")} AS written, rows, disk, partitions
            FROM {WAL}
            ORDER BY suspended DESC, pending DESC, disk DESC
            LIMIT 50
            """,
            key="wal",
            description="Write-ahead log and storage of each table: rows pending, transactions behind, time since the "
            "last write. Suspended: see the error, free the disk, then ALTER TABLE … RESUME WAL.",
            width=24,
            height=8,
            unit="short",
            sort_by=(SortBy("suspended", descending=True), SortBy("disk", descending=True)),
            overrides=(
                Override("name", custom={"width": 150}),
                Override(
                    "suspended", unit="none", mappings=YES_NO, thresholds=BAD, custom={**BACKGROUND, "width": 105}
                ),
                Override("pending", unit="short", thresholds=PENDING, custom={**COLORED_TEXT, "width": 90}),
                Override("behind", unit="short", thresholds=BEHIND, custom={**COLORED_TEXT, "width": 85}),
                Override("error", unit="string", mappings=(SpecialMapping("empty", "none"),)),
                Override("written", display_name="last write", unit="s", custom={"width": 95}),
                Override("rows", unit="short", custom={"width": 90}),
                Override("disk", unit="bytes", custom={"width": 90}),
                Override("partitions", unit="none", custom={"width": 95}),
            ),
        ),
        Table(
            "Views",
            f"""
            SELECT view_name AS view, base_table_name AS base, view_status AS status,
                   base_table_txn - refresh_base_table_txn AS behind, invalidation_reason AS reason,
                   {age("last_refresh_finish_timestamp")} AS refreshed
            FROM materialized_views()
            ORDER BY status, view
            LIMIT 50
            """,
            key="views",
            description="Materialized views. INVALID: the reason tells what was done to the base table (a manual DROP "
            "PARTITION does it); REFRESH MATERIALIZED VIEW … FULL mends it.",
            width=24,
            height=5,
            unit="short",
            no_value="there are no views",
            overrides=(
                Override("view", custom={"width": 150}),
                Override("base", custom={"width": 150}),
                Override("status", unit="string", mappings=VIEW_STATES, custom={**BACKGROUND, "width": 120}),
                Override("behind", unit="short", thresholds=BEHIND, custom={**COLORED_TEXT, "width": 85}),
                Override("reason", unit="string", mappings=(SpecialMapping("null", "none"),)),
                Override(
                    "refreshed",
                    display_name="last refresh",
                    unit="s",
                    mappings=(SpecialMapping("null", "never"),),
                    custom={"width": 110},
                ),
            ),
        ),
    ),
)

LOAD_ROW = Row(
    "Load",
    (
        BarGauge(
            "Age of the newest row",
            f"SELECT name, age FROM {FRESHNESS} ORDER BY age DESC",
            key="newest-row",
            description="Seconds since the newest row of this environment. One table old: its writer is gone. All of "
            "them: the daemons can't reach the database, or the log is not applied; see above.",
            width=6,
            height=8,
            all_values=True,
            display="basic",
            unit="s",
            min=0,
            thresholds=AGE,
            mappings=(ValueMapping(604800, "none for a week", color="red"),),
        ),
        TimeSeries(
            "Rows written",
            (
                _rows("daemon_metrics", "1", "daemon_metrics"),
                _rows("exchange_status", "1", "exchange_status"),
                _rows("pipeline_1m", "latency_n", "pipeline_metrics"),
                _rows("trading_metrics", "1", "trading_metrics"),
            ),
            key="rows-written",
            description="Rows per second by table, in this environment. A step down: a writer is gone; see Daemon "
            "health. A step up: more symbols or a second writer; check the storage.",
            unit="rowsps",
            min=0,
            min_interval="1m",
            legend=Legend("table", calcs=("mean", "lastNotNull"), placement="right"),
            thresholds=Thresholds("red", (0.001, "green")),
            data_links=(explained_by("Daemon health", "daemon-health"),),
        ),
        BarGauge(
            "Storage",
            "SELECT tableName AS name, diskSize AS disk FROM table_storage() ORDER BY disk DESC LIMIT 50",
            key="storage",
            description="Bytes on disk by table, the largest first. When the disk fills: shorten the TTL of the first "
            "one (ALTER TABLE … SET TTL), which drops old partitions at once.",
            width=6,
            height=8,
            all_values=True,
            unit="bytes",
            min=0,
            thresholds=Thresholds("blue"),
        ),
    ),
)

QUESTDB = Dashboard(
    uid="questdb",
    title="QuestDB",
    description="The database itself: write-ahead log, views, storage.",
    tags=TAGS,
    refresh="5s",
    folder="daemons",
    links=LINKS,
    variables=(ENV,),
    rows=(NOW_ROW, TABLES_ROW, LOAD_ROW),
)
