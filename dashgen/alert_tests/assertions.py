"""Whether what happened is what a test expects, and a picture of both where it is not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashgen.alert_tests.test_model import AlertTest, At, ExpectedAlert, Fires, Never
from dashgen.grafana.alerting.commands import ClassicCommand, ThresholdCommand
from dashgen.grafana.alerting.expressions import command
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule import RuleSpec
from dashgen.grafana.alerting.rule_runner import RESERVED, Observed, Tick
from dashgen.grafana.alerting.state import FIRING
from dashgen.grafana.alerting.values import ExpressionError
from dashgen.grafana.datasources.frames import Labels

SIGNS = {"Normal": "·", "Pending": "P", "Alerting": "A", "Recovering": "R", "NoData": "?", "Error": "!"}
LEGEND = "· Normal   P Pending   A Alerting   R Recovering   ? NoData   ! Error   (blank: no such instance)"


@dataclass(frozen=True, slots=True)
class Failed:
    """`marks` are the signs that were expected, by rule and moment. `expectation` is its number in the test."""

    expectation: int
    message: str
    rule: str
    labels: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[float, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The ticks of one rule; times are seconds from the test's start."""

    rule: RuleSpec
    zero: int
    ticks: tuple[Tick, ...]

    def at(self, moment: float) -> Tick | None:
        """The last evaluation up to that moment."""
        return next((tick for tick in reversed(self.ticks) if tick.at - self.zero <= moment), None)

    def fired(self, labels: Mapping[str, str] | None = None) -> bool:
        return any(i.state in FIRING and has(i, labels or {}) for tick in self.ticks for i in tick.instances)

    def keys(self) -> list[Labels]:
        """The label sets that there were, reserved ones apart, in order of appearance."""
        found: dict[Labels, None] = {}
        for tick in self.ticks:
            for instance in tick.instances:
                found[tuple(sorted(instance.own_labels().items()))] = None
        return list(found)


def has(instance: Observed, labels: Mapping[str, str]) -> bool:
    """`alertname` and the like count too."""
    return all(instance.labels.get(key) == value for key, value in labels.items())


def judge(test: AlertTest, timelines: Mapping[str, Timeline], notifications: Notifications) -> Iterator[Failed]:
    for number, expectation in enumerate(test.expect):
        if isinstance(expectation, At):
            yield from _at(number, expectation, timelines, notifications)
        elif isinstance(expectation, Never):
            yield from _never(number, expectation, timelines[expectation.rule])
        elif isinstance(expectation, Fires):
            yield from _fires(number, expectation, timelines[expectation.rule], notifications)


def _at(
    number: int, expectation: At, timelines: Mapping[str, Timeline], notifications: Notifications
) -> Iterator[Failed]:
    when = clock(expectation.at)
    taken: set[int] = set()
    for wanted, tick, instance in met(expectation, timelines):
        timeline = timelines[wanted.rule]
        marks = {expectation.at: SIGNS[wanted.state]}

        def failed(message: str, wanted: ExpectedAlert = wanted, marks: Mapping[float, str] = marks) -> Failed:
            return Failed(number, f"at {when}: {message}", wanted.rule, wanted.labels, marks)

        if tick is None:
            yield failed(f"{wanted.rule} was not evaluated yet; its interval is {clock(timeline.rule.interval)}")
            continue
        if instance is None:
            if wanted.state != "Normal":
                yield failed(f"expected {wanted.rule}{braces(wanted.labels)} {wanted.state}, there is no such instance")
            continue
        taken.add(id(instance))
        yield from map(failed, _unlike(wanted, instance, timeline.rule, tick, notifications))
    for timeline in timelines.values():
        tick = timeline.at(expectation.at)
        for instance in tick.instances if tick else ():
            if instance.state != "Normal" and id(instance) not in taken:
                shown = f"{timeline.rule.uid}{braces(instance.own_labels())}"
                message = f"at {when}: {shown} is {instance.described}, which no alert of this moment lists"
                yield Failed(number, message, timeline.rule.uid, instance.own_labels(), {expectation.at: "·"})


