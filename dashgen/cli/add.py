"""`dashgen add`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import OutputFormat, Specs, Timeout
from dashgen.cli.specs import on_project

if TYPE_CHECKING:
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project
    from dashgen.starter.additions import Extending, ProjectAddition

app = typer.Typer(
    name="add",
    help="""Write the next module of a project, and list it in PROJECT.

    \b
    Examples:
      dashgen add table orders
      dashgen add dashboard "Order flow" --table orders
      dashgen add panel "Order value" --dashboard order-flow --table orders
      dashgen add alert "Orders silent" --table orders
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(help="What it is called.", metavar="NAME", show_default=False)]
About = Annotated[
    str, typer.Option("--table", help="The table that it is about, where PROJECT has several.", metavar="TABLE")
]
NOTHING_WRITTEN = "nothing was written"


@app.callback()
def root() -> None:
    """Write the next module of a project, and list it in PROJECT."""


@app.command()
def dashboard(name: Name, table: About = "", specs: Specs = Path("specs"), load_timeout: Timeout = 30.0) -> None:
    """Add a dashboard over a table: how old its newest row is, how many rows come, what they measure.

    \b
    Example:
      dashgen add dashboard "Order flow" --table orders
    """
    _add(name, lambda to: to.dashboard(table), specs, load_timeout)


@app.command()
def panel(
    name: Name,
    dashboard: Annotated[
        str, typer.Option("--dashboard", help="Its dashboard, where PROJECT has several.", metavar="UID")
    ] = "",
    table: About = "",
    column: Annotated[
        str, typer.Option("--column", help="The number that it draws. Default: the first one.", metavar="COLUMN")
    ] = "",
    specs: Specs = Path("specs"),
    load_timeout: Timeout = 30.0,
) -> None:
    """Add a panel to a dashboard, in a row of its own: the mean of a column, a line for each series.

    \b
    Example:
      dashgen add panel "Order value" --dashboard order-flow --table orders --column value
    """
    _add(name, lambda to: to.panel(dashboard, table, column), specs, load_timeout)


@app.command()
def alert(name: Name, table: About = "", specs: Specs = Path("specs"), load_timeout: Timeout = 30.0) -> None:
    """Add an alert rule that fires where nobody writes a table, and its test in tests/alerts.

    \b
    Example:
      dashgen add alert "Orders silent" --table orders
    """
    _add(name, lambda to: to.alert(table), specs, load_timeout)


@app.command()
def table(name: Name, specs: Specs = Path("specs"), load_timeout: Timeout = 30.0) -> None:
    """Add a table that dashgen creates: a class with a few columns, to be changed.

    Tables that are there already are declared by `dashgen import --from-questdb URL`.

    \b
    Example:
      dashgen add table orders
    """
    _add(name, lambda to: to.table(), specs, load_timeout)


def _add(name: str, make: Callable[[Extending], ProjectAddition], specs: Path, timeout: float) -> None:
    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        from dashgen.adopt.write import replace, staged
        from dashgen.loading.load import load
        from dashgen.starter.additions import Extending

        added = make(Extending(project, specs, name))
        own = {path.partition("/")[2]: text for path, text in added.files.items() if path.startswith(f"{specs.name}/")}
        with staged(specs, own) as copy:
            tried = load(copy)
            if tried.project is None:
                outcome = f"{NOTHING_WRITTEN}; this is a bug of dashgen: please report it"
                return report.fail(tried.problems, copy.parent, OutputFormat.TEXT, 2, outcome)
        try:
            replace(specs.parent, added.files)
        except OSError as error:
            return report.error(f"{error.filename or specs}: can't be written: {error.strerror or error}", "")
        for path in sorted(added.files):
            report.echo(f"wrote {(specs.parent / path).as_posix()}")
        for step in added.next_steps:
            report.echo(f"next: {step}")
        return 0

    raise typer.Exit(on_project(specs, timeout, OutputFormat.TEXT, NOTHING_WRITTEN, work))
