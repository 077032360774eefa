"""How true and how fast the simulation of alert rules is.

Run from the repository: `python -m benchmarks.simulate [--traces DIR] [--days N]`. It replays recorded timelines (ticks
equal / ticks), runs the tests of the shipped alerts (time, evaluations a second), and evaluates all of them over N days
of demo data (precision and recall on the outages that these hold, evaluations a second).
"""

from __future__ import annotations

import argparse
import os
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.fixture import fixture_of
from dashgen.alert_tests.suite import Fixture, run_alert_tests
from dashgen.alert_tests.test_file import files, read
from dashgen.alert_tests.test_model import AlertTest
from dashgen.backtest.outages import happened, score
from dashgen.backtest.replay import backtest
from dashgen.cli.past_data import HISTORY
from dashgen.cli.test_replay import DEMO_DAYS, DEMO_START
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.render import render
from dashgen.render.ddl import create_statements
from specs import PROJECT
from tests import recordings, replay

ROOT = Path(__file__).resolve().parent.parent


def traces(server: EmbeddedQuestDB, folder: Path) -> None:
    began, ticks, equal, count = time.perf_counter(), 0, 0, 0
    with QueryConnection(server.readonly_dsn) as connection:
        for file in recordings.files(folder):
            for compared in replay.replay_all(file.stem, recordings.read(file), server, connection):
                ticks, equal, count = ticks + compared.ticks, equal + compared.equal, count + 1
    print(f"recorded timelines: {equal} of {ticks} ticks equal, {count} cases, {time.perf_counter() - began:.1f} s")


def shipped(server: EmbeddedQuestDB, world: Fixture) -> None:
    tests: list[AlertTest] = []
    for path in files([ROOT / "tests" / "alerts"]):
        file, problems = read(path)
        if file is None:
            raise SystemExit("\n".join(map(str, problems)))
        tests += file.tests
    suite = run_alert_tests(tests, world, server)
    passed = sum(outcome.passed for outcome in suite.outcomes)
    rate = suite.ticks / suite.seconds
    print(
        f"shipped alerts: {passed} of {len(tests)} tests pass, {suite.seconds:.1f} s,"
        f" {suite.ticks} evaluations, {rate:.0f} a second with setting up"
    )


def demo(server: EmbeddedQuestDB, world: Fixture, days: float) -> None:
    end = DEMO_START + timedelta(days=days)
    for cls in PROJECT.tables:
        for statement in create_statements(table_of(cls)):
            server.execute(statement)
    parameters = {**PROJECT.demo_parameters, **PROJECT.replay_parameters}
    rows = seed_tables(server.client, PROJECT.demos, parameters, env="prod", start=DEMO_START - HISTORY, end=end)
    zero, last = int(DEMO_START.timestamp()), int(end.timestamp())
    rules = list(world.rules.values())
    began = time.perf_counter()
    found = backtest(
        rules, zero, last, lambda: QueryConnection(server.readonly_dsn), world.notifications, world.semantics,
        workers=os.cpu_count() or 2,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    with closing(QueryConnection(server.readonly_dsn)) as connection:
        outages = happened(PROJECT.outages, connection.run, zero - int(HISTORY.total_seconds()), last)
    print(f"demo: {days:g} days, {rows} rows, {len(rules)} rules, {found.ticks} evaluations in {seconds:.0f} s,")
    print(f"  {found.ticks / seconds:.0f} a second; {score(outages, found.incidents, zero, last)}", end="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=Path, default=ROOT / "tests" / "simulate" / "traces")
    parser.add_argument("--days", type=float, default=DEMO_DAYS)
    options = parser.parse_args()
    environment = PROJECT.environments[0]
    world = fixture_of(PROJECT, environment, tuple(render(PROJECT, environment)))
    with EmbeddedQuestDB() as server:
        traces(server, options.traces)
        shipped(server, world)
        demo(server, world, options.days)


if __name__ == "__main__":
    main()
