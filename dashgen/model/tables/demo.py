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
    """How rows of one table are made up: each column by a formula in SQL, which may use, beside literals:

    - `at`: the moment (TIMESTAMP), `t`: the same in seconds since 1970 (LONG), `i`: the series, from 0 (LONG)
    - `g`: the group of the series, from 0, and `m`: the series within its group
    - the names in `shared` and `steps`
    - `{parameter}`: a number from the parameters, `{seed}` or `{start}` (seconds) in braces
    - `{env}`: the `env` of the environment that the rows are made for, to stand between quotes: `'{env}'`.
    """

    table: TableSchema
    """The declaration of the table that the rows are of, `table_of(…)` its class. One that others write gets demo data
    on servers of dashgen's own only (check, preview, `db up`)."""
    series: Callable[[Mapping[str, int]], int]
    """How many series there are (in each group), from the parameters: `series=lambda given: given["hosts"]`."""
    columns: Mapping[str, str]
    """SQL for each column but the designated timestamp, by its name: `columns={"load": "1 + sin(t)"}`."""
    steps: tuple[tuple[str, str], ...] = ()
    """Names with SQL that `columns` and later steps may use, computed one after the other: `steps=(("down", "t % 3600 <
    60"),)`."""
    exists: str = "true"
    """SQL condition; where it is false there is no row, as of a writer that is silent."""
    groups: Callable[[Mapping[str, int]], int] = lambda given: 1
    """How many groups of series share the steps of `shared`, from the parameters. By default all are one group."""
    shared: tuple[tuple[str, str], ...] = ()
    """As `steps`, computed once for all series of a group, from `t` and `g`."""
    every: str | None = None
    """How often a series has a row: `every="1m"`. None: each write interval of the table; a table of events has none
    and needs it."""
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
    """Something bad that demo data hold, which an alert rule must find: `dashgen test --demo` looks for it."""

    name: str
    """What reports call it: `name="silence"`."""
    rule: str
    """Uid of the alert rule that must find it."""
    query: str
    """SQL that finds each time that it happened between `{start}` and `{end}`: the first and the last bad row as
    `since` and `until`, and the labels that the alert must have."""
    within: str
    """How long after its begin the rule must fire, at most: `within="2m"`."""
    at_least: str = "0s"
    """How long it must last for that; what is shorter need not be found: `at_least="1m"`."""
    also: tuple[str, ...] = ()
    """Uids of further rules that may fire because of it."""
    echo: str = "0s"
    """How long after its end an alert may still begin, as what looks back over a window goes on seeing it: `echo="5m"`.
    """
