-- Rendered by dashgen; edit the specs, not this file.

CREATE TABLE IF NOT EXISTS daemon_metrics (
    timestamp TIMESTAMP,
    host SYMBOL CAPACITY 1024,
    env SYMBOL CAPACITY 16,
    fetch_count LONG,
    error_count LONG,
    liquidation_count LONG,
    uptime_seconds DOUBLE,
    running BOOLEAN,
    last_error VARCHAR
) TIMESTAMP(timestamp) PARTITION BY DAY TTL 90 DAYS WAL
DEDUP UPSERT KEYS(timestamp, host, env);

CREATE TABLE IF NOT EXISTS exchange_status (
    timestamp TIMESTAMP,
    exchange SYMBOL CAPACITY 256,
    host SYMBOL CAPACITY 1024,
    env SYMBOL CAPACITY 16,
    connected BOOLEAN,
    latency_ms DOUBLE,
    reconnect_count LONG,
    last_message_at TIMESTAMP,
    disconnected_at TIMESTAMP
) TIMESTAMP(timestamp) PARTITION BY DAY TTL 90 DAYS WAL
DEDUP UPSERT KEYS(timestamp, exchange, host, env);

CREATE TABLE IF NOT EXISTS pipeline_metrics (
    timestamp TIMESTAMP,
    exchange SYMBOL CAPACITY 256,
    symbol SYMBOL CAPACITY 16384,
    data_type SYMBOL CAPACITY 16,
    host SYMBOL CAPACITY 1024,
    env SYMBOL CAPACITY 16,
    records_count LONG,
    bytes_written LONG,
    latency_ms DOUBLE,
    gap_detected BOOLEAN,
    gap_duration_seconds DOUBLE
) TIMESTAMP(timestamp) PARTITION BY DAY TTL 90 DAYS WAL
DEDUP UPSERT KEYS(timestamp, exchange, symbol, data_type, host, env);

CREATE TABLE IF NOT EXISTS trading_metrics (
    timestamp TIMESTAMP,
    strategy SYMBOL CAPACITY 1024,
    symbol SYMBOL CAPACITY 16384,
    venue SYMBOL CAPACITY 256,
    env SYMBOL CAPACITY 16,
    pnl DOUBLE,
    unrealized_pnl DOUBLE,
    position_size DOUBLE,
    orders_placed LONG,
    orders_filled LONG,
    fill_rate DOUBLE,
    exposure DOUBLE,
    drawdown DOUBLE
) TIMESTAMP(timestamp) PARTITION BY DAY TTL 365 DAYS WAL
DEDUP UPSERT KEYS(timestamp, strategy, symbol, venue, env);
