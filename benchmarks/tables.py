"""Figures: tables on a real embedded QuestDB.

    python benchmarks/tables.py [validate] [ingest] [frame] [server] [seed]     all without a name

Machines are noisy. What counts is the ratio to the bare client, which writes the same rows in the same run: each
round does one after the other, and the median of the rounds' ratios is shown beside the medians of rows/s.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashgen.model.tables.rows import Validator, validate_rows
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.questdb.ingest import Ingest
from dashgen.render.ddl import create_statements
from specs.demo import DEFAULTS, DEMOS
from specs.tables import DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics

TABLES = (DaemonMetrics, ExchangeStatus, PipelineMetrics, TradingMetrics)
ROWS, HOSTS, ROUNDS = 300_000, 5, 5
END = datetime.now(UTC).replace(microsecond=0)
START = END - timedelta(seconds=10 * ROWS // HOSTS)


def values() -> list[dict[str, Any]]:
    """What a daemon would measure: five hosts, ten seconds apart."""
    return [
        {
            "timestamp": START + timedelta(seconds=10 * (i // HOSTS)), "host": f"host-{i % HOSTS}", "env": "prod",
            "fetch_count": i, "error_count": i // 100, "liquidation_count": i // 10, "uptime_seconds": float(i),
            "running": True,
        }
        for i in range(ROWS)
    ]  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(what: str, seconds: list[float], count: int, bare: list[float] | None = None) -> None:
    ratio = ""
    if bare:
        ratio = f"   {median(b / s for b, s in zip(bare, seconds, strict=True)):5.2f} of the bare client"
    print(f"{what:58} {count / median(seconds):>12,.0f} rows/s{ratio}")


def bench_validate() -> None:
    given, now = values(), datetime.now(UTC)
    rows = [DaemonMetrics(**one) for one in given]

    def checked() -> None:
        validator = Validator()
        for index, row in enumerate(rows):
            validator.check(row, index, now=now)
            validator.follow(row, index)

    def built() -> None:
        for one in given:
            DaemonMetrics(**one)

    def accepted() -> None:
        validator = Validator()
        assert all(validator.accepts(row, now) for row in rows)

    def by_predicates() -> None:
        """The three rules of the table as they would be without a text that is compiled."""
        counts = [attrgetter(name) for name in ("fetch_count", "error_count", "liquidation_count")]
        validator = Validator()
        validator.accepts(rows[0], now)
        (plan,) = validator._plans.values()
        plan.before.clear()
        uptime = attrgetter("uptime_seconds")
        plan.follows = lambda before, row: all(
            count(row) >= count(before) or uptime(row) < uptime(before) for count in counts
        )
        assert not any(validator.check(row, 0, now=now) or validator.follow(row, 0) for row in rows)

    rounds = range(ROUNDS)
    show(
        "building rows (types, bounds, rules of a row)",
        [timed(lambda: [DaemonMetrics(**v) for v in given]) for _ in rounds],
        ROWS,
    )
    show("judging built rows (the clock, the row before)", [timed(checked) for _ in rounds], ROWS)
    show("the same by accepts(), all in one compiled function", [timed(accepted) for _ in rounds], ROWS)
    show("the same with rules as predicates, nothing compiled", [timed(by_predicates) for _ in rounds], ROWS)
    show("validate(rows, now=…)", [timed(lambda: validate_rows(rows, now=now)) for _ in rounds], ROWS)


def deployed(db: EmbeddedQuestDB) -> None:
    for cls in TABLES:
        for statement in create_statements(table_of(cls)):
            db.execute(statement)


def bench_ingest() -> None:
    from questdb import Protocol, Sender

    given = values()
    with EmbeddedQuestDB() as db:
        deployed(db)
        host, _, port = db.http_url.removeprefix("http://").partition(":")

        def bare() -> None:
            with Sender(Protocol.Http, host, int(port), auto_flush_rows=20_000, protocol_version=2) as sender:
                for v in given:
                    sender.row(
                        "daemon_metrics",
                        symbols={"host": v["host"], "env": v["env"]},
                        columns={
                            "fetch_count": v["fetch_count"], "error_count": v["error_count"],
                            "liquidation_count": v["liquidation_count"], "uptime_seconds": v["uptime_seconds"],
                            "running": v["running"],
                        },
                        at=v["timestamp"],
                    )  # fmt: skip

        def ours() -> None:
            with Ingest(db.http_url) as ingest:
                for v in given:
                    ingest.add(DaemonMetrics(**v))
            assert ingest.report.written == ROWS
            assert not ingest.report.refused

        first, second = alternate(bare, ours)
        show("bare client, row()", first, ROWS)
        show("built, validated and ingested, one process", second, ROWS, first)


def bench_frame() -> None:
    import pandas as pd
    from questdb import Protocol, Sender

    frame = pd.DataFrame(values()).astype({"host": "category", "env": "category"})
    frame = pd.concat([frame] * 3, ignore_index=True)
    text = frame.astype({"host": "str", "env": "str"})
    with EmbeddedQuestDB() as db:
        deployed(db)
        host, _, port = db.http_url.removeprefix("http://").partition(":")

        def bare(data: Any) -> None:
            with Sender(Protocol.Http, host, int(port), auto_flush_rows=100_000, protocol_version=2) as sender:
                sender.dataframe(data, table_name="daemon_metrics", symbols=["host", "env"], at="timestamp")

        def ours(data: Any) -> None:
            with Ingest(db.http_url) as ingest:
                ingest.add_frame(DaemonMetrics, data)
            assert ingest.report.written == len(data)

        for name, data in (("categories", frame), ("text", text)):
            first, second = alternate(partial(bare, data), partial(ours, data))
            show(f"bare client, dataframe(), {name}", first, len(data))
            show(f"validated and ingested, add_frame(), {name}", second, len(data), first)


def alternate(one: Callable[[], object], other: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Seconds of each, in turns; the first round warms the server and is not counted."""
    pairs = [(timed(one), timed(other)) for _ in range(ROUNDS + 1)][1:]
    return [a for a, _ in pairs], [b for _, b in pairs]


def bench_server() -> None:
    starts, stops, sizes = [], [], []
    for _ in range(3):
        db = EmbeddedQuestDB()
        starts.append(timed(db.start))
        sizes.append(resident(db.pid))
        stops.append(timed(db.stop))
    start, stop, size = median(starts), median(stops), median(sizes)
    print(f"embedded server: ready in {start:.2f} s, stopped in {stop:.2f} s, {size:.0f} MB resident")


def resident(pid: int) -> float:
    """Megabytes, as Linux counts them."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1e3


def bench_seed(days: float = 4.4) -> None:
    with EmbeddedQuestDB() as db:
        deployed(db)
        rows: list[int] = []
        took = timed(
            lambda: rows.append(
                seed_tables(db.client, DEMOS, DEFAULTS, env="prod", start=END - timedelta(days=days), end=END, seed=1)
            )
        )
        show(f"demo data, {rows[0]:,} rows in {took:.0f} s", [took], rows[0])


SECTIONS = {
    "validate": bench_validate,
    "ingest": bench_ingest,
    "frame": bench_frame,
    "server": bench_server,
    "seed": bench_seed,
}


def chosen() -> Iterator[str]:
    unknown = set(sys.argv[1:]) - set(SECTIONS)
    if unknown:
        raise SystemExit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    yield from sys.argv[1:] or SECTIONS


if __name__ == "__main__":
    for section in chosen():
        SECTIONS[section]()
