# ruff: noqa: S608 - composing SQL from a spec's expressions is what this module is for
"""Demo data, made by the server itself: `INSERT … SELECT` over a sequence, in the order of time.

A spec says what a row holds as SQL expressions of the moment and the number of the series. As they are closed
formulas and not a walk, the same seed and range give the same rows, and QuestDB makes about a million of them
a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from dashgen.model.demo import Demo
from dashgen.model.table import Table

from .http import Client

CHUNK_ROWS = 1_000_000


def statement(demo: Demo, parameters: Mapping[str, int], *, seed: int, start: datetime, first: int, count: int) -> str:
    """The INSERT for `count` moments from the `first` one (from 0) after `start`."""
    interval = demo.table.write_interval_seconds
    series = demo.series(parameters)
    begin = math.ceil(start.timestamp() / interval) * interval
    known = {**parameters, "seed": seed, "start": begin}
    rows = count * series
    source = (
        f"SELECT ({begin}L + ({first}L + (x - 1) / {series}) * {interval}) AS t, (x - 1) % {series} AS i"
        f" FROM long_sequence({rows})"
    )
    for name, expression in demo.steps:
        source = f"SELECT *, {expression.format(**known)} AS {name} FROM ({source})"
    source = f"SELECT *, cast(t * 1000000 AS TIMESTAMP) AS at FROM ({source})"
    names = [demo.table.designated, *demo.columns]
    values = ["at", *(expression.format(**known) for expression in demo.columns.values())]
    return f"INSERT INTO {demo.table.name} ({', '.join(names)}) SELECT {', '.join(values)} FROM ({source})"


def seed_tables(
    client: Client,
    demos: Iterable[Demo],
    parameters: Mapping[str, int],
    *,
    start: datetime,
    end: datetime,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Fills deployed tables for the moments from `start` to before `end`, and returns the number of rows.

    Filling twice doubles nothing (the dedup keys). `progress` is told rows done and rows in all, after each
    chunk.
    """
    work = [(demo, _moments(demo.table, start, end)) for demo in demos]
    total = sum(moments * demo.series(parameters) for demo, moments in work)
    done = 0
    for demo, moments in work:
        series = demo.series(parameters)
        step = max(1, CHUNK_ROWS // series)
        for first in range(0, moments, step):
            count = min(step, moments - first)
            client.execute(statement(demo, parameters, seed=seed, start=start, first=first, count=count))
            done += count * series
            progress(done, total)
    client.settle(timeout=600)
    return done


def _moments(table: Table, start: datetime, end: datetime) -> int:
    interval = timedelta(seconds=table.write_interval_seconds).total_seconds()
    return max(0, math.ceil(end.timestamp() / interval) - math.ceil(start.timestamp() / interval))
