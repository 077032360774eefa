"""Figures of `dashgen check`: the shipped specs cold and warm, and 2,000 distinct queries on a running server.

python benchmarks/check.py
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from dashgen import Query
from dashgen.check.answer_cache import CachedRefusal
from dashgen.check.engine import check_query
from dashgen.check.query_collection import collect_queries
from dashgen.check.session import Session, check_session
from dashgen.loading.load import load
from dashgen.questdb import EmbeddedQuestDB

ROOT = Path(__file__).resolve().parent.parent
QUERIES = 2_000
SQL = (
    "SELECT timestamp AS time, host AS metric, avg(uptime_seconds) + {number} AS value FROM daemon_metrics "
    "WHERE $__timeFilter(timestamp) AND env = ${{env:sqlstring}} AND host <> 'host-{number}' "
    "SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR ORDER BY time"
)


def run(*options: str) -> tuple[float, float]:
    """Seconds on the wall and of processors (the server's among them) of one `dashgen check`."""
    begin, before = time.perf_counter(), _processors()
    subprocess.run([ROOT / ".venv/bin/dashgen", "check", *options], cwd=ROOT, check=False, capture_output=True)
    return time.perf_counter() - begin, _processors() - before


def _processors() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def distinct(session: Session) -> list[float]:
    """Milliseconds of each of the distinct queries: Parse, Describe, Close."""
    found = []
    for number in range(QUERIES):
        text = f"SELECT host, max(uptime_seconds) + {number} AS up FROM daemon_metrics WHERE host <> 'h{number}'"
        begin = time.perf_counter()
        answer = session.ask(text)
        found.append((time.perf_counter() - begin) * 1000)
        assert not isinstance(answer, CachedRefusal)
    return found


def whole(session: Session) -> tuple[float, int]:
    """Milliseconds a query for everything: expansion, every case, every rule."""
    project = session.project
    panel = next(s for s in collect_queries(project, project.environments[0]).subjects if s.format == "time_series")
    begin, asked = time.perf_counter(), session.asked
    count = QUERIES // 10
    for number in range(count):
        check_query(replace(panel, query=Query(SQL.format(number=number)), beside=()), session)
    return (time.perf_counter() - begin) * 1000 / count, (session.asked - asked) // count


def main() -> None:
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    wall, processors = run("--no-cache")
    print(f"dashgen check of the shipped specs, cold: {wall:.2f} s, {processors:.2f} s of processors")
    run()
    wall, processors = min(run() for _ in range(3))
    print(f"dashgen check of the shipped specs, warm: {wall:.2f} s, {processors:.2f} s of processors (no server)")
    project = load(ROOT / "specs").project
    if project is None:
        sys.exit("the shipped specs can't be loaded")
    with EmbeddedQuestDB() as server, check_session(server, project) as session:
        each = distinct(session)
        median, mean = statistics.median(each), statistics.mean(each)
        print(f"{QUERIES:,} distinct queries: {median:.2f} ms median, {mean:.2f} ms mean, {min(each):.2f} ms best")
        ms, asked = whole(session)
        print(f"one changed query, all of it: {ms:.1f} ms, of which {asked} statements are asked of the server")


if __name__ == "__main__":
    main()
