"""Rows of an environment where everything that an alert is for has happened; the last hour before END."""

from __future__ import annotations

from collections.abc import Iterator

from tests.specs.staging import AT, END, moments

LAST = int(END.timestamp())
HOUR = 3600 / 86400
NULL_TIME = "cast(null AS TIMESTAMP)"


def daemons() -> Iterator[tuple[str, str]]:
    """Host, and its uptime, counters and state: `fetch, error, liquidation, uptime, running`."""
    yield "down", "t % 90000 * 7, 0L, 0L, cast(t % 90000 AS DOUBLE), false"
    yield "failing", "t % 90000 * 7, t % 90000, 0L, cast(t % 90000 AS DOUBLE), true"
    yield "looping", "t % 240 * 7, 0L, 0L, cast(t % 240 AS DOUBLE), true"
    yield "calm", "t % 90000 / 60, t % 90000 / 60, 0L, cast(t % 90000 AS DOUBLE), true"


def statements() -> Iterator[str]:
    for host, values in daemons():
        yield f"INSERT INTO daemon_metrics SELECT {AT}, '{host}', 'broken', {values}, null FROM {moments(HOUR)}"
    fine = f"0L, {AT}, {NULL_TIME}"
    for exchange, connected, latency, rest in (
        ("okx", f"t < {LAST - 600}", "20.0", f"0L, {AT}, CASE WHEN t < {LAST - 600} THEN null ELSE {AT} END"),
        ("bybit", "true", "20.0", f"0L, cast(least(t, {LAST - 300}) * 1000000L AS TIMESTAMP), {NULL_TIME}"),
        ("binance", "true", "20.0", f"t % 90000 / 60, {AT}, {NULL_TIME}"),
        ("dydx", "true", "800.0", fine),
    ):
        yield (
            f"INSERT INTO exchange_status SELECT {AT}, '{exchange}', 'calm', 'broken', {connected}, {latency}, {rest}"
            f" FROM {moments(HOUR)}"
        )
    for exchange, kind, source, gap in (
        ("okx", "oi", moments(HOUR, until=600), "false, null"),
        ("bybit", "funding", moments(HOUR, until=2000), "false, null"),
        ("binance", "liquidation", moments(3 * HOUR, until=4000), "false, null"),
        ("dydx", "oi", moments(HOUR), "true, 5.0"),
    ):
        yield (
            f"INSERT INTO pipeline_metrics SELECT {AT}, '{exchange}', 'BTC', '{kind}', 'calm', 'broken', 30, 3000, 5.0,"
            f" {gap} FROM {source}"
        )
    yield (
        f"INSERT INTO trading_metrics SELECT {AT}, 'falling', 'BTC', 'okx', 'broken', 1.0, 1.0, 1.0, 10, 1, 0.1,"
        f" 1.0, 15.0 FROM {moments(HOUR)}"
    )
