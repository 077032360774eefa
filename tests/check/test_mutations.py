"""Breaks the shipped queries by program, and shows that `dashgen check` finds it.

What is not found is listed in `survivors.toml`, each with the reason: a list that must be exact, so that a rule that
finds less and a spec that changes are both seen. The test makes up to eight mutants of each kind;
`python -m tests.check.test_mutations` makes all, prints the figures, and the survivors that have no reason yet.

That the queries themselves are clean, without which every mutant of one with a finding would count as found, is shown
in test_check.py.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from dashgen.check.engine import check_query, judge
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.check.run import ignores_of
from dashgen.check.session import Session, check_session
from dashgen.loading.load import load
from dashgen.model.project import Project
from dashgen.questdb import EmbeddedQuestDB
from tests.check.mutants import OPERATORS, Mutant, mutants

pytestmark = [pytest.mark.questdb, pytest.mark.slow]
SURVIVORS = Path(__file__).with_name("survivors.toml")
SPECS = Path(__file__).resolve().parents[2] / "specs"
OF_EACH = 8
Key = tuple[str, str]


def shipped() -> Project:
    project = load(SPECS).project
    assert project is not None
    return project


def made(project: Project) -> Iterator[tuple[Mutant, ...]]:
    """The mutants of each distinct query, the same one for every environment: a fault is found if it is found in
    one."""
    seen: set[object] = set()
    collected = [collect_queries(project, environment).subjects for environment in project.environments]
    for same in zip(*collected, strict=True):
        first = same[0]
        if (key := (first.sql, type(first.owner), first.role)) in seen:
            continue
        seen.add(key)
        yield from zip(*map(mutants, same), strict=True)


def is_found(same: tuple[Mutant, ...], session: Session) -> bool:
    """Whether a rule finds it that is no note and that the query has no ignore for."""
    for mutant in same:
        subject = mutant.subject
        ignored = {ignore.code for ignore in ignores_of(subject)}
        if _counts(judge(subject), ignored):
            return True
        described = session.described(subject)
        if described.columns is None or _counts(judge(described), ignored):
            return True
    # Only those that the usual way to run them does not betray are run in every other.
    for mutant in same:
        ignored = {ignore.code for ignore in ignores_of(mutant.subject)}
        found = check_query(mutant.subject, session)
        if _counts(((one.rule, one.match) for one in found), ignored):
            return True
    return False


def _counts(found: Iterable[tuple[Rule[Any], RuleMatch]], ignored: set[str]) -> bool:
    return any(rule.severity != "note" and rule.code not in ignored for rule, _ in found)


def some(project: Project) -> Iterator[tuple[Mutant, ...]]:
    """A few of each operator, the same ones as long as their panels are there."""
    of: dict[str, list[tuple[Mutant, ...]]] = {}
    for same in made(project):
        of.setdefault(same[0].operator, []).append(same)
    for group in of.values():
        yield from sorted(group, key=lambda same: crc32("\n".join(same[0].key).encode()))[:OF_EACH]


class Tally:
    def __init__(self, mutated: Iterable[tuple[Mutant, ...]], session: Session) -> None:
        self.made: set[Key] = set()
        self.survivors: dict[Key, Subject] = {}
        for same in mutated:
            self.made.add(same[0].key)
            if not is_found(same, session):
                self.survivors[same[0].key] = same[0].subject

    def __str__(self) -> str:
        total, lost = len(self.made), len(self.survivors)
        mine = Counter(operator for operator, _ in self.made)
        by_operator = Counter(operator for operator, _ in self.survivors)
        rows = [f"{mine[name] - by_operator[name]:4}/{mine[name]:4}  {name}" for name in OPERATORS]
        return "\n".join([f"{total - lost} of {total} mutants found", *rows])


def reasons() -> dict[Key, str]:
    """The reason for each survivor."""
    found: dict[Key, str] = {}
    for entry in tomllib.loads(SURVIVORS.read_text())["survivors"]:
        for path in entry["paths"]:
            found[entry["operator"], path] = entry["reason"]
    return found


def test_every_fault_is_found_but_for_those_with_a_reason(questdb: EmbeddedQuestDB) -> None:
    project = shipped()
    with check_session(questdb, project) as session:
        tally = Tally(some(project), session)
    print(tally)  # noqa: T201  # shown with -s, and where it fails
    assert len(tally.made) >= 300
    expected = reasons()
    unexplained = sorted(tally.survivors.keys() - expected.keys())
    assert not unexplained, "not found, and without a reason in survivors.toml"
    stale = sorted((expected.keys() & tally.made) - tally.survivors.keys())
    assert not stale, "found by now: take it out of survivors.toml"


def _main() -> None:
    project = shipped()
    with EmbeddedQuestDB() as server, check_session(server, project) as session:
        tally = Tally(made(project), session)
    print(tally)  # noqa: T201
    known = reasons() if SURVIVORS.exists() else {}
    for (operator, path), subject in sorted(tally.survivors.items()):
        if (operator, path) not in known:
            print(f"\n{operator} › {path}", file=sys.stderr)  # noqa: T201
            print(subject.sql, file=sys.stderr)  # noqa: T201
    for key in sorted(known.keys() - tally.survivors.keys()):
        print("stale:", *key, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    _main()