def met(
    expectation: At, timelines: Mapping[str, Timeline]
) -> Iterator[tuple[ExpectedAlert, Tick | None, Observed | None]]:
    """The instance that each expected alert means, and the evaluation that it is from. Of several that have the labels
    it is the one that is as expected; none is meant twice."""
    taken: set[int] = set()
    for wanted in expectation.alerts:
        tick = timelines[wanted.rule].at(expectation.at)
        found = [i for i in (tick.instances if tick else ()) if has(i, wanted.labels) and id(i) not in taken]
        instance = next((i for i in found if i.state == wanted.state), found[0] if found else None)
        taken.add(id(instance))
        yield wanted, tick, instance


def _unlike(
    wanted: ExpectedAlert, instance: Observed, rule: RuleSpec, tick: Tick, notifications: Notifications
) -> Iterator[str]:
    who = f"{wanted.rule}{braces(instance.own_labels())}"
    if instance.state != wanted.state:
        yield f"expected {who} {wanted.state}, got {instance.described}{_values(instance)}"
    elif wanted.reason is not None and instance.reason != wanted.reason:
        yield f"expected {who} {wanted.state} ({wanted.reason}), got {instance.described}"
    if wanted.value is not None:
        name = judged_value(rule)
        got = instance.values.get(name)
        if not close(got, wanted.value):
            yield f"expected {who} with the value {wanted.value:g}, got {_shown(got)} ({name})"
    for name, value in (wanted.values or {}).items():
        if not close(instance.values.get(name), value):
            yield f"expected {who} with {name} = {_shown(value)}, got {_shown(instance.values.get(name))}"
    if wanted.notifies is not None:
        reached = notifications.reached(rule, instance, tick.at)
        if reached != tuple(sorted(wanted.notifies)):
            deliveries = notifications.deliveries(rule, instance, tick.at)
            muted = sorted({name for delivery in deliveries for name in delivery.muted})
            why = f" (muted by {', '.join(muted)})" if muted else ""
            yield f"expected {who} to notify {_listed(wanted.notifies)}, got {_listed(reached)}{why}"
    if wanted.group is not None:
        groups = [dict(d.group) for d in notifications.deliveries(rule, instance, tick.at)]
        if dict(wanted.group) not in groups:
            got_groups = " and ".join(map(braces, groups)) or "no group"
            yield f"expected {who} in the group {braces(wanted.group)}, got {got_groups}"
    filled = instance.annotations if wanted.annotations else {}
    for key, text in wanted.annotations.items():
        if filled.get(key) != text:
            yield f"expected {who} with the annotation {key} {text!r}, got {filled.get(key)!r}"


def _never(number: int, expectation: Never, timeline: Timeline) -> Iterator[Failed]:
    if not timeline.ticks:
        message = f"{expectation.rule} was never evaluated; its interval is {clock(timeline.rule.interval)}"
        yield Failed(number, message, expectation.rule)
    for tick in timeline.ticks:
        for instance in tick.instances:
            if instance.state in FIRING and has(instance, expectation.labels):
                at = tick.at - timeline.zero
                who = f"{expectation.rule}{braces(instance.own_labels())}"
                message = f"expected {who} never to fire, got {instance.described} at {clock(at)}{_values(instance)}"
                marks = {float(one.at - timeline.zero): "·" for one in timeline.ticks}
                yield Failed(number, message, expectation.rule, instance.own_labels(), marks)
                return


def _fires(number: int, expectation: Fires, timeline: Timeline, notifications: Notifications) -> Iterator[Failed]:
    rule, wanted = expectation.rule, f"{expectation.rule}{braces(expectation.labels)}"
    deadline = expectation.after + expectation.within
    sign = SIGNS[expectation.state]

    def failed(message: str, marks: Mapping[float, str]) -> Failed:
        return Failed(number, message, rule, expectation.labels, marks)

    first = next(
        (
            (tick.at - timeline.zero, tick, instance)
            for tick in timeline.ticks
            for instance in tick.instances
            if instance.state == expectation.state and has(instance, expectation.labels)
        ),
        None,
    )
    due = {float(tick.at - timeline.zero): sign for tick in timeline.ticks if tick.at - timeline.zero == int(deadline)}
    due = due or {deadline: sign}
    if first is None:
        yield failed(f"expected {wanted} {expectation.state} by {clock(deadline)}, it never was", due)
        return
    at, tick, instance = first
    if at < expectation.after:
        yield failed(
            f"expected {wanted} quiet until {clock(expectation.after)}, it was {expectation.state} at {clock(at)}",
            {at: "·"},
        )
    elif at > deadline:
        late = f"{clock(at - expectation.after)} after {clock(expectation.after)}"
        yield failed(f"expected {wanted} {expectation.state} within {clock(expectation.within)}, it took {late}", due)
    if expectation.notifies is not None:
        reached = notifications.reached(timeline.rule, instance, tick.at)
        if reached != tuple(sorted(expectation.notifies)):
            yield failed(f"expected {wanted} to notify {_listed(expectation.notifies)}, got {_listed(reached)}", {})
    if expectation.recovered is not None and expectation.resolves_within is not None:
        end = expectation.recovered + expectation.resolves_within
        last = timeline.at(end)
        still = [i for i in (last.instances if last else ()) if i.state in FIRING and has(i, expectation.labels)]
        if still:
            message = f"expected {wanted} resolved by {clock(end)}, it is still {still[0].described}"
            yield failed(message, {end: "·"})


