"""The command line: one module a verb, each a thin function. Heavy modules are imported where they are used.

stdout carries the one document asked for; progress and diagnostics go to stderr. Exit 0: fine; 1: findings or
differences; 2: wrong use, or specs that can't be loaded.
"""

from __future__ import annotations

import typer

from dashgen.cli import build, check, ci, db, ddl, demo, diff, docs, preflight, publish, routes, test, version

app = typer.Typer(
    name="dashgen",
    help="Dashboards as code for Grafana over QuestDB: declarations in Python, validated provisioning files out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(build.build)
app.command()(check.check)
app.command()(ddl.ddl)
app.command()(docs.docs)
app.add_typer(db.app)
app.command(context_settings=db.EXTRA)(demo.demo)
app.command()(preflight.preflight)
app.command()(routes.routes)
app.command("test")(test.run_tests)
app.command()(diff.diff)
app.command()(publish.publish)
app.add_typer(ci.app)
app.command()(version.version)


@app.callback()
def root() -> None:
    """Dashboards as code for Grafana over QuestDB."""


def main() -> None:
    """The entry point of the command `dashgen`."""
    app(prog_name="dashgen")
