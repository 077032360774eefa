"""Runs rules: over one query with what a server says of it, and over the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from dashgen.check.answer_cache import CachedRefusal
from dashgen.check.rule import Choosing, Refusal, Rule, RuleMatch, Stage, Subject, Whole
from dashgen.check.rules import rules
from dashgen.check.session import Session, Try
from dashgen.grafana.datasources.macros import MacroError
from dashgen.sql.lexer import tokenize, variables
from dashgen.sql.statements import no_query

UNPARSED = "unparsed-query"
ACTING = "acting-statement"
"""The rule about what is no query, which no other rule is asked about."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule said. `subject` is None for what is about no single query; `cases` are the ways to run the query
    that show it, empty for all ranges; `sent` is the server's text where the fault is in what something became."""

    rule: Rule[Any]
    match: RuleMatch
    subject: Subject | None = None
    cases: tuple[str, ...] = ()
    sent: str = ""


def of_stage(stage: Stage, chosen: Iterable[Rule[Any]] | None = None) -> tuple[Rule[Any], ...]:
    return tuple(rule for rule in (rules() if chosen is None else chosen) if rule.stage == stage)


def judge(subject: Subject, chosen: Iterable[Rule[Any]] | None = None) -> Iterator[tuple[Rule[Any], RuleMatch]]:
    """What the rules about one query find in it: offline ones always, those about columns where it has them. Of what is
    no query only that is said."""
    acts = no_query(subject.sql) is not None
    for rule in rules() if chosen is None else chosen:
        if acts and rule.name != ACTING:
            continue
        if rule.stage == "text" or (rule.stage == "columns" and subject.columns is not None):
            for match in rule.check(subject):
                yield rule, match


def judge_whole(whole: Whole, chosen: Iterable[Rule[Any]] | None = None) -> Iterator[tuple[Rule[Any], RuleMatch]]:
    """What the rules about the whole project find."""
    for rule in of_stage("project", chosen):
        for match in rule.check(whole):
            yield rule, match


def choose(
    subject: Subject, evaluate: Callable[[str], object], chosen: Iterable[Rule[Any]] | None = None
) -> Iterator[tuple[Rule[Any], RuleMatch]]:
    """What the rules about a viewer's choices find in one query."""
    if variables(subject.sql) and not no_query(subject.sql):
        for rule in of_stage("choices", chosen):
            for match in rule.check(Choosing(subject, evaluate)):
                yield rule, match


def unasked(_: str) -> None:
    """Evaluates nothing: for checks without a server."""


def check_query(subject: Subject, session: Session, chosen: Iterable[Rule[Any]] | None = None) -> list[Found]:
    """Checks one query with all rules, on a server: errors of the server for any combination of variable values,
    columns that do not fit the panel, and problems in its SQL text. `Ignore`s are not applied. In a session that is
    reused, a new query takes about a millisecond for each distinct SQL text that is rendered from it.

    Args:
        subject: The query, one of `collect_queries(project, environment).subjects`.
        session: The session: `check_session(server, project)`.
        chosen: The rules to apply. Default: all rules.
    """
    wanted = tuple(rules() if chosen is None else chosen)
    offline = tuple(rule for rule in wanted if rule.stage == "text")
    found = [Found(rule, match, subject) for rule, match in judge(subject, offline)]
    if no_query(subject.sql):
        return found
    try:
        tries = session.tries(subject)
    except MacroError as error:
        end = error.start + len(f"$__{error.name}")
        refusal = Refusal(subject, str(error), (error.start, end), (), hint=error.hint, macro=error.name)
        return found + list(_refused(refusal, wanted))
    for refusal in refusals(subject, tries):
        found += _refused(refusal, wanted)
    found += [Found(rule, match, subject) for rule, match in choose(subject, session.value, wanted)]
    answers = dict.fromkeys(t.answer for t in tries if not isinstance(t.answer, CachedRefusal))
    if not answers:  # the server's words are enough
        found = [one for one in found if one.rule.name != UNPARSED]
    about_columns = of_stage("columns", wanted)
    if about_columns and answers:
        beside = session.described(subject).beside
        for columns in answers:
            described = replace(subject, columns=columns, beside=beside)
            cases = tuple(t.case.name for t in tries if t.answer == columns) if len(answers) > 1 else ()
            found += [Found(rule, match, subject, cases) for rule, match in judge(described, about_columns)]
    return found


def _refused(refusal: Refusal, chosen: Iterable[Rule[Any]]) -> Iterator[Found]:
    for rule in of_stage("answer", chosen):
        for match in rule.check(refusal):
            yield Found(rule, match, refusal.subject, refusal.cases, refusal.sent)


def refusals(subject: Subject, tries: Iterable[Try]) -> Iterator[Refusal]:
    """The server's errors, each with its place in the author's text and the cases that have it."""
    groups: dict[tuple[str, tuple[int, int] | None], list[Try]] = {}
    ranges = 0
    for one in tries:
        ranges += not one.case.is_choice
        if isinstance(one.answer, CachedRefusal):
            key = one.answer.message, place(subject.sql, one)
            groups.setdefault(key, []).append(one)
    for (message, at), group in groups.items():
        first = group[0]
        assert isinstance(first.answer, CachedRefusal)  # noqa: S101  # only such were put in
        offset = first.answer.position
        made = offset is not None and not first.text.is_copied(min(offset, max(len(first.text.text) - 1, 0)))
        sent = first.text.text if made or at is None else ""
        everywhere = sum(not t.case.is_choice for t in group) == ranges
        yield Refusal(subject, message, at, () if everywhere else tuple(t.case.name for t in group), sent)


def place(sql: str, one: Try) -> tuple[int, int] | None:
    """What of the author's text the server's position means: a whole word, macro or variable."""
    if not isinstance(one.answer, CachedRefusal) or one.answer.position is None:
        return None
    offset = min(one.answer.position, max(len(one.text.text) - 1, 0))
    start, end = one.text.region(offset)
    if not one.text.is_copied(offset):
        return start, end
    for token in tokenize(sql):
        if token.start <= start < token.start + len(token.text):
            last = token.start + len(token.text) if token.kind != "space" else start + 1
            return (start if token.kind == "space" else token.start), last
    return start, end
