"""`dashgen import`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import Format, Out, OutputFormat, Timeout
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from dashgen.adopt.plan import Plan
    from dashgen.adopt.source_kind import ImportTarget
    from dashgen.adopt.sources import FoundFiles
    from dashgen.check.finding import CheckReport
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project

NOTHING_WRITTEN = "nothing was written"


@dataclass(frozen=True, slots=True)
class PythonObjects:
    """What a module of somebody's gave: library and JSON of each object."""

    reference: str
    found: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    files: tuple[Path, ...]
    server: str | None
    tables: tuple[str, ...]
    into: Path
    datasources: dict[str, str]
    folder: str
    output: OutputFormat
    dry_run: bool
    force: bool
    checks: bool
    out: Path
    python: PythonObjects | None = None


def import_dashboards(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="JSON, YAML and SQL files, or folders of them.", metavar="FILE|DIR...", show_default=False),
    ] = None,
    into: Annotated[
        Path,
        typer.Option(
            "--into", help="The specs to extend or begin; or the module of a dashboard to edit.", metavar="DIR|MODULE"
        ),
    ] = Path("specs"),
    datasource: Annotated[
        list[str] | None,
        typer.Option(
            "--datasource",
            help="Name in the specs for a datasource's name or uid in the files (repeatable).",
            metavar="THEIRS=OURS",
        ),
    ] = None,
    from_questdb: Annotated[
        str | None,
        typer.Option(
            "--from-questdb",
            help="A server whose tables are declared, too; it is only read."
            " Login: DASHGEN_QUESTDB_USER and DASHGEN_QUESTDB_PASSWORD.",
            metavar="URL",
        ),
    ] = None,
    from_python: Annotated[
        str | None,
        typer.Option(
            "--from-python",
            help="An object of grafanalib or of the Foundation SDK: a module's name or path, and the name in it.",
            metavar="MODULE:OBJECT",
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="Only this table of that server (repeatable).", metavar="NAME"),
    ] = None,
    folder: Annotated[
        str, typer.Option("--folder", help="The environment's folder for the dashboards.", metavar="NAME")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace dashboards and groups of rules that PROJECT has already.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write the edit of a module; without it, it is shown.")
    ] = False,
    out: Out = Path("build"),
    no_check: Annotated[bool, typer.Option("--no-check", help="Don't prove the queries at the end.")] = False,
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Turn dashboards and alerting of Grafana and tables of QuestDB into specs: modules, and PROJECT extended by them.

    What dashgen's objects can say becomes objects, the rest stays as raw data beside the panel that it belongs to: what
    the specs render is the dashboard that was read. The queries are then proved on a real QuestDB.
    Tables are those of a server, or of SQL files with CREATE TABLE and CREATE MATERIALIZED VIEW; others write them.

    \b
    Examples:
      dashgen import health.json                     one dashboard into specs/, which is created if missing
      dashgen import exported/ --into monitoring     all dashboards of a folder
      dashgen import alert-rules.yaml                what Grafana exports of its alerting, or is provisioned with
      dashgen import health.json --dry-run           what would be written, and how much of it as objects
      dashgen import health.json --datasource prod-db=questdb
      dashgen import health.json --force             again, replacing the module
      dashgen import exported/ --format json         the report for a program
      dashgen import schema.sql exported/            tables as SHOW CREATE TABLE prints them, and dashboards over them
      dashgen import --from-python boards.py:BOARD   a dashboard of grafanalib, a builder of the Foundation SDK, rules
      dashgen import --from-questdb http://localhost:9000 exported/
      dashgen import --into specs/dashboards/health.py edited.json            what was changed in Grafana, as an edit
      dashgen import --into specs/dashboards/health.py edited.json --write    and written into the module

    Exit code: 0 imported; 1 imported, and a query was refused or a build would be, or an edit that is not written or
    leaves something to do by hand; 2 wrong use, or unreadable files.
    """
    named = dict(_pair(text) for text in datasource or ())
    if into.suffix == ".py":
        from dashgen.cli.import_edit import WantedEdit, edit_module

        raise typer.Exit(edit_module(WantedEdit(tuple(files or ()), into, named, output, write), load_timeout))
    if write:
        raise typer.Exit(report.error("--write is for the edit of a module", "--into specs/dashboards/NAME.py"))
    if not files and from_questdb is None and from_python is None:
        hint = "give files, folders, --from-questdb URL, or --from-python MODULE:OBJECT"
        raise typer.Exit(report.error("there is nothing to import", hint))
    if table and from_questdb is None:
        raise typer.Exit(report.error("--table names tables of a server", "add --from-questdb URL"))
    given, tables = tuple(files or ()), tuple(table or ())
    wanted = _Wanted(given, from_questdb, tables, into, named, folder, output, dry_run, force, not no_check, out)
    started = time.perf_counter()
    if from_python is not None:
        wanted = replace(wanted, python=_exported(from_python, load_timeout, output))
    if (into / "__init__.py").exists():

        def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
            return _import(wanted, project, started)

        raise typer.Exit(on_project(into, load_timeout, output, NOTHING_WRITTEN, work))
    raise typer.Exit(_import(wanted, None, started))


def _exported(reference: str, timeout: float, output: OutputFormat) -> PythonObjects:
    from dashgen.cli.import_python import exported

    found = exported(reference, timeout, output, NOTHING_WRITTEN)
    if isinstance(found, int):
        raise typer.Exit(found)
    return PythonObjects(reference, tuple(found))


def _pair(text: str) -> tuple[str, str]:
    theirs, sign, ours = text.rpartition("=")
    if not sign or not theirs or not ours:
        hint = "--datasource prod-db=questdb"
        raise typer.Exit(report.error(f"--datasource {text}: expected what a file calls it, '=', and our name", hint))
    return theirs, ours


def _import(wanted: _Wanted, project: Project | None, started: float) -> int:
    from dashgen.adopt.plan import plan
    from dashgen.adopt.source_kind import ImportRefused, NotThisKind
    from dashgen.adopt.sources import read
    from dashgen.adopt.target import target
    from dashgen.questdb.errors import QuestDBError

    environment = project.environments[0] if project else None
    if fault := _unfit(wanted, environment):
        return report.error(*fault)
    found = read(wanted.files)
    if found.unreadable:
        problems = [_problem(one.path, one.message, one.hint) for one in found.unreadable]
        return report.fail(problems, Path.cwd(), wanted.output, 2, NOTHING_WRITTEN)
    for path, reason in found.skipped:
        report.echo(f"skipped {path}: {reason}", err=True)
    try:
        found = _with_python(wanted, _with_server(wanted, found))
    except (QuestDBError, NotThisKind) as why:
        return report.refused(why)
    if not found.sources:
        hint = "give JSON that Grafana exported, or CREATE TABLE statements"
        return report.error("there is nothing to import in what was given", hint)
    try:
        to = target(wanted.into, project, environment, wanted.datasources, found.sources, wanted.folder)
        planned = plan(found.sources, to, force=wanted.force)
    except ImportRefused as refused:
        return report.fail(refused.problems, Path.cwd(), wanted.output, 2, NOTHING_WRITTEN)
    return _written(wanted, found, to, planned, started)


def _with_server(wanted: _Wanted, found: FoundFiles) -> FoundFiles:
    """What the files hold, and the server's tables; what can't be declared is said. Raises QuestDBError and
    NotThisKind."""
    if wanted.server is None:
        return found
    from dashgen.adopt.table_source import live

    user, password = (os.environ.get(f"DASHGEN_QUESTDB_{name}") for name in ("USER", "PASSWORD"))
    tables, left = live(wanted.server, wanted.tables, user=user, password=password)
    for one in left:
        report.echo(f"skipped {one.name}: {one.reason}", err=True)
    return replace(found, sources=(*found.sources, *tables))


def _with_python(wanted: _Wanted, found: FoundFiles) -> FoundFiles:
    """With the objects of a module. Raises NotThisKind."""
    if wanted.python is None:
        return found
    from dashgen.cli.import_python import sources

    made = sources(wanted.python.reference, list(wanted.python.found))
    return replace(found, sources=(*found.sources, *made))


def _unfit(wanted: _Wanted, environment: Environment | None) -> tuple[str, str] | None:
    """Why the options don't fit the project, and what to do."""
    missing = next((path for path in wanted.files if not path.exists()), None)
    if missing is not None:
        return f"{missing}: there is no such file or folder", "give JSON that Grafana exported, or a folder of it"
    into = wanted.into
    if environment is None:
        if into.is_file():
            return f"{into}: is a file", "give the folder of the specs: --into specs"
        if into.is_dir() and any(into.iterdir()):
            return f"{into}: has no __init__.py, so it is not a specs package", "give another folder: --into DIR"
        if not into.resolve().name.isidentifier():
            return f"{into}: is not a valid package name", "letters, digits and '_' only"
        return None
    from dashgen.model.core.suggestions import nearest_or_all

    for theirs, ours in wanted.datasources.items():
        if ours not in environment.datasources:
            hint = nearest_or_all(ours, environment.datasources, "it has")
            return f"--datasource {theirs}={ours}: {environment.name!r} has no datasource {ours!r}", hint
    if wanted.folder and wanted.folder not in environment.folders:
        hint = nearest_or_all(wanted.folder, environment.folders, "it has")
        return f"--folder {wanted.folder}: {environment.name!r} has no such folder", hint
    return None


