"""Strategies: amounts that stay as they are until the next row."""

from specs.sql.times import LAST_WEEK, NOW, START


def positions(condition: str) -> str:
    """The latest row of each strategy, pair and venue."""
    return f"""(
        SELECT strategy, symbol, venue, timestamp AS at, position_size AS position, exposure,
               unrealized_pnl AS unrealized, pnl, drawdown, fill_rate
        FROM trading_metrics
        WHERE {LAST_WEEK} AND {condition}
        LATEST ON timestamp PARTITION BY strategy, symbol, venue, env
    )"""


def carried(column: str, condition: str) -> str:
    """Sum by strategy of the latest value of each pair and venue, carried over buckets without a row: a series that
    writes a moment later than the others must not look like a fall of the sum. Whether a strategy is alive is another
    panel's matter.
    """
    return f"""
    SELECT time, strategy AS metric, sum(value) AS Value
    FROM (
        SELECT timestamp AS time, strategy, symbol, venue, last({column}) AS value
        FROM trading_metrics
        WHERE timestamp BETWEEN {START} AND {NOW} AND {condition}
        SAMPLE BY $__sampleByInterval FILL(PREV) ALIGN TO CALENDAR
    )
    GROUP BY time, strategy
    ORDER BY time
    """
