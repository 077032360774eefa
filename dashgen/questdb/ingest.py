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
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError

from dashgen.model.rows import Finding, Validator, findings_of
from dashgen.model.table import Table, table_of
from dashgen.questdb.address import Address, address
from dashgen.questdb.errors import QuestDBError, ServerError
from dashgen.questdb.extras import from_extra
from dashgen.questdb.lines import Writer, writer

if TYPE_CHECKING:
    from questdb import Sender
    from questdb.ingress import Buffer

    from dashgen.questdb.frames import FrameValidator, Judged

BATCH_ROWS = 20_000
FRAME_ROWS = 100_000
RETRY_SECONDS = 60.0
_MOST_REJECTED = 20
_REJECTED = re.compile(r"error in line (\d+): (.*?)(?:\",\"line\"|$)", re.DOTALL)


@dataclass(slots=True)
class Report:
    """What came of the rows that an `Ingest` took."""

    written: int = 0
    """How many rows the server has acknowledged."""
    refused: list[Finding] = field(default_factory=list)
    """What was wrong with the rows that were not written: by the model, by the clock, or for the server."""
    contradictions: list[Finding] = field(default_factory=list)
    """What was wrong with rows that were written, each sound by itself: a counter that fell without a restart, a
    reconnect that nobody counted."""
    retries: int = 0
    """How many times a batch had to be sent again."""


@dataclass(slots=True)
class _Batch:
    """What is sent at once: rows in the client's form, and their numbers in the order of adding. `rows` are there
    to send the others again when the server rejects one; a frame has none.
    """

    buffer: Buffer
    numbers: list[int]
    rows: list[object]


class Ingest:
    """Takes rows one by one and writes them in batches, each in a thread while the next one fills. For one
    caller at a time.

        with Ingest("http://localhost:9000") as ingest:
            ingest.add(DaemonMetrics(…))
        print(ingest.report)

    When the server is away, a batch is tried again, with pauses from 0.1 s to 5 s, for `retry_seconds`; then
    ServerError is raised and the batch is still there: `flush` tries again.

    Args:
        url: Address of QuestDB's HTTP port, with or without a login: `http://localhost:9000`.
        now: The clock that no row may be ahead of. By default that of the machine.
        batch_rows: How many rows are sent at once, at most.
        retry_seconds: Seconds after which a server that does not answer is an error.
    """

    def __init__(
        self,
        url: str | Address,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_rows: int = BATCH_ROWS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        _need_client()
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
            self.close()

    def close(self) -> None:
        """Ends the thread and the connection. What was not flushed is not written."""
        self._closing.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._disconnect()
        if self._packer is not None:
            self._packer.close(flush=False)
            self._packer = None

    def add(self, row: object) -> bool:
        """Takes a row; False where it is refused. Raises as `flush` does when the row fills the batch.

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
        write(self._filling.row, row)
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
        """As `add`, for the values of a row that was not built yet: what makes no row is reported instead of raised.

        Args:
            cls: The declared class that the row is of.
            values: What the row holds, by the names of columns.
        """
        try:
            row = cls(**values)
        except ValidationError as error:
            self.report.refused += findings_of(error, table_of(cls).name, self._added)
            self._added += 1
            return False
        return self.add(row)

    def add_frame(self, cls: type, frame: object) -> None:
        """Takes the rows of a DataFrame (pandas or polars; or a pyarrow Table) of one table, and judges them by
        vectors. Bad rows are reported, the others written.

        Integer, float, bool, text (or categories of text, the fastest) and UTC datetime columns are taken as they
        are; ValueError names the ones that would need a cast, or are missing or unknown. Raises as `flush` does.

        Args:
            cls: The declared class that the rows are of.
            frame: The rows, a column of the table each.
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
                self._leave(_Batch(self._packed(judge.table, judged), judged.numbers.tolist(), []))

    def _packed(self, table: Table, judged: Judged) -> Buffer:
        frame = judged.good
        symbols = [c.name for c in table.columns if c.type == "SYMBOL" and c.name in frame.columns]
        buffer = self._packing().new_buffer()
        buffer.dataframe(frame, table_name=table.name, symbols=symbols, at=table.designated)
        return buffer

    def _packing(self) -> Sender:
        """A sender that never sends makes the buffers: the other one belongs to the thread."""
        self._packer = self._packer or _connection(self._address)
        return self._packer

    def flush(self) -> None:
        """Returns when the server has acknowledged all that was added.

        A row that the server rejects (the deployed table is not the declared one) is reported like an invalid
        one and the others are sent without it. Raises QuestDBError when it rejects more than a few,
        ServerError when it stays away.
        """
        self._hand_over()
        self._wait()
        self.report.refused.sort(key=lambda finding: finding.row)
        self._clock = self._now()

    def _hand_over(self) -> None:
        """Lets the thread write the batch, once it is through with the one before."""
        self._wait()
        if self._filling is not None:
            batch = _Batch(self._filling, self._numbers, self._rows)
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
        if not batch.rows:
            if fault := self._deliver(batch.buffer):
                position, message = fault
                which = f"row {batch.numbers[position]}, " if 0 <= position < len(batch.numbers) else ""
                raise QuestDBError(f"the server rejects the frame: {which}{message}; see dashgen db migrate")
            self.report.written += len(batch.numbers)
            return
        rejected = 0
        while batch.rows and (fault := self._deliver(batch.buffer)):
            position, message = fault
            # A table or a column that is not there is no row's fault: the batch is kept.
            if "cast error" not in message or not 0 <= position < len(batch.rows):
                raise QuestDBError(f"the server rejects the batch: {message}; see dashgen db migrate")
            row, number = batch.rows.pop(position), batch.numbers.pop(position)
            batch.buffer = self._buffer(batch.rows)
            column = re.search(r"column: (\w+)", message)
            finding = Finding(table_of(type(row)).name, number, column[1] if column else "", message)
            self.report.refused.append(finding)
            rejected += 1
            if rejected >= _MOST_REJECTED:
                raise QuestDBError(f"the server rejects row after row; the last one: {finding}")
        self.report.written += len(batch.rows)

    def _buffer(self, rows: Iterable[object]) -> Buffer:
        buffer = self._connected().new_buffer()
        for row in rows:
            self._writers[type(row)](buffer.row, row)
        return buffer

    def _deliver(self, buffer: Buffer) -> tuple[int, str] | None:
        """The position of the row that the server rejects, counted from 0 in the batch, and why; None when
        all is well.
        """
        with from_extra("questdb"):
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


def _need_client() -> None:
    with from_extra("questdb"):
        import questdb as _  # noqa: F401  # when the object is made, not at its first batch


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
) -> Report:
    """Writes rows of declared tables; see `Ingest`."""
    with Ingest(url, now=now, batch_rows=batch_rows, retry_seconds=retry_seconds) as under_way:
        for row in rows:
            under_way.add(row)
    return under_way.report


def records(cls: type, url: str | Address, values: Iterable[Mapping[str, Any]], **options: Any) -> Report:
    """As `ingest`, for mappings from column to value instead of rows."""
    with Ingest(url, **options) as under_way:
        for one in values:
            under_way.add_values(cls, one)
    return under_way.report
