"""`python -m benchmarks.checking_at_scale`: thousands of queries checked, and alert rules evaluated over past data;
writes docs/checking-at-scale.{json,md}.

Nothing is written where `--out` isn't given: the page is printed. Times are the processor's, of dashgen and of its
QuestDB, which others' work on the machine changes least. Reads Linux's /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.machine import load_average, machine
from benchmarks.markdown import load_line, machine_line, paragraph, table
from dashgen import Query
from dashgen.alert_tests.connection import QueryConnection
from dashgen.alert_tests.fixture import fixture_of
from dashgen.alert_tests.suite import Fixture
from dashgen.backtest.replay import backtest
from dashgen.backtest.tick_answers import question
from dashgen.check.engine import check_query, choose, judge, of_stage
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import Subject
from dashgen.check.session import Session, check_session, expansions
from dashgen.cli.past_data import HISTORY
from dashgen.cli.test_replay import DEMO_START
from dashgen.grafana.alerting.queries import Answer
from dashgen.grafana.alerting.rule import RuleQuery, RuleSpec
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB
from dashgen.questdb.demo import seed_tables
from dashgen.questdb.describe import Describer, DescriberPool
from dashgen.questdb.jar import VERSION
from dashgen.render import render
from dashgen.render.ddl import create_statements
from specs import PROJECT

Figures = dict[str, Any]
MOST_MS = 2.0
"""Milliseconds a described query may take."""
LEAST_RATE = 1_500
"""Evaluations a second that two processors should do."""
SECONDS_A_DAY = 86_400
OWN_LOAD = 3.0
"""The load average that two threads of dashgen and the server's make."""


class Spent:
    """Milliseconds of the processor by dashgen and by the server, and of the clock."""

    def __init__(self, server: EmbeddedQuestDB) -> None:
        self._pid = server.pid
        self.dashgen = self.server = self.wall = 0.0

    @contextmanager
    def on(self) -> Iterator[None]:
        before = self._now()
        yield
        after = self._now()
        self.dashgen, self.server, self.wall = (
            spent + (b - a) * 1000
            for spent, a, b in zip((self.dashgen, self.server, self.wall), before, after, strict=True)
        )

    def _now(self) -> tuple[float, float, float]:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return time.process_time(), ticks / os.sysconf("SC_CLK_TCK"), time.perf_counter()

    def each(self, count: int) -> dict[str, float]:
        return {name: getattr(self, name) / count for name in ("dashgen", "server", "wall")}


def distinct(count: int, mark: str = "query") -> list[Subject]:
    """The shipped queries again and again, each with a text of its own, and others for each mark."""
    shipped = collect_queries(PROJECT, PROJECT.environments[0]).subjects
    numbered = ((number, shipped[number % len(shipped)]) for number in range(count))
    return [replace(one, query=Query(f"{one.sql}\n-- {mark} {number}"), beside=()) for number, one in numbered]


