"""QuestDB's HTTP interface (`/exec`), for any server, embedded or not."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException, HTTPResponse
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from dashgen.questdb.address import Address, address
from dashgen.questdb.errors import AnswerTimeout, QueryError, ServerError, text_index

ALL_VIEWS = (
    "(SELECT table_name FROM tables() WHERE matView) t LEFT JOIN materialized_views() v ON t.table_name = v.view_name"
)
"""What a query selects from to see every materialized view. `v` is null for one whose state is written for the first
time, which `materialized_views()` leaves out (docs/facts/questdb.md)."""


@dataclass(frozen=True, slots=True)
class Response:
    """Rows of a query. `types` are QuestDB's (`LONG`, `SYMBOL`); timestamps come as aware datetimes in
    UTC.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def value(self) -> object:
        """The first column of the first row."""
        return self.rows[0][0]

    def records(self) -> list[dict[str, object]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


class Client:
    """Statements over HTTP. `url` is as `address` takes it, or an Address."""

    def __init__(self, url: str | Address, *, timeout: float = 60.0) -> None:
        self.address = address(url) if isinstance(url, str) else url
        self.url = self.address.url
        self.timeout = timeout
        self._headers: dict[str, str] = {}
        if self.address.user is not None:
            login = f"{self.address.user}:{self.address.password or ''}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"

    def execute(self, sql: str) -> None:
        """Runs a statement. Raises QueryError where the server refuses it, ServerError where it is not
        there.
        """
        self._exec(sql)

    def query(self, sql: str) -> Response:
        """Runs a query and returns all of its rows. Raises as `execute` does."""
        body = self._exec(sql)
        columns = body.get("columns", [])
        types = tuple(column["type"] for column in columns)
        moments = [index for index, kind in enumerate(types) if kind in ("TIMESTAMP", "DATE")]
        rows = body.get("dataset", [])
        for row in rows:
            for index in moments:
                if row[index] is not None:
                    row[index] = _moment(row[index])
        return Response(tuple(column["name"] for column in columns), types, tuple(map(tuple, rows)))

    def ping(self) -> bool:
        """Whether the server answers."""
        try:
            with self._open("/ping", 2.0) as response:
                return bool(response.status == 204)
        except (HTTPException, OSError):
            return False

    def settle(self, *, timeout: float = 60.0) -> None:
        """Waits until everything that was written can be read: WALs applied, materialized views refreshed.

        Raises ServerError when that takes longer than `timeout` seconds, or a table is suspended.
        """
        deadline = time.monotonic() + timeout
        pause = 0.002
        while True:
            waiting = [
                str(name)
                for name, suspended, written, applied in self.query(
                    "SELECT name, suspended, sequencerTxn, writerTxn FROM wal_tables()"
                )
                if self._behind(str(name), suspended, written, applied)
            ]
            waiting += [
                str(name)
                for name, status, seen, base in self.query(
                    "SELECT t.table_name, v.view_status, v.refresh_base_table_txn, v.base_table_txn"  # noqa: S608  # our text
                    f" FROM {ALL_VIEWS} WHERE v.view_name IS NULL OR v.refresh_type = 'immediate'"
                )
                if status in (None, "refreshing") or (status == "valid" and _number(seen) < _number(base))
            ]
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise ServerError(f"not settled within {timeout:g} s: {', '.join(waiting)}")
            time.sleep(pause)
            pause = min(pause * 2, 0.1)

    @staticmethod
    def _behind(name: str, suspended: object, written: object, applied: object) -> bool:
        if suspended:
            raise ServerError(f"table {name} is suspended; see the server's log")
        return _number(applied) < _number(written)

    def _open(self, path: str, timeout: float) -> HTTPResponse:
        """The scheme was checked to be http or https."""
        request = Request(f"{self.url}{path}", headers=self._headers)  # noqa: S310
        return cast("HTTPResponse", urlopen(request, timeout=timeout))  # noqa: S310

    def _exec(self, sql: str) -> dict[str, Any]:
        try:
            with self._open(f"/exec?{urlencode({'query': sql}, quote_via=quote)}", self.timeout) as response:
                # QuestDB 9.3.4 writes the control characters of a VARCHAR as they are, and escapes a SYMBOL's
                body = cast("dict[str, Any]", json.loads(response.read(), strict=False))
        except HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                answer = json.loads(text, strict=False)
                message, units = str(answer["error"]), int(answer.get("position", 0))
            except (ValueError, KeyError, TypeError):
                if error.code in (401, 403):
                    raise ServerError(f"{self.url} refuses the user or password ({error.code})") from None
                raise ServerError(f"{self.url} answered {error.code}: {text[:200]}") from None
            raise QueryError(message, sql, text_index(sql, units) if units else None) from None
        except (HTTPException, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise AnswerTimeout(f"{self.url} did not answer within {self.timeout:g} s") from error
            raise ServerError(f"{self.url} does not answer: {reason}") from error
        except ValueError:  # of a server that is no QuestDB
            raise ServerError(f"{self.url} does not answer with JSON of a QuestDB") from None
        if not isinstance(body, dict):
            raise ServerError(f"{self.url} does not answer with JSON of a QuestDB")
        if "error" in body:  # what ends an answer on its way, such as a value of 3 MB: the rows until then are not all
            raise QueryError(str(body["error"]), sql)
        return body


def _moment(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) else -1
