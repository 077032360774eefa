"""A column's values over time in a few characters.

running: true x6, false x12        six times true, then twelve times false
fetch_count: 100+5x20              twenty values: 100, 105, 110 …
fetch_count: 100+5                 the same without an end
latency_ms: 20 x3, _x2, 25         three values, two rows that are not written, then 25 without an end
host: prod-server-01               the same in each row
last_message_at: now-2s x6, @1m    two seconds before its row; then always the test's first minute
last_error: "a, b" x2, null        quotes where a text has a comma or looks like something else
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any, Literal
from uuid import UUID

from dashgen.grafana.durations import seconds
from dashgen.model.core.problems import DashgenError
from dashgen.model.tables.column_types import FRACTIONS, MOMENTS, NUMBERS, TEXTS, WHOLE
from dashgen.model.tables.table import Column

Base = Literal["now", "@"]


class NotationError(DashgenError, ValueError):
    """What a segment should have been."""


class _Gap:
    def __repr__(self) -> str:
        return "_"


GAP = _Gap()
"""No row is written."""


@dataclass(frozen=True, slots=True)
class Offset:
    """An instant, in seconds from the row (`now`) or from the start of the test (`@`)."""

    base: Base
    seconds: float

    def at(self, row: datetime, start: datetime) -> datetime:
        return (row if self.base == "now" else start) + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Segment:
    """`count` None goes on for ever. `step` is added from value to value."""

    value: Any
    count: int | None = None
    step: float | Decimal = 0


@dataclass(frozen=True, slots=True)
class Cells:
    segments: tuple[Segment, ...]

    @property
    def length(self) -> int | None:
        """None for what has no end."""
        counts = [segment.count for segment in self.segments]
        return None if None in counts else sum(count or 0 for count in counts)

    def __iter__(self) -> Iterator[Any]:
        for segment in self.segments:
            index = 0
            while segment.count is None or index < segment.count:
                yield segment.value + index * segment.step if segment.step else segment.value
                index += 1


_NOT_SET = frozenset({"BINARY", "LONG128", "DOUBLE[]"})
_SPLIT = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^,])*)\s*(?:,|\Z)""")
_QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:''|[^'])*')(?:\s+x(\d+))?\Z""")
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_COUNTER = re.compile(rf"({_NUMBER})\s*([-+])\s*((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\s*x(\d+))?\Z")
_REPEATED_NUMBER = re.compile(rf"({_NUMBER})\s*x(\d+)\Z")
_REPEATED = re.compile(r"(.*\S)\s+x(\d+)\Z")
_GAPS = re.compile(r"_(?:\s*x(\d+))?\Z")
_MOMENT = re.compile(r"(now|@)(?:\s*([-+])?\s*([0-9a-z]+))?\Z")


def cells(given: Any, column: Column) -> Cells:
    """Of what a test file says of a column: a text in the notation above, one value, or a list of both. Raises
    NotationError."""
    if column.family in _NOT_SET:
        raise NotationError(f"expected a column that a test can set, got a {column.type}: leave it out")
    if isinstance(given, list):
        segments = tuple(segment for one in given for segment in _segments(one, column, last=False))
    else:
        segments = _segments(given, column, last=True)
    for segment in segments[:-1]:
        if segment.count is None:
            raise NotationError(f"only the last of several values may go on without an end; write {segment.value} xN")
    if not segments:
        raise NotationError("expected at least one value")
    return Cells(segments)


def _segments(given: Any, column: Column, *, last: bool) -> tuple[Segment, ...]:
    if not isinstance(given, str):
        return (Segment(_typed(given, column), None if last else 1),)
    texts = [match[1].strip() for match in _SPLIT.finditer(given) if match[0]]
    if any(not text for text in texts):
        raise NotationError(f"expected a value between the commas of {given!r}")
    found = []
    for index, text in enumerate(texts):
        end = last and index == len(texts) - 1
        found.append(_segment(text, column, None if end else 1))
    return tuple(found)


def _segment(text: str, column: Column, default: int | None) -> Segment:
    if match := _QUOTED.match(text):
        quoted = match[1]
        plain = quoted[1:-1].replace("''", "'") if quoted[0] == "'" else quoted[1:-1].replace('\\"', '"')
        return Segment(_typed(plain, column), int(match[2]) if match[2] else default)
    if match := _GAPS.match(text):
        return Segment(GAP, int(match[1]) if match[1] else 1)
    numeric = column.family in NUMBERS
    if numeric and (match := _COUNTER.match(text)):
        value, step = _number(match[1], column), _number(match[2] + match[3], column)
        return Segment(value, int(match[4]) if match[4] else default and None, step)
    repeated = (_REPEATED_NUMBER.match(text) if numeric else None) or _REPEATED.match(text)
    if repeated:
        return Segment(_read(repeated[1], column), int(repeated[2]))
    return Segment(_read(text, column), default)


def _read(text: str, column: Column) -> Any:
    if text == "null":
        return None
    if column.type == "BOOLEAN":
        if text not in ("true", "false"):
            raise NotationError(f"expected true or false, got {text!r}")
        return text == "true"
    if column.family in NUMBERS:
        return _number(text, column)
    if column.family in MOMENTS:
        return _moment(text)
    return _of_text(text, column)


def _of_text(text: str, column: Column) -> Any:
    """A text as what holds the column's values."""
    kind = {"UUID": UUID, "IPv4": IPv4Address}.get(column.family)
    try:
        return kind(text) if kind else text
    except ValueError as error:
        raise NotationError(f"expected a value of {column.type}, got {text!r}: {error}") from None


def _number(text: str, column: Column) -> int | float | Decimal:
    try:
        if column.family == "DECIMAL":
            return Decimal(text)
        return int(text) if column.family in WHOLE else float(text)
    except (ValueError, ArithmeticError):
        kind = "a whole number" if column.family in WHOLE else "a number"
        raise NotationError(
            f"expected {kind}, a counter like 100+5x20 or a repetition like 7 x3, got {text!r}"
        ) from None


def _moment(text: str) -> Offset:
    match = _MOMENT.match(text)
    if match is None:
        raise NotationError(f"expected now, now-5s (before the row) or @1m (after the test's start), got {text!r}")
    base: Base = "now" if match[1] == "now" else "@"
    try:
        length = seconds(match[3]) if match[3] else 0
    except ValueError as error:
        raise NotationError(str(error)) from None
    return Offset(base, -length if match[2] == "-" else length)


def _typed(value: Any, column: Column) -> Any:
    """A value that YAML has read already."""
    if isinstance(value, str):
        return _moment(value) if column.family in MOMENTS else _of_text(value, column)
    if column.family in FRACTIONS and isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value)) if column.family == "DECIMAL" else float(value)
    if column.family in TEXTS and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value
