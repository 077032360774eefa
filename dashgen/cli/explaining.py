"""`dashgen test --explain`: one evaluation of one rule, in a test or over past data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from dashgen.cli import report
from dashgen.cli.pastdata import Span, past

if TYPE_CHECKING:
    from dashgen.model.project import Project
    from dashgen.simulate.explain import Explained
    from dashgen.simulate.suite import World
    from dashgen.simulate.testfile import SuiteFile

_OFFSET = re.compile(r"-?(0|([0-9]+(ms|[smhdw]))+)\Z")


def is_in_test(at: str, against: str) -> bool:
    """Whether `--at` is a time into a test; without one it is, unless a server is named, whose newest rows are meant
    then."""
    return not against if not at else _OFFSET.match(at) is not None


def misused(at: str, against: str, chooses_tests: bool) -> str:
    """What of a command line would be silently left out."""
    if is_in_test(at, against):
        return f"--at {at} is a time into a test, --against is about past data" if against else ""
    return "PATH and --name choose a test, and a moment is in past data" if chooses_tests else ""


def known(world: World, uid: str) -> int:
    """Exit code 2 for a rule that there is not, which was then reported."""
    from dashgen.model.node import nearest_or_all

    if uid in world.rules:
        return 0
    return report.error(f"no rule {uid!r}", nearest_or_all(uid, world.rules))


def in_test(files: Sequence[SuiteFile], world: World, uid: str, at: str, as_json: bool) -> int:
    """In the first test about the rule; at its end unless a time is given."""
    from dashgen.questdb import QuestDB, QuestDBError
    from dashgen.simulate import explain
    from dashgen.simulate.testfile import moment

    tests = [test for file in files for test in file.tests if uid in test.tested]
    if not tests:
        return report.error(f"no test is about {uid!r}", "name other files or tests, or a moment")
    test, *others = tests
    try:
        with QuestDB(compiler="quick") as server:
            found = explain.in_test(test, world, server, uid, moment(at) if at else test.last)
    except (explain.Unexplained, QuestDBError) as error:
        return report.error(str(error), "")
    _show(found, world, as_json)
    if others:
        names = ", ".join(repr(other.name) for other in others)
        typer.echo(f"note: this is {test.name!r}; -k takes another test about {uid}: {names}", err=True)
    return 0


def in_past(project: Project, world: World, uid: str, at: str, against: str, as_json: bool) -> int:
    """Over demo data, or what a deployed server has."""
    from dashgen.questdb import QuestDBError
    from dashgen.simulate import explain
    from dashgen.simulate.hindsight import hindsight
    from dashgen.simulate.queries import SqlFailed
    from dashgen.simulate.testfile import instant

    try:
        when = int((instant(at) if at else datetime.now(UTC)).timestamp())
    except ValueError:
        return report.error(
            f"--at: expected a time into a test or a moment, got {at!r}", "90s, 1h30m; 2026-01-05T12:00:30 (UTC)"
        )
    rule = world.rules[uid]
    try:
        span = Span(when - explain.warm_up(rule), when + 1)
        with past(project, span, against, world.env) as connect, closing(connect()) as source:
            found = explain.in_past(rule, world, when, source.run, "past data" if against else "demo data")
    except (explain.Unexplained, ValueError, SqlFailed, QuestDBError) as error:
        return report.error(str(error), "")
    _show(found, world, as_json)
    if against:
        for note in hindsight(rule, world.classes):
            typer.echo(f"note: {note}", err=True)
    return 0


def _show(found: Explained, world: World, as_json: bool) -> None:
    from dashgen.simulate import explanation

    if as_json:
        import json

        typer.echo(json.dumps(explanation.as_data(found, world.notifications), indent=2, ensure_ascii=False))
    else:
        typer.echo(explanation.text(found, world.notifications), nl=False)
