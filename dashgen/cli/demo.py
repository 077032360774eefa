"""`dashgen demo`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.db import seeding, serving
from dashgen.cli.options import Format, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from dashgen.deploy.local import RunningGrafana
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project
    from dashgen.questdb import EmbeddedQuestDB

GrafanaPort = Annotated[int, typer.Option("--grafana-port", help="Port of Grafana.", min=1, max=65535)]
Wait = Annotated[float, typer.Option("--wait", help="Seconds to wait for Grafana's start.", min=1)]
OUTCOME = "no server was started"


def demo(
    context: typer.Context,
    env: seeding.Env = None,
    days: seeding.Days = 1,
    port: serving.Port = 9000,
    pg_port: serving.PgPort = None,
    grafana_port: GrafanaPort = 3000,
    wait: Wait = 300.0,
    specs: Specs = Path("specs"),
    out: Out = Path("build"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Show the dashboards in a Grafana on this machine, over demo data, until Ctrl-C.

    Builds the tree of the environment whose datasource is on this machine, fills an embedded QuestDB with demo data and
    starts a Grafana on both: an installed one (`grafana` or `grafana-server` on the PATH), else its image by Docker.
    Everything listens on this machine only, and stops together. Contact points send nowhere.

    \b
    Examples:
      dashgen demo
      dashgen demo --env local --days 3 --hosts 5
      dashgen demo --grafana-port 3001 --port 0

    Exit code: 0 stopped by Ctrl-C; 1 the tree has problems; 2 something is missing, or stopped unexpectedly.
    """
    span = seeding.span(days, None)
    watcher = os.getpid()

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        from dashgen.deploy.local import RunningGrafana, Setting, datasource_here, find, login
        from dashgen.deploy.variables import needed

        given, code = seeding.parameters(project, context.args)
        of, wrong = seeding.environment(project, env)
        if code or wrong:
            return code or wrong
        if not project.demos:
            return report.error(*seeding.NO_DEMOS)
        datasource = datasource_here(of)
        if datasource is None:
            hint = "an environment for it: datasources={…: QuestDB(plugin='postgres', host='localhost')}"
            return report.error(f"environment {of.name!r} has no datasource on this machine", hint)
        wire = serving.wire_port(pg_port, datasource)
        if wire != datasource.port:
            return report.error(
                f"--pg-port {wire}: the datasource of {of.name!r} expects port {datasource.port}", "leave it out"
            )
        grafana = find()
        if code := _build(project, findings, root, of, out, output):
            return code
        tree = (out / of.name).resolve()
        grafana.check(of, tree)
        its = login(datasource)
        running: list[RunningGrafana] = []

        def prepare(db: EmbeddedQuestDB, stack: ExitStack) -> int:
            if code := serving.deploy(project, db):
                return code
            serving.fill(project, db, given, of.env, span)
            state = db.folder.resolve() / "grafana"
            setting = Setting(of, tree, state, its, needed(project, of), grafana_port)
            report.echo(f"starting {grafana.name}…", err=True)
            running.append(stack.enter_context(RunningGrafana(grafana, setting, timeout=wait)))
            _announce(db, setting.url, running[0].pid, output)
            return 0

        def ended() -> str:
            return f"Grafana stopped unexpectedly:\n{running[0].end_of_log()}" if running[0].has_ended() else ""

        ports = {"--port": port, "--pg-port": wire, "--grafana-port": grafana_port}
        return serving.serve(None, ports, its, prepare, watcher=watcher, ended=ended)

    raise typer.Exit(on_project(specs, load_timeout, output, OUTCOME, work))


def _build(
    project: Project, findings: Sequence[Problem], root: Path, environment: Environment, out: Path, output: OutputFormat
) -> int:
    """Renders the tree; an exit code where it has problems or can't be written, which was reported."""
    from dashgen.pipeline import prepare, write
    from dashgen.tree.errors import TreeError

    prepared = prepare(project, environment, out / environment.name)
    if problems := (*findings, *prepared.problems, *prepared.blocked):
        return report.fail(problems, root, output, 2 if prepared.blocked else 1, OUTCOME)
    try:
        write(prepared)
    except TreeError as error:
        return report.fail(error.problems, root, output, 2, OUTCOME)
    except OSError as error:
        return report.error(f"{out} can't be written: {error.strerror or error}", OUTCOME)
    return 0


def _announce(db: EmbeddedQuestDB, url: str, pid: int, output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        report.echo_json({"grafana": url, "console": db.http_url, "pids": [db.pid, pid]}, indent=None)
        return
    report.echo(f"Grafana  {url}")
    report.echo(f"console  {db.http_url}")
    report.echo("Ctrl-C stops both", err=True)
