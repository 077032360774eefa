"""A suite: many tests on one server, several at once, and which rules they leave out."""

from __future__ import annotations

import itertools
import os
import queue
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashgen.alert_tests.assertions import Failed, Timeline, clock, judge
from dashgen.alert_tests.connection import BoundedConnection, BoundExceeded, NotEnded, QueryConnection
from dashgen.alert_tests.lookahead import sees_beyond
from dashgen.alert_tests.message_assertions import judge_messages
from dashgen.alert_tests.sandbox import RowsError, Stage, TimedRow, expand_rows, mentioned
from dashgen.alert_tests.test_model import AlertTest, Event
from dashgen.alert_tests.test_validation import nonsense
from dashgen.grafana.alerting.queries import Answer, SqlFailed, Unreachable
from dashgen.grafana.alerting.routing_result import NOBODY, Notifications
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import RuleRun, Tick
from dashgen.grafana.gotemplate.validation import not_run
from dashgen.grafana.versions import Semantics, semantics
from dashgen.model.tables.table import table_of
from dashgen.questdb.errors import ServerError
from dashgen.sql.clocks import clocks
from dashgen.sql.parser import understood

if TYPE_CHECKING:
    from dashgen.questdb.server import EmbeddedQuestDB

TICK = 10
"""Seconds of Grafana's scheduler."""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Fixture:
    """What rules are tested in: the rendered rules by uid, the declared tables by name, the notifications of the org,
    the Grafana, the `env` that the rules are bound to, and the org."""

    rules: Mapping[str, RuleSpec]
    classes: Mapping[str, type]
    notifications: Notifications = NOBODY
    semantics: Semantics = field(default_factory=lambda: semantics((12, 3)))
    env: str = ""
    org_id: int = 1


