"""What the demo data look like: days with their rush hours, sparse feeds, spikes, and the incidents of
`specs.incidents`. Parameters: `hosts`, `symbols` (per exchange), `strategies`.
"""

from __future__ import annotations

import math

from dashgen import Demo, table_of
from specs.incidents import FEED, HOST, LINK, RECONNECT_COUNT, STRATEGY
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

DEFAULTS = {"hosts": 5, "symbols": 20, "strategies": 3}
REPLAYED = {"symbols": 5}
"""A symbol for each host: a third of the rows, and all outages."""

_DAY = "7.27220521664304e-5"  # radians a second
_PRIME = 2**31 - 1


def _noise(number: int, at: str = "t") -> str:
    """Between 0 and 1, other for each row and `number`; a hash of the moment and the series, not a random walk.

    A cubic polynomial modulo a prime, in whole numbers that fit 64 bits: several times as fast as a sine.
    """
    hashed = f"(({at} * 7919 + i * 104729 + {{seed}} * 611953 + {number} * 15485863) % {_PRIME})"
    return f"(({hashed} * {hashed} % {_PRIME}) * {hashed} % {_PRIME} / {_PRIME}.0)"


def _name(prefix: str, number: str) -> str:
    return f"concat('{prefix}', lpad(cast({number} + 1 AS STRING), 2, '0'))"


def _choice(number: str, names: tuple[str, ...], beyond: str = "null") -> str:
    """The name with that number, counted from 0; `beyond` the last one."""
    cases = " ".join(f"WHEN {index} THEN '{name}'" for index, name in enumerate(names))
    return f"CASE {number} {cases} ELSE {beyond} END"


_COINS = ("BTC", "ETH", "SOL", "XRP")
_EXCHANGES = ("binance", "bybit", "okx", "dydx")
_HOST = f"CASE WHEN h = 0 AND '{{env}}' = 'dev' THEN 'localhost' ELSE {_name('{env}-server-', 'h')} END"
"""The fleets of `specs.environments`, and more of the kind where there are more hosts."""
_BUSY = f"(1 + 0.6 * sin(t * {_DAY}))"
_QUARTER = 90 * 86400


def _work(start: str, end: str) -> str:
    """The integral of a rate that swings with the day, between two moments: it never falls."""
    return f"({end} - ({start}) - 0.6 / {_DAY} * (cos(({end}) * {_DAY}) - cos(({start}) * {_DAY})))"


DAEMONS = Demo(
    table=table_of(DaemonMetrics),
    series=lambda given: given["hosts"],
    steps=(
        ("h", "i"),
        *HOST,
        ("work", f"CASE WHEN running THEN {_work('t - up + idle', 't')} ELSE 0.0 END"),
        ("failed", f"CASE WHEN ails < 2 AND later > 0 THEN {_work('t - later', 't - later + least(later, lasts)')}"
         " ELSE 0.0 END"),
        ("errors", "cast(floor(up * 0.002) AS LONG) + cast(floor(failed * (2.5 + h * 0.3) * 0.2) AS LONG)"
         " + CASE WHEN fate = 2 THEN 1 ELSE 0 END"),
    ),
    exists="writes",
    columns={
        "host": _HOST,
        "env": "'{env}'",
        "fetch_count": "cast(floor(work * (2.5 + h * 0.3)) AS LONG)",
        "error_count": "errors",
        "liquidation_count": "cast(floor(work * 0.15) AS LONG)",
        "uptime_seconds": "cast(up AS DOUBLE)",
        "running": "running",
        "last_error": "CASE WHEN errors = 0 THEN null WHEN failed > 0 THEN 'HTTP 429: too many requests'"
        " WHEN up * 0.002 >= 1 THEN 'read timed out after 10 s' ELSE 'start failed: the API key was rejected' END",
    },
)  # fmt: skip

