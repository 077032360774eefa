"""What makes a test impossible or empty: it would fail, or pass, whatever its rules do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashgen.alert_tests.assertions import clock
from dashgen.alert_tests.test_model import AlertTest, At, Fires, Messages, Never, latest
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.model.core.suggestions import listed, nearest_or_all

MOST_SECONDS = 92 * 86_400
"""A quarter of a year: 800,000 evaluations of a rule that is evaluated each 10 s."""


def nonsense(test: AlertTest, rules: Mapping[str, RuleSpec], notifications: Notifications) -> Iterator[str]:
    if not test.tested:
        yield "it is about no rule: name them in rules, or in an expectation"
    for uid in test.tested:
        if uid not in rules:
            yield _placed(test, uid, f"no rule {uid!r}; {nearest_or_all(uid, rules)}")
    yield from _times(test)
    yield from _names(test, rules, notifications)


def _times(test: AlertTest) -> Iterator[str]:
    end = test.last
    if end - test.begin > MOST_SECONDS:
        days = MOST_SECONDS // 86_400
        yield f"it is {clock(end - test.begin)} long, and a test may be {days}d long: see run"
        return
    if end < test.begin:
        yield f"it ends at {clock(end)}, before it begins at {clock(test.begin)}: see run"
        return
    if test.end is None and end == test.begin and all(isinstance(one, Never) for one in test.expect):
        yield f"no expectation names a moment, so that it ends at {clock(end)}: say how long, run: {{to: 5m}}"
        return
    late = [one for one in test.expect if isinstance(one, At | Messages) and latest(one) > end]
    if late:
        yield f"an expectation is of {clock(max(map(latest, late)))}, and it ends at {clock(end)}: see run"
    events = [event.at for event in test.events if event.at > end]
    if events:
        yield f"the event at {clock(events[0])} comes after its end at {clock(end)}: see run"
    failing = [one.start for one in test.database if one.start > end]
    if failing:
        yield f"the database fails from {clock(failing[0])} on, after the end at {clock(end)}: see run"


def _names(test: AlertTest, rules: Mapping[str, RuleSpec], notifications: Notifications) -> Iterator[str]:
    told: list[str] = []
    for expectation in test.expect:
        if isinstance(expectation, Fires):
            told += expectation.notifies or ()
        if isinstance(expectation, Messages):
            told.append(expectation.contact_point)
        if not isinstance(expectation, At):
            continue
        for alert in expectation.alerts:
            told += alert.notifies or ()
            refs = [query.ref_id for query in rules[alert.rule].queries] if alert.rule in rules else []
            for name in alert.values or () if refs else ():
                # A classic condition counts its matches: B0, B1.
                if name not in refs and name.rstrip("0123456789") not in refs:
                    yield _placed(test, name, f"{alert.rule} has no refId {name!r}; it has {listed(refs, name)}")
    points = notifications.contact_points
    for point in dict.fromkeys(told):
        if points and point not in points:
            yield _placed(test, point, f"no contact point {point!r}; {nearest_or_all(point, points)}")


def _placed(test: AlertTest, name: str, text: str) -> str:
    return f"{test.places[name]}: {text}" if name in test.places else text
