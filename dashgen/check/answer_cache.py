"""The server's answers of earlier runs, in the user's cache folder.

What is kept is what a server said of a text, not what the rules made of it (`verdict_cache` has that). A file holds the
answers for one server version and one set of declared tables; an answer is found by the text that was sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeGuard

from dashgen.cache_folder import cache_folder, write_cache_file
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.questdb.jar import VERSION
from dashgen.render.ddl import create_table, create_view

FORMAT = 1
MOST = 50_000
"""Answers kept in one file; the ones used last stay."""
FILES = 20


class CachedRefusal(NamedTuple):
    """The server's message, and its place in the text that was sent."""

    message: str
    position: int | None


class CachedValue(NamedTuple):
    """What a query of one value came to: a truth, or None for anything else, or where the server refuses it."""

    truth: bool | None


_RUN = "run: "
"""Before the texts that were run, and not only described."""


Answer = tuple[WireColumn, ...] | CachedRefusal


def schema(project: Project) -> tuple[str, ...]:
    """The statements that make the declared tables and views: what the server's answers depend on."""
    tables = [table_of(cls) for cls in project.tables]
    return (*map(create_table, tables), *(create_view(view) for table in tables for view in table.views))


class Kept:
    """Answers by text. Reading and writing never fail: a file that can't be read is as good as none, and one that
    can't be written costs the next run a little time. Runs at the same time each write the whole file in one step.

    A file is written only after the server took all of the tables and views: `is_deployable` says that it did.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        read = _read(path) if path else None
        self.is_deployable = read is not None
        self._before = read or {}
        self._used: dict[str, Answer | CachedValue] = {}
        self._changed = False

    @classmethod
    def of(cls, statements: Iterable[str]) -> Kept:
        """Those for these tables and views."""
        digest = hashlib.sha256("\0".join((str(FORMAT), VERSION, *statements)).encode()).hexdigest()[:24]
        return cls(cache_folder() / "check" / f"{digest}.json")

    def get(self, text: str) -> Answer | None:
        answer = self._get(text)
        return None if isinstance(answer, CachedValue) else answer

    def put(self, text: str, answer: Answer) -> None:
        self._put(text, answer)

    def value(self, text: str) -> CachedValue | None:
        """What a query of one value came to, where it was run."""
        answer = self._get(_RUN + text)
        return answer if isinstance(answer, CachedValue) else None

    def put_value(self, text: str, value: CachedValue) -> None:
        self._put(_RUN + text, value)

    def _get(self, text: str) -> Answer | CachedValue | None:
        answer = self._used.get(text)
        if answer is None:
            answer = _answer(self._before.get(statement_digest(text)))
            if answer is not None:
                self._used[text] = answer
        return answer

    def _put(self, text: str, answer: Answer | CachedValue) -> None:
        self._used[text] = answer
        self._changed = True

    def save(self) -> None:
        """Keeps what is known, if anything new is."""
        if self._path is None or (not self._changed and self.is_deployable):
            return
        answers = (_read(self._path) or {}) | self._before
        for text, answer in self._used.items():
            answers.pop(statement_digest(text), None)
            answers[statement_digest(text)] = _written(answer)
        data = {"format": FORMAT, "answers": dict(list(answers.items())[-MOST:])}
        write_cache_file(self._path, json.dumps(data, separators=(",", ":")).encode(), FILES)


def statement_digest(text: str) -> str:
    """What a text that is sent to the server is found by."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _written(answer: Answer | CachedValue) -> object:
    if isinstance(answer, CachedValue):
        return {"truth": answer.truth}
    if isinstance(answer, CachedRefusal):
        return {"message": answer.message, "position": answer.position}
    return [[column.name, column.oid] for column in answer]


def _read(path: Path) -> dict[str, object] | None:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("answers"), dict):
        return None
    answers: dict[str, object] = data["answers"]
    return answers


def _answer(value: object) -> Answer | CachedValue | None:
    """None for what is no answer."""
    match value:
        case {"truth": bool() | None as truth}:
            return CachedValue(truth)
        case {"message": str(message), "position": int() | None as position}:
            return CachedRefusal(message, position)
        case [_, *_]:
            columns = [WireColumn(str(item[0]), item[1]) for item in value if _is_column(item)]
            return tuple(columns) if len(columns) == len(value) else None
    return None


def _is_column(item: object) -> TypeGuard[tuple[str, int]]:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], int)
