"""The figures of docs/queries.md, of one run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import psycopg

from benchmarks.data_set import END
from benchmarks.machine import load_average, machine
from benchmarks.queries.draft import DRAFT
from benchmarks.queries.timing import timed
from benchmarks.viewers import watched
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.jar import VERSION
from tests.specs.grafana import Asked, Grafana, dashboards, queries

HOURS = (1, 24, 168, 720)
TARGETS = {24: 50.0, 720: 250.0}
"""Milliseconds, by hours."""
VIEWERS, REFRESH = 5, 5.0
LOAD_TARGET = 3.0
"""Seconds for a whole dashboard, of 95 in 100 loads."""

Figures = dict[str, Any]


def measure(server: EmbeddedQuestDB, *, runs: int, seconds: float, only: Sequence[str] = (), days: int = 30) -> Figures:
    """`runs` of each query and range, `seconds` of viewers a dashboard. `only`: words of which one is in the name of
    each query measured."""
    loads = [load_average()]
    with psycopg.connect(server.readonly_dsn, autocommit=True) as connection:
        floor = timed(connection, "SELECT 1", 50 * runs)
        shipped = [*_shipped(connection, server.pid, runs, only)]
        draft = [] if only else [*_draft(connection, server.pid, runs)]
        plans = {one["query"]: one["plan"] for one in shipped if one["plan"]}
    loads.append(load_average())
    watching = [] if only or not seconds else [*_watching(server, seconds)]
    loads.append(load_average())
    return {
        "machine": machine(), "questdb": VERSION, "loads": loads, "runs": runs, "days": days, "tables": tables(server),
        "floor": floor, "shipped": shipped, "draft": draft, "plans": plans, "viewers": watching,
    }  # fmt: skip


def tables(server: EmbeddedQuestDB) -> list[dict[str, Any]]:
    found = server.query("SELECT tableName AS name, rowCount AS rows, diskSize AS bytes FROM table_storage()")
    return sorted(found.records(), key=lambda one: str(one["name"]))


def _shipped(connection: psycopg.Connection[Any], pid: int, runs: int, only: Sequence[str]) -> Iterator[dict[str, Any]]:
    grafana = Grafana(connection, "questdb")
    asked_by_name: dict[str, int] = {}
    for asked in queries("questdb"):
        number = asked_by_name[str(asked)] = asked_by_name.get(str(asked), 0) + 1
        name = str(asked) if number == 1 else f"{asked} ({number})"
        if only and not any(word in name for word in only):
            continue
        print(name, file=sys.stderr, flush=True)
        found = {str(hours): timed(connection, grafana.expand(asked, END, hours, {}), runs, pid) for hours in HOURS}
        yield {
            "query": name, "dashboard": asked.dashboard, "kind": asked.kind, "name": name.partition(" › ")[2],
            "found": found, "plan": _plan(grafana, asked, found),
        }  # fmt: skip


def _plan(grafana: Grafana, asked: Asked, found: dict[str, dict[str, Any]]) -> str:
    """Of the shortest range whose target is missed."""
    for hours, target in TARGETS.items():
        one = found[str(hours)]
        if "refusal" in one or sorted(one["ms"])[len(one["ms"]) // 2] <= target:
            continue
        rows = grafana.connection.execute(f"EXPLAIN {grafana.expand(asked, END, hours, {})}".encode()).fetchall()
        return "\n".join(str(row[0]) for row in rows)
    return ""


def _draft(connection: psycopg.Connection[Any], pid: int, runs: int) -> Iterator[dict[str, Any]]:
    now = f"cast('{END:%Y-%m-%dT%H:%M:%S.%fZ}' as timestamp)"
    for one in DRAFT:
        print(one.name, file=sys.stderr, flush=True)
        found = {str(hours): timed(connection, one.mended.format(hours=hours, now=now), runs, pid) for hours in HOURS}
        yield asdict(one) | {"as_written": timed(connection, one.written, 1), "found": found}


def _watching(server: EmbeddedQuestDB, seconds: float) -> Iterator[dict[str, Any]]:
    """Five viewers of each dashboard over its default range, as if the data came in now."""
    for uid, dashboard in dashboards("questdb").items():
        print(f"{VIEWERS} viewers of {uid}", file=sys.stderr, flush=True)
        hours = float(dashboard["time"]["from"].removeprefix("now-").removesuffix("h"))
        began = time.monotonic()

        def now(began: float = began) -> datetime:
            return END - timedelta(seconds=seconds - (time.monotonic() - began))

        loads = watched(server.readonly_dsn, [uid] * VIEWERS, hours=hours, refresh=REFRESH, seconds=seconds, now=now)
        requests = sum(1 for one in queries("questdb") if one.dashboard == uid)
        yield {"dashboard": uid, "hours": hours, "queries": requests, "loads": [asdict(one) for one in loads]}
