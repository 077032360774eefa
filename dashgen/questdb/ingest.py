"""Rows of declared tables, validated and written over ILP/HTTP.

At least once: a batch is sent again until the server has acknowledged it. The table's dedup keys turn that
into exactly once, so a table without them is refused. Tables and columns are never created on the way
(`dashgen ddl` does that).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pydantic import ValidationError

from dashgen.model.rows import Finding, Validator, findings_of
from dashgen.model.table import Table, table_of

from .errors import MissingExtraError, QuestDBError, ServerError

if TYPE_CHECKING:
    from questdb import Sender
    from questdb.ingress import Buffer

BATCH_ROWS = 20_000
RETRY_SECONDS = 60.0
_MOST_REJECTED = 20
_REJECTED = re.compile(r"error in line (\d+): (.*?)(?:\",\"line\"|$)", re.DOTALL)


@dataclass(slots=True)
class Report:
    """What came of the rows. Row numbers count from 0 in the order of adding.

    `refused` rows were not written: invalid by the model or the clock, or rejected by the server.
    `contradictions` were written, as each is sound by itself: a counter that fell without a restart, a
    reconnect that nobody counted. `retries` counts batches that had to be sent again.
    """

    written: int = 0
    refused: list[Finding] = field(default_factory=list)
    contradictions: list[Finding] = field(default_factory=list)
    retries: int = 0


class Ingest:
    """Takes rows one by one and writes them in batches.

        with Ingest("http://localhost:9000") as ingest:
            ingest.add(DaemonMetrics(…))
        print(ingest.report)

    `now` is the clock that no row may be ahead of. When the server is away, a batch is tried again, with
    pauses from 0.1 s to 5 s, for `retry_seconds`; then ServerError is raised and the batch is still there:
    `flush` tries again.
    """

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_rows: int = BATCH_ROWS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        try:
            from questdb import Sender as Connection
        except ImportError:
            raise MissingExtraError("questdb") from None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"expected a URL such as http://localhost:9000, got {url!r}")
        login = f"username={parts.username};password={parts.password or ''};" if parts.username else ""
        port = parts.port or (443 if parts.scheme == "https" else 9000)
        self._sender_class = Connection
        # Retrying is done here: the client would forget the batch when it gives up.
        self._conf = (
            f"{parts.scheme}::addr={parts.hostname}:{port};{login}auto_flush=off;retry_timeout=0;protocol_version=2;"
        )
        self._now = now
        self._batch_rows = batch_rows
        self._retry_seconds = retry_seconds
        self._sender: Sender | None = None
        self._validator = Validator()
        self._writers: dict[type, _Writer] = {}
        self._batch: list[tuple[int, object]] = []
        self._added = 0
        self.report = Report()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None or issubclass(kind, Exception):
                self.flush()
        finally:
            self._disconnect()

    def add(self, row: object) -> bool:
        """Takes a row; False where it is refused. Raises as `flush` does when the row fills the batch."""
        index = self._added
        self._added += 1
        if found := self._validator.check(row, index, now=self._now()):
            self.report.refused += found
            return False
        self._keep(row, index)
        return True

    def add_values(self, cls: type, values: Mapping[str, Any]) -> bool:
        """As `add`, for the values of a row that was not built yet."""
        try:
            row = cls(**values)
        except ValidationError as error:
            self.report.refused += findings_of(error, table_of(cls).name, self._added)
            self._added += 1
            return False
        return self._add_sound(row)

    def _add_sound(self, row: object) -> bool:
        index = self._added
        self._added += 1
        if found := self._validator.early(row, index, now=self._now()):
            self.report.refused += found
            return False
        self._keep(row, index)
        return True

    def _keep(self, row: object, index: int) -> None:
        if type(row) not in self._writers:
            self._writers[type(row)] = _Writer(table_of(type(row)))
        self.report.contradictions += self._validator.follow(row, index)
        self._batch.append((index, row))
        if len(self._batch) >= self._batch_rows:
            self.flush()

    def flush(self) -> None:
        """Writes what was added, and returns when the server has acknowledged it.

        A row that the server rejects (the deployed table is not the declared one) is reported like an invalid
        one and the others are sent without it. Raises QuestDBError when it rejects more than a few,
        ServerError when it stays away.
        """
        rejected = 0
        while self._batch:
            fault = self._deliver(self._buffer())
            if fault is None:
                self.report.written += len(self._batch)
                self._batch = []
                return
            position, message = fault
            if not 0 <= position < len(self._batch):
                raise QuestDBError(f"the server rejects the batch: {message}")
            index, row = self._batch.pop(position)
            table = table_of(type(row)).name
            column = re.search(r"column: (\w+)", message)
            finding = Finding(table, index, column[1] if column else "", message)
            self.report.refused.append(finding)
            rejected += 1
            if rejected >= _MOST_REJECTED:
                raise QuestDBError(f"the server rejects row after row; the last one: {finding}")

    def _buffer(self) -> Buffer:
        buffer = self._connected().new_buffer()
        for _, row in self._batch:
            self._writers[type(row)].write(buffer, row)
        return buffer

    def _deliver(self, buffer: Buffer) -> tuple[int, str] | None:
        """The position of the row that the server rejects, counted from 0 in the batch, and why; None when
        all is well.
        """
        from questdb import QuestDBError as ClientError
        from questdb import QuestDBErrorCode

        deadline = time.monotonic() + self._retry_seconds
        pause = 0.1
        while True:
            try:
                self._connected().flush(buffer, clear=False)
            except ClientError as error:
                text = str(error)
                if match := _REJECTED.search(text):
                    return int(match[1]) - 1, match[2].strip()
                away = error.code in (QuestDBErrorCode.SocketError, QuestDBErrorCode.CouldNotResolveAddr)
                if not away and error.code != QuestDBErrorCode.ServerFlushError:
                    raise QuestDBError(text) from error
                if time.monotonic() + pause > deadline:
                    raise ServerError(f"not written after {self._retry_seconds:g} s of trying: {text}") from error
                self._disconnect()
                self.report.retries += 1
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                return None

    def _connected(self) -> Sender:
        if self._sender is None:
            sender = self._sender_class.from_conf(self._conf)
            sender.establish()  # type: ignore[no-untyped-call]  # the client's stub has no return type
            self._sender = sender
        return self._sender

    def _disconnect(self) -> None:
        if self._sender is not None:
            self._sender.close(flush=False)
            self._sender = None


def ingest(
    rows: Iterable[object],
    url: str,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    batch_rows: int = BATCH_ROWS,
    retry_seconds: float = RETRY_SECONDS,
) -> Report:
    """Writes rows of declared tables; see `Ingest`."""
    with Ingest(url, now=now, batch_rows=batch_rows, retry_seconds=retry_seconds) as under_way:
        for row in rows:
            under_way.add(row)
    return under_way.report


def records(cls: type, url: str, values: Iterable[Mapping[str, Any]], **options: Any) -> Report:
    """As `ingest`, for mappings from column to value instead of rows."""
    with Ingest(url, **options) as under_way:
        for one in values:
            under_way.add_values(cls, one)
    return under_way.report


class _Writer:
    """How the rows of one table become lines."""

    def __init__(self, table: Table) -> None:
        if not table.dedup:
            raise ValueError(f"expected dedup keys on {table.name}, got none: a batch that is sent again would double")
        self._table = table.name
        self._symbols = tuple(c.name for c in table.columns if c.type == "SYMBOL")
        self._columns = tuple(c.name for c in table.columns if c.type != "SYMBOL" and c.name != table.designated)
        self._symbol_values, self._column_values = _reader(self._symbols), _reader(self._columns)
        self._designated = table.designated

    def write(self, buffer: Buffer, row: object) -> None:
        values = self._symbol_values(row), self._column_values(row)
        buffer.row(
            self._table,
            symbols={n: v for n, v in zip(self._symbols, values[0], strict=True) if v is not None},
            columns={n: v for n, v in zip(self._columns, values[1], strict=True) if v is not None},
            at=getattr(row, self._designated),
        )


def _reader(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    """`attrgetter` that returns a tuple for one name, and none, too."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda row: tuple(getattr(row, name) for name in names)
