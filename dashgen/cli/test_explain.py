"""`dashgen test --explain`: one evaluation of one rule, in a test or over past data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashgen.cli import report
from dashgen.cli.past_data import Span, past

if TYPE_CHECKING:
    from dashgen.alert_tests.evaluation_trace import Explained
    from dashgen.alert_tests.suite import Fixture
    from dashgen.alert_tests.test_file import SuiteFile
    from dashgen.model.project import Project


def is_in_test(at: str, against: str) -> bool:
    """Whether `--at` is a time into a test; without one it is, unless a server is named, whose newest rows are meant
    then."""
    from dashgen.alert_tests.test_file import moment

    if not at:
        return not against
    try:
        moment(at)
    except ValueError:
        return False
    return True


def misused(at: str, against: str, chooses_tests: bool) -> str:
    """What of a command line would be silently left out."""
    if is_in_test(at, against):
        return f"--at {at} is relative to a test, --against reads past data" if against else ""
    return "PATH and --name choose a test, and an absolute time is in past data" if chooses_tests else ""


def known(fixture: Fixture, uid: str) -> int:
    """Exit code 2 for a rule that there is not, which was then reported."""
    from dashgen.model.core.suggestions import nearest_or_all

    if uid in fixture.rules:
        return 0
    return report.error(f"no rule {uid!r}", nearest_or_all(uid, fixture.rules))


def in_test(files: Sequence[SuiteFile], fixture: Fixture, uid: str, at: str, as_json: bool) -> int:
    """In the first test about the rule; at its end unless a time is given."""
    from dashgen.alert_tests import evaluation_trace
    from dashgen.alert_tests.test_file import moment
    from dashgen.questdb import EmbeddedQuestDB
    from dashgen.questdb.extras import import_client

    import_client()
    tests = [test for file in files for test in file.tests if uid in test.tested]
    if not tests:
        return report.error(f"no test is about {uid!r}", "name other files or tests, or a moment")
    test, *others = tests
    with EmbeddedQuestDB(compiler="quick") as server:
        found = evaluation_trace.in_test(test, fixture, server, uid, moment(at) if at else test.last)
    _show(found, fixture, as_json)
    if others:
        names = ", ".join(repr(other.name) for other in others)
        report.echo(f"note: this is {test.name!r}; -k takes another test about {uid}: {names}", err=True)
    return 0


def in_past(project: Project, fixture: Fixture, uid: str, at: str, against: str, as_json: bool) -> int:
    """Over demo data, or what a deployed server has."""
    from dashgen.alert_tests import evaluation_trace
    from dashgen.alert_tests.lookahead import hindsight
    from dashgen.alert_tests.test_file import instant

    try:
        when = int((instant(at) if at else datetime.now(UTC)).timestamp())
    except ValueError:
        return report.error(
            f"--at: expected a time in a test (90s) or an absolute time, got {at!r}",
            "90s, 1h30m; 2026-01-05T12:00:30 (UTC)",
        )
    rule = fixture.rules[uid]
    span = Span(when - evaluation_trace.warm_up(rule), when + 1)
    with past(project, span, against, fixture.env) as connect, closing(connect()) as source:
        found = evaluation_trace.in_past(rule, fixture, when, source.run, "past data" if against else "demo data")
    _show(found, fixture, as_json)
    if against:
        for note in hindsight(rule, fixture.classes):
            report.echo(f"note: {note}", err=True)
    return 0


def _show(found: Explained, fixture: Fixture, as_json: bool) -> None:
    from dashgen.alert_tests import trace_report

    if as_json:
        report.echo_json(trace_report.as_data(found, fixture.notifications))
    else:
        report.echo(trace_report.text(found, fixture.notifications), nl=False)
