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
    """Rows of one table, one every `every` seconds (the table's write interval unless given) from `start` on, until
    `until` or as long as the values go. Of a table of events, which has no write interval, it is one row at `start`
    unless `every` is given. Values are in the notation of `dashgen.alert_tests.notation`; with `each` there
    are as many rows of each moment, one for every combination of its values. `unchecked` ones may contradict the
    table's rules."""

    table: str
    values: Mapping[str, Any]
    start: float = 0
    every: float | None = None
    until: float | None = None
    unchecked: bool = False
    each: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    place: str = field(default="", compare=False)
    """`tests/alerts/daemons.yaml:14:9`."""


@dataclass(frozen=True, slots=True)
class Event:
    """A statement that is run between two evaluations."""

    at: float
    sql: str


@dataclass(frozen=True, slots=True)
class Failing:
    """The database answers no query of a rule from `start` until just before `until`, or to the end. Without a
    `refusal` nobody is there; else the server is, and refuses each query with that text. Rows are written all the
    same."""

    start: float = 0
    until: float | None = None
    refusal: str | None = None

    def holds(self, at: float) -> bool:
        return self.start <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Expected:
    """One instance at one moment. What is None is not looked at. `labels` are some of the instance's; `value` is what
    the threshold judged; `notifies` the contact points that hear of it, `group` the labels of their group."""

    rule: str
    state: State = "Alerting"
    labels: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    value: float | None = None
    values: Mapping[str, float | None] | None = None
    notifies: tuple[str, ...] | None = None
    group: Mapping[str, str] | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class At:
    """After the last evaluation up to that moment, these instances and, of the rules of this test, no others that are
    not Normal."""

    at: float
    alerts: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Never:
    """Nothing of the rule is Alerting, NoData or Error; with labels, nothing that has them."""

    rule: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fires:
    """The rule is quiet until `after`, fires at most `within` seconds later, and, where it says so, is Normal or gone
    at most `resolves_within` seconds after `recovered`."""

    rule: str
    within: float
    after: float = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    state: State = "Alerting"
    recovered: float | None = None
    resolves_within: float | None = None
    notifies: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """An alert in a message, by its rule and some of its labels."""

    rule: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: what fires and what is over, all of it, or how many of each."""

    at: float
    firing: int | tuple[Named, ...] = 0
    resolved: int | tuple[Named, ...] = 0
    group: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """All that a contact point gets to hear of this test's rules until the test ends."""

    contact_point: str
    sent: tuple[Sent, ...]


Expectation = At | Never | Fires | Messages


@dataclass(frozen=True, slots=True)
class AlertTest:
    """`rules` are uids, those of the expectations unless given. It runs from `begin` to `end` (the last moment that an
    expectation names, unless given). Paused rules are evaluated as if they were not."""

    name: str
    rows: tuple[Rows, ...] = ()
    expect: tuple[Expectation, ...] = ()
    rules: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    database: tuple[Failing, ...] = ()
    begin: float = 0
    end: float | None = None
    start: datetime = START
    place: str = ""
    """`tests/alerts/daemons.yaml:12`."""
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where a rule, contact point or refId is first named: `tests/alerts/daemons.yaml:14:16`."""

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
