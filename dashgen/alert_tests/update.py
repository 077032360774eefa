"""What came, written into a test file: `at` expectations that fail get the instances that there were."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashgen.alert_tests.assertions import Timeline, close, judged_value, met
from dashgen.alert_tests.suite import AlertTestOutcome
from dashgen.alert_tests.test_file import SuiteFile
from dashgen.alert_tests.test_model import At, ExpectedAlert
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.alerting.rule_runner import Observed, Tick
from dashgen.schema.located import Pointer, TextPosition

_Replacement = tuple[int, int, str]
"""From, to, and what comes there."""


def updated(
    file: SuiteFile, outcomes: Sequence[AlertTestOutcome], notifications: Notifications
) -> tuple[str, tuple[str, ...]]:
    """The file's new text, and what is left to people: failures of expectations that are not of a moment, tests that
    can't be run. An alert keeps the keys that it had, and a file what is not replaced, comments too."""
    replacements: list[_Replacement] = []
    left: list[str] = []
    for outcome in outcomes:
        left += [f"{outcome.test.place}: not run\n  {outcome.broken}"] if outcome.broken else []
        for number in sorted({failure.expectation for failure in outcome.failures}):
            expectation = outcome.test.expect[number]
            pointer = _pointer(file, outcome, number) if isinstance(expectation, At) else None
            if not isinstance(expectation, At) or pointer is None:
                failed = (failure.message for failure in outcome.failures if failure.expectation == number)
                left += [f"{outcome.test.place}: {message}" for message in failed]
                continue
            replacements += _renewed(file, pointer, outcome, expectation, notifications)
    text = file.text
    for start, end, new in sorted(replacements, reverse=True):
        tail = text[start:end]
        text = text[:start] + new + tail[len(tail.rstrip()) :] + text[end:]
    return text, tuple(left)


def _pointer(file: SuiteFile, outcome: AlertTestOutcome, number: int) -> Pointer | None:
    """Where the list of an expectation's alerts is."""
    for index, test in enumerate(file.located.data["tests"]):
        if test["name"] != outcome.test.name:
            continue
        # One entry of `never` may be several expectations.
        position = 0
        for entry, given in enumerate(test["expect"]):
            count = len(given["never"]) if isinstance(given.get("never"), list) else 1
            if position == number:
                return ("tests", index, "expect", entry, "alerts")
            position += count
    return None


def _renewed(
    file: SuiteFile, pointer: Pointer, outcome: AlertTestOutcome, expectation: At, notifications: Notifications
) -> list[_Replacement]:
    """Each alert in its place where the same ones are still there; else the whole list in the style that it had."""
    old: list[dict[str, Any]] = []
    new: list[dict[str, Any] | None] = []
    known: set[int] = set()
    given = _given(file, pointer)
    for before, (wanted, tick, instance) in zip(given, met(expectation, outcome.timelines), strict=True):
        old.append(before)
        if tick is None or instance is None:
            new.append(before if wanted.state == "Normal" else None)
            continue
        known.add(id(instance))
        new.append(_as_it_is(before, wanted, instance, outcome.timelines[wanted.rule], tick, notifications))
    more: list[dict[str, Any]] = []
    for timeline in outcome.timelines.values():
        tick = timeline.at(expectation.at)
        news = [i for i in (tick.instances if tick else ()) if i.state != "Normal" and id(i) not in known]
        more += [_alert(timeline, instance) for instance in news]
    kept = [alert for alert in new if alert is not None]
    if len(kept) == len(old) and not more:
        places = [file.located.places[(*pointer, index)] for index in range(len(old))]
        return [
            (place.start, place.end, _flow(now))
            for place, was, now in zip(places, old, kept, strict=True)
            if was != now
        ]
    place = file.located.places[pointer]
    return [(place.start, place.end, _list([*kept, *more], place, is_flow=file.text[place.start] == "["))]


def _given(file: SuiteFile, pointer: Pointer) -> list[dict[str, Any]]:
    found: Any = file.located.data
    for part in pointer:
        found = found[part]
    return list(found)


def _as_it_is(
    before: Mapping[str, Any], wanted: ExpectedAlert, instance: Observed, timeline: Timeline, tick: Tick,
    notifications: Notifications,
) -> dict[str, Any]:  # fmt: skip
    """The alert as it was written, its values as they came."""
    rule = timeline.rule
    groups = [dict(delivery.group) for delivery in notifications.deliveries(rule, instance, tick.at)]
    filled = instance.annotations
    now: dict[str, Any] = {
        "state": instance.state,
        "reason": instance.reason,
        "value": _number(instance.values.get(judged_value(rule))),
        "values": {name: _number(instance.values.get(name)) for name in wanted.values or ()},
        "notifies": list(notifications.reached(rule, instance, tick.at)),
        "group": wanted.group if dict(wanted.group or {}) in groups else groups[0] if groups else None,
        "annotations": {name: filled.get(name, "") for name in wanted.annotations},
    }
    same = set()
    if close(wanted.value, instance.values.get(judged_value(rule))):
        same.add("value")
    if sorted(wanted.notifies or ()) == now["notifies"]:
        same.add("notifies")
    found = dict(before) if "state" in before or instance.state == "Alerting" else {**before, "state": ""}
    found |= {key: now[key] for key in found if key in now and key not in same}
    return {key: value for key, value in found.items() if value is not None}


def _alert(timeline: Timeline, instance: Observed) -> dict[str, Any]:
    """One that nobody expected."""
    alert: dict[str, Any] = {"rule": timeline.rule.uid, "state": instance.state}
    if labels := {k: v for k, v in instance.own_labels().items() if k not in timeline.rule.labels}:
        alert["labels"] = labels
    value = instance.values.get(judged_value(timeline.rule))
    if value is not None and instance.evaluated:
        alert["value"] = _number(value)
    return alert


def _number(value: float | None) -> float | int | str | None:
    """As a person would write it."""
    if value is None or not math.isfinite(value):
        return None if value is None else {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _list(alerts: Sequence[Mapping[str, Any]], place: TextPosition, *, is_flow: bool) -> str:
    if not alerts:
        return "[]"
    indent = " " * (place.column - 1)
    if is_flow:
        return "[" + f",\n{indent} ".join(map(_flow, alerts)) + "]"
    return f"\n{indent}".join(f"- {_flow(alert)}" for alert in alerts)


def _flow(value: Any) -> str:
    """JSON is YAML; words that stay words go without quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and value.replace("-", "").replace("_", "").isalnum() and _stays_text(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _stays_text(word: str) -> bool:
    """`no` is a boolean and `1_000` a number where they stand without quotes."""
    import yaml

    return bool(yaml.safe_load(word) == word)
