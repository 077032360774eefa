"""The writer of one host: `python -m benchmarks.capacity.writers URL HOST BEGIN SECONDS SYMBOLS` writes rows of the
shipped tables as they come, and prints what it saw as JSON.

Each of five hosts records all symbols of four exchanges, a row of each series each 10 s. It writes an exchange's rows
at a moment of its own, so that a batch of one of them is due each half second. They go through `Ingest`, validated, and
a batch's lag is from the moment of its rows to the server's acknowledgement.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import numpy
import pandas

from dashgen.questdb.ingest import Ingest
from specs.environments import FLEET
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

Exchange = Literal["binance", "bybit", "okx", "dydx"]
EXCHANGES: tuple[Exchange, ...] = ("binance", "bybit", "okx", "dydx")
DATA_TYPES = ("oi", "funding", "liquidation")
EVERY = 10.0
BATCHES = len(FLEET) * len(EXCHANGES)


def series(symbols: int) -> int:
    """Of pipeline_metrics."""
    return BATCHES * symbols * len(DATA_TYPES)


class Source:
    """What one host writes of one exchange."""

    def __init__(self, host: str, exchange: Exchange, symbols: int) -> None:
        self.host, self.exchange = host, exchange
        self._random = numpy.random.default_rng(len(host + exchange))
        names = [f"COIN{number:05}/USDT:USDT" for number in range(symbols)]
        rows = symbols * len(DATA_TYPES)
        self._fixed = pandas.DataFrame({
            "exchange": pandas.Categorical([exchange] * rows),
            "symbol": pandas.Categorical(numpy.repeat(names, len(DATA_TYPES))),
            "data_type": pandas.Categorical(list(DATA_TYPES) * symbols),
            "host": pandas.Categorical([host] * rows),
            "env": pandas.Categorical(["prod"] * rows),
        })  # fmt: skip

    def frame(self, at: datetime) -> pandas.DataFrame:
        count = len(self._fixed)
        records = self._random.poisson(20, count).astype("int64")
        gaps = self._random.random(count) > 0.9999999
        return self._fixed.assign(
            timestamp=pandas.Series([at] * count, dtype="datetime64[us, UTC]"),
            records_count=records,
            bytes_written=records * 180,
            latency_ms=4 + 6 * self._random.random(count),
            gap_detected=gaps,
            gap_duration_seconds=numpy.where(gaps, 30.0, numpy.nan),
        )

    def rows(self, at: datetime, since: datetime) -> Iterator[Any]:
        """Of the tables that have one row where pipeline_metrics has thousands."""
        up = (at - since).total_seconds() + 3600
        yield ExchangeStatus(
            timestamp=at, exchange=self.exchange, host=self.host, env="prod", connected=True,
            latency_ms=25 + 20 * float(self._random.random()), reconnect_count=1, last_message_at=at,
        )  # fmt: skip
        if self.exchange == EXCHANGES[0]:
            yield DaemonMetrics(
                timestamp=at, host=self.host, env="prod", fetch_count=int(up * 3), error_count=int(up * 0.002),
                liquidation_count=int(up / 5), uptime_seconds=up, running=True,
            )  # fmt: skip
        if self.host in FLEET[:3] and self.exchange == EXCHANGES[0]:
            yield TradingMetrics(
                timestamp=at, strategy=f"strategy-{self.host[-2:]}", symbol="BTC/USDT:USDT", venue="binance",
                env="prod", pnl=up / 100, unrealized_pnl=1.0, position_size=1.0, orders_placed=4, orders_filled=4,
                fill_rate=1.0, exposure=50_000.0, drawdown=1.0,
            )  # fmt: skip


def write(url: str, host: str, begin: float, seconds: float, symbols: int) -> dict[str, Any]:
    """`begin` is when all hosts begin, in seconds since 1970."""
    sources = [Source(host, exchange, symbols) for exchange in EXCHANGES]
    step = EVERY / len(sources)
    first = begin + FLEET.index(host) * step / len(FLEET)
    lags: list[float] = []
    late = 0
    since = datetime.fromtimestamp(begin, UTC)
    with Ingest(url) as ingest:
        for number in range(int(seconds / step)):
            due = first + number * step
            if time.time() > begin + seconds:  # so far behind that the rest would come after the end
                break
            time.sleep(max(0.0, due - time.time()))
            late += time.time() - due > step
            source, at = sources[number % len(sources)], datetime.fromtimestamp(round(due, 1), UTC)
            ingest.add_frame(PipelineMetrics, source.frame(at))
            for row in source.rows(at, since):
                ingest.add(row)
            ingest.flush()
            lags.append(round(time.time() - due, 4))
        report = ingest.report
    return {
        "seconds": round(time.time() - first, 1), "written": report.written, "refused": len(report.refused),
        "retries": report.retries, "late": late, "lags": lags, "processor": round(time.process_time(), 1),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("host", choices=FLEET)
    parser.add_argument("begin", type=float)
    parser.add_argument("seconds", type=float)
    parser.add_argument("symbols", type=int)
    given = parser.parse_args()
    print(json.dumps(write(given.url, given.host, given.begin, given.seconds, given.symbols)))


if __name__ == "__main__":
    main()
