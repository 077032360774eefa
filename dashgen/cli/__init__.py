"""The command line: one module a verb, each a thin function. Heavy modules are imported where they are used.

stdout carries the one document asked for; progress and diagnostics go to stderr. Exit 0: fine; 1: findings or
differences; 2: wrong use, or specs that can't be loaded.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from dashgen.cli import report, version
from dashgen.cli.verbs import Group, Verb

VERBS = {
    "build": Verb("build:build"),
    "check": Verb("check:check"),
    "new": Verb("new:new"),
    "add": Verb("add:app"),
    "import": Verb("import_:import_dashboards"),
    "ddl": Verb("ddl:ddl"),
    "docs": Verb("docs:docs"),
    "db": Verb("db:app"),
    "demo": Verb("demo:demo", further_options=True),
    "deploy": Verb("deploy:app"),
    "preflight": Verb("preflight:preflight"),
    "preview": Verb("preview:preview"),
    "routes": Verb("routes:routes"),
    "test": Verb("test:run_tests"),
    "diff": Verb("diff:diff"),
    "publish": Verb("publish:publish"),
    "ci": Verb("ci:app"),
    "version": Verb("version:version"),
}
"""In the order of the help: the module below dashgen.cli that a verb is in, and what it has there."""


class Commands(Group):
    """What `dashgen` runs."""

    verbs = VERBS


app = typer.Typer(
    name="dashgen",
    cls=Commands,
    help="""Dashboards as code for Grafana over QuestDB: declarations in Python, validated provisioning files out.

    \b
    Examples:
      dashgen build              render the package specs/ into build/<environment>/
      dashgen check              prove every query on a real QuestDB
      dashgen build --help       the options of a command, with examples
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Version = Annotated[
    bool,
    typer.Option("--version", "-V", help="Print the version and exit.", callback=version.tell, is_eager=True),
]


@app.callback()
def root(asked: Version = False) -> None:
    """Dashboards as code for Grafana over QuestDB."""


_LONGEST_ARGUMENT = 4_096
"""What a path may have, and more than any other argument needs."""


def main() -> None:
    """The entry point of the command `dashgen`."""
    # A shell without job control starts `dashgen … &` with SIGINT ignored (POSIX, XCU 2.11), and Python installs its
    # handler only where it is not; `kill -INT` must end it like any other, and with it the server that it started.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.flags.optimize >= 2:  # descriptions of tables are docstrings: a tree would silently come out without them
        hint = "run it without -OO, and unset PYTHONOPTIMIZE or set it to 1"
        raise SystemExit(report.error("Python was told to drop docstrings, which describe tables and commands", hint))
    try:
        Path.cwd()
    except OSError:
        hint = "go to one that is there: cd DIR; where it was made anew, cd out of it and into it again"
        raise SystemExit(report.error("the current folder is no longer there", hint)) from None
    for argument in sys.argv[1:]:
        if len(argument) > _LONGEST_ARGUMENT:
            message = f"expected arguments of up to {_LONGEST_ARGUMENT:,} characters, got one of {len(argument):,}"
            raise SystemExit(report.error(message, f"it begins with {argument[:60]}"))
    app(prog_name="dashgen")
