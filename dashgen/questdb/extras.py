"""Imports of packages that only an extra of dashgen brings."""

from __future__ import annotations

from types import TracebackType
from typing import Literal

from dashgen.questdb.errors import MissingExtraError

Extra = Literal["questdb", "dataframe", "preview"]


class from_extra:  # noqa: N801  # used as a statement: `with from_extra("questdb"): import psycopg`
    """Makes an import that fails a MissingExtraError, which says how this installation can get the extra."""

    __slots__ = ("_extra",)

    def __init__(self, extra: Extra) -> None:
        self._extra = extra

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ImportError):
            raise MissingExtraError(error, self._extra) from None


def import_client() -> None:
    """What asks a server over PG wire says that it lacks psycopg before a server is fetched and started for nothing.
    Raises MissingExtraError."""
    with from_extra("questdb"):
        import psycopg  # noqa: F401
