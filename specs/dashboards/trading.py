"""Trading: what the strategies earn, risk and get filled."""

from dashgen import (
    BarGauge,
    CustomUnit,
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
)
from specs.dashboards.shared import AGE, COLORED_TEXT, COUNT_BAD, LINKS, NO_DATA, STATE_COLUMN, TAGS, explained_by
from specs.limits import DRAWDOWN, FILL_RATE
from specs.sql import BY_BUCKET, IN_ENV, NOW, START, age, carried, count_bad, per_second, positions, state
from specs.variables import ENV, STRATEGY

CHOSEN = f"{IN_ENV} AND {STRATEGY.matches('strategy')}"
POSITIONS = positions(CHOSEN)
IN_RANGE = f"timestamp BETWEEN {START} AND {NOW} AND {CHOSEN}"
THIS_STRATEGY = explained_by("This strategy only", "trading", strategy="${__data.fields.strategy}")
ONE_STRATEGY = explained_by("This strategy only", "trading", strategy="${__field.displayName}")
SIGNED = Thresholds("red", (0, "green"))
RISK = Thresholds("green", (DRAWDOWN / 2, "orange"), (DRAWDOWN, "red"))
FILLS = Thresholds("red", (FILL_RATE, "orange"), (0.8, "green"))


def _carried(column: str) -> Query:
    return Query(carried(column, CHOSEN), name=column)


def _orders(column: str) -> Query:
    return Query(
        per_second("trading_metrics", column, grain="10s", label="strategy", condition=CHOSEN, per=60.0),
        name=column,
    )


def _total(title: str, column: str, *, key: str, description: str, thresholds: Thresholds) -> Stat:
    return Stat(
        title,
        f"SELECT sum({column}) AS {column} FROM {POSITIONS}",
        key=key,
        description=description,
        width=4,
        height=4,
        unit="currencyUSD",
        no_value="no data",
        thresholds=thresholds,
    )


NOW_ROW = Row(
    "Now",
    (
        Stat(
            "Silent strategies",
            count_bad(f"(SELECT strategy, min({state('0')}) AS state FROM {POSITIONS})", "state > 0", "silent"),
            key="silent",
            description="Strategies without a row for over 60 s: what stands in the other panels is then their last "
            "word. Log in to the host of the strategy, and check its open orders at the venue first.",
            width=4,
            height=4,
            color_mode="background",
            unit="none",
            thresholds=COUNT_BAD,
            mappings=(NO_DATA,),
        ),
        _total(
            "PnL",
            "pnl",
            key="pnl-now",
            description="Realized since each strategy's start. Below 0 with a drawdown that grows: halt the strategy "
            "that falls.",
            thresholds=SIGNED,
        ),
        _total(
            "Unrealized PnL",
            "unrealized",
            key="unrealized-now",
            description="Profit or loss of the open positions. Far below 0: see the positions for which one, and "
            "decide whether to close it.",
            thresholds=SIGNED,
        ),
        _total(
            "Exposure",
            "exposure",
            key="exposure-now",
            description="Total exposure of all strategies. Above what the desk allows: reduce the largest position "
            "below.",
            thresholds=Thresholds("text"),
        ),
        Stat(
            "Drawdown",
            f"SELECT max(drawdown) AS drawdown FROM {POSITIONS}",
            key="drawdown-now",
            description=f"The deepest of all strategies, below its highest equity. From {DRAWDOWN} % on: halt it and "
            "call its owner.",
            width=4,
            height=4,
            unit="percent",
            decimals=1,
            no_value="no data",
            thresholds=RISK,
        ),
        Stat(
            "Fill rate",
            f"""
            SELECT CASE WHEN sum(orders_placed) > 0 THEN 1.0 * sum(orders_filled) / sum(orders_placed) END AS fill_rate
            FROM trading_metrics
            WHERE $__timeFilter(timestamp) AND {CHOSEN}
            """,
            key="fill-rate-now",
            description="Orders filled per order placed, over the range. Low: prices are too far off, or the venue "
            "rejects; look at its connection and at the orders below.",
            width=4,
            height=4,
            unit="percentunit",
            decimals=1,
            no_value="no orders",
            thresholds=FILLS,
        ),
    ),
)

POSITIONS_ROW = Row(
    "Positions",
    (
        Table(
            "Positions",
            f"""
            SELECT strategy, {state("0")} AS state, drawdown, exposure, unrealized, pnl, fill_rate, position, venue,
                   symbol, {age("at")} AS age
            FROM {POSITIONS}
            ORDER BY state DESC, abs(exposure) DESC, strategy, symbol, venue
            LIMIT 200
            """,
            key="positions",
            description="The latest row of each strategy, pair and venue: the silent first, then the largest exposure. "
            "SILENT: the position may have changed since; look at the venue.",
            width=24,
            height=7,
            unit="short",
            no_value="no strategy wrote a row in the last week",
            overrides=(
                Override("strategy", data_links=(THIS_STRATEGY,), custom={"minWidth": 120}),
                STATE_COLUMN,
                Override("drawdown", unit="percent", decimals=1, thresholds=RISK, custom={**COLORED_TEXT, "width": 95}),
                Override("exposure", unit="currencyUSD", decimals=0, custom={"width": 95}),
                *(
                    Override(
                        name, unit="currencyUSD", decimals=0, thresholds=SIGNED, custom={**COLORED_TEXT, "width": 95}
                    )
                    for name in ("unrealized", "pnl")
                ),
                Override(
                    "fill_rate",
                    display_name="fill rate",
                    unit="percentunit",
                    decimals=0,
                    mappings=(SpecialMapping("null", "no orders"),),
                    custom={"width": 90},
                ),
                Override("position", unit="short", decimals=3, custom={"width": 90}),
                Override(
                    "venue",
                    data_links=(explained_by("Exchange", "exchanges", exchange="${__data.fields.venue}"),),
                    custom={"width": 90},
                ),
                Override("symbol", custom={"minWidth": 140}),
                Override("age", unit="s", thresholds=AGE, custom={**COLORED_TEXT, "width": 85}),
            ),
            sort_by=(SortBy("state", descending=True), SortBy("exposure", descending=True)),
        ),
    ),
)

