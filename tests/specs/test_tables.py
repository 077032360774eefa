"""Each validation rule of the shipped tables has a good and a bad row."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashgen.model.tables.rows import faults, validate_rows
from dashgen.model.tables.table import unchecked
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAEMON = DaemonMetrics(
    timestamp=NOON,
    host="a",
    env="prod",
    fetch_count=10,
    error_count=1,
    liquidation_count=5,
    uptime_seconds=60.0,
    running=True,
)
EXCHANGE = ExchangeStatus(
    timestamp=NOON,
    exchange="okx",
    host="a",
    env="prod",
    connected=True,
    latency_ms=12.5,
    reconnect_count=3,
    last_message_at=NOON,
)
PIPELINE = PipelineMetrics(
    timestamp=NOON,
    exchange="okx",
    symbol="BTC/USDT:USDT",
    data_type="oi",
    host="a",
    env="prod",
    records_count=1,
    bytes_written=2,
    latency_ms=3.0,
)
TRADING = TradingMetrics(
    timestamp=NOON,
    strategy="s",
    symbol="p",
    venue="okx",
    env="prod",
    pnl=-1.0,
    unrealized_pnl=0.0,
    position_size=-2.0,
)


def changed(row: Any, **values: Any) -> Any:
    return unchecked(type(row), **asdict(row) | values)


GOOD = [
    (DAEMON, {}),
    (DAEMON, {"host": "h" * 255}),
    (DAEMON, {"env": "dev", "last_error": "timeout"}),
    (EXCHANGE, {"latency_ms": 10_000.0}),
    (EXCHANGE, {"exchange": "dydx", "last_message_at": None}),
    (EXCHANGE, {"connected": False, "disconnected_at": NOON}),
    (PIPELINE, {"gap_detected": True, "gap_duration_seconds": 5.0}),
    (PIPELINE, {"gap_detected": True}),
    (TRADING, {"orders_placed": 3, "orders_filled": 1, "fill_rate": 1 / 3}),
    (TRADING, {"drawdown": 100.0}),
]
BAD = [
    (DAEMON, "timestamp", NOON.replace(tzinfo=None)),
    (DAEMON, "host", ""),
    (DAEMON, "host", "h" * 256),
    (DAEMON, "env", "production"),
    (DAEMON, "fetch_count", -1),
    (DAEMON, "error_count", -1),
    (DAEMON, "liquidation_count", -1),
    (DAEMON, "uptime_seconds", -0.1),
    (EXCHANGE, "exchange", "kraken"),
    (EXCHANGE, "latency_ms", -1.0),
    (EXCHANGE, "latency_ms", 10_000.1),
    (EXCHANGE, "reconnect_count", -1),
    (EXCHANGE, "last_message_at", NOON + SECOND),
    (EXCHANGE, "disconnected_at", NOON),
    (PIPELINE, "data_type", "trades"),
    (PIPELINE, "records_count", -1),
    (PIPELINE, "bytes_written", -1),
    (PIPELINE, "latency_ms", -1.0),
    (PIPELINE, "gap_duration_seconds", 1.0),
    (TRADING, "fill_rate", 0.0),
    (TRADING, "orders_placed", -1),
    (TRADING, "drawdown", -1.0),
]


@pytest.mark.parametrize(("row", "values"), GOOD)
def test_good_rows(row: Any, values: dict[str, Any]) -> None:
    assert validate_rows([changed(row, **values)], now=NOON) == []


@pytest.mark.parametrize(("row", "field", "value"), BAD)
def test_bad_rows(row: Any, field: str, value: object) -> None:
    (finding,) = validate_rows([changed(row, **{field: value})], now=NOON)
    assert (finding.row, finding.field) == (0, field)
    assert ", got " in finding.message


@pytest.mark.parametrize("row", [DAEMON, EXCHANGE, PIPELINE, TRADING])
def test_a_row_of_the_future(row: Any) -> None:
    assert validate_rows([row], now=NOON) == []
    (finding,) = validate_rows([row], now=NOON - SECOND)
    assert finding.field == "timestamp"
    assert "not in the future" in finding.message


def test_a_fill_rate_that_does_not_fit_its_orders() -> None:
    (finding,) = faults(TradingMetrics, asdict(TRADING) | {"orders_placed": 4, "orders_filled": 1, "fill_rate": 0.5})
    assert finding.message == "expected orders_filled / orders_placed = 0.25, got 0.5"


def test_disconnected_needs_its_moment() -> None:
    (finding,) = validate_rows([changed(EXCHANGE, connected=False)], now=NOON)
    assert finding.message == "expected a value while connected is false, got none"


def later(row: Any, seconds: int, **values: Any) -> Any:
    return changed(row, timestamp=NOON + seconds * SECOND, **values)


@pytest.mark.parametrize("counter", ["fetch_count", "error_count", "liquidation_count"])
def test_counters_fall_only_at_a_restart(counter: str) -> None:
    now = NOON + timedelta(minutes=1)
    assert validate_rows([DAEMON, later(DAEMON, 10, uptime_seconds=70.0)], now=now) == []
    assert validate_rows([DAEMON, later(DAEMON, 10, uptime_seconds=2.0, **{counter: 0})], now=now) == []
    (finding,) = validate_rows([DAEMON, later(DAEMON, 10, uptime_seconds=70.0, **{counter: 0})], now=now)
    assert (finding.row, finding.field) == (1, counter)


def test_other_series_do_not_mix() -> None:
    other = later(DAEMON, 10, host="b", fetch_count=0, uptime_seconds=70.0)
    staging = later(DAEMON, 10, env="staging", fetch_count=0, uptime_seconds=70.0)
    assert validate_rows([DAEMON, other, staging], now=other.timestamp) == []


def test_rows_are_judged_in_the_order_of_their_time() -> None:
    second = later(DAEMON, 10, fetch_count=20, uptime_seconds=70.0)
    assert validate_rows([second, DAEMON], now=second.timestamp) == []


def test_the_states_of_a_connection() -> None:
    down = later(EXCHANGE, 10, connected=False, disconnected_at=NOON + 5 * SECOND)
    still = later(down, 20)
    back = later(EXCHANGE, 30, reconnect_count=4)
    now = back.timestamp
    assert validate_rows([EXCHANGE, down, still, back], now=now) == []

    (finding,) = validate_rows([down, later(EXCHANGE, 30)], now=now)
    assert finding.message == "expected more than 3 after a reconnect, got 3"

    (finding,) = validate_rows([down, later(down, 20, disconnected_at=NOON + 6 * SECOND)], now=now)
    assert finding.field == "disconnected_at"

    restarted = later(EXCHANGE, 30, reconnect_count=0)
    assert validate_rows([down, restarted], now=now) == []
