"""`dashgen new`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report

if TYPE_CHECKING:
    from dashgen.adopt.table_source import StatementFile, TableSource
    from dashgen.starter.project import NewProject


def new(
    name: Annotated[Path, typer.Argument(help="The folder, which is made.", metavar="NAME", show_default=False)],
    tables_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="The tables of a QuestDB, which is only read, or of a file of CREATE TABLE statements."
            " Login: DASHGEN_QUESTDB_USER and DASHGEN_QUESTDB_PASSWORD.",
            metavar="URL|FILE",
        ),
    ] = None,
    table: Annotated[
        str, typer.Option("--table", help="The table that the first dashboard is about.", metavar="NAME")
    ] = "",
    wheel: Annotated[
        Path | None,
        typer.Option(
            "--dashgen",
            help="The wheel that the project installs dashgen from. Default: the one of this installation.",
            metavar="FILE.whl",
        ),
    ] = None,
) -> None:
    """Begin a project that works at once: a table, a dashboard, an alert with its test, demo data.

    With them come a Makefile, a lock file with hashes, a workflow for GitHub, a pre-commit configuration and a README.
    `make dashboards` and `make test` pass as it is. A folder that is not empty is left alone.

    \b
    Examples:
      dashgen new monitoring
      dashgen new monitoring --from http://localhost:9000 --table trades
      dashgen new monitoring --from schema.sql
      dashgen new monitoring --dashgen dist/dashgen_grafana-0.1.0-py3-none-any.whl
    """
    from dashgen.model.core.problems import DashgenError
    from dashgen.starter.project import begin, check_place
    from dashgen.starter.wheel import wheel as found

    try:
        check_place(name)
        made = begin(name, found(wheel), _sources(tables_from), table)
    except DashgenError as why:
        problems = why.problems
        if len(problems) > 1 or any(problem.source for problem in problems):
            from dashgen.cli.options import OutputFormat

            raise typer.Exit(report.fail(problems, Path.cwd(), OutputFormat.TEXT, 2, "nothing was written")) from None
        raise typer.Exit(report.refused(why)) from None
    _tell(made)


def _sources(given: str | None) -> tuple[TableSource | StatementFile, ...]:
    """What `--from` names. Raises DashgenError."""
    if given is None:
        return ()
    from dashgen.adopt.sources import read
    from dashgen.adopt.table_source import StatementFile, live

    if "://" in given:
        user, password = (os.environ.get(f"DASHGEN_QUESTDB_{name}") for name in ("USER", "PASSWORD"))
        tables, left = live(given, user=user, password=password)
        for one in left:
            report.echo(f"skipped {one.name}: {one.reason}", err=True)
        return tables
    found = read([Path(given)])
    if found.unreadable:
        raise found.unreadable[0]
    files = tuple(one for one in found.sources if isinstance(one, StatementFile))
    if not files:
        from dashgen.model.core.problems import UsageError

        raise UsageError(f"{given}: has no tables", "dashgen new NAME, then dashgen import for dashboards")
    return files


def _tell(made: NewProject) -> None:
    shown = made.folder.as_posix()
    count = f"{len(made.tables)} table{'' if len(made.tables) == 1 else 's'}"
    report.echo(f"{shown}: {count}; a dashboard, an alert and demo data of {made.table}")
    for path in made.files:
        if not path.startswith(("build/", "docs/")):
            report.echo(f"  + {path}")
    report.echo("  + build/prod, docs/tables.md, as specs/ renders them")
    report.echo(
        f"next: cd {shown} && git init && make test\n"
        "next: make preview shows the dashboard with demo data; change specs/, then make dashboards\n"
        "next: dashgen add dashboard NAME, dashgen import exported.json: more of it"
    )
