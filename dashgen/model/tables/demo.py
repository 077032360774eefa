"""What demo data look like: formulas that a spec gives and `dashgen.questdb` turns into rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from dashgen.model.core.problems import Problem, Source, here, report
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.tables.table import TableSchema, whole_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Generates demo data for one table: each column by a SQL expression, which may use literals and:

    - `at`: the moment (TIMESTAMP), `t`: the same in seconds since 1970 (LONG), `i`: the series, from 0 (LONG)
    - `g`: the group of the series, from 0, and `m`: the series within its group
    - the names in `shared` and `steps`
    - `{parameter}`: a number from the parameters, `{seed}` or `{start}` (seconds) in braces
    - `{env}`: the `env` of the environment that the rows are made for, to stand between quotes: `'{env}'`.
    """

    table: TableSchema
    """Schema of the table, from `table_of(…)`. A table with `written_by_others` gets demo data only on servers
    that dashgen starts (check, preview, `db up`)."""
    series: Callable[[Mapping[str, int]], int]
    """Number of series (in each group), computed from the parameters: `series=lambda given: given["hosts"]`."""
    columns: Mapping[str, str]
    """SQL expression for each column except the designated timestamp, by column name: `columns={"load": "1 +
    sin(t)"}`."""
    steps: tuple[tuple[str, str], ...] = ()
    """Named SQL expressions that `columns` and later steps may use, computed one after the other: `steps=(("down", "t %
    3600 < 60"),)`."""
    exists: str = "true"
    """SQL condition; if it is false no row is written, as when a writer is silent."""
    groups: Callable[[Mapping[str, int]], int] = lambda given: 1
    """Number of groups of series, computed from the parameters; the series of a group have the same values of `shared`.
    Default: one group."""
    shared: tuple[tuple[str, str], ...] = ()
    """Like `steps`, but computed once for all series of a group, from `t` and `g`."""
    every: str | None = None
    """Interval between rows of a series: `every="1m"`. None: the table's write interval. Required for a table of
    events, which has no write interval."""
    source: Source | None = field(default_factory=here, init=False, compare=False, repr=False)
    """Where it was written."""

    def __post_init__(self) -> None:
        if not self.table.designated:
            self._wrong(f"{self.table.name} has no designated timestamp, so its rows have no moments", field="table")
            return
        if self.every is None and self.table.write_interval_seconds is None:
            message = f"expected every, as {self.table.name} has no write interval"
            self._wrong(message, "every='1m' tries a row a minute and series; exists says which of them there are")
        elif self.every is not None and whole_seconds(self.every) is None:
            self._wrong(f"every: expected a duration such as 10s, 1m or 1h, got {self.every!r}", field="every")
        known = [column.name for column in self.table.columns if column.name != self.table.designated]
        for name in self.columns:
            if name not in known:
                hint = nearest_or_all(name, known, "it has")
                self._wrong(f"{self.table.name} has no column {name!r} to set", hint, f"columns.{name}")

    def _wrong(self, message: str, hint: str = "", field: str = "") -> None:
        report(Problem(self.called(), message, hint, self.source, self, field))

    def called(self) -> str:
        """How errors name it."""
        return f"demo of {self.table.name}"

    @property
    def formulas(self) -> Iterator[tuple[str, str]]:
        """Every expression by where it is given (`columns.host`, `steps.work`, `exists`), after what it may use."""
        yield from ((f"shared.{name}", expression) for name, expression in self.shared)
        yield from ((f"steps.{name}", expression) for name, expression in self.steps)
        yield "exists", self.exists
        yield from ((f"columns.{name}", expression) for name, expression in self.columns.items())

    def check_parameters(self, given: Mapping[str, int]) -> None:
        """Reports what the formulas and counts ask of the parameters and don't find."""
        known = (*given, "env", "seed", "start")
        for place, expression in self.formulas:
            try:
                names = {name for _, name, _, _ in Formatter().parse(expression) if name is not None}
            except ValueError as error:
                self._wrong(f"{place}: {error}", "a parameter stands in braces; braces of the SQL are doubled", place)
                continue
            for name in sorted(names.difference(known)):
                self._wrong(f"{place}: {{{name}}} is no demo parameter", nearest_or_all(name, known), place)
        for what, count in (("series", self.series), ("groups", self.groups)):
            try:
                found: object = count(given)
            except Exception as error:  # whatever the author's function raises is a problem of it
                hint = f"the demo parameters: {', '.join(given) or 'none'}"
                self._wrong(f"{what}: raises {type(error).__name__}: {error}", hint, what)
                continue
            if not isinstance(found, int) or found < 0:
                self._wrong(f"{what}: expected a whole number from 0 on, got {found!r}", field=what)

    @property
    def interval_seconds(self) -> int:
        """Seconds between the moments at which a series may have a row."""
        return (whole_seconds(self.every) or 0) if self.every else (self.table.write_interval_seconds or 0)

    def count(self, given: Mapping[str, int]) -> int:
        """Series in all."""
        return self.groups(given) * self.series(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An outage in the demo data that an alert rule must detect: `dashgen test --demo` looks for it."""

    name: str
    """Name in reports: `name="silence"`."""
    rule: str
    """Uid of the alert rule that must detect the outage."""
    query: str
    """SQL that returns each occurrence between `{start}` and `{end}`: the times of the first and last affected row as
    `since` and `until`, and the labels that the alert must have."""
    within: str
    """Maximum delay between the start of the outage and the alert: `within="2m"`."""
    at_least: str = "0s"
    """Minimum duration of an outage that must be detected: `at_least="1m"`."""
    also: tuple[str, ...] = ()
    """Uids of further rules that may fire because of the outage."""
    echo: str = "0s"
    """How long after the end of the outage an alert may still start, for rules that look back over a window:
    `echo="5m"`.
    """
