"""Rows of declared tables, validated and written over ILP/HTTP.

At least once: a batch is sent again until the server has acknowledged it. The table's dedup keys turn that
into exactly once, so a table without them is refused. Tables and columns are never created on the way
(`dashgen ddl` does that).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from pydantic import ValidationError

from dashgen.model.tables.rows import RowFinding, Validator, findings_of
from dashgen.model.tables.table import TableSchema, table_of, values_of
from dashgen.questdb.address import Address, address
from dashgen.questdb.errors import QuestDBError, ServerError
from dashgen.questdb.extras import from_extra
from dashgen.questdb.lines import Writer, unsendable, writer

if TYPE_CHECKING:
    import pandas as pd
    from questdb import Sender
    from questdb.ingress import Buffer

    from dashgen.questdb.frames import CheckedFrame, FrameValidator

BATCH_ROWS = 20_000
FRAME_ROWS = 100_000
RETRY_SECONDS = 60.0
_MOST_REJECTED = 20
_REJECTED = re.compile(r"error in line (\d+): (.*?)(?:\",\"line\"|$)", re.DOTALL)
_REFUSED = re.compile(r'\{"code":"(?:invalid|request too large)","message":"(.*?)(?:","line"|","errorId"|$)', re.DOTALL)
"""A refusal of the whole request, which may name no row (seen with QuestDB 9.3.4)."""
_TOO_LARGE = re.compile(r"Buffer size of \d+ exceeds maximum configured allowed size of \d+ bytes")
"""What the client (6.0.0) says instead of sending."""
_NOT_DEPLOYED = re.compile(r"does not exist|is disabled")
_COLUMN = re.compile(r"(?:column|Field): (\w+)")


@dataclass(slots=True)
class IngestReport:
    """Results of an `Ingest`: how many rows were written, and which were rejected."""

    written: int = 0
    """Number of rows that the server has acknowledged."""
    refused: list[RowFinding] = field(default_factory=list)
    """Findings on rows that were not written: invalid for the declaration, later than the clock, or rejected by the
    server."""
    contradictions: list[RowFinding] = field(default_factory=list)
    """Findings on rows that were written, each valid by itself but inconsistent with the previous row: a counter that
    decreased without a restart, a reconnect that was not counted."""
    retries: int = 0
    """Number of times that a batch was sent again."""


class _Part(Protocol):
    """What is sent at once, and can be sent again without some of it."""

    numbers: list[int]
    """Of the rows, in the order of adding."""
    is_screened: bool
    """Whether it is known that no row is `unsendable`."""

    def buffer(self, packing: Sender) -> Buffer: ...
    def take(self, positions: Iterable[int]) -> _Part: ...
    def table_at(self, position: int) -> TableSchema: ...
    def values_at(self, position: int) -> dict[str, Any]: ...


class _Rows:
    def __init__(
        self, rows: list[object], numbers: list[int], writers: Mapping[type, Writer], packed: Buffer | None = None
    ) -> None:
        self.rows = rows
        self.numbers = numbers
        self.is_screened = packed is None
        self._writers = writers
        self._packed = packed

    def buffer(self, packing: Sender) -> Buffer:
        if self._packed is None:
            self._packed = packing.new_buffer()
            for row in self.rows:
                self._writers[type(row)](self._packed.row, row)
        return self._packed

    def take(self, positions: Iterable[int]) -> _Rows:
        chosen = list(positions)
        return _Rows([self.rows[at] for at in chosen], [self.numbers[at] for at in chosen], self._writers)

    def table_at(self, position: int) -> TableSchema:
        return table_of(type(self.rows[position]))

    def values_at(self, position: int) -> dict[str, Any]:
        return values_of(self.rows[position])


class _FrameRows:
    def __init__(
        self, table: TableSchema, frame: pd.DataFrame, numbers: list[int], *, is_screened: bool = False
    ) -> None:
        self.table = table
        self.frame = frame
        self.numbers = numbers
        self.is_screened = is_screened
        self._packed: Buffer | None = None

    def buffer(self, packing: Sender) -> Buffer:
        if self._packed is None:
            symbols = [c.name for c in self.table.columns if c.type == "SYMBOL" and c.name in self.frame.columns]
            made = packing.new_buffer()
            made.dataframe(self.frame, table_name=self.table.name, symbols=symbols, at=self.table.designated)
            self._packed = made
        return self._packed

    def take(self, positions: Iterable[int]) -> _FrameRows:
        chosen = list(positions)
        numbers = [self.numbers[at] for at in chosen]
        rest = self.frame.iloc[chosen]
        # the client encodes every category, also one that no row has any more
        used = {n: c.cat.remove_unused_categories() for n, c in rest.items() if isinstance(c.dtype, _categorical())}
        return _FrameRows(self.table, rest.assign(**used) if used else rest, numbers, is_screened=True)

    def table_at(self, position: int) -> TableSchema:
        return self.table

    def values_at(self, position: int) -> dict[str, Any]:
        return {str(name): self.frame[name].iloc[position] for name in self.frame.columns}


def _categorical() -> type[Any]:
    with from_extra("dataframe"):
        from pandas import CategoricalDtype

    found: type[Any] = CategoricalDtype
    return found


@dataclass(slots=True)
class _Batch:
    """`parts` are what the server has not taken yet, the next one last."""

    parts: list[_Part]
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What the server says of a request; `position` is the row's, from 0, where it names one."""

    message: str
    position: int | None = None


