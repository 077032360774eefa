"""`dashgen check`: every query of the project, in each environment, judged; ignores applied; places found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dashgen.check.demo_formulas import faults
from dashgen.check.deployed_server import drift, refused
from dashgen.check.engine import Found, check_query, choose, judge, judge_whole, of_stage, unasked
from dashgen.check.finding import CheckReport, Counts, Excerpt, Finding, Place
from dashgen.check.measure import fill, measure, without_rows
from dashgen.check.query_collection import Collected, Unchecked, collect_queries
from dashgen.check.rule import BaseDifference, DemoFault, Measurement, Rule, RuleMatch, Subject, Unused, Whole
from dashgen.check.rules import rules
from dashgen.check.session import Session
from dashgen.check.verdict_cache import QueryVerdict, Verdicts
from dashgen.model.core.ignore import Ignore
from dashgen.model.core.problems import Source
from dashgen.model.core.source_map.literals import Literals
from dashgen.model.environment import Environment
from dashgen.model.project import Project
from dashgen.questdb import Client
from dashgen.sql.reads import relations

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


def quiet(what: str, done: int, total: int) -> None:
    """No progress."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looks at: the specs folder, environments, rules; places are relative to `root`."""

    project: Project
    specs: Path
    environments: tuple[Environment, ...]
    rules: tuple[Rule[Any], ...]
    root: Path

    @classmethod
    def of(
        cls, project: Project, specs: Path, names: Iterable[str] = (), select: Sequence[str] = (),
        root: Path | None = None,
    ) -> Scope:  # fmt: skip
        """Environments by name and rules by code, beginning of a code or name; all unless some are given. Places are
        relative to `root`, else to the folder that the specs are in."""
        wanted = tuple(names)
        environments = tuple(e for e in project.environments if not wanted or e.name in wanted)
        specs = specs.resolve()
        return cls(project, specs, environments, tuple(chosen(select)), root or specs.parent)


def chosen(select: Sequence[str]) -> list[Rule[Any]]:
    """Rules by code, beginning of a code (`DG3`) or name. Raises ValueError for what selects none."""
    for text in select:
        if not any(_selects(text, rule) for rule in rules()):
            raise ValueError(f"no rule {text!r}")
    return [rule for rule in rules() if not select or any(_selects(text, rule) for text in select)]


