"""A server under load: writers, viewers and alert rules at once, watched all the while.

`python -m benchmarks.capacity.sustained --minutes 60 --out results.json` may run unattended. An hour takes 4 GB in
`--data`, which is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.capacity.disk import on_disk
from benchmarks.capacity.writers import EVERY, series
from benchmarks.data_set import statements
from benchmarks.machine import load_average, machine, processor_seconds
from benchmarks.viewers import Load, watched
from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.fixture import fixture_of
from dashgen.cache_folder import cache_folder
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import RuleRun
from dashgen.grafana.versions import Semantics
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.http import Client
from dashgen.questdb.jar import VERSION
from specs import PROJECT
from specs.environments import FLEET

WATCHED = ("overview", "overview", "daemon-health", "exchanges", "pipeline")
"""What the five viewers look at."""
REFRESH, HOURS = 5.0, 6.0
SAMPLE = 5.0
PURGE = 90.0
"""Seconds in which the server removes logs that are applied and files that it has replaced."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`at` in seconds since the start; `behind` rows that the log has not applied yet; `age` seconds since the newest
    row that a query sees, `view_age` since the end of the newest minute of pipeline_1m; bytes of memory and disk:
    `memory` is resident, `private` what of it is no mapped file, `native` what QuestDB says it took beside Java's heap;
    `processor` seconds of the server's since its start."""

    at: float
    behind: int
    age: float
    view_age: float
    memory: int
    private: int
    native: int
    disk: int
    log: int
    processor: float
    load: float


@dataclass(slots=True)
class Evaluations:
    rule: str
    interval: int
    seconds: list[float] = field(default_factory=list)
    late: int = 0
    failures: list[str] = field(default_factory=list)
    firing: int = 0


def sustained(folder: Path, *, minutes: float, rows_a_second: int) -> dict[str, Any]:
    """Rows at that rate through all those minutes, over an empty database in `folder`."""
    seconds = minutes * 60
    symbols = round(rows_a_second * EVERY / series(1))
    with EmbeddedQuestDB(folder) as server:
        for statement in statements():
            server.execute(statement)
        began = time.monotonic()
        stop = threading.Event()
        samples: list[Sample] = []
        loads: list[Load] = []
        rules = [*_rules()]
        evaluations = [Evaluations(rule.uid, rule.interval) for rule, _ in rules]
        threads = [threading.Thread(target=_sample, args=(server, began, stop, samples))]
        threads += [
            threading.Thread(target=_evaluate, args=(server.readonly_dsn, rule, semantics, stop, found))
            for (rule, semantics), found in zip(rules, evaluations, strict=True)
        ]
        begin = time.time() + 10
        writers = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.capacity.writers", server.http_url, host, str(begin), str(seconds),
                 str(symbols)],
                stdout=subprocess.PIPE,
            )
            for host in FLEET
        ]  # fmt: skip
        try:
            for thread in threads:
                thread.start()
            loads += watched(
                server.readonly_dsn,
                WATCHED,
                hours=HOURS,
                refresh=REFRESH,
                seconds=seconds,
                now=lambda: datetime.now(UTC),
            )
            written = [json.loads(writer.communicate(timeout=seconds + 600)[0]) for writer in writers]
        finally:
            stop.set()
            for writer in writers:
                writer.kill()
                writer.wait()
            for thread in threads:
                thread.join()
        server.settle()
        time.sleep(PURGE)
        tables = server.query("SELECT tableName AS name, rowCount AS rows, diskSize AS bytes FROM table_storage()")
        return {
            "machine": machine(), "questdb": VERSION, "ended": f"{datetime.now(UTC):%F %H:%M}",
            "minutes": minutes, "wanted": rows_a_second, "symbols": symbols, "series": series(symbols),
            "writers": written, "loads": [_plain(load) for load in loads],
            "alerts": [_plain(one) for one in evaluations], "samples": [_plain(one) for one in samples],
            "tables": tables.records(),
        }  # fmt: skip


def _plain(value: object) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]  # dataclasses with slots


def _rules() -> Iterator[tuple[RuleSpec, Semantics]]:
    fixture = fixture_of(PROJECT, PROJECT.environments[0])
    for rule in fixture.rules.values():
        if not rule.paused:
            yield rule, fixture.semantics


def _evaluate(dsn: str, rule: RuleSpec, semantics: Semantics, stop: threading.Event, found: Evaluations) -> None:
    """At each multiple of its interval, as Grafana does; a tick that is due while one still runs is late."""
    with QueryConnection(dsn) as connection:
        run = RuleRun(rule, semantics, connection.run)
        due = (int(time.time()) // rule.interval + 1) * rule.interval
        while not stop.wait(max(0.0, due - time.time())):
            started = time.perf_counter()
            tick = run.tick(due)
            found.seconds.append(round(time.perf_counter() - started, 4))
            found.failures += [one.error for one in tick.instances if one.error][:1]
            found.firing += any(one.state == "Alerting" for one in tick.instances)
            following = due + rule.interval
            found.late += time.time() > following
            due = max(following, (int(time.time()) // rule.interval) * rule.interval)


def _sample(server: EmbeddedQuestDB, began: float, stop: threading.Event, samples: list[Sample]) -> None:
    client = Client(server.http_url)
    while not stop.wait(SAMPLE):
        behind = _one(client, "SELECT wal_pending_row_count FROM tables() WHERE table_name = 'pipeline_metrics'")
        ages = [
            _one(client, f"SELECT datediff('T', max(timestamp), now()) / 1000.0 FROM {name}")
            for name in ("pipeline_metrics", "pipeline_1m")
        ]
        memory, private = _memory(server.pid)
        native = _one(client, "SELECT sum(bytes) FROM memory_metrics() WHERE memory_tag LIKE 'NATIVE%'")
        disk, log = on_disk(server.folder / "db")
        samples.append(Sample(
            at=round(time.monotonic() - began, 1), behind=int(behind), age=ages[0],
            view_age=max(0.0, ages[1] - 60), memory=memory, private=private, native=int(native), disk=disk, log=log,
            processor=processor_seconds(server.pid), load=load_average(),
        ))  # fmt: skip


def _one(client: Client, sql: str) -> float:
    """A number, 0 where there is none."""
    rows = client.query(sql).rows
    value = rows[0][0] if rows else None
    return float(value) if isinstance(value, int | float) else 0.0


def _memory(pid: int) -> tuple[int, int]:
    """Resident bytes: all, and those that are no mapped files."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) * 1024, int(lines["RssAnon"].split()[0]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity.sustained", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=60, help="(default %(default)s)")
    add("--rows", type=int, default=10_000, help="rows of pipeline_metrics a second (default %(default)s)")
    add("--data", type=Path, default=cache_folder() / "benchmark-load", help="an empty folder (default: %(default)s)")
    add("--out", type=Path, required=True, help="file of the results, JSON")
    given = parser.parse_args()
    if given.data.exists() and any(given.data.iterdir()):
        sys.exit(f"{given.data} is not empty: remove it, or name another folder with --data")
    try:
        found = sustained(given.data, minutes=given.minutes, rows_a_second=given.rows)
    finally:
        shutil.rmtree(given.data, ignore_errors=True)
    given.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
