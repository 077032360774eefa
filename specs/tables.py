"""The tables that the daemons write and the dashboards read.

They differ from the first draft of the data model where the server was measured to need it (docs/facts/questdb.md):

- `env` is in every dedup key, and the two tables without keys have all their dimensions. Without `env`, a
  staging row of the same moment, exchange and host replaces the production row; without keys, a client's
  retry doubles the sums.
- `TTL` stands in the DDL before `WAL`, the only place that the parser takes it in, and replaces the cleanup
  script: a dropped partition invalidates the views over a table, a TTL does not.
- `NOT NULL` is left out: the server ignores it, and a null in a required column is refused here instead.
- Symbol capacities are powers of two, which the server would round to.

Every writer adds one row per series each 10 s, at a multiple of 10 s: rows of the same moment are the same
row only when their timestamps agree to the microsecond.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len

from dashgen import (
    Designated,
    Doc,
    MaterializedView,
    Monotonic,
    NotAfter,
    OnlyWhile,
    Ratio,
    ReconnectCounter,
    SetExactlyWhileNot,
    Symbol,
    table,
)

Moment = Annotated[datetime, Designated(), Doc("When the row was measured, UTC.")]
Host = Annotated[str, Symbol(1024), Len(1, 255), Doc("Name of the host that the daemon runs on.")]
Env = Annotated[Literal["prod", "staging", "dev"], Symbol(16), Doc("Environment that the row comes from.")]
Exchange = Annotated[Literal["binance", "bybit", "okx", "dydx"], Symbol(256), Doc("Exchange.")]
Pair = Annotated[str, Symbol(16384), Len(1, 255), Doc("Traded pair as CCXT writes it: BTC/USDT:USDT.")]
Count = Annotated[int, Ge(0)]
Amount = Annotated[float, Ge(0)]


@table(
    name="daemon_metrics",
    ttl="90 DAYS",
    dedup=("timestamp", "host", "env"),
    write_interval="10s",
    rules=(
        Monotonic("fetch_count", resets_with="uptime_seconds"),
        Monotonic("error_count", resets_with="uptime_seconds"),
        Monotonic("liquidation_count", resets_with="uptime_seconds"),
    ),
)
class DaemonMetrics:
    """State and counters of one daemon. The counters start from 0 with the process."""

    timestamp: Moment
    host: Host
    env: Env
    fetch_count: Annotated[Count, Doc("Open interest and funding fetches since the start.")]
    error_count: Annotated[Count, Doc("Errors since the start.")]
    liquidation_count: Annotated[Count, Doc("Liquidations streamed since the start.")]
    uptime_seconds: Annotated[Amount, Doc("Time since the start.", "s")]
    running: Annotated[bool, Doc("Whether the daemon does its work.")]
    last_error: Annotated[str | None, Doc("Text of the latest error since the start; null without one.")] = None


@table(
    name="exchange_status",
    ttl="90 DAYS",
    dedup=("timestamp", "exchange", "host", "env"),
    write_interval="10s",
    rules=(
        NotAfter("last_message_at", "timestamp"),
        NotAfter("disconnected_at", "timestamp"),
        SetExactlyWhileNot("disconnected_at", "connected"),
        ReconnectCounter("connected", since="disconnected_at", reconnects="reconnect_count"),
    ),
    views=(
        MaterializedView(
            name="exchange_1m",
            bucket="1m",
            sql="""
