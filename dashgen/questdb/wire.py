"""A connection over PG wire, as Grafana's datasources have one."""

from __future__ import annotations

from types import TracebackType
from typing import ClassVar, Self

from dashgen.questdb.address import without_credentials
from dashgen.questdb.errors import ServerError
from dashgen.questdb.extras import from_extra


class Wire:
    """One connection; not for several threads at once. Raises MissingExtraError, and ServerError where no connection
    can be had."""

    PURPOSE: ClassVar[str]
    """What it is for, as the error says it."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connect()

    def _connect(self) -> None:
        with from_extra("questdb"):
            import psycopg
        try:
            self._connection = psycopg.connect(self._dsn, autocommit=True, connect_timeout=10)
        except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
            message = without_credentials(str(error), self._dsn)
        else:
            return
        raise ServerError(f"no connection for {self.PURPOSE}: {message}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
