"""`dashgen db seed`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.db import seeding
from dashgen.cli.db.target import To, on_server
from dashgen.cli.options import Format, OutputFormat, Specs, Timeout

if TYPE_CHECKING:
    from dashgen.model.project import Project
    from dashgen.questdb import Client

Force = Annotated[bool, typer.Option("--force", help="Also on another machine, and where the tables have rows.")]


def seed(
    context: typer.Context,
    to: To,
    days: seeding.Days = 3,
    until: seeding.Until = None,
    seed: seeding.Seed = 1,
    env: seeding.Env = None,
    force: Force = False,
    specs: Specs = Path("specs"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Fill the declared tables with demo data: rush hours, restarts, outages, spikes, gaps, a drawdown.

    The server makes the rows itself, about a million of them a second. The same seed and range give the same
    rows, and filling twice doubles nothing. They are rows of one environment (--env).
    Every demo parameter of the specs is an option, too (--hosts 5).
    A server on another machine and tables that hold rows are refused without --force.

    \b
    Examples:
      dashgen db seed --to http://localhost:9000 --days 3 --hosts 5
      dashgen db seed --to http://localhost:9000 --days 30 --hosts 2 --symbols 50 --seed 7
      dashgen db seed --to http://localhost:9000 --days 1 --until 2026-01-31T12:00
    """
    from dashgen.model.core.counts import counted

    start, end = seeding.span(days, until)

    def work(project: Project, client: Client) -> int:
        given, code = seeding.parameters(project, context.args)
        of, wrong = seeding.environment(project, env)
        code = code or wrong or _may(project, client, force)
        if code:
            return code
        for demo in project.demos:
            if demo.table.ttl and _is_older(start, demo.table.ttl):
                report.echo(f"{demo.table.name} keeps {demo.table.ttl}: older rows are dropped at once", err=True)
        rows, seconds = seeding.fill(project, client, given, env=of.env, start=start, end=end, seed=seed)
        if output is OutputFormat.JSON:
            span = {"from": start.isoformat(), "to": end.isoformat()}
            report.echo_json({"rows": rows, "env": of.env, **span, "seed": seed})
        else:
            report.echo(
                f"{counted(rows, 'row')} of env {of.env!r} from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
            )
        report.echo(f"done in {seconds:.1f} s, {rows / max(seconds, 1e-9):,.0f} rows/s", err=True)
        return 0

    raise typer.Exit(on_server(to, specs, load_timeout, output, "nothing more was written", work, timeout=600))


def _may(project: Project, client: Client, force: bool) -> int:
    """0 where demo data may go into the server; else 2, which was reported."""
    from dashgen.questdb.migrate import plan

    if not project.demos:
        return report.error(*seeding.NO_DEMOS)
    if not client.address.is_loopback and not force:
        return report.error(
            f"{client.url} is not on this machine", "demo data look like real data; add --force to write them"
        )
    tables = [demo.table for demo in project.demos]
    if others := [table.name for table in tables if table.written_by_others]:
        return report.error(
            f"{', '.join(others)}: others write it, so {client.url} gets no demo data",
            "dashgen db up --seed and dashgen preview generate them on an embedded server",
        )
    planned = plan(client, tables)
    if not planned.is_empty:
        reasons = [*(s.reason for s in planned.steps), *(f"{r.path}: {r.message}" for r in planned.refusals)]
        return report.error(
            f"{client.url} lacks declared tables: {'; '.join(reasons[:3])}{' …' if len(reasons) > 3 else ''}",
            f"dashgen db migrate --to {client.url} --apply",
        )
    filled = [t.name for t in tables if client.query(f'SELECT count() FROM "{t.name}"').value]  # noqa: S608  # quoted
    if filled and not force:
        return report.error(
            f"{', '.join(filled)} hold rows already", "demo data would mix with them; add --force to write them"
        )
    return 0


def _is_older(start: datetime, ttl: str) -> bool:
    from dashgen.questdb.ttl import drop_moment

    moment = drop_moment(start, "DAY", ttl)
    return moment is not None and moment < datetime.now(UTC)
