"""`dashgen db migrate`."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.db.target import To, on_server
from dashgen.cli.options import Format, OutputFormat, Specs, Timeout

if TYPE_CHECKING:
    from dashgen.model.project import Project
    from dashgen.questdb import Client
    from dashgen.questdb.migrate import MigrationPlan

Apply = Annotated[bool, typer.Option("--apply", help="Run the statements; without it they are only printed.")]
DropRows = Annotated[bool, typer.Option("--drop-rows", help="Apply also a shorter TTL that drops rows at once.")]


def migrate(
    to: To,
    apply: Apply = False,
    drop_rows: DropRows = False,
    specs: Specs = Path("specs"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Compare the declared tables with those of a server, and bring it up to date.

    Safe are new tables, columns and views, TTLs and dedup keys. A change of type, a column that is no longer
    declared, another query of a view, and whatever would make a view invalid is refused with what to do; then
    nothing is applied. Tables that others write are compared, and never created, altered or dropped.
    Exit 1: there are differences.

    \b
    Examples:
      dashgen db migrate --to http://localhost:9000            what is different, as SQL
      dashgen db migrate --to http://localhost:9000 --apply    and run it
      DASHGEN_QUESTDB_PASSWORD=… dashgen db migrate --to http://admin@questdb:9000
    """

    def work(project: Project, client: Client) -> int:
        from dashgen.model.tables.table import table_of
        from dashgen.questdb.migrate import apply as run
        from dashgen.questdb.migrate import plan

        planned = plan(client, map(table_of, project.tables))
        blocked = bool(planned.refusals) or (planned.drops > 0 and not drop_rows)
        applied = apply and not blocked
        if applied:
            run(client, planned)
        _tell(planned, output, applied)
        if output is OutputFormat.TEXT:
            _conclude(planned, client.url, apply, drop_rows)
        return int(not planned.is_empty and not (applied and not planned.differing))

    raise typer.Exit(on_server(to, specs, load_timeout, output, "nothing was applied", work, timeout=600))


def _tell(planned: MigrationPlan, output: OutputFormat, applied: bool) -> None:
    if output is OutputFormat.JSON:
        steps = [{"sql": s.sql, "reason": s.reason, "caution": s.caution, "drops": s.drops} for s in planned.steps]
        refusals = [{"path": r.path, "message": r.message, "hint": r.hint} for r in planned.refusals]
        differing = [{"path": r.path, "message": r.message, "hint": r.hint} for r in planned.differing]
        told = {"applied": applied, "steps": steps, "refusals": refusals, "deployed": planned.deployed}
        told |= {"left": planned.left, "differing": differing}
        report.echo_json(told)
        return
    for step in planned.steps:
        caution = f"; {step.caution}" if step.caution else ""
        report.echo(f"-- {step.reason}{caution}")
        typer.echo(f"{step.sql.rstrip().removesuffix(';')};\n")
    for refusal in planned.refusals:
        report.echo(f"error: {refusal.path}: {refusal.message}\n  {refusal.hint}", err=True)
    for difference in planned.differing:
        report.echo(f"warning: {difference.path}: {difference.message}\n  {difference.hint}", err=True)
    if planned.left:
        report.echo(f"not changed, as others write them: {', '.join(planned.left)}", err=True)
    if planned.deployed:
        report.echo("the server has:\n" + textwrap.indent("\n".join(planned.deployed), "  "), err=True)


def _conclude(planned: MigrationPlan, url: str, apply: bool, drop_rows: bool) -> None:
    """One line of what came of it, to stderr."""
    from dashgen.model.core.counts import counted

    count, refused = len(planned.steps), len(planned.refusals)
    statements = counted(count, "statement")
    if planned.differing and not planned.steps and not refused:
        said = "nothing to run; tables that others write are not as declared"
    elif planned.is_empty:
        said = f"{url} has what is declared"
    elif refused:
        said = f"{counted(refused, 'difference needs', 'differences need')} a change by hand; nothing was applied"
    elif planned.drops and not drop_rows:
        said = (
            f"{statements} would drop {counted(planned.drops, 'row')}; nothing was applied: add --drop-rows to allow it"
        )
    elif apply:
        rest = "tables that others write are not as declared" if planned.differing else f"{url} has what is declared"
        said = f"applied {statements}; {rest}"
    else:
        said = f"{statements} to run; nothing was applied: add --apply"
    report.echo(said, err=True)
