# ruff: noqa: S608 - a test's rows become statements here; names and values are quoted
"""The tables of one test on a shared server: under names of their own, so that tests don't see each other's rows."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.notation import GAP, Cells, NotationError, Offset, cells
from dashgen.alert_tests.test_model import Rows
from dashgen.grafana.alerting.queries import Answer
from dashgen.model.core.problems import DashgenError
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.tables.column_types import WHOLE
from dashgen.model.tables.rows import Validator, faults
from dashgen.model.tables.table import MaterializedView, TableSchema, table_of
from dashgen.questdb.errors import ServerError
from dashgen.questdb.http import ALL_VIEWS
from dashgen.render.ddl import RESERVED, create_table, create_view, sql_name
from dashgen.sql.ast import Column, Star, walk
from dashgen.sql.lexer import Token, tokenize
from dashgen.sql.parser import understood
from dashgen.sql.reads import common_tables, functions, reads

_BATCH = 500
_NAMES = ("word", "string", "quoted")


@dataclass(frozen=True, slots=True)
class TimedRow:
    """`at` in seconds since 1970."""

    at: float
    table: str
    values: Mapping[str, Any]


MOST_ROWS = 1_000_000
"""Rows of one entry of a test."""


class RowsError(DashgenError, ValueError):
    """What is wrong with a test's rows."""


def expand_rows(rows: Rows, classes: Mapping[str, type], start: datetime, end: float) -> list[TimedRow]:
    """The rows of one entry, judged by their table's rules unless they are meant to break them. Raises RowsError."""
    series = [rows]
    combined = math.prod(len(values) for values in rows.each.values())
    if combined > MOST_ROWS:
        raise RowsError(f"{rows.place}: each combines to {combined:,} series, and a test may have {MOST_ROWS:,} rows")
    if rows.each:
        combinations = (dict(zip(rows.each, c, strict=True)) for c in itertools.product(*rows.each.values()))
        series = [replace(rows, values={**rows.values, **chosen}) for chosen in combinations]
    found: list[TimedRow] = []
    try:
        for one in series:
            found += _one_series(one, classes, start, end, MOST_ROWS - len(found))
        return found
    except OverflowError:
        raise RowsError(f"{rows.place}: its rows go beyond the end of the calendar: see from and until") from None
    except RowsError as error:
        raise RowsError(f"{rows.place}: {error}" if rows.place else str(error)) from error


def _one_series(rows: Rows, classes: Mapping[str, type], start: datetime, end: float, most: int) -> list[TimedRow]:
    cls = classes.get(rows.table)
    if cls is None:
        hint = nearest_or_all(rows.table, classes)
        raise RowsError(f"no table {rows.table!r} is declared; {hint}")
    table = table_of(cls)
    if not table.designated:
        raise RowsError(f"{table.name} has no designated timestamp: a test can't say when its rows come")
    columns = _columns(table, rows.values)
    found = []
    moments, every = _moments(rows, columns, table, end)
    if moments > most:
        raise RowsError(f"{table.name}: {moments:,} moments a series, and a test may have {MOST_ROWS:,} rows")
    iterators = {name: iter(column) for name, column in columns.items()}
    for number in range(moments):
        moment = start + timedelta(seconds=rows.start + number * every)
        values = {name: next(iterator) for name, iterator in iterators.items()}
        if GAP in values.values():
            continue
        filled = {n: v.at(moment, start) if isinstance(v, Offset) else v for n, v in values.items()}
        found.append(TimedRow(moment.timestamp(), table.name, {table.designated: moment, **_complete(table, filled)}))
    if not rows.unchecked:
        _judge(cls, table, found)
    return found


def _columns(table: TableSchema, values: Mapping[str, Any]) -> dict[str, Cells]:
    known = {column.name: column for column in table.columns}
    found = {}
    for name, given in values.items():
        if name not in known or name == table.designated:
            others = [n for n in known if n != table.designated]
            hint = nearest_or_all(name, others, "it has")
            raise RowsError(f"{table.name} has no column {name!r} to set; {hint}")
        try:
            found[name] = cells(given, known[name])
        except NotationError as error:
            raise RowsError(f"{table.name}.{name}: {error}") from error
    return found


