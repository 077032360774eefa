"""Rows that say what happened in their interval."""

from typing import Literal

from specs.sql.times import BY_BUCKET, NOW, START, WRITE_INTERVAL, bucket_end

Grain = Literal["10s", "1m"]
"""How long an interval is that one row sums up: that of a write, or the bucket of a view."""


def per_second(table: str, value: str, *, grain: Grain, label: str, condition: str, per: float = 1.0) -> str:
    """Sum per second (times `per`) by bucket, divided by the real length of the bucket.

    The interval that is still filling is left out, and one write interval of grace lets late rows in; the last bucket
    ends there. The width must be a multiple of the grain: give a panel over 10 s rows `min_interval="1m"`.
    """
    cut = f"timestamp_floor('{grain}', dateadd('s', -{WRITE_INTERVAL}, {NOW}))"
    return f"""
    SELECT time, metric, total * {per} / datediff('s', time, least({bucket_end("time")}, {cut})) AS Value
    FROM (
        SELECT timestamp AS time, {label} AS metric, sum({value}) AS total
        FROM {table}
        WHERE timestamp >= {START} AND timestamp < {cut} AND {condition}
        {BY_BUCKET}
    )
    ORDER BY time
    """


def mean(table: str, total: str, count: str, *, label: str, condition: str) -> str:
    """Weighted mean of what a view has summed: a mean of means would weigh a quiet minute like a busy one."""
    return f"""
    SELECT timestamp AS time, {label} AS metric,
           CASE WHEN sum({count}) > 0 THEN sum({total}) / sum({count}) END AS Value
    FROM {table}
    WHERE timestamp BETWEEN {START} AND {NOW} AND {condition}
    {BY_BUCKET}
    ORDER BY time
    """
