"""Trading: paused until strategies write rows."""

from dashgen import AlertRule, if_labels
from specs.alerts.shared import AWAY, TRADING_DESK, VALUE, ask, described, first, runbook
from specs.dashboards.trading import TRADING
from specs.limits import DRAWDOWN, FILL_MINUTES, FILL_ORDERS, FILL_RATE
from specs.notifications import PAGE, TELL
from specs.sql import IN_ENV, LAST_DAY

DEEP = AlertRule(
    uid="trading-drawdown",
    title="Drawdown",
    query=f"""
    SELECT strategy, max(drawdown) AS value
    FROM (
        SELECT strategy, drawdown FROM trading_metrics WHERE {LAST_DAY} AND {IN_ENV}
        LATEST ON timestamp PARTITION BY strategy, symbol, venue, env
    )
    """,
    threshold=DRAWDOWN,
    # money is lost while a page waits; one that hovers at the limit is one page
    keep_firing_for="5m",
    on_error=AWAY,
    severity="critical",
    channels=PAGE,
    owner=TRADING_DESK,
    summary=if_labels(
        f"{{{{ $labels.strategy }}}} is {VALUE} % below its highest equity", "Nobody sees how deep drawdowns are"
    ),
    description=described(
        "The deepest of its pairs. Halt the strategy first; then look whether the market or an error did it.",
        label="strategy",
    ),
    command=first(
        ask(
            "SELECT timestamp, symbol, venue, drawdown, position_size FROM trading_metrics"
            " WHERE strategy = '{{ $labels.strategy }}' ORDER BY timestamp DESC LIMIT 20"
        ),
        label="strategy",
    ),
    annotations=runbook("trading-drawdown", label="strategy"),
    panel=TRADING["drawdown"],
    link_variables=("strategy",),
    paused=True,
)

UNFILLED = AlertRule(
    uid="trading-fill-rate",
    title="Fill rate",
    query=f"""
    SELECT strategy,
           CASE WHEN sum(orders_placed) < {FILL_ORDERS} THEN 100.0
                ELSE 100.0 * sum(orders_filled) / sum(orders_placed) END AS value
    FROM trading_metrics
    WHERE $__timeFilter(timestamp) AND {IN_ENV}
    """,
    window=f"{FILL_MINUTES}m",
    threshold=100 * FILL_RATE,
    fires="below",
    for_duration="5m",
    severity="warning",
    channels=TELL,
    owner=TRADING_DESK,
    summary=if_labels(
        f"Only {VALUE} % of the orders of {{{{ $labels.strategy }}}} are filled",
        "Nobody sees how many orders are filled",
    ),
    description=described(
        f"Over {FILL_MINUTES} minutes, with at least {FILL_ORDERS} orders. Prices are too far off, or a venue rejects.",
        label="strategy",
    ),
    command=first(
        ask(
            "SELECT venue, sum(orders_placed), sum(orders_filled) FROM trading_metrics"
            " WHERE strategy = '{{ $labels.strategy }}' AND timestamp > dateadd('h', -1, now())"
        ),
        label="strategy",
    ),
    annotations=runbook("trading-fill-rate", label="strategy"),
    panel=TRADING["fill-rate"],
    link_variables=("strategy",),
    paused=True,
)

STRATEGY_RULES = (DEEP, UNFILLED)
