"""What the demo data look like: days with their rush hours, restarts, an outage of each exchange, spikes,
gaps, a drawdown. Parameters: `hosts`, `symbols` (per exchange), `strategies`.
"""

from __future__ import annotations

from dashgen.model.demo import Demo
from dashgen.model.table import table_of
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

DEFAULTS = {"hosts": 5, "symbols": 20, "strategies": 3}

_DAY = "7.27220521664304e-5"  # radians a second


def _noise(number: int) -> str:
    """Between 0 and 1, other for each row and `number`; a hash of the moment and the series, not a random
    walk.
    """
    wave = f"sin((t % 1000003) * 12.9898 + i * 78.233 + {{seed}} * 3.7 + {number} * 37.719) * 43758.5453"
    return f"({wave} - floor({wave}))"


def _name(prefix: str, number: str) -> str:
    return f"concat('{prefix}', lpad(cast({number} + 1 AS STRING), 2, '0'))"


def _choice(number: str, names: tuple[str, ...], beyond: str = "null") -> str:
    """The name with that number, counted from 0; `beyond` the last one."""
    cases = " ".join(f"WHEN {index} THEN '{name}'" for index, name in enumerate(names))
    return f"CASE {number} {cases} ELSE {beyond} END"


_COINS = ("BTC", "ETH", "SOL", "XRP")
_EXCHANGES = ("binance", "bybit", "okx", "dydx")
_HOST = _name("prod-server-", "h")
_BUSY = f"(1 + 0.6 * sin(t * {_DAY}))"

# Connections are lost for 3 minutes, each exchange with a rhythm of its own of 7 to 10 hours.
_OUTAGES = (
    ("rhythm", "25200 + e * 3600"),
    ("phase", "(t + i * 1327 + {seed} * 977) % rhythm"),
    ("online", "phase >= 180"),
)

DAEMONS = Demo(
    table=table_of(DaemonMetrics),
    series=lambda given: given["hosts"],
    steps=(
        ("h", "i"),
        ("life", "151200 + h * 17280"),
        ("up", "(t + h * 40000 + {seed} * 977) % life"),
        ("born", "t - up"),
        # The integral of a rate that swings with the day, from the start of the process: it never falls.
        ("work", f"up - 0.6 / {_DAY} * (cos(t * {_DAY}) - cos(born * {_DAY}))"),
    ),
    columns={
        "host": _HOST,
        "env": "'prod'",
        "fetch_count": "cast(floor(work * (2.5 + h * 0.3)) AS LONG)",
        "error_count": "cast(floor(up * 0.002) AS LONG)",
        "liquidation_count": "cast(floor(work * 0.15) AS LONG)",
        "uptime_seconds": "cast(up AS DOUBLE)",
        "running": "up >= 20",
        "last_error": "CASE WHEN up * 0.002 >= 1 THEN 'read timed out after 10 s' ELSE null END",
    },
)

EXCHANGES = Demo(
    table=table_of(ExchangeStatus),
    series=lambda given: given["hosts"] * len(_EXCHANGES),
    steps=(("e", "i % 4"), ("h", "i / 4"), *_OUTAGES),
    columns={
        "exchange": _choice("e", _EXCHANGES),
        "host": _HOST,
        "env": "'prod'",
        "connected": "online",
        "latency_ms": f"25 + 15 * e + 20 * {_noise(1)}"
        f" + CASE WHEN {_noise(2)} > 0.997 THEN 400 + 2000 * {_noise(3)} ELSE 0 END",
        "reconnect_count": "(t + i * 1327 + {seed} * 977 - 180) / rhythm - ({start} - 180) / rhythm",
        "last_message_at": "cast((CASE WHEN online THEN t ELSE t - phase END) * 1000000 AS TIMESTAMP)",
        "disconnected_at": "cast(CASE WHEN online THEN null ELSE (t - phase) * 1000000 END AS TIMESTAMP)",
    },
)

PIPELINES = Demo(
    table=table_of(PipelineMetrics),
    series=lambda given: given["symbols"] * len(_EXCHANGES) * 3,
    steps=(
        ("e", "i % 4"),
        ("d", "(i / 4) % 3"),
        ("s", "i / 12"),
        ("h", "s % {hosts}"),
        *_OUTAGES,
        ("records", f"cast(floor((40 + 60 / (s + 1)) * {_BUSY} * (0.5 + {_noise(4)})) AS LONG)"),
    ),
    columns={
        "exchange": _choice("e", _EXCHANGES),
        "symbol": f"concat({_choice('s', _COINS, _name('COIN', 's'))}, '/USDT:USDT')",
        "data_type": _choice("d", ("oi", "funding", "liquidation")),
        "host": _HOST,
        "env": "'prod'",
        "records_count": "CASE WHEN online THEN records ELSE 0 END",
        "bytes_written": "CASE WHEN online THEN records * 180 ELSE 0 END",
        "latency_ms": f"4 + 6 * {_noise(5)} + CASE WHEN {_noise(6)} > 0.999 THEN 250 ELSE 0 END",
        "gap_detected": "NOT online",
        "gap_duration_seconds": "CASE WHEN online THEN null ELSE cast(phase AS DOUBLE) END",
    },
)

TRADING = Demo(
    table=table_of(TradingMetrics),
    series=lambda given: given["strategies"],
    steps=(
        ("swing", f"sin(t * {_DAY} / 1.7 + i * 1.3 + {{seed}})"),
        ("fall", "CASE WHEN swing > 0.3 THEN (swing - 0.3) * 18 ELSE 0.0 END"),
        ("placed", f"cast(floor({_noise(7)} * 6) AS LONG)"),
        ("filled", f"cast(floor(placed * (0.6 + 0.4 * {_noise(8)})) AS LONG)"),
    ),
    columns={
        "strategy": _choice("i", ("basis", "momentum"), _name("strategy-", "i")),
        "symbol": "'BTC/USDT:USDT'",
        "venue": _choice("i % 2", ("binance", "bybit")),
        "env": "'prod'",
        "pnl": "(t - {start}) * 0.01 - 1000 * fall",
        "unrealized_pnl": f"400 * ({_noise(9)} - 0.5)",
        "position_size": "2.5 * swing",
        "orders_placed": "placed",
        "orders_filled": "filled",
        "fill_rate": "CASE WHEN placed = 0 THEN null ELSE cast(filled AS DOUBLE) / placed END",
        "exposure": "50000 * abs(swing)",
        "drawdown": "fall",
    },
)

DEMOS = (DAEMONS, EXCHANGES, PIPELINES, TRADING)
