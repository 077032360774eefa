"""What a person needs to understand a rule at one moment: its SQL, what came, each expression's values, the state.

The moment is in a test, or in past data. There the rule is evaluated for a while before, as its state has a past.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashgen.alert_tests.assertions import clock
from dashgen.alert_tests.suite import Fixture, run_alert_tests
from dashgen.alert_tests.test_model import AlertTest
from dashgen.grafana.alerting.queries import Answer
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import Observed, RuleRun, Tick
from dashgen.model.core.problems import DashgenError
from dashgen.model.tables.table import table_of
from dashgen.sql.reads import relations

if TYPE_CHECKING:
    from dashgen.questdb.server import EmbeddedQuestDB

_AT_LEAST = 900
"""Seconds that a rule is evaluated before a moment in past data."""


class Unexplained(DashgenError, ValueError):
    """Why there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Explained:
    """`began`, in past data, is the first evaluation in seconds since 1970: what is as old as that may be older."""

    place: str
    rule: RuleSpec
    tick: Tick
    began: int | None = None

    def may_be_older(self, instance: Observed) -> bool:
        """Whether the instance was on its way to this state when evaluations began."""
        if instance.since is None or self.began is None:
            return False
        rule = self.rule
        waits = rule.pending if instance.state in ("Alerting", "Recovering") else 0
        return instance.since - math.ceil(waits / rule.interval) * rule.interval <= self.began


def in_test(test: AlertTest, fixture: Fixture, server: EmbeddedQuestDB, uid: str, at: float) -> Explained:
    """A rule's last evaluation up to `at` seconds into a test. Raises Unexplained."""
    only = replace(test, rules=(uid,), end=max(test.last, at), expect=())
    (outcome,) = run_alert_tests((only,), fixture, server, workers=1).outcomes
    place = f"{test.place}{': ' if test.place else ''}{test.name}"
    if outcome.broken:
        raise Unexplained(f"{place}: {outcome.broken}")
    timeline = outcome.timelines[uid]
    tick = timeline.at(at)
    if tick is None:
        interval = clock(timeline.rule.interval)
        raise Unexplained(f"{place}: {uid} was not evaluated yet at {clock(at)}; its interval is {interval}")
    return Explained(f"{place}, at {clock(at)}", timeline.rule, tick)


def warm_up(rule: RuleSpec) -> int:
    """Seconds before a moment from which on a rule is evaluated so that its state is known then: twice what `for`,
    keep firing and missing series take, and a quarter of an hour at least."""
    takes = rule.pending + rule.keep_firing + (rule.missing_evaluations + 1) * rule.interval
    return math.ceil(max(_AT_LEAST, 2 * takes) / rule.interval) * rule.interval


def in_past(rule: RuleSpec, fixture: Fixture, at: int, run: Callable[[str], Answer], where: str) -> Explained:
    """A rule's last evaluation up to `at` (seconds since 1970) over the rows that `run` finds. Raises Unexplained where
    none of its tables has a row up to then, SqlFailed where one of them is missing."""
    spans = dict(_spans(rule, fixture.classes, run))
    if spans and not any(span and span[0].timestamp() <= at for span in spans.values()):
        told = "; ".join(f"{name} {_told(span)}" for name, span in spans.items())
        raise Unexplained(f"no rows up to {utc(at)}: {told}")
    last = at // rule.interval * rule.interval
    began = last - warm_up(rule)
    machine = RuleRun(replace(rule, paused=False), fixture.semantics, run)
    for now in range(began, last, rule.interval):
        machine.tick(now)
    since = f"evaluated every {clock(rule.interval)} from {utc(began)} on, {clock(last - began)} before"
    rows = "".join(f"\n  {name} {_told(span)}" for name, span in spans.items())
    return Explained(f"{where}, at {utc(at)} UTC; {since}{rows}", rule, machine.tick(last), began)


_Span = tuple[datetime, datetime] | None


def _spans(rule: RuleSpec, classes: Mapping[str, type], run: Callable[[str], Answer]) -> Iterator[tuple[str, _Span]]:
    """The first and the last row of each declared table and view that the rule reads."""
    stamps: dict[str, str] = {}
    for table in map(table_of, classes.values()):
        if not table.designated:
            continue
        stamps |= {table.name: table.designated} | {view.name: table.designated for view in table.views}
    read = {name for query in rule.queries if query.sql for name in relations(query.sql) or ()}
    for name in sorted(read & stamps.keys()):
        ends = [run(f'SELECT "{stamps[name]}" FROM "{name}" LIMIT {limit}').rows for limit in (1, -1)]  # noqa: S608
        found = [rows[0][0] for rows in ends if rows]
        first, last = (found[0], found[-1]) if found else (None, None)
        yield name, (first, last) if isinstance(first, datetime) and isinstance(last, datetime) else None


def _told(span: _Span) -> str:
    return f"has rows from {span[0]:%Y-%m-%d %H:%M:%S} to {span[1]:%Y-%m-%d %H:%M:%S}" if span else "is empty"


def utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
