"""Rows of tables, judged: each by its columns and rules, by the clock, and by the row before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from pydantic import ValidationError

from .rules import SequenceRule
from .table import Table, table_of


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row. `row` counts from 0 in the sequence that was handed in; `value` is what
    came.
    """

    table: str
    row: int
    field: str
    message: str
    value: object = None

    def __str__(self) -> str:
        return f"{self.table}, row {self.row}, {self.field}: {self.message}"


class Validator:
    """Judges rows one after the other. It remembers the last row of each series, not more.

    A row that is older than the one before it in its series is judged by itself only: a replay may come in
    any order.
    """

    def __init__(self) -> None:
        self._before: dict[tuple[str, object], Any] = {}
        self._plans: dict[type, _Plan] = {}

    def check(self, row: object, index: int, *, now: datetime) -> list[Finding]:
        """What is wrong with the row by itself and by the clock: reason not to store it.

        `row` was built by its class or by `unchecked`: which one it was makes no difference here.
        """
        plan = self._plan(type(row))
        values = dict(zip(plan.names, plan.values(row), strict=False))
        return faults(type(row), values, index) or self.early(row, index, now=now)

    def early(self, row: object, index: int, *, now: datetime) -> list[Finding]:
        """As `check`, for a row that its class has just validated: only the clock is asked."""
        plan = self._plan(type(row))
        moment = getattr(row, plan.table.designated)
        if moment > now:
            message = f"expected a moment that is not in the future (now is {now}), got {moment}"
            return [Finding(plan.table.name, index, plan.table.designated, message, moment)]
        return []

    def follow(self, row: object, index: int) -> list[Finding]:
        """What contradicts the row before it in its series. The row, which `check` found sound, takes its
        place.
        """
        plan = self._plan(type(row))
        if not plan.rules:
            return []
        series = (plan.table.name, plan.series(row))
        before = self._before.get(series)
        findings = []
        if before is not None:
            moment, then = getattr(row, plan.table.designated), getattr(before, plan.table.designated)
            if moment < then:
                return []
            for rule in plan.rules if moment > then else ():
                if fault := rule.check(before, row):
                    value = getattr(row, fault.field)
                    findings.append(Finding(plan.table.name, index, fault.field, fault.message, value))
        self._before[series] = row
        return findings

    def _plan(self, cls: type) -> _Plan:
        plan = self._plans.get(cls)
        if plan is None:
            plan = self._plans[cls] = _Plan(table_of(cls))
        return plan


class _Plan:
    """What is looked up once per table instead of once per row."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.names = tuple(column.name for column in table.columns)
        self.rules = tuple(rule for rule in table.rules if isinstance(rule, SequenceRule))
        self.values = attrgetter(*self.names) if len(self.names) > 1 else lambda row: (getattr(row, self.names[0]),)
        self._series = attrgetter(*table.series) if table.series else None

    def series(self, row: object) -> object:
        return self._series(row) if self._series else None


def validate(rows: Iterable[object], *, now: datetime) -> list[Finding]:
    """All that is wrong with the rows, of whatever tables they are, in their order.

    Series are judged in the order of their timestamps, whatever the order of the rows. `now` is the latest
    moment that a row may have: the clock, or the one of a replay or a simulation.
    """
    findings: list[Finding] = []
    sound: list[tuple[int, object]] = []
    validator = Validator()
    for index, row in enumerate(rows):
        if found := validator.check(row, index, now=now):
            findings += found
        else:
            sound.append((index, row))
    sound.sort(key=lambda item: getattr(item[1], table_of(type(item[1])).designated))
    for index, row in sound:
        findings += validator.follow(row, index)
    return sorted(findings, key=lambda finding: finding.row)


def faults(cls: type, values: Mapping[str, Any], index: int = 0) -> list[Finding]:
    """What is wrong with the values of one row by itself: types, bounds, rules. Empty when `cls(**values)`
    works.
    """
    name = table_of(cls).name
    try:
        cls(**values)
    except ValidationError as error:
        return findings_of(error, name, index)
    return []


def findings_of(error: ValidationError, table: str, index: int) -> list[Finding]:
    """pydantic's errors as findings: the field, the expectation, the value."""
    findings = []
    for item in error.errors(include_url=False):
        context = item.get("ctx", {})
        if item["type"] == "row_rule":
            field, message, value = context["field"], context["message"], None
        else:
            field, message, value = str(item["loc"][0] if item["loc"] else ""), item["msg"], item["input"]
            if ", got " not in message:
                message = f"{message}, got {value!r}"
        findings.append(Finding(table, index, field, message, value))
    return findings