def _selects(text: str, rule: Rule[Any]) -> bool:
    return rule.code.startswith(text.upper()) or rule.name == text.lower()


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What rules said, before ignores and places. `sound` are the subjects that a server takes in every way they are
    run."""

    found: tuple[Found, ...]
    subjects: tuple[Subject, ...]
    sound: tuple[Subject, ...]
    unchecked: tuple[Unchecked, ...]
    counts: Counts
    measurements: tuple[Measurement, ...] = ()
    not_run: tuple[Unchecked, ...] = ()


KEPT_BACK = RuleMatch("found by an earlier run, and ignored")
"""Stands for what a rule found in a query that is not judged again: an ignore keeps it back, and is used."""


def prove(scope: Scope, session: Session, progress: Progress = quiet, verdicts: Verdicts | None = None) -> CheckOutcome:
    """Everything but what needs demo data or a deployed server. Queries of `verdicts` are not judged again, and sound
    ones are added. Raises QuestDBError where no server can be had."""
    collected = _collected(scope)
    if session.needs_server:
        session.start()
    found = [
        Found(rule, match)
        for wrong in session.not_created
        for rule in of_stage("created", scope.rules)
        for match in rule.check(wrong)
    ]
    missing = {wrong.name for wrong in session.not_created}
    missing |= {view.name for wrong in session.not_created for view in wrong.table.__table__.views}  # type: ignore[attr-defined]  # what @table attaches
    unchecked = list(collected.unchecked)
    subjects: list[Subject] = []
    sound: list[Subject] = []
    for done, subject in enumerate(collected.subjects):
        progress("queries", done, len(collected.subjects))
        lost = sorted((relations(subject.sql) or frozenset()) & missing) if missing else []
        if lost:
            reason = f"reads {', '.join(lost)}, which the server refuses to create"
            unchecked.append(Unchecked(subject.path, reason, subject.environment.name, subject.query.source))
            continue
        subjects.append(subject)
        known = verdicts.get(subject) if verdicts else None
        if known is not None:
            session.count(known.statements)
            found += [Found(rule, KEPT_BACK, subject) for rule in scope.rules if rule.code in known.ignored]
            sound.append(subject)
            continue
        found_here = check_query(subject, session, scope.rules)
        found += found_here
        if session.accepts(subject):
            sound.append(subject)
            codes = {one.rule.code for one in found_here}
            if verdicts and codes <= {ignore.code for ignore in ignores_of(subject)} and not session.endless:
                verdicts.put(subject, QueryVerdict(tuple(session.statements_of(subject)), tuple(sorted(codes))))
    progress("queries", len(collected.subjects), len(collected.subjects))
    env = scope.environments[0].env if scope.environments else ""
    found += [
        Found(rule, match)
        for fault in faults(scope.project, session, env, missing)
        for rule in of_stage("demo", scope.rules)
        for match in rule.check(fault)
    ]
    found += [Found(rule, match) for rule, match in judge_whole(_whole(scope, collected), scope.rules)]
    counts = Counts(len(subjects), len(scope.environments), session.statements, session.asked)
    return CheckOutcome(tuple(found), tuple(subjects), tuple(sound), tuple(unchecked), counts)


def run(
    scope: Scope, session: Session, outcome: CheckOutcome, now: datetime, progress: Progress = quiet
) -> CheckOutcome:
    """Adds what running the proved queries on demo data shows; the session's server is filled with them."""
    server = session.start()
    absent = {wrong.name for wrong in session.not_created}
    env = scope.environments[0].env
    filled = fill(server, scope.project, env, now, absent, lambda done, total: progress("demo rows", done, total))
    measured = measure(
        server, outcome.sound, env, now, filled.empty, lambda done, total: progress("queries on demo data", done, total)
    )
    told = {(one.match.path, one.match.message) for one in outcome.found}
    refused_rows = [p for p in filled.problems if (p.path, p.message) not in told]
    demo_faults = [DemoFault("refused", problem) for problem in refused_rows]
    demo_faults += [DemoFault("missing", problem) for problem in without_rows(scope.project, filled, measured, now)]
    found = [
        Found(rule, match) for one in demo_faults for rule in of_stage("demo", scope.rules) for match in rule.check(one)
    ]
    found += [
        Found(rule, match, one.subject)
        for one in measured.measurements
        for rule in of_stage("run", scope.rules)
        for match in rule.check(one)
    ]
    return replace(
        outcome,
        found=(*outcome.found, *found),
        measurements=measured.measurements,
        not_run=measured.not_run,
    )


def against(scope: Scope, client: Client, outcome: CheckOutcome, progress: Progress = quiet) -> CheckOutcome:
    """Adds how a deployed server differs; it is only read. Raises QuestDBError where it can't be."""
    progress("tables of the server", 0, 1)
    found = [
        Found(rule, match)
        for one in drift(client, scope.project)
        for rule in of_stage("deployed", scope.rules)
        for match in rule.check(one)
    ]
    asked = refused(client, outcome.sound, lambda done, total: progress("queries on the server", done, total))
    found += [
        Found(rule, match, one.subject)
        for one in asked
        for rule in of_stage("deployed answer", scope.rules)
        for match in rule.check(one)
    ]
    return replace(outcome, found=(*outcome.found, *found))


def since(scope: Scope, outcome: CheckOutcome, changes: Iterable[BaseDifference]) -> CheckOutcome:
    """Adds what publishing would do to a Grafana that has a base revision's trees."""
    found = [
        Found(rule, match) for one in changes for rule in of_stage("base", scope.rules) for match in rule.check(one)
    ]
    return replace(outcome, found=(*outcome.found, *found))


