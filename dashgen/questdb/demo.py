# ruff: noqa: S608 - composing SQL from a spec's expressions is what this module is for
"""Demo data, made by the server itself: `INSERT … SELECT` over a sequence, in the order of time.

A spec says what a row holds as SQL expressions of the moment and the number of the series. As they are closed
formulas and not a walk, the same seed and range give the same rows, and QuestDB makes about a million of them
a second.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from dashgen.model.core.problems import Problem
from dashgen.model.core.source_map.position import Spot
from dashgen.model.tables.demo import Demo
from dashgen.model.tables.table import Column, TableSchema
from dashgen.questdb.errors import AnswerTimeout, DemoError, QueryError
from dashgen.questdb.http import Client
from dashgen.render.ddl import sql_name
from dashgen.sql.statements import acting_part

CHUNK_ROWS = 1_000_000
CHUNK_SECONDS = 60.0
"""A chunk takes about a second."""


def statement(
    demo: Demo, parameters: Mapping[str, int], *, env: str, seed: int, start: datetime, first: int, count: int
) -> str:
    """The INSERT for `count` moments from the `first` one (from 0) after `start`."""
    known = _known(demo, parameters, env, seed, start)
    source = _moments_and_series(demo, parameters, known, first, count, demo.shared, demo.steps)
    names = [demo.table.designated, *demo.columns]
    values = ["at", *(expression.format(**known) for expression in demo.columns.values())]
    made = f"SELECT {', '.join(values)} FROM ({source}) WHERE {demo.exists.format(**known)}"
    return f"INSERT INTO {sql_name(demo.table.name)} ({', '.join(map(sql_name, names))}) {made}"


def rows_of(demo: Demo, parameters: Mapping[str, int], env: str, start: datetime) -> str:
    """A query that makes no row, and that the server takes where it takes all of the demo's formulas."""
    known = _known(demo, parameters, env, 1, start)
    source = _moments_and_series(demo, parameters, known, 0, 1, demo.shared, demo.steps)
    values = [f"{expression.format(**known)} AS {sql_name(name)}" for name, expression in demo.columns.items()]
    return f"SELECT {', '.join(['at', *values])} FROM ({source}) WHERE {demo.exists.format(**known)} LIMIT 0"


def outside(demo: Demo, parameters: Mapping[str, int], env: str, start: datetime) -> str:
    """A query that is true where rows of a day have a value that the table's declaration refuses; empty where nothing
    is bounded."""
    bounds = _bounds(demo)
    if not bounds:
        return ""
    where = " OR ".join(f"({text})" for text in bounds.values())
    return f"SELECT count() > 0 FROM ({_sample(demo, parameters, env, start, bounds)}) WHERE {where}"


def out_of_bounds(
    client: Client, demo: Demo, parameters: Mapping[str, int], env: str, start: datetime
) -> Iterator[Problem]:
    """The first such value of each column. Raises QueryError."""
    for name, text in _bounds(demo).items():
        made = _sample(demo, parameters, env, start, (name,))
        found = client.query(f"SELECT {sql_name(name)} FROM ({made}) WHERE {text} LIMIT 1")
        for (value,) in found:
            message = f"expected {_expected(demo.table.column(name))}, got {value!r}"
            hint = "the table's declaration refuses it: change the formula, or the bounds"
            yield Problem(demo.called(), f"columns.{name}: {message}", hint, demo.source, demo, f"columns.{name}")


_SAMPLED = 500
_SAMPLED_ROWS = 20_000


