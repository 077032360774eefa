"""`dashgen ci`."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from dashgen.cli.diff import FailOn

app = typer.Typer(
    name="ci",
    help="What continuous integration needs.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root() -> None:
    """What continuous integration needs."""


class Gate(enum.StrEnum):
    """`diff --fail-on`, or no gate."""

    NONE = "none"
    COSMETIC = FailOn.COSMETIC
    DISPLAY = FailOn.DISPLAY
    MEANING = FailOn.MEANING
    ALERTING = FailOn.ALERTING
    DATA = FailOn.DATA
    BREAKING = FailOn.BREAKING


@app.command()
def github(
    branch: Annotated[str, typer.Option("--branch", help="The default branch.", metavar="NAME")] = "main",
    env: Annotated[
        str, typer.Option("--env", help="The environment whose tree is committed.", metavar="NAME")
    ] = "prod",
    install: Annotated[
        str, typer.Option("--install", help="How dashgen and what the specs need is installed.", metavar="COMMAND")
    ] = "python -m pip install 'dashgen[questdb]'",
    python: Annotated[str, typer.Option("--python", help="Python's version.", metavar="VERSION")] = "3.12",
    fail_on: Annotated[
        Gate, typer.Option("--fail-on", help="Fail a pull request with a change of this class or a worse one.")
    ] = Gate.BREAKING,
) -> None:
    """Print a workflow for GitHub Actions: build, check, test, and the diff as one comment of a pull request.

    \b
    Examples:
      dashgen ci github > .github/workflows/dashgen.yaml
      dashgen ci github --install 'make .venv/.dev && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'
      dashgen ci github --fail-on none       report only
    """
    from dashgen.review.workflow import WorkflowError, workflow

    try:
        text = workflow(branch, env, install, python, fail_on.value)
    except WorkflowError as error:
        from dashgen.cli import report

        raise typer.Exit(report.error(str(error), error.hint)) from None
    typer.echo(text, nl=False)
