"""`dashgen check`."""

from __future__ import annotations

import enum
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.db.target import PASSWORD, USER
from dashgen.cli.options import Env, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
    from dashgen.check.finding import CheckReport
    from dashgen.check.rule import BaseDifference
    from dashgen.cli.finding_changes import FindingChanges
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project
    from dashgen.questdb import EmbeddedQuestDB
    from dashgen.questdb.address import Address


class CheckFormat(enum.StrEnum):
    """How the findings are written to stdout."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    MARKDOWN = "markdown"


class FailOn(enum.StrEnum):
    """The mildest finding that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"


NONE_CHECKED = "no query was checked"
_AGAINST = f"Also compare a deployed server (HTTP address, only read). Login: {USER} and {PASSWORD}."


def check(
    specs: Specs = Path("specs"),
    env: Env = None,
    offline: Annotated[bool, typer.Option("--offline", help="Check the SQL text only; ask no server.")] = False,
    run: Annotated[bool, typer.Option("--run", help="Also run each query on a day of demo data.")] = False,
    against: Annotated[str | None, typer.Option("--against", metavar="URL", help=_AGAINST)] = None,
    select: Annotated[
        list[str] | None, typer.Option("--select", help="Only these rules: DG101, DG3, no-rows.", metavar="CODE")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="The lowest severity that fails the check.")
    ] = FailOn.WARNING,
    output: Annotated[CheckFormat, typer.Option("--format", help="text, json, github, markdown.")] = CheckFormat.TEXT,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask and judge every query again.")] = False,
    base: Annotated[
        str,
        typer.Option(
            "--base",
            help="Also compare with this revision's rendered trees: what Grafana would keep, or refuse.",
            metavar="REV",
        ),
    ] = "",
    out: Out = Path("build"),
    watch: Annotated[bool, typer.Option("--watch", help="Check again after each change, until Ctrl-C.")] = False,
    list_rules: Annotated[bool, typer.Option("--list-rules", help="List the rules, and exit.")] = False,
    explain: Annotated[
        list[str] | None,
        typer.Option("--explain", help="Print a rule's page, and exit (repeatable).", metavar="CODE"),
    ] = None,
    load_timeout: Timeout = 30.0,
) -> None:
    """Prove every query on a real QuestDB, as each environment's datasource plugin would run it.

    Panels, variables and annotations are expanded for time ranges from 5 minutes to 90 days and for each way to
    choose a variable; an embedded QuestDB parses each text and describes its columns, which are compared with what
    the panel needs. Answers are cached: a second run asks only about what changed.

    \b
    Examples:
      dashgen check                      every query of every environment
      dashgen check --env prod           one environment
      dashgen check --run                rows, milliseconds and scanned range a query, on demo data
      dashgen check --against http://questdb:9000    what a deployed server lacks
      dashgen check --select DG101       only what the server refuses
      dashgen check --explain DG101      the page of a rule, with an example and what to use instead
      dashgen check --format github      annotations in a pull request
      dashgen check --base main          also compare with main's rendered trees
      dashgen check --watch              after each change, the findings that appeared and went

    Exit code: 0 nothing found, or notes only; 1 findings; 2 wrong use, specs that can't be loaded, or no server.
    """
    if offline and (run or against):
        raise typer.Exit(report.error("--offline excludes --run and --against", "both need a server"))
    if watch and (run or against or output in (CheckFormat.GITHUB, CheckFormat.MARKDOWN)):
        excluded = "--watch excludes --run, --against, --format github and --format markdown"
        raise typer.Exit(report.error(excluded, "run the check once with them"))
    server: Address | None = None
    if against is not None:
        from dashgen.questdb.address import address

        try:
            server = address(against, user=os.environ.get(USER), password=os.environ.get(PASSWORD))
        except ValueError as error:
            raise typer.Exit(report.error(str(error), "give the server's HTTP address")) from None
    if list_rules or explain:
        raise typer.Exit(_rules(explain))
    told = OutputFormat.JSON if output is CheckFormat.JSON else OutputFormat.TEXT

    def say(problems: Sequence[Problem], root: Path) -> None:
        if output in (CheckFormat.GITHUB, CheckFormat.MARKDOWN):
            sys.stdout.write(_written(_unusable(problems, root), output, 0))

    def once(server_of_watch: EmbeddedQuestDB | None, before: FindingChanges | None) -> int:
        started = time.perf_counter()

        def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
            _, code = chosen(project, env)
            if code:
                return code
            since = _since(project, env, base, out) if base else ()
            if findings:
                found = (*findings, *(one.problem for one in since))
                say(found, root)
                return report.fail(found, root, told, 1, NONE_CHECKED)
            wanted = Wanted(
                specs, tuple(env or ()), tuple(select or ()), offline, run, no_cache, server, since, server_of_watch
            )
            done, code = proved(project, wanted)
            if done is None:
                return code
            if before is None:
                sys.stdout.write(_written(done, output, done.counts.environments))
            else:
                before.tell(done, lambda some: _written(some, output, done.counts.environments))
            seconds = time.perf_counter() - started
            report.echo(f"{done.counts.asked:,} asked of the server, done in {seconds:.2f} s", err=True)
            return int(done.fails(fail_on.value))

        return on_project(specs, load_timeout, told, NONE_CHECKED, work, also=say)

    raise typer.Exit(_watch(specs, told, offline, once) if watch else once(None, None))


