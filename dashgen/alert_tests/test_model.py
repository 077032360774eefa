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
    """By column: a value that each row has, or values over time (`"100+5x20"`; see the guide)."""
    start: float = 0
    """When the first row is written, in seconds from the test's start."""
    every: float | None = None
    """Seconds between two rows. None: the table's write interval; of a table of events, which has none, there is one
    row at `start`."""
    until: float | None = None
    """The last moment that may have a row. None: as long as the values go."""
    unchecked: bool = False
    """True lets the rows contradict the constraints of the table."""
    each: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Values by column of which every combination has a row at each moment: `each={"host": ("a", "b")}`."""
    place: str = field(default="", compare=False)
    """Where a test file has it: `tests/alerts/daemons.yaml:14:9`."""


@dataclass(frozen=True, slots=True)
class Event:
    """A statement that is run between two evaluations: `Event(60, "DROP TABLE daemon_metrics")`."""

    at: float
    """When it is run, in seconds from the test's start."""
    sql: str
    """The statement; names of tables become those of the test's own."""


@dataclass(frozen=True, slots=True)
class DatabaseFailure:
    """The database answers no query of a rule for a while. Rows are written all the same."""

    start: float = 0
    """The first moment at which queries fail, in seconds from the test's start."""
    until: float | None = None
    """The first moment at which they succeed again. None: they fail to the end."""
    refusal: str | None = None
    """The server's message, with which it refuses each query. None: no server is there."""

    def holds(self, at: float) -> bool:
        return self.start <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """One alert instance at one moment. What is None is not looked at."""

    rule: str
    """Uid of the rule that the instance is of."""
    state: State = "Alerting"
    """The state that the instance has after the evaluation."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Some labels of the instance, by which it is found: `labels={"host": "a"}`."""
    reason: str | None = None
    """Why it has the state, where no value is the reason: `reason="NoData"`."""
    value: float | None = None
    """The number that the rule's threshold was compared with."""
    values: Mapping[str, float | None] | None = None
    """Numbers of queries and expressions, by refId: `values={"B": 3}`."""
    notifies: tuple[str, ...] | None = None
    """Names of the contact points that are notified: `notifies=("on-call",)`."""
    group: Mapping[str, str] | None = None
    """The labels of the group that the notification is of."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Annotations, by name, with their templates filled in."""


@dataclass(frozen=True, slots=True)
class At:
    """After the last evaluation up to a moment there are these instances and, of the rules of this test, no others that
    are not Normal."""

    at: float
    """The moment, in seconds from the test's start."""
    alerts: tuple[ExpectedAlert, ...]
    """The instances; an empty tuple says that all is Normal."""


@dataclass(frozen=True, slots=True)
class Never:
    """No instance of a rule is ever Alerting, NoData or Error."""

    rule: str
    """Uid of the rule that must stay quiet."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the instances those that have these labels; the others may fire."""


@dataclass(frozen=True, slots=True)
class Fires:
    """A rule is quiet until something happens, and fires soon after: `Fires("daemon-down", after=60, within=90)`."""

    rule: str
    """Uid of the rule that must fire."""
    within: float
    """Seconds after `after` in which it must fire."""
    after: float = 0
    """The moment until which it must be quiet, in seconds from the test's start."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Some labels of the instance that must fire."""
    state: State = "Alerting"
    """The state that counts as firing."""
    recovered: float | None = None
    """The moment at which the cause is over, in seconds from the test's start."""
    resolves_within: float | None = None
    """Seconds after `recovered` in which the instance must be Normal or gone."""
    notifies: tuple[str, ...] | None = None
    """Names of the contact points that are notified when it fires."""


@dataclass(frozen=True, slots=True)
class NamedAlert:
    """An alert in a message."""

    rule: str
    """Uid of the rule that it is of."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Some of its labels, by which it is found."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message that a contact point gets."""

    at: float
    """When it is sent, in seconds from the test's start."""
    firing: int | tuple[NamedAlert, ...] = 0
    """All alerts that it says are firing, or how many there are."""
    resolved: int | tuple[NamedAlert, ...] = 0
    """All alerts that it says are resolved, or how many there are."""
    group: Mapping[str, str] | None = None
    """The labels of the group that it is of. None is not looked at."""


@dataclass(frozen=True, slots=True)
class Messages:
    """All messages that a contact point gets of this test's rules until the test ends."""

    contact_point: str
    """Name of the contact point that gets them."""
    sent: tuple[SentMessage, ...]
    """The messages, in the order in which they are sent."""


Expectation = At | Never | Fires | Messages


@dataclass(frozen=True, slots=True)
class AlertTest:
    """A test of alert rules. Paused rules are evaluated as if they were not."""

    name: str
    """What reports call it, a sentence: `name="a dead daemon pages"`."""
    rows: tuple[Rows, ...] = ()
    """The rows that are written while time passes."""
    expect: tuple[Expectation, ...] = ()
    """What must come of them: `At`, `Fires`, `Never`, `Messages`."""
    rules: tuple[str, ...] = ()
    """Uids of the rules that are evaluated. Empty: those that expectations name."""
    events: tuple[Event, ...] = ()
    """Statements that are run while time passes."""
    database: tuple[DatabaseFailure, ...] = ()
    """When the database does not answer."""
    begin: float = 0
    """The first evaluation, in seconds from `start`; may be negative."""
    end: float | None = None
    """The last evaluation. None: the last moment that an expectation names."""
    start: datetime = START
    """The instant that all seconds are counted from."""
    place: str = ""
    """Where a test file has it: `tests/alerts/daemons.yaml:12`."""
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where the test file first names a rule, contact point or refId: `tests/alerts/daemons.yaml:14:16`."""

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
