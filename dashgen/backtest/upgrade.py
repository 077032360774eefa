"""What fires otherwise after an upgrade of Grafana: the same rules and rows, evaluated as two versions do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashgen.alert_tests.report import grafana
from dashgen.alert_tests.suite import AlertTestOutcome, SuiteReport
from dashgen.alert_tests.test_model import AlertTest
from dashgen.backtest.replay import Incident, Pair, as_data, incidents, paired, side_by_side
from dashgen.grafana.alerting.routing_result import Notifications
from dashgen.grafana.versions import DIFFERENCES, Semantics, changes, shown
from dashgen.model.core.counts import counted


@dataclass(frozen=True, slots=True)
class ChangedTest:
    """A test in which a rule fires otherwise. `end` in seconds since 1970; `fails` says what of its expectations the
    newer Grafana does not meet, though the older one does."""

    test: AlertTest
    pairs: tuple[Pair, ...]
    end: int
    fails: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.test.place}{': ' if self.test.place else ''}{self.test.name}"


def compare(before: Sequence[Incident], after: Sequence[Incident]) -> tuple[Pair, ...]:
    """Without the errors' texts, whose words differ by version."""
    old, new = ([replace(one, error="") for one in found] for found in (before, after))
    return paired(old, new)


def compare_tests(before: SuiteReport, after: SuiteReport, notifications: Notifications) -> tuple[ChangedTest, ...]:
    """Of the same tests, run as two Grafanas."""
    found = []
    for old, new in zip(before.outcomes, after.outcomes, strict=True):
        pairs = compare(_incidents(old, notifications), _incidents(new, notifications))
        fails = tuple(failure.message for failure in new.failures) if old.passed else ()
        if fails or not all(pair.is_equal for pair in pairs):
            end = int(new.test.start.timestamp() + new.test.last)
            found.append(ChangedTest(new.test, tuple(p for p in pairs if not p.is_equal), end, fails))
    return tuple(found)


def _incidents(outcome: AlertTestOutcome, notifications: Notifications) -> tuple[Incident, ...]:
    rules = {uid: timeline.rule for uid, timeline in outcome.timelines.items()}
    ticks = {uid: timeline.ticks for uid, timeline in outcome.timelines.items()}
    return incidents(ticks, rules, notifications, outcome.test.start.timestamp() + outcome.test.last)


def head(before: Semantics, after: Semantics) -> str:
    """What is compared, how much of it was recorded, and what differs at all."""
    lines = [f"from {before} ({before.known})", f"to   {after} ({after.known})"]
    lines += [f"  {shown(DIFFERENCES[name].since)}: {DIFFERENCES[name].says}" for name in _changes(before, after)]
    return "\n".join(lines) + "\n"


def _changes(before: Semantics, after: Semantics) -> tuple[str, ...]:
    older, newer = sorted((before.version, after.version))
    return tuple(name for name in changes(older, newer) if getattr(before, name) != getattr(after, name))


def text(found: Sequence[ChangedTest], count: int, before: Semantics, after: Semantics) -> str:
    lines = [head(before, after)]
    for one in found:
        lines.append(one.place)
        if one.pairs:
            table = side_by_side(one.pairs, one.end, str(before), f"by {after}")
            lines += [f"  {line}" for line in table.splitlines()]
        lines += [f"  fails then: {message}" for message in one.fails]
        lines.append("")
    failing = sum(bool(one.fails) for one in found)
    told = f"; {counted(failing, 'test passes', 'tests pass')} now and would fail" if failing else ""
    tests = counted(count, "test")
    fires = f"rules fire differently in {len(found)} of {tests}" if found else f"every rule fires as before in {tests}"
    lines.append(f"{fires}{told}")
    return "\n".join(lines) + "\n"


def data(found: Sequence[ChangedTest], count: int, before: Semantics, after: Semantics) -> dict[str, Any]:
    """For `--format json`."""
    return {
        **versions(before, after),
        "tests": count,
        "changed": [
            {
                "name": one.test.name,
                "place": one.test.place,
                "incidents": [_pair(pair) for pair in one.pairs],
                "fails": list(one.fails),
            }
            for one in found
        ],
    }


def versions(before: Semantics, after: Semantics) -> dict[str, Any]:
    return {
        "from": grafana(before),
        "to": grafana(after),
        "differences": [
            {"since": shown(DIFFERENCES[name].since), "says": DIFFERENCES[name].says, "known": DIFFERENCES[name].known}
            for name in _changes(before, after)
        ],
    }


def _pair(pair: Pair) -> Mapping[str, object]:
    return {"before": pair.before and as_data(pair.before), "after": pair.after and as_data(pair.after)}
