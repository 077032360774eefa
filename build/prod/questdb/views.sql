-- Rendered by dashgen; edit the specs, not this file.

CREATE MATERIALIZED VIEW IF NOT EXISTS exchange_1m WITH BASE exchange_status AS (
    SELECT timestamp, exchange, host, env, last(reconnect_count) AS reconnect_count
    FROM exchange_status
    SAMPLE BY 1m
) PARTITION BY DAY TTL 90 DAYS;

CREATE MATERIALIZED VIEW IF NOT EXISTS pipeline_1m WITH BASE pipeline_metrics AS (
    SELECT timestamp, exchange, data_type, host, env,
           sum(records_count) AS records, sum(bytes_written) AS bytes,
           sum(latency_ms) AS latency_sum, count(latency_ms) AS latency_n, max(latency_ms) AS latency_max,
           sum(CASE WHEN gap_detected THEN coalesce(gap_duration_seconds, 0.0) ELSE 0.0 END) AS gap_seconds,
           max(CASE WHEN gap_detected THEN coalesce(gap_duration_seconds, 0.0) ELSE 0.0 END) AS gap_max,
           max(CASE WHEN records_count > 0 THEN timestamp END) AS record_at
    FROM pipeline_metrics
    SAMPLE BY 1m
) PARTITION BY DAY TTL 90 DAYS;
