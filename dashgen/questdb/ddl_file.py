"""Files of CREATE TABLE and CREATE MATERIALIZED VIEW statements, as the server reads it: an embedded one runs them,
and its catalog says what they mean. Every other statement is refused and never sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dashgen.model.core.problems import Problem, Source
from dashgen.model.tables.column_types import BY_UPPER
from dashgen.questdb.catalog import Catalog, HttpReader, is_system, read_catalog
from dashgen.questdb.errors import QueryError
from dashgen.questdb.server import EmbeddedQuestDB
from dashgen.sql.lexer import Token, tokenize
from dashgen.sql.statements import acting_part

_MISSING = "table does not exist"
_TAKEN = "table already exists"


@dataclass(frozen=True, slots=True)
class DdlFile:
    """What files declare, and what is wrong with their statements, each at its place."""

    catalog: Catalog
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    text: str

    def source(self, at: int) -> Source:
        before = self.text[:at]
        return Source(self.name, before.count("\n") + 1, at - before.rfind("\n"))


class _Statement(NamedTuple):
    """`text` begins at `start` of the file and ends before its `;`."""

    file: _File
    text: str
    start: int
    tokens: tuple[Token, ...]

    @property
    def words(self) -> list[str]:
        return [token.text.lower() if token.kind == "word" else "" for token in self.tokens]

    @property
    def at(self) -> Source:
        return self.file.source(self.start)

    @property
    def runnable(self) -> str:
        """The text without what is left out of it, in whose place are blanks: what stands behind keeps its place."""
        text = self.text
        for begin, end in _left_out(self):
            first, last = begin - self.start, end - self.start
            text = text[:first] + re.sub(r"[^\n]", " ", text[first:last]) + text[last:]
        return text


def creates(text: str) -> bool:
    """Whether a text has a statement that makes a table or a materialized view."""
    return any(_what(statement.words) for statement in _statements(_File("", text)))


def run_ddl(texts: Mapping[str, str], server: EmbeddedQuestDB) -> DdlFile:
    """Runs the statements of files, given by their names, on a server that holds nothing else. A view may stand before
    its table, or in another file: what lacks a table is tried again once others were made."""
    reading = _Reading(server)
    waiting = [one for name, text in texts.items() for one in reading.runnable(_File(name, text))]
    while waiting:
        left = [one for one in waiting if reading.run(one)]
        if len(left) == len(waiting):
            for statement in left:
                reading.refuse(statement, reading.lacking[statement.at])
            break
        waiting = left
    return reading.result()


class _Reading:
    def __init__(self, server: EmbeddedQuestDB) -> None:
        self.server = server
        self.places: dict[str, Source] = {}
        self.problems: list[Problem] = []
        self.lacking: dict[Source, QueryError] = {}

    def runnable(self, file: _File) -> Iterator[_Statement]:
        """The statements that may be run; all others are reported."""
        for statement in _statements(file):
            if refusal := _refusal(statement):
                self.report(statement, *refusal)
            else:
                yield statement

    def run(self, statement: _Statement) -> bool:
        """Whether it has to wait for a table that is not there yet."""
        before = self._names()
        try:
            self._execute(statement.runnable)
        except QueryError as error:
            if _MISSING in error.message:
                self.lacking[statement.at] = error
                return True
            self.refuse(statement, error)
            return False
        made = self._names() - before
        for name in made:
            self.places[name] = statement.at
        if not made:
            self.refuse(statement, QueryError(_TAKEN, statement.text))
        return False

    def _execute(self, sql: str) -> None:
        try:
            self.server.execute(sql)
        except QueryError:
            quoted = _with_quoted_columns(sql)
            if quoted is None:
                raise
            try:
                self.server.execute(quoted)
                return
            except QueryError:
                pass
            raise

    def refuse(self, statement: _Statement, error: QueryError) -> None:
        """Reports what the server says, at the place that it names."""
        hint = ""
        if _TAKEN in error.message:
            name = _name(statement).lower()
            first = next((place for known, place in self.places.items() if known.lower() == name), None)
            hint = f"it is made at {first.file}:{first.line}: leave one of the statements out" if first else ""
        elif _MISSING in error.message:
            hint = "give its CREATE TABLE, too"
        self.report(statement, f"QuestDB refuses it: {error.message}", hint, error.position or 0)

    def report(self, statement: _Statement, message: str, hint: str, offset: int = 0) -> None:
        path = _name(statement) or " ".join(token.text for token in statement.tokens[:3])[:60]
        self.problems.append(Problem(path, message, hint, statement.file.source(statement.start + offset)))

    def result(self) -> DdlFile:
        catalog = read_catalog(HttpReader(self.server.client), wanted=self.places.__contains__)
        tables = tuple(replace(one, source=self.places[one.name]) for one in catalog.tables)
        views = tuple(replace(one, source=self.places[one.name]) for one in catalog.views)
        return DdlFile(Catalog(tables, views, catalog.gaps), tuple(sorted(self.problems, key=_place)))

    def _names(self) -> set[str]:
        return {str(name) for (name,) in self.server.query("SELECT table_name FROM tables()")}


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.source.place if problem.source else ("", 0, 0)


def _statements(file: _File) -> Iterator[_Statement]:
    tokens: list[Token] = []
    for token in (*tokenize(file.text), Token("operator", ";", len(file.text))):
        if token.kind in ("space", "comment"):
            continue
        if token.text != ";":
            tokens.append(token)
        elif tokens:
            yield _Statement(file, file.text[tokens[0].start : token.start].rstrip(), tokens[0].start, tuple(tokens))
            tokens = []


def _what(words: Sequence[str]) -> str:
    """What a statement makes; empty for any other."""
    if list(words[:2]) == ["create", "table"]:
        return "table"
    return "view" if list(words[:3]) == ["create", "materialized", "view"] else ""


def _left_out(statement: _Statement) -> Iterator[tuple[int, int]]:
    """The clauses that say where a server stores rows, whose they are, and how it commits: a server elsewhere does not
    know the volumes and users, and no declaration has any of it."""
    words, tokens, depth = statement.words, statement.tokens, 0
    ends = [*(token.start for token in tokens[1:]), statement.start + len(statement.text)]
    at = 0
    while at < len(tokens):
        depth += {"(": 1, ")": -1}.get(tokens[at].text, 0)
        last = at
        if depth == 0 and words[at : at + 2] in (["in", "volume"], ["owned", "by"]) and at + 2 < len(tokens):
            last = at + 3
        elif depth == 0 and words[at] == "with" and _what(words) == "table" and at > 2:
            last = next((i for i in range(at, len(words)) if words[i] in ("in", "dedup", "owned")), len(words))
        if last > at:
            yield tokens[at].start, ends[last - 1]
        at = max(last, at + 1)


_SHOWN = re.compile(r"CREATE TABLE '([^']+)' \( ?\r?\n(.+?)\r?\n\) ?(.*)\Z", re.DOTALL)
_SHOWN_COLUMN = re.compile(
    rf"\t(.+?) ((?:{'|'.join(map(re.escape, BY_UPPER))})(?:\([^()]*\)|(?:\[\])+)?)"
    r"((?: CAPACITY \d+)?(?: NOCACHE| CACHE)?(?: INDEX CAPACITY \d+)?),?\Z",
    re.IGNORECASE,
)
_SHOWN_NAMES = re.compile(r"\b(timestamp|UPSERT KEYS) ?\(([^()]*)\)")


def _with_quoted_columns(sql: str) -> str | None:
    """What SHOW CREATE TABLE printed, with its columns between quotes: the server (9.3.4, seen) prints them without, so
    that one called `select` or `a b` can't be made. None for what has another form."""
    shown = _SHOWN.match(sql)
    if shown is None:
        return None
    columns = []
    for line in shown[2].splitlines():
        match = _SHOWN_COLUMN.match(line)
        if match is None:
            return None
        columns.append(f'"{match[1]}" {match[2]}{match[3]}')

    def quoted(match: re.Match[str]) -> str:
        return f"{match[1]}({', '.join(f'{chr(34)}{name}{chr(34)}' for name in match[2].split(','))})"

    return f"CREATE TABLE '{shown[1]}' ({', '.join(columns)}) {_SHOWN_NAMES.sub(quoted, shown[3])}"


