"""Counters that start from 0 with their process."""

from collections.abc import Mapping
from typing import Literal

from dashgen import Ignore
from specs.sql.times import BY_BUCKET, NOW, START, bucket_of


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
    else:
        read.append(f"lag(timestamp) {over} AS pt")
    grown = [f"CASE WHEN {fallen} THEN c_{name} ELSE c_{name} - p_{name} END AS {name}" for name in counters]
    since, first = "timestamp - pt", "pt"
    if uptime:
        since, first = f"cast(1000000 * CASE WHEN {fallen} THEN up ELSE up - was_up END AS LONG)", "was_up"
    restarted = f"CASE WHEN {fallen} THEN 1 ELSE 0 END AS restarts"
    return f"""(
        SELECT timestamp, {by}, {", ".join(grown)}, {since} AS dt, {restarted}
        FROM (
            SELECT timestamp, {by}, {", ".join(read)}
            FROM {table}
            WHERE timestamp BETWEEN dateadd('s', -{look_back}, {start}) AND {end} AND {condition}
        )
        WHERE {first} IS NOT NULL
    )"""


def rate(table: str, counter: str, *, by: str, label: str, condition: str, uptime: str) -> str:
    """Increase per second, exact at every zoom: the sum of the increases over the sum of the times between rows, so
    that neither a restart, a missing row nor a bucket cut short changes it. `uptime` is a column in seconds."""
    source = _sums(table, {"d": counter, "dt": uptime}, by=by, condition=condition, uptime="dt")
    return f"""
    SELECT time, {label} AS metric, CASE WHEN sum(dt) > 0 THEN 1.0 * sum(d) / sum(dt) END AS Value
    FROM {source}
    WHERE time >= {START}
    GROUP BY time, {label}
    ORDER BY time
    """


def ratio(table: str, part: str, whole: str, *, by: str, label: str, condition: str, uptime: str) -> str:
    """Increase of one counter per increase of another; null where that did not grow."""
    source = _sums(table, {"part": part, "whole": whole, "up": uptime}, by=by, condition=condition, uptime="up")
    return f"""
    SELECT time, {label} AS metric, CASE WHEN sum(whole) > 0 THEN 1.0 * sum(part) / sum(whole) END AS Value
    FROM {source}
    WHERE time >= {START}
    GROUP BY time, {label}
    ORDER BY time
    """


def _sums(table: str, counters: Mapping[str, str], *, by: str, condition: str, uptime: str) -> str:
    """A relation whose rows add up, bucket by bucket (`time`), to the sums of `increases`. `uptime` is the one of
    `counters` (name → column) that falls with a restart, and with which the others then count from 0.

    The increases of a bucket add up to its last value less the last one before, and what was reached before each
    restart in it. So most rows are met by a GROUP BY, which QuestDB runs on all cores: a third less time than
    sums over `increases` of 1.3 million rows (docs/queries.md).
    """
    over = f"OVER (PARTITION BY {by} ORDER BY timestamp)"
    rows = f"FROM {table} WHERE timestamp BETWEEN dateadd('s', -60, {START}) AND {NOW} AND {condition}"
    ends = ", ".join(f"first({column}) AS f_{name}, last({column}) AS l_{name}" for name, column in counters.items())
    before = ", ".join(f"lag(l_{name}) {over} AS b_{name}" for name in counters)
    grown = ", ".join(f"l_{name} - coalesce(b_{name}, f_{name}) AS {name}" for name in counters)
    values = ", ".join(f"f_{name}, l_{name}" for name in counters)
    lags = ", ".join(f"lag({column}) {over} AS {name}" for name, column in counters.items())
    return f"""(
        SELECT timestamp AS time, {by}, {grown}
        FROM (
            SELECT timestamp, {by}, {values}, {before}
            FROM (SELECT timestamp, {by}, {ends} {rows} {BY_BUCKET})
        )
        UNION ALL
        SELECT {bucket_of("timestamp")} AS time, {by}, {", ".join(counters)}
        FROM (SELECT timestamp, {by}, {counters[uptime]} AS now_up, {lags} {rows})
        WHERE now_up < {uptime}
    )"""


WITH_RESTARTS = tuple(
    Ignore(code, reason="a bucket's sum has what each counter had reached before a restart in it")
    for code in ("DG305", "DG307")
)
"""Of panels that draw a `rate` or a `ratio`."""


def rises(table: str, counter: str, *, by: str, condition: str, look_back: int) -> str:
    """A relation of the rows in which a counter changed, by how much it rose `amount`. One that fell was restarted and
    has counted from 0 since. `look_back` seconds are read before the range."""
    return f"""(
        SELECT timestamp, {by}, CASE WHEN c < p THEN c ELSE c - p END AS amount
        FROM ({_beside_before(table, counter, by, condition, look_back)})
        WHERE p IS NOT NULL AND c <> p
    )"""


def restarts(table: str, uptime: str, *, by: str, condition: str, look_back: int) -> str:
    """A relation of the first row of each process, with the `amount` 1: `uptime`, a column in seconds, has fallen."""
    return f"""(
        SELECT timestamp, {by}, 1L AS amount
        FROM ({_beside_before(table, uptime, by, condition, look_back)})
        WHERE c < p
    )"""


def _beside_before(table: str, column: str, by: str, condition: str, look_back: int) -> str:
    """The column as `c`, beside that of the row before as `p`. One window function, as each costs a pass over all
    rows."""
    return f"""
        SELECT timestamp, {by}, {column} AS c, lag({column}) OVER (PARTITION BY {by} ORDER BY timestamp) AS p
        FROM {table}
        WHERE timestamp BETWEEN dateadd('s', -{look_back}, {START}) AND {NOW} AND {condition}
    """


def recent(
    events: str, *, table: str, condition: str, minutes: int, by: str, label: str,
    aggregate: Literal["sum", "max"] = "sum",
) -> str:  # fmt: skip
    """Sum or maximum of the `amount` of events over the last `minutes`, the highest of each bucket: what an alert over
    such a window would judge, at every zoom.

    It is the highest in the moment of an event, or at the start of a bucket, so no other moment is asked. A bucket
    without rows of `table` has no value. `events` are read from `minutes` before the range.
    """
    return f"""
    SELECT timestamp AS time, {label} AS metric, max(recent) AS Value
    FROM (
        SELECT timestamp, {by},
               {aggregate}(amount) OVER (PARTITION BY {by} ORDER BY timestamp
                                   RANGE BETWEEN {minutes} MINUTE PRECEDING AND CURRENT ROW) AS recent
        FROM (
            SELECT timestamp, {by}, {aggregate}(amount) AS amount
            FROM (
                SELECT timestamp, {by}, amount FROM {events}
                UNION ALL
                SELECT timestamp, {by}, 0 * count() AS amount
                FROM {table}
                WHERE timestamp BETWEEN {START} AND {NOW} AND {condition}
                {BY_BUCKET}
            )
            GROUP BY timestamp, {by}
            ORDER BY timestamp
        )
    )
    WHERE timestamp >= {START}
    {BY_BUCKET}
    ORDER BY time
    """
