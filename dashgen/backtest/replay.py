"""Rules over past data: what would have fired, since when, for how long, and who would have heard of it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dashgen.alert_tests.assertions import braces, clock
from dashgen.backtest.tick_answers import PastData, TickAnswers, question
from dashgen.grafana.alerting.evaluation import Evaluation
from dashgen.grafana.alerting.labels import notification_labels
from dashgen.grafana.alerting.message_dispatch import SentAlert, alerts, messages
from dashgen.grafana.alerting.queries import Answer, SqlFailed
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import RuleRun, Tick
from dashgen.grafana.alerting.state import FIRING
from dashgen.grafana.datasources.column_types import oid_of
from dashgen.grafana.datasources.frames import Labels, WireColumn
from dashgen.grafana.versions import Semantics
from dashgen.questdb.errors import QueryError
from dashgen.questdb.http import Client


@dataclass(frozen=True, slots=True)
class Incident:
    """One instance that fires without a break. Times are seconds since 1970; `until` is None where it still fires at
    the end. `states` are those that it went through, `reached` the contact points that got a message of it."""

    rule: str
    labels: Labels
    since: int
    until: int | None
    states: tuple[str, ...]
    reached: tuple[str, ...]
    error: str = ""

    @property
    def instance(self) -> str:
        return f"{self.rule}{braces(dict(self.labels))}"

    def overlaps(self, start: float, end: float) -> bool:
        return self.since <= end and (self.until is None or self.until >= start)


@dataclass(frozen=True, slots=True)
class Backtest:
    incidents: tuple[Incident, ...]
    ticks: int


def backtest(
    rules: Sequence[RuleSpec],
    start: int,
    end: int,
    connect: Callable[[], PastData],
    notifications: Notifications,
    semantics: Semantics,
    *,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Backtest:
    """Evaluates each rule at its interval from `start` to `end` (seconds since 1970). `connect` gives what runs
    SQL for one thread; it is closed here. Paused rules are evaluated as if they were not. Rules that ask the same are
    evaluated together, each question once a tick."""
    total = sum((end - start) // rule.interval + 1 for rule in rules)
    done = 0
    lock = threading.Lock()
    idle: queue.SimpleQueue[PastData] = queue.SimpleQueue()
    opened: list[PastData] = []

    def advance(count: int) -> None:
        nonlocal done
        with lock:
            done += count
            progress(done, total)

    def one(group: Sequence[RuleSpec]) -> list[_Run]:
        source = idle.get()
        try:
            return _evaluated([replace(rule, paused=False) for rule in group], start, end, source, semantics, advance)
        finally:
            idle.put(source)

    groups = _groups(rules)
    workers = max(1, min(workers, len(groups) or 1))
    try:
        for _ in range(workers):
            opened.append(connect())
            idle.put(opened[-1])
        with ThreadPoolExecutor(workers) as threads:
            found = [run for runs in threads.map(one, groups) for run in runs]
    finally:
        for source in opened:
            source.close()
    return Backtest(_ordered(found, {rule.uid: rule for rule in rules}, notifications, end), total)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one rule did: each incident with the label sets under which the Alertmanager knew it."""

    incidents: tuple[tuple[Incident, frozenset[Labels]], ...]
    alerts: tuple[SentAlert, ...]


def incidents(
    ticks: Mapping[str, Sequence[Tick]], rules: Mapping[str, RuleSpec], notifications: Notifications, end: float
) -> tuple[Incident, ...]:
    """Of rules that were evaluated together, by uid; `end` in seconds since 1970."""
    runs = [_run_of(rules[uid], evaluated) for uid, evaluated in ticks.items()]
    return _ordered(runs, rules, notifications, end)


