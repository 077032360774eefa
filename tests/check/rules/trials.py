"""A rule's trial: something that breaks it, what is said then and under which text the caret stands, and something like
it that is right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dashgen import AlertRule, Query, Reduce, Table
from dashgen.check.engine import choose, judge
from dashgen.check.rule import RuleMatch, Subject
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.model.dashboards.query import Format
from dashgen.model.environment import Plugin
from tests.check.helpers import Thing, subjects

IN = "env = ${env:sqlstring} AND $__timeFilter(timestamp)"
NOW = "env = ${env:sqlstring} AND timestamp BETWEEN dateadd('d', -1, $__toTime) AND $__toTime"


@dataclass(frozen=True)
class Trial:
    """`under` is the text that the caret marks, empty where the whole query is meant. `accepted` is False for SQL that
    the server refuses as well."""

    rule: str
    bad: Thing
    says: str
    under: str
    good: Thing
    plugin: Plugin = "questdb"
    accepted: bool = True
    beside: tuple[Thing, ...] = ()


@dataclass(frozen=True)
class AlertTrial:
    rule: str
    bad: str
    says: str
    under: str
    good: str
    format: Format = "table"
    accepted: bool = True
    summary: str = ""
    threshold: float | None = None


def found(rule: str, subject: Subject, session: Session) -> list[RuleMatch]:
    (only,) = [r for r in rules() if r.name == rule]
    if only.stage == "choices":
        return [match for _, match in choose(subject, session.value, (only,))]
    described = session.described(subject) if only.stage == "columns" else subject
    if only.stage == "columns":
        assert described.columns is not None, f"refused: {subject.sql}"
    return [match for _, match in judge(described, (only,))]


def check(trial: Trial, session: Session) -> None:
    bad, good = (
        next(s for s in subjects(thing, *trial.beside, plugin=trial.plugin) if s.owner is thing)
        for thing in (trial.bad, trial.good)
    )
    _check(trial, bad, good, session)


def check_alert(trial: AlertTrial, session: Session) -> None:
    bad, good = (alert(sql, trial.format, trial.summary, threshold=trial.threshold) for sql in (trial.bad, trial.good))
    _check(trial, bad, good, session)


def _check(trial: Trial | AlertTrial, bad: Subject, good: Subject, session: Session) -> None:
    matches = found(trial.rule, bad, session)
    assert len(matches) == 1, f"{trial.rule}: {matches} in {bad.sql}"
    assert trial.says in matches[0].message
    span = matches[0].span
    assert (bad.sql[slice(*span)] if span else "") == trial.under
    assert (session.described(bad).columns is not None) == trial.accepted, bad.sql
    assert found(trial.rule, good, session) == []
    assert session.described(good).columns is not None, good.sql


def alert(
    sql: str, format_: Format = "table", summary: str = "", *, threshold: float | None = None, **fields: Any
) -> Subject:
    """The query as an alert rule's: one that is only reduced, unless it has a threshold."""
    query = Query(sql, format=format_)
    rule = AlertRule(
        uid="tried", title="Tried", query=query, severity="info", summary=summary, threshold=threshold,
        expressions=(Reduce("A"),) if threshold is None else (), **fields,
    )  # fmt: skip
    (subject,) = subjects(Table("Alert", query))
    return replace(subject, role="alert", owner=rule, dashboard=None)
