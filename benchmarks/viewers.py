"""Viewers of the shipped dashboards, as their browsers and the QuestDB plugin behave.

A refresh asks the dashboard's variables, then its panels and annotations, at most six requests of one viewer at a time
(what browsers open to one host over HTTP/1.1). Each request is a panel with all of its queries; they go over PG wire,
one after the other, where the plugin sends them at once. A refresh that is due while the one before still runs starts
late, and is counted as such. Drawing is not measured.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.pq import ExecStatus

from tests.specs.grafana import Asked, Grafana, queries

CONNECTIONS = 6
Request = tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """One refresh. `at` is seconds since the first one was due, `waited` for how long it was late."""

    viewer: int
    dashboard: str
    at: float
    seconds: float
    waited: float
    failures: tuple[str, ...] = ()


def requests(uid: str) -> tuple[list[Request], list[Request]]:
    """The requests of a dashboard: those of its variables, and the rest."""
    asked = [one for one in queries("questdb") if one.dashboard == uid]
    grouped = [tuple(group) for _, group in groupby(asked, key=lambda one: (one.kind, one.name))]
    return [g for g in grouped if g[0].kind == "variable"], [g for g in grouped if g[0].kind != "variable"]


class Viewer:
    """One browser with one dashboard. `now` is the end of the range that it looks at."""

    def __init__(self, number: int, dsn: str, uid: str, hours: float, now: Callable[[], datetime]) -> None:
        self.number, self.uid, self._hours, self._now = number, uid, hours, now
        self._variables, self._rest = requests(uid)
        self._connections = [psycopg.connect(dsn, autocommit=True) for _ in range(CONNECTIONS)]
        self._idle = list(self._connections)
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(CONNECTIONS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()

    def load(self, at: float, waited: float) -> Load:
        end = self._now()
        started = time.perf_counter()
        failures: list[str] = []
        for requests_ in (self._variables, self._rest):
            for failed in self._threads.map(lambda request: self._ask(request, end), requests_):
                failures += failed
        return Load(self.number, self.uid, at, time.perf_counter() - started, waited, tuple(failures))

    def _ask(self, request: Request, end: datetime) -> list[str]:
        with self._lock:
            connection = self._idle.pop()
        try:
            grafana = Grafana(connection, "questdb")
            return [*_refusals(connection, [grafana.expand(asked, end, self._hours, {}) for asked in request])]
        finally:
            with self._lock:
                self._idle.append(connection)

    def watch(self, refresh: float, first: float, until: float, seen: list[Load], stop: threading.Event) -> None:
        """Refreshes from `first` to `until` (of `time.monotonic`), or until it is stopped."""
        due = first
        while due < until and not stop.wait(max(0.0, due - time.monotonic())):
            seen.append(self.load(due - first, max(0.0, time.monotonic() - due)))
            due = max(due + refresh, time.monotonic())


def _refusals(connection: psycopg.Connection[Any], texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        result = connection.pgconn.exec_(text.encode())
        if result.status != ExecStatus.TUPLES_OK:
            yield result.error_message.decode().strip().split("\n")[0]


def watched(
    dsn: str, uids: Sequence[str], *, hours: float, refresh: float, seconds: float, now: Callable[[], datetime]
) -> list[Load]:
    """The loads of a viewer for each dashboard named, who came to it at different moments of the first refresh."""
    seen: list[Load] = []
    viewers: list[Viewer] = []
    stop = threading.Event()
    try:
        viewers += [Viewer(number, dsn, uid, hours, now) for number, uid in enumerate(uids)]
        began = time.monotonic() + 0.1
        threads = [
            threading.Thread(
                target=viewer.watch, args=(refresh, began + refresh * n / len(viewers), began + seconds, seen, stop)
            )
            for n, viewer in enumerate(viewers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
        for viewer in viewers:
            viewer.__exit__(None, None, None)
    return seen
