"""Rows of `staging`, whose truth is known by construction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

END = datetime(2025, 3, 1, 12, 34, 57, 123000, tzinfo=UTC)
"""The right edge of every range: in no bucket's beginning, and 7 s after the last row."""

STEADY_DAYS = 31
STOPPED = 40 * 60
"""Seconds before END at which whatever stops in `staging` stops."""

HOLE = (10800, 9000)
"""Seconds before END between which `holey` wrote nothing."""

OUTAGE = (60 * 60, 50 * 60)
"""Seconds before END between which `dydx` said that it was disconnected."""

ZOMBIE = 600
"""Seconds before END at which `bybit` on `steady` got its last message, while it stayed connected."""


def moments(days: float, *, until: int = 0, without: tuple[int, int] = (0, 0)) -> str:
    """A relation of `t` (seconds since 1970, each 10 s), from `days` before END until `until` seconds before it."""
    last = int(END.timestamp())
    first = last // 10 * 10 - round(days * 8640) * 10
    return (
        f"(SELECT {first} + (x - 1) * 10 AS t FROM long_sequence({(last - first) // 10 + 1})"
        f" WHERE {first} + (x - 1) * 10 <= {last - until}"
        f" AND NOT ({first} + (x - 1) * 10 BETWEEN {last - without[0]} AND {last - without[1]}))"
    )


AT = "cast(t * 1000000 AS TIMESTAMP)"
LIFE = 100_003
"""Seconds from a start to the next one: no multiple of anything, so that restarts fall anywhere in a bucket."""


def staging() -> Iterator[str]:
    """Daemons that fetch 7, fail 1 and stream 2 times a second of their life, whatever its length."""
    for host, source in (
        ("steady", moments(STEADY_DAYS)),
        ("stopper", moments(2, until=STOPPED)),
        ("holey", moments(2, without=HOLE)),
        ("o''brien", moments(2)),
    ):
        yield (
            "INSERT INTO daemon_metrics SELECT"
            f" {AT}, '{host}', 'staging', 7 * up, up, 2 * up, cast(up AS DOUBLE), true, null"
            f" FROM (SELECT t, t % {LIFE} AS up FROM {source})"
        )
    connected = "cast(null AS TIMESTAMP)"
    for exchange, host, source in (
        ("okx", "steady", moments(2)),
        ("binance", "stopper", moments(2, until=STOPPED)),
        ("bybit", "holey", moments(2, without=HOLE)),
    ):
        yield (
            f"INSERT INTO exchange_status SELECT {AT}, '{exchange}', '{host}', 'staging', true, 20.0, 0L, {AT},"
            f" {connected} FROM {source}"
        )
    last = int(END.timestamp())
    began = f"cast({last - OUTAGE[0]} * 1000000L AS TIMESTAMP)"
    down = f"t BETWEEN {last - OUTAGE[0]} AND {last - OUTAGE[1]}"
    yield (
        f"INSERT INTO exchange_status SELECT {AT}, 'dydx', 'steady', 'staging', NOT ({down}), 20.0,"
        f" CASE WHEN t > {last - OUTAGE[1]} THEN 1 ELSE 0 END, CASE WHEN {down} THEN {began} ELSE {AT} END,"
        f" CASE WHEN {down} THEN {began} ELSE null END FROM {moments(2)}"
    )
    yield (
        "INSERT INTO exchange_status SELECT"
        f" {AT}, 'bybit', 'steady', 'staging', true, 20.0, 0L,"
        f" cast(least(t, {last - ZOMBIE}) * 1000000L AS TIMESTAMP), {connected} FROM {moments(2)}"
    )
    for exchange, kind, records, source in (
        ("okx", "oi", "30", moments(STEADY_DAYS)),
        ("okx", "liquidation", f"CASE WHEN t > {last - 7200} THEN 0 ELSE 30 END", moments(2)),
        ("binance", "oi", "30", moments(2, until=STOPPED)),
    ):
        yield (
            f"INSERT INTO pipeline_metrics SELECT {AT}, '{exchange}', 'BTC', '{kind}', 'steady', 'staging', {records},"
            f" 3000, 5.0, false, null FROM {source}"
        )
    for strategy, source in (("steady", moments(2)), ("stopper", moments(2, until=STOPPED))):
        yield (
            f"INSERT INTO trading_metrics SELECT {AT}, '{strategy}', 'BTC', 'okx', 'staging', 10.0, 1.0, 1.0, 2, 1,"
            f" 0.5, 100.0, 1.0 FROM {source}"
        )
