"""What demo data look like: formulas that a spec gives and `dashgen.questdb` turns into rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dashgen.model.problems import Problem, Source, here, report
from dashgen.model.table import Table, whole_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """How rows of one table are made up.

    `columns` maps each column except the designated timestamp to an expression, which may use, beside
    literals,
    - `at`: the moment (TIMESTAMP), `t`: the same in seconds since 1970 (LONG), `i`: the series, from 0 (LONG)
    - the names in `steps`, computed one after the other from what is before them
    - `{parameter}`: a number from the parameters, `{seed}` or `{start}` (seconds) in braces.
    `series` is the number of series, as a function of the parameters. `exists` is a condition on the same names: where
    it is false there is no row, as of a writer that is silent.

    A series has a row each write interval of the table, or `every` (`1m`) so often, which a table of events needs: say
    with `exists` which of those moments have an event.

    Where series share much, `groups` is the number of groups and `series` that of each; `shared` are steps from `t` and
    `g`, the group from 0, computed once for all of its series, and `m` is the series within its group.
    """

    table: Table
    series: Callable[[Mapping[str, int]], int]
    columns: Mapping[str, str]
    steps: tuple[tuple[str, str], ...] = ()
    exists: str = "true"
    groups: Callable[[Mapping[str, int]], int] = lambda given: 1
    shared: tuple[tuple[str, str], ...] = ()
    every: str | None = None
    source: Source | None = field(default_factory=here, init=False, compare=False, repr=False)
    """Where it was written."""

    def __post_init__(self) -> None:
        if self.every is None and self.table.write_interval_seconds is None:
            message = f"expected every, as {self.table.name} has no write interval"
            self._wrong(message, "every='1m' tries a row a minute and series; exists says which of them there are")
        elif self.every is not None and whole_seconds(self.every) is None:
            self._wrong(f"every: expected a duration such as 10s, 1m or 1h, got {self.every!r}")

    def _wrong(self, message: str, hint: str = "") -> None:
        report(Problem(f"demo of {self.table.name}", message, hint, self.source, self))

    @property
    def interval_seconds(self) -> int:
        """Seconds between the moments at which a series may have a row."""
        return (whole_seconds(self.every) or 0) if self.every else (self.table.write_interval_seconds or 0)

    def count(self, given: Mapping[str, int]) -> int:
        """Series in all."""
        return self.groups(given) * self.series(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Something bad that demo data hold, which an alert must find: `dashgen test --demo` looks for it.

    `query` finds each time that it happened between `{start}` and `{end}`: the columns `since` and `until` (the
    first and the last bad row), and the labels that the alert must have. Those that last `at_least` so long must raise
    `rule` at most `within` after they began. `also` are rules that may fire because of it. An alert may begin as late
    as `echo` after its end: what looks back over a window goes on seeing it.
    """

    name: str
    rule: str
    query: str
    within: str
    at_least: str = "0s"
    also: tuple[str, ...] = ()
    echo: str = "0s"