class Ingest:
    """Writes rows to QuestDB in batches. A thread sends each batch while the next one is filled. Not thread-safe: use
    it from one thread.

        with Ingest("http://localhost:9000") as ingest:
            ingest.add(DaemonMetrics(…))
        print(ingest.report)

    If the server does not answer, a batch is retried with pauses from 0.1 s to 5 s, for `retry_seconds`. Then
    ServerError is raised. The batch is kept, and `flush` retries it.

    Args:
        url: URL of QuestDB's HTTP port, with or without user name and password: `http://localhost:9000`. ValueError is
            raised for a URL with a path.
        now: The clock; rows with a later timestamp are rejected. Default: the machine's clock.
        batch_rows: Maximum number of rows in one batch.
        retry_seconds: Seconds for which a batch is retried before ServerError is raised.
    """

    def __init__(
        self,
        url: str | Address,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_rows: int = BATCH_ROWS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._address = address(url) if isinstance(url, str) else url
        if self._address.path:
            raise ValueError(
                f"expected a URL without a path, got {self._address.url!r}: the client has no option for it"
            )
        self._now = now
        self._batch_rows = batch_rows
        self._retry_seconds = retry_seconds
        self._sender: Sender | None = None
        self._packer: Sender | None = None
        self._validator = Validator()
        self._writers: dict[type, Writer] = {}
        self._frame_validators: dict[type, FrameValidator] = {}
        self._added = 0
        self._rows: list[object] = []
        self._numbers: list[int] = []
        self._filling: Buffer | None = None
        self._leaving: _Batch | None = None
        self._future: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dashgen-ingest")
        self._closing = threading.Event()
        self._clock = now()
        self._client_error = _client_error()
        self.report = IngestReport()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None or issubclass(kind, Exception):
                self.flush()
        finally:
            self.close()

    def close(self) -> None:
        """Stops the thread and closes the connection. Rows that were not flushed are not written."""
        self._closing.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._disconnect()
        if self._packer is not None:
            self._packer.close(flush=False)
            self._packer = None

    def add(self, row: object) -> bool:
        """Adds a row; returns False if the row is rejected. If the row fills the batch, it raises the same errors as
        `flush`.

        Args:
            row: A row of a declared table: `DaemonMetrics(…)`.
        """
        write = self._writers.get(type(row)) or self._writer(type(row))
        index = self._added
        self._added = index + 1
        if not self._validator.accepts(row, self._clock) and not self._judged(row, index):
            return False
        if self._filling is None:
            self._filling = self._packing().new_buffer()
        try:
            write(self._filling.row, row)  # the client takes a row back that it raises at
        except self._client_error as error:
            self._validator.forget(row)
            self._refuse(index, table_of(type(row)), values_of(row), _Refusal(str(error)))
            return False
        self._rows.append(row)
        self._numbers.append(index)
        if len(self._rows) >= self._batch_rows:
            self._hand_over()
        return True

    def _writer(self, cls: type) -> Writer:
        made = self._writers[cls] = writer(table_of(cls))
        return made

    def _judged(self, row: object, index: int) -> bool:
        """Whether the row is written, and what is to be said of it."""
        if self._validator.check(row, index, now=self._clock):
            self._clock = self._now()
            if found := self._validator.check(row, index, now=self._clock):
                self.report.refused += found
                return False
        self.report.contradictions += self._validator.follow(row, index)
        return True

    def add_values(self, cls: type, values: Mapping[str, Any]) -> bool:
        """Like `add`, for the values of a row: values that are not a valid row are reported instead of raised.

        Args:
            cls: The class of the row, declared with `@table`.
            values: Values of the row, by column name.
        """
        try:
            row = cls(**values)
        except ValidationError as error:
            self.report.refused += findings_of(error, table_of(cls).name, self._added)
            self._added += 1
            return False
        return self.add(row)

    def add_frame(self, cls: type, frame: object) -> None:
        """Adds the rows of a DataFrame (pandas or polars) or a pyarrow Table, with vectorised validation. Invalid rows
        are reported, the others are written.

        Integer, float, bool, text (or categorical text, the fastest) and UTC datetime columns are accepted without
        conversion. ValueError names columns that would need a cast, are missing or are unknown. Raises the same errors
        as `flush`.

        Args:
            cls: The class of the rows, declared with `@table`.
            frame: The rows, with one column for each column of the table.
        """
        from dashgen.questdb.frames import FrameValidator, as_pandas

        if cls not in self._frame_validators:
            writer(table_of(cls))  # refuses a table without keys
            self._frame_validators[cls] = FrameValidator(cls, self._validator)
        judge = self._frame_validators[cls]
        shaped = judge.shaped(as_pandas(frame))
        for start in range(0, len(shaped), FRAME_ROWS):
            part = shaped.iloc[start : start + FRAME_ROWS]
            judged = judge.judge(part, self._added, now=self._now())
            self._added += len(part)
            self.report.refused += judged.refused
            self.report.contradictions += judged.contradictions
            self._hand_over()
            if len(judged.good):
                self._wait()
                self._leave(_Batch([self._frame_part(judge.table, judged)]))

    def _frame_part(self, table: TableSchema, judged: CheckedFrame) -> _Part:
        """Packed: pyarrow and the client refuse a frame whole for one text or moment."""
        part = _FrameRows(table, judged.good, judged.numbers.tolist())
        try:
            part.buffer(self._packing())
        except (self._client_error, UnicodeError) as error:
            rest = self._screened(part)
            if len(rest.numbers) == len(part.numbers):
                raise QuestDBError(f"the client takes no such frame: {error}") from error
            rest.buffer(self._packing())
            return rest
        return part

    def _packing(self) -> Sender:
        """A sender that never sends makes the buffers: the other one belongs to the thread."""
        self._packer = self._packer or _connection(self._address)
        return self._packer

    def flush(self) -> None:
        """Sends all added rows, and returns when the server has acknowledged them.

        A row that the server rejects (the deployed table differs from the declaration, a value can't be stored) is
        reported like an invalid one, and the others are sent without it. Raises QuestDBError if the server rejects more
        than a few rows of a batch or has no such table, ServerError if it does not answer.
        """
        self._hand_over()
        self._wait()
        self.report.refused.sort(key=lambda finding: finding.row)
        self._clock = self._now()

    def _hand_over(self) -> None:
        """Lets the thread write the batch, once it is through with the one before."""
        self._wait()
        if self._filling is not None:
            batch = _Batch([_Rows(self._rows, self._numbers, self._writers, self._filling)])
            self._filling, self._numbers, self._rows = None, [], []
            self._leave(batch)

    def _leave(self, batch: _Batch) -> None:
        self._leaving = batch
        self._future = self._thread.submit(self._write, batch)

    def _wait(self) -> None:
        """Returns when no batch is under way. One that failed before is tried again."""
        if self._leaving is None:
            return
        future, self._future = self._future, None
        (future or self._thread.submit(self._write, self._leaving)).result()
        self._leaving = None

    def _write(self, batch: _Batch) -> None:
        """What the server refuses is narrowed down to the row, by the row that it names or by halves; the rest is
        written. What was not written yet stays in the batch when this raises."""
        while batch.parts:
            part = batch.parts[-1]
            refusal = self._deliver(part.buffer(self._connected())) if part.numbers else None
            if refusal is None:
                batch.parts.pop()
                self.report.written += len(part.numbers)
            elif _NOT_DEPLOYED.search(refusal.message):  # no row's fault
                raise QuestDBError(f"the server rejects the batch: {refusal.message}; see dashgen db migrate")
            elif not part.is_screened:
                batch.parts[-1] = self._screened(part)
            elif len(part.numbers) == 1:
                self._reject(batch, part, 0, refusal)
            elif refusal.position is not None and 0 <= refusal.position < len(part.numbers):
                self._reject(batch, part, refusal.position, refusal)
            else:
                middle = len(part.numbers) // 2
                batch.parts[-1:] = [part.take(range(middle, len(part.numbers))), part.take(range(middle))]

    def _screened(self, part: _Part) -> _Part:
        """Without the rows that are known to be refused: found here, they cost no further request."""
        good = []
        for position, number in enumerate(part.numbers):
            table, values = part.table_at(position), part.values_at(position)
            if any(unsendable(table, values)):
                self._refuse(number, table, values, _Refusal(""))
            else:
                good.append(position)
        return part.take(good)

    def _reject(self, batch: _Batch, part: _Part, position: int, refusal: _Refusal) -> None:
        number, table = part.numbers[position], part.table_at(position)
        self._refuse(number, table, part.values_at(position), refusal)
        batch.parts[-1] = part.take(at for at in range(len(part.numbers)) if at != position)
        batch.rejected += 1
        if batch.rejected >= _MOST_REJECTED:
            batch.rejected = 0
            raise QuestDBError(f"the server rejects every row; the last one: {self.report.refused[-1]}")

    def _refuse(self, number: int, table: TableSchema, values: Mapping[str, Any], refusal: _Refusal) -> None:
        """Reports a row that passed its model: what is known to be wrong with it, else what was said of it."""
        known = [RowFinding(table.name, number, name, why, values[name]) for name, why in unsendable(table, values)]
        if not known:
            column = _COLUMN.search(refusal.message)
            known = [RowFinding(table.name, number, column[1] if column else "", refusal.message)]
        self.report.refused += known
        if self.report.contradictions:  # they are of rows that were written
            self.report.contradictions = [one for one in self.report.contradictions if one.row != number]

    def _deliver(self, buffer: Buffer) -> _Refusal | None:
        """Sends until the server answers; None when all is well."""
        with from_extra("questdb"):
            from questdb import QuestDBErrorCode

        deadline = time.monotonic() + self._retry_seconds
        pause = 0.1
        while True:
            try:
                self._connected().flush(buffer, clear=False)
            except self._client_error as error:
                text = str(error)
                if match := _REJECTED.search(text):
                    return _Refusal(match[2].strip(), int(match[1]) - 1)
                if match := _REFUSED.search(text):
                    return _Refusal(match[1].strip())
                if _TOO_LARGE.search(text):
                    return _Refusal(text)
                away = error.code in (QuestDBErrorCode.SocketError, QuestDBErrorCode.CouldNotResolveAddr)
                if not away and error.code != QuestDBErrorCode.ServerFlushError:
                    raise QuestDBError(text) from error
                if time.monotonic() + pause > deadline:
                    raise ServerError(f"not written after {self._retry_seconds:g} s of trying: {text}") from error
                self._disconnect()
                self.report.retries += 1
                if self._closing.wait(pause):
                    raise ServerError(f"closed while {self._address.url} did not answer: {text}") from error
                pause = min(pause * 2, 5.0)
            else:
                return None

    def _connected(self) -> Sender:
        if self._sender is None:
            self._sender = _connection(self._address)
        return self._sender

    def _disconnect(self) -> None:
        if self._sender is not None:
            self._sender.close(flush=False)
            self._sender = None


def _client_error() -> type[Any]:
    """The error of the client, which is wanted when an Ingest is made and not at its first batch."""
    with from_extra("questdb"):
        from questdb import QuestDBError as ClientError
    return ClientError


def _connection(to: Address) -> Sender:
    """Retrying is done here and not by the client, which would forget the batch when it gives up."""
    with from_extra("questdb"):
        from questdb import Protocol, Sender

    sender = Sender(
        Protocol.Https if to.scheme == "https" else Protocol.Http,
        to.host,
        to.port,
        username=to.user,
        password=to.password,
        auto_flush=False,
        retry_timeout=0,
        protocol_version=2,
    )
    sender.establish()  # type: ignore[no-untyped-call]  # the client's stub has no return type
    return sender


def ingest(
    rows: Iterable[object],
    url: str | Address,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    batch_rows: int = BATCH_ROWS,
    retry_seconds: float = RETRY_SECONDS,
) -> IngestReport:
    """Writes rows of declared tables; see `Ingest`."""
    with Ingest(url, now=now, batch_rows=batch_rows, retry_seconds=retry_seconds) as under_way:
        for row in rows:
            under_way.add(row)
    return under_way.report


def records(cls: type, url: str | Address, values: Iterable[Mapping[str, Any]], **options: Any) -> IngestReport:
    """As `ingest`, for mappings from column to value instead of rows."""
    with Ingest(url, **options) as under_way:
        for one in values:
            under_way.add_values(cls, one)
    return under_way.report