EXCHANGES = Demo(
    table=table_of(ExchangeStatus),
    groups=lambda given: given["hosts"],
    shared=(("h", "g"), *HOST),
    series=lambda given: len(_EXCHANGES),
    steps=(("e", "m"), *LINK, *RECONNECT_COUNT),
    exists="writes",
    columns={
        "exchange": _choice("e", _EXCHANGES),
        "host": _HOST,
        "env": "'{env}'",
        "connected": "down < 0",
        "latency_ms": f"25 + 15 * e + 20 * {_noise(1, '(t - missed)')}"
        f" + CASE WHEN slow THEN 600 + 900 * {_noise(2)} WHEN {_noise(2, '(t - missed)')} > 0.997"
        f" THEN 400 + 2000 * {_noise(3, '(t - missed)')} ELSE 0 END",
        "reconnect_count": "CASE WHEN running THEN 1 + reconnects ELSE 0 END",
        "last_message_at": "cast(CASE WHEN NOT running THEN null WHEN missed = 0"
        f" THEN t * 1000000 - cast(900000 * {_noise(4)} AS LONG) ELSE (t - missed) * 1000000 END AS TIMESTAMP)",
        "disconnected_at": "cast(CASE WHEN down < 0 THEN null ELSE (t - missed) * 1000000 END AS TIMESTAMP)",
    },
)

PIPELINES = Demo(
    table=table_of(PipelineMetrics),
    groups=lambda given: given["hosts"] * len(_EXCHANGES),
    shared=(("h", "g / 4"), ("e", "g % 4"), *HOST, *LINK),
    # Symbols go round the hosts.
    series=lambda given: math.ceil(given["symbols"] / given["hosts"]) * 3,
    steps=(
        ("d", "m % 3"),
        ("s", "m / 3 * {hosts} + h"),
        *FEED,
        ("luck", _noise(5)),
        # Open interest comes with each fetch, funding once a minute, liquidations when the market moves.
        ("some", "CASE d"
         f" WHEN 0 THEN cast(floor((40 + 60 / (s + 1)) * {_BUSY} * (0.5 + luck)) AS LONG)"
         " WHEN 1 THEN CASE WHEN (t / 10 + s + e) % 6 = 0 THEN 1 ELSE 0 END"
         f" ELSE CASE WHEN luck > 0.8 THEN cast(floor((6 + 60 / (s + 1)) * {_BUSY} * (luck - 0.8)) AS LONG) + 1 ELSE 0"
         " END END"),
        ("records", "CASE WHEN flows THEN some ELSE 0 END"),
    ),
    exists="writes AND s < {symbols}",
    columns={
        "exchange": _choice("e", _EXCHANGES),
        "symbol": f"concat({_choice('s', _COINS, _name('COIN', 's'))}, '/USDT:USDT')",
        "data_type": _choice("d", ("oi", "funding", "liquidation")),
        "host": _HOST,
        "env": "'{env}'",
        "records_count": "records",
        "bytes_written": "records * 180",
        "latency_ms": f"4 + 6 * {_noise(6)} + CASE WHEN {_noise(7)} > 0.999 THEN 250 ELSE 0 END",
        "gap_detected": "hole > 0",
        "gap_duration_seconds": "CASE WHEN hole > 0 THEN cast(hole AS DOUBLE) ELSE null END",
    },
)  # fmt: skip

TRADING = Demo(
    table=table_of(TradingMetrics),
    series=lambda given: given["strategies"],
    steps=(
        *STRATEGY,
        ("swing", f"sin(t * {_DAY} / 1.7 + i * 1.3 + {{seed}})"),
        ("fall", "CASE WHEN swing > 0.3 THEN (swing - 0.3) * 18 ELSE 0.0 END"),
        ("placed", f"cast(floor({_noise(8)} * 6) AS LONG)"),
        ("filled", f"cast(floor(placed * CASE WHEN unfilled THEN 0.4 * {_noise(9)} ELSE 0.75 + 0.25 * {_noise(9)} END"
         " + 0.4) AS LONG)"),
    ),
    columns={
        "strategy": _choice("i", ("basis", "momentum"), _name("strategy-", "i")),
        "symbol": "'BTC/USDT:USDT'",
        "venue": _choice("i % 2", ("binance", "bybit")),
        "env": "'{env}'",
        # A quarter's book.
        "pnl": f"(t % {_QUARTER}) * 0.01 - 1000 * fall",
        "unrealized_pnl": f"400 * ({_noise(10)} - 0.5) - CASE WHEN wick THEN 5500 ELSE 0 END",
        "position_size": "2.5 * swing",
        "orders_placed": "placed",
        "orders_filled": "filled",
        "fill_rate": "CASE WHEN placed = 0 THEN null ELSE cast(filled AS DOUBLE) / placed END",
        "exposure": "50000 * abs(swing)",
        "drawdown": "fall + CASE WHEN wick THEN 11 ELSE 0 END",
    },
)  # fmt: skip

DEMOS = (DAEMONS, EXCHANGES, PIPELINES, TRADING)
