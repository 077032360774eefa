"""Running a QuestDB for a person to look at: its ports, tables and demo data, until a signal or its own end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.db import seeding

if TYPE_CHECKING:
    from dashgen.deploy.local import Login
    from dashgen.model.environment import QuestDB as Datasource
    from dashgen.model.project import Project
    from dashgen.questdb import EmbeddedQuestDB

PG_PORT = 8812
Port = Annotated[
    int, typer.Option("--port", help="Port of HTTP and the web console; 0 takes any free one.", min=0, max=65535)
]
PgPort = Annotated[
    int | None,
    typer.Option(
        "--pg-port",
        help="Port of the PG wire; 0 takes any free one. Default: the datasource's, else 8812.",
        min=0,
        max=65535,
    ),
]
Prepare = Callable[["EmbeddedQuestDB", ExitStack], int]
"""What is done with a server that answers, before its end is waited for; what is put on the stack ends before it. An
exit code but 0 ends it at once."""
Ended = Callable[[], str]
"""What else has ended, which ends the server too; empty where all runs."""


def wire_port(given: int | None, datasource: Datasource | None) -> int:
    if given is not None:
        return given
    return datasource.port if datasource else PG_PORT


def serve(
    data: Path | None,
    ports: Mapping[str, int],
    its: Login | None,
    prepare: Prepare,
    *,
    watcher: int | None,
    ended: Ended = lambda: "",
) -> int:
    """Until a signal, the server's own end, or that of the process that watches this one. `ports` are by the options
    that choose them: of HTTP first, then of the PG wire, then those that others need."""
    from dashgen.deploy.local import GrafanaError
    from dashgen.questdb import EmbeddedQuestDB, QuestDBError

    for option, port in ports.items():
        if not _is_free(port):
            way = (
                f"{option} 0 takes any free one"
                if option == "--port"
                else f"stop the program that uses it, or choose another: {option}"
            )
            return report.error(f"port {port} of 127.0.0.1 is taken", way)
    if hasattr(signal, "SIGHUP"):  # a closed terminal
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(0))
    http_port, pg_port, *_ = ports.values()
    user, password = (its.user, its.password) if its and its.is_reader else ("readonly", "")
    try:
        with (
            EmbeddedQuestDB(data, http_port=http_port, pg_port=pg_port, reader=user, reader_password=password) as db,
            ExitStack() as stack,
        ):
            if code := prepare(db, stack):
                return code
            while not db.ended(0.5):
                if watcher is not None and os.getppid() != watcher:
                    return 0
                if why := ended():
                    return report.error(why, "QuestDB was stopped too")
            return report.error("the server stopped unexpectedly", f"see {db.folder / 'dashgen.log'}")
    except (KeyboardInterrupt, SystemExit):
        report.echo("stopped", err=True)
        return 0
    except QuestDBError as error:
        return report.error(str(error), "no server is running")
    except GrafanaError as error:
        return report.error(str(error), error.hint or "no server is running")
    except OSError as error:
        return report.error(f"can't keep data in {data or 'a temporary folder'}: {error}", "no server is running")


def deploy(project: Project, db: EmbeddedQuestDB) -> int:
    """Creates what is missing; 1 where the data folder has other tables, which was reported."""
    from dashgen.model.tables.table import table_of
    from dashgen.questdb.migrate import apply, plan
    from dashgen.render.ddl import create_statements

    for table in map(table_of, project.tables):
        for statement in create_statements(table) if table.written_by_others else ():
            db.execute(statement)  # nobody else does it here
    planned = plan(db.client, map(table_of, project.tables))
    for refusal in (*planned.refusals, *planned.differing):
        report.echo(f"error: {refusal.path}: {refusal.message}\n  {refusal.hint}", err=True)
    if planned.refusals or planned.differing or planned.drops:
        report.echo(
            "the data folder has other tables than the declared ones; --bare starts it without creating any", err=True
        )
        return 1
    apply(db.client, planned)
    return 0


def fill(
    project: Project, db: EmbeddedQuestDB, given: Mapping[str, int], env: str, span: tuple[datetime, datetime]
) -> None:
    """Demo data of that `env`, and how many rows of them there are."""
    from dashgen.model.core.counts import counted

    rows, seconds = seeding.fill(project, db.client, given, env=env, start=span[0], end=span[1], seed=1)
    report.echo(f"{counted(rows, 'row')} of demo data of env {env!r} in {seconds:.1f} s", err=True)


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
