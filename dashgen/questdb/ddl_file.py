"""A file of CREATE TABLE and CREATE MATERIALIZED VIEW statements, as the server reads it: an embedded one runs them,
and its catalog says what they mean. Every other statement is refused and never sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from dashgen.input_files import read_text
from dashgen.model.core.problems import Problem, Source
from dashgen.questdb.catalog import Catalog, HttpReader, is_system, read_catalog
from dashgen.questdb.errors import QueryError, QuestDBError
from dashgen.questdb.server import EmbeddedQuestDB
from dashgen.sql.lexer import Token, tokenize
from dashgen.sql.statements import acting_part

_MISSING = "table does not exist"
_TAKEN = "table already exists"


@dataclass(frozen=True, slots=True)
class DdlFile:
    """What a file declares, and what is wrong with its statements, each at its place."""

    catalog: Catalog
    problems: tuple[Problem, ...]


class _Statement(NamedTuple):
    """`text` begins at `start` of the file and ends before its `;`."""

    text: str
    start: int
    tokens: tuple[Token, ...]

    @property
    def words(self) -> list[str]:
        return [token.text.lower() if token.kind == "word" else "" for token in self.tokens]


def read_ddl_file(path: Path) -> DdlFile:
    """Starts a server for it. Raises QuestDBError for a file that can't be read, and where no server starts."""
    try:
        text = read_text(path, "utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestDBError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    except OSError as error:
        raise QuestDBError(f"can't read {path}: {error.strerror or error}") from None
    with EmbeddedQuestDB(compiler="quick") as server:
        return run_ddl(text, str(path), server)


def run_ddl(text: str, file: str, server: EmbeddedQuestDB) -> DdlFile:
    """Runs the statements of a text on a server that holds nothing else. A view may stand before its table: what lacks
    a table is tried again once others were made."""
    reading = _Reading(text, file, server)
    waiting = list(reading.runnable())
    while waiting:
        left = [one for one in waiting if reading.run(one)]
        if len(left) == len(waiting):
            for statement in left:
                reading.refuse(statement, reading.lacking[statement.start])
            break
        waiting = left
    return reading.result()


class _Reading:
    def __init__(self, text: str, file: str, server: EmbeddedQuestDB) -> None:
        self.text, self.file, self.server = text, file, server
        self.lines = [0, *(index + 1 for index, sign in enumerate(text) if sign == "\n")]
        self.places: dict[str, Source] = {}
        self.problems: list[tuple[int, Problem]] = []
        self.lacking: dict[int, QueryError] = {}

    def runnable(self) -> Iterator[_Statement]:
        """The statements that may be run; all others are reported."""
        for statement in _statements(self.text):
            if refusal := _refusal(statement):
                self.report(statement, *refusal)
            else:
                yield statement

    def run(self, statement: _Statement) -> bool:
        """Whether it has to wait for a table that is not there yet."""
        before = self._names()
        try:
            self.server.execute(statement.text)
        except QueryError as error:
            if _MISSING in error.message:
                self.lacking[statement.start] = error
                return True
            self.refuse(statement, error)
            return False
        made = self._names() - before
        for name in made:
            self.places[name] = self.source(statement.start)
        if not made:
            self.refuse(statement, QueryError(_TAKEN, statement.text))
        return False

    def refuse(self, statement: _Statement, error: QueryError) -> None:
        """Reports what the server says, at the place that it names."""
        hint = ""
        if _TAKEN in error.message:
            name = _name(statement).lower()
            first = next((place for known, place in self.places.items() if known.lower() == name), None)
            hint = f"it is made in line {first.line}: leave one of the statements out" if first else ""
        elif _MISSING in error.message:
            hint = "give its CREATE TABLE in the same file"
        self.report(statement, f"QuestDB refuses it: {error.message}", hint, statement.start + (error.position or 0))

    def report(self, statement: _Statement, message: str, hint: str, at: int | None = None) -> None:
        place = statement.start if at is None else at
        path = _name(statement) or " ".join(token.text for token in statement.tokens[:3])[:60]
        self.problems.append((place, Problem(path, message, hint, self.source(place))))

    def source(self, at: int) -> Source:
        line = bisect_right(self.lines, at)
        return Source(self.file, line, at - self.lines[line - 1] + 1)

    def result(self) -> DdlFile:
        catalog = read_catalog(HttpReader(self.server.client), wanted=self.places.__contains__)
        tables = tuple(replace(one, source=self.places[one.name]) for one in catalog.tables)
        views = tuple(replace(one, source=self.places[one.name]) for one in catalog.views)
        problems = tuple(problem for _, problem in sorted(self.problems, key=lambda item: item[0]))
        return DdlFile(Catalog(tables, views, catalog.gaps), problems)

    def _names(self) -> set[str]:
        return {str(name) for (name,) in self.server.query("SELECT table_name FROM tables()")}


def _statements(text: str) -> Iterator[_Statement]:
    tokens: list[Token] = []
    for token in (*tokenize(text), Token("operator", ";", len(text))):
        if token.kind in ("space", "comment"):
            continue
        if token.text != ";":
            tokens.append(token)
        elif tokens:
            yield _Statement(text[tokens[0].start : token.start].rstrip(), tokens[0].start, tuple(tokens))
            tokens = []


def _refusal(statement: _Statement) -> tuple[str, str] | None:
    """Why a statement is not run, and what to do."""
    words = statement.words
    is_view = words[:3] == ["create", "materialized", "view"]
    if not is_view and words[:2] != ["create", "table"]:
        count = 2 if words[0] in ("create", "alter", "drop") else 1
        got = " ".join(token.text.upper() for token in statement.tokens[:count])[:40]
        return (
            f"expected CREATE TABLE or CREATE MATERIALIZED VIEW, got {got}: it is not run",
            "leave it out, or import from the server that it was run on",
        )
    opening = next((i for i, token in enumerate(statement.tokens) if token.text == "("), len(words))
    if not is_view and "as" in words[:opening]:
        return (
            "expected the columns of the table, got AS with a query: it is not run",
            "give what SHOW CREATE TABLE prints of it",
        )
    if is_system(name := _name(statement)):
        return f"expected a table of one's own, got {name}, which QuestDB keeps for itself: it is not made", ""
    if acts := acting_part(statement.text):
        return f"expected a statement that only declares, got {acts.what}: it is not run", ""
    return None


def _name(statement: _Statement) -> str:
    """The name that a CREATE gives; empty for another statement."""
    words = statement.words
    at = 2 if words[:2] == ["create", "table"] else 3 if words[:3] == ["create", "materialized", "view"] else 0
    if at and words[at : at + 3] == ["if", "not", "exists"]:
        at += 3
    return statement.tokens[at].text.strip("\"'") if 0 < at < len(statement.tokens) else ""