def checked(count: int) -> Figures:
    """All that `dashgen check` does with new queries, and the server's part alone."""
    with EmbeddedQuestDB(compiler="quick") as server, check_session(server, PROJECT) as session:
        subjects = distinct(count + 100)
        for subject in subjects[count:]:  # the server's first queries are its slowest
            check_query(subject, session)
        whole, asked = Spent(server), session.asked
        with whole.on():
            for subject in subjects[:count]:
                check_query(subject, session)
        texts = [_texts(subject, session) for subject in distinct(max(1, count // 8))]
        statements = sum(map(len, texts))
        alone, together = Spent(server), Spent(server)
        with Describer(server.readonly_dsn) as describer, alone.on():
            for text in chain(*texts):
                describer.describe(f"{text} -- alone")
        with closing(DescriberPool(server.readonly_dsn)) as pool, together.on():
            for group in texts:
                pool.describe([f"{text} -- together" for text in group])
        asked = session.asked - asked
        stages = _stages(distinct(max(1, count // 4), "stage"), session)
    return {
        "queries": count,
        "stages": stages,
        "asked": asked / count,
        "whole": whole.each(count),
        "statements": statements,
        "statement": alone.each(statements),
        "together": together.each(statements),
    }


STAGES: Mapping[str, Callable[[Subject, Session], object]] = {
    "expansion": lambda subject, _: list(expansions(subject)),
    "rules about the text": lambda subject, _: list(judge(subject, of_stage("text"))),
    "rules about choices": lambda subject, session: list(choose(subject, session.value)),
}


def _stages(subjects: Sequence[Subject], session: Session) -> dict[str, float]:
    """Milliseconds of dashgen's processor a query: what is done before and beside the description."""
    found = {}
    for name, work in STAGES.items():
        before = time.process_time()
        for subject in subjects:
            work(subject, session)
        found[name] = (time.process_time() - before) * 1000 / len(subjects)
    return found


def _texts(subject: Subject, session: Session) -> list[str]:
    """What the server accepts of the ways in which a query is run."""
    accepted = session.accepts(subject)
    return list(dict.fromkeys(made.text for _, made in expansions(subject))) if accepted else []


def rules(world: Fixture, count: int, ticks: int, days: float) -> list[RuleSpec]:
    """The shipped rules again and again, with thresholds of their own; two after one another have one query, the next
    two another one. Their evaluations are spread evenly over the days."""
    shipped = list(world.rules.values())
    interval = int(days * SECONDS_A_DAY / ticks) // 10 * 10
    found = []
    for number in range(count):
        one = shipped[number // 2 % len(shipped)]
        queries = tuple(_varied(query, number) for query in one.queries)
        found.append(replace(one, uid=f"{one.uid}-{number}", queries=queries, interval=interval, paused=False))
    return found


def _varied(query: RuleQuery, number: int) -> RuleQuery:
    if not query.is_expression:
        sql = query.sql.replace("env = 'prod'", f"env = 'prod' AND env <> 'none-{number // 2}'")
        return replace(query, model={**query.model, "rawSql": sql})
    conditions = query.model.get("conditions")
    if not conditions:
        return query
    return replace(query, model={**query.model, "conditions": [_other(one, number % 2) for one in conditions]})


def _other(condition: Mapping[str, Any], more: int) -> dict[str, Any]:
    """One that is not met where the shipped one just is, for every second rule."""
    evaluator = condition["evaluator"]
    return {**condition, "evaluator": {**evaluator, "params": [value + more for value in evaluator["params"]]}}


class TextsOnly:
    """Past data of a connection that compiles each text: what a server over HTTP is asked."""

    def __init__(self, connection: QueryConnection) -> None:
        self._connection = connection

    def run(self, sql: str) -> Answer:
        return self._connection.run(sql)

    def close(self) -> None:
        self._connection.close()


def evaluated(count: int, ticks: int, days: float, progress: Callable[[str], None]) -> Figures:
    """Rules over days of past data: one evaluation by its text alone, by texts that rules share, by compiled
    statements."""
    environment = PROJECT.environments[0]
    world = fixture_of(PROJECT, environment, tuple(render(PROJECT, environment)))
    with EmbeddedQuestDB() as server:
        end = DEMO_START + timedelta(days=days)
        for cls in PROJECT.tables:
            for statement in create_statements(table_of(cls)):
                server.execute(statement)
        progress(f"rows of {days:g} days")
        parameters = {**PROJECT.demo_parameters, **PROJECT.replay_parameters}
        rows = seed_tables(server.client, PROJECT.demos, parameters, env="prod", start=DEMO_START - HISTORY, end=end)
        span = int(DEMO_START.timestamp()), int(end.timestamp())

        def run(of: Sequence[RuleSpec], text: bool, together: bool) -> tuple[dict[str, float], int, list[Any]]:
            def connect() -> Any:
                connection = QueryConnection(server.readonly_dsn)
                return TextsOnly(connection) if text else connection

            spent, done, found = Spent(server), 0, []
            with spent.on():
                for group in [of] if together else [[rule] for rule in of]:
                    result = backtest(group, *span, connect, world.notifications, world.semantics)
                    done += result.ticks
                    found += [replace(one, reached=()) for one in result.incidents]
            return spent.each(done), done, sorted(found, key=repr)

        every = rules(world, count, ticks, days)
        few = every[:: max(1, count // 72)]
        run(few, True, False)  # the server's first queries are its slowest
        ways: Figures = {}
        for name, of, text, together in (
            ("text", few, True, False),
            ("compiled", few, False, False),
            ("all", every, False, True),
            ("text again", few, True, False),
        ):
            progress(f"{len(of)} rules: {name}")
            each, done, incidents = run(of, text, together)
            ways[name] = {"rules": len(of), "evaluations": done, "each": each, "incidents": len(incidents)}
            if name == "text":
                expected = incidents
            elif name == "compiled" and incidents != expected:
                sys.exit("compiled statements and texts give other incidents")
    texts = {question(query) for rule in every for query in rule.queries if not query.is_expression}
    return {"days": days, "rows": rows, "rules": count, "texts": len(texts), "ticks": ticks, "ways": ways}


def _both(each: Mapping[str, float]) -> float:
    return each["dashgen"] + each["server"]


def _row(each: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{ms:.2f}" for ms in (each["dashgen"], each["server"], _both(each)))


def _rate(each: Mapping[str, float]) -> float:
    """Evaluations a second of two processors that do nothing else."""
    return 2000 / _both(each)


def _said(is_met: bool) -> str:
    return "met" if is_met else "missed"


WAYS = {
    "text": "each text, each rule for itself",
    "compiled": "compiled statements, each rule for itself",
    "all": "compiled statements that rules share: what `dashgen test` does",
    "text again": "each text again, at the end of the run",
}


def page(figures: Figures) -> str:
    """The page: figures, the machine they are of, and how to make them again."""
    lines = [
        "# Checks and back tests at scale",
        "",
        *paragraph(
            "Made by `python -m benchmarks.checking_at_scale --out docs` (a part of `make bench`); no figure here is"
            " typed by hand. Milliseconds are the processor's (user and system), of dashgen and of the embedded"
            " QuestDB. A processor is slower where other work shares its cache: compare lines of one run."
        ),
        "",
        machine_line(figures),
        load_line(figures["load"], OWN_LOAD),
        "",
        *_queries(figures["check"]),
        "",
        *_rules(figures["backtest"]),
    ]
    return "\n".join(lines) + "\n"


def _queries(check: Figures) -> Iterator[str]:
    whole, alone, together = check["whole"], check["statement"], check["together"]
    yield from ("## Queries", "")
    yield from paragraph(
        f"{check['queries']:,} distinct queries of the shipped forms, each with a text that the server has not seen:"
        " expanded for every time range and choice of a variable, described on the server"
        f" ({check['asked']:.1f} statements a query), judged by every rule."
    )
    yield ""
    yield from table(
        ("", "dashgen, ms", "QuestDB, ms", "both, ms", "wall, ms"),
        [
            ("a query, all of it", *_row(whole), f"{whole['wall']:.2f}"),
            (f"a statement, described alone ({check['statements']:,})", *_row(alone), f"{alone['wall']:.2f}"),
            ("a statement, beside others of its query: what check does", *_row(together), f"{together['wall']:.2f}"),
        ],
    )
    stages = ", ".join(f"{name} {ms:.2f} ms" for name, ms in check["stages"].items())
    yield ""
    yield from paragraph(
        f"Target: a distinct query described in under {MOST_MS:g} ms. For one statement as check does it:"
        f" {_said(together['wall'] < MOST_MS)} by the clock,"
        f" {_said(_both(together) < MOST_MS)} by the processor's time. For a query with all of its variants and rules:"
        f" {_said(whole['wall'] < MOST_MS)}; the server compiles each variant, which is nearly all of its time."
        f" Of dashgen's time a query: {stages}; the rest goes into asking the server and rules about columns."
    )


def _rules(past: Figures) -> Iterator[str]:
    ways = past["ways"]
    before = min(_both(ways[name]["each"]) for name in ("text", "text again"))
    all_of_it = ways["all"]["each"]
    yield from ("## Alert rules over past data", "")
    yield from paragraph(
        f"{past['rules']:,} rules, made of the shipped ones with other thresholds and {past['texts']:,} distinct"
        f" queries, over {past['days']:g} days of demo data ({past['rows']:,} rows). Each rule is evaluated"
        f" {ways['all']['evaluations'] // past['rules']:,} times, spread over the days; preparing"
        " its statement is part of that, so a longer replay"
        " costs less an evaluation."
        " The incidents of the first two ways are compared, and equal."
    )
    yield ""
    head = ("way", "rules", "evaluations", "dashgen, ms", "QuestDB, ms", "both, ms", "a second, two processors")
    yield from table(
        (*head, "a second, wall"),
        [
            (
                WAYS[name],
                f"{way['rules']:,}",
                f"{way['evaluations']:,}",
                *_row(way["each"]),
                f"{_rate(way['each']):,.0f}",
                f"{1000 / way['each']['wall']:,.0f}",
            )
            for name, way in ways.items()
        ],
    )
    yield ""
    yield from paragraph(
        f"Target: {LEAST_RATE:,} evaluations a second: {_said(_rate(all_of_it) >= LEAST_RATE)} by the processors' time"
        f" ({before / _both(all_of_it):.1f} times as many as by texts),"
        f" {_said(1000 / all_of_it['wall'] >= LEAST_RATE)} by the clock of this run."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checking_at_scale", description=__doc__)
    parser.add_argument("--queries", type=int, default=2000, help="distinct queries (default 2000)")
    parser.add_argument("--rules", type=int, default=1000, help="alert rules (default 1000)")
    parser.add_argument("--ticks", type=int, default=200, help="evaluations of each rule (default 200)")
    parser.add_argument("--days", type=float, default=3, help="days of past data (default 3)")
    parser.add_argument("--out", type=Path, help="folder for checking-at-scale.json and .md")
    given = parser.parse_args()

    def progress(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    loads = [load_average()]
    progress(f"{given.queries} queries")
    check = checked(given.queries)
    loads.append(load_average())
    past = evaluated(given.rules, given.ticks, given.days, progress)
    loads.append(load_average())
    figures: Figures = {
        "machine": machine(),
        "questdb": VERSION,
        "load": loads,
        "check": check,
        "backtest": past,
    }
    if given.out is None:
        print(page(figures), end="")
        return
    (given.out / "checking-at-scale.json").write_text(json.dumps(figures, indent=1) + "\n")
    (given.out / "checking-at-scale.md").write_text(page(figures))


if __name__ == "__main__":
    main()
