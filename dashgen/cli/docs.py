"""`dashgen docs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import OutputFormat, Specs, Timeout
from dashgen.cli.specs import declared, on_project

if TYPE_CHECKING:
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project

Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead of to stdout.", metavar="FILE")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file is out of date.")]


def docs(out: Out = None, check: Check = False, specs: Specs = Path("specs"), load_timeout: Timeout = 30.0) -> None:
    """Print the data dictionary as Markdown: columns, rules and retention of the tables, and what reads them.

    \b
    Examples:
      dashgen docs                                to stdout
      dashgen docs --out docs/tables.md           into a file that is committed
      dashgen docs --out docs/tables.md --check   for CI: exit 1 if the file is out of date
    """
    if check and out is None:
        raise typer.Exit(report.error("--check needs the file to compare", "add --out FILE"))

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        from dashgen.dictionary import dictionary

        _, code = declared(project, None)
        if code:
            return code
        page = dictionary(project).encode()
        if out is None:
            typer.echo(page, nl=False)
            return 0
        try:
            if out.is_file() and out.read_bytes() == page:
                report.echo(f"{out} is up to date", err=True)
                return 0
            if check:
                report.echo(f"{out} is out of date: dashgen docs --out {out}", err=True)
                return 1
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(page)
        except OSError as error:
            return report.error(f"can't write {out}: {error}", "")
        report.echo(f"wrote {out}", err=True)
        return 0

    raise typer.Exit(on_project(specs, load_timeout, OutputFormat.TEXT, "nothing was written", work))
