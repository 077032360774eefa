"""How soon the shipped alerts fire, and what they do while the database is down, by Grafana version.

`python -m tests.specs.alert_delays` prints the table of docs/alerting.md. It is made from the tests in tests/alerts:
the delays that they allow (`within`), and the slowest first alert of each rule.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dashgen.alert_tests.assertions import clock
from dashgen.alert_tests.fixture import fixture_of
from dashgen.alert_tests.suite import Fixture, run_alert_tests
from dashgen.alert_tests.test_file import files, read
from dashgen.alert_tests.test_model import AlertTest, DatabaseFailure, Fires
from dashgen.grafana.versions import Version, semantics, shown
from dashgen.questdb import EmbeddedQuestDB
from dashgen.render import render
from specs import PROJECT

ROOT = Path(__file__).resolve().parents[2]
VERSIONS: tuple[Version, ...] = ((11, 6), (12, 3), (12, 4))
AWAY = 0
"""Second from which on the database is away."""


@dataclass(frozen=True, slots=True)
class Delays:
    """In seconds, by rule. `told` is None where nothing new is sent while the database is away."""

    promised: Mapping[str, float]
    fires: Mapping[str, float]
    told: Mapping[str, float | None]


def delays(server: EmbeddedQuestDB, version: Version) -> Delays:
    environment = PROJECT.environments[0]
    world = replace(fixture_of(PROJECT, environment, tuple(render(PROJECT, environment))), semantics=semantics(version))
    tests = tuple(
        test
        for path in files([ROOT / "tests" / "alerts"])
        for test in _tests(path)
        if any(isinstance(one, Fires) and one.state == "Alerting" for one in test.expect)
    )
    promised: dict[str, float] = {}
    found: dict[str, float] = {}
    for outcome in run_alert_tests(tests, world, server).outcomes:
        assert outcome.passed, (outcome.test.name, version, outcome.failures, outcome.broken)
        for one in outcome.test.expect:
            if isinstance(one, Fires) and one.state == "Alerting":
                timeline = outcome.timelines[one.rule]
                first = next(
                    tick.at - timeline.zero
                    for tick in timeline.ticks
                    if any(i.state == "Alerting" and one.labels.items() <= i.labels.items() for i in tick.instances)
                )
                found[one.rule] = max(found.get(one.rule, 0), first - one.after)
                promised[one.rule] = max(promised.get(one.rule, 0), one.within)
    return Delays(promised, found, _told(world, server))


def _tests(path: Path) -> Sequence[AlertTest]:
    file, problems = read(path)
    assert file is not None, problems
    return file.tests


def _told(world: Fixture, server: EmbeddedQuestDB) -> dict[str, float | None]:
    away = AlertTest("away", rules=tuple(world.rules), database=(DatabaseFailure(AWAY),), end=AWAY + 600)
    (outcome,) = run_alert_tests((away,), world, server).outcomes
    return {
        uid: next(
            (
                float(tick.at - timeline.zero - AWAY)
                for tick in timeline.ticks
                if tick.at - timeline.zero >= AWAY and any(i.state == "Error" for i in tick.instances)
            ),
            None,
        )
        for uid, timeline in outcome.timelines.items()
    }


def table(found: Mapping[Version, Delays]) -> str:
    names = [shown(version) for version in found]
    head = ["rule", "promised", *(f"fires, {name}" for name in names), *(f"database down, {name}" for name in names)]
    promised = next(iter(found.values())).promised
    rows = []
    for rule in PROJECT.rules:
        fires = [one.fires.get(rule.uid) for one in found.values()]
        told = [one.told[rule.uid] for one in found.values()]
        cells = ["never" if one is None else clock(one) for one in fires]
        kept = "unchanged" if rule.on_error == "KeepLast" else "stops"
        away = [kept if one is None else f"error alert, {clock(one)}" for one in told]
        rows.append([f"`{rule.uid}`", clock(promised[rule.uid]), *cells, *away])
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main() -> int:
    with EmbeddedQuestDB(compiler="quick") as server:
        sys.stdout.write(table({version: delays(server, version) for version in VERSIONS}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