def _sample(demo: Demo, parameters: Mapping[str, int], env: str, start: datetime, names: Iterable[str]) -> str:
    """Values of some columns, at moments over a day."""
    moments = max(1, min(_SAMPLED, _SAMPLED_ROWS // demo.count(parameters), 86_400 // demo.interval_seconds))
    seconds = max(1, 86_400 // moments // demo.interval_seconds) * demo.interval_seconds
    spread = replace(demo, every=f"{seconds}s")
    known = _known(demo, parameters, env, 1, start)
    source = _moments_and_series(spread, parameters, known, 0, moments, demo.shared, demo.steps)
    values = ", ".join(f"{demo.columns[name].format(**known)} AS {sql_name(name)}" for name in names)
    return f"SELECT {values} FROM ({source}) WHERE {demo.exists.format(**known)}"


def _bounds(demo: Demo) -> dict[str, str]:
    """What is true of a value that a column may not have, by the column's name."""
    return {name: text for name in demo.columns if (text := " OR ".join(_refusing(demo.table.column(name))))}


def _refusing(column: Column) -> Iterator[str]:
    name = sql_name(column.name)
    if column.minimum is not None and math.isfinite(column.minimum):
        yield f"{name} < {column.minimum}"
    if column.maximum is not None and math.isfinite(column.maximum):
        yield f"{name} > {column.maximum}"
    if column.lengths is not None:
        least, most = column.lengths
        yield f"length({name}) < {least}" + (f" OR length({name}) > {most}" if most is not None else "")
    if column.choices:
        listed = ", ".join("'" + choice.replace("'", "''") + "'" for choice in column.choices)
        yield f"{name} NOT IN ({listed})"
    if not column.nullable and column.type in ("LONG", "DOUBLE", "SYMBOL", "VARCHAR", "TIMESTAMP"):
        yield f"{name} IS NULL"


def _expected(column: Column) -> str:
    parts = []
    if column.choices:
        parts.append("one of " + ", ".join(column.choices))
    if column.minimum is not None:
        parts.append(f"{column.minimum:g} or more")
    if column.maximum is not None:
        parts.append(f"{column.maximum:g} or less")
    if column.lengths is not None:
        least, most = column.lengths
        parts.append(f"a text of {least} to {most} characters" if most is not None else f"{least} characters or more")
    return " and ".join(parts) or "a value"


def acting(demo: Demo) -> tuple[Problem, ...]:
    """The formulas that would do something besides being one, none of which is ever sent."""
    return tuple(
        _problem(demo, place, f"expected an expression, got {acts.what}", said="")
        for place, expression in demo.formulas
        if (acts := acting_part(expression))
    )


def refusals(
    client: Client, demo: Demo, parameters: Mapping[str, int], env: str, start: datetime, message: str
) -> tuple[Problem, ...]:
    """The formulas that the server refuses, each with its words; `message` where none is wrong by itself."""
    known = _known(demo, parameters, env, 1, start)
    return tuple(_refused(client, demo, parameters, known)) or (_problem(demo, "", message),)


def _known(demo: Demo, parameters: Mapping[str, int], env: str, seed: int, start: datetime) -> dict[str, int | str]:
    """What stands in braces."""
    interval = demo.interval_seconds
    begin = math.ceil(start.timestamp() / interval) * interval
    return {**parameters, "env": env.replace("'", "''"), "seed": seed, "start": begin}


def _moments_and_series(
    demo: Demo, parameters: Mapping[str, int], known: Mapping[str, int | str], first: int, count: int,
    shared: Iterable[tuple[str, str]], steps: Iterable[tuple[str, str]],
) -> str:  # fmt: skip
    """A SELECT with a row a moment and series, that has their numbers and those steps."""
    groups, series = demo.groups(parameters), demo.series(parameters)
    source = (
        f"SELECT ({known['start']}L + ({first}L + (x - 1) / {groups}) * {demo.interval_seconds}) AS t,"
        f" (x - 1) % {groups} AS g FROM long_sequence({count * groups})"
    )
    source = f"SELECT t, g{_named(shared, known)} FROM ({source})"
    source = (
        f"SELECT *, g * {series} + m AS i FROM ({source}) CROSS JOIN (SELECT x - 1 AS m FROM long_sequence({series}))"
    )
    return f"SELECT *, cast(t * 1000000 AS TIMESTAMP) AS at{_named(steps, known)} FROM ({source})"


def _named(steps: Iterable[tuple[str, str]], known: Mapping[str, int | str]) -> str:
    """In one SELECT, where a name may be used by what follows it: nested, each would cost every row a third more."""
    return "".join(f", {expression.format(**known)} AS {name}" for name, expression in steps)


def seed_tables(
    client: Client,
    demos: Sequence[Demo],
    parameters: Mapping[str, int],
    *,
    env: str,
    start: datetime,
    end: datetime,
    seed: int = 1,
    origin: datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    seconds: float = CHUNK_SECONDS,
) -> int:
    """Fills deployed tables for the moments from `start` to before `end`, and returns how many rows these then have.

    `origin` is where the demo data begin, of which these are a part: what `{start}` is in the formulas.
    `env` is what the rows are said to come from. Filling twice doubles nothing (the dedup keys). `progress` is told
    rows done and rows in all, after each chunk; those of silent writers count, though they don't exist. Raises
    DemoError where the server refuses formulas; the other tables are filled all the same. It also raises DemoError, at
    once, where the rows of a chunk are not made within `seconds`.
    """
    bounded = Client(client.address, timeout=seconds)
    work = [(demo, _moments(demo.interval_seconds, start, end)) for demo in demos if demo.count(parameters)]
    total = sum(moments * demo.count(parameters) for demo, moments in work)
    begin = origin or start
    done = 0
    problems: list[Problem] = []
    for demo, moments in work:
        if wrong := acting(demo):
            problems += wrong
            continue
        series = demo.count(parameters)
        before = _moments(demo.interval_seconds, begin, start)
        step = max(1, CHUNK_ROWS // series)
        for first in range(0, moments, step):
            count = min(step, moments - first)
            try:
                bounded.execute(
                    statement(demo, parameters, env=env, seed=seed, start=begin, first=before + first, count=count)
                )
            except AnswerTimeout:
                problems.append(_endless(demo, count * series, seconds))
                raise DemoError(tuple(problems)) from None
            except QueryError as error:
                known = _known(demo, parameters, env, seed, begin)
                problems += tuple(_refused(client, demo, parameters, known)) or (
                    _problem(demo, place, error.message)
                    for place in tuple(_texts_for_others(client, demo, parameters, known)) or ("",)
                )
                break
            done += count * series
            progress(done, total)
    client.settle(timeout=600)
    if problems:
        raise DemoError(tuple(problems))
    return sum(_rows(client, demo.table, start, end) for demo in demos)


def _endless(demo: Demo, rows: int, seconds: float) -> Problem:
    message = f"its {rows:,} rows are not made within {seconds:g} s"
    hint = "look for a formula that reads many rows, such as a subquery; dashgen check reports it (DG706)"
    return Problem(demo.called(), message, hint, demo.source, demo)


def _refused(
    client: Client, demo: Demo, parameters: Mapping[str, int], known: Mapping[str, int | str]
) -> Iterator[Problem]:
    """Each formula that is wrong by itself. One that uses the name of a wrong one is not judged."""
    wrong: set[str] = set()
    shared: list[tuple[str, str]] = []
    steps: list[tuple[str, str]] = []

    def source() -> str:
        return _moments_and_series(demo, parameters, known, 0, 1, shared, steps)

    for place, expression in demo.formulas:
        kind, _, name = place.partition(".")
        text = expression.format(**known)
        if wrong.intersection(word.lower() for word in _WORD.findall(text)):
            wrong.add(name.lower())
            continue
        kept = shared if kind == "shared" else steps
        if kind in ("shared", "steps"):
            kept.append((name, expression))
            begin, tail, sql = "", f" AS {name} FROM (", f"{source()} LIMIT 0"
        elif kind == "exists":
            begin, tail, sql = ") WHERE (", ") LIMIT 0", f"SELECT at FROM ({source()}) WHERE ({text}) LIMIT 0"
        else:
            begin, tail = "SELECT at, (", ") FROM ("  # in brackets, what is not finished does not swallow the rest
            into = f"INSERT INTO {sql_name(demo.table.name)} ({sql_name(demo.table.designated)}, {sql_name(name)})"
            sql = f"{into} SELECT at, ({text}) FROM ({source()}) LIMIT 0"
        try:
            client.execute(sql)
        except QueryError as error:
            if kind in ("shared", "steps"):
                kept.pop()
                wrong.add(name.lower())
            at = sql.find(f"{begin}{text}{tail}") + len(begin)
            inside = error.position is not None and at <= error.position <= at + len(text)
            spot = Spot(expression, error.position - at) if inside and error.position and text == expression else None
            yield _problem(demo, place, error.message, spot)


def _texts_for_others(
    client: Client, demo: Demo, parameters: Mapping[str, int], known: Mapping[str, int | str]
) -> Iterator[str]:
    """Columns of another type that get a text. The server accepts that, and refuses the first row whose text it can't
    convert without a word about the column."""
    source = _moments_and_series(demo, parameters, known, 0, 1, demo.shared, demo.steps)
    for name, expression in demo.columns.items():
        if demo.table.column(name).type not in ("SYMBOL", "VARCHAR"):
            kind = client.query(f"SELECT {expression.format(**known)} AS made FROM ({source}) LIMIT 1").types[0]
            if kind in ("STRING", "VARCHAR", "SYMBOL", "CHAR"):
                yield f"columns.{name}"


def _problem(
    demo: Demo, place: str, message: str, spot: Spot | None = None, said: str = "QuestDB refuses it: "
) -> Problem:
    said = f"{place}: {said}{message}" if place else f"QuestDB refuses its rows: {message}"
    hint = f"in {spot.text!r} at {spot.text[spot.offset :]!r}" if spot and len(spot.text) <= 80 else ""
    return Problem(demo.called(), said, hint, demo.source, demo, place, spot)


_WORD = re.compile(r"\w+")


def _rows(client: Client, table: TableSchema, start: datetime, end: datetime) -> int:
    first, last = (f"cast({int(at.timestamp() * 1_000_000)}L AS TIMESTAMP)" for at in (start, end))
    at = sql_name(table.designated)
    where = f"{at} >= {first} AND {at} < {last}"
    return cast("int", client.query(f"SELECT count() FROM {sql_name(table.name)} WHERE {where}").value)


def _moments(interval: int, start: datetime, end: datetime) -> int:
    return max(0, math.ceil(end.timestamp() / interval) - math.ceil(start.timestamp() / interval))
