"""Which server a verb works on, and what is said when it is not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import OutputFormat
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project
    from dashgen.questdb import Client

URL, USER, PASSWORD = "DASHGEN_QUESTDB_URL", "DASHGEN_QUESTDB_USER", "DASHGEN_QUESTDB_PASSWORD"  # names
_HELP = f"The server's HTTP address, such as http://localhost:9000. Login: {USER} and {PASSWORD}."

To = Annotated[str, typer.Option("--to", envvar=URL, metavar="URL", help=_HELP)]
At = Annotated[str, typer.Option("--at", envvar=URL, metavar="URL", help=_HELP)]

Work = Callable[["Project", "Client"], int]


def on_server(
    url: str, specs: Path, load_timeout: float, output: OutputFormat, outcome: str, work: Work, *, timeout: float = 60.0
) -> int:
    """Runs `work` on the project and a client of the server; what the server or the way to it does is reported and
    gives 2. A password comes from the environment or the URL, and is shown nowhere."""
    from dashgen.questdb.address import address

    try:
        to = address(url, user=os.environ.get(USER), password=os.environ.get(PASSWORD))
    except ValueError as error:
        return report.error(str(error), f"give the server's HTTP address, or set {URL}")

    def on(project: Project, findings: Sequence[Problem], root: Path) -> int:
        from dashgen.questdb import Client, QueryError, QuestDBError

        if not project.tables:
            return report.error("PROJECT declares no tables", "list their classes in Project(tables=…)")
        try:
            return work(project, Client(to, timeout=timeout))
        except QueryError as error:
            return report.error(f"{to.url} refuses {error.sql.split('(')[0][:80].strip()!r}: {error}", outcome)
        except QuestDBError as error:
            return report.error(str(error), f"{outcome}; is {to.url} the address of a QuestDB?")

    return on_project(specs, load_timeout, output, outcome, on)
