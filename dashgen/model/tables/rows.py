"""Rows of tables, judged: each by its columns and rules, by the clock, and by the row before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from pydantic import ValidationError

from dashgen.model.tables.row_constraints import SequenceRule, all_follow, compiled, conditions
from dashgen.model.tables.table import table_of, validated_class


@dataclass(frozen=True, slots=True)
class RowFinding:
    """A problem of a row. `row` is its index in the validated sequence, from 0; `value` is the invalid value."""

    table: str
    """Name of the table in QuestDB that has the row."""
    row: int
    """Index of the row in the validated sequence, from 0."""
    field: str
    """Name of the column; empty if the problem concerns the whole row."""
    message: str
    """What was expected, and the actual value."""
    value: object = None
    """The invalid value, as it was given."""

    def __str__(self) -> str:
        return f"{self.table}, row {self.row}, {self.field}: {self.message}"


class Validator:
    """Judges rows one after the other. It remembers the last row of each series, not more.

    A row that is older than the one before it in its series is judged by itself only: a replay may come in
    any order.
    """

    def __init__(self) -> None:
        self._plans: dict[type, _Plan] = {}

    def accepts(self, row: object, now: datetime) -> bool:
        """Whether a row that its class built is sound and the next of its series; it is remembered then. Of any other
        row `check` and `follow` say whether it is all right, and what is not.
        """
        plan = self._plans.get(type(row)) or self._plan(type(row))
        return plan.accepts(row, now)

    def check(self, row: object, index: int, *, now: datetime) -> list[RowFinding]:
        """What is wrong with the row by itself and by the clock: reason not to store it.

        A row that its class built is known to be sound by itself; one of `unchecked` is judged here.
        """
        plan = self._plans.get(type(row)) or self._plan(type(row))
        if plan.is_unchecked:
            values = {name: getattr(row, name) for name in plan.names}
            if found := faults(plan.cls, values, index):
                return found
        moment = plan.moment(row)
        if moment <= now:
            return []
        message = f"expected a moment that is not in the future (now is {now}), got {moment}"
        return [RowFinding(plan.table.name, index, plan.table.designated, message, moment)]

    def follow(self, row: object, index: int) -> list[RowFinding]:
        """What contradicts the row before it in its series. The row, which `check` found sound, takes its
        place.
        """
        plan = self._plans.get(type(row)) or self._plan(type(row))
        if not plan.rules:
            return []
        series = plan.series(row)
        before = plan.before.get(series)
        if before is not None:
            moment, then = plan.moment(row), plan.moment(before)
            if moment < then:
                return []
            if moment > then and not plan.follows(before, row):
                plan.before[series] = row
                found = [fault for rule in plan.rules if (fault := rule.check(before, row))]
                return [RowFinding(plan.table.name, index, f.field, f.message, getattr(row, f.field)) for f in found]
        plan.before[series] = row
        return []

    def moment(self, row: object) -> Any:
        """The designated timestamp of a row."""
        return (self._plans.get(type(row)) or self._plan(type(row))).moment(row)

    def remember(self, row: object) -> None:
        """Makes a row the last one of its series, unless the one that is remembered is newer."""
        plan = self._plans.get(type(row)) or self._plan(type(row))
        series = plan.series(row)
        before = plan.before.get(series)
        if before is None or plan.moment(row) >= plan.moment(before):
            plan.before[series] = row

    def forget(self, row: object) -> None:
        """Takes a row back that was not stored after all: the next one of its series has none before it."""
        plan = self._plans.get(type(row)) or self._plan(type(row))
        if plan.before.get(series := plan.series(row)) is row:
            del plan.before[series]

    def _plan(self, cls: type) -> _Plan:
        declared = validated_class(cls)
        self._plans[cls] = plan = _Plan(cls, declared)
        if cls is not declared:  # one memory for both kinds of rows
            plan.before = (self._plans.get(declared) or self._plan(declared)).before
        return plan


class _Plan:
    """What is looked up once per class instead of once per row."""

    def __init__(self, cls: type, declared: type) -> None:
        self.cls = declared
        self.is_unchecked = cls is not declared
        self.table = table_of(declared)
        self.names = tuple(column.attribute for column in self.table.columns)
        if not self.table.designated:
            raise TypeError(f"{self.table.name} has no designated timestamp: its rows have no order to be judged in")
        self._series = [self.table.column(name).attribute for name in self.table.series]
        self.rules = tuple(rule for rule in self.table.rules if isinstance(rule, SequenceRule))
        self.follows = all_follow(self.rules)
        self.moment: Callable[[object], Any] = attrgetter(self.table.column(self.table.designated).attribute)
        self.series: Callable[[object], object] = attrgetter(*self._series) if self._series else lambda row: None
        self.before: dict[object, object] = {}
        self.accepts = (lambda row, now: False) if self.is_unchecked else self._compiled()

    def _compiled(self) -> Callable[[object, datetime], bool]:
        """`check` and `follow` for a row that is as it should be, in one function with literal names, which takes a
        third of their time.
        """
        at = self.table.column(self.table.designated).attribute
        names = [f"row.{name}" for name in self._series]
        if not self.rules:
            return compiled(f"row.{at} <= now", "row", "now")
        # As `series` has them: the value of one column, a tuple of several.
        series = "None" if not names else names[0] if len(names) == 1 else f"({', '.join(names)})"
        follows = f"moment > before.{at} and ({conditions(self.rules)})"
        make = compiled(
            f"lambda row, now: (moment := row.{at}) <= now"
            f" and ((before := get(series := {series})) is None or {follows}) and put(series, row) is None",
            "get",
            "put",
        )
        accepts: Callable[[object, datetime], bool] = make(self.before.get, self.before.__setitem__)
        return accepts


def validate_rows(rows: Iterable[object], *, now: datetime) -> list[RowFinding]:
    """Validates rows of any declared tables, and returns all findings in the order of the rows.

    Constraints between rows are checked in the order of the timestamps, not of the rows.

    Args:
        rows: The rows to validate: instances of classes that `@table` declared.
        now: The latest timestamp that is allowed: the current time, or that of a replay or a simulation.
    """
    findings: list[RowFinding] = []
    sound: list[tuple[int, object]] = []
    validator = Validator()
    for index, row in enumerate(rows):
        if found := validator.check(row, index, now=now):
            findings += found
        else:
            sound.append((index, row))
    sound.sort(key=lambda item: validator.moment(item[1]))
    for index, row in sound:
        findings += validator.follow(row, index)
    return sorted(findings, key=lambda finding: finding.row)


def faults(cls: type, values: Mapping[str, Any], index: int = 0) -> list[RowFinding]:
    """What is wrong with the values of one row by itself: types, bounds, rules. Empty when `cls(**values)`
    works.
    """
    name = table_of(cls).name
    try:
        cls(**values)
    except ValidationError as error:
        return findings_of(error, name, index)
    return []


def findings_of(error: ValidationError, table: str, index: int) -> list[RowFinding]:
    """pydantic's errors as findings: the field, the expectation, the value."""
    findings = []
    for item in error.errors(include_url=False):
        context = item.get("ctx", {})
        if item["type"] == "row_rule":
            field, message, value = context["field"], context["message"], None
        else:
            field, message, value = str(item["loc"][0] if item["loc"] else ""), item["msg"], item["input"]
            if item["type"] == "missing":  # what came is the whole row
                value = None
            if ", got " not in message:
                message = f"{message}, got {value!r}"
        findings.append(RowFinding(table, index, field, message, value))
    return findings
