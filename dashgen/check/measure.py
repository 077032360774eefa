"""Runs each query on demo data, as the datasource would: how many rows, how long, how much was read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dashgen.check.expansion import Case, expand
from dashgen.check.query_collection import Unchecked
from dashgen.check.rule import Measurement, Subject
from dashgen.check.run_variants import SAMPLES, USUAL, case, choices, points
from dashgen.grafana.datasources.execution import frame_of
from dashgen.grafana.datasources.frames import FrameError, WireColumn
from dashgen.grafana.datasources.intervals import SECOND, TimeRange
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.options import Option, options
from dashgen.grafana.datasources.values import Value
from dashgen.grafana.datasources.variable_columns import meant
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.counts import counted
from dashgen.model.core.durations import Duration
from dashgen.model.core.problems import Problem
from dashgen.model.dashboards.panel import BUDGET_MS, Panel
from dashgen.model.dashboards.variable import QueryVariable
from dashgen.model.project import Project
from dashgen.model.tables.table import table_of
from dashgen.questdb import EmbeddedQuestDB, QueryError
from dashgen.questdb.bounded import BoundedReader
from dashgen.questdb.demo import seed_tables
from dashgen.questdb.errors import DemoError
from dashgen.render.ddl import sql_name
from dashgen.sql.lineage import schema
from dashgen.sql.reads import relations
from dashgen.sql.statements import no_query

DAYS = 1
SEED = 1
BEST_OF = 3
AGAIN_SECONDS = 2.0
_RELATIVE = re.compile(r"now-(\d+)([smhdwM])")
_LENGTHS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000}


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of the demo data: the formulas that the server refuses, and the tables without a row."""

    problems: tuple[Problem, ...]
    empty: frozenset[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was run, and what could not be; `lacking` has those that lack the rows of an empty table, by its name."""

    measurements: tuple[Measurement, ...]
    not_run: tuple[Unchecked, ...]
    lacking: Mapping[str, frozenset[str]]


def fill(
    server: EmbeddedQuestDB,
    project: Project,
    env: str,
    now: datetime,
    absent: Set[str],
    progress: Callable[[int, int], None],
) -> Filled:
    """The project's demo data of that `env` for the day before `now`; `absent` are tables that the server lacks."""
    begin = now - timedelta(days=DAYS)
    demos = [demo for demo in project.demos if demo.table.name not in absent]
    problems: tuple[Problem, ...] = ()
    try:
        seed_tables(
            server.client, demos, project.demo_parameters,
            env=env, start=begin, end=now, seed=SEED, progress=progress,
        )  # fmt: skip
    except DemoError as error:
        problems = error.problems
    names = [name for name in (table_of(cls).name for cls in project.tables) if name not in absent]
    empty = [name for name in names if not server.query(f"SELECT count() FROM {sql_name(name)}").value]  # noqa: S608  # quoted
    return Filled(problems, frozenset(empty))


def without_rows(project: Project, filled: Filled, measured: Measured, now: datetime) -> Iterator[Problem]:
    """Why queries lack rows, once for each table, or for the project that has no demo data; not where a formula was
    refused, which is said already."""
    hint = "declare how rows are generated: Project(demos=(Demo(table=table_of(…), …),))"
    if not project.demos and measured.lacking:
        count = len(frozenset().union(*measured.lacking.values()))
        yield Problem("PROJECT", f"has no demo data, so {_queries(count)} not run", hint, project.source, project)
        return
    told = {problem.path for problem in filled.problems}
    demos = {demo.table.name: demo for demo in project.demos}
    for cls in project.tables:
        table = table_of(cls)
        demo, paths = demos.get(table.name), measured.lacking.get(table.name)
        if not paths or (demo and demo.called() in told):
            continue
        so = f"so {_queries(len(paths))} not run"
        if demo is None:
            yield Problem(table.name, f"has no demo data, {so}", hint, table.source, cls)
        else:
            when = f"in the day before {now:%Y-%m-%d %H:%M}"
            why = "does exists hold at any time, and is series more than 0?"
            yield Problem(demo.called(), f"generates no row {when}, {so}", why, demo.source, demo)


def _queries(count: int) -> str:
    return counted(count, "query is", "queries are")


def measure(
    server: EmbeddedQuestDB,
    subjects: Sequence[Subject],
    env: str,
    now: datetime,
    empty: frozenset[str],
    progress: Callable[[int, int], None],
) -> Measured:
    """Runs each query over its dashboard's own time range, variables as they open, on a server that `fill` filled for
    that `env`.

    A query is run in the environments whose `env` the demo data have; one text is run once. One that reads nothing but
    tables that are `empty` is not, and one that reads such a table beside others counts only if it has rows."""
    with closing(BoundedReader(server)) as reader:
        runner = _Runner(reader, now)
        known = _environments(subjects, env)
        found: list[Measurement] = []
        not_run: list[Unchecked] = []
        lacking: dict[str, set[str]] = {}
        for done, subject in enumerate(subjects):
            progress(done, len(subjects))
            if known and subject.environment.env not in known:
                env = subject.environment.env
                reason = f"the demo data have no rows of env {env!r}"
                not_run.append(Unchecked(subject.path, reason, subject.environment.name, subject.query.source))
                continue
            read = _tables_read(subject)
            lacks = read & empty
            one = None if lacks and lacks == read else runner.run(subject)
            if lacks and (one is None or (isinstance(one, Measurement) and not one.rows)):
                for name in lacks:
                    lacking.setdefault(name, set()).add(subject.path)
                of = f" of {', '.join(sorted(lacks))}" if subject.project.demos else ""
                reason = f"there are no demo data{of}"
                not_run.append(Unchecked(subject.path, reason, subject.environment.name, subject.query.source))
            elif isinstance(one, Measurement):
                found.append(one)
            elif one is not None:
                not_run.append(Unchecked(subject.path, one, subject.environment.name))
        progress(len(subjects), len(subjects))
    return Measured(tuple(found), tuple(not_run), {name: frozenset(paths) for name, paths in lacking.items()})


def _tables_read(subject: Subject) -> frozenset[str]:
    """The declared tables that a query reads, also through their views."""
    known = schema(subject.project)
    named = (known.get(name.lower()) for name in relations(subject.sql) or ())
    return frozenset(relation.table.name for relation in named if relation)


def _environments(subjects: Iterable[Subject], env: str) -> frozenset[str]:
    """The values of `env` that the demo data write as a literal, `{env}` being that one; none where they do not say."""
    projects = {id(s.project): s.project for s in subjects}.values()
    texts = [demo.columns.get("env", "") for project in projects for demo in project.demos]
    literals = {value for text in texts for value in re.findall(r"'([^']*)'", text)}
    return frozenset(env if value == "{env}" else value for value in literals)


class _Runner:
    def __init__(self, reader: BoundedReader, now: datetime) -> None:
        self.reader = reader
        self.now_ns = int(now.timestamp()) * SECOND
        self.answers: dict[tuple[str, str, str], Measurement | str] = {}
        self.options: dict[int, tuple[str, ...]] = {}

    def run(self, subject: Subject) -> Measurement | str:
        """The measurement, or why there is none."""
        for (_, first), *_ in choices(subject) if subject.theirs else ():
            if first.options == SAMPLES and not (first.is_all and first.all_value):
                return f"the values of ${first.name} are known to its query only"
        one = self.case(subject)
        try:
            text = expand(subject, one).text
        except MacroError as error:
            return str(error)
        key = text, subject.format, subject.plugin
        known = self.answers.get(key)
        if known is None:
            known = self.answers[key] = self._measured(subject, one, text)
        return replace(known, subject=subject) if isinstance(known, Measurement) else known

    def case(self, subject: Subject) -> Case:
        """The dashboard's own range, up to now; the window of an alert rule."""
        if isinstance(subject.owner, AlertRule):
            end = self.now_ns - int(Duration.parse(subject.owner.delay).seconds * SECOND)
            begin = end - int(Duration.parse(subject.owner.window).seconds * SECOND)
            return Case(subject.owner.window, TimeRange(begin, end), SECOND)
        name, length = _range(subject)
        opened = tuple(self._opened(of, subject) for of in choices(subject))
        return case(subject, name, length, opened, self.now_ns)

    def _opened(self, of: tuple[tuple[str, ChosenVariable], ...], subject: Subject) -> ChosenVariable:
        """What is chosen at first: where that is one of the values that a query finds, the first of them."""
        variable = of[0][1]
        if variable.is_all or subject.dashboard is None:
            return variable
        known = next((v for v in subject.dashboard.variables if v.name == variable.name), None)
        if not isinstance(known, QueryVariable) or known.default is not None:
            return variable
        values = self._values(known, subject)
        first = values[:1] or ("",)
        return variable._replace(value=first if variable.multi else first[0], options=values)

    def _values(self, known: QueryVariable, subject: Subject) -> tuple[str, ...]:
        if id(known) not in self.options:
            self.options[id(known)] = ()  # of one that is built on itself
            asking = replace(
                subject, role="variable", owner=known, query=known.query, format="table", min_interval=None, beside=()
            )
            names, rows = self._answer(asking)
            columns = meant(names) if rows else None
            found = [
                Option(str(row[columns.value]), str(row[columns.text]))
                for row in rows
                if columns and row[columns.value] is not None
            ]
            try:
                found = list(options(found, known.regex, known.sort))
            except ValueError:  # JavaScript that Python can't read: nothing is cut
                found = list(options(found, sort=known.sort))
            self.options[id(known)] = tuple(one.value for one in found)
        return self.options[id(known)]

    def _answer(self, asking: Subject) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
        """Names and rows; none of what is refused or does not end, which a finding of its own says."""
        try:
            text = expand(asking, self.case(asking)).text
            found = None if no_query(text) else self.reader.run(text)
        except (QueryError, MacroError):
            return (), ()
        if found is None or found.stopped:
            return (), ()
        return tuple(name for name, _ in found.columns), found.rows

    def _measured(self, subject: Subject, one: Case, text: str) -> Measurement | str:
        budget = subject.owner.budget_ms if isinstance(subject.owner, Panel) else BUDGET_MS
        try:
            first = self.reader.run(text)
            if first.stopped:
                milliseconds = first.seconds * 1000
                return Measurement(
                    subject, one.name, first.count, 0, milliseconds, budget, _room(subject, one), stopped=first.stopped
                )
            best = self._best(text, first.seconds)
            scanned = tuple(scans("\n".join(str(row[0]) for row in self.reader.run(f"EXPLAIN {text}").rows)))
        except QueryError as error:
            return error.message
        columns = tuple(WireColumn(name, oid) for name, oid in first.columns)
        rows = [tuple(map(_value, row)) for row in first.rows]
        refused, longest = "", 0
        try:
            frame = frame_of(subject.sql, columns, rows, subject.plugin, subject.format, one.time_range)
            if subject.format == "time_series" and frame.fields:
                longest = len(frame.fields[0].values)
        except FrameError as error:
            refused = str(error)
        return Measurement(
            subject, one.name, len(rows), longest, best * 1000, budget, _room(subject, one), scanned, refused
        )

    def _best(self, text: str, first: float) -> float:
        """Seconds of the fastest run; a slow query is not run again."""
        if first > AGAIN_SECONDS:
            return first
        return min(self.reader.run(text, keep=False).seconds for _ in range(BEST_OF))


_SCAN = re.compile(r"(Interval|Frame|Row) (?:forward|backward) scan on: (\S+)(?:\s+intervals: \[(.*)\])?")
_ENDS = re.compile(r'\("([^"]*)","([^"]*)"\)')


def scans(plan: str) -> list[tuple[str, float | None]]:
    """Seconds of each table that a plan reads, the widest of its scans; None for all of it or an open end."""
    widest: dict[str, float | None] = {}
    for kind, table, intervals in _SCAN.findall(plan.replace("&nbsp;", " ")):
        length = _length(intervals) if kind == "Interval" else None
        before = widest.get(table, 0.0)
        widest[table] = None if before is None or length is None else max(before, length)
    return sorted(widest.items())


def _length(intervals: str) -> float | None:
    try:
        ends = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in _ENDS.findall(intervals)]
    except ValueError:  # "MIN" and "MAX"
        return None
    return sum((stop - start).total_seconds() for start, stop in ends)


def _range(subject: Subject) -> tuple[str, int]:
    """The range that the dashboard opens with, where it ends now."""
    shown = subject.dashboard
    match = _RELATIVE.fullmatch(shown.time_from) if shown and shown.time_to == "now" else None
    loads_once = isinstance(subject.owner, QueryVariable) and subject.owner.refresh == "load"
    if match is None or loads_once:
        return USUAL, 21_600
    return f"{match[1]}{match[2]}", int(match[1]) * _LENGTHS[match[2]]


def _room(subject: Subject, one: Case) -> int:
    """As many points as the panel asks for, or as the interval gives that Grafana rounds for it, both ends counted."""
    span = one.time_range.to_ns - one.time_range.from_ns
    return max(points(subject), span // one.interval_ns + 2)


def _value(value: object) -> Value:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, str | bool | int | float) or value is None else str(value)
