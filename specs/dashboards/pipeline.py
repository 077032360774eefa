"""Pipeline: how much data arrives, how fresh it is, where it has gaps."""

from dashgen import (
    BarGauge,
    Dashboard,
    Legend,
    Override,
    Query,
    Row,
    SortBy,
    Table,
    Thresholds,
    TimeSeries,
    ValueMapping,
)
from specs.dashboards.shared import (
    AGE,
    BACKGROUND,
    COLORED_TEXT,
    FLOW_COLORS,
    FLOWS,
    LINKS,
    TAGS,
    explained_by,
)
from specs.limits import GAP_MINUTES, GAP_SECONDS, STALLED_AFTER
from specs.sql import (
    FEED_STATE,
    IN_ENV,
    LAST_RECORD,
    NOW,
    START,
    WRITE_INTERVAL,
    feeds,
    mean,
    per_second,
    recent,
)
from specs.variables import DATA_TYPE, ENV, EXCHANGE, HOST

CHOSEN_FEEDS = " AND ".join((HOST.matches("host"), EXCHANGE.matches("exchange"), DATA_TYPE.matches("data_type")))
CHOSEN = f"{IN_ENV} AND {CHOSEN_FEEDS}"
ITS_EXCHANGE = explained_by("The exchange", "exchanges", exchange="${__data.fields.exchange}")
ONE_EXCHANGE = explained_by("The exchange", "exchanges", exchange="${__field.displayName}")
LIMITS_TEXT = ", ".join(f"{kind} {seconds} s" for kind, seconds in STALLED_AFTER.items())

GAPS_BY_MINUTE = f"""(
    SELECT timestamp, exchange, gap_max AS amount
    FROM pipeline_1m
    WHERE timestamp BETWEEN dateadd('m', -{GAP_MINUTES}, {START}) AND {NOW} AND gap_max > 0 AND {CHOSEN}
)"""
"""The longest gap that was found, of any symbol and data type. A sum over them says hours of one outage of minutes."""


def _throughput(value: str, label: str) -> Query:
    return Query(per_second("pipeline_1m", value, grain="1m", label=label, condition=CHOSEN), name="throughput")


NOW_ROW = Row(
    "Now",
    (
        Table(
            "Freshness",
            f"""
            SELECT exchange, data_type, {FEED_STATE} AS state, age
            FROM {feeds(CHOSEN)}
            ORDER BY state DESC, age DESC, exchange, data_type
            LIMIT 100
            """,
            key="freshness",
            ignore=LAST_RECORD,
            description=f"Seconds since the last record of each feed, the stalled first. Limits: {LIMITS_TEXT}; "
            "funding and liquidations are sparse by nature. Stalled on one exchange: look at its connection. One data "
            "type on all: its fetcher; look at the error ratio in Daemon health.",
            width=9,
            height=10,
            unit="short",
            sort_by=(SortBy("state", descending=True),),
            overrides=(
                Override("exchange", data_links=(ITS_EXCHANGE,), custom={"minWidth": 100}),
                Override("data_type", display_name="data type", custom={"minWidth": 100}),
                Override(
                    "state", unit="none", mappings=FLOWS, thresholds=FLOW_COLORS, custom={**BACKGROUND, "width": 100}
                ),
                Override(
                    "age",
                    display_name="last record",
                    unit="s",
                    mappings=(ValueMapping(604800, "none for a week", color="red"),),
                    thresholds=AGE,
                    custom={**COLORED_TEXT, "width": 120},
                ),
            ),
        ),
        TimeSeries(
            "Longest gap",
            Query(
                recent(
                    GAPS_BY_MINUTE,
                    table="pipeline_1m",
                    condition=CHOSEN,
                    minutes=GAP_MINUTES - 1,
                    by="exchange",
                    label="exchange",
                    aggregate="max",
                ),
                name="gaps",
            ),
            key="gap-seconds",
            description=f"The longest gap that a daemon found in the data of one symbol, in the {GAP_MINUTES} minutes "
            f"before each moment. Over {GAP_SECONDS} s: see below how many symbols have one, and backfill once the "
            "exchange is back. The alert adds up all symbols, so many short ones fire it too.",
            unit="s",
            min=0,
            soft_max=GAP_SECONDS,
            width=9,
            height=10,
            fill_opacity=10,
            interpolation="stepAfter",
            threshold_style="dashed",
            legend=Legend(calcs=("max",)),
            thresholds=Thresholds("green", (GAP_SECONDS, "red")),
            data_links=(ONE_EXCHANGE,),
        ),
        BarGauge(
            "Data missing",
            f"""
            SELECT exchange, 100.0 * sum(gap_seconds) / (sum(latency_n) * {WRITE_INTERVAL}) AS missing
            FROM pipeline_1m
            WHERE timestamp BETWEEN {START} AND {NOW} AND {CHOSEN}
            GROUP BY exchange
            ORDER BY missing DESC, exchange
            LIMIT 50
            """,
            key="data-missing",
            description="Share of the range that is missing, over all symbols and data types of an exchange, worst "
            "first. Of 6 hours, 1 % is 4 minutes of everything. What matters must be backfilled before the exchange no "
            "longer has it.",
            width=6,
            height=10,
            all_values=True,
            display="basic",
            unit="percent",
            decimals=2,
            min=0,
            no_value="no data",
            thresholds=Thresholds("green", (0.1, "yellow"), (1, "red")),
            data_links=(explained_by("The exchange", "exchanges", exchange="${__data.fields.exchange}"),),
        ),
    ),
)