def _watch(
    specs: Path, output: OutputFormat, offline: bool, once: Callable[[EmbeddedQuestDB | None, FindingChanges], int]
) -> int:
    """Checks again and again, with one server."""
    import tempfile
    from contextlib import ExitStack

    from dashgen.check import run as checking  # noqa: F401  # what a check needs is loaded once
    from dashgen.cli.finding_changes import FindingChanges
    from dashgen.cli.watching import Watch
    from dashgen.questdb import EmbeddedQuestDB, QuestDBError

    with ExitStack() as stack:
        changes = FindingChanges(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "findings.json", output)
        try:
            watch = Watch(specs, output)
            server = None if offline else stack.enter_context(EmbeddedQuestDB(compiler="quick"))
        except QuestDBError as error:
            return report.error(str(error), "without a server: dashgen check --offline --watch")
        except KeyboardInterrupt:
            return 130
        return watch.run(lambda: once(server, changes))


def _unusable(problems: Sequence[Problem], root: Path) -> CheckReport:
    """What is wrong with the specs as findings, for formats that have no other form."""
    from dashgen.check.finding import CheckReport, Finding, Place

    def place(problem: Problem) -> Place | None:
        if problem.source is None:
            return None
        return Place(problem.source.file_in(root), problem.source.line, problem.source.column)

    return CheckReport(
        tuple(Finding("DG000", "specs", "error", p.path, p.message, p.hint, place=place(p)) for p in problems), ()
    )


def _since(project: Project, env: Sequence[str] | None, base: str, out: Path) -> tuple[BaseDifference, ...]:
    """What publishing would do after a base's trees. Raises TreeError."""
    from dashgen.base import against

    return tuple(dict.fromkeys(against(project, chosen(project, env)[0], base, out, Path.cwd())))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run looks at, and how."""

    specs: Path
    env: tuple[str, ...]
    select: tuple[str, ...]
    offline: bool
    run: bool
    no_cache: bool
    against: Address | None
    since: tuple[BaseDifference, ...]
    server: EmbeddedQuestDB | None = None
    """One that runs already, and has what an earlier check left on it."""


def proved(project: Project, wanted: Wanted) -> tuple[CheckReport | None, int]:
    """The report; or none and the exit code of what was reported instead."""
    from dashgen.check import run as checking
    from dashgen.check.answer_cache import Kept, schema
    from dashgen.check.session import Session
    from dashgen.check.verdict_cache import Verdicts
    from dashgen.questdb import Client, QuestDBError
    from dashgen.questdb.server import Compiler

    try:
        scope = checking.Scope.of(project, wanted.specs, wanted.env, wanted.select, Path.cwd())
    except ValueError as error:
        return None, report.error(str(error), "dashgen check --list-rules shows them")
    if wanted.offline:
        return checking.report(
            scope, checking.since(scope, checking.read(scope), wanted.since), ("text", "project", "base")
        ), 0
    progress = _Progress()
    ran = ["text", "columns", "project", "answer", "created", "base"]
    kept = Kept(None) if wanted.no_cache else Kept.of(schema(project))
    hint = "without a server: dashgen check --offline"
    try:
        compiler: Compiler = "thorough" if wanted.run else "quick"  # a run reads millions of rows, and is timed
        with Session(
            project, server=wanted.server, kept=kept, starting=progress.starting, compiler=compiler,
            is_reused=wanted.server is not None,
        ) as session:  # fmt: skip
            verdicts = None if wanted.no_cache else Verdicts.of(project, scope.rules, scope.environments)
            outcome = checking.prove(scope, session, progress, verdicts)
            if verdicts and not session.not_created:
                verdicts.save()
            if wanted.run:
                ran.append("run")
                outcome = checking.run(scope, session, outcome, datetime.now(UTC).replace(microsecond=0), progress)
            if wanted.against is not None:
                ran += ["deployed", "deployed answer"]
                hint = f"is {wanted.against.url} the address of a QuestDB, and the login right?"
                outcome = checking.against(scope, Client(wanted.against), outcome, progress)
    except QuestDBError as error:
        progress.end()
        return None, report.error(str(error), hint)
    progress.end()
    return checking.report(scope, checking.since(scope, outcome, wanted.since), ran), 0


def _written(done: CheckReport, output: CheckFormat, environments: int) -> str:
    if output is CheckFormat.JSON:
        from dashgen.check.formats.data import data

        return data(done)
    if output is CheckFormat.GITHUB:
        from dashgen.check.formats.github import github

        return github(done)
    if output is CheckFormat.MARKDOWN:
        from dashgen.check.formats.markdown import markdown

        return markdown(done)
    from dashgen.check.formats.text import text
    from dashgen.excerpt import columns

    return text(done, color=sys.stdout.isatty(), every=environments, width=columns())


def _rules(explain: Sequence[str] | None) -> int:
    """One line a rule, or the whole pages of some."""
    from dashgen.check.pages import page, sections
    from dashgen.check.run import chosen as rules_of

    try:
        wanted = rules_of(explain or ())
    except ValueError as error:
        return report.error(str(error), "dashgen check --list-rules shows them")
    for rule in wanted:
        if explain:
            report.echo(page(rule, level=1))
        else:
            report.echo(f"{rule.code}  {rule.severity:<7}  {rule.name:<24}  {sections(rule).summary}")
    return 0


class _Progress:
    """One line on a terminal's stderr, which goes again."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.last = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self.shown and now - self.last > 0.1:
            self.last = now
            self._write(f"checking {what}: {done:,} of {total:,}")

    def starting(self) -> None:
        if self.shown:
            self._write("starting QuestDB …")

    def end(self) -> None:
        if self.shown:
            self._write("")

    def _write(self, line: str) -> None:
        from dashgen.escaping import CLEAR_LINE

        sys.stderr.write(f"{CLEAR_LINE}{line}")
        sys.stderr.flush()