def _refusal(statement: _Statement) -> tuple[str, str] | None:
    """Why a statement is not run, and what to do."""
    words = statement.words
    what = _what(words)
    if not what:
        count = 2 if words[0] in ("create", "alter", "drop") else 1
        got = " ".join(token.text.upper() for token in statement.tokens[:count])[:40]
        return (
            f"expected CREATE TABLE or CREATE MATERIALIZED VIEW, got {got}: it is not run",
            "leave it out, or import from the server that it was run on",
        )
    opening = next((i for i, token in enumerate(statement.tokens) if token.text == "("), len(words))
    if what == "table" and "as" in words[:opening]:
        return (
            "expected the columns of the table, got AS with a query: it is not run",
            "give what SHOW CREATE TABLE prints of it",
        )
    if is_system(name := _name(statement)):
        return f"expected a table of the project, got {name}, which QuestDB reserves: it is not created", ""
    if acts := acting_part(statement.text):
        return f"expected a statement that only declares, got {acts.what}: it is not run", ""
    return None


def _name(statement: _Statement) -> str:
    """The name that a CREATE gives; empty for another statement."""
    words = statement.words
    at = {"table": 2, "view": 3}.get(_what(words), 0)
    if at and words[at : at + 3] == ["if", "not", "exists"]:
        at += 3
    return statement.tokens[at].text.strip("\"'") if 0 < at < len(statement.tokens) else ""