RESULT_ROW = Row(
    "Result",
    (
        TimeSeries(
            "PnL over time",
            _carried("pnl"),
            key="pnl",
            description="Realized since each strategy's start. A step down is a loss taken; find it among the orders "
            "of that moment.",
            unit="currencyUSD",
            width=12,
            legend=Legend("table", calcs=("lastNotNull", "min"), placement="right"),
            thresholds=SIGNED,
            data_links=(ONE_STRATEGY,),
        ),
        TimeSeries(
            "Unrealized PnL over time",
            _carried("unrealized_pnl"),
            key="unrealized",
            description="Profit or loss of the open positions. Swings wider than usual: the position is too large "
            "for this market.",
            unit="currencyUSD",
            width=12,
            legend=Legend("table", calcs=("lastNotNull", "min"), placement="right"),
            thresholds=SIGNED,
            data_links=(ONE_STRATEGY,),
        ),
    ),
)

RISK_ROW = Row(
    "Risk",
    (
        TimeSeries(
            "Exposure over time",
            _carried("exposure"),
            key="exposure",
            description="Exposure by strategy, stacked. Grows without an end: a strategy does not close; halt it.",
            unit="currencyUSD",
            width=12,
            stack="normal",
            fill_opacity=20,
            legend=Legend("table", calcs=("lastNotNull", "max"), placement="right"),
            data_links=(ONE_STRATEGY,),
        ),
        TimeSeries(
            "Drawdown over time",
            Query(
                f"""
                SELECT timestamp AS time, strategy AS metric, max(drawdown) AS Value
                FROM trading_metrics
                WHERE {IN_RANGE}
                {BY_BUCKET}
                ORDER BY time
                """,
                name="drawdown",
            ),
            key="drawdown",
            description=f"The deepest in each bucket, in percent below the highest equity. From {DRAWDOWN} % on: halt "
            "the strategy and call its owner.",
            unit="percent",
            min=0,
            soft_max=DRAWDOWN,
            width=12,
            fill_opacity=10,
            threshold_style="dashed",
            legend=Legend("table", calcs=("lastNotNull", "max"), placement="right"),
            thresholds=RISK,
            data_links=(ONE_STRATEGY,),
        ),
    ),
)

ORDERS_ROW = Row(
    "Orders",
    (
        TimeSeries(
            "Orders placed",
            _orders("orders_placed"),
            key="orders-placed",
            description="Orders placed per minute. At 0 while the strategy writes rows: it is halted or has no "
            "signal. Many times the usual: it loops; halt it.",
            unit=CustomUnit("suffix:/min"),
            min=0,
            min_interval="1m",
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            data_links=(ONE_STRATEGY,),
        ),
        TimeSeries(
            "Orders filled",
            _orders("orders_filled"),
            key="orders-filled",
            description="Orders filled per minute. Falls while the placed ones don't: see the fill rate.",
            unit=CustomUnit("suffix:/min"),
            min=0,
            min_interval="1m",
            legend=Legend("table", calcs=("mean", "max"), placement="right"),
            data_links=(ONE_STRATEGY,),
        ),
        TimeSeries(
            "Fill rate over time",
            Query(
                f"""
                SELECT timestamp AS time, strategy AS metric,
                       CASE WHEN sum(orders_placed) > 0 THEN 1.0 * sum(orders_filled) / sum(orders_placed) END AS Value
                FROM trading_metrics
                WHERE {IN_RANGE}
                {BY_BUCKET}
                ORDER BY time
                """,
                name="fill_rate",
            ),
            key="fill-rate",
            description="Orders filled per order placed, over all orders of a bucket; a hole where none was placed. "
            f"Below {FILL_RATE:.0%}: compare venues; one of them may reject.",
            unit="percentunit",
            min=0,
            soft_max=1,
            min_interval="1m",
            span_nulls=3_600_000,
            threshold_style="dashed",
            legend=Legend("table", calcs=("mean", "min"), placement="right"),
            thresholds=FILLS,
            data_links=(ONE_STRATEGY,),
        ),
        BarGauge(
            "Exposure by strategy",
            f"SELECT strategy, sum(exposure) AS exposure FROM {POSITIONS} ORDER BY exposure DESC, strategy LIMIT 50",
            key="exposure-by-strategy",
            description="Who carries the risk. One bar far above the others: that strategy alone decides the result.",
            width=12,
            height=8,
            all_values=True,
            unit="currencyUSD",
            min=0,
            thresholds=Thresholds("blue"),
            data_links=(THIS_STRATEGY,),
        ),
    ),
)

TRADING = Dashboard(
    uid="trading",
    title="Trading",
    description="Result, risk and orders of the strategies.",
    tags=TAGS,
    refresh="5s",
    folder="daemons",
    links=LINKS,
    variables=(ENV, STRATEGY),
    rows=(NOW_ROW, POSITIONS_ROW, RESULT_ROW, RISK_ROW, ORDERS_ROW),
)
