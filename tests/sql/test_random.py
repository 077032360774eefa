"""Random queries: whatever the server takes, the parser reads, with the tables and columns that went into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from dashgen.questdb import EmbeddedQuestDB, QueryError
from dashgen.questdb.describe import Describer
from dashgen.sql import ast
from dashgen.sql.parser import understood
from dashgen.sql.reads import reads

COLUMNS = {"n": ("a", "p"), "s": ("s",), "b": ("b",), "t": ("ts",)}
TABLES = ("ra", "rb")
DDL = (
    "CREATE TABLE IF NOT EXISTS {} (ts TIMESTAMP, s SYMBOL, a LONG, p DOUBLE, b BOOLEAN) TIMESTAMP(ts) PARTITION BY DAY"
)


@dataclass
class Made:
    """A query's text, and what went into it."""

    sql: str
    tables: list[str] = field(default_factory=list)
    columns: int = 0


class Maker:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.tables: list[str] = []
        self.columns = 0

    def one(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def chance(self, percent: int = 30) -> bool:
        return self.draw(st.integers(0, 99)) < percent

    def column(self, kind: str) -> str:
        self.columns += 1
        name = self.one(*COLUMNS[kind])
        return self.one(name, name, f'"{name}"', name.upper())

    def number(self, depth: int) -> str:
        if depth <= 0 or self.chance(40):
            return self.one("1", "2.5", "-3", "100L", "1e3") if self.chance(40) else self.column("n")
        match self.draw(st.integers(0, 6)):
            case 0:
                return f"{self.number(depth - 1)} {self.one(*'+-*/%')} {self.number(depth - 1)}"
            case 1:
                return f"({self.number(depth - 1)})"
            case 2:
                return (
                    f"CASE WHEN {self.truth(depth - 1)} THEN {self.number(depth - 1)} ELSE {self.number(depth - 1)} END"
                )
            case 3:
                return f"cast({self.number(depth - 1)} AS double)"
            case 4:
                return f"{self.column('n')}::{self.one('double', 'long', 'INT')}"
            case 5:
                return f"abs({self.number(depth - 1)})"
            case _:
                return f"coalesce({self.number(depth - 1)}, {self.number(depth - 1)})"

    def text(self) -> str:
        return self.one("'x'", "'it''s'", "'-- no'", "'FROM rb'") if self.chance() else self.column("s")

    def truth(self, depth: int) -> str:
        if depth <= 0:
            return self.column("b")
        match self.draw(st.integers(0, 9)):
            case 0:
                return f"{self.truth(depth - 1)} {self.one('AND', 'or')} {self.truth(depth - 1)}"
            case 1:
                return f"NOT {self.truth(depth - 1)}"
            case 2:
                return f"({self.truth(depth - 1)})"
            case 3:
                return f"{self.number(depth - 1)} {self.one('=', '<', '>=', '!=', '<>')} {self.number(depth - 1)}"
            case 4:
                return f"{self.column('s')} {self.one('IN', 'NOT IN')} ('a', 'b')"
            case 5:
                return (
                    f"{self.column('t')} {self.one('IN', 'NOT IN')} {self.one(chr(39) + '2026' + chr(39), 'today()')}"
                )
            case 6:
                return f"{self.column('n')} {self.one('BETWEEN', 'NOT BETWEEN')} 1 AND {self.number(0)}"
            case 7:
                return f"{self.text()} {self.one('LIKE', 'NOT LIKE', 'ILIKE', '~', '!~')} 'a%'"
            case 8:
                return f"{self.column('s')} IS {self.one('NULL', 'NOT NULL')}"
            case _:
                return f"{self.column('t')} {self.one('>', '<=')} dateadd('{self.one('h', 'd')}', -1, now())"

    def relation(self) -> str:
        name = self.one(*TABLES)
        self.tables.append(name)
        return self.one(name, f'"{name}"', f"'{name}'")

    def source(self, depth: int) -> str:
        if depth <= 0 or self.chance(60):
            return self.relation()
        return f"(SELECT ts, s, a, p, b FROM {self.source(depth - 1)}{self.where(1)})"

    def where(self, depth: int) -> str:
        return f" WHERE {self.truth(depth)}" if self.chance(60) else ""

    def query(self, depth: int) -> str:
        match self.draw(st.integers(0, 5)):
            case 0:
                gap = self.one("", " FILL(NULL)", " FILL(PREV)", " FILL(0)", " ALIGN TO CALENDAR TIME ZONE 'UTC'")
                return (
                    f"SELECT ts, {self.one('avg', 'max', 'first')}({self.column('n')}) {self.one('p', 'AS v', 'AS x')}"
                    f" FROM {self.relation()}{self.where(2)} SAMPLE BY {self.one('1h', '10s', '500T', '1d')}{gap}"
                )
            case 1:
                rows = f"{self.source(depth)}{self.where(2)}"
                return f"SELECT s, sum({self.number(1)}) total FROM {rows} GROUP BY s ORDER BY total"
            case 2:
                return f"SELECT * FROM {self.relation()}{self.where(1)} LATEST ON ts PARTITION BY s"
            case 3:
                kind = self.one("JOIN", "LEFT JOIN", "INNER JOIN", "ASOF JOIN", "LT JOIN")
                on = (
                    self.one("", " ON (s)")
                    if kind in ("ASOF JOIN", "LT JOIN")
                    else self.one(" ON (s)", " ON x.s = y.s")
                )
                return f"SELECT x.a, y.p FROM {self.relation()} x {kind} {self.relation()} y{on} LIMIT 5"
            case 4:
                frame = self.one("", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " CUMULATIVE")
                call = f"{self.one('sum', 'avg', 'max')}({self.column('n')})"
                return f"SELECT ts, {call} OVER (PARTITION BY s ORDER BY ts{frame}) AS w FROM {self.source(depth)}"
            case _:
                ends = self.one("", " LIMIT 5", " LIMIT 1, 5", " ORDER BY 1 DESC LIMIT -5")
                return (
                    f"SELECT {self.number(2)} AS v, {self.truth(1)} AS w FROM {self.source(depth)}{self.where(2)}{ends}"
                )

    def statement(self) -> str:
        query = self.query(2)
        if self.chance(20):
            self.columns += 1
            query = f"WITH c AS ({query}) SELECT * FROM c"
        if self.chance(15):
            query = f"DECLARE @x := 5 {query}"
        if self.chance(15):
            query = f"({query}) UNION ALL ({query})"
            self.tables *= 2
        return query


@st.composite
def queries(draw: st.DrawFn) -> Made:
    maker = Maker(draw)
    sql = maker.statement()
    return Made(sql, maker.tables, maker.columns)


@pytest.fixture(scope="module")
def describer(questdb: EmbeddedQuestDB) -> Iterator[Describer]:
    for table in TABLES:
        questdb.execute(DDL.format(table))
    with Describer(questdb.readonly_dsn) as found:
        yield found


def scanned(plan: str) -> set[str]:
    """The tables that the server's plan scans (QuestDB 9.3.4: `Frame forward scan on: t`); `Index … scan on: s` names a
    column."""
    lines = (line for line in plan.splitlines() if "Index " not in line)
    return {name for line in lines for name in re.findall(r"scan on: (\w+)", line)}


@pytest.mark.questdb
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(queries())
def test_the_servers_plan_scans_what_is_read(describer: Describer, questdb: EmbeddedQuestDB, made: Made) -> None:
    try:
        plan = "\n".join(str(row[0]) for row in questdb.query(f"EXPLAIN {made.sql}").rows)
    except QueryError:
        event("refused by the server")
        return
    query = understood(made.sql)
    assert query is not None, made.sql
    named = {read.name for read in reads(query)}
    found = scanned(plan)
    if "Empty table" in plan:  # a condition that never holds: nothing is scanned below it
        event("folded away")
        assert found <= named, (made.sql, plan)
    else:
        assert found == named, (made.sql, plan)


@pytest.mark.questdb
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(queries())
def test_what_the_server_takes_is_read(describer: Describer, made: Made) -> None:
    try:
        describer.describe(made.sql)
    except QueryError:
        event("refused by the server")
        return
    event("taken by the server")
    query = understood(made.sql)
    assert query is not None, made.sql
    assert sorted(read.name for read in reads(query)) == sorted(made.tables), made.sql
    named = [node for node in ast.walk(query) if isinstance(node, ast.Column)]
    assert {column.name.lower() for column in named} <= {"a", "p", "s", "b", "ts", "total", "v", "x", "w"}, made.sql


WORDS = re.findall(
    r"\S+",
    """
    ( ) , . a t ' " SELECT FROM WHERE $x ${ $__f( [ ] :: @ := # NOT IN CASE WHEN THEN END OVER AND BY ORDER SAMPLE 1 - *
    ;
    """,
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_no_text_makes_it_fail(sql: str) -> None:
    query = understood(sql)
    if query is not None:
        assert query.span[1] <= len(sql)