@dataclass(frozen=True, slots=True)
class AlertTestOutcome:
    """`broken` says why a test could not be run at all."""

    test: AlertTest
    timelines: Mapping[str, Timeline] = field(default_factory=dict, repr=False)
    failures: tuple[Failed, ...] = ()
    broken: str = ""
    seconds: float = 0.0
    blocks_server: bool = False
    """A query of it goes on until the server stops."""

    @property
    def passed(self) -> bool:
        return not self.failures and not self.broken

    @property
    def ticks(self) -> int:
        return sum(len(timeline.ticks) for timeline in self.timelines.values())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Uids of rules, in their order. `silent` have no test in which they fire, `unquiet` none in which they are looked
    at and stay quiet."""

    silent: tuple[str, ...]
    unquiet: tuple[str, ...]

    @property
    def untested(self) -> tuple[str, ...]:
        return tuple(uid for uid in self.silent if uid in self.unquiet)


@dataclass(frozen=True, slots=True)
class SuiteReport:
    outcomes: tuple[AlertTestOutcome, ...]
    coverage: Coverage
    findings: tuple[str, ...]
    """What is wrong with a rule whatever the test."""
    seconds: float
    grafana: Semantics
    """Which Grafana evaluated."""
    not_verified: tuple[str, ...] = ()
    """What no test can say, because dashgen does not run it as Grafana does."""

    @property
    def passed(self) -> bool:
        return not self.findings and all(outcome.passed for outcome in self.outcomes)

    @property
    def ticks(self) -> int:
        return sum(outcome.ticks for outcome in self.outcomes)


def run_alert_tests(
    tests: Sequence[AlertTest],
    fixture: Fixture,
    server: EmbeddedQuestDB,
    *,
    workers: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SuiteReport:
    """Runs tests of alert rules over simulated time, and compares the results with the expectations.

    Args:
        tests: The tests. Each one uses its own tables on the server.
        fixture: Rules, tables, notifications and the version of Grafana: `fixture_of(project, environment)`.
        server: A running server: `with EmbeddedQuestDB() as server`.
        workers: Number of tests that run in parallel. Default: the number of processors.
        progress: Called after each test with the number of finished tests and the number of all tests.
    """
    began = time.monotonic()
    outcomes: dict[int, AlertTestOutcome] = {}
    blocking: list[str] = []
    workers = max(1, min(workers or os.cpu_count() or 1, len(tests) or 1))
    with _connections(server, workers) as pool, ThreadPoolExecutor(workers) as threads:

        def one(test: AlertTest) -> AlertTestOutcome:
            pair = pool.get()
            try:
                if not blocking:
                    outcome = run_test(test, fixture, *pair)
                    blocking.extend([test.name] * outcome.blocks_server)
                    return outcome
            except ServerError:
                if not blocking:
                    raise
            finally:
                pool.put(pair)
            return AlertTestOutcome(test, broken=f"not run: a query of the test {blocking[0]!r} blocks the server")

        futures = {threads.submit(one, test): number for number, test in enumerate(tests)}
        for done, future in enumerate(as_completed(futures), 1):
            outcomes[futures[future]] = future.result()
            progress(done, len(tests))
    ordered = tuple(outcomes[number] for number in range(len(tests)))
    findings = tuple(finding for rule in fixture.rules.values() for finding in rule_findings(rule))
    tested = {uid for outcome in ordered for uid in outcome.timelines}
    unsaid = tuple(said for uid, rule in fixture.rules.items() if uid in tested for said in unverified(rule))
    return SuiteReport(
        ordered, coverage(ordered, fixture.rules), findings, time.monotonic() - began, fixture.semantics, unsaid
    )


@contextmanager
def _connections(server: EmbeddedQuestDB, count: int) -> Iterator[queue.Queue[tuple[QueryConnection, QueryConnection]]]:
    """Pairs: one that may write, one with the read-only login that rules are run with."""
    pool: queue.Queue[tuple[QueryConnection, QueryConnection]] = queue.Queue()
    pairs: list[tuple[QueryConnection, QueryConnection]] = []
    try:
        for _ in range(count):
            pairs.append((BoundedConnection(server.pg_dsn), BoundedConnection(server.readonly_dsn)))
            pool.put(pairs[-1])
        yield pool
    finally:
        for pair in pairs:
            for connection in pair:
                connection.close()


def run_test(test: AlertTest, fixture: Fixture, writing: QueryConnection, reading: QueryConnection) -> AlertTestOutcome:
    began = time.monotonic()
    if wrong := "\n  ".join(nonsense(test, fixture.rules, fixture.notifications)):
        return AlertTestOutcome(test, broken=wrong)
    tables = [table_of(cls) for cls in fixture.classes.values()]
    stage = Stage(f"t{next(_numbers)}x", tables, writing)
    try:
        rows = sorted(
            (row for given in test.rows for row in expand_rows(given, fixture.classes, test.start, test.last)),
            key=lambda row: row.at,
        )
        timelines = _play(test, fixture, stage, rows, reading)
    except NotEnded as error:  # what the statement reads can't be dropped
        return AlertTestOutcome(
            test, broken=stage.original(str(error)), seconds=time.monotonic() - began, blocks_server=True
        )
    except (RowsError, SqlFailed, BoundExceeded) as error:
        stage.drop()
        return AlertTestOutcome(test, broken=stage.original(str(error)), seconds=time.monotonic() - began)
    stage.drop()
    failures = (
        *judge(test, timelines, fixture.notifications),
        *judge_messages(test, timelines, fixture.notifications),
    )
    return AlertTestOutcome(test, timelines, failures, seconds=time.monotonic() - began)


def _play(
    test: AlertTest, fixture: Fixture, stage: Stage, rows: list[TimedRow], reading: QueryConnection
) -> dict[str, Timeline]:
    rules = [replace(fixture.rules[uid], paused=False) for uid in test.tested]
    named = {name for rule in rules for query in rule.queries for name in mentioned(query.sql, stage.names)}
    named |= {row.table.lower() for row in rows} | {
        n for event in test.events for n in mentioned(event.sql, stage.names)
    }
    stage.build(frozenset(named))
    at_once = not test.events and not any(sees_beyond(rule, fixture.classes) for rule in rules)
    zero = int(test.start.timestamp())

    def run(sql: str) -> Answer:
        for failing in test.database:
            if failing.holds(now - zero):
                raise Unreachable if failing.refusal is None else SqlFailed(failing.refusal)
        try:
            return stage.as_written(reading.run(stage.renamed(sql)))
        except SqlFailed as error:
            raise SqlFailed(stage.original(str(error))) from error

    runs = {rule.uid: RuleRun(rule, fixture.semantics, run) for rule in rules}
    events = sorted(test.events, key=lambda event: event.at)
    found: dict[str, list[Tick]] = {rule.uid: [] for rule in rules}
    step = min((TICK, *(rule.interval for rule in rules)))
    for now in range(zero + int(test.begin), zero + int(test.last) + 1, step):
        while events and zero + events[0].at <= now:
            event = events.pop(0)
            rows = _insert_until(stage, rows, zero + event.at)
            _run_event(stage, event)
            stage.settle()
        if rows:
            rows = _insert_until(stage, rows, float("inf") if at_once else now)
        for uid, rule_run in runs.items():
            if now % rule_run.rule.interval == 0:
                found[uid].append(_tick(rule_run, now, zero))
    return {rule.uid: Timeline(rule, zero, tuple(found[rule.uid])) for rule in rules}


def _run_event(stage: Stage, event: Event) -> None:
    try:
        stage.run(event.sql)
    except BoundExceeded as error:
        raise type(error)(f"event at {clock(event.at)}: {event.sql} {error}") from None


def _tick(rule_run: RuleRun, now: int, zero: int) -> Tick:
    try:
        return rule_run.tick(now)
    except BoundExceeded as error:
        raise type(error)(f"{rule_run.rule.uid} at {clock(now - zero)}: a query {error}") from None


def _insert_until(stage: Stage, rows: list[TimedRow], now: float) -> list[TimedRow]:
    """Writes the rows up to that moment and returns the others."""
    count = sum(row.at <= now for row in rows)
    stage.insert(rows[:count])
    return rows[count:]


def rule_findings(rule: RuleSpec) -> Iterator[str]:
    """`now()` in alert SQL is the server's clock, not the evaluation's: a late evaluation judges other rows, and no
    test can stand in for it. Also as `least($__toTime, now())`, of which a test in the past takes the evaluation's time
    and one in the future the server's. `dashgen check` says the same (DG406)."""
    for query in rule.queries:
        tree = understood(query.sql)
        for read in clocks(tree) if tree else ():
            yield f"{rule.uid}, query {query.ref_id}: {read.text} is the server's clock; write $__toTime"


def unverified(rule: RuleSpec) -> Iterator[str]:
    """Labels and annotations with functions that Grafana runs and dashgen does not: tests see the template's text."""
    for what, texts in (("label", rule.labels), ("annotation", rule.annotations)):
        for name, text in texts.items():
            if functions := not_run(text):
                named = ", ".join(functions)
                yield f"{rule.uid}, {what} {name}: dashgen does not run {named}; tests see the template's text"


def coverage(outcomes: Iterable[AlertTestOutcome], rules: Mapping[str, RuleSpec]) -> Coverage:
    fired: set[str] = set()
    quiet: set[str] = set()
    for outcome in outcomes:
        for uid, timeline in outcome.timelines.items():
            if timeline.ticks:
                (fired if timeline.fired() else quiet).add(uid)
    return Coverage(tuple(u for u in rules if u not in fired), tuple(u for u in rules if u not in quiet))