def _ordered(
    runs: Sequence[_Run], rules: Mapping[str, RuleSpec], notifications: Notifications, end: float
) -> tuple[Incident, ...]:
    sent = messages((alert for run in runs for alert in run.alerts), rules, notifications, end)
    told: dict[SentAlert, set[str]] = {}
    for message in sent:
        for alert in message.firing:
            told.setdefault(alert, set()).add(message.contact_point)
    return tuple(sorted((i for run in runs for i in _told(run, told)), key=lambda i: (i.since, i.rule, i.labels)))


def _told(run: _Run, told: Mapping[SentAlert, set[str]]) -> Iterator[Incident]:
    """The incidents with whom a message of theirs went to."""
    for incident, names in run.incidents:
        own = [alert for alert in run.alerts if alert.labels in names and incident.overlaps(alert.start, alert.start)]
        yield replace(incident, reached=tuple(sorted({point for alert in own for point in told.get(alert, ())})))


def _groups(rules: Sequence[RuleSpec]) -> list[list[RuleSpec]]:
    """Those together that begin with the same query at the same moments."""
    groups: dict[object, list[RuleSpec]] = {}
    for rule in rules:
        first = next((question(query) for query in rule.queries if not query.is_expression), "")
        groups.setdefault((rule.interval, first), []).append(rule)
    return list(groups.values())


