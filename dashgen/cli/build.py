"""`dashgen build`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import Env, Format, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
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
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Render the specs into provisioning files, validate them, then replace what changed.

    \b
    Examples:
      dashgen build                      every environment into build/<environment>/
      dashgen build --env local          one of them
      dashgen build --dry-run            exit 1 if anything would change
      dashgen build --format json        what was written, for a program
    """
    started = time.perf_counter()

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        return _build(project, findings, root, out, env, dry_run, output, started)

    raise typer.Exit(on_project(specs, load_timeout, output, NOTHING_WRITTEN, work))


def _build(
    project: Project, findings: Sequence[Problem], root: Path, out: Path, env: Sequence[str] | None, dry_run: bool,
    output: OutputFormat, started: float,
) -> int:  # fmt: skip
    from dashgen.model.core.problems import Problem
    from dashgen.tree.errors import TreeError

    environments, code = chosen(project, env)
    if code:
        return code
    try:
        done = _done(project, findings, root, environments, out, dry_run, output)
    except TreeError as error:
        return report.fail(error.problems, root, output, 2, NOT_FINISHED)
    except OSError as error:
        fault = f"can't be written: {error.strerror or error}"
        problem = Problem(
            str(error.filename or out), fault, "check its permissions and the free space, then build again"
        )
        return report.fail((*findings, problem), root, output, 2, NOT_FINISHED)
    if isinstance(done, int):
        return done
    _tell(done, output, dry_run, time.perf_counter() - started)
    return int(dry_run and any(b.changes for b in done))


def _done(
    project: Project, findings: Sequence[Problem], root: Path, environments: Sequence[Environment], out: Path,
    dry_run: bool, output: OutputFormat,
) -> list[Built] | int:  # fmt: skip
    """What was written, or would be; an exit code where the trees have problems, which were reported."""
    from dashgen.pipeline import prepare, write
    from dashgen.tree.writer import StagedTree, TreeComparison, only_writer

    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(only_writer(out))
        prepared = []
        for environment in environments:
            folder = out / environment.name
            taker = TreeComparison(folder) if dry_run else stack.enter_context(StagedTree(folder))
            prepared.append(prepare(project, environment, folder, taker))
        problems = dict.fromkeys([*findings, *(p for tree in prepared for p in tree.problems)])
        blocked = [problem for tree in prepared for problem in tree.blocked]
        if problems or blocked:
            return report.fail((*problems, *blocked), root, output, 2 if blocked else 1, NOTHING_WRITTEN)
        return [write(tree) for tree in prepared]


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
