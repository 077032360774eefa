"""Statements timed over PG wire, from sending to the last row received."""

from __future__ import annotations

import time

import psycopg
from psycopg.pq import ExecStatus

from benchmarks.machine import processor_seconds

LONG_MS = 2000
"""What takes longer is run fewer times."""
_FEWEST = 3


def timed(connection: psycopg.Connection[object], sql: str, runs: int, pid: int | None = None) -> dict[str, object]:
    """`ms` of each run in the order of time, the first, which reads cold pages, left out; `rows`; or the server's
    `refusal`. With the server's `pid` also `processor`: its milliseconds on all cores, the mean of the runs."""
    found: list[float] = []
    rows = 0
    before = 0.0
    for run in range(runs + 1):
        started = time.perf_counter()
        result = connection.pgconn.exec_(sql.encode())
        took = (time.perf_counter() - started) * 1000
        if result.status != ExecStatus.TUPLES_OK:
            text = result.error_message.decode().strip().split("\n")[0].removeprefix("ERROR:").strip()
            return {"refusal": text}
        rows = result.ntuples
        if run:
            found.append(round(took, 3))
        else:
            before = processor_seconds(pid) if pid else 0.0
        if took > LONG_MS and len(found) >= _FEWEST:
            break
    spent = {"processor": round((processor_seconds(pid) - before) * 1000 / len(found), 1)} if pid else {}
    return {"ms": found, "rows": rows, **spent}