THROUGHPUT_ROW = Row(
    "Throughput",
    (
        TimeSeries(
            "Records by exchange",
            _throughput("records", "exchange"),
            key="records-by-exchange",
            description="Records written per second. One line at 0: that exchange is down or its fetchers are stuck. "
            "All lines lower: a daemon is gone. The minute that is still filling is left out.",
            unit="recps",
            min=0,
            width=12,
            fill_opacity=10,
            legend=Legend("table", calcs=("min", "lastNotNull"), placement="right"),
            thresholds=Thresholds("red", (0.001, "green")),
            data_links=(ONE_EXCHANGE,),
        ),
        TimeSeries(
            "Records by data type",
            _throughput("records", "data_type"),
            key="records-by-type",
            description="Records written per second, on a logarithmic axis. Open interest at 0 is an incident; funding "
            "and liquidations may pause. See Freshness for since when.",
            unit="recps",
            log_base=10,
            width=12,
            fill_opacity=10,
            legend=Legend("table", calcs=("min", "lastNotNull"), placement="right"),
            thresholds=Thresholds("red", (0.001, "green")),
        ),
        TimeSeries(
            "Bytes by exchange",
            _throughput("bytes", "exchange"),
            key="bytes-by-exchange",
            description="Bytes written to storage per second. Much more than usual: look at the storage in QuestDB "
            "before the disk is full.",
            unit="binBps",
            min=0,
            width=12,
            fill_opacity=10,
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            data_links=(explained_by("Storage", "questdb"),),
        ),
        TimeSeries(
            "Bytes by data type",
            _throughput("bytes", "data_type"),
            key="bytes-by-type",
            description="Bytes written to storage per second. A type that grew alone: a new symbol list or larger "
            "records; compare with its records.",
            unit="binBps",
            min=0,
            width=12,
            fill_opacity=10,
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            data_links=(explained_by("Storage", "questdb"),),
        ),
    ),
)

