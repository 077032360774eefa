"""The command line: one module a verb, each a thin function. Heavy modules are imported where they are used.

stdout carries the one document asked for; progress and diagnostics go to stderr. Exit 0: fine; 1: findings or
differences; 2: wrong use, or specs that can't be loaded.
"""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from dashgen.cli import (
    build,
    check,
    ci,
    db,
    ddl,
    demo,
    deploy,
    diff,
    docs,
    import_,
    preflight,
    preview,
    publish,
    report,
    routes,
    test,
    version,
)

app = typer.Typer(
    name="dashgen",
    cls=report.Commands,
    help="""Dashboards as code for Grafana over QuestDB: declarations in Python, validated provisioning files out.

    \b
    Examples:
      dashgen build              render the package specs/ into build/<environment>/
      dashgen check              prove every query on a real QuestDB
      dashgen build --help       what a command takes, with examples
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(build.build)
app.command()(check.check)
app.command("import")(import_.import_dashboards)
app.command()(ddl.ddl)
app.command()(docs.docs)
app.add_typer(db.app)
app.command(context_settings=db.EXTRA)(demo.demo)
app.add_typer(deploy.app)
app.command()(preflight.preflight)
app.command()(preview.preview)
app.command()(routes.routes)
app.command("test")(test.run_tests)
app.command()(diff.diff)
app.command()(publish.publish)
app.add_typer(ci.app)
app.command()(version.version)


Version = Annotated[
    bool,
    typer.Option("--version", "-V", help="Print the version and exit.", callback=version.tell, is_eager=True),
]


@app.callback()
def root(asked: Version = False) -> None:
    """Dashboards as code for Grafana over QuestDB."""


def main() -> None:
    """The entry point of the command `dashgen`."""
    # A shell without job control starts `dashgen … &` with SIGINT ignored (POSIX, XCU 2.11), and Python installs its
    # handler only where it is not; `kill -INT` must end it like any other, and with it the server that it started.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.flags.optimize >= 2:  # descriptions of tables are docstrings: a tree would silently come out without them
        from dashgen.cli import report

        hint = "run it without -OO, and unset PYTHONOPTIMIZE or set it to 1"
        raise SystemExit(report.error("Python was told to drop docstrings, which describe tables and commands", hint))
    app(prog_name="dashgen")