def read(scope: Scope) -> CheckOutcome:
    """Only what the text of the specs shows; no query is proved."""
    collected = _collected(scope)
    offline = of_stage("text", scope.rules)
    found = [Found(rule, match, s) for s in collected.subjects for rule, match in judge(s, offline)]
    found += [Found(rule, match, s) for s in collected.subjects for rule, match in choose(s, unasked, scope.rules)]
    found += [Found(rule, match) for rule, match in judge_whole(_whole(scope, collected), scope.rules)]
    unproved = [
        Unchecked(s.path, "not proved on a server (--offline)", s.environment.name, s.query.source)
        for s in collected.subjects
    ]
    counts = Counts(0, len(scope.environments))
    return CheckOutcome(tuple(found), collected.subjects, (), (*collected.unchecked, *unproved), counts)


def _collected(scope: Scope) -> Collected:
    each = [collect_queries(scope.project, environment) for environment in scope.environments]
    return Collected(tuple(s for c in each for s in c.subjects), tuple(u for c in each for u in c.unchecked))


def _whole(scope: Scope, collected: Collected) -> Whole:
    return Whole(scope.project, collected.subjects)


def report(scope: Scope, outcome: CheckOutcome, ran: Iterable[str]) -> CheckReport:
    """The findings that no ignore keeps back, with their places, in their order. `ran` are the stages that were run:
    an ignore of another one's rule can't be told to be unused. Nor can one of what was measured, which depends on the
    hour of the demo data."""
    ignores = _Ignores(outcome.subjects)
    kept = [one for one in outcome.found if not ignores.take(one)]
    codes = {rule.code for rule in scope.rules if rule.stage in frozenset(ran) - {"run"}}
    known = tuple(rule.code for rule in rules())
    for ignore, path in ignores.unused(codes, known):
        for rule in of_stage("ignores", scope.rules):
            kept += [
                Found(rule, replace(match, owner=ignore, path=path)) for match in rule.check(Unused(ignore, known))
            ]
    placed = _Placed(scope)
    for one in _once(kept):
        placed.add(one)
    findings = sorted(placed.findings(), key=lambda finding: finding.order)
    unchecked, not_run = _merged(outcome.unchecked), _merged(outcome.not_run)
    return CheckReport(tuple(findings), unchecked, outcome.counts, outcome.measurements, not_run)


_UNKNOWN_NAME = re.compile(r"Invalid column: |table does not exist")


def _once(found: Iterable[Found]) -> list[Found]:
    """What the text of a query shows where a server refuses it is the same mistake: the server's words stay, with the
    rule's hint where they have none. A text that begins with no table, and which the server can't parse, is no list of
    tables (`SELCT …`)."""
    every = list(found)
    refused: dict[tuple[int, str], list[int]] = {}
    for index, one in enumerate(every):
        if one.rule.stage == "answer" and one.subject is not None:
            refused.setdefault((id(one.subject.query), one.subject.environment.name), []).append(index)
    left: set[int] = set()
    for index, one in enumerate(every):
        if one.rule.stage != "text" or one.subject is None or one.match.span is None:
            continue
        start, end = one.match.span
        for at in refused.get((id(one.subject.query), one.subject.environment.name), ()):
            refusal = every[at].match
            begins = not one.subject.sql[:start].strip() and "table does not exist" not in refusal.message
            if one.rule.refused_too and refusal.span and start < refusal.span[1] and refusal.span[0] < end:
                every[at] = replace(every[at], match=replace(refusal, hint=refusal.hint or one.match.hint))
                left.add(index)
            elif refusal.span and _UNKNOWN_NAME.search(refusal.message):
                if start <= refusal.span[0] and refusal.span[1] <= end:
                    left.add(index)  # what a rule makes of a name that is none
            elif begins and one.rule.code == "DG601":
                left.add(index)
    return [one for index, one in enumerate(every) if index not in left]


