"""What a test of alert rules says: rows over time, and what must come of them.

    AlertTest(
        "a dead daemon pages",
        rows=(Rows("daemon_metrics", {"host": "a", "env": "prod", "running": "true x6, false x12"}),),
        expect=(Fires("daemon-down", labels={"host": "a"}, after=60, within=90),),
    )

Durations and times are seconds from the test's start. A test file (`dashgen.alert_tests.test_file`) says the same in
YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashgen.grafana.alerting.state import State

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""A Monday at noon."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table over time: `Rows("daemon_metrics", {"host": "a", "running": "true x6, false x12"})`."""

    table: str
    """Name of the table in QuestDB."""
    values: Mapping[str, Any]
    """Values by column: one value for all rows, or values over time (`"100+5x20"`; see the guide)."""
    start: float = 0
    """Time of the first row, in seconds from the test's start."""
    every: float | None = None
    """Seconds between two rows. None: the table's write interval; for a table of events, which has none, one row at
    `start`."""
    until: float | None = None
    """Latest time of a row, in seconds from the test's start. None: until the values end."""
    unchecked: bool = False
    """True allows rows that violate the constraints of the table."""
    each: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Values by column; each time has one row for every combination of them: `each={"host": ("a", "b")}`."""
    place: str = field(default="", compare=False)
    """Location in the test file: `tests/alerts/daemons.yaml:14:9`."""


@dataclass(frozen=True, slots=True)
class Event:
    """A SQL statement that runs between two evaluations: `Event(60, "DROP TABLE daemon_metrics")`."""

    at: float
    """Time at which it runs, in seconds from the test's start."""
    sql: str
    """The statement; table names are replaced with the names of the test's own tables."""


@dataclass(frozen=True, slots=True)
class DatabaseFailure:
    """A period in which the queries of rules fail. Rows are still written."""

    start: float = 0
    """Time from which queries fail, in seconds from the test's start."""
    until: float | None = None
    """Time from which queries succeed again, in seconds from the test's start. None: they fail until the end of the
    test."""
    refusal: str | None = None
    """Error message with which the server rejects each query. None: the server can't be reached."""

    def holds(self, at: float) -> bool:
        return self.start <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """One expected alert instance. Fields that are None are not compared."""

    rule: str
    """Uid of the rule to which the instance belongs."""
    state: State = "Alerting"
    """The state that the instance has after the evaluation."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Some of the instance's labels, which identify it: `labels={"host": "a"}`."""
    reason: str | None = None
    """Grafana's state reason, as in `Alerting (NoData)`: `reason="NoData"`."""
    value: float | None = None
    """The number that is compared with the rule's threshold."""
    values: Mapping[str, float | None] | None = None
    """Numbers of queries and expressions, by refId: `values={"B": 3}`."""
    notifies: tuple[str, ...] | None = None
    """Names of the contact points that are notified: `notifies=("on-call",)`."""
    group: Mapping[str, str] | None = None
    """Labels of the notification group to which it belongs."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Annotations by name, after their templates were executed."""


@dataclass(frozen=True, slots=True)
class At:
    """Expects the alert instances at one time: these and, of the test's rules, no others that are not Normal. The state
    is that after the last evaluation up to this time."""

    at: float
    """Time of the expectation, in seconds from the test's start."""
    alerts: tuple[ExpectedAlert, ...]
    """The expected alert instances; an empty tuple expects that all are Normal."""


@dataclass(frozen=True, slots=True)
class Never:
    """Expects that no instance of a rule is ever Alerting, NoData or Error."""

    rule: str
    """Uid of the rule that must not fire."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Applies only to the instances that have these labels; the others may fire."""


@dataclass(frozen=True, slots=True)
class Fires:
    """Expects that a rule does not fire before `after`, and fires soon after it: `Fires("daemon-down", after=60,
    within=90)`."""

    rule: str
    """Uid of the rule that must fire."""
    within: float
    """Seconds after `after` within which the rule must fire."""
    after: float = 0
    """Time before which the rule must not fire, in seconds from the test's start."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Some labels of the instance that must fire."""
    state: State = "Alerting"
    """The state that counts as firing."""
    recovered: float | None = None
    """Time at which the cause is removed, in seconds from the test's start."""
    resolves_within: float | None = None
    """Seconds after `recovered` within which the instance must be Normal or removed."""
    notifies: tuple[str, ...] | None = None
    """Names of the contact points that are notified when it fires."""


@dataclass(frozen=True, slots=True)
class NamedAlert:
    """An expected alert in a notification."""

    rule: str
    """Uid of the rule to which the alert belongs."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Some of the alert's labels, which identify it."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One notification that a contact point receives."""

    at: float
    """Time at which it is sent, in seconds from the test's start."""
    firing: int | tuple[NamedAlert, ...] = 0
    """All firing alerts in the notification, or their number."""
    resolved: int | tuple[NamedAlert, ...] = 0
    """All resolved alerts in the notification, or their number."""
    group: Mapping[str, str] | None = None
    """Labels of the notification group. None: not compared."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Expects all notifications that a contact point receives for the test's rules until the test ends."""

    contact_point: str
    """Name of the contact point that receives them."""
    sent: tuple[SentMessage, ...]
    """The notifications, in the order in which they are sent."""


Expectation = At | Never | Fires | Messages


@dataclass(frozen=True, slots=True)
class AlertTest:
    """A test of alert rules. Paused rules are evaluated too."""

    name: str
    """Name in reports, a sentence: `name="a dead daemon pages"`."""
    rows: tuple[Rows, ...] = ()
    """The rows that are written as simulated time passes."""
    expect: tuple[Expectation, ...] = ()
    """The expectations: `At`, `Fires`, `Never`, `Messages`."""
    rules: tuple[str, ...] = ()
    """Uids of the rules that are evaluated. Empty: those that expectations name."""
    events: tuple[Event, ...] = ()
    """SQL statements that run as simulated time passes."""
    database: tuple[DatabaseFailure, ...] = ()
    """Periods in which queries of the database fail."""
    begin: float = 0
    """Time of the first evaluation, in seconds from `start`; may be negative."""
    end: float | None = None
    """Time of the last evaluation, in seconds from `start`. None: the latest time that an expectation names."""
    start: datetime = START
    """The time from which all seconds are counted."""
    place: str = ""
    """Location in the test file: `tests/alerts/daemons.yaml:12`."""
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Location at which the test file first names a rule, contact point or refId: `tests/alerts/daemons.yaml:14:16`."""

    @property
    def tested(self) -> tuple[str, ...]:
        named = [name for one in self.expect for name in _named(one)]
        return tuple(dict.fromkeys((*self.rules, *named)))

    @property
    def last(self) -> float:
        if self.end is not None:
            return self.end
        return max([self.begin, *(latest(one) for one in self.expect)])


def _named(expectation: Expectation) -> tuple[str, ...]:
    if isinstance(expectation, At):
        return tuple(alert.rule for alert in expectation.alerts)
    if isinstance(expectation, Messages):
        parts = [part for one in expectation.sent for part in (one.firing, one.resolved) if not isinstance(part, int)]
        return tuple(named.rule for part in parts for named in part)
    return (expectation.rule,)


def latest(expectation: Expectation) -> float:
    """The last moment that it names."""
    if isinstance(expectation, At):
        return expectation.at
    if isinstance(expectation, Messages):
        return max((one.at for one in expectation.sent), default=0)
    if isinstance(expectation, Fires):
        resolved = (expectation.recovered or 0) + (expectation.resolves_within or 0)
        return max(expectation.after + expectation.within, resolved)
    return 0
