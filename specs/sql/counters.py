"""Counters that start from 0 with their process."""

from collections.abc import Mapping
from typing import Literal

from specs.sql.times import BY_BUCKET, NOW, START


def increases(
    table: str,
    counters: Mapping[str, str],
    *,
    by: str,
    condition: str,
    uptime: str = "",
    start: str = START,
    end: str = NOW,
    look_back: int = 60,
) -> str:
    """A relation with each row's increase of `counters` (name → column) since the row before, in `dt` microseconds.
    `condition` says which environment.

    A counter that fell was restarted and has counted from 0 since; `uptime` (a column in seconds) says so even where
    the counter has overtaken itself meanwhile, and since when. `look_back` seconds before `start` bring the first
    row's predecessor, so that the first bucket is no drop.
    """
    fallen = f"c_{next(iter(counters))} < p_{next(iter(counters))}"
    over = f"OVER (PARTITION BY {by} ORDER BY timestamp)"
    if uptime:
        fallen = "up < was_up"
    read = [f"{column} AS c_{name}, lag({column}) {over} AS p_{name}" for name, column in counters.items()]
    if uptime:
        read.append(f"{uptime} AS up, lag({uptime}) {over} AS was_up")
    grown = [f"CASE WHEN {fallen} THEN c_{name} ELSE c_{name} - p_{name} END AS {name}" for name in counters]
    since = "timestamp - pt"
    if uptime:
        since = f"CASE WHEN {fallen} THEN least(timestamp - pt, cast(up * 1000000 AS LONG)) ELSE timestamp - pt END"
    restarted = f"CASE WHEN {fallen} THEN 1 ELSE 0 END AS restarts"
    return f"""(
        SELECT timestamp, {by}, {", ".join(grown)}, {since} AS dt, {restarted}
        FROM (
            SELECT timestamp, {by}, {", ".join(read)}, lag(timestamp) {over} AS pt
            FROM {table}
            WHERE timestamp BETWEEN dateadd('s', -{look_back}, {start}) AND {end} AND {condition}
        )
        WHERE pt IS NOT NULL
    )"""


def rate(table: str, counter: str, *, by: str, label: str, condition: str, uptime: str = "") -> str:
    """Increase per second, exact at every zoom: the sum of the increases over the sum of the times between rows, so
    that neither a restart, a missing row nor a bucket cut short changes it."""
    source = increases(table, {"d": counter}, by=by, condition=condition, uptime=uptime)
    return f"""
    SELECT timestamp AS time, {label} AS metric, CASE WHEN sum(dt) > 0 THEN sum(d) * 1000000.0 / sum(dt) END AS Value
    FROM {source}
    WHERE timestamp >= {START}
    {BY_BUCKET}
    ORDER BY time
    """


def ratio(table: str, part: str, whole: str, *, by: str, label: str, condition: str, uptime: str = "") -> str:
    """Increase of one counter per increase of another; null where that did not grow."""
    source = increases(table, {"part": part, "whole": whole}, by=by, condition=condition, uptime=uptime)
    return f"""
    SELECT timestamp AS time, {label} AS metric, CASE WHEN sum(whole) > 0 THEN 1.0 * sum(part) / sum(whole) END AS Value
    FROM {source}
    WHERE timestamp >= {START}
    {BY_BUCKET}
    ORDER BY time
    """


def recent(
    source: str, value: str, *, minutes: int, by: str, label: str, aggregate: Literal["sum", "max"] = "sum"
) -> str:
    """Sum or maximum of `value` over the last `minutes`, at each moment, the highest of each bucket: what an alert over
    such a window would judge, at every zoom. `source` is read from `minutes` before the range."""
    return f"""
    SELECT timestamp AS time, {label} AS metric, max(recent) AS Value
    FROM (
        SELECT timestamp, {by},
               {aggregate}({value}) OVER (PARTITION BY {by} ORDER BY timestamp
                                  RANGE BETWEEN {minutes} MINUTE PRECEDING AND CURRENT ROW) AS recent
        FROM {source}
    )
    WHERE timestamp >= {START}
    {BY_BUCKET}
    ORDER BY time
    """
