"""What is bad in the demo data, so that it can be proved that the alerts find it, in time, and find nothing else."""

from dashgen.model.demo import Outage
from specs.limits import DRAWDOWN, GAP_MINUTES

LOST = Outage(
    name="connection lost",
    rule="exchange-disconnected",
    query="""
    SELECT exchange, host, disconnected_at AS since, max(timestamp) AS until
    FROM exchange_status
    WHERE NOT connected AND timestamp BETWEEN {start} AND {end}
    GROUP BY exchange, host, disconnected_at
    """,
    # a row, two minutes, an evaluation
    within="140s",
    at_least="150s",
)

GAP = Outage(
    name="gap",
    rule="pipeline-gaps",
    query="""
    SELECT exchange, min(timestamp) AS since, max(timestamp) AS until
    FROM (
        SELECT timestamp, exchange, symbol, data_type,
               dateadd('s', -cast(gap_duration_seconds AS INT), timestamp) AS began
        FROM pipeline_metrics
        WHERE gap_detected AND timestamp BETWEEN {start} AND {end}
    )
    GROUP BY exchange, symbol, data_type, began
    """,
    # gaps are told as they grow: after 40 s the sum is over a minute; an evaluation is 30 s away
    within="80s",
    at_least="80s",
    echo=f"{GAP_MINUTES}m",
)

LOSS = Outage(
    name="drawdown",
    rule="trading-drawdown",
    query=f"""
    SELECT strategy, min(timestamp) AS since, max(timestamp) AS until
    FROM (
        SELECT timestamp, strategy, deep,
               sum(CASE WHEN deep <> was THEN 1 ELSE 0 END)
                   OVER (PARTITION BY strategy ORDER BY timestamp ROWS UNBOUNDED PRECEDING) AS spell
        FROM (
            SELECT timestamp, strategy, (drawdown > {DRAWDOWN})::int AS deep,
                   lag((drawdown > {DRAWDOWN})::int) OVER (PARTITION BY strategy ORDER BY timestamp) AS was
            FROM trading_metrics
            WHERE timestamp BETWEEN {{start}} AND {{end}}
        )
    )
    WHERE deep = 1
    GROUP BY strategy, spell
    """,
    within="100s",
    at_least="100s",
)

HEARTBEAT = Outage(
    name="heartbeat",
    rule="watchdog",
    query="SELECT cast({start} AS timestamp) AS since, cast({end} AS timestamp) AS until",
    within="1m",
)

OUTAGES = (LOST, GAP, LOSS, HEARTBEAT)
