"""`dashgen ddl`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli.options import Format, OutputFormat, Specs, Timeout
from dashgen.cli.specs import declared, on_project

if TYPE_CHECKING:
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project

Names = Annotated[
    list[str] | None, typer.Option("--table", help="Only this table and its views (repeatable).", metavar="NAME")
]


def ddl(
    specs: Specs = Path("specs"), table: Names = None, output: Format = OutputFormat.TEXT, load_timeout: Timeout = 30.0
) -> None:
    """Print the SQL that creates the declared tables and their materialized views.

    A tree has the same in questdb/: `dashgen build`. A server that has tables already: `dashgen db migrate`.
    Of tables that others write, the SQL is printed only where --table names them.

    \b
    Examples:
      dashgen ddl                          all tables, then their views
      dashgen ddl --table daemon_metrics   one of them
      dashgen ddl --format json            the same as data, with units, bounds and rules
    """

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        from dashgen.render import ddl as render
        from dashgen.render.serialise import json_bytes

        tables, code = declared(project, table)
        if code:
            return code
        if output is OutputFormat.JSON:
            typer.echo(json_bytes(render.schema_document(tables)), nl=False)
        else:
            shown = [t for t in tables if table or not t.written_by_others]
            views = [render.create_view(view) for found in shown for view in found.views]
            left = [render.left_to_others(t) for t in tables if t not in shown]
            typer.echo("\n".join((*left, *map(render.create_table, shown), *views)), nl=False)
        return 0

    raise typer.Exit(on_project(specs, load_timeout, output, "nothing was printed", work))
