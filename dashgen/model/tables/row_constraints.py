"""Rules of a table that a column's type and bounds can't say: between the columns of a row, and from row to
row.

A table lists them in `@table(rules=(…))`; they are values, so that validation, the data dictionary and the
demo data all read the same ones. A rule says the same twice: as an expression for one row, which is compiled
once, and as `suspects` for a whole frame, column by column. Only a row that is suspected is looked at alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

Kind = Literal["any", "number", "counter", "flag"]
"""What a rule needs of a column: a number, a number that is never null, a BOOLEAN."""


class Columns(Protocol):
    """Many rows, read by column. Both return arrays whose operators work element by element (numpy's)."""

    def value(self, name: str) -> Any:
        """A comparison with a missing value is false."""

    def missing(self, name: str) -> Any:
        """Where there is no value."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one field of one row."""

    field: str
    """Name of the column that is blamed."""
    message: str
    """What was expected, and the actual value."""


@cache
def compiled(expression: str, *names: str) -> Callable[..., Any]:
    """The expression as a function of `names`. Its text comes from rules, which are code of the specs.

    Compiled, as a row is then judged in a third of the time that predicates take: 3.2 against 0.9 million rows/s on one
    core, where building a row does 0.2 to 0.3 (`python benchmarks/tables.py validate`).
    """
    function: Callable[..., Any] = eval(f"lambda {', '.join(names)}: {expression}", {"isclose": math.isclose})  # noqa: S307
    return function


def conditions(rules: Iterable[RowRule] | Iterable[SequenceRule]) -> str:
    """The expression that is true where none of them is broken."""
    return " and ".join(f"({rule.condition})" for rule in rules) or "True"


def all_hold(rules: Iterable[RowRule]) -> Callable[[object], bool]:
    """Whether a row breaks none of them, in one call."""
    return compiled(conditions(rules), "row")


def all_follow(rules: Iterable[SequenceRule]) -> Callable[[object, object], bool]:
    """As `all_hold`, for a row and the one before it."""
    return compiled(conditions(rules), "before", "row")


@dataclass(frozen=True, slots=True)
class RowRule:
    """Judges one row by itself."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the rule reads; the first is the one that it blames."""
        raise NotImplementedError

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What each of `fields` must be."""
        raise NotImplementedError

    @property
    def condition(self) -> str:
        """A Python expression of `row` that is true for a good one."""
        raise NotImplementedError

    def fault(self, row: object) -> RowFault:
        """What is wrong with a row for which the condition is false."""
        raise NotImplementedError

    def suspects(self, rows: Columns) -> Any:
        """Where the condition may be false, as an array of booleans."""
        raise NotImplementedError

    def check(self, row: object) -> RowFault | None:
        return None if compiled(self.condition, "row")(row) else self.fault(row)

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SequenceRule:
    """Judges a row by the row before it in the same series.

    A series is the rows that agree in the table's dedup key without the designated timestamp: one daemon, one
    exchange as seen by one host.
    """

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the rule reads; the first is the one that it blames."""
        raise NotImplementedError

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What each of `fields` must be."""
        raise NotImplementedError

    @property
    def condition(self) -> str:
        """A Python expression of `before` and `row` that is true for a good pair."""
        raise NotImplementedError

    def fault(self, before: object, row: object) -> RowFault:
        """What is wrong with a pair for which the condition is false."""
        raise NotImplementedError

    def suspects(self, before: Columns, rows: Columns) -> Any:
        """Where the condition may be false, as an array of booleans."""
        raise NotImplementedError

    def check(self, before: object, row: object) -> RowFault | None:
        return None if compiled(self.condition, "before", "row")(before, row) else self.fault(before, row)

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class NotAfter(RowRule):
    """Row constraint: `field` is null or at most `other`: `NotAfter("last_message", "timestamp")`."""

    field: str
    """Name of the column that is at most `other`; it may be null."""
    other: str
    """Name of the column that is the upper bound, of the same type."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.other)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return ("any", "any")

    @property
    def condition(self) -> str:
        f, o = self.fields
        return f"row.{f} is None or row.{o} is None or row.{f} <= row.{o}"

    def fault(self, row: object) -> RowFault:
        value, limit = getattr(row, self.field), getattr(row, self.other)
        return RowFault(self.field, f"expected at most {self.other} ({limit}), got {value}")

    def suspects(self, rows: Columns) -> Any:
        return rows.value(self.field) > rows.value(self.other)

    def __str__(self) -> str:
        return f"{self.field} <= {self.other}"


@dataclass(frozen=True, slots=True)
class OnlyWhile(RowRule):
    """Row constraint: `field` is null unless the BOOLEAN `flag` is true: `OnlyWhile("latency_ms", "connected")`."""

    field: str
    """Name of the column that may be null."""
    flag: str
    """Name of the BOOLEAN column."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.flag)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return ("any", "flag")

    @property
    def condition(self) -> str:
        return f"row.{self.field} is None or row.{self.flag}"

    def fault(self, row: object) -> RowFault:
        return RowFault(self.field, f"expected no value while {self.flag} is false, got {getattr(row, self.field)}")

    def suspects(self, rows: Columns) -> Any:
        return ~rows.missing(self.field) & ~rows.value(self.flag)

    def __str__(self) -> str:
        return f"{self.field} only while {self.flag}"


@dataclass(frozen=True, slots=True)
class SetExactlyWhileNot(RowRule):
    """Row constraint: `field` is not null if the BOOLEAN `flag` is false, and null if it is true:
    `SetExactlyWhileNot("since", "connected")`.
    """

    field: str
    """Name of the column that is null if `flag` is true."""
    flag: str
    """Name of the BOOLEAN column."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.flag)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return ("any", "flag")

    @property
    def condition(self) -> str:
        return f"(row.{self.field} is None) == row.{self.flag}"

    def fault(self, row: object) -> RowFault:
        value = getattr(row, self.field)
        if value is not None:
            return RowFault(self.field, f"expected no value while {self.flag} is true, got {value}")
        return RowFault(self.field, f"expected a value while {self.flag} is false, got none")

    def suspects(self, rows: Columns) -> Any:
        return rows.missing(self.field) != rows.value(self.flag)

    def __str__(self) -> str:
        return f"{self.field} set exactly while not {self.flag}"


@dataclass(frozen=True, slots=True)
class Ratio(RowRule):
    """Row constraint: `field` is `part` / `whole` (within a relative tolerance of 1e-9), and null if `whole` is 0 or
    one of them is null: `Ratio("error_rate", "errors", "fetches")`.
    """

    field: str
    """Name of the column that holds the ratio."""
    part: str
    """Name of the column of the dividend, a number."""
    whole: str
    """Name of the column of the divisor, a number."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.part, self.whole)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return ("number", "number", "number")

    @property
    def condition(self) -> str:
        f, p, w = self.fields
        ratio = f"isclose(row.{f}, row.{p} / row.{w}, rel_tol=1e-9, abs_tol=1e-12)"
        has_none = f"row.{p} is None or row.{w} is None or row.{w} == 0"
        return f"row.{f} is None if {has_none} else row.{f} is not None and {ratio}"

    def fault(self, row: object) -> RowFault:
        value, part, whole = (getattr(row, name) for name in self.fields)
        for name, operand in ((self.part, part), (self.whole, whole)):
            if operand is None:
                return RowFault(self.field, f"expected no value where {name} has none, got {value}")
        if whole == 0:
            return RowFault(self.field, f"expected no value where {self.whole} is 0, got {value}")
        return RowFault(self.field, f"expected {self.part} / {self.whole} = {part / whole}, got {value}")

    def suspects(self, rows: Columns) -> Any:
        value, part, whole = (rows.value(name) for name in self.fields)
        off = abs(value * whole - part) > 1e-10 * abs(part) + 1e-13 * abs(whole)
        has_none = rows.missing(self.part) | rows.missing(self.whole) | (whole == 0)
        return off | (rows.missing(self.field) != has_none)

    def __str__(self) -> str:
        return f"{self.field} = {self.part} / {self.whole}, null where {self.whole} = 0"


@dataclass(frozen=True, slots=True)
class Monotonic(SequenceRule):
    """Constraint between rows: in a series `field` never decreases, unless `resets_with` decreases too:
    `Monotonic("jobs", resets_with="uptime_seconds")`.

    A process that restarts counts from 0 again.
    """

    field: str
    """Name of the counter column, a number that is never null."""
    resets_with: str
    """Name of a numeric column that decreases when the process restarts: `resets_with="uptime_seconds"`."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.resets_with)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return ("counter", "counter")

    @property
    def condition(self) -> str:
        f, r = self.fields
        return f"row.{f} >= before.{f} or row.{r} < before.{r}"

    def fault(self, before: object, row: object) -> RowFault:
        was, value = getattr(before, self.field), getattr(row, self.field)
        return RowFault(
            self.field,
            f"expected at least {was} (the row before) as {self.resets_with} did not fall, got {value}",
        )

    def suspects(self, before: Columns, rows: Columns) -> Any:
        return rows.value(self.field) < before.value(self.field)

    def __str__(self) -> str:
        return f"{self.field} never falls, unless {self.resets_with} does"


@dataclass(frozen=True, slots=True)
class ReconnectCounter(SequenceRule):
    """Constraint between rows for the columns that describe a connection: `ReconnectCounter("connected", "since",
    "reconnects")`.

    From disconnected to connected the counter must change: it increases, or decreases if the process was restarted.
    While disconnected, `since` changes only together with the counter: the connection came back and was lost again. A
    counter that increases while connected means that the connection was lost and restored between two rows.
    """

    connected: str
    """Name of the BOOLEAN column that says whether the connection is up."""
    since: str
    """Name of the column with the time at which the connection was lost."""
    reconnects: str
    """Name of the counter that increases each time the connection is restored."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.reconnects, self.connected, self.since)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return ("counter", "flag", "any")

    @property
    def condition(self) -> str:
        n, c, s = self.fields
        return f"before.{c} or row.{n} != before.{n} or (not row.{c} and row.{s} == before.{s})"

    def fault(self, before: object, row: object) -> RowFault:
        was, count = getattr(before, self.reconnects), getattr(row, self.reconnects)
        if getattr(row, self.connected):
            return RowFault(self.reconnects, f"expected more than {was} after a reconnect, got {count}")
        since, now_since = getattr(before, self.since), getattr(row, self.since)
        return RowFault(self.since, f"expected {since} (the row before), as no reconnect was counted, got {now_since}")

    def suspects(self, before: Columns, rows: Columns) -> Any:
        still = rows.value(self.reconnects) == before.value(self.reconnects)
        moved = rows.value(self.connected) | (rows.value(self.since) != before.value(self.since))
        return ~before.value(self.connected) & still & moved

    def __str__(self) -> str:
        return f"{self.reconnects} grows when {self.connected} comes back; {self.since} stays meanwhile"
