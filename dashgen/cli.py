"""The command line: one thin function a verb. Heavy modules are imported where they are used.

stdout carries the one document asked for; progress and diagnostics go to stderr. Exit 0: fine; 1: findings or
differences; 2: wrong use, or specs that can't be loaded.
"""

from __future__ import annotations

import enum
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dashgen.build import Built
    from dashgen.model.problems import Problem
    from dashgen.model.project import Project

app = typer.Typer(
    name="dashgen",
    help="Dashboards as code for Grafana over QuestDB: declarations in Python, validated provisioning files out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class OutputFormat(enum.StrEnum):
    """How a verb's result is written to stdout."""

    TEXT = "text"
    JSON = "json"


Specs = Annotated[Path, typer.Option("--specs", help="The package that exports PROJECT.", metavar="DIR")]
Out = Annotated[Path, typer.Option("--out", help="Where the trees go: DIR/<environment>/.", metavar="DIR")]
Env = Annotated[list[str] | None, typer.Option("--env", help="Only this environment (repeatable).", metavar="NAME")]
Format = Annotated[OutputFormat, typer.Option("--format", help="text or json.")]
Timeout = Annotated[float, typer.Option("--load-timeout", help="Seconds that the specs may take to load.", min=0.1)]


@app.callback()
def root() -> None:
    """Dashboards as code for Grafana over QuestDB."""


@app.command()
def version() -> None:
    """Print the version of dashgen.

    Example: dashgen version
    """
    from importlib.metadata import version as of

    typer.echo(of("dashgen"))


@app.command()
def build(
    specs: Specs = Path("specs"),
    out: Out = Path("build"),
    env: Env = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
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
    from dashgen import supervise

    started = time.perf_counter()

    def work(loaded: Callable[[], None]) -> int:
        from dashgen.project import check, load

        result = load(specs)
        loaded()
        if result.project is None:
            return _fail(result.problems, result.root.parent, output, code=2)
        findings = check(result.project)
        return _build(result.project, findings, result.root.parent, out, env, dry_run, output, started)

    raise typer.Exit(supervise.run(work, specs, load_timeout))


def _build(
    project: Project, findings: Sequence[Problem], root: Path, out: Path, env: Sequence[str] | None, dry_run: bool,
    output: OutputFormat, started: float,
) -> int:  # fmt: skip
    from dashgen.build import prepare, write
    from dashgen.tree import TreeError

    wanted = list(env or [e.name for e in project.environments])
    unknown = [name for name in wanted if project.environment(name) is None]
    if unknown:
        names = ", ".join(e.name for e in project.environments)
        return _error(f"no environment {', '.join(map(repr, unknown))} in PROJECT", f"it has {names}")
    try:
        prepared = [prepare(project, e, out / e.name) for e in project.environments if e.name in wanted]
        problems = dict.fromkeys([*findings, *(p for tree in prepared for p in tree.problems)])
        if problems:
            return _fail(tuple(problems), root, output, code=1)
        done = [write(tree, dry_run=dry_run) for tree in prepared]
    except TreeError as error:
        return _error(str(error), error.hint)
    except OSError as error:
        return _error(f"can't write {out}: {error}", "check the folder's permissions and space")
    _tell(done, output, dry_run, time.perf_counter() - started)
    return int(dry_run and any(b.changes for b in done))


def _tell(done: Sequence[Built], output: OutputFormat, dry_run: bool, seconds: float) -> None:
    if output is OutputFormat.JSON:
        import json

        typer.echo(
            json.dumps(
                {
                    "environments": [
                        {
                            "name": b.environment,
                            "folder": b.folder.as_posix(),
                            "documents": b.documents,
                            "dashboards": b.dashboards,
                            "added": b.changes.added,
                            "changed": b.changes.changed,
                            "removed": b.changes.removed,
                            "unchanged": b.changes.unchanged,
                        }
                        for b in done
                    ],
                    "dry_run": dry_run,
                },
                indent=2,
            )
        )
        return
    for b in done:
        c = b.changes
        for sign, names in (("+", c.added), ("~", c.changed), ("-", c.removed)):
            for name in names[:50]:
                typer.echo(f"  {sign} {(b.folder / name).as_posix()}")
            if len(names) > 50:
                typer.echo(f"  {sign} … and {len(names) - 50} more")
        verb = "would change" if dry_run else "wrote"
        changed = len(c.added) + len(c.changed)
        removed = f", removed {len(c.removed)}" if c.removed else ""
        what = f"{verb} {changed} of {b.documents} files{removed}" if c else f"{b.documents} files, nothing to change"
        typer.echo(f"{b.environment}: {b.dashboards} dashboards, all valid; {what}")
    typer.echo(f"done in {seconds:.2f} s", err=True)


def _fail(problems: Sequence[Problem], root: Path, output: OutputFormat, code: int) -> int:
    if output is OutputFormat.JSON:
        import json

        typer.echo(
            json.dumps(
                {
                    "problems": [
                        {
                            "path": p.path,
                            "message": p.message,
                            "hint": p.hint,
                            "source": p.source.relative_to(root) if p.source else None,
                        }
                        for p in problems
                    ]
                },
                indent=2,
                ensure_ascii=False,
            )
        )
    color = sys.stderr.isatty()
    for p in problems:
        where = f"{p.source.relative_to(root)}: " if p.source else ""
        head = typer.style("error:", fg="red", bold=True) if color else "error:"
        typer.echo(f"{head} {where}{p.path}: {p.message}", err=True)
        if p.hint:
            typer.echo(f"  {p.hint}", err=True)
    n = len(problems)
    typer.echo(f"{n} problem{'s' if n != 1 else ''}; nothing was written", err=True)
    return code


def _error(message: str, hint: str) -> int:
    typer.echo(f"error: {message}", err=True)
    typer.echo(f"  {hint}", err=True)
    return 2


def main() -> None:
    """The entry point of the command `dashgen`."""
    app(prog_name="dashgen")
