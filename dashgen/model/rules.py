"""Rules of a table that a column's type and bounds can't say: between the columns of a row, and from row to
row.

A table lists them in `@table(rules=(…))`; they are values, so that validation, the data dictionary and the
demo data all read the same ones. Rows are read by attribute, so that any object with the columns as
attributes can be judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of one row."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class RowRule:
    """Judges one row by itself."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the rule reads; the first is the one that it blames."""
        raise NotImplementedError

    def check(self, row: object) -> Fault | None:
        raise NotImplementedError

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

    def check(self, before: object, row: object) -> Fault | None:
        raise NotImplementedError

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class NotAfter(RowRule):
    """`field`, where it is set, is at most `other`."""

    field: str
    other: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.other)

    def check(self, row: object) -> Fault | None:
        value, limit = getattr(row, self.field), getattr(row, self.other)
        if value is None or limit is None or value <= limit:
            return None
        return Fault(self.field, f"expected at most {self.other} ({limit}), got {value}")

    def __str__(self) -> str:
        return f"{self.field} <= {self.other}"


@dataclass(frozen=True, slots=True)
class OnlyWhile(RowRule):
    """`field` may be set only while the boolean column `flag` is true."""

    field: str
    flag: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.flag)

    def check(self, row: object) -> Fault | None:
        value = getattr(row, self.field)
        if value is None or getattr(row, self.flag):
            return None
        return Fault(self.field, f"expected no value while {self.flag} is false, got {value}")

    def __str__(self) -> str:
        return f"{self.field} only while {self.flag}"


@dataclass(frozen=True, slots=True)
class SetExactlyWhileNot(RowRule):
    """`field` is set while the boolean column `flag` is false, and null while it is true."""

    field: str
    flag: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.flag)

    def check(self, row: object) -> Fault | None:
        value, flag = getattr(row, self.field), getattr(row, self.flag)
        if flag and value is not None:
            return Fault(self.field, f"expected no value while {self.flag} is true, got {value}")
        if not flag and value is None:
            return Fault(self.field, f"expected a value while {self.flag} is false, got none")
        return None

    def __str__(self) -> str:
        return f"{self.field} set exactly while not {self.flag}"


@dataclass(frozen=True, slots=True)
class Ratio(RowRule):
    """`field` is `part` / `whole` (to a relative 1e-9), and null where `whole` is 0."""

    field: str
    part: str
    whole: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.part, self.whole)

    def check(self, row: object) -> Fault | None:
        value, part, whole = (getattr(row, name) for name in self.fields)
        if whole == 0:
            if value is None:
                return None
            return Fault(self.field, f"expected no value where {self.whole} is 0, got {value}")
        if value is None or not math.isclose(value, part / whole, rel_tol=1e-9, abs_tol=1e-12):
            return Fault(self.field, f"expected {self.part} / {self.whole} = {part / whole}, got {value}")
        return None

    def __str__(self) -> str:
        return f"{self.field} = {self.part} / {self.whole}, null where {self.whole} = 0"


@dataclass(frozen=True, slots=True)
class Monotonic(SequenceRule):
    """`field` never falls in a series, unless `resets_with` falls too: a restarted process counts from 0
    again.
    """

    field: str
    resets_with: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.resets_with)

    def check(self, before: object, row: object) -> Fault | None:
        was, value = getattr(before, self.field), getattr(row, self.field)
        if value >= was or getattr(row, self.resets_with) < getattr(before, self.resets_with):
            return None
        return Fault(
            self.field,
            f"expected at least {was} (the row before) as {self.resets_with} did not fall, got {value}",
        )

    def __str__(self) -> str:
        return f"{self.field} never falls, unless {self.resets_with} does"


@dataclass(frozen=True, slots=True)
class Connection(SequenceRule):
    """The two states of a connection, told by the boolean `connected`.

    From disconnected to connected the `reconnects` counter must change: grow, or fall where the process was
    restarted. While disconnected, `since` moves only together with the counter (it came back and was lost
    again). A counter that grows while connected is a connection that was lost and regained between two rows.
    """

    connected: str
    since: str
    reconnects: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.reconnects, self.connected, self.since)

    def check(self, before: object, row: object) -> Fault | None:
        if getattr(before, self.connected):
            return None
        was, count = getattr(before, self.reconnects), getattr(row, self.reconnects)
        if count != was:
            return None
        if getattr(row, self.connected):
            return Fault(self.reconnects, f"expected more than {was} after a reconnect, got {count}")
        since, now_since = getattr(before, self.since), getattr(row, self.since)
        if since != now_since:
            return Fault(self.since, f"expected {since} (the row before), as no reconnect was counted, got {now_since}")
        return None

    def __str__(self) -> str:
        return f"{self.reconnects} grows when {self.connected} comes back; {self.since} stays meanwhile"
