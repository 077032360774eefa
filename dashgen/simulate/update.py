"""What came, written into a test file: `at` expectations that fail get the instances that there were."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from dashgen.simulate.cases import At
from dashgen.simulate.judge import judged_value
from dashgen.simulate.suite import Outcome
from dashgen.simulate.testfile import SuiteFile


def updated(file: SuiteFile, outcomes: Sequence[Outcome]) -> tuple[str, tuple[str, ...]]:
    """The file's new text, and what is left to people: failures of expectations that are not of a moment, tests that
    can't be run. What is not replaced, comments too, stays as it is."""
    replacements: list[tuple[int, int, str]] = []
    left: list[str] = []
    for outcome in outcomes:
        left += [f"{outcome.test.place}: not run\n  {outcome.broken}"] if outcome.broken else []
        for number in sorted({failure.expectation for failure in outcome.failures}):
            expectation = outcome.test.expect[number]
            place = _place(file, outcome, number) if isinstance(expectation, At) else None
            if not isinstance(expectation, At) or place is None:
                failed = (failure.message for failure in outcome.failures if failure.expectation == number)
                left += [f"{outcome.test.place}: {message}" for message in failed]
                continue
            start, end, indent = place
            replacements.append((start, end, _alerts(outcome, expectation.at, indent)))
    text = file.text
    for start, end, new in sorted(replacements, reverse=True):
        tail = text[start:end]
        text = text[:start] + new + tail[len(tail.rstrip()) :] + text[end:]
    return text, tuple(left)


def _place(file: SuiteFile, outcome: Outcome, number: int) -> tuple[int, int, int] | None:
    """Where the list of an expectation's alerts stands: its offsets and the column of its key."""
    for index, test in enumerate(file.located.data["tests"]):
        if test["name"] != outcome.test.name:
            continue
        # One entry of `never` may be several expectations.
        position = 0
        for entry, given in enumerate(test["expect"]):
            count = len(given["never"]) if isinstance(given.get("never"), list) else 1
            if position == number:
                pointer = ("tests", index, "expect", entry, "alerts")
                value, key = file.located.places[pointer], file.located.keys[pointer]
                return value.start, value.end, key.column + 1
            position += count
    return None


def _alerts(outcome: Outcome, at: float, indent: int) -> str:
    """A YAML list in flow style, one instance a line; Normal ones are left out."""
    found = []
    for uid, timeline in outcome.timelines.items():
        tick = timeline.at(at)
        for instance in tick.instances if tick else ():
            if instance.state == "Normal":
                continue
            labels = {k: v for k, v in instance.own_labels().items() if k not in timeline.rule.labels}
            alert: dict[str, Any] = {"rule": uid, "state": instance.state}
            if labels:
                alert["labels"] = labels
            value = instance.values.get(judged_value(timeline.rule))
            if value is not None and instance.evaluated:
                alert["value"] = value if math.isfinite(value) else str(value)
            found.append(alert)
    if not found:
        return "[]"
    lines = ",\n".join(" " * indent + _flow(alert) for alert in found)
    return f"[\n{lines},\n{' ' * (indent - 2)}]"


def _flow(value: Any) -> str:
    """JSON is YAML; keys and plain words go without quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and value.replace("-", "").replace("_", "").isalpha():
        return value
    return json.dumps(value, ensure_ascii=False)
