"""How long the shipped dashboards' queries take on a large data set, and what the first draft's forms take beside them.

Run from the repository: `python -m benchmarks.queries [--folder DIR] [--best N] [--hours 6,24,168]`. The data set is 5
hosts, 4 exchanges, 20 symbols: 35 days of rows each 10 s, 10 days (20.7 million rows) of pipeline_metrics; made at the
first run, kept where `--folder` says. Queries go over PG wire as the QuestDB plugin would send them, All chosen in each
variable; the time is from sending to the last row received, the best of N, in milliseconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
from psycopg.pq import ExecStatus

from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render.ddl import create_statements
from specs.demo import DAEMONS, EXCHANGES, PIPELINES, TRADING
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics
from tests.specs.grafana import Grafana, queries

END = datetime(2025, 3, 1, 12, 0, 7, 123000, tzinfo=UTC)
PARAMETERS = {"hosts": 5, "symbols": 20, "strategies": 3}
CHEAP = 50

NOW = "cast('2025-03-01T12:00:07.123Z' as timestamp)"
BEFORE = (
    ("daemon status, one host", "Daemon health › State",
     "SELECT * FROM daemon_metrics WHERE host = 'prod-server-01' ORDER BY timestamp DESC LIMIT 1", ""),
    ("fetch rate, 24 h", "Daemon health › Fetches",
     "SELECT timestamp, fetch_count - lag(fetch_count) OVER (ORDER BY timestamp) AS fetches_per_interval"
     " FROM daemon_metrics WHERE timestamp > now() - interval '24h' SAMPLE BY 1h",
     f"SELECT timestamp, fetch_count - lag(fetch_count) OVER (ORDER BY timestamp) AS fetches_per_interval"
     f" FROM daemon_metrics WHERE timestamp > dateadd('h', -24, {NOW})"),
    ("error trend, 7 d", "Daemon health › Errors",
     "SELECT timestamp, error_count FROM daemon_metrics WHERE timestamp > now() - interval '7d' SAMPLE BY 1h",
     f"SELECT timestamp, last(error_count) FROM daemon_metrics WHERE timestamp > dateadd('d', -7, {NOW}) SAMPLE BY 1h"),
    ("exchange status", "Exchanges › Exchange now",
     "SELECT exchange, connected, latency_ms, last_message_at FROM exchange_status"
     " WHERE timestamp > now() - interval '1m' LATEST BY exchange",
     f"SELECT exchange, connected, latency_ms, last_message_at FROM exchange_status"
     f" WHERE timestamp > dateadd('m', -1, {NOW}) LATEST ON timestamp PARTITION BY exchange"),
    ("reconnections, 24 h", "Exchanges › Reconnects",
     "SELECT timestamp, exchange, reconnect_count FROM exchange_status WHERE reconnect_count > 0"
     " AND timestamp > now() - interval '24h' ORDER BY timestamp DESC",
     f"SELECT timestamp, exchange, reconnect_count FROM exchange_status WHERE reconnect_count > 0"
     f" AND timestamp > dateadd('h', -24, {NOW}) ORDER BY timestamp DESC"),
    ("throughput, 1 h", "Pipeline › Records by exchange",
     "SELECT exchange, sum(records_count) AS total_records, sum(bytes_written) AS total_bytes FROM pipeline_metrics"
     " WHERE timestamp > now() - interval '1h' GROUP BY exchange",
     f"SELECT exchange, sum(records_count) AS total_records, sum(bytes_written) AS total_bytes FROM pipeline_metrics"
     f" WHERE timestamp > dateadd('h', -1, {NOW}) GROUP BY exchange"),
    ("throughput over time, 24 h, from rows", "Pipeline › Records by exchange", "",
     f"SELECT timestamp, exchange, sum(records_count) FROM pipeline_metrics"
     f" WHERE timestamp > dateadd('h', -24, {NOW}) SAMPLE BY 2m"),
    ("gaps, 24 h", "Pipeline › Gaps",
     "SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics"
     " WHERE gap_detected = true AND timestamp > now() - interval '24h' ORDER BY timestamp DESC",
     f"SELECT timestamp, exchange, symbol, gap_duration_seconds FROM pipeline_metrics"
     f" WHERE gap_detected = true AND timestamp > dateadd('h', -24, {NOW}) ORDER BY timestamp DESC"),
)  # fmt: skip
"""The first draft's examples: name, the panel that took its place, as written there, and with no more changed than it
takes to run (interval arithmetic, SAMPLE BY's aggregate, the order of LATEST ON)."""


def prepare(server: EmbeddedQuestDB) -> None:
    for cls in (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics):
        for statement in create_statements(table_of(cls)):
            server.execute(statement)
    if server.query("SELECT count() FROM trading_metrics").value:
        return
    server.client.timeout = 600
    for demo, days in ((DAEMONS, 35), (EXCHANGES, 35), (PIPELINES, 10), (TRADING, 35)):
        seed_tables(
            server.client, (demo,), PARAMETERS, env="prod", start=END - timedelta(days=days), end=END,
            progress=partial(_progress, demo.table.name),
        )  # fmt: skip
    print(file=sys.stderr)


def _progress(name: str, done: int, total: int) -> None:
    print(f"\r{name} {done:,} of {total:,} rows", end="", file=sys.stderr)


def measure(connection: psycopg.Connection[object], sql: str, best: int) -> tuple[float, int] | str:
    """Milliseconds and rows, or the server's refusal."""
    times = []
    for _ in range(best):
        start = time.perf_counter()
        result = connection.pgconn.exec_(sql.encode())
        times.append(time.perf_counter() - start)
        if result.status != ExecStatus.TUPLES_OK:
            return result.error_message.decode().strip().split("\n")[0].removeprefix("ERROR:").strip()
    return min(times) * 1000, result.ntuples


def shown(measured: tuple[float, int] | str) -> str:
    return measured if isinstance(measured, str) else f"{measured[0]:.1f} ms, {measured[1]:,} rows"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--best", type=int, default=5)
    parser.add_argument("--hours", default="6,24,168")
    arguments = parser.parse_args()
    ranges = [float(text) for text in arguments.hours.split(",")]
    with EmbeddedQuestDB(arguments.folder) as server:
        prepare(server)
        counts = {t: server.query(f"SELECT count() FROM {t}").value for t in ("pipeline_metrics", "exchange_status")}
        print(", ".join(f"{name} {count:,} rows" for name, count in counts.items()), "\n")
        with psycopg.connect(server.readonly_dsn, autocommit=True) as connection:
            grafana = Grafana(connection, "questdb")
            print("| before (first draft) | as written | made to run | replaced by |\n|---|---|---|---|")
            for name, panel, written, repaired in BEFORE:
                first = shown(measure(connection, written, arguments.best)) if written else "–"
                second = shown(measure(connection, repaired, arguments.best)) if repaired else "as written"
                print(f"| {name} | {first} | {second} | {panel} |")
            heads = " | ".join(f"{hours:g} h" for hours in ranges)
            print(f"\n| after (shipped) | {heads} | rows at {ranges[-1]:g} h |\n|---|{'---:|' * (len(ranges) + 1)}")
            slowest: dict[str, tuple[float, str]] = {}
            for asked in queries("questdb"):
                found = [measure(connection, grafana.expand(asked, END, h, {}), arguments.best) for h in ranges]
                cells = [f"{m[0]:.1f}" if isinstance(m, tuple) else m for m in found]
                rows = found[-1][1] if isinstance(found[-1], tuple) else 0
                print(f"| {asked} ({asked.kind}) | {' | '.join(cells)} | {rows:,} |", flush=True)
                if isinstance(found[0], tuple):
                    slowest[asked.dashboard] = max(slowest.get(asked.dashboard, (0, "")), (found[0][0], asked.name))
            print(f"\n| dashboard | slowest at {ranges[0]:g} h | refresh |\n|---|---|---|")
            for uid, (ms, name) in slowest.items():
                print(f"| {uid} | {name}, {ms:.1f} ms | {'5s' if ms < CHEAP else '30s'} |")


if __name__ == "__main__":
    main()
