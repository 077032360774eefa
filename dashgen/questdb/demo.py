# ruff: noqa: S608 - composing SQL from a spec's expressions is what this module is for
"""Demo data, made by the server itself: `INSERT … SELECT` over a sequence, in the order of time.

A spec says what a row holds as SQL expressions of the moment and the number of the series. As they are closed
formulas and not a walk, the same seed and range give the same rows, and QuestDB makes about a million of them
a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from dashgen.model.demo import Demo
from dashgen.model.table import Table

from .http import Client

CHUNK_ROWS = 1_000_000


def statement(demo: Demo, parameters: Mapping[str, int], *, seed: int, start: datetime, first: int, count: int) -> str:
    """The INSERT for `count` moments from the `first` one (from 0) after `start`."""
    interval = demo.interval_seconds
    groups, series = demo.groups(parameters), demo.series(parameters)
    begin = math.ceil(start.timestamp() / interval) * interval
    known = {**parameters, "seed": seed, "start": begin}
    source = (
        f"SELECT ({begin}L + ({first}L + (x - 1) / {groups}) * {interval}) AS t, (x - 1) % {groups} AS g"
        f" FROM long_sequence({count * groups})"
    )
    source = f"SELECT t, g{_named(demo.shared, known)} FROM ({source})"
    source = (
        f"SELECT *, g * {series} + m AS i FROM ({source}) CROSS JOIN (SELECT x - 1 AS m FROM long_sequence({series}))"
    )
    source = f"SELECT *, cast(t * 1000000 AS TIMESTAMP) AS at{_named(demo.steps, known)} FROM ({source})"
    names = [demo.table.designated, *demo.columns]
    values = ["at", *(expression.format(**known) for expression in demo.columns.values())]
    made = f"SELECT {', '.join(values)} FROM ({source}) WHERE {demo.exists.format(**known)}"
    return f"INSERT INTO {demo.table.name} ({', '.join(names)}) {made}"


def _named(steps: Iterable[tuple[str, str]], known: Mapping[str, int]) -> str:
    """In one SELECT, where a name may be used by what follows it: nested, each would cost every row a third more."""
    return "".join(f", {expression.format(**known)} AS {name}" for name, expression in steps)


def seed_tables(
    client: Client,
    demos: Sequence[Demo],
    parameters: Mapping[str, int],
    *,
    start: datetime,
    end: datetime,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Fills deployed tables for the moments from `start` to before `end`, and returns how many rows these then have.

    Filling twice doubles nothing (the dedup keys). `progress` is told rows done and rows in all, after each chunk;
    those of silent writers count, though they don't exist.
    """
    work = [(demo, _moments(demo.interval_seconds, start, end)) for demo in demos]
    total = sum(moments * demo.count(parameters) for demo, moments in work)
    done = 0
    for demo, moments in work:
        series = demo.count(parameters)
        step = max(1, CHUNK_ROWS // series)
        for first in range(0, moments, step):
            count = min(step, moments - first)
            client.execute(statement(demo, parameters, seed=seed, start=start, first=first, count=count))
            done += count * series
            progress(done, total)
    client.settle(timeout=600)
    return sum(_rows(client, demo.table, start, end) for demo in demos)


def _rows(client: Client, table: Table, start: datetime, end: datetime) -> int:
    first, last = (f"cast({int(at.timestamp() * 1_000_000)}L AS TIMESTAMP)" for at in (start, end))
    where = f"{table.designated} >= {first} AND {table.designated} < {last}"
    return cast("int", client.query(f"SELECT count() FROM {table.name} WHERE {where}").value)


def _moments(interval: int, start: datetime, end: datetime) -> int:
    return max(0, math.ceil(end.timestamp() / interval) - math.ceil(start.timestamp() / interval))
