"""`dashgen deploy …`: how a rendered tree comes to a Grafana."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import Format, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
    from dashgen.deploy.compose import ComposeProject as Services
    from dashgen.deploy.finding import DeployFinding
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project

app = typer.Typer(
    name="deploy",
    help="""Compare what runs Grafana with the rendered tree.

    \b
    Example:
      dashgen deploy check --env prod --compose compose.yaml
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
OUTCOME = "nothing was checked"


@app.callback()
def root() -> None:
    """Compare what runs Grafana with the rendered tree."""


Files = Annotated[
    list[Path],
    typer.Option(
        "--compose", metavar="FILE", help="A Compose file; - is stdin. Repeatable: later files override earlier ones."
    ),
]
Env = Annotated[str, typer.Option("--env", metavar="NAME", help="The environment whose tree is deployed.")]
ServiceName = Annotated[
    str | None, typer.Option("--service", metavar="NAME", help="The Grafana service; default: found by its image.")
]
Elsewhere = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="HOST=DIR", help="Where a path of the deployment host is on this machine (repeatable)."
    ),
]
Directory = Annotated[
    Path | None,
    typer.Option(
        "--project-directory", metavar="DIR", help="Base of relative paths; default: the folder of the first file."
    ),
]


@app.command()
def check(
    env: Env,
    compose: Files,
    service: ServiceName = None,
    elsewhere: Elsewhere = None,
    directory: Directory = None,
    specs: Specs = Path("specs"),
    out: Out = Path("build"),
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Hold a Compose file against a rendered tree: paths, mounts, variables, plugins, versions, logins.

    Mounts are followed to the files on this machine, which must be those of the tree. Values of variables are judged
    and never shown. What `extends` and `include` say is not read: give what `docker compose config` prints.

    \b
    Examples:
      dashgen deploy check --env prod --compose deploy/compose.yaml
      dashgen deploy check --env prod --compose compose.yaml --compose compose.override.yaml
      dashgen deploy check --env prod --compose compose.yaml --map /srv/grafana/prod=../grafana/prod
      docker compose config | dashgen deploy check --env prod --compose -

    Exit code: 0 fine; 1 something is wrong; 2 a file or the specs can't be read.
    """

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        if findings:
            return report.fail(tuple(findings), root, output, 2, OUTCOME)
        return _check(project, env, compose, service, elsewhere or (), directory, out, output)

    raise typer.Exit(on_project(specs, load_timeout, output, OUTCOME, work))


def _check(
    project: Project, env: str, compose: Sequence[Path], service: str | None, elsewhere: Sequence[str],
    directory: Path | None, out: Path, output: OutputFormat,
) -> int:  # fmt: skip
    from dashgen.deploy.check import check as run
    from dashgen.deploy.deployment import Deployment, grafana_service
    from dashgen.deploy.rendered_tree import rendered

    environments, code = chosen(project, [env])
    if code:
        return code
    mapped: dict[str, Path] = {}
    for one in elsewhere:
        host, equals, here = one.partition("=")
        if not equals or not host.startswith("/") or not here:
            return report.error(f"--map: expected HOST=DIR, such as /srv/grafana=../grafana, got {one!r}", OUTCOME)
        mapped[host] = Path(here)
    services = _services(compose, directory)
    tree = rendered(out / environments[0].name, environments[0].name)
    grafana = grafana_service(services, service)
    found = run(Deployment(tree, environments[0], services, grafana, mapped))
    _tell(found, env, grafana.name, output)
    if override := _override(compose):
        said = f"`docker compose` takes {override} too, unless -f says which: --compose {override}"
        report.echo(f"note: {said}", err=True)
    return int(any(one.severity == "error" for one in found))


def _services(compose: Sequence[Path], directory: Path | None) -> Services:
    from dashgen.deploy.compose import ComposeError, ComposeFile, read, source

    sources = []
    for path in compose:
        if str(path) != "-":
            sources.append(source(path))
            continue
        try:
            sources.append(ComposeFile("stdin", sys.stdin.read()))
        except UnicodeDecodeError:
            raise ComposeError("stdin is not UTF-8", "give a Compose file") from None
    first = Path.cwd() if str(compose[0]) == "-" else compose[0].resolve().parent
    return read(sources, (directory or first).resolve())


def _override(compose: Sequence[Path]) -> Path | None:
    """The file that Compose would take by itself beside the only one that was given."""
    if len(compose) != 1 or compose[0].stem not in ("compose", "docker-compose"):
        return None
    beside = (compose[0].with_name(f"{compose[0].stem}.override{suffix}") for suffix in (".yaml", ".yml"))
    return next((path for path in beside if path.is_file()), None)


def _tell(found: Sequence[DeployFinding], env: str, service: str, output: OutputFormat) -> None:
    from dashgen.model.core.counts import counted

    errors = sum(one.severity == "error" for one in found)
    if output is OutputFormat.JSON:
        rows = [
            {
                "code": one.code,
                "severity": one.severity,
                "file": one.place.file,
                "line": one.place.line,
                "column": one.place.column,
                "subject": one.subject,
                "message": one.message,
                "hint": one.hint or None,
            }
            for one in found
        ]
        report.echo_json({"environment": env, "service": service, "findings": rows})
        return
    for one in found:
        report.echo(f"{one.severity}[{one.code}] {one.place}: {one.subject}: {one.message}")
        if one.hint:
            report.echo(f"  {one.hint}")
    notes = len(found) - errors
    more = f", {counted(notes, 'note')}" if notes else ""
    report.echo(f"{env}: service {service}: {f'{errors} to fix' if errors else 'nothing to fix'}{more}")
