"""Bytes on disk: of a row of each table, of the write-ahead log, and of whole fleets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import psycopg

from benchmarks.capacity.disk import on_disk
from benchmarks.data_set import END, statements
from benchmarks.queries.timing import timed
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from specs import PROJECT
from specs.demo import DEFAULTS, DEMOS

FLEETS = ((1, 10), (5, 20), (5, 100), (20, 200), (50, 1000))
"""Hosts, and symbols on each of the four exchanges; each symbol is recorded by one host."""
EXCHANGES, DATA_TYPES, STRATEGIES = 4, 3, 3
DAY = 86_400
RETENTION = 90
"""Days."""


def series(hosts: int, symbols: int) -> dict[str, tuple[int, int]]:
    """By table or view: its series, and seconds between two rows of one."""
    feeds = EXCHANGES * symbols * DATA_TYPES
    return {
        "daemon_metrics": (hosts, 10),
        "exchange_status": (hosts * EXCHANGES, 10),
        "exchange_1m": (hosts * EXCHANGES, 60),
        "pipeline_metrics": (feeds, 10),
        "pipeline_1m": (min(hosts, symbols) * EXCHANGES * DATA_TYPES, 60),
        "trading_metrics": (STRATEGIES, 10),
    }


def stored(server: EmbeddedQuestDB) -> list[dict[str, Any]]:
    """Rows and bytes of each table, as the files take them, and of its log."""
    found = server.query("SELECT table_name, directoryName FROM tables() ORDER BY table_name")
    ttl = {table.name: table.ttl for table in map(table_of, PROJECT.tables)}
    ttl |= {view.name: view.ttl for table in map(table_of, PROJECT.tables) for view in table.views}
    out = []
    for name, folder in found:
        files, log = on_disk(server.folder / "db" / str(folder))
        rows = server.query(f"SELECT count() FROM {name}").value
        out.append({"table": str(name), "rows": rows, "bytes": files - log, "log": log, "ttl": ttl[str(name)]})
    return out


def scratch() -> dict[str, Any]:
    """Two days of pipeline_metrics: bytes of the log before it is removed, and of a day as Parquet."""
    demo = next(one for one in DEMOS if one.table.name == "pipeline_metrics")
    start = END.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    with EmbeddedQuestDB() as server:
        server.client.timeout = 600
        for statement in statements():
            server.execute(statement)
        seed_tables(server.client, (demo,), DEFAULTS, env="prod", start=start, end=start + timedelta(days=2))
        folder = server.query("SELECT directoryName FROM tables() WHERE table_name = 'pipeline_metrics'").value
        table = server.folder / "db" / str(folder)
        log = on_disk(table)[1]
        rows = _count(server, "SELECT count() FROM pipeline_metrics")
        day = f"{start:%Y-%m-%d}"
        of_day = _count(server, f"SELECT count() FROM pipeline_metrics WHERE timestamp IN '{day}'")
        scan = f"SELECT exchange, sum(records_count) FROM pipeline_metrics WHERE timestamp IN '{day}'"
        native = _milliseconds(server, scan)
        server.execute(f"ALTER TABLE pipeline_metrics CONVERT PARTITION TO PARQUET LIST '{day}'")
        server.settle()
        parquet = max((_newest(path) for path in table.glob(f"{day}*")), default=0)
        return {
            "rows": rows, "log": log, "day_rows": of_day, "parquet": parquet, "native_ms": native,
            "parquet_ms": _milliseconds(server, scan),
        }  # fmt: skip


def _newest(partition: Path) -> int:
    return sum(path.stat().st_size for path in partition.glob("*.parquet"))


def _count(server: EmbeddedQuestDB, sql: str) -> int:
    value = server.query(sql).value
    assert isinstance(value, int)
    return value


def _milliseconds(server: EmbeddedQuestDB, sql: str) -> float:
    with psycopg.connect(server.readonly_dsn, autocommit=True) as connection:
        return min(cast("list[float]", timed(connection, sql, 5)["ms"]))


def sizes(data: EmbeddedQuestDB, days: float) -> dict[str, Any]:
    """`data` holds that many days of the shipped fleet."""
    return {"days": days, "fleet": DEFAULTS, "tables": stored(data), "scratch": scratch()}


def gigabytes(tables: list[dict[str, Any]], hosts: int, symbols: int, days: float) -> dict[str, float]:
    """By table, what so many days of that fleet take."""
    each = {one["table"]: one["bytes"] / one["rows"] for one in tables}
    return {
        name: each[name] * count * DAY / interval * days / 1e9
        for name, (count, interval) in series(hosts, symbols).items()
    }
