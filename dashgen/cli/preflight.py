"""`dashgen preflight`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import Env, Format, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
    from dashgen.grafana.needed_variables import Need
    from dashgen.model.core.problems import Problem
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project

OUTCOME = "nothing was checked"


def preflight(
    specs: Specs = Path("specs"),
    env: Env = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Grafana's environment file; default: the variables of this process."),
    ] = None,
    output: Format = OutputFormat.TEXT,
    load_timeout: Timeout = 30.0,
) -> None:
    """Check that the variables of environment.example are set and have the right form, without printing them.

    Without some of them Grafana does not start: a bot's token, a webhook's address, mail addresses. Without others it
    starts, and what uses them fails later: a datasource's password, a chat's id. A chat id must be a number, a webhook
    an address, a mail address one.

    What only Grafana knows is named: it does not start where it has a datasource of the same name with another uid, or
    of the same uid with another name.

    \b
    Examples:
      dashgen preflight --env prod                             the variables of this shell
      dashgen preflight --env prod --file /etc/grafana/env     the variables of the service

    Exit code: 0 all set; 1 a variable is missing or has the wrong form; 2 wrong use, or specs that can't be loaded.
    """

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        if findings:
            return report.fail(tuple(findings), root, output, 1, OUTCOME)
        return _preflight(project, env, file, output)

    raise typer.Exit(on_project(specs, load_timeout, output, OUTCOME, work))


def _preflight(project: Project, env: Sequence[str] | None, file: Path | None, output: OutputFormat) -> int:
    import os

    from dashgen.input_files import read_text
    from dashgen.preflight import EnvironmentFileError, variables

    environments, code = chosen(project, env)
    if code:
        return code
    values: Mapping[str, str] = os.environ
    if file is not None:
        try:
            values = variables(read_text(file))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            return report.error(f"{file} can't be read: {reason}", "give a file of NAME=value lines")
        except EnvironmentFileError as error:
            return report.error(f"{file}: {error}", "NAME=value lines and # comments, one line each")
    judged = {environment.name: _judged(project, environment, values) for environment in environments}
    _tell(judged, {e.name: _datasources(e) for e in environments}, values, output)
    return int(any(why for rows in judged.values() for _, why in rows))


def _judged(project: Project, environment: Environment, values: Mapping[str, str]) -> list[tuple[Need, str]]:
    """Each variable, and what is wrong with it."""
    from dashgen.deploy.variables import needed
    from dashgen.preflight import fault

    return [(need, fault(need, values.get(need.name))) for need in needed(project, environment)]


def _datasources(environment: Environment) -> list[tuple[str, str]]:
    """Names and uids, as Grafana gets them."""
    return [
        (environment.datasource_name(datasource), environment.uid_prefix + datasource.uid)
        for datasource in environment.datasources.values()
    ]


def _tell(
    judged: Mapping[str, list[tuple[Need, str]]], datasources: Mapping[str, list[tuple[str, str]]],
    values: Mapping[str, str], output: OutputFormat,
) -> None:  # fmt: skip
    from dashgen.model.core.counts import counted

    if output is OutputFormat.JSON:
        rows = {
            name: [
                {
                    "name": need.name,
                    "kind": need.kind,
                    "where": need.where,
                    "stops_grafana": need.stops,
                    "unset": need.unset,
                    "problem": why or None,
                }
                for need, why in found
            ]
            for name, found in judged.items()
        }
        listed = {name: [{"name": n, "uid": uid} for n, uid in found] for name, found in datasources.items()}
        report.echo_json({"environments": rows, "datasources": listed})
        return
    for environment, found in judged.items():
        for need, why in found:
            if why:
                # what it says names the place too
                used = need.unset if not values.get(need.name) else f"used by {need.where}"
                report.echo(f"{environment}: {need.name} {why}\n  {used}")
        wrong = sum(bool(why) for _, why in found)
        total = counted(len(found), "variable")
        report.echo(f"{environment}: {total}, {f'{wrong} to fix' if wrong else 'all set'}")
        for name, uid in datasources[environment]:
            report.echo(
                f"{environment}: check in Grafana, which is not contacted: the datasource"
                f" {name!r} must have the uid {uid!r},"
                " and no other datasource may have it, or Grafana does not start"
            )
