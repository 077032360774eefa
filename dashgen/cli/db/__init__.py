"""`dashgen db …`: what is done with a QuestDB; one module a verb."""

from __future__ import annotations

import typer

from dashgen.cli.db import migrate, retention, seed, up

app = typer.Typer(
    name="db",
    help="""Migrate a QuestDB to the declared tables, maintain it, or start one locally.

    \b
    Examples:
      dashgen db up --seed                                 start a QuestDB on this machine, with demo data
      dashgen db migrate --to http://localhost:9000        print what a server lacks
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}
app.command()(migrate.migrate)
app.command()(retention.retention)
app.command(context_settings=EXTRA)(seed.seed)
app.command(context_settings=EXTRA)(up.up)
