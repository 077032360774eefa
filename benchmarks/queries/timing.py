"""Statements timed over PG wire, from sending to the last row received."""

from __future__ import annotations

import time

import psycopg
from psycopg.pq import ExecStatus

LONG_MS = 2000
"""What takes longer is run fewer times."""
_FEWEST = 3


def timed(connection: psycopg.Connection[object], sql: str, runs: int) -> dict[str, object]:
    """`ms` of each run in the order of time, the first, which reads cold pages, left out; `rows`; or the server's
    `refusal`."""
    found: list[float] = []
    rows = 0
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
        if took > LONG_MS and len(found) >= _FEWEST:
            break
    return {"ms": found, "rows": rows}