def _problem(path: str, message: str, hint: str) -> Problem:
    from dashgen.model.core.problems import Problem

    return Problem(path, message, hint)


def _written(wanted: _Wanted, found: FoundFiles, target: ImportTarget, plan: Plan, started: float) -> int:
    from dashgen.adopt.report import as_json, as_text
    from dashgen.adopt.source_kind import Verdict
    from dashgen.adopt.write import record, replace, staged
    from dashgen.model.core.counts import counted
    from dashgen.tree.errors import TreeError
    from dashgen.tree.paths import LEDGER

    with staged(target.root, plan.files) as copy:
        project, problems = _loaded(copy)
        if project is None:
            outcome = f"{NOTHING_WRITTEN}; this is a bug of dashgen: please report it"
            return report.fail(problems, copy.parent, wanted.output, 2, outcome)
    ledger = wanted.out / project.environments[0].name / LEDGER
    if not wanted.dry_run:
        try:
            replace(target.root, plan.files)
            record(ledger, plan.deleted)
        except TreeError as error:
            return report.fail(error.problems, Path.cwd(), wanted.output, 2, "the specs were written, the ledger not")
        except OSError as error:
            problem = _problem(str(error.filename or target.root), f"can't be written: {error.strerror or error}", "")
            return report.fail((problem,), Path.cwd(), wanted.output, 2, NOTHING_WRITTEN)
    checked, note = None, "the queries were not checked: --no-check"
    if wanted.dry_run:
        note = "the queries were not checked: nothing was written"
    elif wanted.checks:
        checked, note = _checked(target.root)

    def is_own(path: str) -> bool:
        return any(one.covers(path) for one in plan.imported)

    verdict = Verdict(tuple(one for one in problems if is_own(one.path)), checked)
    if wanted.output is OutputFormat.JSON:
        report.echo(as_json(plan, target.root, found.skipped, verdict, note, ledger.as_posix(), dry_run=wanted.dry_run))
    else:
        sys.stdout.write(as_text(plan, target.root, verdict, note, ledger.as_posix(), dry_run=wanted.dry_run))
    seconds = time.perf_counter() - started
    report.echo(f"{counted(len(plan.imported), 'object')} imported in {seconds:.2f} s", err=True)
    errors = any(one.severity == "error" and is_own(one.path) for one in verdict.findings())
    different = any(one.difference for one in plan.imported)
    return int(bool(verdict.refused) or errors or different)


def _loaded(specs: Path) -> tuple[Project | None, list[Problem]]:
    """The project with what was imported, and why a build of it would be refused."""
    from tempfile import TemporaryDirectory

    from dashgen.loading.load import load
    from dashgen.pipeline import prepare
    from dashgen.project_checks import check

    loaded = load(specs)
    if loaded.project is None:
        return None, list(loaded.problems)
    problems = list(check(loaded.project))
    with TemporaryDirectory() as empty:
        for environment in loaded.project.environments:
            problems += prepare(loaded.project, environment, Path(empty) / environment.name).problems
    return loaded.project, list(dict.fromkeys(problems))


def _checked(specs: Path) -> tuple[CheckReport | None, str]:
    """What `dashgen check` says of the first environment; or none, and why."""
    from dashgen.cli.check import Wanted, proved
    from dashgen.loading.load import load

    project = load(specs).project
    if project is None:
        return None, "the queries were not checked: the specs can't be loaded"
    name = project.environments[0].name
    done, _ = proved(project, Wanted(specs, (name,), (), False, False, False, None, ()))
    return done, "" if done else "the queries were not checked: dashgen check says why"
