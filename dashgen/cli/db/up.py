"""`dashgen db up`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashgen.cli import report
from dashgen.cli.db import seeding, serving
from dashgen.cli.options import Format, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from dashgen.deploy.local import Container, InstalledGrafana, Setting
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project
    from dashgen.questdb import EmbeddedQuestDB

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Keep the data in this folder; default: they are deleted with the server."
    ),
]
Bare = Annotated[bool, typer.Option("--bare", help="Create no tables, and read no specs.")]
Fill = Annotated[bool, typer.Option("--seed", help="Fill the tables with demo data; see dashgen db seed.")]


def up(
    context: typer.Context,
    fill: Fill = False,
    days: seeding.Days = 3,
    until: seeding.Until = None,
    data: Data = None,
    port: serving.Port = 9000,
    pg_port: serving.PgPort = None,
    bare: Bare = False,
    env: seeding.Env = None,
    specs: Specs = Path("specs"),
    out: Out = Path("build"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Run a QuestDB with the declared tables until Ctrl-C, and say where its console is.

    It listens on this machine only, and needs neither Docker nor a system Java, but dashgen's extra `questdb`.
    Its read-only login is the one that the datasource of the environment expects (--env; else the first one whose
    datasource is on this machine), and the commands are shown that start a Grafana on that environment's tree:
    `dashgen demo` runs them.

    \b
    Examples:
      dashgen db up                          empty tables
      dashgen db up --seed --days 3 --hosts 5
      dashgen db up --seed --env local       rows and login of that environment
      dashgen db up --data ./questdb         the data stay in ./questdb
      dashgen db up --bare --port 0 --pg-port 0
    """
    span = seeding.span(days, until)
    if bare and fill:
        raise typer.Exit(report.error("--seed needs the tables that --bare leaves out", ""))
    if bare and context.args:
        raise typer.Exit(report.error(f"no such option: {context.args[0]}", ""))
    watcher = os.getpid()

    def ports(wire: int) -> dict[str, int]:
        return {"--port": port, "--pg-port": wire}

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        from dashgen.deploy.local import Setting, datasource_here, guess, login
        from dashgen.deploy.variables import needed

        given, code = seeding.parameters(project, context.args)
        of, wrong = seeding.environment(project, env)
        if code or wrong:
            return code or wrong
        if fill and not project.demos:
            return report.error(*seeding.NO_DEMOS)
        datasource = datasource_here(of)
        its = login(datasource) if datasource else None

        def prepare(db: EmbeddedQuestDB, stack: ExitStack) -> int:
            if code := serving.deploy(project, db):
                return code
            if fill:
                serving.fill(project, db, given, of.env, span)
            if its is None:
                _announce(db, data, output)
                return 0
            tree = (out / of.name).resolve()
            setting = Setting(of, tree, db.folder.resolve() / "grafana", its, needed(project, of))
            _announce(db, data, output, _Start(setting, guess(), stack, specs, out))
            return 0

        return serving.serve(data, ports(serving.wire_port(pg_port, datasource)), its, prepare, watcher=watcher)

    def bare_server(db: EmbeddedQuestDB, stack: ExitStack) -> int:
        _announce(db, data, output)
        return 0

    if bare:
        raise typer.Exit(serving.serve(data, ports(serving.wire_port(pg_port, None)), None, bare_server, watcher=None))
    raise typer.Exit(on_project(specs, load_timeout, output, "no server was started", work))


class _Start:
    """How a Grafana is started by hand: with a file of its variables, which goes with the server."""

    def __init__(
        self, setting: Setting, grafana: InstalledGrafana | Container, stack: ExitStack, specs: Path, out: Path
    ) -> None:
        from dashgen.deploy.local import ENVIRONMENT_FILE, write_private

        self.setting = setting
        self.file = setting.state.parent / ENVIRONMENT_FILE
        write_private(self.file, grafana.text(setting))
        stack.callback(self.file.unlink, missing_ok=True)
        setting.prepare()
        given = [*(("--specs", str(specs)) if specs != Path("specs") else ())]
        given += [*(("--out", str(out)) if out != Path("build") else ())]
        build = shlex.join(["dashgen", "build", "--env", setting.environment.name, *given])
        self.lines = [build, *grafana.lines(setting, self.file)]


def _announce(db: EmbeddedQuestDB, data: Path | None, output: OutputFormat, start: _Start | None = None) -> None:
    host, _, pg_port = db.pg_address.rpartition(":")
    if output is OutputFormat.JSON:
        told: dict[str, Any] = {"console": db.http_url, "pg": {"host": host, "port": int(pg_port)}, "pid": db.pid}
        if start:
            told |= {"login": start.setting.login.user, "environmentFile": str(start.file), "start": start.lines}
        report.echo_json(told, indent=None)
        return
    report.echo(f"console  {db.http_url}")
    report.echo(f"PG wire  {db.pg_address}, user admin with QuestDB's default password")
    if start:
        its = start.setting.login
        report.echo(f"login    {its.user}, reads only; its password is {its.variable} in {start.file}")
    report.echo(f"data     {db.folder}{'' if data else ', deleted at the end'}")
    if start:
        setting = start.setting
        report.echo(f"\na Grafana on {setting.environment.name}, in another shell; then open {setting.url}")
        for line in start.lines:
            report.echo(f"  {line}")
        expected = setting.datasource_port
        if expected != int(pg_port):
            report.echo(f"note: its datasource expects the PG wire at port {expected}: --pg-port {expected}", err=True)
    report.echo("Ctrl-C stops it", err=True)