def _evaluated(
    rules: Sequence[RuleSpec],
    start: int,
    end: int,
    source: PastData,
    semantics: Semantics,
    advance: Callable[[int], None],
) -> list[_Run]:
    """Rules of one interval, side by side."""
    interval = rules[0].interval
    ticks = range(-(-start // interval) * interval, end + 1, interval)
    answers = TickAnswers(source, semantics, ticks)
    machines = [RuleRun(rule, semantics, source.run, answers.fetch) for rule in rules]
    watches = [_Watch(rule) for rule in rules]
    done = 0
    try:
        for now in ticks:
            for machine, watch in zip(machines, watches, strict=True):
                watch.add(machine.tick(now))
            done += len(rules)
            if done >= _STEP:
                advance(done)
                done = 0
    finally:
        answers.close()
    advance(done)
    return [watch.run() for watch in watches]


_STEP = 100
"""Evaluations after which progress is told."""


def _run_of(rule: RuleSpec, evaluated: Iterable[Tick]) -> _Run:
    watch = _Watch(rule)
    for tick in evaluated:
        watch.add(tick)
    return watch.run()


class _Watch:
    """What one rule does, tick after tick. Only what fires is kept, and the tick after it."""

    def __init__(self, rule: RuleSpec) -> None:
        self._rule = rule
        self._under_way: dict[Labels, tuple[Incident, set[Labels]]] = {}
        self._found: list[tuple[Incident, frozenset[Labels]]] = []
        self._ticks: list[Tick] = []

    def add(self, tick: Tick) -> None:
        now, under_way = tick.at, self._under_way
        firing = {
            tuple(sorted(instance.own_labels().items())): instance
            for instance in tick.instances
            if instance.state in FIRING
        }
        if firing or under_way:
            self._ticks.append(Tick(now, tuple(firing.values()), (), Evaluation(())))
        for key, instance in firing.items():
            if key not in under_way:
                first = Incident(self._rule.uid, key, now, None, (instance.state,), (), instance.error)
                under_way[key] = (first, set())
            incident, names = under_way[key]
            names.add(tuple(sorted(notification_labels(instance.labels, instance.state).items())))
            if instance.state != incident.states[-1]:
                under_way[key] = (replace(incident, states=(*incident.states, instance.state)), names)
        for key in [key for key in under_way if key not in firing]:
            incident, names = under_way.pop(key)
            self._found.append((replace(incident, until=now), frozenset(names)))

    def run(self) -> _Run:
        still = [(incident, frozenset(names)) for incident, names in self._under_way.values()]
        return _Run((*self._found, *still), tuple(alerts(self._rule, self._ticks)))


class HttpSource:
    """A deployed server's HTTP interface, with the types that PG wire would announce."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def run(self, sql: str) -> Answer:
        try:
            answer = self._client.query(sql)
        except QueryError as error:
            raise SqlFailed(error.message) from error
        columns = tuple(WireColumn(n, oid_of(t)) for n, t in zip(answer.names, answer.types, strict=True))
        return Answer(columns, answer.rows)  # type: ignore[arg-type]  # JSON's values are those of frames

    def close(self) -> None:
        pass


def table(incidents: Iterable[Incident], end: int) -> str:
    """One line an incident, oldest first."""
    rows = [
        (
            moment(incident.since),
            lasted(incident, end),
            incident.instance,
            " → ".join(incident.states),
            ", ".join(incident.reached) or "nobody",
        )
        for incident in incidents
    ]
    if not rows:
        return "nothing would have fired\n"
    return _aligned([("since (UTC)", "lasted", "instance", "state", "reached"), *rows])


def errors(incidents: Iterable[Incident]) -> tuple[str, ...]:
    """Each rule's own texts of why it could not be evaluated."""
    return tuple(dict.fromkeys(f"{one.rule}: {one.error}" for one in incidents if one.error))


@dataclass(frozen=True, slots=True)
class Pair:
    """An incident as it was by the base's rules and as it is by these; None where it was not, or is no longer."""

    before: Incident | None
    after: Incident | None

    @property
    def is_equal(self) -> bool:
        return self.before == self.after


def paired(before: Iterable[Incident], after: Iterable[Incident]) -> tuple[Pair, ...]:
    """Incidents of one instance that overlap belong together; the first such one."""
    rest = list(before)
    pairs: list[Pair] = []
    for incident in after:
        end = float("inf") if incident.until is None else incident.until
        same = next(
            (
                b
                for b in rest
                if (b.rule, b.labels) == (incident.rule, incident.labels) and b.overlaps(incident.since, end)
            ),
            None,
        )
        if same is not None:
            rest.remove(same)
        pairs.append(Pair(same, incident))
    pairs += [Pair(incident, None) for incident in rest]
    return tuple(sorted(pairs, key=_first))


def _first(pair: Pair) -> tuple[int, str, Labels]:
    one = pair.after or pair.before
    return (one.since, one.rule, one.labels) if one else (0, "", ())


def side_by_side(pairs: Sequence[Pair], end: int, base: str, now: str = "now") -> str:
    """Before and after, an incident a line: `=` both alike, `~` other times or people, `-` no longer, `+` new."""
    if not pairs:
        return f"nothing would have fired, neither by {base} nor {now}\n"
    rows = [("", "instance", f"by {base}", now, "reached")]
    for pair in pairs:
        sign = "=" if pair.is_equal else "~" if pair.before and pair.after else "-" if pair.before else "+"
        one = pair.after or pair.before
        if one is None:
            continue
        told = ", ".join(one.reached) or "nobody"
        if pair.before and pair.after and pair.before.reached != pair.after.reached:
            told = f"{', '.join(pair.before.reached) or 'nobody'} → {told}"
        rows.append((sign, one.instance, _span(pair.before, end), _span(pair.after, end), told))
    return _aligned(rows)


def _span(incident: Incident | None, end: int) -> str:
    return f"{moment(incident.since)}, {lasted(incident, end)}" if incident else "–"


def moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def lasted(incident: Incident, end: int) -> str:
    if incident.until is None:
        return f"{clock(end - incident.since)}+"
    return clock(incident.until - incident.since)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )


def as_data(incident: Incident) -> Mapping[str, object]:
    """For `--format json`."""
    return {
        "rule": incident.rule,
        "labels": dict(incident.labels),
        "since": datetime.fromtimestamp(incident.since, UTC).isoformat(),
        "until": None if incident.until is None else datetime.fromtimestamp(incident.until, UTC).isoformat(),
        "states": list(incident.states),
        "reached": list(incident.reached),
        "error": incident.error,
    }