QUALITY_ROW = Row(
    "Quality",
    (
        TimeSeries(
            "Latency, mean",
            Query(
                mean(
                    "pipeline_1m",
                    "latency_sum",
                    "latency_n",
                    label="exchange",
                    condition=CHOSEN,
                ),
                name="latency",
            ),
            key="latency-mean",
            description="Mean processing latency, weighted by rows. Rising with the records: the daemon is at its "
            "limit; move symbols to another host. Rising alone: storage is slow; look at QuestDB.",
            unit="ms",
            min=0,
            width=12,
            legend=Legend("table", calcs=("mean", "lastNotNull"), placement="right"),
            thresholds=Thresholds("green", (100, "orange"), (500, "red")),
            data_links=(explained_by("QuestDB", "questdb"),),
        ),
        TimeSeries(
            "Latency, highest",
            Query(
                f"""
                SELECT timestamp AS time, exchange AS metric, max(latency_max) AS Value
                FROM pipeline_1m
                WHERE timestamp BETWEEN {START} AND {NOW} AND {CHOSEN}
                SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR
                ORDER BY time
                """,
                name="latency",
            ),
            key="latency-max",
            description="The slowest row of each bucket. Single spikes are garbage collection or a full commit; when "
            "they come every minute, look at QuestDB's write-ahead log.",
            unit="ms",
            min=0,
            width=12,
            draw="points",
            legend=Legend("table", calcs=("max",), placement="right"),
            thresholds=Thresholds("green", (500, "orange"), (2000, "red")),
            data_links=(explained_by("QuestDB", "questdb"),),
        ),
        Table(
            "Gaps",
            f"""
            SELECT timestamp AS time, gap_duration_seconds AS gap, exchange, symbol, data_type, host
            FROM pipeline_metrics
            WHERE gap_detected AND $__timeFilter(timestamp) AND {CHOSEN}
            ORDER BY time DESC, exchange, symbol, data_type, host
            LIMIT 100
            """,
            key="gaps",
            description="The latest 100 gaps that the daemons found. Backfill what matters; the same symbol again "
            "and again: it was renamed or delisted.",
            width=14,
            height=10,
            unit="short",
            no_value="none in this range",
            overrides=(
                Override("time", unit="dateTimeAsIso", custom={"width": 160}),
                Override(
                    "gap",
                    unit="s",
                    thresholds=Thresholds("green", (GAP_SECONDS, "red")),
                    custom={**COLORED_TEXT, "width": 90},
                ),
                Override("exchange", data_links=(ITS_EXCHANGE,), custom={"width": 85}),
                Override("symbol", custom={"minWidth": 140}),
                Override("data_type", display_name="data type", custom={"width": 95}),
                Override("host", custom={"width": 125}),
            ),
        ),
        Table(
            "Worst symbols",
            # QuestDB compiles a filter of columns and constants to machine code, one with the guards of All not. It
            # moves those into the inner filter, unless there is a LIMIT: 1,000,000 is more than there are groups.
            f"""
            SELECT exchange, symbol, max(gap) AS gap, sum(gaps) AS gaps, max(latest) AS latest
            FROM (
                SELECT exchange, symbol, data_type, host,
                       max(gap_duration_seconds) AS gap, count() AS gaps, max(timestamp) AS latest
                FROM pipeline_metrics
                WHERE gap_detected AND $__timeFilter(timestamp) AND {IN_ENV}
                GROUP BY exchange, symbol, data_type, host
                ORDER BY gap DESC, exchange, symbol, data_type, host
                LIMIT 1000000
            )
            WHERE {CHOSEN_FEEDS}
            GROUP BY exchange, symbol
            ORDER BY gap DESC, gaps DESC, exchange, symbol
            LIMIT 20
            """,
            key="worst-symbols",
            description="The 20 symbols with the longest gaps in the range, of any data type. All of one exchange: its "
            "connection. A single symbol with many: it was renamed or delisted; take it off the list.",
            width=10,
            height=10,
            unit="short",
            no_value="none in this range",
            sort_by=(SortBy("gap", descending=True),),
            overrides=(
                Override("exchange", data_links=(ITS_EXCHANGE,), custom={"width": 85}),
                Override("symbol", custom={"minWidth": 140}),
                Override(
                    "gap",
                    unit="s",
                    thresholds=Thresholds("green", (GAP_SECONDS, "red")),
                    custom={**COLORED_TEXT, "width": 90},
                ),
                Override("gaps", unit="short", custom={"width": 85}),
                Override("latest", unit="dateTimeAsIso", custom={"width": 160}),
            ),
        ),
    ),
)

PIPELINE = Dashboard(
    uid="pipeline",
    title="Pipeline",
    description="Data that the daemons write: throughput, latency, freshness, gaps.",
    tags=TAGS,
    refresh="30s",
    folder="daemons",
    links=LINKS,
    variables=(ENV, EXCHANGE, DATA_TYPE, HOST),
    rows=(NOW_ROW, THROUGHPUT_ROW, QUALITY_ROW),
)
