"""What can go wrong with a QuestDB.

QuestDBError
├── MissingExtraError   dashgen was installed without its extra `questdb` or `dataframe`
├── ServerError         the server could not be fetched, started or reached
│   └── AnswerTimeout   the server did not answer in time
├── QueryError          the server refused a statement
├── AddressError        what was given is no address of a server
└── DemoError           the server refused formulas of demo data
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashgen.model.core.problems import DashgenError

if TYPE_CHECKING:
    from dashgen.model.core.problems import Problem


class QuestDBError(DashgenError):
    """The base of the others."""


class MissingExtraError(QuestDBError):
    """A package that only an extra brings can't be imported."""

    def __init__(self, error: ImportError, extra: str) -> None:
        from dashgen.installation import installation

        if isinstance(error, ModuleNotFoundError) and error.name:
            what = f"{error.name.partition('.')[0]} is not installed"
        else:  # it is there and doesn't work, such as psycopg without libpq
            what = f"a package can't be imported ({(str(error).splitlines() or ['?'])[0].rstrip('.')})"
        super().__init__(f"{what}; it comes with dashgen's extra '{extra}': {installation().advice(extra)}")


class ServerError(QuestDBError):
    """What the server, or the way to it, did."""


class AnswerTimeout(ServerError):
    """A statement did not end in time, and may go on in the server."""


class AddressError(QuestDBError, ValueError):
    """What was given is no address of a QuestDB. It is shown without what may be a password."""


class QueryError(QuestDBError):
    """`position` counts characters of `sql` from 0; None where the server named none."""

    def __init__(self, message: str, sql: str, position: int | None = None) -> None:
        where = "" if position is None else f" at {position} ({sql[position : position + 20]!r})"
        super().__init__(f"{message}{where}")
        self.message = message
        self.sql = sql
        self.position = position


class DemoError(QuestDBError):
    """`problems` names each formula that was refused, with its place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(_said, problems)), problems=problems)


def _said(problem: Problem) -> str:
    from pathlib import Path

    where = f"{problem.source.relative_to(Path.cwd())}: " if problem.source else ""
    return f"{where}{problem.path}: {problem.message}{f' ({problem.hint})' if problem.hint else ''}"


def text_index(text: str, units: int) -> int:
    """The index in `text` of the character at a UTF-16 offset, which is how QuestDB (Java) counts."""
    passed = 0
    for index, character in enumerate(text):
        if passed >= units:
            return index
        passed += 2 if ord(character) > 0xFFFF else 1
    return len(text)
