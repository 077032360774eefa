"""When contact points hear of alerts: grouped, waited for, repeated and resolved as Alertmanager does it.

Facts: prometheus/alertmanager dispatch/dispatch.go (aggrGroup) and notify/notify.go (DedupStage.needsUpdate,
RetryStage); grafana/grafana pkg/services/ngalert/state for what is sent to it. Time is ideal: an evaluation and what it
sends take none, and come before a flush of the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dashgen.grafana.alerting.labels import notification_labels
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import Tick
from dashgen.grafana.alerting.state import FIRING
from dashgen.grafana.datasources.frames import Labels
from dashgen.grafana.notification_policies import RouteNode, muted_by, route_alert

RESEND = 30
"""Seconds after which Grafana sends again what still fires; an alert that it stops to send ends after four times that,
or four intervals where those are longer."""


_OF_ERRORS = ("ref_id", "datasource_uid")
"""Labels that an instance gets by an error."""


@dataclass(frozen=True, slots=True)
class SentAlert:
    """As the Alertmanager has it, from `start` to `end` in seconds since 1970; None: it still fires."""

    rule: str
    labels: Labels
    start: int
    end: int | None = None

    def fires_at(self, moment: float) -> bool:
        return self.end is None or self.end > moment


@dataclass(frozen=True, slots=True)
class Message:
    at: float
    contact_point: str
    group: Mapping[str, str]
    firing: tuple[SentAlert, ...]
    resolved: tuple[SentAlert, ...]


def alerts(rule: RuleSpec, ticks: Iterable[Tick]) -> Iterator[SentAlert]:
    """What one rule's evaluations send."""
    under_way: dict[Labels, tuple[SentAlert, Labels]] = {}
    for tick in ticks:
        now: dict[Labels, Labels] = {}
        for instance in tick.instances:
            if instance.state in FIRING:
                shown = notification_labels(instance.labels, instance.state)
                own = tuple(sorted((k, v) for k, v in instance.labels.items() if k not in _OF_ERRORS))
                now[tuple(sorted(shown.items()))] = own
        going_on = set(now.values())
        for labels in [labels for labels in under_way if labels not in now]:
            alert, own = under_way.pop(labels)
            # An instance that goes on under another alert name leaves the old one to expire.
            expires = tick.at - rule.interval + 4 * max(RESEND, rule.interval)
            yield replace(alert, end=expires if own in going_on else tick.at)
        for labels, own in now.items():
            under_way.setdefault(labels, (SentAlert(rule.uid, labels, tick.at), own))
    yield from (alert for alert, _ in under_way.values())


def messages(
    found: Iterable[SentAlert], rules: Mapping[str, RuleSpec], notifications: Notifications, end: float
) -> tuple[Message, ...]:
    """Up to `end`, in their order."""
    groups: dict[tuple[RouteNode, Labels], list[SentAlert]] = {}
    for alert in sorted(found, key=lambda one: (one.start, one.rule, one.labels)):
        labels = dict(alert.labels)
        for route in route_alert({"notification_settings": rules[alert.rule].receiver}, labels, notifications.root):
            key = (route, tuple(sorted(route.group_labels(labels).items())))
            groups.setdefault(key, []).append(alert)
    sent: list[Message] = []
    for (route, group), members in groups.items():

        def silent(at: float, route: RouteNode = route) -> bool:
            return bool(muted_by(route, notifications.timings, datetime.fromtimestamp(at, UTC)))

        resolves = notifications.resolves.get(route.receiver, frozenset({True}))
        sent += [
            Message(at, route.receiver, dict(group), firing, resolved)
            for at, firing, resolved in _flushes(route, members, end, silent, sorted(resolves))
        ]
    return tuple(sorted(sent, key=lambda one: (one.at, one.contact_point, sorted(one.group.items()))))


_Part = tuple[float, tuple[SentAlert, ...], tuple[SentAlert, ...]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Of the notification log: what a receiver knows."""

    at: float
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


def _flushes(
    route: RouteNode,
    members: Sequence[SentAlert],
    end: float,
    silent: Callable[[float], bool],
    resolves: Sequence[bool],
) -> list[_Part]:
    """One group. It is gone when a flush leaves it empty, and starts with `group_wait` again; what its receivers know
    stays. `resolves` are the kinds of its receivers: those that want resolved alerts, and those that don't."""
    waiting = list(members)
    present: dict[Labels, SentAlert] = {}
    log: dict[bool, _Entry] = {}
    found: dict[_Part, None] = {}
    flush: float | None = None
    while waiting or flush is not None:
        if flush is None:
            flush = waiting[0].start + route.group_wait
        while waiting and waiting[0].start <= flush:
            alert = waiting.pop(0)
            present[alert.labels] = alert
        if flush > end:
            break
        firing = tuple(alert for alert in present.values() if alert.fires_at(flush))
        resolved = tuple(alert for alert in present.values() if not alert.fires_at(flush))
        for wants_resolved in () if silent(flush) else resolves:
            entry = _Entry(flush, frozenset(a.labels for a in firing), frozenset(a.labels for a in resolved))
            if not _is_news(log.get(wants_resolved), entry, wants_resolved, route):
                continue
            log[wants_resolved] = entry
            if firing or wants_resolved:
                found[(flush, firing, resolved if wants_resolved else ())] = None
        present = {alert.labels: alert for alert in firing}
        flush = flush + route.group_interval if present else None
    return list(found)


def _is_news(known: _Entry | None, now: _Entry, wants_resolved: bool, route: RouteNode) -> bool:
    if known is None:
        return bool(now.firing)
    if not now.firing <= known.firing:
        return True
    if not now.firing:
        return bool(known.firing)
    if wants_resolved and not now.resolved <= known.resolved:
        return True
    return route.is_due(now.at - known.at)
