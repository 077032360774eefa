"""A server with the declared tables and views on it, which is asked about queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Self

from dashgen.datasource.frames import Column
from dashgen.datasource.macros import MacroError
from dashgen.lint.cases import cases
from dashgen.lint.expansion import expand
from dashgen.lint.rule import Subject
from dashgen.model.project import Project
from dashgen.model.table import table_of
from dashgen.questdb import QueryError, QuestDB
from dashgen.questdb.describe import Describer
from dashgen.questdb.migrate import apply, plan


class Session:
    """Describes queries on a running server, each distinct text once: well under a millisecond, no process started.

    The tables and views of the project must be on the server (`deployed` sees to it). To try many variants of one
    query, keep one session and hand it `dataclasses.replace(subject, query=Query(text))`.
    """

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self._answers: dict[str, tuple[Column, ...] | QueryError] = {}

    @classmethod
    @contextmanager
    def deployed(cls, server: QuestDB, project: Project) -> Iterator[Self]:
        """A session on that server, which gets what it lacks of the project's tables and views."""
        apply(server.client, plan(server.client, map(table_of, project.tables)))
        with Describer(server.readonly_dsn) as describer:
            yield cls(describer)

    def ask(self, sql: str) -> tuple[Column, ...] | QueryError:
        """The columns of an expanded text, or why the server refuses it."""
        known = self._answers.get(sql)
        if known is None:
            try:
                known = tuple(Column(c.name, c.oid) for c in self._describer.describe(sql))
            except QueryError as error:
                known = error
            self._answers[sql] = known
        return known

    def described(self, subject: Subject) -> Subject:
        """The subject with its columns, if any way to run it is accepted; and those beside it likewise."""
        beside = tuple(replace(other, columns=self._columns(other)) for other in subject.beside)
        return replace(subject, columns=self._columns(subject), beside=beside)

    def _columns(self, subject: Subject) -> tuple[Column, ...] | None:
        for case in cases(subject):
            try:
                answer = self.ask(expand(subject, case).text)
            except MacroError:
                continue
            if not isinstance(answer, QueryError):
                return answer
        return None
