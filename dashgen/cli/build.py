"""`dashgen build`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from dashgen.cli import report
from dashgen.cli.options import Env, Format, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import AGAIN, chosen, on_project

if TYPE_CHECKING:
    from dashgen.incremental.build import IncrementalBuild
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project
    from dashgen.pipeline import Built

NOTHING_WRITTEN = "nothing was written"
NOT_FINISHED = "the build was not finished"


def build(
    specs: Specs = Path("specs"),
    out: Out = Path("build"),
    env: Env = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Execute and render everything again.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say which modules were executed, and why.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Build again after each change, until Ctrl-C.")] = False,
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Render the specs into provisioning files, validate them, then replace what changed.

    A build executes the modules that changed since the last one, and those that import them. The result is that of a
    whole build.

    \b
    Examples:
      dashgen build                      every environment into build/<environment>/
      dashgen build --env local          one of them
      dashgen build --dry-run            exit 1 if anything would change
      dashgen build --format json        what was written, for a program
      dashgen build --explain            which modules were executed, and why
      dashgen build --no-cache           execute and render everything
      dashgen build --watch              build after each change; with --format json, a line a build
    """
    started = time.perf_counter()
    wanted = BuildOptions(specs, out, tuple(env or ()), dry_run, output, load_timeout, no_cache, explain)
    raise typer.Exit(_watch(wanted) if watch else built(wanted, started))


class BuildOptions(NamedTuple):
    """What a build is asked for."""

    specs: Path
    out: Path
    env: tuple[str, ...]
    dry_run: bool
    output: OutputFormat
    load_timeout: float
    no_cache: bool
    explain: bool
    running: str = ""
    """The versions that a process which watches has loaded."""


def _watch(wanted: BuildOptions) -> int:
    from dashgen.cli.watching import Watch
    from dashgen.incremental.build import IncrementalBuild  # noqa: F401  # what a build needs is loaded once
    from dashgen.model.core.problems import DashgenError
    from dashgen.pipeline import prepare  # noqa: F401
    from dashgen.schema.validate import validate

    try:
        watch = Watch(wanted.specs, wanted.output)
    except DashgenError as error:
        return report.refused(error)
    validate("dashboard", {})  # loads the libraries; each load compiles the schema of its kinds of panels
    return watch.run(lambda: built(wanted._replace(running=watch.running), time.perf_counter()))


def built(wanted: BuildOptions, started: float) -> int:
    """Builds: what changed, and everything where that does not do. Returns the exit code."""
    code = AGAIN if wanted.no_cache else _attempt(wanted, started, is_whole=False)
    return _attempt(wanted, started, is_whole=True) if code == AGAIN else code


def _attempt(wanted: BuildOptions, started: float, *, is_whole: bool) -> int:
    building: IncrementalBuild | None = None

    def begin() -> IncrementalBuild:
        nonlocal building
        from dashgen.incremental.build import IncrementalBuild

        explain = partial(report.echo, err=True) if wanted.explain else lambda _: None
        building = IncrementalBuild(wanted.specs, is_whole=is_whole, explain=explain, running=wanted.running)
        return building

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        if building is not None and findings:
            building.require_whole()
        return _build(project, findings, root, wanted, building, started)

    return on_project(
        wanted.specs, wanted.load_timeout, wanted.output, NOTHING_WRITTEN, work,
        incremental=None if wanted.no_cache else begin,
    )  # fmt: skip


def _build(
    project: Project, findings: Sequence[Problem], root: Path, wanted: BuildOptions, building: IncrementalBuild | None,
    started: float,
) -> int:  # fmt: skip
    from dashgen.model.core.problems import Problem
    from dashgen.tree.errors import TreeError

    output = wanted.output
    environments, code = chosen(project, wanted.env)
    if code:
        return code
    try:
        done = _done(project, findings, root, environments, wanted, building)
    except TreeError as error:
        return report.fail(error.problems, root, output, 2, NOT_FINISHED)
    except OSError as error:
        fault = f"can't be written: {error.strerror or error}"
        problem = Problem(
            str(error.filename or wanted.out), fault, "check its permissions and the free space, then build again"
        )
        return report.fail((*findings, problem), root, output, 2, NOT_FINISHED)
    if isinstance(done, int):
        return done
    _tell(done, output, wanted.dry_run, time.perf_counter() - started)
    return int(wanted.dry_run and any(b.changes for b in done))


def _done(
    project: Project, findings: Sequence[Problem], root: Path, environments: Sequence[Environment],
    wanted: BuildOptions, building: IncrementalBuild | None,
) -> list[Built] | int:  # fmt: skip
    """What was written, or would be; an exit code where the trees have problems, which were reported."""
    from dashgen.pipeline import prepare, write
    from dashgen.tree.writer import StagedTree, TreeComparison, only_writer

    with ExitStack() as stack:
        if not wanted.dry_run:
            stack.enter_context(only_writer(wanted.out))
        prepared = []
        for environment in environments:
            folder = wanted.out / environment.name
            taker = TreeComparison(folder) if wanted.dry_run else stack.enter_context(StagedTree(folder))
            if building is not None:
                building.know(taker)
            prepared.append(prepare(project, environment, folder, taker))
        problems = dict.fromkeys([*findings, *(p for tree in prepared for p in tree.problems)])
        blocked = [problem for tree in prepared for problem in tree.blocked]
        if problems or blocked:
            if building is not None:
                building.require_whole()
            return report.fail((*problems, *blocked), root, wanted.output, 2 if blocked else 1, NOTHING_WRITTEN)
        done = [write(tree) for tree in prepared]
    if building is not None:
        building.finish(project, {one.environment.name: one.taken for one in prepared if one.taken is not None})
    return done


def _tell(done: Sequence[Built], output: OutputFormat, dry_run: bool, seconds: float) -> None:
    from dashgen.model.core.counts import counted

    if output is OutputFormat.JSON:
        environments = [
            {
                "name": b.environment,
                "folder": b.folder.as_posix(),
                "documents": b.documents,
                "dashboards": b.dashboards,
                "added": b.changes.added,
                "changed": b.changes.changed,
                "removed": b.changes.removed,
                "unchanged": b.changes.unchanged,
                "foreign": b.changes.foreign,
                "notes": [{"path": n.path, "message": n.message, "hint": n.hint} for n in b.notes],
            }
            for b in done
        ]
        report.echo_json({"environments": environments, "dry_run": dry_run})
        return
    report.notes([note for b in done for note in b.notes])
    for b in done:
        c = b.changes
        for sign, names in (("+", c.added), ("~", c.changed), ("-", c.removed)):
            for name in names[:50]:
                report.echo(f"  {sign} {(b.folder / name).as_posix()}")
            if len(names) > 50:
                report.echo(f"  {sign} … and {len(names) - 50} more")
        verb = "would change" if dry_run else "wrote"
        changed = len(c.added) + len(c.changed)
        removed = f", removed {len(c.removed)}" if c.removed else ""
        files = counted(b.documents, "file")
        what = f"{verb} {changed} of {files}{removed}" if c else f"{files}, nothing to change"
        report.echo(f"{b.environment}: {counted(b.dashboards, 'dashboard')}, all valid; {what}")
    report.echo(f"done in {seconds:.2f} s", err=True)
