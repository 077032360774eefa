"""Demo data from the command line: the parameters of the project's formulas, and a bar on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.specs import chosen

if TYPE_CHECKING:
    from dashgen.model.environment import Environment
    from dashgen.model.project import Project
    from dashgen.questdb import Client

Days = Annotated[float, typer.Option("--days", help="Days of rows.", min=0.001, max=3660, metavar="N")]
Until = Annotated[
    str | None, typer.Option("--until", metavar="MOMENT", help="End of the rows: 2026-01-31T12:00 (UTC); default: now.")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the random values.", min=0, max=10**6, metavar="N")]
Env = Annotated[
    str | None,
    typer.Option(
        "--env", metavar="NAME", help="Environment of the rows; default: the one whose datasource is on this machine."
    ),
]
NO_DEMOS = ("PROJECT has no demo data", "list it in Project(demos=…)")


def parameters(project: Project, arguments: Sequence[str]) -> tuple[Mapping[str, int], int]:
    """`--hosts 5` for any of the project's demo parameters; and 2 where one is unknown or no number, which was then
    reported."""
    from dashgen.model.core.suggestions import listed

    known = dict(project.demo_parameters)
    offered = [f"--{name} ({value})" for name, value in sorted(known.items())]
    words = [part for argument in arguments for part in _split(argument)]
    for name, value in zip(words[::2], (*words[1::2], ""), strict=False):
        key = name.removeprefix("--")
        hint = f"the specs' demo parameters: {listed(offered, name)}"
        if not name.startswith("--") or key not in known:
            return {}, report.error(f"no such option: {name}", hint)
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:8]) <= 10**6:
            return {}, report.error(f"--{key}: expected a number from 1 to 1000000, got {value!r}", hint)
        known[key] = int(value)
    return known, 0


def _split(argument: str) -> tuple[str, ...]:
    name, equals, value = argument.partition("=")
    return (name, value) if equals and name.startswith("--") else (argument,)


def environment(project: Project, name: str | None) -> tuple[Environment, int]:
    """The environment that rows are made for: that of the name, else the first whose datasource is on this machine,
    else the first of all; and 2 where there is no such one, which was then reported."""
    from dashgen.deploy.local import environment_here

    named, code = chosen(project, [name] if name else None)
    if name and named:
        return named[0], 0
    return environment_here(project) or project.environments[0], code


def span(days: float, until: str | None) -> tuple[datetime, datetime]:
    """From when to when. Exits with 2 for an end that is no moment, or not past."""
    now = datetime.now(UTC)
    try:
        end = datetime.fromisoformat(until) if until else now
    except ValueError:
        message = f"--until: expected a moment such as 2026-01-31T12:00, got {until!r}"
        raise typer.Exit(report.error(message, "")) from None
    end = end if end.tzinfo else end.replace(tzinfo=UTC)
    if end > now:
        raise typer.Exit(
            report.error(
                f"--until: expected a moment that is past, got {until!r}", "rows in the future are not written"
            )
        )
    return end - timedelta(days=days), end


def fill(
    project: Project, client: Client, given: Mapping[str, int], *, env: str, start: datetime, end: datetime, seed: int
) -> tuple[int, float]:
    """Rows written and seconds taken."""
    from dashgen.questdb.demo import seed_tables

    began = time.perf_counter()
    if not sys.stderr.isatty():
        rows = seed_tables(client, project.demos, given, env=env, start=start, end=end, seed=seed)
        return rows, time.perf_counter() - began
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=None)
        rows = seed_tables(
            client, project.demos, given, env=env, start=start, end=end, seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    return rows, time.perf_counter() - began