def judged_value(rule: RuleSpec) -> str:
    """The refId that the condition judges: what a threshold is set on."""
    query = next((q for q in rule.queries if q.ref_id == rule.condition), None)
    if query is not None and query.is_expression:
        try:
            made = command(query.model)
        except ExpressionError:
            return rule.condition
        if isinstance(made, ThresholdCommand):
            return made.source
        if isinstance(made, ClassicCommand):
            return f"{rule.condition}0"
    return rule.condition


def picture(timeline: Timeline, failures: Sequence[Failed]) -> list[str]:
    """Expected above, got below, one column a tick, for each instance that a failure is about."""
    lines: list[str] = []
    moments = [tick.at - timeline.zero for tick in timeline.ticks]
    lines.append(f"{'':11}{_ruler(moments)}")
    for key in timeline.keys() or [()]:
        about = [f for f in failures if f.rule == timeline.rule.uid and _concerns(f.labels, dict(key))]
        got = "".join(_sign(tick, key) for tick in timeline.ticks)
        marks: dict[int, str] = {}
        for failure in about:
            for at, sign in failure.marks.items():
                column = max((i for i, moment in enumerate(moments) if moment <= at), default=0)
                marks[column] = sign
        lines.append(f"  {timeline.rule.uid}{braces(dict(key))}")
        if marks:
            lines.append(f"  expected {''.join(marks.get(i, ' ') for i in range(len(moments)))}".rstrip())
        lines.append(f"  got      {got}".rstrip())
    return lines


def _concerns(wanted: Mapping[str, str], have: Mapping[str, str]) -> bool:
    return all(have.get(k) == v for k, v in wanted.items() if k not in RESERVED)


def _sign(tick: Tick, key: Labels) -> str:
    for instance in tick.instances:
        if tuple(sorted(instance.own_labels().items())) == key:
            return SIGNS[instance.state]
    return " "


def _ruler(moments: Sequence[int]) -> str:
    """A time over every sixth column or so, where there is room."""
    text = ""
    for index, moment in enumerate(moments):
        if len(text) <= index and (index == 0 or index % 6 == 0):
            text = text.ljust(index) + clock(moment) + " "
    return text.rstrip()


def clock(moment: float) -> str:
    """`1m30s`."""
    sign, rest = ("-", -moment) if moment < 0 else ("", moment)
    whole = int(rest)
    parts = [(whole // 3600, "h"), (whole // 60 % 60, "m"), (whole % 60, "s")]
    return sign + ("".join(f"{n}{unit}" for n, unit in parts if n) or "0s")


def braces(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{k}="{labels[k]}"' for k in sorted(labels)) + "}" if labels else ""


def _values(instance: Observed) -> str:
    shown = ", ".join(f"{k} = {_shown(v)}" for k, v in sorted(instance.values.items()))
    return f" ({shown})" if shown else f" ({instance.error})" if instance.error else ""


def _shown(value: float | None) -> str:
    return "null" if value is None else f"{value:g}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "nobody"


def close(got: float | None, wanted: float | None) -> bool:
    if got is None or wanted is None:
        return got is wanted
    return (math.isnan(got) and math.isnan(wanted)) or math.isclose(got, wanted, rel_tol=1e-6, abs_tol=1e-9)


def as_data(instance: Observed) -> dict[str, Any]:
    """For `--format json`."""
    return {
        "labels": dict(instance.own_labels()),
        "state": instance.state,
        "reason": instance.reason,
        "values": {k: v if v is None or math.isfinite(v) else str(v) for k, v in instance.values.items()},
    }