def _merged(unchecked: Iterable[Unchecked]) -> tuple[Unchecked, ...]:
    """Each once, in the first of its environments."""
    first: dict[tuple[str, str], Unchecked] = {}
    for one in unchecked:
        first.setdefault((one.path, one.reason), one)
    return tuple(first.values())


class _Ignores:
    """Those that stand beside the queries that were looked at; which of them kept something back."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self.by_id: dict[int, tuple[Ignore, str]] = {}
        self.used: set[int] = set()
        for subject in subjects:
            for ignore in ignores_of(subject):
                self.by_id.setdefault(id(ignore), (ignore, subject.path))

    def take(self, found: Found) -> bool:
        """Whether an ignore keeps the finding back."""
        if found.subject is None:
            return False
        matching = [ignore for ignore in ignores_of(found.subject) if ignore.code == found.rule.code]
        self.used.update(map(id, matching))
        return bool(matching)

    def unused(self, ran: set[str], known: Iterable[str]) -> list[tuple[Ignore, str]]:
        judged = ran | ({ignore.code for ignore, _ in self.by_id.values()} - set(known))
        return [pair for key, pair in self.by_id.items() if key not in self.used and pair[0].code in judged]


def ignores_of(subject: Subject) -> tuple[Ignore, ...]:
    """Of the query, and of what it belongs to."""
    return (*subject.query.ignore, *getattr(subject.owner, "ignore", ()))


class _Placed:
    """Findings with their places; one of several environments or dashboards is said once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.literals = Literals(scope.specs)
        self.merged: dict[tuple[object, ...], Finding] = {}

    def add(self, found: Found) -> None:
        match, subject = found.match, found.subject
        owner: object = subject.owner if subject else match.owner
        text = subject.sql if subject else ""
        key = (found.rule.code, id(owner), text, match.message, match.span, found.cases)
        before = self.merged.get(key)
        environment = (subject.environment.name,) if subject and found.rule.stage != "run" else ()
        if before is not None:
            names = tuple(dict.fromkeys((*before.environments, *environment)))
            self.merged[key] = replace(before, environments=names)
        else:
            self.merged[key] = self._finding(found, environment)

    def findings(self) -> Iterable[Finding]:
        return self.merged.values()

    def _finding(self, found: Found, environments: tuple[str, ...]) -> Finding:
        match, subject, rule = found.match, found.subject, found.rule
        source = subject.query.source if subject else None
        built = self._place(source or _source(subject.owner if subject else match.owner))
        place, excerpt = built, None
        if subject is not None and match.span is not None:
            excerpt = excerpt_of(subject.sql, match.span)
            near = (source.file, source.line) if source else None
            located = self.literals.locate(subject.sql, match.span[0], near)
            if located is not None:
                path, line, column = located
                place = self._place(Source(str(path), line, column))
        return Finding(
            rule.code, rule.name, rule.severity, match.path or (subject.path if subject else ""), match.message,
            match.hint, environments, found.cases, place, built, excerpt, found.sent,
        )  # fmt: skip

    def _place(self, source: Source | None) -> Place | None:
        return Place(source.file_in(self.scope.root), source.line, source.column) if source else None


def _source(owner: object) -> Source | None:
    found = getattr(owner, "source", None) or getattr(getattr(owner, "__table__", None), "source", None)
    return found if isinstance(found, Source) else None


def excerpt_of(sql: str, span: tuple[int, int]) -> Excerpt:
    """The line in which the span begins; one that goes on is marked to the end of the line."""
    start, end = span
    begin = sql.rfind("\n", 0, start) + 1
    stop = sql.find("\n", start)
    text = sql[begin : stop if stop >= 0 else len(sql)].rstrip()
    first = min(start - begin, len(text))
    return Excerpt(text, sql.count("\n", 0, start) + 1, first, max(first + 1, min(end - begin, len(text))))