def _moments(rows: Rows, columns: Mapping[str, Cells], table: TableSchema, end: float) -> tuple[int, float]:
    """How many rows, and how far apart. Of a table of events, values that go on for ever are one event."""
    every = rows.every or table.write_interval_seconds
    lengths = {name: column.length for name, column in columns.items() if column.length is not None}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise RowsError(f"{rows.table}: expected as many values in each column, but {told}")
    count = next(iter(lengths.values())) if lengths else None
    if every is None:
        if count is None and rows.until is None:
            count = 1
        if count != 1:
            raise RowsError(f"{table.name} has no write interval: say with every how far apart its rows are")
        return count, 0.0
    if count is not None:
        return count, every
    until = rows.until if rows.until is not None else end
    return max(0, int((until - rows.start) // every) + 1), every


def _complete(table: TableSchema, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a row needs and the test does not say: zeros, false, and the row's moment are left to the test; only
    columns that may be null are."""
    zeros: dict[str, Any] = {
        **dict.fromkeys(WHOLE, 0), "FLOAT": 0.0, "DOUBLE": 0.0, "DECIMAL": Decimal(0), "BOOLEAN": False
    }  # fmt: skip
    filled = dict(values)
    for column in table.columns:
        if column.name not in filled and column.name != table.designated:
            filled[column.name] = None if column.nullable else zeros.get(column.family)
    return filled


def _judge(cls: type, table: TableSchema, rows: Sequence[TimedRow]) -> None:
    validator = Validator()
    attributes = {column.name: column.attribute for column in table.columns}
    for number, row in enumerate(rows):
        values = {attributes[name]: value for name, value in row.values.items()}
        found = faults(cls, values, number)
        if not found:
            found = validator.follow(cls(**values), number)
        if found:
            at = row.values[table.designated]
            raise RowsError(
                f"{table.name}, row {number} ({at:%H:%M:%S}): {found[0].field}: {found[0].message};"
                " say unchecked where the row is meant to be wrong"
            )


class Stage:
    """The tables of one test. `prefix` makes their names unique; SQL that goes to the server is renamed by it."""

    def __init__(self, prefix: str, tables: Iterable[TableSchema], connection: QueryConnection) -> None:
        self._prefix = prefix
        self._tables = list(tables)
        self._connection = connection
        names = [name for table in self._tables for name in (table.name, *(view.name for view in table.views))]
        self._names = {name.lower(): f"{prefix}{name}" for name in names}
        columns = {column.name.lower() for table in self._tables for column in table.columns}
        self._ambiguous = self._names.keys() & (columns | RESERVED)
        self._views: list[MaterializedView] = []
        self._built: list[TableSchema] = []

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._names)

    def _name(self, name: str) -> str:
        """What a declared table or view is called on the server."""
        return self._names[name.lower()]

    def renamed(self, sql: str) -> str:
        """The statement over the tables of the test: their names in words and texts. A name that a column has too, or
        that is a word of SQL, is one only where a query reads a table."""
        tokens = tokenize(sql)
        places = self._places(sql, tokens)
        out = []
        for at, token in enumerate(tokens):
            new = self._names.get(_bare(token)) if token.kind in _NAMES else None
            is_call = token.kind == "word" and at + 1 < len(tokens) and tokens[at + 1].text == "("
            if new and not is_call and (places is None or token.start in places):
                out.append(token.text.replace(token.text.strip("'\""), new))
            else:
                out.append(token.text)
        return "".join(out)

    def _places(self, sql: str, tokens: Sequence[Token]) -> frozenset[int] | None:
        """Where names of tables stand, by the tree of the query; None for everywhere."""
        if not any(token.kind in _NAMES and _bare(token) in self._ambiguous for token in tokens):
            return None
        query = understood(sql)
        if query is None:
            return frozenset(t.start for t in tokens if t.kind != "word" or t.text.lower() not in RESERVED)
        read = list(reads(query))
        others = {one.source.alias.lower() for one in read} | {name.lower() for name in common_tables(query)}
        starts = {one.source.name_span[0] for one in read}
        for node in walk(query):
            if isinstance(node, (Column, Star)) and node.qualifier.lower() in self._names.keys() - others:
                starts.add(node.span[0])
        if any(functions(query)):  # table_partitions('t'), and names in the rows of wal_tables()
            starts |= {token.start for token in tokens if token.kind == "string"}
        return frozenset(starts)

    def original(self, text: str) -> str:
        """The other way, for messages."""
        return text.replace(self._prefix, "")

    def as_written(self, answer: Answer) -> Answer:
        """Rows that name tables (`wal_tables()`), with the names that the test knows."""
        if not any(isinstance(v, str) and v.startswith(self._prefix) for row in answer.rows for v in row):
            return answer
        rows = (tuple(self.original(v) if isinstance(v, str) else v for v in row) for row in answer.rows)
        return Answer(answer.columns, tuple(rows))

    def build(self, wanted: frozenset[str]) -> None:
        """Makes the tables and views of these names; a view brings its table."""
        for table in self._tables:
            views = list(_with_bases(table, wanted))
            if table.name.lower() in wanted or views:
                self._built.append(table)
                self._execute(create_table(replace(table, name=self._name(table.name))))
            for view in views:
                self._views.append(view)
                name, base = self._name(view.name), self._name(view.base)
                self._execute(create_view(replace(view, name=name, base=base, sql=self.renamed(view.sql))))
        self._refresh()

    def _refresh(self) -> None:
        """Waits for the views' first refresh, and makes one anew that a busy server gave up: a test would take the view
        for one that became invalid."""
        if not self._views:
            return
        self.settle()
        for view in self._views:
            name = self._name(view.name)
            status = f"SELECT view_status FROM materialized_views() WHERE view_name = '{name}'"  # our name
            if self._connection.run(status).rows == (("invalid",),):
                self._connection.run(f'REFRESH MATERIALIZED VIEW "{name}" FULL')
                self.settle()

    def drop(self) -> None:
        for view in self._views:
            self._connection.run(f'DROP MATERIALIZED VIEW IF EXISTS "{self._name(view.name)}"')
        for table in self._built:
            self._connection.run(f'DROP TABLE IF EXISTS "{self._name(table.name)}"')

    def run(self, sql: str) -> Answer:
        """Runs a statement over the original names."""
        return self._execute(self.renamed(sql))

    def _execute(self, sql: str) -> Answer:
        return self._connection.run(sql.strip().removesuffix(";"))

    def insert(self, rows: Iterable[TimedRow]) -> None:
        """Writes rows and waits until they can be read."""
        grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for row in rows:
            values = ", ".join(map(_literal, row.values.values()))
            grouped.setdefault((row.table, tuple(row.values)), []).append(f"({values})")
        for (table, columns), texts in grouped.items():
            for first in range(0, len(texts), _BATCH):
                batch = ", ".join(texts[first : first + _BATCH])
                names = ", ".join(map(sql_name, columns))
                self._connection.run(f'INSERT INTO "{self._name(table)}" ({names}) VALUES {batch}')
        if grouped:
            self.settle()

    def settle(self, timeout: float = 60.0) -> None:
        """Until what was written can be read, in the views too. A table that was suspended on purpose is not waited
        for. Raises ServerError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        pause = 0.001
        while self._waiting():
            if time.monotonic() > deadline:
                raise ServerError(f"the rows of a test could not be read after {timeout:g} s")
            time.sleep(pause)
            pause = min(pause * 2, 0.05)

    def _waiting(self) -> bool:
        own = f"name LIKE '{self._prefix}%'"
        behind = self._connection.run(
            f"SELECT count() FROM wal_tables() WHERE {own} AND NOT suspended AND writerTxn < sequencerTxn"
        )
        if behind.rows[0][0]:
            return True
        if not self._views:
            return False
        own = f"t.table_name LIKE '{self._prefix}%'"
        stale = self._connection.run(
            f"SELECT count() FROM {ALL_VIEWS} WHERE {own} AND (v.view_name IS NULL OR v.view_status = 'refreshing'"
            " OR (v.view_status = 'valid' AND v.refresh_base_table_txn < v.base_table_txn))"
        )
        return bool(stale.rows[0][0])


def _with_bases(table: TableSchema, wanted: frozenset[str]) -> Iterator[MaterializedView]:
    """The views of these names and those that they are over, in the order in which they can be made."""
    needed = set(wanted)
    for view in reversed(table.views):  # a base is listed before what is over it
        if view.name.lower() in needed:
            needed.add(view.base.lower())
    return (view for view in table.views if view.name.lower() in needed)


def mentioned(sql: str, names: frozenset[str]) -> Iterator[str]:
    """Which of those tables a query names."""
    for token in tokenize(sql):
        if token.kind in _NAMES and _bare(token) in names:
            yield _bare(token)


def _bare(token: Token) -> str:
    return token.text.strip("'\"").lower()


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "NULL" if math.isnan(value) else json.dumps(value)
    if isinstance(value, Decimal):
        return f"{value:f}m"  # without the letter it is a DOUBLE, which a DECIMAL does not take
    if isinstance(value, datetime):
        return f"'{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'"
    return "'" + str(value).replace("'", "''") + "'"