SELECT timestamp, exchange, host, env, last(reconnect_count) AS reconnect_count
FROM exchange_status
SAMPLE BY 1m
""",
            ttl="90 DAYS",
            doc="The counter by the minute: reconnects of a month are found in a sixth of the rows.",
        ),
    ),
)
class ExchangeStatus:
    """Connection of one daemon to one exchange."""

    timestamp: Moment
    exchange: Exchange
    host: Host
    env: Env
    connected: Annotated[bool, Doc("Whether the WebSocket is connected.")]
    latency_ms: Annotated[float, Ge(0), Le(10_000), Doc("Round trip; while disconnected the last one known.", "ms")]
    reconnect_count: Annotated[Count, Doc("Reconnects since the daemon's start.")]
    last_message_at: Annotated[datetime | None, Doc("Moment of the latest message; null before the first.")] = None
    disconnected_at: Annotated[datetime | None, Doc("Moment of the disconnect; null while connected.")] = None


@table(
    name="pipeline_metrics",
    ttl="90 DAYS",
    dedup=("timestamp", "exchange", "symbol", "data_type", "host", "env"),
    write_interval="10s",
    rules=(OnlyWhile("gap_duration_seconds", "gap_detected"),),
    views=(
        MaterializedView(
            name="pipeline_1m",
            bucket="1m",
            sql="""
SELECT timestamp, exchange, data_type, host, env,
       sum(records_count) AS records, sum(bytes_written) AS bytes,
       sum(latency_ms) AS latency_sum, count(latency_ms) AS latency_n, max(latency_ms) AS latency_max,
       sum(CASE WHEN gap_detected THEN coalesce(gap_duration_seconds, 0.0) ELSE 0.0 END) AS gap_seconds,
       max(CASE WHEN gap_detected THEN coalesce(gap_duration_seconds, 0.0) ELSE 0.0 END) AS gap_max,
       max(CASE WHEN records_count > 0 THEN timestamp END) AS record_at
FROM pipeline_metrics
SAMPLE BY 1m
""",
            ttl="90 DAYS",
            doc="Throughput by the minute, over all symbols: long ranges read it instead of the rows.",
        ),
    ),
)
class PipelineMetrics:
    """What one pipeline wrote in one interval of 10 s."""

    timestamp: Moment
    exchange: Exchange
    symbol: Pair
    data_type: Annotated[Literal["oi", "funding", "liquidation"], Symbol(16), Doc("Kind of data.")]
    host: Host
    env: Env
    records_count: Annotated[Count, Doc("Records in the interval.")]
    bytes_written: Annotated[Count, Doc("Bytes written to storage in the interval.", "bytes")]
    latency_ms: Annotated[Amount, Doc("Processing latency.", "ms")]
    gap_detected: Annotated[bool, Doc("Whether data was found to be missing.")] = False
    gap_duration_seconds: Annotated[
        Annotated[float, Ge(0)] | None, Doc("Length of the gap; null without one.", "s")
    ] = None


@table(
    name="trading_metrics",
    ttl="365 DAYS",
    dedup=("timestamp", "strategy", "symbol", "venue", "env"),
    write_interval="10s",
    rules=(Ratio("fill_rate", part="orders_filled", whole="orders_placed"),),
)
class TradingMetrics:
    """Performance of one strategy on one pair.

    `pnl` is cumulative: what was realized since the strategy's start, so that a panel shows it without
    summing. `drawdown` is a positive percentage: 12.5 is 12.5 % below the highest equity. `fill_rate` is null
    in an interval without orders, where 0 would read as "none was filled"; it may exceed 1, as orders of an
    earlier interval fill.
    """

    timestamp: Moment
    strategy: Annotated[str, Symbol(1024), Len(1, 255), Doc("Name of the strategy.")]
    symbol: Pair
    venue: Annotated[str, Symbol(256), Len(1, 255), Doc("Exchange that the strategy trades at.")]
    env: Env
    pnl: Annotated[float, Doc("Realized profit or loss since the start.", "USD")]
    unrealized_pnl: Annotated[float, Doc("Profit or loss of the open position.", "USD")]
    position_size: Annotated[float, Doc("Position; negative is short.", "contracts")]
    orders_placed: Annotated[Count, Doc("Orders placed in the interval.")] = 0
    orders_filled: Annotated[Count, Doc("Orders filled in the interval.")] = 0
    fill_rate: Annotated[Annotated[float, Ge(0)] | None, Doc("Filled / placed; null without orders.")] = None
    exposure: Annotated[float, Doc("Total exposure.", "USD")] = 0.0
    drawdown: Annotated[float, Ge(0), Le(100), Doc("Below the highest equity.", "percent")] = 0.0
