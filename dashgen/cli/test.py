"""`dashgen test`."""

from __future__ import annotations

import enum
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report, test_explain
from dashgen.cli.options import Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
    from dashgen.alert_tests.suite import Fixture, SuiteReport
    from dashgen.alert_tests.test_file import SuiteFile
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project

NO_TEST_RUN = "no test was run"


class TestFormat(enum.StrEnum):
    """How the outcome is written to stdout."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


Names = Annotated[list[str] | None, typer.Option("--name", "-k", help="Only tests whose name contains this text.")]


def run_tests(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Test files, or folders of them.", metavar="[PATH]…")
    ] = None,
    env: Annotated[
        str, typer.Option("--env", help="The environment whose rules are tested; default: the first.", metavar="NAME")
    ] = "",
    name: Names = None,
    update: Annotated[
        bool, typer.Option("--update", help="Update the `at` expectations of the files with the results.")
    ] = False,
    output: Annotated[TestFormat, typer.Option("--format", help="text, json or junit.")] = TestFormat.TEXT,
    explain: Annotated[str, typer.Option("--explain", help="Show one evaluation of a rule.", metavar="RULE")] = "",
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Time of the evaluation: 90s from the start of the test (default: its end), or"
            " 2026-01-31T12:00:30 (UTC) over past data.",
        ),
    ] = "",
    replay: Annotated[
        list[str] | None,
        typer.Option(
            "--replay", help="Evaluate a rule over past data; all for every rule (repeatable).", metavar="RULE"
        ),
    ] = None,
    from_: Annotated[str, typer.Option("--from", help="2026-01-31T12:00 (UTC).", metavar="MOMENT")] = "",
    to: Annotated[str, typer.Option("--to", help="End; default: a day after --from.", metavar="MOMENT")] = "",
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="URL",
            help="A deployed QuestDB: postgresql://host:8812/qdb or its HTTP address; demo data unless given."
            " Login: DASHGEN_QUESTDB_USER and DASHGEN_QUESTDB_PASSWORD.",
        ),
    ] = "",
    base: Annotated[
        str, typer.Option("--base", help="Also evaluate the rules of this revision's tree.", metavar="REV")
    ] = "",
    grafana: Annotated[
        str,
        typer.Option(
            "--grafana",
            metavar="VERSION",
            help="Evaluate as this version of Grafana (12.4); default: the environment's.",
        ),
    ] = "",
    upgrade: Annotated[
        str,
        typer.Option(
            "--upgrade",
            metavar="VERSION",
            help="Show what fires differently on this version of Grafana, in the tests or with --replay.",
        ),
    ] = "",
    demo: Annotated[
        bool, typer.Option("--demo", help="Measure precision and recall over the outages of the demo data.")
    ] = False,
    out: Out = Path("build"),
    specs: Specs = Path("specs"),
    load_timeout: Timeout = 30.0,
) -> None:
    """Run the tests of the alert rules: rows in a real QuestDB, simulated time, Grafana's evaluation.

    \b
    Examples:
      dashgen test                                   every file in tests/alerts
      dashgen test tests/alerts/daemons.yaml         one file
      dashgen test -k "dead daemon"                  tests with that in their names
      dashgen test --format junit > report.xml       for CI
      dashgen test --explain daemon-silent --at 90s  SQL, frame, values and state of one evaluation of a test
      dashgen test --explain daemon-silent --at 2026-01-31T12:00:30 --against postgresql://readonly@questdb:8812/qdb
                                                     the same over real data; without --against over demo data
      dashgen test --replay all --from 2026-01-05    what would have fired over a day of demo data
      dashgen test --replay latency-p95 --against postgresql://readonly@questdb:8812/qdb --from 2026-01-31 --base main
                                                     before and after a changed threshold, on real data
      dashgen test --grafana 12.4                    as another version of Grafana evaluates them
      dashgen test --upgrade 12.4                    what fires differently after an upgrade, and which tests fail
      dashgen test --upgrade 12.4 --replay all --against postgresql://readonly@questdb:8812/qdb
                                                     the same over the last day's real data
      dashgen test --demo                            precision and recall over the outages of the demo data

    \b
    Exit codes: 0 all tests pass; 1 a test fails; 2 a test file or the specs can't be read.
    With --upgrade or --base: 0 no difference; 1 differences.
    """
    asked = {
        "PATH": bool(paths), "--name": bool(name), "--update": update, "--format junit": output is TestFormat.JUNIT,
        "--at": bool(at), "--from": bool(from_), "--to": bool(to), "--against": bool(against), "--base": bool(base),
        "--upgrade": bool(upgrade),
    }  # fmt: skip
    modes = {"--explain": bool(explain), "--replay": bool(replay) and not demo, "--demo": demo}
    wrong = _misused([mode for mode, chosen in modes.items() if chosen], [option for option in asked if asked[option]])
    if upgrade and not wrong:
        lost = {"--update": update, "--format junit": output is TestFormat.JUNIT, "--base": bool(base)}
        wrong = next((f"--upgrade takes no {option}" for option, given in lost.items() if given), "")
    if explain and not wrong:
        wrong = test_explain.misused(at, against, chooses_tests=bool(paths or name))
    if wrong or (update and output is not TestFormat.TEXT):
        raise typer.Exit(report.error(wrong or f"--update writes files, not {output.value}", "see dashgen test --help"))
    given = tuple(paths or (Path("tests/alerts"),))
    for option, wanted in (("--grafana", grafana), ("--upgrade", upgrade)):
        if wanted and (told := _no_version(wanted)):
            raise typer.Exit(report.error(f"{option}: {told}", "see dashgen test --help"))

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        prepared, code = _prepared(project, findings, root, env, plain)
        if prepared is None:
            return code
        if grafana:
            prepared = _as_grafana(prepared, grafana)
        newer = _as_grafana(prepared, upgrade) if upgrade else None
        if replay or demo:
            when = (from_, to)
            return _over_past(project, prepared, root, env, replay or (), when, against, base, out, output, demo, newer)
        if explain and (code := test_explain.known(prepared, explain)):
            return code
        if explain and not test_explain.is_in_test(at, against):
            return test_explain.in_past(project, prepared, explain, at, against, output is TestFormat.JSON)
        files, code = _read(given, root, name or (), plain)
        if code:
            return code
        if explain:
            return test_explain.in_test(files, prepared, explain, at, output is TestFormat.JSON)
        if newer is not None:
            return _compare(project, files, prepared, newer, as_json=output is TestFormat.JSON)
        return _run(project, files, prepared, output, update)

    plain = OutputFormat.JSON if output is TestFormat.JSON else OutputFormat.TEXT
    raise typer.Exit(on_project(specs, load_timeout, plain, NO_TEST_RUN, work))


_TAKES = {
    "": {"PATH", "--name", "--update", "--format junit", "--upgrade"},
    "--explain": {"PATH", "--name", "--at", "--against"},
    "--replay": {"--from", "--to", "--against", "--base", "--upgrade"},
    "--demo": {"--from", "--to"},
}


def _misused(modes: Sequence[str], options: Sequence[str]) -> str:
    """What of a command line would be silently left out."""
    if len(modes) > 1:
        return f"{' and '.join(modes)} are different commands; give one of them"
    mode = modes[0] if modes else ""
    if left := [option for option in options if option not in _TAKES[mode]]:
        fitting = [f"{m or 'tests'}" for m, takes in _TAKES.items() if set(left) <= takes]
        where = f"; use it with {' or '.join(fitting)}" if fitting else ""
        return f"{mode or 'a run of tests'} takes no {', '.join(left)}{where}"
    return ""


def _prepared(
    project: Project, findings: Sequence[Problem], root: Path, env: str, output: OutputFormat
) -> tuple[Fixture | None, int]:
    from dashgen.alert_tests.fixture import fixture_of
    from dashgen.pipeline import invalid
    from dashgen.render import render

    environments, code = chosen(project, [env] if env else None)
    if code:
        return None, code
    documents = tuple(render(project, environments[0]))
    if problems := (*findings, *invalid(documents, project)):
        return None, report.fail(problems, root, output, 2, NO_TEST_RUN)
    return fixture_of(project, environments[0], documents), 0


def _no_version(text: str) -> str:
    from dashgen.grafana.versions import UnknownVersion, version_of

    try:
        version_of(text)
    except UnknownVersion as error:
        return str(error)
    return ""


def _as_grafana(fixture: Fixture, version: str) -> Fixture:
    from dataclasses import replace

    from dashgen.grafana.versions import semantics, version_of

    return replace(fixture, semantics=semantics(version_of(version), fixture.semantics.toggles))


def _over_past(
    project: Project, fixture: Fixture, root: Path, env: str, rules: Sequence[str], when: tuple[str, str], against: str,
    base: str, out: Path, output: TestFormat, demo: bool, newer: Fixture | None,
) -> int:  # fmt: skip
    from datetime import UTC, datetime

    from dashgen.cli import test_replay

    as_json = output is TestFormat.JSON
    span = test_replay.span_until(datetime.now(UTC), *when) if against else test_replay.span(*when)
    if demo:
        return test_replay.demo(project, fixture, rules, span, as_json)
    name = env or project.environments[0].name
    tree = test_replay.base_tree(root, out, name, base) if base else None
    upgrade = newer.semantics if newer else None
    return test_replay.replay(project, fixture, rules, span, against, tree, base, as_json, upgrade)


def _read(paths: Sequence[Path], root: Path, names: Sequence[str], output: OutputFormat) -> tuple[list[SuiteFile], int]:
    """The files, with those tests only whose names were asked for."""
    from dataclasses import replace

    from dashgen.alert_tests.test_file import files, read

    problems: list[Problem] = []
    found: list[SuiteFile] = []
    every: list[str] = []
    for path in files(paths):
        file, wrong = read(path)
        problems += wrong
        if file is not None:
            every += [test.name for test in file.tests]
            kept = tuple(test for test in file.tests if not names or any(name in test.name for name in names))
            found.append(replace(file, tests=kept))
    if problems:
        return [], report.fail(problems, root, output, 2, NO_TEST_RUN)
    if not any(file.tests for file in found):
        which = f" named like {', '.join(map(repr, names))}" if names else ""
        hint = "write tests/alerts/*.yaml (docs/testing.md), or name files"
        if every:
            from dashgen.model.core.suggestions import nearest_or_all

            hint = nearest_or_all(" ".join(names), map(repr, every))
        return [], report.error(f"no tests{which} in {', '.join(map(str, paths))}", hint)
    return found, 0


def _run(project: Project, files: Sequence[SuiteFile], fixture: Fixture, output: TestFormat, update: bool) -> int:
    from dashgen.alert_tests import report as reports
    from dashgen.alert_tests.suite import run_alert_tests
    from dashgen.project_checks.undeclared_tables import advice, refused_table
    from dashgen.questdb import EmbeddedQuestDB
    from dashgen.questdb.extras import import_client

    import_client()
    tests = [test for file in files for test in file.tests]
    with EmbeddedQuestDB(compiler="quick") as server:
        suite = run_alert_tests(tests, fixture, server, progress=_progress)
    if update:
        return _update(files, suite, fixture)
    write = {TestFormat.TEXT: reports.text, TestFormat.JSON: reports.as_json, TestFormat.JUNIT: reports.as_junit}
    report.echo(write[output](suite), nl=False)
    missing = {refused_table(failure.message) for outcome in suite.outcomes for failure in outcome.failures}
    for name in sorted(missing - {"", *fixture.classes}):
        report.echo(f"note: {name} is no declared table; {advice(name, project)}", err=True)
    broken = any(outcome.broken for outcome in suite.outcomes)
    return 2 if broken else int(not suite.passed)


def _compare(project: Project, files: Sequence[SuiteFile], fixture: Fixture, newer: Fixture, *, as_json: bool) -> int:
    """Exit code 1 says that something fires otherwise."""

    from dashgen.alert_tests.suite import run_alert_tests
    from dashgen.backtest import upgrade
    from dashgen.questdb import EmbeddedQuestDB
    from dashgen.questdb.extras import import_client

    import_client()
    tests = [test for file in files for test in file.tests]
    with EmbeddedQuestDB(compiler="quick") as server:
        before = run_alert_tests(tests, fixture, server, progress=_progress)
        after = run_alert_tests(tests, newer, server, progress=_progress)
    broken = [outcome for outcome in after.outcomes if outcome.broken]
    for outcome in broken:
        report.echo(f"{outcome.test.place}: {outcome.test.name}: {outcome.broken}", err=True)
    found = upgrade.compare_tests(before, after, fixture.notifications)
    if as_json:
        made = upgrade.data(found, len(tests), fixture.semantics, newer.semantics)
        report.echo_json(made)
    else:
        report.echo(upgrade.text(found, len(tests), fixture.semantics, newer.semantics), nl=False)
    return 2 if broken else int(bool(found))


def _update(files: Sequence[SuiteFile], suite: SuiteReport, fixture: Fixture) -> int:
    from dashgen.alert_tests.update import updated

    outcomes = {id(outcome.test): outcome for outcome in suite.outcomes}
    left: list[str] = []
    for file in files:
        text, rest = updated(file, [outcomes[id(test)] for test in file.tests], fixture.notifications)
        left += rest
        if text != file.text:
            file.path.write_text(text, encoding="utf-8")
            report.echo(f"updated {file.path.as_posix()}")
    for one in left:
        report.echo(one, err=True)
    if left:
        report.echo("only the alerts of `at` are updated; edit these by hand", err=True)
    return 2 if any(outcome.broken for outcome in suite.outcomes) else int(bool(left))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done} of {total} tests{end}")
        sys.stderr.flush()
