"""`dashgen db up`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.db import seeding
from dashgen.cli.options import Format, OutputFormat, Specs, Timeout
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from dashgen.model.problems import Problem
    from dashgen.model.project import Project
    from dashgen.questdb import QuestDB

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Keep the data there; else they go with the server.")
]
Port = Annotated[int, typer.Option("--port", help="Of HTTP and the console; 0 is any free one.", min=0, max=65535)]
PgPort = Annotated[int, typer.Option("--pg-port", help="Of the PG wire; 0 is any free one.", min=0, max=65535)]
Bare = Annotated[bool, typer.Option("--bare", help="No tables; reads no specs.")]
Fill = Annotated[bool, typer.Option("--seed", help="Fill the tables with demo data; see dashgen db seed.")]


def up(
    context: typer.Context,
    fill: Fill = False,
    days: seeding.Days = 3,
    until: seeding.Until = None,
    data: Data = None,
    port: Port = 9000,
    pg_port: PgPort = 8812,
    bare: Bare = False,
    specs: Specs = Path("specs"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Run a QuestDB with the declared tables until Ctrl-C, and say where its console is.

    It listens on this machine only, and needs neither Docker nor a system Java, but dashgen's extra `questdb`.

    \b
    Examples:
      dashgen db up                          empty tables
      dashgen db up --seed --days 3 --hosts 5
      dashgen db up --data ./questdb         the data stay in ./questdb
      dashgen db up --bare --port 0 --pg-port 0
    """
    start, end = seeding.span(days, until)
    if bare and fill:
        raise typer.Exit(report.error("--seed needs the tables that --bare leaves out", ""))
    if bare and context.args:
        raise typer.Exit(report.error(f"no such option: {context.args[0]}", ""))
    for number, option in ((port, "--port"), (pg_port, "--pg-port")):
        if not _is_free(number):
            raise typer.Exit(report.error(f"port {number} of 127.0.0.1 is taken", f"{option} 0 takes any free one"))
    watcher = os.getpid()

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        given, code = seeding.parameters(project, context.args)
        if code:
            return code
        if fill and not project.demos:
            return report.error(*seeding.NO_DEMOS)

        def prepare(db: QuestDB) -> int:
            code = _deploy(project, db)
            if code == 0 and fill:
                rows, seconds = seeding.fill(project, db.client, given, start=start, end=end, seed=1)
                typer.echo(f"{rows:,} rows of demo data in {seconds:.1f} s", err=True)
            return code

        return _run(data, port, pg_port, output, prepare, watcher)

    if bare:
        raise typer.Exit(_run(data, port, pg_port, output, lambda db: 0, None))
    raise typer.Exit(on_project(specs, load_timeout, output, "no server was started", work))


def _deploy(project: Project, db: QuestDB) -> int:
    """Creates what is missing; 1 where the data folder has other tables, which was reported."""
    from dashgen.model.table import table_of
    from dashgen.questdb.migrate import apply, plan

    planned = plan(db.client, map(table_of, project.tables))
    for refusal in planned.refusals:
        typer.echo(f"error: {refusal.path}: {refusal.message}\n  {refusal.hint}", err=True)
    if planned.refusals or planned.drops:
        typer.echo("the data folder has other tables than are declared; --bare starts it as it is", err=True)
        return 1
    apply(db.client, planned)
    return 0


def _run(
    data: Path | None,
    port: int,
    pg_port: int,
    output: OutputFormat,
    prepare: Callable[[QuestDB], int],
    watcher: int | None,
) -> int:
    """Until a signal, the server's own end, or that of the process that watches this one."""
    from dashgen.questdb import QuestDB, QuestDBError

    if hasattr(signal, "SIGHUP"):  # a closed terminal
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(0))
    try:
        with QuestDB(data, http_port=port, pg_port=pg_port) as db:
            if code := prepare(db):
                return code
            _announce(db, data, output)
            while not db.ended(0.5):
                if watcher is not None and os.getppid() != watcher:
                    return 0
            return report.error("the server ended by itself", f"see {db.folder / 'dashgen.log'}")
    except (KeyboardInterrupt, SystemExit):
        typer.echo("stopped", err=True)
        return 0
    except QuestDBError as error:
        return report.error(str(error), "no server is running")
    except OSError as error:
        return report.error(f"can't keep data in {data}: {error}", "no server is running")


def _announce(db: QuestDB, data: Path | None, output: OutputFormat) -> None:
    host, _, pg_port = db.pg_address.rpartition(":")
    if output is OutputFormat.JSON:
        import json

        typer.echo(json.dumps({"console": db.http_url, "pg": {"host": host, "port": int(pg_port)}, "pid": db.pid}))
        return
    typer.echo(f"console  {db.http_url}")
    typer.echo(f"PG wire  {db.pg_address}, user admin with QuestDB's default password")
    typer.echo(f"data     {db.folder}{'' if data else ', deleted at the end'}")
    typer.echo("Ctrl-C stops it", err=True)


def _is_free(port: int) -> bool:
    if port == 0:
        return True
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
