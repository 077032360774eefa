"""`dashgen ci`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from dashgen.cli.diff import FailOnChange

app = typer.Typer(
    name="ci",
    help="""Print workflows for continuous integration.

    \b
    Example:
      dashgen ci github > .github/workflows/dashgen.yml
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root() -> None:
    """Print workflows for continuous integration."""


class Gate(enum.StrEnum):
    """`diff --fail-on`, or no gate."""

    NONE = "none"
    COSMETIC = FailOnChange.COSMETIC
    DISPLAY = FailOnChange.DISPLAY
    MEANING = FailOnChange.MEANING
    ALERTING = FailOnChange.ALERTING
    DATA = FailOnChange.DATA
    BREAKING = FailOnChange.BREAKING


@app.command()
def github(
    branch: Annotated[str, typer.Option("--branch", help="The default branch.", metavar="NAME")] = "main",
    env: Annotated[
        str, typer.Option("--env", help="The environment whose tree is committed.", metavar="NAME")
    ] = "prod",
    lock: Annotated[
        str,
        typer.Option(
            "--lock",
            help="The lock file that dashgen and what the specs need is installed from. Default: the first one here"
            " that has dashgen: uv.lock, poetry.lock, pylock.toml, a requirements file with hashes.",
            metavar="FILE",
        ),
    ] = "",
    install: Annotated[
        str, typer.Option("--install", help="Install with this command instead of from a lock file.", metavar="COMMAND")
    ] = "",
    python: Annotated[str, typer.Option("--python", help="Python's version.", metavar="VERSION")] = "3.12",
    fail_on: Annotated[
        Gate, typer.Option("--fail-on", help="Fail a pull request with a change of this class or of a higher one.")
    ] = Gate.BREAKING,
) -> None:
    """Print a workflow for GitHub Actions: build, check, test, and the diff as one comment of a pull request.

    It installs dashgen from the project's own lock file, with hashes, never by its name from an index.

    \b
    Examples:
      dashgen ci github > .github/workflows/dashgen.yaml
      dashgen ci github --lock requirements/monitoring.lock
      dashgen ci github --install 'make venv && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'
      dashgen ci github --fail-on none       report only
    """
    from dashgen.cli import report
    from dashgen.diff.lockfiles import LockError, choose
    from dashgen.diff.workflow import WorkflowError, workflow

    if lock and install:
        raise typer.Exit(report.error("--lock and --install exclude each other", "give one of them"))
    chosen, code = None, 0
    if not install:
        try:
            chosen = choose(Path.cwd(), lock)
        except LockError as why:
            code = report.refused(why)
    try:
        text = workflow(branch, env, chosen.command if chosen else install or "true", python, fail_on.value)
    except WorkflowError as why:
        code = report.refused(why)
    if code:
        raise typer.Exit(code)
    if chosen:
        report.echo(f"the workflow installs from {chosen.path}, which must be committed", err=True)
    typer.echo(text, nl=False)
